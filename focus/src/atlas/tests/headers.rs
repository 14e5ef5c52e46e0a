//! Rows of headers, and the reconciliation.

use super::*;
use crate::reconcile::{Check, Status};

fn header(subtotal: i64, credits: i64, tax: i64, billed: i64) -> String {
    format!(
        r#", "subtotalCents": {subtotal}, "creditsCents": {credits}, "salesTaxCents": {tax}, "amountBilledCents": {billed}"#
    )
}

fn priced(prices: &[(&str, i64)]) -> String {
    let line = |(sku, cents): &(&str, i64)| format!(r#"{{"sku": "{sku}", "totalPriceCents": {cents}}}"#);
    prices.iter().map(line).collect::<Vec<_>>().join(",")
}

fn kinds(end: &End) -> Vec<String> {
    end.rows.iter().map(|row| cells(row, &[Column::XRowKind, Column::BilledCost]).join(" ")).collect()
}

fn check<'e>(end: &'e End, name: &str) -> &'e Check {
    end.reconciliation.checks.iter().find(|check| check.name == name).unwrap()
}

fn residue(end: &End) -> Option<String> {
    end.reconciliation.residue.as_ref().map(ToString::to_string)
}

#[test]
fn an_invoice_needs_an_organization_an_id_and_a_period() {
    for (text, message) in [
        ("{}", "the invoice has no `orgId`"),
        (r#"{"orgId": "o"}"#, "the invoice has no `id`"),
        (r#"{"orgId": "o", "id": ""}"#, "the invoice has no `id`"),
        (r#"{"orgId": "o", "id": "i", "startDate": "x"}"#, "the invoice has no time `startDate`"),
        (r#"{"orgId": "o", "id": "i", "startDate": "2026-10-01"}"#, "the invoice has no time `endDate`"),
        (
            r#"{"orgId": "o", "id": "i", "startDate": "2026-10-01", "endDate": "2026-10-01"}"#,
            "the `startDate` of the invoice is not before its `endDate`",
        ),
    ] {
        let invoice = Invoice::read(text).unwrap();
        let error = Mapper::new(&invoice, &Options::new()).unwrap_err().to_string();
        assert_eq!(error, format!("{message}, so it cannot be rows; expected one invoice as getInvoice has it"));
    }
}

#[test]
fn unknown_fields_of_the_invoice_are_in_its_first_row() {
    for (lines, expected) in [(r#"{"sku": "X"}, {"sku": "Y"}"#, 3), ("", 1)] {
        let text = invoice(r#", "salesTaxCents": 5, "new": {"a": 1.50}"#, lines);
        let invoice = Invoice::read(&text).unwrap();
        let options = Options::new();
        let mut mapper = Mapper::new(&invoice, &options).unwrap();
        let cell = |row: &Row<'_>| cells(row, &[Column::XBillUnknownFields]).remove(0);
        let mut found: Vec<_> = invoice.lines().map(|line| cell(&mapper.row(&line.unwrap()))).collect();
        found.extend(mapper.finish().rows.iter().map(cell));
        assert_eq!((found.remove(0).as_str(), found.len() + 1), (r#"{"new":{"a": 1.50}}"#, expected));
        assert!(found.iter().all(String::is_empty), "{found:?}");
    }
}

#[test]
fn a_bill_that_adds_up() {
    let end = end(&header(1500, 1000, 95, 1500), &priced(&[("X", 1200), ("X", 300), ("CREDIT", -1000), ("X", 0)]));
    let result = &end.reconciliation;
    assert_eq!(kinds(&end), ["tax 0.95"]);
    assert_eq!((result.status, result.rows), (Status::Exact, 5));
    assert_eq!((result.expected.clone(), residue(&end)), (Some(result.rows_total.clone()), Some("0.00".to_owned())));
    assert_eq!((result.service, &*result.account, result.invoice.as_deref()), ("atlas", "org", Some("inv")));
    assert_eq!((result.month.unwrap().to_string(), &*result.currency), ("2026-10".to_owned(), "USD"));
    assert_eq!(check(&end, "billed and header").reason, Some("billed is the subtotal"));
    assert!(result.checks[..3].iter().all(Check::agrees), "{:?}", result.checks);
}

#[test]
fn tax_is_a_row() {
    let end = end(&header(0, 0, 95, 0), "");
    let row = &end.rows[0];
    assert_eq!(cells(row, &COSTS), ["0.95"; 4]);
    assert_eq!(cells(row, &PERIOD), ["2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"]);
    for (column, cell) in [
        (Column::ChargeCategory, "Tax"),
        (Column::ChargeFrequency, "One-Time"),
        (Column::InvoiceId, "inv"),
        (Column::HostProviderName, "Not Applicable"),
        (Column::ServiceName, "MongoDB Atlas"),
        (Column::ServiceCategory, "Databases"),
        (Column::XRowKind, "tax"),
        (Column::SkuId, ""),
        (Column::SubAccountId, ""),
        (Column::ResourceId, ""),
        (Column::Tags, ""),
    ] {
        assert_eq!(cells(row, &[column]), [cell], "{column:?}");
    }
}

#[test]
fn credits_that_no_line_has_are_a_row() {
    for credits in [1000, -1000] {
        let end = end(&header(1500, credits, 0, 500), &priced(&[("X", 1500), ("CLASSIC_COUPON", -400)]));
        assert_eq!(kinds(&end), ["credit -6.00"], "{credits}");
        assert_eq!(cells(&end.rows[0], &[Column::ChargeCategory]), ["Credit"]);
        assert_eq!(end.reconciliation.status, Status::Exact);
        assert_eq!(check(&end, "credits and credit lines").reason, Some("credits without a line have a row"));
        assert_eq!(check(&end, "billed and header").reason, Some("billed is what is to be paid"));
    }
}

#[test]
fn more_credit_lines_than_credits_are_a_finding() {
    let end = end(&header(1500, 100, 0, 1500), &priced(&[("X", 1500), ("CREDIT", -400)]));
    assert_eq!(kinds(&end), ["residue 3.00"]);
    assert!(!check(&end, "credits and credit lines").agrees());
    assert_eq!(check(&end, "credits and credit lines").reason, None);
    assert_eq!(end.reconciliation.status, Status::Residue);
}

#[test]
fn a_credit_that_is_taken_back_is_in_the_subtotal() {
    let end = end(&header(1600, 400, 0, 1600), &priced(&[("X", 1500), ("CREDIT", -400), ("CREDIT", 100)]));
    assert_eq!((kinds(&end).len(), end.reconciliation.status), (0, Status::Exact));
}

#[test]
fn what_the_lines_do_not_explain_is_a_row() {
    let end = end(&header(1501, 0, 0, 1501), &priced(&[("X", 1500)]));
    assert_eq!(kinds(&end), ["residue 0.01"]);
    assert_eq!(
        cells(
            &end.rows[0],
            &[Column::ChargeCategory, Column::ChargeClass, Column::XReconciliationReason, Column::SkuId]
        ),
        ["Adjustment", "", "header-differs", ""]
    );
    let result = &end.reconciliation;
    assert_eq!((result.status, residue(&end).as_deref()), (Status::Residue, Some("0.01")));
    assert_eq!(result.expected.as_ref(), Some(&result.rows_total));
}

#[test]
fn a_negative_line_that_is_no_credit_makes_the_target_doubtful() {
    let lines = priced(&[("X", 1500), ("X", -200)]);
    // What is billed says neither.
    let doubtful = end(&header(1500, 0, 0, 1400), &lines);
    assert_eq!((kinds(&doubtful).len(), doubtful.reconciliation.status), (0, Status::Unexplained));
    assert_eq!(residue(&doubtful).as_deref(), Some("2.00"));
    assert_eq!(doubtful.reconciliation.rows_total.to_string(), "13.00");
    // What is billed, or paid, confirms it.
    let billed = end(&header(1500, 0, 0, 1500), &lines);
    assert_eq!((kinds(&billed), billed.reconciliation.status), (vec!["residue 2.00".to_owned()], Status::Residue));
    let fields = header(1500, 100, 50, 1500) + r#", "payments": [{"amountPaidCents": 1000}, {"amountPaidCents": 450}]"#;
    assert_eq!(kinds(&end(&fields, &lines)), ["tax 0.50", "credit -1.00", "residue 2.00"]);
    let unknown = header(1500, 100, 50, 1500) + r#", "payments": [{"amountPaidCents": 1450}, {}]"#;
    assert_eq!(kinds(&end(&unknown, &lines)), ["tax 0.50", "credit -1.00"]);
    // A subtotal with the negative line adds up.
    let all = end(&header(1300, 0, 0, 1300), &lines);
    assert_eq!(all.reconciliation.status, Status::Exact);
    assert_eq!(check(&all, "subtotal and positive lines").reason, Some("the subtotal has all lines"));
}

#[test]
fn what_is_billed_has_four_meanings() {
    let header = |billed: i64| header(1500, 100, 50, billed) + r#", "startingBalanceCents": 30"#;
    for (billed, status) in [
        (1500, Status::Exact),
        (1550, Status::Exact),
        (1450, Status::Exact),
        (1420, Status::Exact),
        (1400, Status::Unexplained),
    ] {
        let end = end(&header(billed), &priced(&[("X", 1500)]));
        assert_eq!(end.reconciliation.status, status, "{billed}");
        assert_eq!(check(&end, "billed and header").agrees(), status == Status::Exact, "{billed}");
    }
}

#[test]
fn what_is_not_stated_is_not_zero() {
    let lines = priced(&[("X", 1500)]);
    for fields in [
        r#", "creditsCents": 0, "salesTaxCents": 10"#,
        r#", "subtotalCents": 1500, "salesTaxCents": 10"#,
        r#", "subtotalCents": 1400, "creditsCents": 0"#,
        "",
    ] {
        let end = end(fields, &lines);
        let result = &end.reconciliation;
        assert_eq!((result.status, &result.expected, &result.residue), (Status::Unknown, &None, &None), "{fields}");
        assert!(kinds(&end).iter().all(|kind| kind == "tax 0.10"), "{fields}");
    }
    // A line without a price.
    let end = end(&header(1500, 100, 0, 1500), &(lines + r#", {"sku": "CREDIT"}"#));
    assert_eq!((kinds(&end).len(), end.reconciliation.status), (0, Status::Unknown));
    assert_eq!(check(&end, "credits and credit lines").computed, None);
}

#[test]
fn paid_is_compared_with_payments() {
    let fields = header(1500, 0, 0, 1500) + r#", "amountPaidCents": 1500, "payments": [{"amountPaidCents": 1400}]"#;
    let end = end(&fields, &priced(&[("X", 1500)]));
    assert_eq!(end.reconciliation.status, Status::Exact);
    let paid = check(&end, "paid and payments");
    assert_eq!((paid.stated.clone(), paid.computed.clone()), ("15.00".parse().ok(), "14.00".parse().ok()));
}

#[test]
fn refunds_are_rows_only_if_they_are_asked_for() {
    let fields = header(0, 0, 0, 0)
        + r#", "refunds": [{"amountCents": 250, "created": "2026-12-05T10:00:00Z", "paymentId": "pay", "reason": "r"}, {}]"#;
    assert!(end(&fields, "").refunds.is_empty());
    let end = end_with(&Options::new().refunds(true), &fields, "");
    assert_eq!((end.reconciliation.rows, end.reconciliation.status), (0, Status::Exact));
    let columns = [
        Column::BilledCost,
        Column::ChargeCategory,
        Column::ChargeClass,
        Column::BillingPeriodStart,
        Column::ChargePeriodEnd,
        Column::InvoiceId,
        Column::XRefundedPaymentId,
        Column::ChargeDescription,
    ];
    assert_eq!(
        end.refunds.iter().map(|row| cells(row, &columns).join(",")).collect::<Vec<_>>(),
        [
            "-2.50,Adjustment,Correction,2026-12-01T00:00:00Z,2027-01-01T00:00:00Z,,pay,Refund / r",
            ",Adjustment,Correction,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,,,Refund",
        ]
    );
}
