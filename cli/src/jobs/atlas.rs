//! The parts of bills of MongoDB Atlas.

use std::collections::BTreeMap;
use std::time::Duration;

use atlas_billing::types::{
    BillingInvoice, BillingInvoiceMetadata, BillingService, CostExplorerFilterRequestBody, CostExplorerGrouping,
    InvoiceLineItem, OrganizationId,
};
use atlas_billing::{Client, money};
use cloud_billing_core::{BillingMonth, Decimal, Error, ErrorKind};

use super::books::require;
use super::charges::{By, Charge, Part, Parts};
use super::named;

/// More invoices than an organization has in the months of a question.
const INVOICES: usize = 10_000;

/// The currency of all amounts in cents.
pub(super) const CURRENCY: &str = "USD";

/// Amounts by month and part.
pub(super) type Items = BTreeMap<(BillingMonth, Part), Decimal>;

/// The parts of the invoices of some months. Together they are what is to be paid for them: charges less credits, and tax.
pub(super) async fn parts(
    client: &Client,
    organization: &OrganizationId,
    (first, last): (BillingMonth, BillingMonth),
    by: &By,
) -> Result<Parts, Error> {
    let invoices = invoices(client, organization, first, last).await?;
    let items = match by {
        By::Organization => Items::new(),
        By::Service if invoices.is_empty() => Items::new(),
        By::Service => services(client, organization, first, last).await?,
        _ => lines(client, organization, &invoices, by).await?,
    };
    let mut parts = Parts::default();
    let mut open = BTreeMap::<BillingMonth, bool>::new();
    let mut amounts = Items::new();
    let rest = if *by == By::Organization { Part::Named(organization.to_string()) } else { Part::Rest };
    for invoice in &invoices {
        let month = month_of(invoice)?;
        *open.entry(month).or_default() |= invoice.is_final() == Some(false);
        let Some(whole) = bill(invoice) else {
            parts.missing += 1;
            continue;
        };
        let tax = match by {
            By::Organization => Decimal::ZERO,
            _ => money::dollars(invoice.sales_tax_cents.unwrap_or_default()),
        };
        *amounts.entry((month, rest.clone())).or_default() += &whole - &tax;
        *amounts.entry((month, Part::Tax)).or_default() += tax;
    }
    for ((month, part), amount) in items {
        *amounts.entry((month, rest.clone())).or_default() -= amount.clone();
        *amounts.entry((month, part)).or_default() += amount;
    }
    parts.charges = amounts
        .into_iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|((month, part), amount)| {
            let is_open = open.get(&month).copied().unwrap_or_default();
            Charge { month, part, currency: CURRENCY.to_owned(), amount, is_open }
        })
        .collect();
    Ok(parts)
}

/// The invoices of an organization for some months. Invoices of linked organizations are those organizations' own.
pub(super) async fn invoices(
    client: &Client,
    organization: &OrganizationId,
    first: BillingMonth,
    last: BillingMonth,
) -> Result<Vec<BillingInvoiceMetadata>, Error> {
    // The period of an invoice ends on the first day after it.
    let call = client.list_invoices(organization).view_linked_invoices(false);
    let call = call.from_date(first.first_day()).to_date(last.next().first_day());
    let mut found = call.items().distinct().collect_all(INVOICES).await?;
    // One without a month is told of later.
    found.retain(|invoice| month_of(invoice).map_or(true, |month| (first..=last).contains(&month)));
    Ok(found)
}

/// The amount of an invoice: what is to be paid, or, if a part of that is missing, what is billed.
pub(super) fn bill(invoice: &BillingInvoiceMetadata) -> Option<Decimal> {
    invoice.payable_dollars().or_else(|| invoice.billed_dollars())
}

/// An invoice with its lines.
pub(super) async fn whole(
    client: &Client,
    organization: &OrganizationId,
    invoice: &BillingInvoiceMetadata,
) -> Result<BillingInvoice, Error> {
    let id = invoice.id.as_ref().ok_or_else(|| odd("an invoice has no id"))?;
    let whole = client.get_invoice(organization, id).send().await?.into_inner();
    require(whole.id.as_ref().is_none_or(|stated| stated.eq_ignore_ascii_case(id)))?;
    require(whole.start_date.known().is_none_or(|start| invoice.start_date.known() == Some(start)))?;
    Ok(whole)
}

