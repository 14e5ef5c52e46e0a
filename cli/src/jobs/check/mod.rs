//! `check`: whether the books add up, and whether a limit is passed.

mod atlas;
mod ibm;

use clap::{ArgMatches, Command};
use cloud_billing_core::{BillingMonth, Decimal, Error};

use super::each::each;
use super::flags::value;
use super::payers::{self, Account, Payer, Payers};
use super::sheet::{Sheet, Value, data, shown, table};
use super::{flags, month};
use crate::failure::Failure;
use crate::world::World;

/// The exit status if something differs or a limit is passed.
const FAILED: u8 = 20;

const ABOUT: &str = "\
Check whether the books of a month add up.

Atlas: the lines of each invoice against its subtotal, its credits and their own prices, and the Cost Explorer against the lines. IBM Cloud: the account against its summary, its plans and metrics, and its instances.

A difference that the vendor explains is shown, and no failure. Any other ends with the exit status 20, and so does a bill over --limit.";

pub(super) fn command() -> Command {
    flags::job("check", "Check whether the books of a month add up, and whether a limit is passed")
        .long_about(ABOUT)
        .arg(flags::last_month())
        .arg(value("limit", "AMOUNT").help(
            "Fail if the bills together are over this amount; in each currency for itself, and for this month so far by default",
        ))
}

/// What came of comparing two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Agrees,
    /// They differ for a reason that is no mistake.
    Explained(&'static str),
    Differs,
    /// A number is missing.
    Unknown,
    /// It is over the limit.
    Over,
}

/// Two numbers that should be the same.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) what: &'static str,
    pub(super) stated: Option<Decimal>,
    pub(super) computed: Option<Decimal>,
    pub(super) verdict: Verdict,
    pub(super) currency: String,
}

impl Finding {
    /// Compares; a difference has the reason that `explain` finds for computed less stated.
    pub(super) fn new(
        what: &'static str,
        (stated, computed): (Option<Decimal>, Option<Decimal>),
        currency: &str,
        explain: impl FnOnce(&Decimal) -> Option<&'static str>,
    ) -> Self {
        let verdict = match (&stated, &computed) {
            (Some(stated), Some(computed)) if stated == computed => Verdict::Agrees,
            (Some(stated), Some(computed)) => {
                explain(&(computed - stated)).map_or(Verdict::Differs, Verdict::Explained)
            }
            _ => Verdict::Unknown,
        };
        Self { what, stated, computed, verdict, currency: currency.to_owned() }
    }

    fn has_failed(&self) -> bool {
        matches!(self.verdict, Verdict::Differs | Verdict::Over)
    }
}

/// What was found of one organization or account.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    pub(super) findings: Vec<Finding>,
    /// Its bill, by currency.
    pub(super) bill: Vec<(String, Decimal)>,
}

/// Differences below a cent, where a service computes in floating point.
pub(super) fn floating_point(difference: &Decimal) -> Option<&'static str> {
    (difference.abs() < Decimal::from_cents(1)).then_some("the service computes in floating point")
}

pub(super) async fn run(matches: &ArgMatches, world: &mut World) -> Result<u8, Failure> {
    let limit = limit(matches)?;
    let month = month::of(matches, "month", u32::from(limit.is_none()), world)?;
    let Payers { all, mut problems } = payers::find(matches, world).await?;
    let is_open = month >= month::current(world);
    let read = move |payer| read(payer, month, is_open);
    let (found, failed) = each(all, "Checking", Payer::whose, read, world).await;
    problems.extend(failed);

    let over = limit.map(|limit| limits(&found, &limit)).unwrap_or_default();
    if !found.is_empty() || problems.is_empty() {
        print(&found, &over, matches, world)?;
    }
    let failed = found.iter().flat_map(|(_, books)| &books.findings).chain(&over).any(Finding::has_failed);
    problems.end_with(if failed { FAILED } else { 0 }, world)
}

fn limit(matches: &ArgMatches) -> Result<Option<Decimal>, Failure> {
    let Some(text) = matches.get_one::<String>("limit") else { return Ok(None) };
    let parsed = text.parse().map_err(|error| Failure::usage(format!("--limit `{text}` is no amount: {error}")))?;
    Ok(Some(parsed))
}

async fn read(payer: Payer, month: BillingMonth, is_open: bool) -> Result<Books, Error> {
    match &payer.account {
        Account::Atlas(client, id) => atlas::books(client, id, month).await,
        Account::Ibm(client, id) => ibm::books(client, id, month, is_open).await,
    }
}

/// The bills together, in each currency, against the limit.
fn limits(found: &[(Payer, Books)], limit: &Decimal) -> Vec<Finding> {
    let mut totals: Vec<(&str, Decimal)> = Vec::new();
    for (currency, amount) in found.iter().flat_map(|(_, books)| &books.bill) {
        match totals.iter_mut().find(|(other, _)| other == currency) {
            Some((_, total)) => *total += amount.clone(),
            None => totals.push((currency, amount.clone())),
        }
    }
    let finding = |(currency, total): (&str, Decimal)| {
        let verdict = if total > *limit { Verdict::Over } else { Verdict::Agrees };
        let (stated, computed, currency) = (Some(limit.clone()), Some(total), currency.to_owned());
        Finding { what: "bills and limit", stated, computed, verdict, currency }
    };
    totals.into_iter().map(finding).collect()
}

fn print(found: &[(Payer, Books)], limits: &[Finding], matches: &ArgMatches, world: &mut World) -> Result<(), Failure> {
    let mut heads = vec![shown("vendor"), data("id"), table("of")];
    heads.extend(["check", "stated", "computed", "difference", "currency", "verdict", "reason"].map(shown));
    let mut sheet = Sheet::new(heads, matches)?;
    for (payer, books) in found {
        for finding in &books.findings {
            sheet.row(&row(payer.vendor(), payer.id(), payer.label(), finding), world)?;
        }
    }
    for finding in limits {
        sheet.row(&row("all", "", "", finding), world)?;
    }
    sheet.finish(world)
}

fn row(vendor: &str, id: &str, label: &str, finding: &Finding) -> [Value; 10] {
    let difference = finding.stated.as_ref().zip(finding.computed.as_ref()).map(|(stated, it)| it - stated);
    let (verdict, reason) = match finding.verdict {
        Verdict::Agrees => ("agrees", ""),
        Verdict::Explained(reason) => ("explained", reason),
        Verdict::Differs => ("differs", ""),
        Verdict::Unknown => ("unknown", "an amount is missing"),
        Verdict::Over => ("over", ""),
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_fails_unless_it_is_explained() {
        let amount = |cents: Option<i64>| cents.map(Decimal::from_cents);
        let verdict = |stated, computed| {
            let finding = Finding::new("a and b", (amount(stated), amount(computed)), "USD", |difference| {
                difference.is_negative().then_some("a reason")
            });
            (finding.verdict, finding.has_failed())
        };
        assert_eq!(verdict(Some(5), Some(5)), (Verdict::Agrees, false));
        assert_eq!(verdict(Some(5), Some(4)), (Verdict::Explained("a reason"), false));
        assert_eq!(verdict(Some(5), Some(6)), (Verdict::Differs, true));
        assert_eq!(verdict(None, Some(6)), (Verdict::Unknown, false));
        assert!(floating_point(&"-0.009999".parse().unwrap()).is_some());
        assert!(floating_point(&"0.01".parse().unwrap()).is_none());
    }
}
