//! `export`: the rows of a month, one for each line of an invoice and each metric of an instance.

mod focus;
mod metadata;

use atlas_billing::money;
use atlas_billing::types::InvoiceLineItem;
use clap::{ArgMatches, Command};
use cloud_billing_core::{BillingMonth, Decimal};
use ibm_usage_reports::types::{InstanceUsage, Metric};

use super::payers::{self, Account, Payer, Payers};
use super::sheet::{Sheet, Value, shown};
use super::{atlas, flags, ibm, month, named};
use crate::context::Context;
use crate::failure::Failure;

/// The columns. What a vendor does not have is empty.
const COLUMNS: [&str; 17] = [
    "vendor",
    "id",
    "month",
    "date",
    "project",
    "resource",
    "service",
    "plan",
    "region",
    "item",
    "quantity",
    "unit",
    "unit_price",
    "amount",
    "currency",
    "billable",
    "tags",
];

const FORMATS: [&str; 6] = ["table", "csv", "tsv", "json", "ndjson", "xlsx"];

const ABOUT: &str = "\
Print the rows of a month: each line of the invoices of Atlas, and each metric of the instances of IBM Cloud.

Rows are printed as they come. Tax, support and free allowances are no rows: `cloudbill bill` has them.

With --focus the rows are those of FOCUS, the format of the FinOps Foundation. They add up to the bills: tax, credits, support and what the items leave unexplained are rows, too.";

pub(super) fn command() -> Command {
    flags::job("export", "Print the rows of a month as CSV or NDJSON")
        .long_about(ABOUT)
        .mut_arg("output", |arg| {
            arg.value_parser(FORMATS)
                .default_value("csv")
                .hide_default_value(true)
                .help("How to print: csv (default), tsv, ndjson, json or table; with --focus csv, ndjson or xlsx")
        })
        .arg(flags::last_month())
        .args(focus::flags())
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    if focus::is_asked_for(matches) {
        return focus::run(matches, context).await;
    }
    if matches.get_one::<String>("output").is_some_and(|format| format == "xlsx") {
        return Err(Failure::usage("a workbook has rows of FOCUS: it needs --focus"));
    }
    let month = month::of(matches, "month", 1, context)?;
    let Payers { all, mut problems } = payers::find(matches, context).await?;
    let mut sheet = Sheet::new(COLUMNS.map(shown).into(), matches)?;
    // One after the other: rows stay in order, and are not kept.
    for payer in all {
        let ended = match &payer.account {
            Account::Atlas(client, id) => lines(client, id, &payer, month, &mut sheet, context).await,
            Account::Ibm(client, id) => instances(client, id, &payer, month, &mut sheet, context).await,
        };
        if let Err(failure) = ended {
            // A file is whole or not there.
            let failure = if sheet.is_file() || !sheet.has_rows() { failure } else { failure.in_part() };
            problems.add(&payer.whose(), failure);
        }
    }
    sheet.end(&problems, context)?;
    problems.end(0, context)
}

async fn lines(
    client: &atlas_billing::Client,
    id: &atlas_billing::types::OrganizationId,
    payer: &Payer,
    month: BillingMonth,
    sheet: &mut Sheet,
    context: &mut Context,
) -> Result<(), Failure> {
    for invoice in atlas::invoices(client, id, month, month).await? {
        for line in &atlas::whole(client, id, &invoice).await?.line_items {
            sheet.row(&of_line(line, payer, month), context)?;
        }
    }
    Ok(())
}

fn of_line(line: &InvoiceLineItem, payer: &Payer, month: BillingMonth) -> [Value; 17] {
    [
        Value::text(payer.vendor()),
        Value::text(payer.id()),
        Value::text(month.to_string()),
        Value::of(line.start_date.known().map(|start| start.date())),
        Value::of(line.group_name.as_ref()),
        Value::of(line.cluster_name.as_ref()),
        Value::of(line.sku.as_ref()),
        Value::Nothing,
        Value::of(line.cloud_provider.as_ref()),
        Value::of(line.note.as_ref()),
        Value::amount(line.quantity.clone()),
        Value::of(line.unit.as_ref()),
        Value::amount(line.unit_price_dollars.clone()),
        Value::amount(line.total_price_cents.map(money::dollars)),
        Value::text(atlas::CURRENCY),
        Value::text("true"),
        Value::of(atlas::tags(line, None)),
    ]
}

async fn instances(
    client: &ibm_usage_reports::Client,
    id: &ibm_usage_reports::types::AccountId,
    payer: &Payer,
    month: BillingMonth,
    sheet: &mut Sheet,
    context: &mut Context,
) -> Result<(), Failure> {
    let mut all = client.get_resource_usage_account(id, month).names(true).tags(true).limit(ibm::PAGE).items();
    while let Some(instance) = all.try_next().await? {
        for metric in &instance.usage {
            sheet.row(&of_metric(&instance, metric, payer, month), context)?;
        }
    }
    Ok(())
}

fn of_metric(instance: &InstanceUsage, metric: &Metric, payer: &Payer, month: BillingMonth) -> [Value; 17] {
    let billed = match instance.billable {
        Some(true) => metric.charge(),
        Some(false) => Some(Decimal::ZERO),
        None => None,
    };
    [
        Value::text(payer.vendor()),
        Value::text(payer.id()),
        Value::text(month.to_string()),
        Value::Nothing,
        Value::of(named(instance.resource_group_name.as_ref(), instance.resource_group_id.as_ref())),
        Value::of(named(instance.resource_instance_name.as_ref(), instance.resource_instance_id.as_ref())),
        Value::of(named(instance.resource_name.as_ref(), instance.resource_id.as_ref())),
        Value::of(named(instance.plan_name.as_ref(), instance.plan_id.as_ref())),
        Value::of(instance.region.as_ref()),
        Value::of(named(metric.metric_name.as_ref(), metric.metric.as_ref())),
        Value::amount(metric.quantity.clone()),
        Value::of(named(metric.unit_name.as_ref(), metric.unit.as_ref())),
        Value::Nothing,
        Value::amount(billed),
        Value::text(ibm::currency(instance.currency_code.as_deref())),
        Value::of(instance.billable),
        Value::of(ibm::tags(instance, None)),
    ]
}
