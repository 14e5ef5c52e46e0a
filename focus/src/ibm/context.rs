//! What all rows of a bill have in common.

use cloud_billing_core::{BillingMonth, Decimal, Timestamp};
use ibm_usage_reports::types::InstanceUsage;

use super::services::Service;
use super::view::{Record, some};
use super::{Error, Options, Report, Summary};
use crate::value::{Json, Text};
use crate::{ChargeCategory, ChargeFrequency, Mode, Row};

/// The vendor, who sends the bill, offers the services and runs them.
const IBM: &str = "IBM";

/// A bill without its charges.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) mode: Mode,
    pub(super) account: String,
    pub(super) month: BillingMonth,
    pub(super) currency: String,
    /// The currency of the summary, if it is another one.
    pub(super) other_currency: Option<String>,
    pub(super) country: Option<String>,
    pub(super) rate: Option<Decimal>,
    account_name: Option<String>,
    start: Timestamp,
    end: Timestamp,
}

impl Context {
    pub(super) fn of(report: &Report, summary: &Summary, options: &Options) -> Result<Self, Error> {
        let (usage, summary) = (report.usage(), summary.summary());
        let account = same("account_id", some(&usage.account_id), some(&summary.account_id))?.to_owned();
        let month = *same("month", usage.month.known(), summary.month.known())?;
        let currencies = [some(&usage.currency_code), some(&summary.billing_currency_code)];
        let currency = currencies[0].or(currencies[1]).ok_or_else(|| missing("currency_code"))?.to_owned();
        let other_currency = currencies[1].filter(|other| *other != currency).map(str::to_owned);
        let country = some(&usage.pricing_country).map(str::to_owned);
        let account_name = options.account_name.clone().filter(|name| !name.is_empty());
        let rate = usage.currency_rate.clone();
        let (start, end) = period(month)?;
        Ok(Self {
            mode: options.mode,
            account,
            month,
            currency,
            other_currency,
            country,
            rate,
            account_name,
            start,
            end,
        })
    }

    /// A row with what all rows have.
    pub(super) fn row(&self, kind: &'static str, category: ChargeCategory, frequency: ChargeFrequency) -> Row<'_> {
        Row {
            billing_account_id: Some(text(&self.account)),
            billing_account_name: self.account_name.as_deref().map(text),
            billing_account_type: Some(text("Account")),
            billing_currency: Some(text(&self.currency)),
            billing_period_start: Some(self.start),
            billing_period_end: Some(self.end),
            charge_period_start: Some(self.start),
            charge_period_end: Some(self.end),
            charge_category: Some(category),
            charge_frequency: Some(frequency),
            invoice_issuer_name: Some(text(IBM)),
            pricing_currency: Some(text(&self.currency)),
            service_provider_name: Some(text(IBM)),
            host_provider_name: Some(text(IBM)),
            x_service: Some(text("ibm")),
            x_row_kind: Some(text(kind)),
            ..Row::default()
        }
    }

    /// Refuses a record of another bill: its costs would be added to this one's.
    pub(super) fn accept(&self, record: &Record<'_>) -> Result<(), Error> {
        let Some(usage) = record.instance.map(super::Instance::usage) else { return Ok(()) };
        match self.other(usage) {
            Some((field, theirs, ours)) => Err(Error(format!(
                "{} is of another bill: its `{field}` is {}, that of the bill {ours}",
                record.name(),
                theirs.escape_default()
            ))),
            None => Ok(()),
        }
    }

    /// Whether a row says that it is of this bill.
    pub(super) fn is_ours(&self, row: &Row<'_>) -> bool {
        row.billing_currency.as_deref() == Some(&*self.currency)
            && row.billing_account_id.as_deref() == Some(&*self.account)
            && row.billing_period_start.is_some_and(|start| BillingMonth::containing(start.date()) == Ok(self.month))
    }

    /// The field by which a record is of another bill, its value and the bill's.
    fn other(&self, usage: &InstanceUsage) -> Option<(&'static str, String, String)> {
        let month = usage.month.known();
        if let Some(month) = month.filter(|month| **month != self.month) {
            return Some(("month", month.to_string(), self.month.to_string()));
        }
        let fields = [
            ("account_id", some(&usage.account_id), &self.account),
            ("currency_code", some(&usage.currency_code), &self.currency),
        ];
        fields.into_iter().find_map(|(field, theirs, ours)| {
            theirs.filter(|theirs| theirs != ours).map(|theirs| (field, theirs.to_owned(), ours.clone()))
        })
    }
}

/// The texts that there are, with a separator between.
pub(super) fn words<'m, const N: usize>(separator: &str, parts: [Option<&'m str>; N]) -> Option<Text<'m>> {
    let mut joined: Option<Text<'m>> = None;
    for part in parts.into_iter().flatten() {
        joined = Some(match joined {
            None => text(part),
            Some(before) => Text::Owned([&*before, separator, part].concat()),
        });
    }
    joined
}

/// A text that lives as long as the row.
pub(super) fn text(text: &str) -> Text<'_> {
    Text::Borrowed(text)
}

/// Puts a service into a row.
pub(super) fn serve<'r>(row: &mut Row<'r>, name: Option<&'r str>, service: &Service) {
    row.service_name = name.map(text);
    row.service_category = Some(service.category.clone());
    row.service_subcategory = Some(service.subcategory.clone());
}

/// An object as a cell.
pub(super) fn object(text: Option<String>) -> Option<Json<'static>> {
    text.map(|text| Json(Text::Owned(text)))
}

/// Makes all costs of a row the same.
pub(super) fn cost(row: &mut Row<'_>, cost: &Decimal) {
    row.billed_cost = Some(cost.clone());
    row.effective_cost = Some(cost.clone());
    row.contracted_cost = Some(cost.clone());
    row.list_cost = Some(cost.clone());
    row.pricing_currency_effective_cost = Some(cost.clone());
}

/// What both reports say, if they do not contradict each other.
fn same<'t, T: PartialEq + ?Sized>(field: &str, usage: Option<&'t T>, summary: Option<&'t T>) -> Result<&'t T, Error> {
    match (usage, summary) {
        (Some(usage), Some(summary)) if usage != summary => {
            Err(Error(format!("the account's usage and its summary are of different bills: `{field}` differs")))
        }
        (usage, summary) => usage.or(summary).ok_or_else(|| missing(field)),
    }
}

fn missing(field: &str) -> Error {
    Error(format!("neither the account's usage nor its summary has `{field}`, which rows cannot do without"))
}

/// The first instant of a month, and that of the next.
fn period(month: BillingMonth) -> Result<(Timestamp, Timestamp), Error> {
    let instant = |month: BillingMonth| format!("{}T00:00:00Z", month.first_day()).parse();
    match (instant(month), instant(month.next())) {
        (Ok(start), Ok(end)) if start < end => Ok((start, end)),
        _ => Err(Error(format!("{month} has no end"))),
    }
}
