//! Counts instructions with callgrind. They do not depend on other load of the machine.

use crate::run::{Server, build, instructions};

/// The gate's limit for the instructions per record, as a multiple of the floor.
const GATE: f64 = 0.6;

/// The lengths of two lists in records. Their difference excludes one-time work.
const SIZES: [u64; 2] = [1_000, 3_000];

/// Instructions per record of a whole list.
fn per_record(program: &str, mode: &str) -> Result<f64, String> {
    let mut counted = [0; 2];
    for (count, records) in counted.iter_mut().zip(SIZES) {
        let server = Server::start(&[format!("records={records}")])?;
        *count = instructions(program, &[mode, &server.url])?;
    }
    Ok((counted[1] as f64 - counted[0] as f64) / (SIZES[1] - SIZES[0]) as f64)
}

/// Rows 1 and 15: each list against its floor.
pub(crate) fn list() -> Result<(), String> {
    build(&["floor", "plain-list", "ours"])?;
    println!("\nInstructions per record of a list");
    let typed = per_record("floor", "typed")?;
    let borrowed = per_record("floor", "borrowed")?;
    let line = |name: &str, count: f64, floor: f64| println!("{name:<34}{count:>10.0}{:>8.3} x", count / floor);
    line("floor, typed", typed, typed);
    line("plain progenitor", per_record("plain-list", "typed")?, typed);
    line("ours", per_record("ours", "typed")?, typed);
    line("floor, five fields borrowed", borrowed, borrowed);
    line("ours, five fields borrowed", per_record("ours", "lean")?, borrowed);
    line("floor, bytes only", per_record("floor", "bytes")?, borrowed);
    Ok(())
}

/// The list against the floor, with a limit.
pub(crate) fn gate() -> Result<(), String> {
    build(&["floor", "ours"])?;
    let (floor, ours) = (per_record("floor", "typed")?, per_record("ours", "typed")?);
    let ratio = ours / floor;
    println!("instructions per record: ours {ours:.0}, floor {floor:.0}, ratio {ratio:.3}, limit {GATE}");
    if ratio > GATE { Err(format!("a list takes {ratio:.3} times the instructions of the floor")) } else { Ok(()) }
}

/// Rows 9 and 10: decoding.
pub(crate) fn decode() -> Result<(), String> {
    build(&["decode"])?;
    let per_page = |mode: &str| -> Result<f64, String> {
        let (few, many) = (instructions("decode", &[mode, "2"])?, instructions("decode", &[mode, "6"])?);
        Ok((many as f64 - few as f64) / 4.0)
    };
    for (title, modes) in [
        ("instance usage", [("pages", "ibm-ours"), ("items", "ibm-items"), ("plain progenitor", "ibm-plain")]),
        ("invoices", [("pages", "atlas-ours"), ("items", "atlas-items"), ("plain progenitor", "atlas-plain")]),
    ] {
        println!("\nInstructions of decoding a page of {title}");
        let plain = per_page(modes[2].1)?;
        for (name, mode) in modes {
            let count = per_page(mode)?;
            println!("{name:<34}{count:>12.0}   plain progenitor takes {:.3} x", plain / count);
        }
    }
    Ok(())
}

/// Row 14: a small call over an open connection.
pub(crate) fn call() -> Result<(), String> {
    build(&["floor", "ours"])?;
    let server = Server::start(&[])?;
    println!("\nInstructions of one small call");
    let per_call = |program: &str| -> Result<f64, String> {
        let (few, many) = (
            instructions(program, &["calls", &server.url, "100"])?,
            instructions(program, &["calls", &server.url, "600"])?,
        );
        Ok((many as f64 - few as f64) / 500.0)
    };
    let (floor, ours) = (per_call("floor")?, per_call("ours")?);
    println!("{:<34}{floor:>10.0}\n{:<34}{ours:>10.0}{:>8.3} x", "floor", "ours", ours / floor);
    Ok(())
}
