//! `check`: whether the rows of a month add up to its bills, and whether a limit is passed.

mod explorer;
mod finding;

use std::collections::BTreeMap;

use clap::{ArgMatches, Command};
use cloud_billing_core::{BillingMonth, Decimal, Error, Total};
use cloud_billing_focus::Mode;

use super::books::{self, RowSource};
use super::each::each;
use super::flags::value;
use super::payers::{self, Account, Payer, Payers};
use super::problems::Problems;
use super::sheet::{Sheet, Value, data, shown, table};
use super::{flags, month};
use crate::context::Context;
use crate::failure::Failure;
use finding::{Finding, Verdict, of_bill};

/// The exit status if something differs or a limit is passed.
const FAILED: u8 = 20;

const ABOUT: &str = "\
Check whether the items of a month add up to its bills.

Atlas: each invoice, with its tax and credits, against what its lines come to, and the Cost Explorer against the lines. IBM Cloud: the account's usage and summary against its instances. The rows are those of `export --focus`.

A difference that the vendor explains is shown, and no failure. Any other ends with the exit status 20, and so does a bill over --limit.";

pub(super) fn command() -> Command {
    flags::job("check", "Check whether items add up to the bills of a month, and whether a limit is passed")
        .long_about(ABOUT)
        .arg(flags::last_month())
        .arg(value("limit", "AMOUNT").help(
            "Fail if the bills together are over this amount; in each currency for itself, and for this month so far by default",
        ))
}

/// What was found of one organization or account.
#[derive(Clone, Debug, Default)]
struct Books {
    findings: Vec<Finding>,
    /// Its bill, by currency.
    bill: Vec<(String, Option<Decimal>)>,
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let limit = limit(matches)?;
    let month = month::of(matches, "month", u32::from(limit.is_none()), context)?;
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    let is_open = month >= month::current(context);
    let read = move |payer| read(payer, month, is_open);
    let (found, failed) = each(all, "Checking", Payer::whose, read, context).await;
    problems.extend(failed);

    let over = limit.map(|limit| limits(&found, &limit)).unwrap_or_default();
    if !found.is_empty() || problems.is_empty() {
        print(&found, &over, &problems, matches, context)?;
    }
    // What may be over the limit has not passed.
    let passes = over.iter().all(|finding| finding.verdict == Verdict::Agrees);
    let failed = !passes || found.iter().flat_map(|(_, books)| &books.findings).any(Finding::has_failed);
    problems.end_with(if failed { FAILED } else { 0 }, context)
}

fn limit(matches: &ArgMatches) -> Result<Option<Decimal>, Failure> {
    let Some(text) = matches.get_one::<String>("limit") else { return Ok(None) };
    let parsed = text.parse().map_err(|error| Failure::usage(format!("--limit `{text}` is no amount: {error}")))?;
    Ok(Some(parsed))
}

async fn read(payer: Payer, month: BillingMonth, is_open: bool) -> Result<Books, Error> {
    let (mut reasons, mut lines) = (Vec::new(), Total::default());
    let bills = books::read(&payer, month, RowSource::Bill(Mode::Strict), &mut |row| {
        if row.x_row_kind.as_deref() == Some("line") {
            lines.add(row.billed_cost.as_ref());
        }
        reasons.extend(
            row.x_reconciliation_reason
                .as_ref()
                .map(|reason| (row.invoice_id.as_ref().map(ToString::to_string), reason.to_string())),
        );
        Ok::<_, Error>(())
    })
    .await?;
    let mut found = Books::default();
    for bill in &bills {
        found.bill.push((bill.currency.clone(), bill.expected.clone()));
        let reasons = reasons.iter().filter(|(invoice, _)| *invoice == bill.invoice).map(|(_, reason)| reason.as_str());
        found.findings.extend(of_bill(bill, reasons, is_open));
    }
    if let (Account::Atlas(client, id), false) = (&payer.account, bills.is_empty()) {
        found.findings.push(explorer::finding(client, id, month, lines.complete(), is_open).await?);
    }
    Ok(found)
}

/// The bills together, in each currency, against the limit. With a bill that does not say what is to be paid, or without any, they
/// may be over it.
fn limits(found: &[(Payer, Books)], limit: &Decimal) -> Vec<Finding> {
    let mut totals = BTreeMap::<&str, Total>::new();
    for (currency, amount) in found.iter().flat_map(|(_, books)| &books.bill) {
        totals.entry(currency).or_default().add(amount.as_ref());
    }
    let finding = |(currency, total): (&str, Total)| {
        let verdict = match () {
            () if total.sum > *limit => Verdict::Over,
            () if total.missing > 0 => Verdict::Unknown,
            () => Verdict::Agrees,
        };
        let (stated, computed, currency) = (Some(limit.clone()), Some(total.sum), currency.to_owned());
        Finding { what: "bills and limit", stated, computed, verdict, currency }
    };
    if totals.is_empty() {
        totals.entry("").or_default().add(None);
    }
    totals.into_iter().map(finding).collect()
}

fn print(
    found: &[(Payer, Books)],
    limits: &[Finding],
    problems: &Problems,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<(), Failure> {
    let mut heads = vec![shown("vendor"), data("id"), table("of")];
    heads.extend(["check", "stated", "computed", "difference", "currency", "verdict", "reason"].map(shown));
    let mut sheet = Sheet::new(heads, matches)?;
    for (payer, books) in found {
        for finding in &books.findings {
            sheet.row(&row(payer.vendor(), payer.id(), payer.label(), finding), context)?;
        }
    }
    for finding in limits {
        sheet.row(&row("all", "", "", finding), context)?;
    }
    sheet.end(problems, context)
}

fn row(vendor: &str, id: &str, label: &str, finding: &Finding) -> [Value; 10] {
    let difference = finding.stated.as_ref().zip(finding.computed.as_ref()).map(|(stated, it)| it - stated);
    let (verdict, reason) = finding.verdict.words();
    [
        Value::text(vendor),
        Value::text(id),
        Value::text(label),
        Value::text(finding.what),
        Value::amount(finding.stated.clone()),
        Value::amount(finding.computed.clone()),
        Value::amount(difference),
        Value::text(&finding.currency),
        Value::text(verdict),
        Value::text(reason),
    ]
}
