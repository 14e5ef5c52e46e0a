//! What is read from MongoDB Atlas.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use atlas_billing::types::{
    ApiPublicUsageDetailsQueryRequest, BillingService, CostExplorerFilterRequestBody, CostExplorerGrouping,
    InvoiceStatus, OrganizationId,
};
use atlas_billing::{Client, Decimal, Timestamp, money};
use ibm_usage_reports::BillingMonth;

use crate::bill::{Amounts, Bill, Breakdown};
use crate::progress;

/// The services in the query of the Cost Explorer. It leaves out the cost of all others.
const SERVICES: [BillingService; 7] = [
    BillingService::Clusters,
    BillingService::Storage,
    BillingService::DataTransfer,
    BillingService::Backup,
    BillingService::AiModelApis,
    BillingService::AppServices,
    BillingService::Credits,
];

/// The invoices of an organization, by month, and by service as the Cost Explorer has them.
pub(crate) async fn year(client: &Client, organization: &OrganizationId) -> Result<Bill, Box<dyn Error>> {
    let invoices = client.list_invoices(organization).items().distinct().collect_all(100).await?;
    let mut charged: BTreeMap<BillingMonth, Decimal> = BTreeMap::new();
    let mut last_is_open = false;
    for invoice in &invoices {
        let charges = invoice.subtotal_cents.unwrap_or_default() - invoice.credits_cents.unwrap_or_default();
        *charged.entry(month_of(invoice.start_date.known())?).or_default() += money::dollars(charges);
        last_is_open |= invoice.status_name == Some(InvoiceStatus::Pending);
    }
    let (Some((&first, _)), Some((&last, _))) = (charged.first_key_value(), charged.last_key_value()) else {
        return Err("there are no invoices".into());
    };

    let filter = CostExplorerFilterRequestBody::new(first.first_day(), last.next().first_day())
        .group_by(CostExplorerGrouping::Services)
        .services(SERVICES);
    let waiting = progress::spinner("Atlas, Cost Explorer, by OAuth 2.0");
    let result = client.cost_explorer(organization, filter).first_wait(Duration::from_millis(200)).run().await?;
    waiting.finish_and_clear();
    let mut amounts = Amounts::new();
    for row in &result.usage_details {
        let name = row.service.clone().unwrap_or_else(|| "no service".to_owned());
        let month = BillingMonth::containing(row.usage_date.known().copied().ok_or("a row has no date")?)?;
        let amount = row.usage_amount.clone().unwrap_or_default();
        *amounts.entry(name).or_default().entry(month).or_default() += amount;
    }
    let bill = Bill::new(
        ("MongoDB Atlas", "service"),
        "US dollars".to_owned(),
        (first.through(last).collect(), last_is_open),
        amounts,
    );
    for (month, total) in bill.months.iter().zip(bill.totals()) {
        let invoiced = charged.remove(month).unwrap_or_default();
        if total != invoiced {
            return Err(format!("{month}: the Cost Explorer has {total}, the invoice {invoiced}").into());
        }
    }
    Ok(bill)
}

/// The lines of the last invoice that is closed, by cluster.
pub(crate) async fn last_month(client: &Client, organization: &OrganizationId) -> Result<Breakdown, Box<dyn Error>> {
    let invoices = client.list_invoices(organization).items().distinct().collect_all(100).await?;
    let closed = invoices.iter().filter(|invoice| invoice.status_name != Some(InvoiceStatus::Pending));
    let invoice = closed.max_by_key(|invoice| invoice.start_date.known().copied());
    let invoice = invoice.ok_or("there is no closed invoice")?;
    let id = invoice.id.as_ref().ok_or("the invoice has no identifier")?;

    let all = ApiPublicUsageDetailsQueryRequest::new();
    let mut pages = client.search_invoice_line_items(organization, id, all).pages();
    let bar = progress::bar("Atlas, line items, by HTTP Digest");
    let mut rows: BTreeMap<String, (u64, Decimal)> = BTreeMap::new();
    while let Some(page) = pages.try_next().await? {
        bar.set_length(page.total_count.known().and_then(|count| u64::try_from(*count).ok()).unwrap_or_default());
        for line in page.into_inner().results {
            let name = line.cluster_name.unwrap_or_else(|| "no cluster".to_owned());
            let (count, amount) = rows.entry(name).or_default();
            *count += 1;
            *amount += money::dollars(line.total_price_cents.unwrap_or_default());
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let month = month_of(invoice.start_date.known())?;
    Ok(Breakdown::new(format!("Line items of invoice {id}"), month, ["cluster", "lines"], rows))
}

fn month_of(start: Option<&Timestamp>) -> Result<BillingMonth, Box<dyn Error>> {
    Ok(BillingMonth::containing(start.ok_or("an invoice has no start")?.date())?)
}
