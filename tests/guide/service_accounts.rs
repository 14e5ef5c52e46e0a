use std::sync::Arc;

use atlas_billing::auth::ServiceAccount;
use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Fleet};

pub async fn pending_invoices(accounts: Vec<(OrganizationId, Arc<ServiceAccount>)>) {
    let mut counts = Fleet::new(accounts).run(|(organization, account)| async move {
        let atlas = Client::builder().credential(account).build()?;
        Ok(atlas.pending_invoices(organization).await?.len())
    });
    while let Some(done) = counts.next().await {
        println!("{}: {:?}", done.job.0, done.result);
    }
}
