//! Invoices that are added to units.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use cloud_billing_focus::atlas::{Invoice, Options};
use cloud_billing_lake::{Bill, Draft, Service, Unit, atlas};

const ACCOUNT: &str = "4888442a3354817a7320eb61";

async fn added(body: &str, month: &str) -> Result<u64, String> {
    let unit = Unit::new(Service::Atlas, ACCOUNT, month.parse().unwrap()).unwrap();
    let mut draft = Draft::new();
    let bill = Bill { id: "65f0c0a1b2c3d4e5f6a7b8c9".to_owned(), ..Bill::default() };
    let invoice = Invoice::read(body).unwrap();
    let added = atlas::add(&invoice, &unit, &bill, None, &Options::new(), &mut draft).await;
    added.map(|()| draft.rows()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn an_invoice_is_added_to_its_own_month_alone() {
    let body = r#"{"id": "65f0c0a1b2c3d4e5f6a7b8c9", "orgId": "4888442a3354817a7320eb61", "statusName": "PAID",
        "startDate": "2026-10-01T00:00:00Z", "endDate": "2026-11-01T00:00:00Z", "subtotalCents": 12, "creditsCents": 0,
        "salesTaxCents": 0, "amountBilledCents": 12, "lineItems": [{"sku": "A", "totalPriceCents": 12}]}"#;
    assert_eq!(added(body, "2026-10").await, Ok(1));
    let other = "invoice 65f0c0a1b2c3d4e5f6a7b8c9: the service answered with an invoice of another period \
        than its list states";
    assert_eq!(added(body, "2026-11").await, Err(other.to_owned()));
}
