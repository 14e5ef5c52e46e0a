//! Invoices and Cost Explorer results as CSV: the vendor's samples, the specification's examples, and unusual files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::io::Read as _;

use atlas_billing::csv::{InvoiceCsv as _, InvoiceRow, InvoiceRows, Records, UsageCsv as _, UsageRows};
use atlas_billing::types::{CostExplorerToken, InvoiceId, OrganizationId};
use atlas_billing::{Client, Date, Decimal, ErrorKind, money};
use cloud_billing_sandbox::Sandbox;

const ORG: &str = "6aa7ac7ceee65f53e9421ce5";
const INVOICE: &str = "6abda280f4c54977656cf2d1";

/// The vendor's own samples.
const INVOICE_SAMPLE: &str = include_str!("../../tests/payloads/atlas-billing/getInvoiceCsv.csv");
const USAGE_SAMPLE: &str = include_str!("../../tests/payloads/atlas-billing/getCostExplorerUsage.csv");

const HEADER: &str = "Date,Usage Date,Description,SKU,Unit Price,Quantity,Amount,Tag/env,Tag/team,New Column";

async fn client() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build().unwrap();
    (sandbox, client)
}

fn invoice(text: &str) -> Vec<InvoiceRow> {
    InvoiceRows::new(Records::from_reader(text.as_bytes())).map(Result::unwrap).collect()
}

fn day(year: i32, month: u32, day: u32) -> Option<Date> {
    Date::new(year, month, day).ok()
}

