//! The rows that are made of the header, and the result.

use atlas_billing::money::dollars;
use atlas_billing::types::BillingRefund;
use cloud_billing_core::{BillingMonth, Decimal, Timestamp};

use super::context::{CURRENCY, Context, NO_HOST, borrowed, given, time};
use super::service::ATLAS;
use super::sums::{HEADER_DIFFERS, Sums, Verdict};
use crate::reconcile::Reconciliation;
use crate::{ChargeCategory, ChargeClass, ChargeFrequency, Row};

/// What follows the rows of the lines.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct End {
    /// The rows of tax, of credits without a line, and of the residue. Each is there only if it is not zero.
    pub rows: Vec<Row<'static>>,
    /// The rows of refunds, if [`Options::refunds`](super::Options::refunds) asks for them. They belong to no invoice, and the
    /// reconciliation is without them.
    pub refunds: Vec<Row<'static>>,
    /// Whether the rows add up to the invoice.
    pub reconciliation: Reconciliation,
    /// The number of lines whose start and end are no period. Their rows have the billing period.
    pub odd_periods: u64,
    /// In [`Mode::Derived`](crate::Mode::Derived): the number of lines of usage and purchases whose price does not explain their
    /// cost. Their rows are as in strict mode.
    pub not_derived: u64,
}

impl End {
    pub(super) fn new(context: &Context<'_>, sums: &Sums, odd_periods: u64, not_derived: u64) -> Self {
        let mut rows: Vec<Row<'static>> = [tax(context), credit(context, sums)].into_iter().flatten().collect();
        let so_far = sums.total() + sum(&rows);
        let verdict = Verdict::of(context.header, sums, &so_far);
        rows.extend(residue(context, &verdict));
        let reconciliation = reconciliation(context, sums, &rows, verdict);
        let refunds = context.header.refunds.iter().filter(|_| context.options.refunds);
        let refunds = refunds.map(|refund| self::refund(context, refund)).collect();
        Self { rows, refunds, reconciliation, odd_periods, not_derived }
    }
}

fn sum(rows: &[Row<'_>]) -> Decimal {
    rows.iter().filter_map(|row| row.billed_cost.as_ref()).sum()
}

fn reconciliation(context: &Context<'_>, sums: &Sums, rows: &[Row<'_>], verdict: Verdict) -> Reconciliation {
    Reconciliation {
        service: "atlas",
        account: context.account.to_owned(),
        month: BillingMonth::containing(context.start.date()).ok(),
        invoice: Some(context.invoice.to_owned()),
        currency: CURRENCY.to_owned(),
        expected: context.header.payable_dollars(),
        rows_total: sums.total() + sum(rows),
        residue: verdict.residue,
        status: verdict.status,
        checks: verdict.checks,
        rows: sums.lines + rows.len() as u64,
    }
}

/// A row that no line stands for.
fn header_row<'c>(context: &'c Context<'_>, kind: &'c str, category: ChargeCategory, cost: Option<Decimal>) -> Row<'c> {
    Row {
        charge_frequency: Some(ChargeFrequency::OneTime),
        host_provider_name: borrowed(NO_HOST),
        service_name: borrowed(ATLAS.name),
        service_category: Some(ATLAS.category.clone()),
        service_subcategory: Some(ATLAS.subcategory.clone()),
        x_row_kind: borrowed(kind),
        ..context.row(category, cost)
    }
}

fn tax(context: &Context<'_>) -> Option<Row<'static>> {
    let tax = context.header.sales_tax_cents.filter(|cents| *cents != 0)?;
    let row = header_row(context, "tax", ChargeCategory::Tax, Some(dollars(tax)));
    Some(Row { charge_description: borrowed("Sales tax"), ..row }.into_owned())
}

fn credit(context: &Context<'_>, sums: &Sums) -> Option<Row<'static>> {
    let credits = sums.credits_without_line(context.header).filter(|credits| !credits.is_zero())?;
    let row = header_row(context, "credit", ChargeCategory::Credit, Some(-credits));
    Some(Row { charge_description: borrowed("Credits without a line"), ..row }.into_owned())
}

fn residue(context: &Context<'_>, verdict: &Verdict) -> Option<Row<'static>> {
    let residue = verdict.residue.clone().filter(|_| verdict.row)?;
    let row = Row {
        charge_description: borrowed("Difference between the header of the invoice and its lines"),
        x_reconciliation_reason: borrowed(HEADER_DIFFERS),
        ..header_row(context, "residue", ChargeCategory::Adjustment, Some(residue))
    };
    Some(row.into_owned())
}

/// A refund corrects an invoice of before, in the month in which it was made; in the billing period if that is not known.
fn refund(context: &Context<'_>, refund: &BillingRefund) -> Row<'static> {
    let month = time(&refund.created).and_then(|created| BillingMonth::containing(created.date()).ok());
    let first = |month: BillingMonth| format!("{month}-01T00:00:00Z").parse::<Timestamp>().ok();
    let period = month.and_then(|month| first(month).zip(first(month.next())));
    let (start, end) = period.unwrap_or((context.start, context.end));
    let cost = refund.amount_cents.map(|cents| -dollars(cents));
    let row = header_row(context, "refund", ChargeCategory::Adjustment, cost);
    let reason = given(refund.reason.as_deref()).map(|reason| format!("Refund / {reason}").into());
    let row = Row {
        billing_period_start: Some(start),
        billing_period_end: Some(end),
        charge_class: Some(ChargeClass::Correction),
        charge_description: reason.or_else(|| borrowed("Refund")),
        charge_period_start: Some(start),
        charge_period_end: Some(end),
        invoice_id: None,
        x_refunded_payment_id: given(refund.payment_id.as_deref()).and_then(borrowed),
        ..row
    };
    row.into_owned()
}
