//! Payloads that the vendors document, decoded and written back by a build without the clients. With them,
//! `tests/tests/payloads.rs` compares every payload.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;

use atlas_billing::Decimal;
use atlas_billing::json::{self, Decode};
use atlas_billing::types::PaginatedApiInvoiceView;
use ibm_enterprise::types::ResourceUsageReport;
use ibm_usage_reports::types::AccountUsage;

fn saved<T: Decode>(payload: &str) -> T {
    let path = format!("{}/../payloads/{payload}", env!("CARGO_MANIFEST_DIR"));
    json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn an_invoice() {
    let page: PaginatedApiInvoiceView = saved("atlas-billing/listInvoicePending.json");
    let [invoice] = &page.results[..] else { panic!("{page:?}") };
    assert_eq!((invoice.amount_billed_cents, invoice.billed_dollars()), (Some(42), Some(Decimal::from_cents(42))));
    assert_eq!(invoice.line_items_total().sum.to_string(), "0.42");
    assert_eq!(invoice.created.known().map(ToString::to_string).as_deref(), Some("2025-05-04T09:42:00Z"));
}

#[test]
fn the_usage_of_an_account() {
    let usage: AccountUsage = saved("ibm-usage-reports/get_account_usage.json");
    let text = serde_json::to_string(&usage).unwrap();
    assert_eq!(json::from_str::<AccountUsage>(&text).unwrap(), usage);
    assert!(text.contains("0.006890350634753705"), "{text}");
    assert_eq!(usage.billable_total().missing, 0);
}

#[test]
fn a_report_of_an_enterprise() {
    let text = r#"{"month": "soon", "resources": [{"billable_cost": 0.1}, {"billable_cost": 0.2}, {}]}"#;
    let report: ResourceUsageReport = json::from_str(text).unwrap();
    assert_eq!(report.billable_total().sum.to_string(), "0.3");
    assert_eq!(report.billable_total().missing, 1);
    assert_eq!(report.month.json_text(), Some("\"soon\""));
}

/// The error says what and where.
#[test]
fn what_does_not_fit() {
    let text = r#"{"results": [{"amountBilledCents": 42.5}]}"#;
    let error = json::from_str::<PaginatedApiInvoiceView>(text).unwrap_err();
    assert_eq!(error.path(text).as_deref(), Some("results[0].amountBilledCents"));
    assert_eq!(error.to_string(), "expected a 64-bit integer, found 42.5 at byte 35");
}