pub(super) fn month_of(invoice: &BillingInvoiceMetadata) -> Result<BillingMonth, Error> {
    let start = invoice.start_date.known().ok_or_else(|| odd("an invoice has no start"))?;
    BillingMonth::containing(start.date()).map_err(|error| odd("an invoice starts in no month").with_source(error))
}

/// The error for a response that lacks something.
fn odd(what: &str) -> Error {
    Error::new(ErrorKind::Decode, what)
}

/// A question to the Cost Explorer about all services of an organization.
pub(super) fn question(
    organization: &OrganizationId,
    first: BillingMonth,
    last: BillingMonth,
) -> CostExplorerFilterRequestBody {
    // The Cost Explorer leaves out services that are not named.
    CostExplorerFilterRequestBody::new(first.first_day(), last.next().first_day())
        .organizations([organization])
        .group_by(CostExplorerGrouping::Services)
        .services(BillingService::KNOWN.iter().cloned())
}

/// What each service costs according to the Cost Explorer.
pub(super) async fn services(
    client: &Client,
    organization: &OrganizationId,
    first: BillingMonth,
    last: BillingMonth,
) -> Result<Items, Error> {
    let query = client.cost_explorer(organization, question(organization, first, last));
    let result = query.first_wait(Duration::from_millis(250)).run().await?;
    let mut items = Items::new();
    for row in &result.usage_details {
        let date = row.usage_date.known().ok_or_else(|| odd("a row of the Cost Explorer has no date"))?;
        let month = BillingMonth::containing(*date).map_err(|error| odd("a row has an odd date").with_source(error))?;
        let part = Part::of(row.service.clone(), "no service");
        *items.entry((month, part)).or_default() += row.usage_amount.clone().unwrap_or_default();
    }
    Ok(items)
}

async fn lines(
    client: &Client,
    organization: &OrganizationId,
    invoices: &[BillingInvoiceMetadata],
    by: &By,
) -> Result<Items, Error> {
    let mut items = Items::new();
    for invoice in invoices {
        let month = month_of(invoice)?;
        for line in &whole(client, organization, invoice).await?.line_items {
            let amount = money::dollars(line.total_price_cents.unwrap_or_default());
            *items.entry((month, part(line, by))).or_default() += amount;
        }
    }
    Ok(items)
}

/// What a line belongs to.
fn part(line: &InvoiceLineItem, by: &By) -> Part {
    let (name, nameless) = match by {
        By::Project => (named(line.group_name.as_ref(), line.group_id.as_ref()), "no project"),
        By::Cluster => (line.cluster_name.clone(), "no cluster"),
        By::Region => (line.cloud_provider.as_ref().map(ToString::to_string), "no provider"),
        By::Tag(key) => (tags(line, key.as_deref()), "no tag"),
        By::Plan | By::Service | By::Organization => (line.sku.as_ref().map(ToString::to_string), "no SKU"),
    };
    Part::of(name, nameless)
}

/// The values of a tag, or all tags.
pub(super) fn tags(line: &InvoiceLineItem, key: Option<&str>) -> Option<String> {
    let mut tags: Vec<String> = Vec::new();
    for (name, values) in line.tags.iter().filter(|(name, _)| key.is_none_or(|key| key == name.as_str())) {
        tags.extend(values.iter().map(|value| if key.is_some() { value.clone() } else { format!("{name}:{value}") }));
    }
    tags.sort_unstable();
    (!tags.is_empty()).then(|| tags.join(", "))
}

