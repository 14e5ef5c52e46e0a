//! Thousands of odd invoices, whose generator knows each mismatch that it made: the reconciliation must say what it knows, and
//! the file of the rows must add up to what the reconciliation says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod bill;
mod json;

use std::collections::{BTreeMap, HashSet};

use bill::Bill;
use cloud_billing_core::Decimal;
use cloud_billing_focus::atlas::{End, Invoice, Mapper, Options};
use cloud_billing_focus::format::Format;
use cloud_billing_focus::reconcile::Status;
use cloud_billing_focus::{Mode, Version};

const BILLS: u64 = 3_000;

/// The rows of a bill as a file, and the end.
fn rows(text: &str, options: &Options) -> (Vec<u8>, End) {
    let invoice = Invoice::read(text).unwrap();
    let mut mapper = Mapper::new(&invoice, options).unwrap();
    let format = Format::new(Version::NEWEST);
    let mut file = format.csv_header();
    for line in invoice.lines() {
        format.csv(&mapper.row(&line.unwrap()), &mut file);
    }
    let end = mapper.finish();
    for row in &end.rows {
        format.csv(row, &mut file);
    }
    (file.into_bytes(), end)
}

/// Dollars as cents. No cost has more than two decimal places.
fn cents(dollars: &str) -> i128 {
    let (whole, fraction) = dollars.split_once('.').unwrap_or((dollars, "00"));
    assert_eq!(fraction.len(), 2, "{dollars}");
    format!("{whole}{fraction}").parse().unwrap()
}

fn some_cents(dollars: Option<&Decimal>) -> Option<i128> {
    dollars.map(|dollars| cents(&dollars.to_string()))
}

#[test]
fn the_reconciliation_says_what_was_done_to_the_bill() {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..BILLS {
        let bill = Bill::new(seed);
        let mode = if seed % 2 == 0 { Mode::Strict } else { Mode::Derived };
        let (_, end) = rows(&bill.text, &Options::new().mode(mode));
        let result = &end.reconciliation;
        let place = format!("bill {seed}: {}", bill.text);
        assert_eq!(result.status, bill.status(), "{place}");
        assert_eq!(some_cents(result.expected.as_ref()), bill.payable(), "{place}");
        assert_eq!(some_cents(result.residue.as_ref()), bill.residue(), "{place}");
        assert_eq!(some_cents(Some(&result.rows_total)), Some(bill.rows_total()), "{place}");
        let reasons = end.rows.iter().filter_map(|row| row.x_reconciliation_reason.as_deref());
        assert_eq!(reasons.collect::<Vec<_>>(), if bill.has_residue_row() { vec!["header-differs"] } else { vec![] });
        assert_eq!(end.odd_periods, bill.odd_periods, "{place}");
        if bill.is_untouched() {
            assert_eq!((result.status, bill.residue()), (Status::Exact, Some(0)), "{place}");
        }
        if matches!(result.status, Status::Exact | Status::Residue) {
            assert_eq!(result.expected.as_ref(), Some(&result.rows_total), "{place}");
        }
        *seen.entry(result.status.as_str()).or_default() += 1;
        *seen.entry("untouched").or_default() += u64::from(bill.is_untouched());
    }
    // The generator makes bills of all kinds.
    for kind in ["exact", "residue", "unexplained", "unknown", "untouched"] {
        assert!(seen.get(kind).is_some_and(|count| *count > BILLS / 20), "{seen:?}");
    }
}

#[test]
fn the_file_adds_up_to_the_reconciliation() {
    for seed in 0..BILLS {
        let bill = Bill::new(seed);
        let (file, end) = rows(&bill.text, &Options::new());
        let mut reader = ::csv::Reader::from_reader(&*file);
        let columns = reader.headers().unwrap().clone();
        let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
        let [billed, id, invoice, start, to] =
            ["BilledCost", "x_LineId", "InvoiceId", "ChargePeriodStart", "ChargePeriodEnd"].map(column);
        let (mut sum, mut count, mut ids) = (0, 0, HashSet::new());
        for row in reader.records() {
            let row = row.unwrap();
            count += 1;
            sum += if row[billed].is_empty() { 0 } else { cents(&row[billed]) };
            assert!(row[id].is_empty() || ids.insert(row[id].to_owned()), "bill {seed}: an id twice");
            assert!(!row[invoice].is_empty() && row[start] < row[to], "bill {seed}: {row:?}");
        }
        assert_eq!(Some(sum), some_cents(Some(&end.reconciliation.rows_total)), "bill {seed}: {}", bill.text);
        assert_eq!((count, ids.len()), (end.reconciliation.rows, bill.lines), "bill {seed}");
    }
}

#[test]
fn the_same_bill_makes_the_same_rows() {
    for seed in 0..50 {
        let bill = Bill::new(seed);
        let (first, _) = rows(&bill.text, &Options::new());
        let (second, _) = rows(&bill.text, &Options::new());
        assert_eq!(first, second);
    }
}

#[test]
fn a_broken_text_is_an_error_and_no_panic() {
    for seed in 0..300 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut text = Bill::new(seed).text;
        let at = (0..=rng.usize(..text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        if rng.bool() {
            text.truncate(at);
        } else {
            text.insert(at, rng.choice(['{', '}', '[', ']', '"', ',', '\\', 'x']).unwrap());
        }
        // It may still be an invoice, such as when the text of a note was changed.
        if let Ok(invoice) = Invoice::read(&text)
            && let Ok(mut mapper) = Mapper::new(&invoice, &Options::new())
        {
            for line in invoice.lines() {
                match line {
                    Ok(line) => drop(mapper.row(&line)),
                    Err(error) => assert!(error.offset() <= text.len() && error.path(&text).is_some(), "{text}"),
                }
            }
            let _ = mapper.finish();
        }
    }
}
