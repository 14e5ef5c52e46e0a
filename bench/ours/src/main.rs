//! Lists, downloads and concurrent calls with this project's clients, as a user writes them.

mod tokens;

use std::error::Error;
use std::time::Instant;

use atlas_billing::types::{InvoiceId, OrganizationId};
use ibm_usage_reports::auth::ApiKey;
use ibm_usage_reports::types::AccountId;
use outcome::Tally;

const ACCOUNT: &str = "3f1c9e5a7b2d4c6088aa51d7e0b49c12";
const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "666acb8787ba43606905dcae";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let (mode, url, number) = outcome::arguments();
    // Calls are compared with the floor's on the same kind of runtime. Everything else uses the default runtime.
    let mut runtime = if mode == "calls" {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    runtime.enable_all().build()?.block_on(run(&mode, &url, number))
}

async fn run(mode: &str, url: &str, number: u64) -> Result<()> {
    if matches!(mode, "burst" | "warm" | "void" | "first" | "healed") {
        return tokens::run(mode, url, number).await;
    }
    let started = Instant::now();
    let tally = match mode {
        "typed" => items(url).await?,
        "lean" => lean(url).await?,
        "invoices" => invoices(url, usize::try_from(number)?).await?,
        "csv" => csv_bytes(url).await?,
        "csv-rows" => csv_rows(url).await?,
        "calls" => calls(url, number).await?,
        _ => return Err(format!("unknown mode {mode}").into()),
    };
    outcome::report(tally, started);
    Ok(())
}

fn ibm(url: &str) -> Result<ibm_usage_reports::Client> {
    let key = ApiKey::new("key").url(url);
    Ok(ibm_usage_reports::Client::builder().base_url(url).credential(key).build()?)
}

fn atlas(url: &str) -> Result<atlas_billing::Client> {
    Ok(atlas_billing::Client::builder().base_url(url).bearer_token("token").build()?)
}

async fn items(url: &str) -> Result<Tally> {
    let mut tally = Tally::default();
    let call = ibm(url)?
        .get_resource_usage_account(AccountId::new(ACCOUNT), "2026-01".parse()?)
        .names(true)
        .tags(true)
        .limit(200);
    let mut items = call.items();
    while let Some(record) = items.try_next().await? {
        tally.add(record.resource_instance_id.as_deref().unwrap_or_default());
    }
    Ok(tally)
}

/// Five fields that borrow from the body, with the types of the floor.
async fn lean(url: &str) -> Result<Tally> {
    let mut tally = Tally::default();
    let call = ibm(url)?
        .get_resource_usage_account(AccountId::new(ACCOUNT), "2026-01".parse()?)
        .names(true)
        .tags(true)
        .limit(200);
    let mut pages = call.pages().raw();
    while let Some(page) = pages.try_next().await? {
        let page: floor::borrowed::Page<'_> = page.view()?;
        page.resources.iter().for_each(|record| tally.add(record.resource_instance_id));
    }
    Ok(tally)
}

async fn invoices(url: &str, prefetch: usize) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut items = atlas(url)?.list_invoices(OrganizationId::new(ORG)).items_per_page(20).items().prefetch(prefetch);
    let mut last = String::new();
    while let Some(invoice) = items.try_next().await? {
        let id = invoice.id.map(|id| id.to_string()).unwrap_or_default();
        if id <= last {
            return Err(format!("{id} came after {last}").into());
        }
        tally.add(&id);
        last = id;
    }
    Ok(tally)
}

async fn csv_bytes(url: &str) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut body =
        atlas(url)?.get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await?.into_inner();
    while let Some(chunk) = body.next().await.transpose()? {
        tally.checksum += chunk.len() as u64;
    }
    Ok(tally)
}

async fn csv_rows(url: &str) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut rows = atlas(url)?
        .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
        .send()
        .await?
        .into_inner()
        .csv_records();
    while let Some(record) = rows.try_next().await? {
        tally.add(record.get(5).unwrap_or_default());
    }
    Ok(tally)
}

async fn calls(url: &str, number: u64) -> Result<Tally> {
    let ibm = ibm(url)?;
    let mut tally = Tally::default();
    let month = "2026-01".parse()?;
    for _ in 0..number {
        let summary = ibm.get_account_summary(AccountId::new(ACCOUNT), month).send().await?;
        tally.add(summary.account_id.as_deref().unwrap_or_default());
    }
    Ok(tally)
}
