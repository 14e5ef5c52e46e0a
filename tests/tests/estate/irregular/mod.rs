//! Irregular estates: each kind of irregularity occurs, and the ledger says what the records say.

mod accounts;
mod invoices;

use cloud_billing_sandbox::{Estate, Irregularity, Sandbox};

use crate::atlas::noon;

async fn start(estate: Estate) -> Sandbox {
    Sandbox::builder().now(noon()).estate(estate.irregular(true)).start().await.unwrap()
}

/// The name of a kind, without its amounts.
fn name(irregularity: &Irregularity) -> String {
    let text = format!("{irregularity:?}");
    text.split(' ').next().unwrap().to_owned()
}
