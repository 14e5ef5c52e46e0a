// tests/time.rs
use std::time::{Duration, UNIX_EPOCH};

use atlas_billing::Client;
use atlas_billing::types::{InvoiceId, InvoiceStatus, OrganizationId};
use cloud_billing_sandbox::{Estate, Sandbox};

#[tokio::test]
async fn an_invoice_is_pending_until_its_month_is_over() {
    let noon_of_10_november_2026 = UNIX_EPOCH + Duration::from_secs(1_794_312_000);
    let sandbox = Sandbox::builder().estate(Estate::new()).now(noon_of_10_november_2026).start().await.unwrap();
    let atlas = Client::from_environment(&sandbox.environment().into_iter().collect()).unwrap();
    let organization = sandbox.estate().unwrap().atlas_organizations().next().unwrap();
    let november = InvoiceId::new(sandbox.estate().unwrap().atlas_invoices(&organization).remove(0).id);
    let organization = OrganizationId::new(organization);

    let invoice = atlas.get_invoice(&organization, &november).send().await.unwrap();
    assert_eq!(invoice.status_name, Some(InvoiceStatus::Pending));
    sandbox.advance(Duration::from_secs(30 * 24 * 60 * 60));
    let invoice = atlas.get_invoice(&organization, &november).send().await.unwrap();
    assert_ne!(invoice.status_name, Some(InvoiceStatus::Pending));
}
