//! The usage of an account in the form of FOCUS: a row for each instance and metric. Only billable costs are billed, so the
//! rows add up to the billable cost of the account.

use std::iter;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Account, Span};
use crate::answer::{Answer, Denial};
use crate::estate::calendar::Month;
use crate::estate::format::{Micros, Text, double, instant};
use crate::json::object;
use crate::request::Request;

/// The columns that the vendor names. Those that no row has are empty in CSV and absent in JSON.
const COLUMNS: &str = "AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingAccountType BillingCurrency \
    BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargeFrequency ChargePeriodEnd \
    ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName CommitmentDiscountType \
    CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost \
    InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingCurrency PricingQuantity PricingUnit ProviderName \
    PublisherName RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory ServiceName \
    ServiceSubcategory SkuId SkuMeter Tags x_DiscountId x_DiscountName x_DiscountQuantity x_OfferCredit x_OfferId";

/// The default size of a page of JSON, a count of rows.
const ROWS: usize = 200;

impl Account {
    /// Everything as CSV, or a page as JSON. A page has whole instances, and its token is the number of the next one.
    pub(super) fn focus(self: &Arc<Self>, month: Month, request: &Request<'_>) -> Result<Answer, Denial> {
        let span = self.span(month, request.now);
        if request.wants_csv() {
            let (account, header) = (Arc::clone(self), format!("{}\n", COLUMNS.replace(' ', ",")));
            let numbers = 0..span.map_or(0, |_| self.estate.instances);
            let rows = numbers.filter_map(move |index| Some(csv(account.focus_rows(index, span?))));
            return Ok(Answer::pieces(Box::new(iter::once(header).chain(rows))));
        }
        let limit = request.query.number("_limit").unwrap_or(ROWS);
        let mut next = request.query.number("_start").unwrap_or(0) as u64;
        let mut rows = Vec::new();
        while let Some(span) = span.filter(|_| next < self.estate.instances) {
            let more = self.focus_rows(next, span);
            if !rows.is_empty() && rows.len() + more.len() > limit {
                break;
            }
            rows.extend(more);
            next += 1;
        }
        let more = span.is_some() && next < self.estate.instances;
        let href = |extra: &str| format!("{}?_limit={limit}{extra}", request.path);
        Ok(Answer::json(&object! {
            "limit": limit,
            "count": rows.len(),
            "first": object! { "href": href(""), },
            "next"?: more.then(|| object! { "href": href(&format!("&_start={next}")), "offset": next.to_string(), }),
            "resources": rows,
        }))
    }

    fn focus_rows(&self, index: u64, span: Span) -> Vec<Map<String, Value>> {
        let instance = self.instance(index);
        let (resource, plan) = self.plan_of(&instance);
        let money = |micros: i64| json!(Micros(micros));
        let number = |hundredths: i64| json!(double(hundredths, 100));
        let rows = plan.metrics.iter().zip(0..).map(|(metric, number_of)| {
            let used = instance.used(number_of, metric, span);
            let charged = plan.billable && !metric.non_chargeable;
            let (cost, list) = if charged { (used.cost, used.rated) } else { (0, 0) };
            let (start, end) = (instant(span.month.start()), instant(span.month.end()));
            let row = json!({
                "BilledCost": money(cost), "EffectiveCost": money(cost), "ContractedCost": money(cost), "ListCost": money(list),
                "ListUnitPrice": money(metric.micros / metric.per.max(1)), "PricingQuantity": number(used.rateable),
                "PricingUnit": metric.unit.0, "ConsumedQuantity": number(used.quantity), "ConsumedUnit": metric.unit.0,
                "BillingAccountId": self.account, "BillingCurrency": self.currency.code, "PricingCurrency": self.currency.code,
                "BillingPeriodStart": start, "BillingPeriodEnd": end, "ChargePeriodStart": start, "ChargePeriodEnd": end,
                "ChargeCategory": "Usage", "ChargeFrequency": "Usage-Based", "ChargeDescription": metric.name,
                "PricingCategory": "Standard", "ProviderName": "IBM", "PublisherName": "IBM", "InvoiceIssuerName": "IBM",
                "RegionId": instance.region, "RegionName": instance.region, "ResourceId": self.instance_id(&instance),
                "ResourceName": instance.name(), "ServiceCategory": "Other", "ServiceName": resource.name,
                "SkuId": plan.id, "SkuMeter": metric.id, "Tags": tags(instance.tags()),
            });
            match row {
                Value::Object(row) => row,
                _ => Map::new(),
            }
        });
        rows.collect()
    }
}

/// Tags as an object. Those without a value have an empty one.
fn tags(tags: &[&str]) -> Value {
    let pairs = tags.iter().map(|tag| tag.split_once(':').unwrap_or((tag, "")));
    pairs.map(|(key, value)| (key.to_owned(), Value::from(value))).collect::<Map<_, _>>().into()
}

fn csv(rows: Vec<Map<String, Value>>) -> String {
    let mut text = Text::default();
    for row in rows {
        for (number, column) in COLUMNS.split(' ').enumerate() {
            text.raw(if number > 0 { "," } else { "" });
            match row.get(column) {
                None => {}
                Some(Value::String(value)) => drop(text.cell(value)),
                Some(value) => drop(text.cell(&value.to_string())),
            }
        }
        text.raw("\n");
    }
    text.0
}
