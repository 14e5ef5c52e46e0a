//! `html`: a page with charts and tables.

use clap::{ArgMatches, Command};

use super::breakdown::{Breakdown, NAME};
use super::charges::{self, By};
use super::flags::{self, value};
use super::page::page;
use super::payers::{self, Payers};
use super::{month, series, trend};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Sink;
use crate::text::fitted;

pub(super) fn command() -> Command {
    Command::new("html")
        .about("Write a page with charts and tables of a year of bills; it refers to nothing outside of it")
        .args(flags::payers())
        .arg(value("out", "FILE").help("The page, written as a whole or not at all [default: standard output]"))
        .arg(trend::months())
        .arg(flags::month("month", "The last month: this (default), last, -2, or such as 2026-10"))
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let (first, last) = trend::range(matches, context)?;
    // Before the bills are read, so that a path that cannot be written fails at once.
    let mut sink = Sink::new(matches)?;
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    let (charges, failed) = charges::collect(&all, (first, last), &By::Service, context).await;
    problems.extend(failed);
    let closed = if last < month::current(context) { last } else { last.previous() };
    let (detail, failed) = charges::collect(&all, (closed, closed), &By::Project, context).await;
    problems.extend(failed);
    let bills = series::bills(&charges, "service", (first, last)).into_iter();
    let bills: Vec<_> = bills
        .map(|mut bill| {
            let breakdown = Breakdown::new(&detail, bill.key, &bill.currency);
            bill.currency = fitted(&bill.currency, NAME);
            bill.series.iter_mut().for_each(|series| series.name = fitted(&series.name, NAME));
            (bill, breakdown)
        })
        .collect();
    if bills.is_empty() && !problems.is_empty() {
        return problems.end(0, context);
    }
    sink.write(page(&bills).as_bytes(), context)?;
    let kept = problems.finish(&mut sink, context)?;
    if let Some(path) = matches.get_one::<String>("out").filter(|_| kept) {
        context.note(&format!("wrote {path}"));
    }
    problems.end(0, context)
}