fn decimal(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

#[test]
fn the_vendors_invoice_sample() {
    for sample in [INVOICE_SAMPLE.to_owned(), INVOICE_SAMPLE.replace('\n', "\r\n"), format!("\u{feff}{INVOICE_SAMPLE}")]
    {
        let mut rows = InvoiceRows::new(Records::from_reader(sample.as_bytes()));
        let preamble = rows.preamble_blocking().unwrap();
        assert_eq!(preamble.invoice_number(), Some("666acb8787ba43606905dcae"));
        assert_eq!(preamble.billing_period(), Some("June 1, 2024 - July 1, 2024"));
        assert_eq!(preamble.billing_period_dates(), day(2024, 6, 1).zip(day(2024, 7, 1)));
        assert_eq!(preamble.organization_name(), Some("Test 2"));
        assert_eq!(preamble.organization_id(), Some("666acb8787ba43606905dcac"));
        assert_eq!((preamble.get("Nothing"), preamble.entries().count()), (None, 4));
        assert_eq!(preamble.records()[0].len(), 3);
        assert_eq!(rows.header().unwrap().len(), 19);
        assert!(rows.next().is_none());
    }
}

#[tokio::test]
async fn the_invoice_of_the_specification() {
    let (_sandbox, atlas) = client().await;
    for response in [
        atlas.get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap(),
        atlas.get_invoice_as_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap(),
    ] {
        let mut rows = response.rows();
        assert_eq!(rows.preamble().await.unwrap().organization_name(), Some("Northwind Analytics"));
        let mut all = Vec::new();
        while let Some(row) = rows.try_next().await.unwrap() {
            all.push(row);
        }
        assert_eq!(all.len(), 7);
        let first = &all[0];
        assert_eq!((first.line(), first.get("Date")), (7, Some("10/31/2026")));
        assert_eq!((first.date().unwrap(), first.usage_date().unwrap()), (day(2026, 10, 31), day(2026, 10, 30)));
        assert_eq!(first.description(), Some("M30 server hours, 3 servers"));
        assert_eq!((first.note(), first.application(), first.config_server()), (None, None, None));
        assert_eq!((first.project(), first.project_id()), (Some("storefront-prod"), Some("6ae1ba13e8d28a79023c39c2")));
        assert_eq!((first.sku(), first.region()), (Some("AWS M30 server"), Some("EU_WEST_1")));
        assert_eq!((first.cluster(), first.replica_set()), (Some("storefront-eu"), Some("atlas-sf7k2q-shard-0")));
        assert_eq!((first.organization_name(), first.organization_id()), (Some("Northwind Analytics"), Some(ORG)));
        assert_eq!((first.unit(), first.unit_price().unwrap()), (Some("server hours"), decimal("0.18")));
        assert_eq!((first.quantity().unwrap(), first.discount_percent().unwrap()), (decimal("72"), None));
        assert_eq!((first.tag("env"), first.tags().len(), first.other().count()), (Some("prod"), 1, 0));
        assert_eq!(all[3].discount_percent().unwrap(), decimal("10"));
        let credit = &all[6];
        assert_eq!(
            (credit.sku(), credit.note(), credit.amount().unwrap()),
            (Some("Credit"), Some("Welcome credit"), decimal("-10"))
        );
        assert!(credit.tags().is_empty());
        // The same total as in the JSON.
        let total: Decimal = all.iter().map(|row| row.amount().unwrap().unwrap()).sum();
        let json = atlas
            .get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
            .send()
            .await
            .unwrap()
            .line_items_total();
        assert_eq!((&total, money::cents(&total)), (&json.sum, Some(4366)));
        for row in &all {
            let cents = money::cents(&row.amount().unwrap().unwrap());
            let check = money::check_price(row.unit_price().unwrap().as_ref(), row.quantity().unwrap().as_ref(), cents);
            assert_eq!(check, money::PriceCheck::Agrees, "line {}", row.line());
        }
    }
}

#[test]
fn columns_and_rows_of_any_length() {
    let text = format!(
        "Invoice Number,7,\nSomething New,\"a, b\",c,d\nEmpty,,\n{HEADER}\n\
         1/2/2026,,x,\"line\r\nbreak\",\"$1,234.50\",1e-7,-$10.00,prod,,kept,more,and more\n\
         1/2/2026,,short\n\
         ,,,,,,,,,\n\
         Total,,,,,,3.00\n"
    );
    let mut rows = InvoiceRows::new(Records::from_reader(text.as_bytes()));
    let preamble = rows.preamble_blocking().unwrap();
    assert_eq!((preamble.get("Something New"), preamble.get("Empty")), (Some("a, b"), None));
    assert_eq!(preamble.records()[1].get(3), Some("d"));
    let rows: Vec<InvoiceRow> = rows.map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    let first = &rows[0];
    assert_eq!((first.sku(), first.unit_price().unwrap()), (Some("line\r\nbreak"), decimal("1234.50")));
    assert_eq!((first.quantity().unwrap(), first.amount().unwrap()), (decimal("0.0000001"), decimal("-10")));
    assert_eq!(first.tags().into_iter().collect::<Vec<_>>(), [("env", "prod")]);
    assert_eq!(first.other().collect::<Vec<_>>(), [("New Column", "kept")]);
    assert_eq!(first.row().extra().collect::<Vec<_>>(), ["more", "and more"]);
    assert_eq!((first.line(), rows[1].line()), (5, 7));
    assert_eq!((rows[1].description(), rows[1].amount().unwrap(), rows[1].tag("env")), (Some("short"), None, None));
    // A line of totals would be returned as a row.
    assert_eq!((rows[2].get("Date"), rows[2].amount().unwrap()), (Some("Total"), decimal("3")));
}

#[test]
fn chunks_do_not_matter() {
    let text = format!(
        "\u{feff}Invoice Number,7,\r\n\r\n{HEADER}\r\n1/2/2026,,\"a\r\n\"\"ä\"\"\",,,,1.00,prod\r1/3/2026,,b\n"
    );
    let whole = invoice(&text);
    assert_eq!((whole.len(), whole[0].description(), whole[1].line()), (2, Some("a\r\n\"ä\""), 6));
    for cut in 0..=text.len() {
        let (head, tail) = text.as_bytes().split_at(cut);
        let rows = InvoiceRows::new(Records::from_reader(head.chain(tail)));
        assert_eq!(rows.map(Result::unwrap).collect::<Vec<_>>(), whole, "{cut}");
    }
}

#[test]
fn an_odd_value_costs_its_column_only() {
    let rows = invoice(&format!("{HEADER}\n31.10.2026,2026-10-30,x,y,\"1,234\",n/a,1.00\n"));
    let row = &rows[0];
    assert_eq!(row.amount().unwrap(), decimal("1"));
    let errors = [
        row.date().unwrap_err(),
        row.usage_date().unwrap_err(),
        row.unit_price().unwrap_err(),
        row.quantity().unwrap_err(),
    ];
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    unexpected response at line 2, column `Date`: not a day MM/DD/YYYY: "31.10.2026"
    unexpected response at line 2, column `Usage Date`: not a day MM/DD/YYYY: "2026-10-30"
    unexpected response at line 2, column `Unit Price`: not a number: "1,234"
    unexpected response at line 2, column `Quantity`: not a number: "n/a"
    "#);
}

#[test]
fn a_bad_row_is_passed_over() {
    let text = [HEADER.as_bytes(), b"\n1/1/2026,,a\n1/2/2026,,b\xff\n1/3/2026,,c\n"].concat();
    let rows: Vec<_> = InvoiceRows::new(Records::from_reader(&text[..])).collect();
    assert_eq!(rows.len(), 3);
    insta::assert_snapshot!(
        rows[1].as_ref().unwrap_err(),
        @"unexpected response at line 3, column `Description`: the text is not UTF-8 at byte 1"
    );
    assert_eq!(rows[2].as_ref().unwrap().description(), Some("c"));
}

#[test]
fn what_is_no_invoice_is_an_error() {
    for text in ["", "<html>\n<body>Bad gateway</body>\n", "{\"error\": 500}", "Date,Usage Date\n1,2\n"] {
        let mut rows = InvoiceRows::new(Records::from_reader(text.as_bytes()));
        assert_eq!(rows.next().unwrap().unwrap_err().kind(), ErrorKind::Decode, "{text}");
        assert!(rows.next().is_none());
    }
}

#[test]
fn the_vendors_usage_sample() {
    let rows: Vec<_> = UsageRows::new(Records::from_reader(USAGE_SAMPLE.as_bytes())).map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.header().len(), 9);
    assert_eq!(row.get("Invoice Id"), Some("June 1, 2024 - July 1, 2024"));
    assert_eq!(row.parse::<Decimal>("Usage Amount").unwrap(), decimal("1018.39"));
    assert_eq!(row.line(), 1);
    // Two results in one file are two rows.
    let twice = format!("{USAGE_SAMPLE}\n{USAGE_SAMPLE}");
    let rows: Vec<_> = UsageRows::new(Records::from_reader(twice.as_bytes())).map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| (row.line(), row.header().len())).collect::<Vec<_>>(), [(1, 9), (11, 9)]);
}

