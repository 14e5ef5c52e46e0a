//! Every payload that a vendor documents decodes into its type, and is written back as the same JSON value. So does every
//! example of the specs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use atlas_billing::types as atlas;
use cloud_billing_core::Decimal;
use cloud_billing_core::json::{self, Decode};
use cloud_billing_sandbox::{Sandbox, Service};
use ibm_enterprise::types as enterprise;
use ibm_usage_reports::types as ibm;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use workspace_tests::{read, root};

/// A payload's name and what reads it.
type Case = (&'static str, ReadBack);

/// Decodes, encodes and compares. The error is the first difference.
type ReadBack = fn(&str) -> Result<(), String>;

/// A response. The client's decoder and serde make the same value of it.
fn response<T: Decode + DeserializeOwned + Serialize + PartialEq>(text: &str) -> Result<(), String> {
    let decoded: T = json::from_str(text).map_err(|error| error.to_string())?;
    let derived: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if decoded != derived {
        return Err("the decoder and serde differ".to_owned());
    }
    let written = serde_json::to_string(&decoded).map_err(|error| error.to_string())?;
    difference("", text, &written).map_or(Ok(()), Err)
}

/// A request, which has no decoder.
fn request<T: DeserializeOwned + Serialize>(text: &str) -> Result<(), String> {
    let value: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let written = serde_json::to_string(&value).map_err(|error| error.to_string())?;
    difference("", text, &written).map_or(Ok(()), Err)
}

/// The first place where two JSON texts differ, or nothing. Numbers are compared exactly and not by what is left of
/// them in a float; the order of keys, white space, exponents and the escapes of strings are free.
fn difference(at: &str, before: &str, after: &str) -> Option<String> {
    type Object<'a> = BTreeMap<String, &'a RawValue>;
    type Array<'a> = Vec<&'a RawValue>;
    fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
        serde_json::from_str(text).ok()
    }

    if let (Some(a), Some(b)) = (read::<Object<'_>>(before), read::<Object<'_>>(after)) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        return keys.into_iter().find_map(|key| match (a.get(key), b.get(key)) {
            (Some(a), Some(b)) => difference(&format!("{at}.{key}"), a.get(), b.get()),
            (Some(_), None) => Some(format!("{at}.{key} was lost")),
            _ => Some(format!("{at}.{key} was made up")),
        });
    }
    if let (Some(a), Some(b)) = (read::<Array<'_>>(before), read::<Array<'_>>(after))
        && a.len() == b.len()
    {
        let mut pairs = a.iter().zip(b).enumerate();
        return pairs.find_map(|(i, (a, b))| difference(&format!("{at}[{i}]"), a.get(), b.get()));
    }
    let same = if let (Some(a), Some(b)) = (read::<String>(before), read::<String>(after)) {
        a == b
    } else if let (Ok(a), Ok(b)) = (before.parse::<Decimal>(), after.parse::<Decimal>()) {
        a == b
    } else {
        before == after
    };
    (!same).then(|| format!("{at}: {before} became {after}"))
}

