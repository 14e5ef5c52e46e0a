//! Both clients against the sandbox: the pending Atlas invoice by SKU, and the IBM account usage by resource. Each
//! authenticates as it would against the real service: a service account (OAuth 2.0), an API key (HTTP Digest), and an IAM
//! API key. The sandbox is strict here: it accepts nothing that it has not issued itself.
//!
//! `cargo xtask demo` runs it. It needs no account and no network.

mod table;

use std::collections::BTreeMap;
use std::error::Error;

use atlas_billing::Decimal;
use atlas_billing::config::Environment;
use ibm_usage_reports::BillingMonth;
use sandbox::Sandbox;
use table::{Row, Table};

const ORG: &str = "4888442a3354817a7320eb61";
const ACCOUNT: &str = "987d4cfd77b04e9b9e1a6a0cc8612340";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().strict_credentials(true).start().await?;
    let variables = sandbox.environment();

    // A service account, as `Client::from_env` finds it in MONGODB_ATLAS_CLIENT_ID and _SECRET.
    let environment =
        variables.iter().fold(Environment::empty(), |all, (name, value)| all.variable(*name, value.clone()));
    let atlas = atlas_billing::Client::from_environment(&environment)?;
    atlas_bill(&atlas).await?;

    // The same bill with an API key gives the same total.
    let (public, private) = sandbox.atlas_api_key();
    let key = atlas_billing::auth::ApiKey::new(public, private);
    let by_key = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).credential(key).build()?;
    if subtotal(&by_key).await? != subtotal(&atlas).await? {
        return Err("the two credentials see different bills".into());
    }

    // An IAM API key, as `Client::from_env` finds it in USAGE_REPORTS_APIKEY.
    let ibm = ibm_usage_reports::Client::from_environment(&environment)?;
    ibm_bill(&ibm, "2023-05".parse()?).await?;

    println!("\nrequests, by credential");
    let mut by_scheme: BTreeMap<String, usize> = BTreeMap::new();
    for request in sandbox.requests() {
        let scheme = request.header("authorization").map_or("none", |value| value.split(' ').next().unwrap_or("none"));
        let what = request.operation.as_deref().unwrap_or("unknown");
        *by_scheme.entry(format!("{scheme:<8} {what}")).or_default() += 1;
    }
    for (what, count) in by_scheme {
        println!("  {count:>2}  {what}");
    }
    Ok(())
}

/// The charges of the pending invoice, in cents.
async fn subtotal(atlas: &atlas_billing::Client) -> Result<Option<i64>, Box<dyn Error>> {
    let pending = atlas.list_invoice_pending(ORG).send().await?;
    Ok(pending.results.first().and_then(|invoice| invoice.subtotal_cents))
}

/// The pending invoices of an organization: what each SKU has cost so far.
async fn atlas_bill(atlas: &atlas_billing::Client) -> Result<(), Box<dyn Error>> {
    let pending = atlas.list_invoice_pending(ORG).send().await?;
    for invoice in &pending.results {
        let mut by_sku: BTreeMap<String, (usize, Decimal)> = BTreeMap::new();
        for line in &invoice.line_items {
            let (lines, total) = by_sku.entry(line.sku.clone().unwrap_or_default()).or_default();
            *lines += 1;
            *total += Decimal::from_cents(line.total_price_cents.unwrap_or_default());
        }
        let rows = by_sku.into_iter().map(|(sku, (lines, total))| Row::new(sku, lines.to_string(), total));
        let (from, to) = (day(invoice.start_date.as_ref()), day(invoice.end_date.as_ref()));
        let title = format!("Atlas, pending invoice, {from} to {to} (exclusive), US dollars");
        let table = Table::new(title, ["SKU", "lines", "amount"], rows);
        print!("{table}");

        let stated = |cents: Option<i64>| Decimal::from_cents(cents.unwrap_or_default());
        let charges = stated(invoice.subtotal_cents);
        let credits = stated(invoice.credits_cents);
        println!("  the invoice says: charges {charges:.2}, credits {credits:.2}");
        if *table.total() != &charges - &credits {
            return Err(format!("the rows add up to {}, not to {charges} less {credits}", table.total()).into());
        }
        println!("  charges less credits equal the total above, to the cent\n");
    }
    Ok(())
}

/// A month of an account: what each resource has cost.
async fn ibm_bill(ibm: &ibm_usage_reports::Client, month: BillingMonth) -> Result<(), Box<dyn Error>> {
    let usage = ibm.get_account_usage(ACCOUNT, month).names(true).send().await?;
    let rows = usage.resources.iter().map(|resource| {
        let name = resource.resource_name.clone().or_else(|| resource.resource_id.clone());
        let cost = resource.billable_cost.clone().unwrap_or_default();
        Row::new(name.unwrap_or_default(), resource.plans.len().to_string(), cost)
    });
    let currency = usage.currency_code.clone().unwrap_or_default();
    let table =
        Table::new(format!("IBM Cloud, account usage, {month}, {currency}"), ["resource", "plans", "billable"], rows);
    print!("{table}");

    let summary = ibm.get_account_summary(ACCOUNT, month).send().await?;
    let stated = summary.resources.as_ref().and_then(|resources| resources.billable_cost.clone()).unwrap_or_default();
    println!("  the account summary says: {stated}");
    if *table.total() != stated {
        return Err(format!("the rows add up to {}, not to {stated}", table.total()).into());
    }
    println!("  it equals the total above, to the last digit");
    Ok(())
}

fn day(at: Option<&atlas_billing::Timestamp>) -> String {
    at.map_or_else(|| "?".to_owned(), |at| at.to_utc().date_naive().to_string())
}
