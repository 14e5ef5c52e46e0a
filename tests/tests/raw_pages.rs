//! Every list of both services, read as decoded pages and as raw ones.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fmt::Debug;

use atlas_billing::types::{ApiPublicUsageDetailsQueryRequest, InvoiceId};
use cloud_billing_core::{Pages, Paginate};
use cloud_billing_sandbox::{Cut, Estate, Fault, Sandbox};
use ibm_usage_reports::BillingMonth;
use ibm_usage_reports::types::{AccountId, ResourceGroupId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use workspace_tests::clients::{atlas, ibm};

/// The same pages, with the same content, and the same place to go on from after each. Returns how many there are.
async fn same<P: Paginate<Page: Debug + DeserializeOwned>>(call: P) -> usize {
    let id = call.operation().id();
    let (mut typed, mut raw) = (Pages::new(call.clone()), Pages::new(call).raw());
    let mut pages = 0;
    while let Some(page) = typed.try_next().await.unwrap() {
        let bytes = raw.try_next().await.unwrap().expect("as many raw pages");
        let viewed: P::Page = bytes.view().unwrap();
        assert_eq!(format!("{viewed:?}"), format!("{:?}", *page), "{id}");
        assert_eq!(raw.resume_token(), typed.resume_token(), "{id}");
        pages += 1;
    }
    assert!(raw.next().await.is_none(), "{id}: more raw pages");
    pages
}

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";
const ACCOUNT: &str = "3f1c9e5a7b2d4c6088aa51d7e0b49c12";

/// Each list, as the examples of the specs have it.
#[tokio::test]
async fn raw_pages_are_the_decoded_ones() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (client, query) = (atlas(&sandbox), ApiPublicUsageDetailsQueryRequest::default);
    for enveloped in [false, true] {
        assert!(
            same(
                client
                    .list_invoices(atlas_billing::types::OrganizationId::new(ORG))
                    .envelope(enveloped)
                    .items_per_page(1)
            )
            .await
                > 0
        );
        assert!(same(client.list_orgs().envelope(enveloped).items_per_page(1)).await > 0);
        assert!(same(client.list_skus().envelope(enveloped).items_per_page(1)).await > 0);
        assert!(
            same(
                client
                    .list_org_invoice_reports(atlas_billing::types::OrganizationId::new(ORG), InvoiceId::new(INVOICE))
                    .envelope(enveloped)
            )
            .await
                > 0
        );
        let search = client.search_invoice_line_items(
            atlas_billing::types::OrganizationId::new(ORG),
            InvoiceId::new(INVOICE),
            query(),
        );
        assert!(same(search.envelope(enveloped).items_per_page(1)).await > 0);
    }
    let (client, month) = (ibm(&sandbox), "2026-01".parse::<BillingMonth>().unwrap());
    assert!(same(client.get_resource_usage_account(AccountId::new(ACCOUNT), month).limit(1)).await > 0);
    assert!(
        same(
            client
                .get_resource_usage_resource_group(AccountId::new(ACCOUNT), ResourceGroupId::new("group"), month)
                .limit(1)
        )
        .await
            > 0
    );
    assert!(
        same(
            client
                .get_resource_usage_org(
                    AccountId::new(ACCOUNT),
                    ibm_usage_reports::types::OrganizationId::new("org"),
                    month
                )
                .limit(1)
        )
        .await
            > 0
    );
    assert!(same(client.get_reports_snapshot(AccountId::new(ACCOUNT), month)).await > 0);
}

/// Lists of many pages.
#[tokio::test]
async fn raw_pages_of_a_long_list_are_the_decoded_ones() {
    let sandbox = Sandbox::builder().estate(Estate::new()).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let org = ledger.atlas_organizations().next().unwrap();
    let client = atlas(&sandbox);
    for enveloped in [false, true] {
        assert!(
            same(
                client
                    .list_invoices(atlas_billing::types::OrganizationId::new(&org))
                    .envelope(enveloped)
                    .items_per_page(2)
            )
            .await
                > 2
        );
    }
    let month = ledger.months()[0].parse::<BillingMonth>().unwrap();
    assert!(
        same(ibm(&sandbox).get_resource_usage_account(AccountId::new(ledger.ibm_account()), month).limit(20)).await > 2
    );
}

#[derive(Deserialize)]
struct Lean<'a> {
    #[serde(borrow)]
    resources: Vec<Instance<'a>>,
}

#[derive(Deserialize)]
struct Instance<'a> {
    resource_instance_id: &'a str,
}

/// Connections that break within pages are made good, as for all calls; and the ids are those of the decoded items.
#[tokio::test]
async fn raw_pages_survive_bodies_that_break_off() {
    let sandbox = Sandbox::builder().estate(Estate::new()).start().await.unwrap();
    let (ledger, client) = (sandbox.estate().unwrap(), ibm(&sandbox));
    let month = ledger.months()[0].parse::<BillingMonth>().unwrap();
    let call = client.get_resource_usage_account(AccountId::new(ledger.ibm_account()), month).limit(60);
    let typed = call.clone().items().collect_all(100_000).await.unwrap();
    sandbox.inject(Fault::reset(Cut::Body).on("get_resource_usage_account").first(2)).unwrap();
    let before = sandbox.requests().len();
    let (mut pages, mut ids, mut count) = (call.pages().raw(), Vec::new(), 0);
    while let Some(page) = pages.try_next().await.unwrap() {
        let page: Lean<'_> = page.view().unwrap();
        ids.extend(page.resources.iter().map(|instance| instance.resource_instance_id.to_owned()));
        count += 1;
    }
    let expected: Vec<String> =
        typed.into_iter().map(|instance| instance.resource_instance_id.unwrap().to_string()).collect();
    assert_eq!(ids, expected);
    assert_eq!(sandbox.requests().len() - before, count + 2, "two pages were asked for twice");
}
