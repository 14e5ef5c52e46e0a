//! Rows of lines.

use super::*;

#[test]
fn costs_are_cents_in_dollars() {
    for (cents, cost) in [("1296", "12.96"), ("-5", "-0.05"), ("0", "0.00"), ("100.0", "1.00"), ("null", "")] {
        assert_eq!(line(&format!(r#"{{"totalPriceCents": {cents}}}"#), &COSTS), [cost; 4], "{cents}");
    }
    let most = format!(r#"{{"totalPriceCents": {}}}"#, i64::MIN);
    assert_eq!(line(&most, &COSTS[..1]), ["-92233720368547758.08"]);
}

#[test]
fn a_discount_is_in_the_list_cost_only_if_the_user_says_so() {
    let discounted = r#"{"sku": "X", "totalPriceCents": 900, "discountCents": 100, "percentDiscount": 10.0}"#;
    let columns = [COSTS[0], COSTS[2], COSTS[3], Column::XDiscountCents, Column::XPercentDiscount];
    assert_eq!(line(discounted, &columns), ["9.00", "9.00", "9.00", "100.0", "10.0"]);
    let options = Options::new().list_cost_includes_discount(true);
    assert_eq!(line_with(&options, discounted, &columns), ["9.00", "10.00", "9.00", "100.0", "10.0"]);
    let credit = r#"{"sku": "CREDIT", "totalPriceCents": -900, "discountCents": 100}"#;
    assert_eq!(line_with(&options, credit, &COSTS), ["-9.00"; 4]);
    assert_eq!(line_with(&options, r#"{"discountCents": 100}"#, &COSTS), [""; 4]);
}

#[test]
fn what_the_invoice_says_is_in_each_row() {
    let text = format!(
        r#"{{{HEADER}, "statusName": "LATER", "created": "2026-11-01T03:00:00Z", "updated": "2026-11-02T03:00:00.5+01:00",
            "payments": [{{"currency": "EUR", "unitPrice": "0.92"}}, {{"currency": "EUR", "unitPrice": "0.92"}}],
            "lineItems": [{{}}]}}"#
    );
    let invoice = Invoice::read(&text).unwrap();
    let options = Options::new().organization_name("Example").issuer("AWS");
    let mut mapper = Mapper::new(&invoice, &options).unwrap();
    let line = invoice.lines().next().unwrap().unwrap();
    let row = mapper.row(&line);
    for (column, cell) in [
        (Column::BillingAccountId, "org"),
        (Column::BillingAccountName, "Example"),
        (Column::BillingAccountType, "Organization"),
        (Column::BillingCurrency, "USD"),
        (Column::PricingCurrency, "USD"),
        (Column::BillingPeriodStart, "2026-10-01T00:00:00Z"),
        (Column::BillingPeriodEnd, "2026-11-01T00:00:00Z"),
        (Column::ChargeClass, ""),
        (Column::InvoiceId, "inv"),
        (Column::InvoiceDetailId, ""),
        (Column::InvoiceIssuerName, "AWS"),
        (Column::ServiceProviderName, "MongoDB"),
        (Column::PublisherName, "MongoDB"),
        (Column::XService, "atlas"),
        (Column::XRowKind, "line"),
        (Column::XInvoiceStatus, "LATER"),
        (Column::XInvoiceCreated, "2026-11-01T03:00:00Z"),
        (Column::XInvoiceUpdated, "2026-11-02T02:00:00Z"),
        (Column::XPaymentCurrency, "EUR"),
        (Column::XPaymentUnitPrice, "0.92"),
    ] {
        assert_eq!(cells(&row, &[column]), [cell], "{column:?}");
    }
    // Without options.
    assert_eq!(super::line("{}", &[Column::BillingAccountName, Column::InvoiceIssuerName]), ["", "MongoDB"]);
}

#[test]
fn a_payment_currency_is_one_that_all_payments_have() {
    let columns = [Column::XPaymentCurrency, Column::XPaymentUnitPrice];
    for (payments, expected) in [
        (r#"{"currency": "EUR", "unitPrice": "0.92"}, {"currency": "EUR", "unitPrice": "0.93"}"#, ["EUR", ""]),
        (r#"{"currency": "EUR", "unitPrice": "string"}"#, ["EUR", ""]),
        (r#"{"currency": "EUR"}, {"currency": "GBP"}"#, ["", ""]),
        (r#"{"currency": "EUR"}, {}"#, ["", ""]),
        (r#"{"currency": "USD", "unitPrice": "1"}"#, ["", ""]),
        ("", ["", ""]),
    ] {
        let end = end(&format!(r#", "payments": [{payments}], "salesTaxCents": 1"#), "");
        assert_eq!(cells(&end.rows[0], &columns), expected, "{payments}");
    }
}

#[test]
fn projects_are_sub_accounts() {
    let columns = [Column::SubAccountId, Column::SubAccountName, Column::SubAccountType, Column::XUnknownFields];
    for (fields, expected) in [
        (r#""groupId": "p", "groupName": "Project 1""#, ["p", "Project 1", "Project", ""]),
        (r#""groupId": "p""#, ["p", "", "Project", ""]),
        // A name without an id has no place in FOCUS.
        (r#""groupName": "P \"1\"""#, ["", "", "", r#"{"groupName":"P \"1\""}"#]),
        (r#""groupId": """#, ["", "", "", ""]),
    ] {
        assert_eq!(line(&format!("{{{fields}}}"), &columns), expected);
    }
}

#[test]
fn a_line_has_its_own_period_or_that_of_the_bill() {
    let columns = [PERIOD[0], PERIOD[1], Column::XLineStart, Column::XLineEnd];
    let bill = ["2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"];
    for (fields, expected) in [
        // Late usage of the month before.
        (
            r#""startDate": "2026-09-30T00:00:00Z", "endDate": "2026-10-01T02:00:00+02:00""#,
            ["2026-09-30T00:00:00Z", "2026-10-01T00:00:00Z", "", ""],
        ),
        (
            r#""startDate": "2026-10-05T00:00:00Z", "endDate": "2026-10-05T00:00:00Z""#,
            [bill[0], bill[1], "2026-10-05T00:00:00Z", "2026-10-05T00:00:00Z"],
        ),
        (
            r#""startDate": "2026-10-06T00:00:00Z", "endDate": "2026-10-05T00:00:00Z""#,
            [bill[0], bill[1], "2026-10-06T00:00:00Z", "2026-10-05T00:00:00Z"],
        ),
        (r#""startDate": "soon", "endDate": 5"#, [bill[0], bill[1], "\"soon\"", "5"]),
        (r#""startDate": "2026-10-05""#, [bill[0], bill[1], "2026-10-05", ""]),
        (r#""sku": "X""#, [bill[0], bill[1], "", ""]),
    ] {
        assert_eq!(line(&format!("{{{fields}}}"), &columns), expected, "{fields}");
    }
    let day = r#"{"startDate": "2026-10-05", "endDate": "2026-10-06"}"#;
    assert_eq!(end("", &format!("{day}, {{}}, {day}, {{}}")).odd_periods, 2);
}

#[test]
fn a_description_is_sku_and_note() {
    let column = [Column::ChargeDescription];
    let options = Options::new().descriptions([("X", "Something of use")]);
    for (fields, plain, described) in [
        (r#""sku": "X", "note": "n""#, "X / n", "Something of use / n"),
        (r#""sku": "X""#, "X", "Something of use"),
        (r#""sku": "Y", "note": """#, "Y", "Y"),
        (r#""note": "n""#, "n", "n"),
        ("", "", ""),
    ] {
        let json = format!("{{{fields}}}");
        assert_eq!(line(&json, &column), [plain]);
        assert_eq!(line_with(&options, &json, &column), [described]);
    }
}

#[test]
fn a_host_is_stated_or_read_out_of_the_sku() {
    let columns = [Column::HostProviderName, Column::XHostProviderDerived, Column::XCloudProvider];
    for (fields, expected) in [
        (r#""cloudProvider": "AWS""#, ["AWS", "", "AWS"]),
        (r#""cloudProvider": "AZURE", "sku": "ATLAS_AWS_INSTANCE_M10""#, ["Azure", "", "AZURE"]),
        (r#""cloudProvider": "GCP""#, ["GCP", "", "GCP"]),
        (r#""cloudProvider": "ATLAS""#, ["MongoDB", "", "ATLAS"]),
        (r#""cloudProvider": "OTHER""#, ["OTHER", "", "OTHER"]),
        (r#""sku": "ATLAS_NDS_AZURE_OBJECT_STORAGE""#, ["Azure", "true", ""]),
        (r#""sku": "CREDIT""#, ["Not Applicable", "", ""]),
        ("", ["Not Applicable", "", ""]),
    ] {
        assert_eq!(line(&format!("{{{fields}}}"), &columns), expected, "{fields}");
    }
}

#[test]
fn a_service_has_one_category() {
    let columns = [Column::ServiceName, Column::ServiceCategory, Column::ServiceSubcategory];
    for (sku, expected) in [
        ("ATLAS_AWS_INSTANCE_M10", ["MongoDB Atlas", "Databases", "NoSQL Databases"]),
        ("ATLAS_SUPPORT", ["MongoDB Atlas Support", "Management and Governance", "Support"]),
        ("VOYAGE_RERANK_2_API", ["MongoDB Atlas AI Models", "AI and Machine Learning", "Generative AI"]),
    ] {
        assert_eq!(line(&format!(r#"{{"sku": "{sku}"}}"#), &columns), expected);
    }
}

#[test]
fn category_and_frequency_follow_from_sku_and_sign() {
    let columns = [Column::ChargeCategory, Column::ChargeFrequency];
    for (fields, expected) in [
        (r#""sku": "CREDIT", "totalPriceCents": -5"#, ["Credit", "One-Time"]),
        (r#""sku": "MINIMUM_CHARGE", "totalPriceCents": 5"#, ["Purchase", "Recurring"]),
        (r#""sku": "FLEX_CONSULTING", "totalPriceCents": 5"#, ["Purchase", "One-Time"]),
        (r#""sku": "ATLAS_AWS_INSTANCE_M10", "totalPriceCents": -1"#, ["Adjustment", "Usage-Based"]),
        (r#""sku": "ATLAS_INSTANCE_M0", "totalPriceCents": 0"#, ["Usage", "Usage-Based"]),
        (r#""totalPriceCents": -1"#, ["Adjustment", "Usage-Based"]),
        ("", ["Usage", "Usage-Based"]),
    ] {
        assert_eq!(line(&format!("{{{fields}}}"), &columns), expected, "{fields}");
    }
}

#[test]
fn a_sku_has_a_meter() {
    let columns = [Column::SkuId, Column::SkuMeter];
    let storage = r#"{"sku": "ATLAS_AWS_STORAGE_STANDARD_GP3"}"#;
    assert_eq!(line(storage, &columns), ["ATLAS_AWS_STORAGE_STANDARD_GP3", "Storage"]);
    assert_eq!(line(r#"{"sku": "ATLAS_AWS_NEW_M40"}"#, &columns), ["ATLAS_AWS_NEW_M40", "NEW"]);
    assert_eq!(line("{}", &columns), ["", ""]);
}

#[test]
fn resources_are_clusters_and_applications() {
    let columns = [
        Column::ResourceId,
        Column::ResourceName,
        Column::ResourceType,
        Column::XResourceIdDerived,
        Column::XStitchAppName,
    ];
    for (fields, expected) in [
        (r#""groupId": "p", "clusterName": "c""#, ["p/c", "c", "Cluster", "true", ""]),
        (r#""clusterName": "c""#, ["c", "c", "Cluster", "true", ""]),
        (r#""groupId": "p", "stitchAppName": "a""#, ["p/a", "a", "App Services App", "true", "a"]),
        (r#""groupId": "p", "clusterName": "c", "stitchAppName": "a""#, ["p/c", "c", "Cluster", "true", "a"]),
        (r#""groupId": "p", "clusterName": """#, ["", "", "", "", ""]),
    ] {
        assert_eq!(line(&format!("{{{fields}}}"), &columns), expected, "{fields}");
    }
}

#[test]
fn tags_are_flat() {
    let columns = [Column::Tags, Column::XTagsRaw];
    for (tags, expected) in [
        (r#"{"team": ["a"]}"#, [r#"{"team":"a"}"#, ""]),
        (r#"{"t\"1": ["a\\b"]}"#, [r#"{"t\"1":"a\\b"}"#, ""]),
        (
            r#"{"b": ["x", "y\""], "a": ["z"]}"#,
            [r#"{"a":"z","b":"[\"x\",\"y\\\"\"]"}"#, r#"{"a":["z"],"b":["x","y\""]}"#],
        ),
        (r#"{"a": []}"#, [r#"{"a":true}"#, r#"{"a":[]}"#]),
        ("{}", ["{}", ""]),
        ("null", ["", ""]),
    ] {
        assert_eq!(line(&format!(r#"{{"tags": {tags}}}"#), &columns), expected, "{tags}");
    }
}

#[test]
fn what_the_line_states_is_kept() {
    let all = r#"{"quantity": 6.035e-07, "unit": "GB hours", "unitPriceDollars": 0.0046, "note": "n",
        "created": "2026-10-02T03:00:00Z", "tierLowerBound": 5.0, "tierUpperBound": 10000000000}"#;
    for (column, cell) in [
        (Column::XQuantity, "6.035e-7"),
        (Column::XUnit, "GB hours"),
        (Column::XUnitPriceDollars, "0.0046"),
        (Column::XNote, "n"),
        (Column::XLineCreated, "2026-10-02T03:00:00Z"),
        (Column::XTierLowerBound, "5.0"),
        (Column::XTierUpperBound, "10000000000.0"),
        (Column::XUnknownFields, ""),
    ] {
        assert_eq!(line(all, &[column]), [cell], "{column:?}");
    }
}

#[test]
fn what_no_column_can_hold_is_kept_too() {
    let odd = r#"{"created": "later", "region": "EU", "tierUpperBound": 1.7976931348623157E308, "n": {"a": 1.0}}"#;
    assert_eq!(
        line(odd, &[Column::XUnknownFields, Column::XTierUpperBound, Column::XLineCreated]),
        [r#"{"created":"later","tierUpperBound":1.7976931348623157e308,"region":"EU","n":{"a": 1.0}}"#, "", ""]
    );
    assert_eq!(line(r#"{"region": "EU"}"#, &[Column::XUnknownFields]), [r#"{"region":"EU"}"#]);
}
