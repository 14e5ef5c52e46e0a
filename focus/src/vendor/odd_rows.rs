//! Rows of vendors, usual and odd ones: each is completed so that it keeps the rules, nothing of it is lost, and the bill's rows add
//! up.

use std::collections::BTreeMap;

use cloud_billing_core::Decimal;

use crate::atlas::{self, Invoice};
use crate::check::Checker;
use crate::column::{Form, Level};
use crate::format::write_value;
use crate::reconcile::{Reconciliation, Status};
use crate::{Column, Row, Version, ibm};

/// Cells that a row of the report of Atlas always has.
const ATLAS: &[(&str, &str)] = &[
    ("BilledCost", "1.50"),
    ("BillingAccountId", "6aa7ac7ceee65f53e9421ce5"),
    ("BillingCurrency", "USD"),
    ("BillingPeriodEnd", "2026-11-01T00:00:00Z"),
    ("BillingPeriodStart", "2026-10-01T00:00:00Z"),
    ("ChargeCategory", "Usage"),
    ("ChargePeriodEnd", "2026-10-02T00:00:00Z"),
    ("ChargePeriodStart", "2026-10-01T00:00:00Z"),
    ("ConsumedQuantity", "3"),
    ("ConsumedUnit", "GB hours"),
    ("ContractedCost", "1.50"),
    ("ContractedUnitPrice", "0.5"),
    ("EffectiveCost", "1.50"),
    ("InvoiceIssuerName", "MongoDB"),
    ("ListCost", "1.50"),
    ("ListUnitPrice", "0.5"),
    ("PricingCurrency", "Atlas Credits"),
    ("PricingCurrencyEffectiveCost", "1.50"),
    ("PricingQuantity", "3"),
    ("PricingUnit", "GB hours"),
    ("RegionId", "US_EAST_1"),
    ("ResourceName", "Cluster0"),
    ("ServiceCategory", "Databases"),
    ("ServiceName", "MongoDB Atlas"),
    ("ServiceProviderName", "MongoDB"),
    ("SkuId", "ATLAS_AWS_INSTANCE_M10"),
    ("SkuPriceId", "p"),
    ("SubAccountId", "group"),
    ("SubAccountName", "Project"),
];

/// The header of an invoice over 10 dollars, with tax and credits.
const INVOICE: &str = r#"{
    "id": "i", "orgId": "6aa7ac7ceee65f53e9421ce5", "startDate": "2026-10-01T00:00:00Z", "endDate": "2026-11-01T00:00:00Z",
    "subtotalCents": 1000, "creditsCents": 200, "salesTaxCents": 80, "amountBilledCents": 880, "lineItems": []}"#;

fn row(cells: &[(&str, &str)]) -> Row<'static> {
    let mut row = Row::default();
    for (name, text) in cells {
        let column = Column::ALL.iter().find(|column| column.definition().name == *name).unwrap();
        row.set(*column, text).unwrap();
    }
    row
}

fn text(row: &Row<'_>, column: Column) -> String {
    let mut text = String::new();
    write_value(&mut text, row.value(column));
    text
}

fn line(row: &Row<'_>) -> String {
    let set = Column::ALL.iter().filter(|column| !row.value(**column).is_null());
    set.map(|column| format!("{}={} ", column.definition().name, text(row, *column))).collect()
}

/// Checks a completed row against all versions.
fn assert_keeps_rules(row: &Row<'_>, of: &Row<'_>) {
    for version in Version::ALL {
        let found = Checker::new(*version).check(row);
        assert!(found.is_empty(), "{version:?}: {found:?}\n{}\n{}", line(row), line(of));
    }
}

/// Checks that each value of a row is in the completed one, under its column or another.
fn assert_keeps_values(row: &Row<'_>, of: &Row<'_>) {
    let aside: BTreeMap<String, String> =
        row.x_unknown_fields.as_ref().map(|json| serde_json::from_str(&json.0).unwrap()).unwrap_or_default();
    let ours = Column::ALL.iter().filter(|column| column.definition().level == Level::Own);
    let ours: Vec<String> = ours.map(|column| text(row, *column)).collect();
    for column in Column::ALL.iter().filter(|column| !of.value(**column).is_null()) {
        let (name, before) = (column.definition().name, text(of, *column));
        let kept = text(row, *column) == before || aside.get(name) == Some(&before) || ours.contains(&before);
        assert!(kept, "{name} `{before}` is lost\n{}", line(row));
    }
}

