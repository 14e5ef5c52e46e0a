//! Each rule of the mapping, a row at a time.

use cloud_billing_core::json;

use super::*;
use crate::reconcile::{Check, Reconciliation, Status};
use crate::value::Value;
use crate::{Column, Row};

const USAGE: &str = r#"{"account_id": "a1", "month": "2026-02", "currency_code": "USD", "currency_rate": 1,
    "pricing_country": "USA", "resources": [{"resource_id": "kms", "resource_name": "Key Protect", "billable_cost": 1}]}"#;

fn mapper(usage: &str, summary: &str, mode: Mode) -> Result<Mapper, Error> {
    let (usage, summary) = (json::from_str(usage).unwrap(), json::from_str(summary).unwrap());
    Mapper::new(&usage, &summary, &Options::new().mode(mode).account_name("Acme"))
}

/// The columns of a row, as CSV has them.
fn columns(row: &Row<'_>, columns: &[Column]) -> Vec<String> {
    let cell = |column: &Column| {
        let mut cell = String::new();
        crate::format::write_value(&mut cell, row.value(*column));
        cell
    };
    columns.iter().map(cell).collect()
}

/// The columns of the only row of an instance.
fn row_of(instance: &str, mode: Mode, names: &[Column]) -> Vec<String> {
    let instance = Instance::read(instance).unwrap();
    let mut mapper = mapper(USAGE, "{}", mode).unwrap();
    let rows: Vec<_> = mapper.rows(&instance).unwrap().collect();
    let [row] = &rows[..] else { panic!("{} rows", rows.len()) };
    columns(row, names)
}

