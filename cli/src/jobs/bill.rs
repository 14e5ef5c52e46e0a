//! `bill`: what a month costs, part by part.

use clap::{ArgMatches, Command};
use cloud_billing_core::Decimal;

use super::charges::{self, By, Charge, Owned};
use super::payers::{self, Payer, Payers};
use super::problems::Problems;
use super::sheet::{Sheet, Value, data, shown, table};
use super::{flags, month};
use crate::context::Context;
use crate::failure::Failure;

const ABOUT: &str = "\
Show what a month costs: what is to be paid to Atlas, tax included, and what IBM Cloud charges before credits and tax.

The parts add up to the bill. Amounts of different currencies are never added up.";

pub(super) fn command() -> Command {
    flags::job("bill", "Show what a month costs, this one so far or an earlier one")
        .long_about(ABOUT)
        .arg(flags::month("month", "Which month: this (default), last, -2 for two months ago, or such as 2026-10"))
        .arg(By::flag())
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let month = month::of(matches, "month", 0, context)?;
    let (by, word) = By::asked(matches)?;
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    let (charges, failed) = charges::collect(&all, (month, month), &by, context).await;
    problems.extend(failed);
    if !charges.is_empty() || problems.is_empty() {
        print(&charges, &by, &word, &problems, matches, context)?;
    }
    if charges.is_empty() && problems.is_empty() {
        context.note(&format!("note: there are no charges for {month}"));
    }
    problems.end(0, context)
}

fn print(
    charges: &[Owned],
    by: &By,
    word: &str,
    problems: &Problems,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<(), Failure> {
    let whole = *by == By::Organization;
    let mut heads = vec![shown("vendor"), data("id"), data("name"), data("month"), data("state")];
    heads.extend([table(if whole { word } else { "of" })]);
    heads.extend((!whole).then(|| shown(word)));
    heads.extend([shown("amount"), shown("currency")]);
    let mut sheet = Sheet::new(heads, matches)?;
    for Owned { payer, charge } in charges {
        let name = (!whole).then(|| Value::text(charge.part.to_string()));
        let sum = [Value::Amount(charge.amount.clone()), Value::text(&charge.currency)];
        sheet.row(&owner(payer, charge).into_iter().chain(name).chain(sum).collect::<Vec<_>>(), context)?;
    }
    sheet.gap();
    for (vendor, currency, amount, is_open) in totals(charges) {
        let state = if is_open { "to date" } else { "" };
        let mut values = vec![Value::text(vendor), Value::Nothing, Value::Nothing, Value::Nothing, Value::Nothing];
        values.push(Value::text(format!("total {state}").trim()));
        values.extend((!whole).then_some(Value::Nothing));
        values.extend([Value::Amount(amount), Value::text(currency)]);
        sheet.foot(&values);
    }
    sheet.end(problems, context)
}

/// The columns for the payer and the month.
fn owner(payer: &Payer, charge: &Charge) -> [Value; 6] {
    [
        Value::text(payer.vendor()),
        Value::text(payer.id()),
        Value::of(payer.name.as_deref()),
        Value::text(charge.month.to_string()),
        Value::text(if charge.is_open { "to date" } else { "final" }),
        Value::text(payer.label()),
    ]
}

/// Sums by vendor and currency, and whether they still grow.
fn totals(charges: &[Owned]) -> Vec<(&'static str, &str, Decimal, bool)> {
    let mut totals: Vec<(&'static str, &str, Decimal, bool)> = Vec::new();
    for Owned { payer, charge } in charges {
        let is_same = |it: &&mut (&str, &str, Decimal, bool)| it.0 == payer.vendor() && it.1 == charge.currency;
        match totals.iter_mut().find(is_same) {
            Some((_, _, total, is_open)) => {
                *total += charge.amount.clone();
                *is_open |= charge.is_open;
            }
            None => totals.push((payer.vendor(), &charge.currency, charge.amount.clone(), charge.is_open)),
        }
    }
    totals
}