fn bill(rows: &[Row<'static>]) -> (Vec<Row<'static>>, Reconciliation) {
    let invoice = Invoice::read(INVOICE).unwrap();
    let options = atlas::Options::new().organization_name("Example").issuer("Marketplace");
    let mut mapper = atlas::Mapper::new(&invoice, &options).unwrap();
    let mut all: Vec<Row<'static>> = rows.iter().map(|row| mapper.complete(row.clone()).into_owned()).collect();
    let end = mapper.finish();
    all.extend(end.rows);
    (all, end.reconciliation)
}

fn account(rows: &[Row<'static>]) -> (Vec<Row<'static>>, Reconciliation) {
    let report = ibm::Report::read(
        r#"{"account_id": "6aa7ac7ceee65f53e9421ce5", "month": "2026-10", "currency_code": "USD",
            "resources": [{"resource_id": "kms", "billable_cost": 2.5}, {"resource_id": "cos", "billable_cost": 4}]}"#,
    );
    let summary = ibm::Summary::read(
        r#"{"resources": {"billable_cost": 6.5}, "support": [{"cost": 200, "type": "PREMIUM"}],
            "offers": [{"offer_id": "o", "credits": {"used": 1.25}}]}"#,
    );
    let options = ibm::Options::new().account_name("Example");
    let mut mapper = ibm::Mapper::of_export(&report.unwrap(), &summary.unwrap(), &options).unwrap();
    let mut all: Vec<Row<'static>> = rows.iter().map(|row| mapper.complete(row.clone()).into_owned()).collect();
    let end = mapper.finish();
    all.extend(end.rows);
    (all, end.reconciliation)
}

