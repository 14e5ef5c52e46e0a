//! Compares what was read with what the sandbox knows.

use std::fmt::Display;

use atlas_billing::{Decimal, money};
use cloud_billing_sandbox::{AtlasInvoice, Ledger};
use ibm_usage_reports::BillingMonth;

use crate::Report;
use crate::bill::{Bill, Breakdown, whole};

/// Compares every month and every detail, to the last digit, and says what was compared.
///
/// # Errors
///
/// The first difference.
pub(crate) fn compare(report: &Report, ledger: &Ledger<'_>) -> Result<String, String> {
    let [atlas, ibm] = report.services.as_slice() else { return Err("there should be two services".to_owned()) };

    let organization = ledger.atlas_organizations().next().unwrap_or_default();
    let invoices = ledger.atlas_invoices(&organization);
    let net = |invoice: &AtlasInvoice| money::dollars(invoice.subtotal_cents - invoice.credits_cents);
    let invoice = |month: BillingMonth| invoices.iter().find(|invoice| invoice.month == month.to_string());
    months(&atlas.bill, invoices.len(), |month| invoice(month).map(net))?;
    detail(&atlas.breakdown, |month| invoice(month).map(|invoice| (invoice.line_items, net(invoice))))?;

    let expected = |month: BillingMonth| ledger.ibm_month(&month.to_string());
    months(&ibm.bill, ledger.months().len(), |month| expected(month).map(|it| micros(it.billable_micros)))?;
    detail(&ibm.breakdown, |month| expected(month).map(|it| (it.instances, micros(it.billable_micros))))?;

    let (months, instances) = (ibm.bill.months.len(), whole(ibm.breakdown.count()));
    Ok(format!(
        "Compared with the sandbox's own books, to the last digit: {} months of Atlas and {} lines of\n\
         one of them, {months} months of IBM Cloud and {instances} instances of one of them. All agree.\n",
        atlas.bill.months.len(),
        whole(atlas.breakdown.count()),
    ))
}

fn months(bill: &Bill, count: usize, expected: impl Fn(BillingMonth) -> Option<Decimal>) -> Result<(), String> {
    if bill.months.len() != count {
        return Err(format!("{}: {} months were read, there are {count}", bill.service, bill.months.len()));
    }
    for (&month, total) in bill.months.iter().zip(bill.totals()) {
        agree(&format!("{}, {month}", bill.service), &total, expected(month))?;
    }
    Ok(())
}

fn detail(breakdown: &Breakdown, expected: impl Fn(BillingMonth) -> Option<(u64, Decimal)>) -> Result<(), String> {
    let what = format!("{}, {}", breakdown.title, breakdown.month);
    let (count, total) = expected(breakdown.month).unzip();
    agree(&format!("{what}, records"), &breakdown.count(), count)?;
    agree(&what, &breakdown.total(), total)
}

fn agree<T: PartialEq + Display>(what: &str, read: &T, expected: Option<T>) -> Result<(), String> {
    match expected {
        Some(expected) if expected == *read => Ok(()),
        Some(expected) => Err(format!("{what}: {read} was read, {expected} is right")),
        None => Err(format!("{what}: {read} was read, there should be nothing")),
    }
}

/// Millionths of a dollar as dollars.
fn micros(micros: i64) -> Decimal {
    let hundredth = Decimal::from_cents(1);
    Decimal::from_cents(micros) * &hundredth * &hundredth
}
