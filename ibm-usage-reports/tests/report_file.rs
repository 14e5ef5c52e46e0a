//! Report files of snapshots.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ibm_usage_reports::types::AccountUsage;
use ibm_usage_reports::{Decimal, ErrorKind, report_file};

const REPORT: &[u8] = b"Account ID,Resource Name,Cost\r\na,\"Kubernetes, managed\",12.50\r\na,Logs,0.25\r\n";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_report_is_read_compressed_or_not() {
    let members = [gzip(&REPORT[..40]), gzip(&REPORT[40..])].concat();
    for data in [REPORT.to_vec(), gzip(REPORT), members] {
        let rows: Vec<_> = report_file::from_reader(&data[..]).map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].get("Resource Name"), Some("Kubernetes, managed"));
        let total: Decimal = rows.iter().map(|row| row.parse::<Decimal>("Cost").unwrap().unwrap()).sum();
        assert_eq!(total, Decimal::from_cents(1275));
    }
}

#[test]
fn a_report_file_is_opened_by_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.csv.gz");
    std::fs::write(&path, gzip(REPORT)).unwrap();
    assert_eq!(report_file::open(&path).unwrap().count(), 2);
    assert_eq!(report_file::open(directory.path().join("other.csv.gz")).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn a_report_that_ends_early_is_an_error() {
    let data = gzip(REPORT);
    let error = report_file::from_reader(&data[..data.len() - 9]).find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("ends early"), "{error}");
}

#[test]
fn totals_of_a_report() {
    let json = r#"{"resources": [
        {"billable_cost": 0.1, "non_billable_cost": 8}, {"billable_cost": 0.2}, {"non_billable_cost": 1e-7}
    ]}"#;
    let usage: AccountUsage = cloud_billing_core::json::from_str(json).unwrap();
    let total = usage.billable_total();
    assert_eq!((total.sum.to_string(), total.missing), ("0.3".to_owned(), 1));
    assert_eq!(usage.non_billable_total().sum.to_string(), "8.0000001");
}