#[cfg(test)]
mod tests {
    use cloud_billing_core::HttpClient;
    use cloud_billing_core::mock::MockResponse;

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// The parts of January by month, name and amount, and how many amounts are missing.
    async fn january(by: By, invoices: &'static str, rest: &'static str) -> (Vec<(String, String)>, usize) {
        let http = HttpClient::mock(move |request| match request.path() {
            path if path.ends_with("/invoices") => MockResponse::json(200, invoices),
            path if path.ends_with("/usage") => MockResponse::json(202, format!(r#"{{"token": "{TOKEN}"}}"#)),
            _ => MockResponse::json(200, rest),
        });
        let client = Client::builder().http_client(http).no_credential().build().unwrap();
        let month: BillingMonth = "2026-01".parse().unwrap();
        let organization = OrganizationId::new("4888442a3354817a7320eb61");
        let parts = parts(&client, &organization, (month, month), &by).await.unwrap();
        (parts.charges.into_iter().map(|it| (it.part.to_string(), it.amount.to_string())).collect(), parts.missing)
    }

    const INVOICES: &str = r#"{"results": [
        {"id": "6abda280f4c54977656cf2d1", "startDate": "2026-01-01T00:00:00Z", "statusName": "PAID",
         "subtotalCents": 1000, "creditsCents": -100, "salesTaxCents": 50, "amountBilledCents": 950},
        {"id": "6abda280f4c54977656cf2d2", "startDate": "2026-01-01T00:00:00Z", "statusName": "PAID"}]}"#;

    #[tokio::test]
    async fn what_no_service_explains_is_a_part() {
        let usage = r#"{"usageDetails": [{"service": "Clusters", "usageAmount": 7.0, "usageDate": "2026-01-01"},
            {"usageAmount": 1.5, "usageDate": "2026-01-01"}]}"#;
        let expected =
            [("(not itemised)", "0.50"), ("(sales tax)", "0.50"), ("Clusters", "7.0"), ("no service", "1.5")];
        let expected = expected.map(|(name, amount)| (name.to_owned(), amount.to_owned())).to_vec();
        assert_eq!(january(By::Service, INVOICES, usage).await, (expected, 1));
    }

    #[tokio::test]
    async fn lines_without_names_and_an_invoice_without_tax() {
        let invoices = r#"{"results": [{"id": "6abda280f4c54977656cf2d1", "startDate": "2026-01-01T00:00:00Z",
            "statusName": "PENDING", "amountBilledCents": 300}]}"#;
        let lines = r#"{"lineItems": [{"clusterName": "a", "totalPriceCents": 200}, {"totalPriceCents": 100}]}"#;
        let (charges, missing) = january(By::Cluster, invoices, lines).await;
        let expected = [("a", "2.00"), ("no cluster", "1.00")].map(|(name, it)| (name.to_owned(), it.to_owned()));
        assert_eq!((charges, missing), (expected.to_vec(), 0));
    }

    /// No name of an item is taken for tax or for what is not itemised. Both invoices have these lines.
    #[tokio::test]
    async fn items_that_are_called_as_other_parts() {
        for name in ["(sales tax)", "(not itemised)", "no cluster"] {
            let lines = format!(
                r#"{{"lineItems": [{{"clusterName": "{name}", "totalPriceCents": 200}}, {{"totalPriceCents": 100}}]}}"#
            );
            let (mut charges, _) = january(By::Cluster, INVOICES, lines.leak()).await;
            charges.retain(|(of, amount)| !(of == name && amount == "4.00"));
            let expected = [("(not itemised)", "3.00"), ("(sales tax)", "0.50"), ("no cluster", "2.00")];
            assert_eq!(charges, expected.map(|(name, it)| (name.to_owned(), it.to_owned())), "{name}");
        }
    }

    #[test]
    fn tags_of_lines() {
        let json = r#"{"tags": {"team": ["web", "data"], "env": ["prod"]}}"#;
        let line: InvoiceLineItem = atlas_billing::json::from_str(json).unwrap();
        assert_eq!(tags(&line, None).as_deref(), Some("env:prod, team:data, team:web"));
        assert_eq!(tags(&line, Some("team")).as_deref(), Some("data, web"));
        assert_eq!(tags(&line, Some("te")), None);
    }
}
