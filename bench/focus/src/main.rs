//! Maps bills in one way, as often as asked, for callgrind; or invoices of many lines, for their memory.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use atlas_billing::types::InvoiceLineItem;
use cloud_billing_core::json::from_str;
use cloud_billing_focus::format::Format;
use cloud_billing_focus::{Row, Version, atlas, ibm};
use ibm_usage_reports::types::InstanceUsage;
use outcome::Tally;
use serde_json::value::RawValue;

/// The lines of an invoice.
const LINES: usize = 1_000;
/// The records of a month.
const RECORDS: usize = 400;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (way, times) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let times: usize = times.parse().unwrap_or(1);
    let (invoice, records) = (invoice(LINES), records());
    match way.as_str() {
        "atlas-decode" => {
            let lines = lines(&invoice);
            repeat(times, || lines.iter().for_each(|text| drop(black_box(from_str::<InvoiceLineItem>(text)))));
        }
        "atlas-read" => repeat(times, || drop(lines(&invoice))),
        "atlas-map" => repeat(times, || map_invoice(&invoice, false, |_| ())),
        "atlas-ids" => repeat(times, || map_invoice(&invoice, true, |_| ())),
        "atlas-csv" => repeat(times, || map_invoice(&invoice, true, csv(Format::new(Version::NEWEST)))),
        "ibm-decode" => {
            repeat(times, || records.iter().for_each(|text| drop(black_box(from_str::<InstanceUsage>(text)))))
        }
        "ibm-read" => repeat(times, || records.iter().for_each(|text| drop(black_box(ibm::Instance::read(text))))),
        "ibm-map" => repeat(times, || map_month(&records, |_| ())),
        "ibm-csv" => repeat(times, || map_month(&records, csv(Format::new(Version::NEWEST)))),
        // TIMES invoices of a thousand lines, or one of TIMES thousand lines.
        "invoices" => measured(|tally| (0..times).for_each(|_| tallied(&invoice, tally))),
        "invoice" => {
            let invoice = self::invoice(LINES * times);
            measured(|tally| tallied(&invoice, tally));
        }
        other => {
            eprintln!("unknown way `{other}`");
            std::process::exit(2);
        }
    }
}

fn repeat(times: usize, work: impl Fn()) {
    (0..times).for_each(|_| work());
}

/// Formats each row as a line of CSV.
fn csv(format: Format) -> impl FnMut(&Row<'_>) {
    let mut line = String::new();
    move |row| {
        line.clear();
        format.csv(row, &mut line);
        black_box(&line);
    }
}

/// Measures, and prints the report.
fn measured(work: impl FnOnce(&mut Tally)) {
    let (mut tally, started) = (Tally::default(), Instant::now());
    work(&mut tally);
    outcome::report(tally, started);
}

/// Counts the rows of an invoice as CSV.
fn tallied(text: &str, tally: &mut Tally) {
    let (format, mut line) = (Format::new(Version::NEWEST), String::new());
    map_invoice(text, true, |row| {
        line.clear();
        format.csv(row, &mut line);
        tally.add(&line);
    });
}

/// The texts of the lines. Reading them decodes each.
fn lines(text: &str) -> Vec<&str> {
    let invoice = atlas::Invoice::read(text).expect("an invoice");
    invoice.lines().map(|line| black_box(line.expect("a line")).text).collect()
}

fn map_invoice(text: &str, ids: bool, mut each: impl FnMut(&Row<'_>)) {
    let invoice = atlas::Invoice::read(text).expect("an invoice");
    let options = atlas::Options::new().line_ids(ids);
    let mut mapper = atlas::Mapper::new(&invoice, &options).expect("a whole invoice");
    for line in invoice.lines() {
        each(black_box(&mapper.row(&line.expect("a line"))));
    }
    let end = mapper.finish();
    end.rows.iter().for_each(&mut each);
    black_box(end);
}

fn map_month(records: &[String], mut each: impl FnMut(&Row<'_>)) {
    let report = ibm::Report::read(
        r#"{"account_id": "3f1c9e5a7b2d4c6088aa51d7e0b49c12", "month": "2026-01", "currency_code": "USD"}"#,
    );
    let (report, summary) = (report.expect("a report"), ibm::Summary::default());
    let mut mapper = ibm::Mapper::new(&report, &summary, &ibm::Options::new()).expect("a whole month");
    for text in records {
        let instance = ibm::Instance::read(text).expect("a record");
        for row in mapper.rows(&instance).expect("a record of the month") {
            each(black_box(&row));
        }
    }
    black_box(mapper.finish());
}

/// An invoice as Atlas sends it, with so many lines.
fn invoice(lines: usize) -> String {
    let mut text = String::from(
        r#"{"amountBilledCents":2345,"created":"2026-01-01T00:12:07Z","creditsCents":0,"endDate":"2026-02-01T00:00:00Z","id":"65f0c0a1b2c3d4e5f6a7b8c9","lineItems":["#,
    );
    for index in 0..lines {
        let (day, cluster, cents) = (index % 28 + 1, index % 97, index % 10_007);
        let comma = if index == 0 { "" } else { "," };
        let done = write!(
            text,
            r#"{comma}{{"clusterName":"cluster-{cluster}","created":"2026-01-{day:02}T03:04:05Z","endDate":"2026-01-{:02}T00:00:00Z","groupId":"5f3c1a2b4d6e8f901234{:04}","groupName":"Project {}","quantity":{}.{cluster},"sku":"ATLAS_AWS_INSTANCE_M{}0","startDate":"2026-01-{day:02}T00:00:00Z","tags":{{"env":["production"],"team":["orders"]}},"totalPriceCents":{cents},"unit":"server hours","unitPriceDollars":0.{}}}"#,
            day + 1,
            index % 37,
            index % 37,
            index % 720,
            index % 9 + 1,
            index % 89 + 10,
        );
        done.expect("writing to a string cannot fail");
    }
    text.push_str(r#"],"orgId":"4888442a3354817a7320eb61","salesTaxCents":0,"startDate":"2026-01-01T00:00:00Z","statusName":"PAID","subtotalCents":2345}"#);
    text
}

/// Records of instances as IBM Cloud sends them.
fn records() -> Vec<String> {
    let pages = data::pages(RECORDS);
    let texts = |page: &String| -> Vec<Box<RawValue>> {
        serde_json::from_str(&format!("[{page}]")).expect("records separated by commas")
    };
    pages.iter().flat_map(texts).map(|text| text.get().to_owned()).collect()
}
