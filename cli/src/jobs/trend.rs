//! `trend`: what each month costs, as bars.

use clap::{Arg, ArgMatches, Command};
use cloud_billing_core::BillingMonth;

use super::charges::{self, By, Owned};
use super::flags::value;
use super::payers::{self, Payers};
use super::sheet::{Sheet, Value, shown};
use super::{bars, flags, month, series};
use crate::context::Context;
use crate::failure::Failure;

/// How many months there are by default: a year, and the one before it.
const MONTHS: u32 = 13;

pub(super) fn command() -> Command {
    flags::job("trend", "Show what each month costs, as bars")
        .arg(months())
        .arg(flags::month("month", "The last month: this (default), last, -2, or such as 2026-10"))
        .arg(By::flag())
}

/// How many months.
pub(super) fn months() -> Arg {
    value("months", "N").value_parser(clap::value_parser!(u32).range(1..=120)).help("How many months [default: 13]")
}

/// The months that the flags say.
pub(super) fn range(matches: &ArgMatches, context: &Context) -> Result<(BillingMonth, BillingMonth), Failure> {
    let last = month::of(matches, "month", 0, context)?;
    let months = matches.get_one::<u32>("months").copied().unwrap_or(MONTHS);
    Ok((month::back(last, months.saturating_sub(1)), last))
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let range = range(matches, context)?;
    let (by, word) = By::asked(matches)?;
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    let (charges, failed) = charges::collect(&all, range, &by, context).await;
    problems.extend(failed);
    let heads = ["vendor", "id", "month", "state", &word, "amount", "currency"].map(shown);
    let mut sheet = Sheet::new(heads.into(), matches)?;
    if sheet.is_table() {
        let coloured = context.terminal.colours;
        for (index, bill) in series::bills(&charges, &word, range).iter().enumerate() {
            let gap = if index > 0 { "\n" } else { "" };
            sheet.text(&format!("{gap}{}", bars::chart(bill, coloured)), context)?;
        }
    } else {
        rows(&mut sheet, &charges, context)?;
    }
    sheet.end(&problems, context)?;
    problems.end(0, context)
}

fn rows(sheet: &mut Sheet, charges: &[Owned], context: &mut Context) -> Result<(), Failure> {
    for Owned { payer, charge } in charges {
        let state = if charge.is_open { "to date" } else { "final" };
        let row = [
            Value::text(payer.vendor()),
            Value::text(payer.id()),
            Value::text(charge.month.to_string()),
            Value::text(state),
            Value::text(charge.part.to_string()),
            Value::Amount(charge.amount.clone()),
            Value::text(&charge.currency),
        ];
        sheet.row(&row, context)?;
    }
    Ok(())
}
