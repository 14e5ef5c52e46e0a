//! Three calls for each of 3,000 organizations, whose quotas allow two at once.

use std::sync::Arc;
use std::time::Duration;

use atlas_billing::types::{InvoiceId, OrganizationId};
use atlas_billing::{Client, Error};
use cloud_billing_core::Fleet;
use cloud_billing_sandbox::{Estate, RateLimit, Sandbox};
use test_support::trace;

use crate::figures::{self, Figure};
use crate::memory::{self, MB};

const ORGANIZATIONS: u32 = 3_000;
const CALLS: usize = 3;

/// Cents of the two latest invoices.
async fn bills(client: Client, organization: String) -> Result<Vec<(InvoiceId, i64)>, Error> {
    let invoices = client.list_invoices(OrganizationId::new(&organization)).send().await?;
    let mut bills = Vec::new();
    for invoice in invoices.results.iter().take(CALLS - 1) {
        let id = invoice.id.clone().unwrap();
        let whole = client.get_invoice(OrganizationId::new(&organization), &id).send().await?;
        bills.push((id, whole.subtotal_cents.unwrap()));
    }
    Ok(bills)
}

/// Runs the fleet, and returns what came of it and the waits for quotas.
async fn run(sandbox: &Sandbox, client: &Client) -> usize {
    let ledger = sandbox.estate().unwrap();
    let organizations: Vec<String> = ledger.atlas_organizations().collect();
    let fleet = Fleet::new(organizations).concurrency(64);
    let client = client.clone();
    let mut run = fleet.run(move |organization| bills(client.clone(), organization));
    let all = async {
        let mut waiting = 0;
        while let Some(done) = run.next().await {
            waiting = waiting.max(run.progress().waiting);
            let bills = done.result.unwrap();
            assert_eq!(bills.len(), CALLS - 1);
            for (id, cents) in bills {
                let invoice = ledger.atlas_invoices(&done.job).into_iter().find(|invoice| invoice.id == *id).unwrap();
                assert_eq!(cents, invoice.subtotal_cents, "{id}");
            }
        }
        waiting
    };
    let (waiting, waits) = trace::simulate_with(all, |wait| sandbox.advance(wait)).await;
    assert!(waiting > 0, "some wait for their quota");
    assert_eq!(run.progress().done, ORGANIZATIONS as usize);
    waits.len()
}

#[tokio::test]
pub(crate) async fn three_thousand_organizations() {
    if !memory::alone("fleet::three_thousand_organizations") {
        return;
    }
    trace::keep_on();
    let needed = ORGANIZATIONS as usize * CALLS;
    let estate = Estate::new().organizations(ORGANIZATIONS).projects(1).clusters(1).months(2).line_items(2);
    let limit = RateLimit::new(2, 1, Duration::from_secs(1));
    let builder = Sandbox::builder().estate(estate).rate_limit(limit).kept_requests(needed + 1_000);
    let sandbox = Arc::new(builder.start().await.unwrap());
    let (id, secret) = sandbox.atlas_service_account();
    let account = atlas_billing::auth::ServiceAccount::new(id, secret);
    // The waits of all organizations are simulated one after the other, and must not end the attempts of others.
    let hours = Duration::from_secs(24 * 3600);
    let builder = Client::builder().attempt_timeout(hours).overall_timeout(hours).base_url(sandbox.atlas_url());
    let client = builder.credential(account).build().unwrap();

    let waits = run(&sandbox, &client).await;
    let requests = sandbox.requests();
    let made = requests.iter().filter(|request| request.target.contains("/invoices")).count();
    assert_eq!(made, needed, "no call was refused and made again");
    sandbox.clear_requests();
    drop(requests);

    // Once caches, buffers and connections have their size, nothing grows.
    let before = memory::resident();
    run(&sandbox, &client).await;
    let grown = memory::resident().saturating_sub(before);
    assert!(grown < 8 * MB, "{grown} kB");
    figures::add(Figure::Operations, 2 * needed);
    figures::say(format!(
        "{CALLS} calls for each of {ORGANIZATIONS} organizations: {made} calls made, {waits} waits for quotas, \
         {grown} kB more resident after the second run than after the first"
    ));
}
