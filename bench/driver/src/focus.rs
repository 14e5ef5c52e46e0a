//! The cost model: what rows cost beside decoding, and the memory of many.

use crate::run::{build, instructions, sample};

/// Row 18.
pub(crate) fn focus() -> Result<(), String> {
    build(&["focus"])?;
    let per_run = |way: &str| -> Result<f64, String> {
        let (few, many) = (instructions("focus", &[way, "2"])?, instructions("focus", &[way, "6"])?);
        Ok((many as f64 - few as f64) / 4.0)
    };
    println!("\nInstructions of a thousand lines of Atlas and of 400 records of IBM Cloud");
    let line = |name: &str, count: f64, decoding: f64| println!("{name:<34}{count:>12.0}{:>8.3} x", count / decoding);
    let lines = per_run("atlas-decode")?;
    line("lines, decoded", lines, lines);
    for (name, way) in [
        ("in an invoice", "atlas-read"),
        ("and mapped", "atlas-map"),
        ("with ids of lines", "atlas-ids"),
        ("and as CSV", "atlas-csv"),
    ] {
        line(name, per_run(way)?, lines);
    }
    let records = per_run("ibm-decode")?;
    line("records, decoded", records, records);
    for (name, way) in [("with unknown fields", "ibm-read"), ("and mapped", "ibm-map"), ("and as CSV", "ibm-csv")] {
        line(name, per_run(way)?, records);
    }
    println!("\nPeak memory of rows as CSV");
    for (name, way, times) in [
        ("10 invoices of 1,000 lines", "invoices", "10"),
        ("1,000 invoices of 1,000 lines", "invoices", "1000"),
        ("1 invoice of 1,000,000 lines", "invoice", "1000"),
    ] {
        let sample = sample("focus", &[way, times])?;
        println!("{name:<34}{:>9.1} MB{:>9.3} s", sample.peak_mb, sample.wall);
    }
    Ok(())
}
