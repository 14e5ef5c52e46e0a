//! A whole bill: the file of its rows, and what is said of it.

use super::*;
use crate::format::Format;
use crate::reconcile::Status;
use crate::{Mode, Version};

const BILL: &str = include_str!("bill.json");

/// The file with the rows of the bill, and what follows them.
fn file(options: &Options) -> (String, End) {
    let invoice = Invoice::read(BILL).unwrap();
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
    (file, end)
}

#[test]
fn the_rows_of_a_bill() {
    let (file, end) = file(&Options::new().organization_name("Example"));
    insta::assert_snapshot!("rows", file);
    let result = &end.reconciliation;
    assert_eq!((result.status, result.rows_total.to_string()), (Status::Residue, "53.71".to_owned()));
    assert_eq!((result.rows, end.odd_periods), (9, 1));
}

#[test]
fn the_rows_of_a_bill_with_derived_prices() {
    let (file, end) = file(&Options::new().mode(Mode::Derived));
    insta::assert_snapshot!("rows_with_prices", file);
    // The line with a discount.
    assert_eq!(end.not_derived, 1);
    assert_eq!(end.reconciliation.rows_total.to_string(), "53.71");
}

#[test]
fn rows_can_be_kept() {
    let invoice = Invoice::read(BILL).unwrap();
    let options = Options::new();
    let mut mapper = Mapper::new(&invoice, &options).unwrap();
    let rows: Vec<Row<'static>> = invoice.lines().map(|line| mapper.row(&line.unwrap()).into_owned()).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.x_line_id.clone().unwrap()).collect();
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 6);
}

#[test]
fn lines_have_ids_unless_they_are_not_wanted() {
    let (with, _) = file(&Options::new());
    let (without, _) = file(&Options::new().line_ids(false));
    let id = "bd87706457aa079e6b47cdfa03a7102c";
    assert_eq!((with.contains(id), without.contains(id)), (true, false));
}