fn sum(rows: &[Row<'_>]) -> Decimal {
    rows.iter().filter_map(|row| row.billed_cost.as_ref()).sum()
}

#[test]
fn a_row_of_the_report_of_atlas_is_completed() {
    let of = row(ATLAS);
    let (rows, result) = bill(std::slice::from_ref(&of));
    let row = &rows[0];
    assert_keeps_rules(row, &of);
    assert_keeps_values(row, &of);
    for (column, expected) in [
        (Column::BillingAccountName, "Example"),
        (Column::BillingAccountType, "Organization"),
        (Column::ChargeFrequency, "Usage-Based"),
        (Column::ConsumedUnit, "GB-Hours"),
        (Column::HostProviderName, "AWS"),
        (Column::InvoiceId, "i"),
        (Column::InvoiceIssuerName, "MongoDB"),
        (Column::PricingCurrency, "USD"),
        (Column::PricingQuantity, "3.0"),
        (Column::RegionName, "US_EAST_1"),
        (Column::ResourceId, "group/Cluster0"),
        (Column::ResourceType, "Cluster"),
        (Column::ServiceSubcategory, "NoSQL Databases"),
        (Column::SkuMeter, "Instance"),
        (Column::SubAccountType, "Project"),
        (Column::XHostProviderDerived, "true"),
        (Column::XPricingCurrency, "Atlas Credits"),
        (Column::XResourceIdDerived, "true"),
        (Column::XRowKind, "line"),
        (Column::XService, "atlas"),
        (Column::XUnit, "GB hours"),
    ] {
        assert_eq!(text(row, column), expected, "{column:?}");
    }
    // The rows of the header are of the same issuer and come to the rest.
    let kinds: Vec<_> =
        rows.iter().map(|row| (row.x_row_kind.as_deref().unwrap(), text(row, Column::BilledCost))).collect();
    let expected = [("line", "1.50"), ("tax", "0.80"), ("credit", "-2.00"), ("residue", "8.50")];
    assert_eq!(kinds, expected.map(|(kind, cost)| (kind, cost.to_owned())));
    assert!(rows.iter().all(|row| row.invoice_issuer_name.as_deref() == Some("MongoDB")));
    assert_eq!((result.status, sum(&rows).to_string().as_str()), (Status::Residue, "8.80"));
    assert_eq!((result.rows, &result.rows_total), (4, &sum(&rows)));
}

#[test]
fn a_row_of_the_export_of_ibm_is_completed() {
    let of = row(&[
        ("BilledCost", "2"),
        ("BillingCurrency", "USD"),
        ("ChargeCategory", "Usage"),
        ("ConsumedQuantity", "3"),
        ("ConsumedUnit", "GIGABYTE"),
        ("ListUnitPrice", "1"),
        ("PricingQuantity", "2"),
        ("PricingUnit", "GIGABYTE"),
        ("PricingCategory", "Standard"),
        ("ProviderName", "IBM"),
        ("PublisherName", "Example"),
        ("RegionId", "eu-de"),
        ("ResourceId", "crn"),
        ("ServiceCategory", "Storage"),
        ("ServiceName", "Cloud Object Storage"),
        ("SkuId", "plan"),
    ]);
    let (rows, result) = account(std::slice::from_ref(&of));
    let row = &rows[0];
    assert_keeps_rules(row, &of);
    assert_keeps_values(row, &of);
    for (column, expected) in [
        (Column::BillingAccountId, "6aa7ac7ceee65f53e9421ce5"),
        (Column::BillingAccountName, "Example"),
        (Column::ChargePeriodStart, "2026-10-01T00:00:00Z"),
        (Column::PublisherName, "Example"),
        (Column::RegionName, "Frankfurt"),
        (Column::ServiceProviderName, "IBM"),
        (Column::ServiceSubcategory, "Other (Storage)"),
        (Column::XQuantity, "3.0"),
        (Column::XRateableQuantity, "2.0"),
        (Column::XRowKind, "line"),
        (Column::XUnknownFields, r#"{"ListUnitPrice":"1.0","PricingCategory":"Standard"}"#),
    ] {
        assert_eq!(text(row, column), expected, "{column:?}");
    }
    let kinds: Vec<_> =
        rows.iter().map(|row| (row.x_row_kind.as_deref().unwrap(), text(row, Column::BilledCost))).collect();
    let expected = [("line", "2.0"), ("support", "200.0"), ("offer", "-1.25"), ("residue", "4.5")];
    assert_eq!(kinds, expected.map(|(kind, cost)| (kind, cost.to_owned())));
    assert_eq!(rows[3].service_name.as_deref(), Some("IBM Cloud"));
    assert_eq!((result.status, result.expected), (Status::Residue, Some(sum(&rows))));
    assert_eq!(result.rows, 4);
}

/// The rest adds up, so that a verdict which overlooked the row would be that all is right.
#[test]
fn a_row_that_is_not_the_bills_is_not_added_and_the_bill_is_not_known_to_be_right() {
    let ibm = [("BilledCost", "6.5"), ("BillingCurrency", "USD"), ("ServiceName", "kms")];
    assert_eq!(account(&[row(&ibm)]).1.status, Status::Exact);
    for change in [
        &[("BillingCurrency", "EUR")][..],
        &[("BillingAccountId", "b")],
        &[("BillingPeriodStart", "2026-09-01T00:00:00Z"), ("BillingPeriodEnd", "2026-10-01T00:00:00Z")],
        &[("BilledCost", "")],
    ] {
        let other = row(&[&ibm[..], change].concat());
        let (rows, result) = account(&[row(&ibm), other]);
        assert_eq!(result.status, Status::Unknown, "{change:?}");
        assert_eq!((result.rows_total.to_string(), rows.len()), ("205.25".to_owned(), 4), "{change:?}");
    }
    let whole = [ATLAS, &[("BilledCost", "10.00")]].concat();
    assert_eq!(bill(&[row(&whole)]).1.status, Status::Exact);
    for change in [("BillingCurrency", "EUR"), ("BillingAccountId", "b"), ("InvoiceId", "j"), ("BilledCost", "")] {
        let other = row(&[&whole[..], &[change]].concat());
        assert_eq!(bill(&[row(&whole), other]).1.status, Status::Unknown, "{change:?}");
    }
}

#[test]
fn what_a_column_may_not_have_is_put_aside() {
    for (changes, column, expected) in [
        (&[("ListCost", "1.51")][..], Column::PricingQuantity, ""),
        (&[("ListCost", "1.51")], Column::XQuantity, "3.0"),
        (&[("SkuPriceId", "")], Column::ListUnitPrice, ""),
        (&[("SkuPriceId", "")], Column::XQuantity, "3.0"),
        (&[("SkuId", "")], Column::SkuPriceId, ""),
        (&[("ContractedUnitPrice", "-0.5")], Column::SkuPriceId, ""),
        (&[("ConsumedUnit", "")], Column::ConsumedQuantity, ""),
        (&[("SubAccountId", "")], Column::SubAccountName, ""),
        (&[("SubAccountId", "")], Column::ResourceId, "Cluster0"),
        (&[("RegionId", ""), ("RegionName", "x")], Column::RegionName, ""),
        (&[("ChargePeriodEnd", "")], Column::ChargePeriodEnd, "2026-11-01T00:00:00Z"),
        (&[("ChargePeriodEnd", "")], Column::XLineStart, "2026-10-01T00:00:00Z"),
        (&[("BillingPeriodStart", "2026-12-01T00:00:00Z")], Column::BillingPeriodStart, "2026-10-01T00:00:00Z"),
        (&[("BillingCurrency", "dollars")], Column::BillingCurrency, "USD"),
        (&[("x_PricingCurrencyRate", "0.9")], Column::PricingCurrencyEffectiveCost, "1.50"),
        (&[("x_PricingCurrencyRate", "0.9")], Column::PricingCurrencyListUnitPrice, ""),
        (&[("PricingCurrencyEffectiveCost", "2")], Column::PricingCurrencyEffectiveCost, "1.50"),
        (
            &[("PricingCurrency", "EUR"), ("PricingCurrencyEffectiveCost", "2")],
            Column::PricingCurrencyEffectiveCost,
            "2.0",
        ),
        (&[("ServiceCategory", "Storage")], Column::ServiceCategory, "Databases"),
        (&[("ServiceCategory", "Storage"), ("ServiceName", "Other")], Column::ServiceSubcategory, "Other (Storage)"),
        (&[("ServiceSubcategory", "Object Storage")], Column::ServiceSubcategory, "NoSQL Databases"),
        (&[("ChargeCategory", "Gift")], Column::ChargeCategory, "Usage"),
        (&[("ChargeCategory", "Gift"), ("SkuId", "ATLAS_SUPPORT")], Column::ChargeCategory, "Purchase"),
        (&[("ChargeCategory", "Tax")], Column::SkuId, ""),
        (&[("ChargeCategory", "Tax"), ("EffectiveCost", "0")], Column::EffectiveCost, "1.50"),
        (&[("ChargeCategory", "Credit"), ("ListCost", "0")], Column::ListCost, "1.50"),
        (&[("ChargeCategory", "Purchase"), ("ChargeFrequency", "Usage-Based")], Column::ChargeFrequency, "Recurring"),
        (&[("ChargeCategory", "Adjustment")], Column::ConsumedQuantity, ""),
        (&[("CommitmentDiscountId", "c")], Column::CommitmentDiscountId, ""),
        (&[("Tags", r#"{"a":["b","c"],"d":"e"}"#)], Column::Tags, r#"{"a":"[\"b\",\"c\"]","d":"e"}"#),
        (&[("Tags", r#"{"a":["b"]}"#)], Column::XTagsRaw, r#"{"a":["b"]}"#),
        (&[("SkuPriceDetails", r#"{"a":["b"]}"#)], Column::SkuPriceDetails, ""),
    ] {
        let of = row(&[ATLAS, changes].concat());
        let (rows, _) = bill(std::slice::from_ref(&of));
        assert_keeps_rules(&rows[0], &of);
        assert_keeps_values(&rows[0], &of);
        assert_eq!(text(&rows[0], column), expected, "{changes:?} {column:?}");
    }
}

#[test]
fn another_currency_is_not_added() {
    let euros = row(&[ATLAS, &[("BillingCurrency", "EUR")]].concat());
    assert_eq!(bill(std::slice::from_ref(&euros)).1.status, Status::Unknown);
    let (_, result) = account(&[euros]);
    assert_eq!(result.checks.iter().filter(|check| check.name == "rows without a cost").count(), 1);
}

fn values(column: Column) -> &'static [&'static str] {
    match column {
        Column::ChargeCategory => &["Usage", "Usage", "Purchase", "Tax", "Credit", "Adjustment"],
        Column::ChargeClass => &["Correction"],
        Column::ChargeFrequency => &["One-Time", "Recurring", "Usage-Based"],
        Column::PricingCategory => &["Standard", "Dynamic", "Committed", "Other"],
        Column::CommitmentDiscountCategory => &["Spend", "Usage"],
        Column::ServiceCategory => &["Databases", "Storage", "Other"],
        Column::ServiceSubcategory => &["NoSQL Databases", "Object Storage", "Other (Other)"],
        _ => &["Used", "Unused"],
    }
}

/// A cell of a column, most often a good one.
fn cell(rng: &mut fastrand::Rng, column: Column) -> String {
    let definition = column.definition();
    let of = |texts: &[&str], rng: &mut fastrand::Rng| rng.choice(texts.iter()).unwrap().to_string();
    match definition.form {
        Form::Decimal => of(&["0", "1.50", "1.50", "-2", "3"], rng),
        Form::Price => of(&["0.5", "0.5", "1", "-1"], rng),
        Form::Text => of(&["MongoDB Atlas", "IBM Cloud", "ATLAS_SUPPORT", "CREDIT", "x"], rng),
        Form::Currency => of(&["USD", "USD", "EUR", "Atlas Credits"], rng),
        Form::Unit => of(&["Hours", "GB hours", "gb", "\u{b5}s"], rng),
        Form::Time => format!("2026-10-{:02}T00:00:00Z", rng.u32(1..=31)),
        Form::Bool => of(&["true", "false"], rng),
        Form::Json | Form::Flat => of(&["{}", r#"{"a":"b"}"#, r#"{"a":["b"]}"#], rng),
        Form::Enum => {
            if rng.u8(..10) == 0 {
                "Odd".to_owned()
            } else {
                of(values(column), rng)
            }
        }
    }
}

/// A row of the report with random changes.
fn odd(rng: &mut fastrand::Rng) -> Row<'static> {
    let mut row = row(ATLAS);
    let changes = rng.usize(..40);
    for _ in 0..changes {
        let column = *rng.choice(Column::ALL).unwrap();
        let text = if rng.bool() { cell(rng, column) } else { String::new() };
        if column.definition().level != Level::Own && column != Column::BilledCost {
            row.set(column, &text).unwrap();
        }
    }
    row
}

#[test]
fn odd_rows_keep_the_rules_and_add_up() {
    let mut rng = fastrand::Rng::with_seed(7);
    for _ in 0..2_000 {
        let of: Vec<Row<'static>> = (0..rng.usize(..6)).map(|_| odd(&mut rng)).collect();
        for (rows, result) in [bill(&of), account(&of)] {
            for (row, of) in rows.iter().zip(&of) {
                assert_keeps_rules(row, of);
                assert_keeps_values(row, of);
            }
            let counts = of.iter().all(|row| {
                row.billing_currency.as_deref() != Some("EUR")
                    && row.billing_account_id.as_deref().is_none_or(|id| id == ATLAS[1].1)
                    && row.invoice_id.is_none()
            });
            assert!(!counts || result.expected == Some(sum(&rows)), "{result:#?}");
            assert_eq!(result.rows, rows.len() as u64);
        }
    }
}
