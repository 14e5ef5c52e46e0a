//! Pending invoices, including the case that there are none.

use crate::types::{BillingInvoice, ErrorCode, OrganizationId};
use crate::{Client, Error};

impl Client {
    /// Returns the invoices of an organization's current billing cycle, or none if the service says that there is none.
    ///
    /// [`list_invoice_pending`](Self::list_invoice_pending) has three possible responses: a list, one bare invoice, and
    /// 404 with the code `PENDING_INVOICE_NOT_FOUND` (for some organizations without a pending invoice). This method
    /// handles all three. Any other 404, such as that for an unknown organization, is an error.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
    /// # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
    /// let organization = atlas_billing::types::OrganizationId::new("4888442a3354817a7320eb61");
    /// for invoice in atlas.pending_invoices(organization).await? {
    ///     println!("{:?}: {} dollars so far", invoice.id, invoice.line_items_total().sum);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of the call.
    pub async fn pending_invoices(&self, org_id: impl Into<OrganizationId>) -> Result<Vec<BillingInvoice>, Error> {
        match self.list_invoice_pending(org_id).send().await {
            Ok(response) => Ok(response.into_inner().results.into_vec()),
            Err(error) if error.status() == Some(404) && is_none_pending(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn is_none_pending(error: &Error) -> bool {
    error.code().map(ErrorCode::from) == Some(ErrorCode::PendingInvoiceNotFound)
}
