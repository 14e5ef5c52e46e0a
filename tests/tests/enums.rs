//! Every enum of every service is open: a value that is not in the spec decodes, prints, and is written back unchanged.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

use serde::Serialize;
use serde::de::DeserializeOwned;
use workspace_tests::catalogue::enums;

const NEWER: &str = "Something newer/than this: ünïcode \"quoted\"";

fn open<E>(known: &[&str], as_str: fn(&E) -> &str, is_known: fn(&E) -> bool, from: fn(&str) -> E)
where
    E: DeserializeOwned + Serialize + Display + Debug + PartialEq,
{
    for (text, in_spec) in known.iter().map(|text| (*text, true)).chain([(NEWER, false)]) {
        let json = serde_json::to_string(text).unwrap();
        let value: E = serde_json::from_str(&json).unwrap();
        assert_eq!(as_str(&value), text);
        assert_eq!(value.to_string(), text);
        assert_eq!(serde_json::to_string(&value).unwrap(), json);
        assert_eq!(is_known(&value), in_spec, "{text}");
        assert_eq!(value, from(text));
    }
}

macro_rules! check {
    ($service:literal, $module:path, $($name:ident),* $(,)?) => {{
        use $module as types;
        let declared = enums(cloud_billing_catalogue::service($service).unwrap());
        $({
            let values = *declared.get(stringify!($name)).expect(stringify!($name));
            open::<types::$name>(values, types::$name::as_str, types::$name::is_known, |text| types::$name::from(text));
            let known: Vec<&str> = types::$name::KNOWN.iter().map(types::$name::as_str).collect();
            assert_eq!(known, values);
        })*
        let checked = BTreeSet::from([$(stringify!($name)),*]);
        let declared: BTreeSet<&str> = declared.into_keys().collect();
        assert_eq!(checked, declared, "list in tests/tests/enums.rs each enum that the spec of {} has", $service);
    }};
}

#[test]
fn enums_of_atlas_are_open() {
    check!(
        "atlas-billing",
        atlas_billing::types,
        BillingService,
        CloudProvider,
        CostExplorerGrouping,
        ErrorCode,
        InvoiceReportFormat,
        InvoiceReportState,
        InvoiceReportType,
        InvoiceSortField,
        InvoiceStatus,
        LineItemSortField,
        LineItemSortOrder,
        PaymentStatus,
        SortDirection,
    );
}

#[test]
fn enums_of_ibm_are_open() {
    check!(
        "ibm-usage-reports",
        ibm_usage_reports::types,
        AccountType,
        ReportFormat,
        ReportType,
        SnapshotConfigState,
        SnapshotInterval,
        SnapshotState,
        SnapshotVersioning,
    );
}

#[test]
fn enums_of_ibm_enterprises_are_open() {
    check!("ibm-enterprise", ibm_enterprise::types, EntityType);
}
