//! Irregular estates: each kind of irregularity occurs, and the ledger says what the records say.

mod accounts;
mod invoices;

use cloud_billing_sandbox::{Estate, Irregularity, Sandbox};

use crate::ask::{atlas, ibm};
use crate::atlas::noon;

async fn start(estate: Estate) -> Sandbox {
    Sandbox::builder().now(noon()).estate(estate.irregular(true)).start().await.unwrap()
}

/// The name of a kind, without its amounts.
fn name(irregularity: &Irregularity) -> String {
    let text = format!("{irregularity:?}");
    text.split(' ').next().unwrap().to_owned()
}

/// The invoices and records of the first organization and account.
async fn bytes(sandbox: &Sandbox) -> String {
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let mut all = String::new();
    for invoice in ledger.atlas_invoices(&organization) {
        let path = format!("/api/atlas/v2/orgs/{organization}/invoices/{}", invoice.id);
        all += &atlas(sandbox, &path).send().await.text().replace(sandbox.atlas_url(), "");
    }
    for month in ledger.months() {
        let account = format!("/v4/accounts/{}", ledger.ibm_account());
        for path in ["summary/{}", "usage/{}", "resource_instances/usage/{}?_limit=200"] {
            let path = format!("{account}/{}", path.replace("{}", &month));
            let reply = ibm(sandbox, &path).send().await;
            assert_eq!(reply.status, 200, "{path}");
            all += reply.text();
        }
    }
    all
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let estate = |seed: u64| Estate::new().seed(seed).line_items(40).instances(30);
    let first = bytes(&start(estate(1)).await).await;
    assert_eq!(first, bytes(&start(estate(1)).await).await);
    assert_ne!(first, bytes(&start(estate(2)).await).await);
}
