use std::time::Duration;

use atlas_billing::types::{BillingInvoice, InvoiceId, OrganizationId};
use atlas_billing::{CallOptions, Client, Error, RetryPolicy};

pub async fn invoice_at_once(
    atlas: &Client,
    organization: &OrganizationId,
    invoice: &InvoiceId,
) -> Result<BillingInvoice, Error> {
    let at_once = CallOptions::new()
        .attempt_timeout(Duration::from_secs(2))
        .overall_timeout(Duration::from_secs(5))
        .retry(RetryPolicy::none())
        .header("x-correlation-id", "dashboard");
    // Without `send()`, `.await` sends it.
    let invoice = atlas.get_invoice(organization, invoice).options(at_once).await?;
    Ok(invoice.into_inner())
}
