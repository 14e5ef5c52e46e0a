//! `diff`: what changed most between two months.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use clap::{ArgMatches, Command};
use cloud_billing_core::{BillingMonth, Decimal, Rounding};

use super::charges::{self, By, Owned, Part};
use super::flags::value;
use super::payers::{self, Payer, Payers};
use super::sheet::{Sheet, Value, data, shown, table};
use super::{flags, month};
use crate::context::Context;
use crate::failure::Failure;

pub(super) fn command() -> Command {
    flags::job("diff", "Show what changed most between two months")
        .arg(flags::month("month", "The later month: last (default), this, -2, or such as 2026-10"))
        .arg(flags::month("with", "The earlier month [default: the one before]"))
        .arg(value("top", "N").value_parser(clap::value_parser!(usize)).help("Only the N largest changes of each bill"))
        .arg(By::flag())
}

/// A part of a bill in both months.
struct Change<'a> {
    payer: &'a Payer,
    name: String,
    currency: &'a str,
    before: Decimal,
    after: Decimal,
}

impl Change<'_> {
    fn amount(&self) -> Decimal {
        &self.after - &self.before
    }
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let (by, word) = By::asked(matches)?;
    let after = month::of(matches, "month", 1, context)?;
    let before = match crate::flags::is_given(matches, "with") {
        true => month::of(matches, "with", 0, context)?,
        false => after.previous(),
    };
    if before == after {
        return Err(Failure::usage(format!("--month and --with are both {after}")));
    }
    if before.max(after) >= month::current(context) {
        context.note("note: the current month is not over, and its bills still grow");
    }
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    let mut read = Vec::new();
    // Months that follow each other take one Cost Explorer query.
    let ranges = if before.next() == after { vec![(before, after)] } else { vec![(before, before), (after, after)] };
    for range in ranges {
        let (charges, failed) = charges::collect(&all, range, &by, context).await;
        problems.extend(failed);
        read.extend(charges);
    }
    if !read.is_empty() || problems.is_empty() {
        let top = matches.get_one::<usize>("top").copied();
        let sheet = sheet(&changes(&all, &read, before), [before, after], &word, top, matches, context)?;
        sheet.end(&problems, context)?;
    }
    problems.end(0, context)
}

/// The changes of each organization or account and currency, the largest first.
fn changes<'a>(payers: &'a [Payer], charges: &'a [Owned], before: BillingMonth) -> Vec<Vec<Change<'a>>> {
    type Bill<'a> = BTreeMap<&'a Part, Change<'a>>;
    let mut bills: BTreeMap<(&str, &str), BTreeMap<&str, Bill<'a>>> = BTreeMap::new();
    for Owned { payer, charge } in charges {
        let (part, currency) = (&charge.part, charge.currency.as_str());
        let bill = bills.entry((payer.vendor(), payer.id())).or_default().entry(currency).or_default();
        let change = Change { payer, name: part.to_string(), currency, before: Decimal::ZERO, after: Decimal::ZERO };
        let change = bill.entry(part).or_insert(change);
        let side = if charge.month == before { &mut change.before } else { &mut change.after };
        *side += charge.amount.clone();
    }
    // Amounts of different currencies cannot be compared.
    let mut of = |payer: &'a Payer| bills.remove(&(payer.vendor(), payer.id())).unwrap_or_default();
    let mut groups: Vec<Vec<Change<'a>>> =
        payers.iter().flat_map(&mut of).map(|(_, bill)| bill.into_values().collect()).collect();
    for group in &mut groups {
        group.sort_by_cached_key(|change| (Reverse(change.amount().abs()), change.name.clone()));
    }
    groups
}

fn sheet(
    groups: &[Vec<Change<'_>>],
    [before, after]: [BillingMonth; 2],
    word: &str,
    top: Option<usize>,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<Sheet, Failure> {
    let mut heads = vec![shown("vendor"), data("id"), table("of"), shown(word)];
    heads.extend([before.to_string(), after.to_string()].map(shown));
    heads.extend(["change", "percent", "currency"].map(shown));
    let mut sheet = Sheet::new(heads, matches)?;
    for group in groups {
        for change in group.iter().take(top.unwrap_or(usize::MAX)) {
            sheet.row(&row(change, &change.name), context)?;
        }
    }
    sheet.gap();
    for group in groups {
        let (before, after) = (group.iter().map(|it| &it.before).sum(), group.iter().map(|it| &it.after).sum());
        let Change { payer, currency, .. } = group[0];
        sheet.foot(&row(&Change { payer, name: String::new(), currency, before, after }, "total"));
    }
    Ok(sheet)
}

fn row(change: &Change<'_>, name: &str) -> [Value; 9] {
    let percent = change.amount().as_percent_of(&change.before.abs(), 1, Rounding::HalfEven);
    [
        Value::text(change.payer.vendor()),
        Value::text(change.payer.id()),
        Value::text(change.payer.label()),
        Value::text(name),
        Value::Amount(change.before.clone()),
        Value::Amount(change.after.clone()),
        Value::Amount(change.amount()),
        Value::amount(percent),
        Value::text(change.currency),
    ]
}