fn metric_of(metric: &str, billable: &str, names: &[Column]) -> Vec<String> {
    row_of(&format!(r#"{{{billable} "usage": [{metric}]}}"#), Mode::Strict, names)
}

const COSTS: [Column; 7] = [
    Column::BilledCost,
    Column::EffectiveCost,
    Column::ContractedCost,
    Column::ListCost,
    Column::XListCostAssumed,
    Column::XInformationalCost,
    Column::XInformationalListCost,
];

#[test]
fn costs_of_a_metric() {
    let costs = |metric, billable| metric_of(metric, billable, &COSTS).join(" ");
    let both = r#"{"cost": 9.50, "rated_cost": 10}"#;
    assert_eq!(costs(both, r#""billable": true,"#), "9.50 9.50 9.50 10.0   ");
    assert_eq!(costs(r#"{"cost": 9.50}"#, r#""billable": true,"#), "9.50 9.50 9.50 9.50 true  ");
    assert_eq!(costs(both, r#""billable": false,"#), "0.0 0.0 0.0 0.0  9.50 10.0");
    let informs = r#"{"cost": 9.50, "rated_cost": 10, "non_chargeable": true}"#;
    assert_eq!(costs(informs, r#""billable": true,"#), "0.0 0.0 0.0 0.0  9.50 10.0");
    assert_eq!(costs(informs, ""), "0.0 0.0 0.0 0.0  9.50 10.0");
}

#[test]
fn a_missing_cost_is_not_zero() {
    let costs = |metric, billable| metric_of(metric, billable, &COSTS).join(" ");
    assert_eq!(costs("{}", r#""billable": true,"#), "      ");
    assert_eq!(costs(r#"{"rated_cost": 10}"#, r#""billable": true,"#), "   10.0   ");
    assert_eq!(costs("{}", r#""billable": false,"#), "0.0 0.0 0.0 0.0   ");
    // Whether it is billed is not said.
    assert_eq!(costs(r#"{"cost": 9.50}"#, ""), "     9.50 ");
}

#[test]
fn a_cost_keeps_its_digits() {
    let cost = |cost: &str| metric_of(&format!(r#"{{"cost": {cost}}}"#), r#""billable": true,"#, &COSTS[..1]).remove(0);
    assert_eq!(cost("23.087486007675"), "23.087486007675");
    assert_eq!(cost("5.551115123125783e-17"), "5.551115123125783e-17");
    assert_eq!(cost("0.1234567890123456789012345678901"), "0.1234567890123456789012345678901");
}

#[test]
fn accounts_and_periods() {
    let names = [
        Column::BillingAccountId,
        Column::BillingAccountName,
        Column::BillingAccountType,
        Column::BillingCurrency,
        Column::BillingPeriodStart,
        Column::BillingPeriodEnd,
        Column::ChargePeriodStart,
        Column::ChargePeriodEnd,
        Column::InvoiceId,
        Column::InvoiceIssuerName,
        Column::ServiceProviderName,
        Column::XCurrencyRate,
        Column::XPricingCountry,
    ];
    assert_eq!(
        metric_of("{}", "", &names).join(" "),
        "a1 Acme Account USD 2026-02-01T00:00:00Z 2026-03-01T00:00:00Z 2026-02-01T00:00:00Z 2026-03-01T00:00:00Z  IBM IBM 1.0 USA"
    );
}

#[test]
fn sub_accounts_are_resource_groups_or_organizations() {
    let names = [Column::SubAccountId, Column::SubAccountName, Column::SubAccountType, Column::XOrganizationId];
    let group = r#""resource_group_id": "g", "resource_group_name": "Group","#;
    let organization = r#""organization_id": "eu-gb:o", "organization_name": "Org","#;
    assert_eq!(metric_of("{}", group, &names), ["g", "Group", "Resource Group", ""]);
    assert_eq!(metric_of("{}", organization, &names), ["eu-gb:o", "Org", "Cloud Foundry Organization", "eu-gb:o"]);
    assert_eq!(metric_of("{}", &format!("{group}{organization}"), &names), ["g", "Group", "Resource Group", "eu-gb:o"]);
    assert_eq!(metric_of("{}", r#""resource_group_name": "Group","#, &names), ["", "", "", ""]);
}

#[test]
fn services_resources_and_skus() {
    let names = [
        Column::ServiceName,
        Column::ServiceCategory,
        Column::ServiceSubcategory,
        Column::ResourceId,
        Column::ResourceName,
        Column::ResourceType,
        Column::SkuId,
        Column::SkuMeter,
        Column::SkuPriceId,
        Column::ChargeDescription,
    ];
    let record = r#""resource_id": "kms", "resource_name": "Key Protect", "resource_instance_id": "crn:1",
        "resource_instance_name": "keys", "plan_id": "p", "plan_name": "Tiered","#;
    assert_eq!(
        metric_of(r#"{"metric": "KEYS", "metric_name": "Keys"}"#, record, &names).join("|"),
        "Key Protect|Security|Secret Management|crn:1|keys|kms|p/KEYS|KEYS||Key Protect / Tiered / Keys"
    );
    let bare = metric_of(r#"{"metric": "KEYS"}"#, r#""resource_id": "new", "resource_instance_name": "x","#, &names);
    assert_eq!(bare.join("|"), "new|Other|Other (Other)||||KEYS|KEYS||new / KEYS");
    assert_eq!(metric_of("{}", r#""resource_name": "","#, &names).join("|"), "|Other|Other (Other)|||||||");
}

#[test]
fn regions_have_names() {
    let names = [Column::RegionId, Column::RegionName, Column::HostProviderName];
    assert_eq!(metric_of("{}", r#""region": "us-south","#, &names), ["us-south", "Dallas", "IBM"]);
    assert_eq!(metric_of("{}", r#""region": "xx","#, &names), ["xx", "xx", "IBM"]);
    assert_eq!(
        metric_of("{}", r#""region": "satellite-9","#, &names),
        ["satellite-9", "satellite-9", "Not Applicable"]
    );
    assert_eq!(metric_of("{}", r#""region": "","#, &names), ["", "", "IBM"]);
}

#[test]
fn each_other_field_has_its_column() {
    let instance = r#"{"billing_country": "USA", "catalog_id": "c", "consumer_id": "k", "created_at": "2025-01-02T03:04:05.678Z",
        "deleted_at": "later", "parent_resource_instance_id": "crn:0", "pending": true, "pricing_plan_id": "pp",
        "pricing_region": "us", "space_id": "s", "space_name": "Space", "subscription_id": "sub", "tags": ["a:b"],
        "service_tags": ["x"], "extra": 1, "usage": [{"unit": "GIGABYTE", "unit_name": "Gigabyte", "quantity": 3,
        "rateable_quantity": 2.5, "volume_cost": 4, "volume_discount": 5, "price": [{"price": 1}], "discounts": [{"ref": "d"}],
        "odd": "o"}]}"#;
    let names = [
        Column::XBillingCountry,
        Column::XCatalogId,
        Column::XConsumerId,
        Column::XCreatedAt,
        Column::XDeletedAt,
        Column::XParentResourceInstanceId,
        Column::XPending,
        Column::XPricingPlanId,
        Column::XPricingRegion,
        Column::XSpaceId,
        Column::XSpaceName,
        Column::XSubscriptionId,
        Column::Tags,
        Column::XUnit,
        Column::XUnitName,
        Column::XQuantity,
        Column::XRateableQuantity,
        Column::XVolumeCost,
        Column::XVolumeDiscount,
        Column::XPriceTiers,
        Column::XDiscounts,
        Column::XUnknownFields,
    ];
    assert_eq!(
        row_of(instance, Mode::Strict, &names).join("|"),
        concat!(
            r#"USA|c|k|2025-01-02T03:04:05Z||crn:0|true|pp|us|s|Space|sub|{"a":"b","ibm/x":true}|GIGABYTE|Gigabyte|3.0|2.5|4.0|5.0|"#,
            r#"{"Elements":[{"price": 1}]}|{"Elements":[{"ref": "d"}]}|{"usage":{"odd":"o"},"deleted_at":"later","extra":1}"#
        )
    );
}

/// The columns of the derived mode, for a metric of a plan.
fn derived(metric: &str, billable: bool) -> String {
    let instance =
        format!(r#"{{"plan_id": "p", "pricing_region": "us", "billable": {billable}, "usage": [{metric}]}}"#);
    let names = [
        Column::SkuPriceId,
        Column::ListUnitPrice,
        Column::ContractedUnitPrice,
        Column::PricingQuantity,
        Column::PricingUnit,
        Column::PricingCategory,
        Column::ConsumedQuantity,
        Column::ConsumedUnit,
        Column::XSkuPriceIdDerived,
    ];
    let derived = row_of(&instance, Mode::Derived, &names).join("|");
    assert_eq!(row_of(&instance, Mode::Strict, &names).join("|"), "||||||||", "nothing of it in strict mode");
    derived
}

#[test]
fn a_price_is_derived_where_it_is_sure() {
    let metric = |unit: &str, cost: &str, more: &str| {
        format!(
            r#"{{"metric": "M", "unit": "GB-HOURS", "quantity": 700, "rateable_quantity": 350, "rated_cost": 25.62, "cost": {cost},
                "price": [{{"price": 7.32, "unitQuantity": "{unit}"}}]{more}}}"#
        )
    };
    assert_eq!(
        derived(&metric("100", "25.62", ""), true),
        "p/M/USA/us|7.32|7.32|3.5|100 GB-Hours|Standard|700.0|GB-Hours|true"
    );
    let discounted = metric("100", "23.058", r#", "discounts": [{"discount": 10}]"#);
    assert_eq!(derived(&discounted, true), "p/M/USA/us|7.32|6.588|3.5|100 GB-Hours|Other|700.0|GB-Hours|true");
    let none = "||||||||";
    assert_eq!(derived(&metric("100", "25.62", ""), false), none, "nothing is billed");
    assert_eq!(derived(&metric("10", "25.62", ""), true), none, "price times quantity is another amount");
    assert_eq!(derived(&metric("3", "25.62", ""), true), none, "the quantity has no end");
    let tiers = r#"{"metric": "M", "unit": "U", "rateable_quantity": 1, "rated_cost": 2, "cost": 2,
        "price": [{"price": 2, "unitQuantity": "1"}, {"price": 1, "unitQuantity": "1"}]}"#;
    assert_eq!(derived(tiers, true), none, "which tier it was is not said");
    let unrated = r#"{"metric": "M", "unit": "U", "rateable_quantity": 1, "cost": 2, "price": [{"price": 2, "unitQuantity": "1"}]}"#;
    assert_eq!(derived(unrated, true), none, "the list cost is not said");
}

/// The end of a bill without records.
fn end(usage: &str, summary: &str) -> End {
    mapper(usage, summary, Mode::Strict).unwrap().finish()
}

const ACCOUNT_ROW: [Column; 10] = [
    Column::XRowKind,
    Column::ChargeCategory,
    Column::ChargeFrequency,
    Column::BilledCost,
    Column::ListCost,
    Column::BillingCurrency,
    Column::ServiceName,
    Column::ServiceSubcategory,
    Column::SkuId,
    Column::ChargeDescription,
];

fn account_rows(end: &End) -> Vec<String> {
    end.rows.iter().map(|row| columns(row, &ACCOUNT_ROW).join("|")).collect()
}

#[test]
fn support_and_its_overage() {
    let summary = r#"{"resources": {"billable_cost": 1}, "support": [{"type": "PREMIUM", "cost": 200, "overage": 5}, {"cost": 0, "overage": 0}]}"#;
    let end = end(USAGE, summary);
    assert_eq!(
        account_rows(&end)[..3],
        [
            "support|Purchase|Recurring|200.0|200.0|USD|IBM Cloud Support|Support|PREMIUM|IBM Cloud Support / PREMIUM",
            "overage|Usage|Usage-Based|5.0|5.0|USD|IBM Cloud Support|Support|PREMIUM|IBM Cloud Support / PREMIUM / Overage",
            "support|Purchase|Recurring|0.0|0.0|USD|IBM Cloud Support|Support||IBM Cloud Support",
        ]
    );
    assert_eq!(end.reconciliation.expected, Some("206".parse().unwrap()));
    assert_eq!(told(&end.reconciliation, "overage of support"), ": 5 may-be-inside-cost");
}

#[test]
fn credits_of_offers_hold_no_person() {
    let summary = r#"{"resources": {"billable_cost": 1}, "offers": [{"offer_id": "o1", "offer_template": "", "credits_total": 9.10,
        "created_by_email_id": "person@example.com", "credits": {"used": 0.75, "balance": 8.35}}, {"credits": {"used": 0}}]}"#;
    let end = end(USAGE, summary);
    assert_eq!(account_rows(&end)[0], "offer|Credit|One-Time|-0.75|-0.75|USD|IBM Cloud|Other (Other)||o1");
    let Value::Json(offer) = end.rows[0].value(Column::XOffer) else { panic!("no offer") };
    assert_eq!(
        offer,
        r#"{"credits":{"balance":8.35,"used":0.75},"credits_total":9.10,"offer_id":"o1","offer_template":""}"#
    );
    assert_eq!(end.rows.len(), 2, "no row of no credit, one of the residue");
    assert!(!format!("{end:?}").contains("person"));
}

#[test]
fn a_residue_says_its_reason() {
    let end = end(USAGE, r#"{"resources": {"billable_cost": 1}}"#);
    assert_eq!(
        account_rows(&end),
        [
            "residue|Adjustment|One-Time|1.0|1.0|USD|Key Protect|Secret Management||kms / difference to the account's report"
        ]
    );
    assert_eq!(end.rows[0].value(Column::XReconciliationReason), Value::Text("no-records"));
    assert_eq!(end.rows[0].value(Column::ResourceType), Value::Null);
    assert_eq!((end.reconciliation.status, end.reconciliation.rows), (Status::Residue, 1));
}

/// A check of a reconciliation: what is stated, what is computed and its reason.
fn told(reconciliation: &Reconciliation, name: &str) -> String {
    let check = reconciliation.checks.iter().find(|check| check.name == name);
    let Check { stated, computed, reason, .. } = check.unwrap_or_else(|| panic!("no check {name}: {reconciliation:?}"));
    let text = |amount: &Option<_>| amount.as_ref().map(cloud_billing_core::Decimal::to_string).unwrap_or_default();
    format!("{}: {} {}", text(stated), text(computed), reason.unwrap_or_default())
}

/// The end of a bill with one record of a metric.
fn checked(summary: &str, cost: &str, billable: bool) -> Reconciliation {
    let mut mapper = mapper(USAGE, summary, Mode::Strict).unwrap();
    let text = format!(r#"{{"resource_id": "kms", "billable": {billable}, "usage": [{{"cost": {cost}}}]}}"#);
    assert_eq!(mapper.rows(&Instance::read(&text).unwrap()).unwrap().count(), 1);
    mapper.finish().reconciliation
}

#[test]
fn the_last_digits_of_floating_point_are_no_residue() {
    let found = checked(r#"{"resources": {"billable_cost": 1.0000000001}}"#, "0.99999999999999", true);
    assert_eq!((found.status, found.rows), (Status::Exact, 1));
    assert_eq!(found.residue, Some("0.00000000000001".parse().unwrap()));
    assert_eq!(told(&found, "summary and account usage"), "1.0000000001: 1 rounding");
    assert_eq!(checked(r#"{"resources": {"billable_cost": 1}}"#, "0.99999999", true).status, Status::Residue);
    assert_eq!(checked(r#"{"resources": {"billable_cost": 1.00000001}}"#, "1", true).status, Status::Unexplained);
}

#[test]
fn what_the_summary_says_besides_is_compared() {
    let summary = r#"{"resources": {"billable_cost": 1, "non_billable_cost": 7.5}, "offers": [{"credits": {"used": 0.25}}],
        "subscription": {"overage": 0.50, "subscriptions": [{"terms": [{"credits": {"used": 0.25}}]}]}}"#;
    let found = checked(summary, "7.5", false);
    assert_eq!(told(&found, "non-billable cost"), "7.5: 7.5 on-no-bill");
    assert_eq!(told(&found, "subscription overage"), "0.50: 0.50 no-charge-of-its-own");
    assert_eq!((found.expected, found.rows_total), (Some("0.75".parse().unwrap()), "0.75".parse().unwrap()));
}

#[test]
fn a_summary_in_another_currency_is_not_added() {
    let summary = r#"{"billing_currency_code": "EUR", "resources": {"billable_cost": 1}, "support": [{"cost": 200}]}"#;
    let end = end(USAGE, summary);
    assert!(account_rows(&end)[0].starts_with("support|Purchase|Recurring|200.0|200.0|EUR|"));
    let found = end.reconciliation;
    assert_eq!((found.status, found.currency.as_str(), found.rows), (Status::Unexplained, "USD", 2));
    assert_eq!((found.rows_total, found.expected), ("1".parse().unwrap(), Some("1".parse().unwrap())));
    assert_eq!(found.checks[0].reason, Some("other-currency"));
}

#[test]
fn what_rows_cannot_do_without_is_named() {
    let error = |usage, summary| mapper(usage, summary, Mode::Strict).unwrap_err().to_string();
    assert!(error(r#"{"month": "2026-02", "currency_code": "USD"}"#, "{}").contains("`account_id`"));
    assert!(error(r#"{"account_id": "a", "month": "", "currency_code": "USD"}"#, "{}").contains("`month`"));
    assert!(error(r#"{"account_id": "a", "month": "2026-02"}"#, "{}").contains("`currency_code`"));
    assert!(error(USAGE, r#"{"month": "2026-01"}"#).contains("different bills: `month`"));
    assert!(
        mapper("{}", r#"{"account_id": "a", "month": "2026-02", "billing_currency_code": "EUR"}"#, Mode::Strict)
            .is_ok()
    );
}

#[test]
fn a_record_of_another_bill_is_refused() {
    let error = |record: &str| {
        let instance = Instance::read(record).unwrap();
        mapper(USAGE, "{}", Mode::Strict).unwrap().rows(&instance).unwrap_err().to_string()
    };
    assert_eq!(
        error(r#"{"resource_instance_id": "crn:1", "month": "2026-03"}"#),
        "the record of `crn:1` is of another bill: its `month` is 2026-03, that of the bill 2026-02"
    );
    assert!(error(r#"{"account_id": "a2"}"#).contains("`account_id` is a2, that of the bill a1"));
    assert!(error(r#"{"currency_code": "EUR"}"#).contains("`currency_code` is EUR, that of the bill USD"));
}

#[test]
fn unknown_fields_of_the_reports_are_in_the_first_row_that_they_are_of() {
    let usage = r#"{"account_id": "a1", "month": "2026-02", "currency_code": "USD", "u": 1.50, "resources":
        [{"resource_id": "kms", "billable_cost": 3, "r": [2]}, {"resource_id": "cos", "billable_cost": 0}]}"#;
    let summary =
        r#"{"s": {"a": 3}, "support": [{"cost": 200, "t": 4}], "offers": [{"credits": {"used": 1}, "o": 5}]}"#;
    let mut mapper = mapper(usage, summary, Mode::Strict).unwrap();
    let mut found = Vec::new();
    let names = [Column::XRowKind, Column::ServiceName, Column::XUnknownFields, Column::XBillUnknownFields];
    for resource in ["kms", "kms", "cos"] {
        let text = format!(r#"{{"resource_id": "{resource}", "billable": true, "i": 6, "usage": [{{"cost": 2}}]}}"#);
        let instance = Instance::read(&text).unwrap();
        found.extend(mapper.rows(&instance).unwrap().map(|row| columns(&row, &names)));
    }
    found.extend(mapper.finish().rows.iter().map(|row| columns(row, &names)));
    let bill = r#"{"account_usage":{"u":1.50},"account_summary":{"s":{"a": 3}}}"#;
    let bills: Vec<_> = found.iter().map(|row| row[3].as_str()).collect();
    assert_eq!(bills, [bill, "", "", "", "", "", ""]);
    assert_eq!(
        found.iter().map(|row| row[..3].join(" ")).collect::<Vec<_>>(),
        [
            r#"metric kms {"resource":{"r":[2]},"i":6}"#,
            r#"metric kms {"i":6}"#,
            r#"metric cos {"i":6}"#,
            r#"support IBM Cloud Support {"t":4}"#,
            r#"offer IBM Cloud {"o":5}"#,
            r#"residue kms "#,
            r#"residue cos "#,
        ]
    );
}

#[test]
fn unknown_fields_of_reports_without_records_are_in_the_rows_of_the_account() {
    let usage = r#"{"account_id": "a1", "month": "2026-02", "currency_code": "USD", "u": 1.50, "resources":
        [{"resource_id": "kms", "billable_cost": 3, "r": [2]}]}"#;
    let end = mapper(usage, "{}", Mode::Strict).unwrap().finish();
    let [row] = &end.rows[..] else { panic!("{:?}", end.rows) };
    assert_eq!(
        columns(row, &[Column::XUnknownFields, Column::XBillUnknownFields]),
        [r#"{"resource":{"r":[2]}}"#, r#"{"account_usage":{"u":1.50}}"#]
    );
}

#[test]
fn a_record_that_is_listed_twice_is_no_free_allowance() {
    let record = |cost: u8, plan: &str| {
        format!(
            r#"{{"resource_id": "kms", "resource_instance_id": "crn", "plan_id": "{plan}", "billable": true,
            "usage": [{{"metric": "A", "cost": {cost}}}]}}"#
        )
    };
    let reasons = |records: &[String]| {
        let mut mapper = mapper(USAGE, "{}", Mode::Strict).unwrap();
        for text in records {
            mapper.rows(&Instance::read(text).unwrap()).unwrap().for_each(drop);
        }
        mapper
            .finish()
            .rows
            .iter()
            .map(|row| row.x_reconciliation_reason.as_deref().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(reasons(&[record(1, "p"), record(1, "p")]), ["listed-twice"]);
    assert_eq!(reasons(&[record(1, "p"), record(1, "q")]), ["free-tier-or-rounding"]);
    // The cost has grown between two pages, or a copy says less.
    let (one, more) = (record(1, "p"), record(2, "p"));
    let nameless = |record: &str| record.replace(r#""resource_instance_id": "crn","#, "");
    let planless = |record: &str| record.replace(r#""plan_id": "p","#, "");
    for pair in [
        [one.clone(), more.clone()],
        [one.clone(), more.replace("crn", "CRN")],
        [nameless(&one), nameless(&more)],
        [planless(&one), more.clone()],
        [one.clone(), planless(&more)],
        [planless(&one), planless(&more)],
    ] {
        assert_eq!(reasons(&pair), ["listed-twice"], "{pair:?}");
    }
    let metric = r#"{"metric": "A", "cost": 1}"#;
    assert_eq!(reasons(&[one.replace(metric, &format!("{metric}, {metric}"))]), ["listed-twice"]);
    let other = |text: &str| text.replace("\"A\"", "\"B\"");
    assert_eq!(reasons(&[one.clone(), other(&more)]), ["free-tier-or-rounding"]);
}

/// One instance twice, and another of the same cost missing.
#[test]
fn a_right_sum_of_doubled_records_is_not_exact() {
    let record = |id: &str| {
        format!(
            r#"{{"resource_id": "kms", "resource_instance_id": "{id}", "plan_id": "p", "billable": true,
            "usage": [{{"metric": "A", "cost": 1}}]}}"#
        )
    };
    for (ids, status, checks) in [(["a", "b"], Status::Exact, 0), (["a", "a"], Status::Unexplained, 1)] {
        let usage = USAGE.replace(r#""billable_cost": 1"#, r#""billable_cost": 2"#);
        let summary = r#"{"account_id": "a1", "month": "2026-02", "resources": {"billable_cost": 2}}"#;
        let mut mapper = mapper(&usage, summary, Mode::Strict).unwrap();
        for id in ids {
            mapper.rows(&Instance::read(&record(id)).unwrap()).unwrap().for_each(drop);
        }
        let found = mapper.finish().reconciliation;
        let twice = found.checks.iter().filter(|check| check.name == "records that are there twice").count();
        assert_eq!((found.status, twice), (status, checks), "{ids:?}: {found:?}");
    }
}

#[test]
fn plans_where_instances_cannot_be_read() {
    let usage = r#"{"account_id": "a1", "month": "2026-02", "currency_code": "USD", "resources": [{"resource_id": "kms",
        "billable_cost": 3, "discounts": [{"ref": "r"}], "plans": [{"plan_id": "p", "billable": true, "pricing_region": "us",
        "discounts": [{"ref": "q"}], "usage": [{"metric": "A", "cost": 1, "discounts": [{"ref": "m"}]}, {"metric": "B", "cost": 2}]}]}]}"#;
    let report = Report::read(usage).unwrap();
    let summary = json::from_str(r#"{"resources": {"billable_cost": 3}}"#).unwrap();
    let mut mapper = Mapper::new(&report, &summary, &Options::new()).unwrap();
    let names = [Column::SkuId, Column::BilledCost, Column::ResourceId, Column::XPricingRegion, Column::XDiscounts];
    let rows: Vec<_> = report
        .plans()
        .flat_map(|plan| mapper.rows(plan).unwrap().map(|row| columns(&row, &names)).collect::<Vec<_>>())
        .collect();
    assert_eq!(
        rows.iter().map(|row| row.join("|")).collect::<Vec<_>>(),
        [
            r#"p/A|1.0||us|{"Elements":[{"ref": "m"}],"x_Plan":[{"ref":"q"}],"x_Resource":[{"ref":"r"}]}"#,
            r#"p/B|2.0||us|{"x_Plan":[{"ref":"q"}],"x_Resource":[{"ref":"r"}]}"#,
        ]
    );
    assert_eq!(mapper.finish().reconciliation.status, Status::Exact);
}
