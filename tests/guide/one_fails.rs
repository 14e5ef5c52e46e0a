// tests/one_fails.rs
use std::time::Duration;

use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Fleet, RetryPolicy};
use cloud_billing_sandbox::{Estate, Fault, Sandbox};

#[tokio::test]
async fn one_organization_fails_and_the_others_are_read() {
    let sandbox = Sandbox::builder().estate(Estate::new().organizations(5)).start().await.unwrap();
    let organizations: Vec<String> = sandbox.estate().unwrap().atlas_organizations().collect();
    sandbox.inject(Fault::status(503).target(&organizations[2]).always()).unwrap();
    let quick = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
    let environment = sandbox.environment().into_iter().collect();
    let atlas = Client::builder_from_environment(&environment).unwrap().retry(quick).build().unwrap();

    let jobs: Vec<OrganizationId> = organizations.iter().map(OrganizationId::new).collect();
    let mut bills = Fleet::new(jobs).run(move |id| {
        let invoices = atlas.list_invoices(id).items();
        async move { invoices.collect_all(1_000).await }
    });
    while let Some(done) = bills.next().await {
        match done.result {
            Ok(invoices) => assert!(!invoices.is_empty()),
            Err(error) => {
                assert_eq!(done.job.as_str(), organizations[2]);
                assert_eq!((error.status(), error.attempts()), (Some(503), 5));
            }
        }
    }
    assert_eq!((bills.progress().done, bills.progress().failed), (5, 1));
}
