//! Charges and credits of the account as a whole.

use cloud_billing_core::Decimal;
use ibm_usage_reports::types::{Offer, SupportSummary};

use super::book::{Difference, Statement};
use super::context::{Context, cost, object, serve, text, words};
use super::services::{OTHER, SUPPORT, Service};
use super::summary::Summary;
use super::view::some;
use crate::source::Kept;
use crate::{ChargeCategory, ChargeFrequency, Row};

/// The service that support is billed as.
pub(super) const SUPPORT_NAME: &str = "IBM Cloud Support";

/// The service that credits are granted for: all of them.
pub(super) const CREDITS_NAME: &str = "IBM Cloud";

/// The rows of a summary, and what they add up to.
pub(super) fn rows(context: &Context, summary: &Summary) -> (Vec<Row<'static>>, Statement) {
    let (mut rows, mut statement) = (Vec::new(), Statement::of(summary.summary()));
    for kept in &summary.support {
        let support = &kept.record;
        statement.support.add(support.cost.as_ref());
        rows.extend(support.cost.as_ref().map(|amount| support_row(context, kept, amount)));
        if let Some(amount) = support.overage.as_ref().filter(|amount| !amount.is_zero()) {
            statement.overage.add(Some(amount));
            rows.push(overage_row(context, kept, amount));
        }
    }
    for offer in &summary.offers {
        let used = offer.record.credits.as_ref().and_then(|credits| credits.used.as_ref());
        statement.offers.add(used);
        rows.extend(used.filter(|used| !used.is_zero()).map(|used| offer_row(context, offer, used)));
    }
    (rows, statement)
}

fn support_row(context: &Context, support: &Kept<SupportSummary>, amount: &Decimal) -> Row<'static> {
    let row = context.row("support", ChargeCategory::Purchase, ChargeFrequency::Recurring);
    supported(context, row, support, None, amount)
}

/// The vendor does not say whether the cost of support includes its overage.
fn overage_row(context: &Context, support: &Kept<SupportSummary>, amount: &Decimal) -> Row<'static> {
    let row = context.row("overage", ChargeCategory::Usage, ChargeFrequency::UsageBased);
    supported(context, row, support, Some("Overage"), amount)
}

/// What is sold is a level of support, or what goes beyond it.
fn supported<'r>(
    context: &'r Context,
    mut row: Row<'r>,
    support: &'r Kept<SupportSummary>,
    part: Option<&'r str>,
    amount: &Decimal,
) -> Row<'static> {
    let level = some(&support.record.type_);
    serve(&mut row, Some(SUPPORT_NAME), &SUPPORT);
    cost(&mut row, amount);
    row.charge_description = words(" / ", [Some(SUPPORT_NAME), level, part]);
    row.sku_id = level.map(text);
    row.sku_meter = level.and(words(" ", [Some("Support"), part]));
    row.x_unknown_fields = object(support.unknown());
    of_summary(context, row)
}

fn offer_row(context: &Context, kept: &Kept<Offer>, used: &Decimal) -> Row<'static> {
    let offer = &kept.record;
    let mut row = context.row("offer", ChargeCategory::Credit, ChargeFrequency::OneTime);
    serve(&mut row, Some(CREDITS_NAME), &OTHER);
    cost(&mut row, &-used);
    row.x_offer_id = some(&offer.offer_id).map(text);
    row.charge_description = some(&offer.offer_template).or(some(&offer.offer_id)).map(text);
    // Persons are in no file.
    let mut public = offer.clone();
    public.created_by_email_id = None;
    row.x_offer = object(serde_json::to_string(&public).ok());
    row.x_unknown_fields = object(kept.unknown());
    of_summary(context, row)
}

/// A row in the currency of the summary.
fn of_summary<'r>(context: &'r Context, mut row: Row<'r>) -> Row<'static> {
    if let Some(currency) = &context.other_currency {
        row.billing_currency = Some(text(currency));
    }
    row.into_owned()
}

/// The row of what a resource is billed for beyond its metrics, or less.
pub(super) fn residue_row(context: &Context, difference: &Difference<'_>) -> Row<'static> {
    let mut row = context.row("residue", ChargeCategory::Adjustment, ChargeFrequency::OneTime);
    let id = Some(difference.id).filter(|id| !id.is_empty());
    serve(&mut row, difference.name.or(id), Service::of(id));
    cost(&mut row, &difference.amount);
    row.charge_description = words(" / ", [id.or(difference.name), Some("difference to the account's report"), None]);
    row.x_catalog_id = difference.catalog_id.map(text);
    row.x_reconciliation_reason = Some(text(difference.reason));
    row.x_unknown_fields = object(difference.unknown.clone());
    row.into_owned()
}