#[tokio::test]
async fn the_usage_of_the_specification() {
    let (_sandbox, atlas) = client().await;
    let token = "4fb12853ef86dcfaea21818b904ce6087413e3b266f850f1578b5c72dc4ee60c";
    let response = atlas
        .get_cost_explorer_usage_as_csv(OrganizationId::new(ORG), CostExplorerToken::new(token))
        .send()
        .await
        .unwrap();
    let mut rows = response.usage_rows();
    let mut total = Decimal::ZERO;
    let mut count = 0;
    while let Some(row) = rows.try_next().await.unwrap() {
        assert_eq!(row.get("Organization ID"), Some(ORG));
        total += row.parse::<Decimal>("Usage Amount").unwrap().unwrap();
        count += 1;
    }
    assert_eq!((count, total), (4, Decimal::from_cents(4366)));
    assert_eq!(rows.header().unwrap().len(), 9);
}

#[test]
fn usage_tables() {
    let rows =
        |text: &str| UsageRows::new(Records::from_reader(text.as_bytes())).map(Result::unwrap).collect::<Vec<_>>();
    // A table with two columns whose names are labels is still a table.
    let table = rows("Invoice Id,Usage Amount\n7,1.00\n8,2.00\n");
    assert_eq!((table.len(), table[1].get("Usage Amount")), (2, Some("2.00")));
    // A header without rows, from a query that found nothing.
    let mut empty = UsageRows::new(Records::from_reader(&b"Billed Date,Usage Amount\n"[..]));
    assert!(empty.next().is_none());
    assert_eq!(empty.header().unwrap().len(), 2);
    assert!(rows("").is_empty());
}

#[tokio::test]
async fn pending_invoices_of_the_specification() {
    let (_sandbox, atlas) = client().await;
    let listed =
        atlas.list_invoice_pending(OrganizationId::new(ORG)).send().await.unwrap().into_inner().results.into_vec();
    assert_eq!(atlas.pending_invoices(OrganizationId::new(ORG)).await.unwrap(), listed);
    assert!(!listed.is_empty());
}