#[test]
fn a_changed_digit_is_a_difference() {
    // As floats the two are one and the same.
    let (before, after) = (r#"{"a":[1, 0.10000000000000000001]}"#, r#"{"a":[1,0.1]}"#);
    assert_eq!(difference("", before, after).as_deref(), Some(".a[1]: 0.10000000000000000001 became 0.1"));
    assert_eq!(difference("", r#"{"a": "\u0041", "b": null}"#, r#"{"b":null,"a":"A"}"#), None);
    assert_eq!(difference("", "[1]", "[1,2]").as_deref(), Some(": [1] became [1,2]"));
    assert_eq!(difference("", r#"{"a":1}"#, "{}").as_deref(), Some(".a was lost"));
}

const ATLAS: &[Case] = &[
    ("getCostExplorerUsage.json", response::<atlas::CostExplorerQueryResult>),
    ("getCostExplorerUsage.400.json", response::<atlas::ApiError>),
    ("getCostExplorerUsage.401.json", response::<atlas::ApiError>),
    ("getCostExplorerUsage.403.json", response::<atlas::ApiError>),
    ("getCostExplorerUsage.404.json", response::<atlas::ApiError>),
    ("getCostExplorerUsage.500.json", response::<atlas::ApiError>),
    ("getInvoiceCsv.401.json", response::<atlas::ApiError>),
    ("getInvoiceCsv.403.json", response::<atlas::ApiError>),
    ("getInvoiceCsv.404.json", response::<atlas::ApiError>),
    ("getInvoiceCsv.500.json", response::<atlas::ApiError>),
    ("listInvoicePending.json", response::<atlas::PaginatedApiInvoiceView>),
    ("listInvoicePending.401.json", response::<atlas::ApiError>),
    ("listInvoicePending.403.json", response::<atlas::ApiError>),
    ("listInvoicePending.404.json", response::<atlas::ApiError>),
    ("listInvoicePending.500.json", response::<atlas::ApiError>),
];

const IBM: &[Case] = &[
    ("get_account_summary.json", response::<ibm::AccountSummary>),
    ("get_account_usage.json", response::<ibm::AccountUsage>),
    ("get_resource_group_usage.json", response::<ibm::ResourceGroupUsage>),
    ("get_resource_usage_account.json", response::<ibm::InstancesUsage>),
    ("get_resource_usage_resource_group.json", response::<ibm::InstancesUsage>),
    ("get_resource_usage_org.json", response::<ibm::InstancesUsage>),
    ("get_org_usage.json", response::<ibm::OrgUsage>),
    ("create_reports_snapshot_config.json", response::<ibm::SnapshotConfig>),
    ("create_reports_snapshot_config.request.json", request::<ibm::CreateReportsSnapshotConfigRequest>),
    ("get_reports_snapshot_config.json", response::<ibm::SnapshotConfig>),
    ("update_reports_snapshot_config.json", response::<ibm::SnapshotConfig>),
    ("update_reports_snapshot_config.request.json", request::<ibm::UpdateReportsSnapshotConfigRequest>),
    ("validate_reports_snapshot_config.json", response::<ibm::SnapshotConfigValidateResponse>),
    ("validate_reports_snapshot_config.request.json", request::<ibm::ValidateReportsSnapshotConfigRequest>),
    ("get_reports_snapshot.json", response::<ibm::SnapshotList>),
];

/// Fields that a payload has and its type does not, with the reason: (payload, place, reason). None so far.
const UNKNOWN_FIELDS: [(&str, &str, &str); 0] = [];

fn check(folder: &str, cases: &[Case]) {
    let mut failures = Vec::new();
    for (name, read_back) in cases {
        let accepted = |problem: &str| {
            UNKNOWN_FIELDS.iter().any(|(payload, place, _)| payload == name && problem.starts_with(place))
        };
        let result = read_back(&read(&format!("tests/payloads/{folder}/{name}")));
        failures.extend(result.err().filter(|problem| !accepted(problem)).map(|problem| format!("{name}: {problem}")));
    }
    assert!(failures.is_empty(), "{failures:#?}");
    let mut listed: BTreeSet<String> = cases.iter().map(|(name, _)| (*name).to_owned()).collect();
    let files = fs::read_dir(root().join("tests/payloads").join(folder)).unwrap();
    for file in files.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()) {
        assert!(file.ends_with(".csv") || listed.remove(&file), "{folder}/{file} is not in the list of cases");
    }
    assert!(listed.is_empty(), "there is no {listed:?}");
}

#[test]
fn documented_payloads_of_atlas() {
    check("atlas-billing", ATLAS);
}

#[test]
fn documented_payloads_of_ibm() {
    check("ibm-usage-reports", IBM);
}

/// Examples of the specs by operation.
const EXAMPLES: &[(Service, &str, ReadBack)] = &[
    (Service::Atlas, "listOrgs", response::<atlas::PaginatedOrganizationView>),
    (Service::Atlas, "getOrg", response::<atlas::AtlasOrganization>),
    (Service::Atlas, "createCostExplorerProcess", response::<atlas::CostExplorerFilterResponseView>),
    (Service::Atlas, "getCostExplorerUsage", response::<atlas::CostExplorerQueryResult>),
    (Service::Atlas, "listInvoices", response::<atlas::PaginatedApiInvoiceMetadataView>),
    (Service::Atlas, "getInvoice", response::<atlas::BillingInvoice>),
    (Service::Atlas, "listInvoicePending", response::<atlas::PaginatedApiInvoiceView>),
    (Service::Atlas, "searchInvoiceLineItems", response::<atlas::PaginatedPublicApiUsageDetailsLineItemView>),
    (Service::Atlas, "getOrgAssociatedInvoices", response::<atlas::OrgAssociatedInvoiceResponse>),
    (Service::Atlas, "listOrgInvoiceReports", response::<atlas::PaginatedInvoiceReportView>),
    (Service::Atlas, "createOrgInvoiceReport", response::<atlas::InvoiceReportResponse>),
    (Service::Atlas, "getOrgInvoiceReport", response::<atlas::InvoiceReportResponse>),
    (Service::Atlas, "listSkus", response::<atlas::PaginatedApiSkuView>),
    (Service::Atlas, "getSku", response::<atlas::SkuResponse>),
    (Service::Ibm, "get_account_summary", response::<ibm::AccountSummary>),
    (Service::Ibm, "get_account_usage", response::<ibm::AccountUsage>),
    (Service::Ibm, "get_resource_group_usage", response::<ibm::ResourceGroupUsage>),
    (Service::Ibm, "get_resource_usage_account", response::<ibm::InstancesUsage>),
    (Service::Ibm, "get_resource_usage_resource_group", response::<ibm::InstancesUsage>),
    (Service::Ibm, "get_resource_usage_org", response::<ibm::InstancesUsage>),
    (Service::Ibm, "get_org_usage", response::<ibm::OrgUsage>),
    (Service::Ibm, "create_reports_snapshot_config", response::<ibm::SnapshotConfig>),
    (Service::Ibm, "get_reports_snapshot_config", response::<ibm::SnapshotConfig>),
    (Service::Ibm, "update_reports_snapshot_config", response::<ibm::SnapshotConfig>),
    (Service::Ibm, "get_reports_snapshot", response::<ibm::SnapshotList>),
    (Service::Ibm, "get_resource_usage_account_focus", response::<ibm::FocusReport>),
    (Service::IbmEnterprise, "get_resource_usage_report", response::<enterprise::Reports>),
    (Service::IbmEnterprise, "list_accounts", response::<enterprise::AccountList>),
    (Service::IbmEnterprise, "list_account_groups", response::<enterprise::AccountGroupList>),
    (Service::IbmEnterprise, "list_enterprises", response::<enterprise::EnterpriseList>),
];

/// Operations whose answer is not JSON, or three fields of text.
const WITHOUT: [&str; 4] =
    ["getInvoiceCsv", "generateInvoiceReport", "delete_reports_snapshot_config", "validate_reports_snapshot_config"];

#[test]
fn examples_of_the_specs() {
    for (service, operation, read_back) in EXAMPLES.iter().copied() {
        let example = Sandbox::example(service, operation).unwrap_or_else(|| panic!("{operation} has no example"));
        let result = read_back(&example.to_string());
        assert!(result.is_ok(), "{operation}: {result:?}");
    }
    let all = Service::ALL.into_iter().flat_map(Sandbox::operations);
    let missing: Vec<&str> = all.filter(|id| !EXAMPLES.iter().any(|(_, known, _)| known == id)).collect();
    assert_eq!(
        BTreeSet::from_iter(missing),
        BTreeSet::from(WITHOUT),
        "add an operation to `EXAMPLES` in tests/tests/payloads.rs, or, if its answer is not JSON, to `WITHOUT`"
    );
}

/// The rows of FOCUS have the columns that they have, and amounts in whatever form: no vendor's payload has been seen.
#[test]
fn what_is_new_of_a_focus_report_is_kept() {
    let text = r#"{"rows":[{"BilledCost":1}],"resources":[{"BilledCost":{"amount":1.7},"ListCost":2.10,"SkuPriceId":"p",
        "Tags":"a=b","ChargePeriodStart":"","x_New":{"a":1},"ServiceName":7}]}"#;
    response::<ibm::FocusReport>(text).unwrap();
    let report: ibm::FocusReport = json::from_str(text).unwrap();
    assert_eq!(report.extra["rows"][0]["BilledCost"], 1);
    let row = &report.resources[0];
    assert_eq!(row.list_cost.known().unwrap().to_string(), "2.10");
    assert_eq!(row.billed_cost.json_text(), Some(r#"{"amount":1.7}"#));
    assert_eq!((&row.extra["SkuPriceId"], &row.extra["x_New"]["a"]), (&"p".into(), &1.into()));
}

/// What no document of IBM has is kept: fields of entities, prices of any form. A page may end with a link of null.
#[test]
fn what_is_new_of_an_enterprise_is_kept() {
    let list =
        r#"{"rows_count":"2","next_url":null,"resources":[{"id":"a","state":"ACTIVE","traits":{"mfa":"NONE"}}]}"#;
    let accounts: enterprise::AccountList = json::from_str(list).unwrap();
    assert_eq!((accounts.next_url.as_deref(), accounts.rows_count.json_text()), (None, Some("\"2\"")));
    assert_eq!(accounts.resources[0].extra["traits"]["mfa"], "NONE");
    let report = r#"{"reports":[{"entity_type":"account_group","resources":[{"plans":[{"usage":[
        {"quantity":1.244433224201202e-7,"price":[{"tiers":[1]},7,"free"]}]}]}]}]}"#;
    let reports: enterprise::Reports = json::from_str(report).unwrap();
    assert_eq!(reports.reports[0].entity_type, Some("account_group".into()));
    let metric = &reports.reports[0].resources[0].plans[0].usage[0];
    assert_eq!(metric.price.len(), 3);
    assert_eq!(metric.quantity.as_ref().unwrap().to_string(), "1.244433224201202e-7");
}

/// Whoever has the address of a report has the report: it is written back, and shown by nothing.
#[test]
fn a_download_address_is_in_no_debug_output() {
    let text = r#"{"state":"SUCCEEDED","downloadUrl":"https://reports.example.com/r?signature=hush"}"#;
    response::<atlas::InvoiceReportResponse>(text).unwrap();
    let report: atlas::InvoiceReportResponse = serde_json::from_str(text).unwrap();
    assert!(!format!("{report:?}").contains("hush"));
    assert!(report.download_url.unwrap().expose().ends_with("hush"));
}
