//! Which number is the bill: the methods of both clients, on the vendors' documented payloads and on a synthetic estate.
#![allow(clippy::unwrap_used, missing_docs)]

use atlas_billing::money::{PriceCheck, dollars};
use atlas_billing::types::{BillingInvoiceMetadata, InvoiceId, InvoiceStatus, OrganizationId, PaginatedApiInvoiceView};
use cloud_billing_core::json::{self, Decode};
use cloud_billing_core::{Decimal, Total};
use cloud_billing_sandbox::{Estate, Sandbox};
use ibm_usage_reports::types::{
    AccountId, AccountSummary, AccountUsage, InstanceUsage, InstancesUsage, OrgUsage, Plan,
};
use workspace_tests::clients::{atlas, ibm, ibm_enterprise};
use workspace_tests::read;

fn payload<T: Decode>(path: &str) -> T {
    json::from_str(&read(&format!("tests/payloads/{path}"))).unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A sum without missing values.
fn complete(total: &Total) -> Decimal {
    total.complete().unwrap_or_else(|| panic!("{total:?}")).clone()
}

#[test]
fn documented_payloads_of_atlas() {
    let page: PaginatedApiInvoiceView = payload("atlas-billing/listInvoicePending.json");
    let invoice = &page.results[0];
    // The vendor prints 42 cents everywhere: 0.42 - 0.42 + 0.42.
    assert_eq!((invoice.billed_dollars(), invoice.payable_dollars()), (Some(dollars(42)), Some(dollars(42))));
    assert_eq!((invoice.is_final(), invoice.check_subtotal()), (Some(false), PriceCheck::Agrees));
    assert_eq!((complete(&invoice.charges_total()), complete(&invoice.refunds_total())), (dollars(42), dollars(42)));
    assert!(complete(&invoice.credits_total()).is_zero());
    // An invoice without a single field.
    let linked = &invoice.linked_invoices[0];
    assert_eq!(
        (linked.payable_dollars(), linked.is_final(), linked.check_subtotal()),
        (None, None, PriceCheck::Unknown)
    );
}

/// The plan's cost, which the service has computed in floating point, is that of its metrics.
fn agrees(plan: &Plan) {
    let (metrics, cost) = (complete(&plan.metrics_total()), plan.cost.clone().unwrap());
    assert!((metrics - &cost).abs() <= cost.abs() * number("1e-15"), "{plan:?}");
}

#[test]
fn documented_payloads_of_ibm() {
    let usage: AccountUsage = payload("ibm-usage-reports/get_account_usage.json");
    assert!(complete(&usage.billable_total()).is_zero() && complete(&usage.pending_total()).is_zero());
    let plans = usage.resources.iter().flat_map(|resource| &resource.plans);
    plans.for_each(agrees);
    let plan = &usage.resources[0].plans[0];
    assert_eq!(plan.billable_cost(), Some(Decimal::ZERO));
    // One metric only informs: with it the sum would be another.
    assert!(plan.usage.iter().any(|metric| metric.charge() != metric.cost));
    let usage: OrgUsage = payload("ibm-usage-reports/get_org_usage.json");
    usage.resources.iter().flat_map(|resource| &resource.plans).for_each(agrees);
    assert_eq!(complete(&usage.non_billable_total()).round(2), number("1365289.04"));

    let page: InstancesUsage = payload("ibm-usage-reports/get_resource_usage_account.json");
    let costs: Vec<Decimal> = page.resources.iter().map(|record| complete(&record.billable_cost())).collect();
    let expected = ["23.087486007675", "61.56664388400001", "92.3499508932", "30.7833096078", "123.13322496239998"];
    assert_eq!(costs, expected.map(number));
    assert!(page.resources.iter().all(|record| complete(&record.non_billable_cost()).is_zero()));

    let summary: AccountSummary = payload("ibm-usage-reports/get_account_summary.json");
    assert_eq!(complete(&summary.charges_total()), number("10052.829999980555556"));
    assert_eq!(complete(&summary.payable_total()), number("10000"));
    assert_eq!(complete(&summary.credits_used()), number("52.829999980555556"));
}

#[test]
fn what_is_missing_is_no_zero() {
    let mut record: InstanceUsage =
        json::from_str(r#"{"usage": [{"cost": 1.5}, {}, {"cost": 9, "non_chargeable": true}]}"#).unwrap();
    for total in [record.billable_cost(), record.non_billable_cost()] {
        assert_eq!((total.counted, total.missing), (0, 3));
    }
    record.billable = Some(true);
    let total = record.billable_cost();
    assert_eq!((total.sum, total.counted, total.missing), (number("1.5"), 2, 1));
    assert_eq!(record.non_billable_cost(), Total::default());
    let plan: Plan = json::from_str(r#"{"cost": 2}"#).unwrap();
    assert_eq!(plan.billable_cost(), None);
    assert_eq!(AccountSummary::default().charges_total().missing, 1);
    let summary = r#"{"resources": {"billable_cost": 5}, "support": [{"cost": 2, "overage": 1}, {}],
        "offers": [{"credits": {"used": 3}}, {}], "subscription": {"subscriptions": [{"terms": [{"credits": {"used": 1}}]}]}}"#;
    let total = json::from_str::<AccountSummary>(summary).unwrap().payable_total();
    assert_eq!((total.sum, total.missing), (number("5"), 2));
}

#[tokio::test]
async fn a_year_of_atlas() {
    let sandbox = Sandbox::builder().estate(Estate::new().seed(5).organizations(3)).start().await.unwrap();
    let client = atlas(&sandbox);
    let ledger = sandbox.estate().unwrap();
    let mut refunded = Decimal::ZERO;
    for organization in ledger.atlas_organizations() {
        let listed = client.list_invoices(OrganizationId::new(&organization)).items().collect_all(100).await.unwrap();
        for expected in ledger.atlas_invoices(&organization) {
            let invoice = client
                .get_invoice(OrganizationId::new(&organization), InvoiceId::new(&expected.id))
                .send()
                .await
                .unwrap()
                .into_inner();
            let metadata: &BillingInvoiceMetadata = listed.iter().find(|listed| listed.id == invoice.id).unwrap();
            let payable = dollars(expected.subtotal_cents - expected.credits_cents + expected.sales_tax_cents);
            assert_eq!(
                (metadata.payable_dollars(), invoice.payable_dollars()),
                (Some(payable.clone()), Some(payable.clone()))
            );
            assert_eq!(
                (metadata.is_final(), invoice.is_final()),
                (Some(expected.status != "PENDING"), metadata.is_final())
            );
            assert_eq!(complete(&invoice.charges_total()), dollars(expected.subtotal_cents));
            assert_eq!(complete(&invoice.credits_total()), dollars(-expected.credits_cents));
            assert_eq!(invoice.check_subtotal(), PriceCheck::Agrees);
            if invoice.status_name == Some(InvoiceStatus::Paid) {
                assert_eq!(invoice.amount_paid_cents.map(dollars), Some(payable));
            }
            refunded += complete(&invoice.refunds_total());
        }
    }
    assert!(refunded > Decimal::ZERO);
}

#[tokio::test]
async fn a_month_of_ibm() {
    let sandbox = Sandbox::builder().estate(Estate::new().seed(5).instances(250).months(2)).start().await.unwrap();
    let client = ibm(&sandbox);
    let ledger = sandbox.estate().unwrap();
    let (account, month) = (ledger.ibm_account(), &ledger.months()[0]);
    let expected = ledger.ibm_month(month).unwrap();
    let dollars = |micros: i64| Decimal::from(micros) * number("0.000001");
    let month = month.parse().unwrap();

    let records =
        client.get_resource_usage_account(AccountId::new(account), month).items().collect_all(1_000).await.unwrap();
    let sum = |cost: fn(&InstanceUsage) -> Total| records.iter().map(|record| complete(&cost(record))).sum::<Decimal>();
    assert_eq!(sum(InstanceUsage::billable_cost), dollars(expected.billable_micros));
    assert_eq!(sum(InstanceUsage::non_billable_cost), dollars(expected.non_billable_micros));

    let usage = client.get_account_usage(AccountId::new(account), month).send().await.unwrap();
    let plans = || usage.resources.iter().flat_map(|resource| &resource.plans);
    let billed = plans().map(|plan| plan.billable_cost().unwrap()).sum::<Decimal>();
    assert_eq!(
        (complete(&usage.billable_total()), billed),
        (dollars(expected.billable_micros), dollars(expected.billable_micros))
    );
    plans().for_each(agrees);
    let pending = complete(&usage.pending_total());
    assert!(pending > Decimal::ZERO && pending < complete(&usage.billable_total()), "{pending}");

    let summary = client.get_account_summary(AccountId::new(account), month).send().await.unwrap();
    let support = summary.support[0].cost.clone().unwrap();
    assert_eq!(complete(&summary.charges_total()), dollars(expected.billable_micros) + support);
    // With 200 dollars of support, less 120 of credits.
    assert_eq!(complete(&summary.payable_total()), dollars(expected.billable_micros) + Decimal::from(80));
    let overage = summary.subscription.as_ref().unwrap().overage.clone().unwrap();
    assert_eq!(complete(&summary.credits_used()) + overage, dollars(expected.billable_micros));
}

#[tokio::test]
async fn a_month_of_an_enterprise() {
    let sandbox = Sandbox::builder().estate(Estate::new().ibm_accounts(4).instances(60)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let month = ledger.months()[0].parse().unwrap();
    let call = ibm_enterprise(&sandbox)
        .get_resource_usage_report()
        .enterprise_id(ibm_enterprise::types::EnterpriseId::new(ledger.ibm_enterprise()))
        .month(month);
    let reports = call.items().collect_all(100).await.unwrap();
    assert!(!reports.is_empty());
    for report in &reports {
        let plans = report.resources.iter().flat_map(|resource| &resource.plans);
        let billed = plans.map(|plan| plan.billable_cost().unwrap()).sum::<Decimal>();
        assert_eq!(
            (Some(&billed), complete(&report.billable_total())),
            (report.billable_cost.as_ref(), billed.clone())
        );
    }
}
