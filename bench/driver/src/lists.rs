//! Runs whole processes alternately and measures wall time, CPU time and peak memory.
//!
//! Every round runs all programs, so that other load of the machine affects all of them. Ratios are computed within a
//! round; the printed ratio is their median.

use crate::run::{Sample, Server, Stats, build, median, sample};

/// A program to compare: a name, the program, and its arguments, in which `URL` is the server's address.
pub(crate) type Contestant<'a> = (&'a str, &'a str, &'a [&'a str]);

/// Runs all programs in turn for `rounds` rounds. Prints medians, and ratios to the first program.
pub(crate) fn compare(
    rounds: usize,
    server: &Server,
    contestants: &[Contestant<'_>],
) -> Result<Vec<Vec<Sample>>, String> {
    let mut samples = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for (kept, (_, program, arguments)) in samples.iter_mut().zip(contestants) {
            let arguments: Vec<&str> = arguments
                .iter()
                .map(|argument| if *argument == "URL" { server.url.as_str() } else { argument })
                .collect();
            kept.push(sample(program, &arguments)?);
        }
    }
    println!("{:<30}{:>9}{:>9}{:>9}{:>18}{:>8}", "", "wall s", "CPU s", "peak MB", "wall (min..max)", "CPU");
    for (kept, (name, ..)) in samples.iter().zip(contestants) {
        let ratio = |of: fn(&Sample) -> f64| -> Vec<f64> {
            kept.iter().zip(&samples[0]).map(|(sample, first)| of(sample) / of(first)).collect()
        };
        let wall = ratio(|sample| sample.wall);
        let (least, most) = (wall.iter().copied().fold(f64::MAX, f64::min), wall.iter().copied().fold(0.0, f64::max));
        println!(
            "{name:<30}{:>9.3}{:>9.3}{:>9.1}{:>18}{:>8.2}",
            median(kept.iter().map(|sample| sample.wall)),
            median(kept.iter().map(|sample| sample.cpu)),
            median(kept.iter().map(|sample| sample.peak_mb)),
            format!("{:.2} ({least:.2}..{most:.2})", median(wall.iter().copied())),
            median(ratio(|sample| sample.cpu)),
        );
    }
    Ok(samples)
}

/// Checks that all programs that read records have read the same ones.
pub(crate) fn agree(samples: &[Vec<Sample>]) -> Result<(), String> {
    let mut read = samples.iter().flatten().filter(|sample| sample.records > 0).map(|s| (s.records, s.checksum));
    let first = read.next();
    match read.find(|other| Some(*other) != first) {
        Some(other) => Err(format!("not the same records were read: {first:?} and {other:?}")),
        None => Ok(()),
    }
}

/// Rows 2 and 3: 20,000 records without latency.
pub(crate) fn list(rounds: usize) -> Result<(), String> {
    build(&["floor", "plain-list", "ours"])?;
    let server = Server::start(&[])?;
    println!("\nA list of 20,000 records, 100 pages, {rounds} rounds");
    let samples = compare(
        rounds,
        &server,
        &[
            ("floor, typed, sequential", "floor", &["typed", "URL"]),
            ("plain progenitor", "plain-list", &["typed", "URL"]),
            ("ours", "ours", &["typed", "URL"]),
            ("floor, five fields borrowed", "floor", &["borrowed", "URL"]),
            ("ours, five fields borrowed", "ours", &["lean", "URL"]),
            ("floor, bytes only", "floor", &["bytes", "URL"]),
        ],
    )?;
    agree(&samples)
}

/// Row 4: the same list with a latency of 20 ms per response.
pub(crate) fn latency(rounds: usize) -> Result<(), String> {
    build(&["floor", "ours"])?;
    let server = Server::start(&["latency-ms=20".into()])?;
    println!("\nA list of 20,000 records with 20 ms a page, {rounds} rounds");
    // The same number of small requests, one after another, measures the time of a request.
    let samples = compare(
        rounds,
        &server,
        &[
            ("101 small requests", "floor", &["calls", "URL", "101"]),
            ("floor, typed, sequential", "floor", &["typed", "URL"]),
            ("ours", "ours", &["typed", "URL"]),
            ("floor, bytes only", "floor", &["bytes", "URL"]),
        ],
    )?;
    agree(&samples[1..])
}

/// Row 5: page numbers.
pub(crate) fn numbered(rounds: usize) -> Result<(), String> {
    build(&["floor", "ours"])?;
    let server = Server::start(&["latency-ms=20".into()])?;
    println!("\n100 numbered pages with 20 ms a page, {rounds} rounds");
    let samples = compare(
        rounds,
        &server,
        &[
            ("floor, one after the other", "floor", &["invoices", "URL"]),
            ("ours, none ahead", "ours", &["invoices", "URL", "0"]),
            ("ours, 8 in flight", "ours", &["invoices", "URL", "7"]),
        ],
    )?;
    agree(&samples)?;
    let server = Server::start(&["latency-ms=20".into()])?;
    sample("ours", &["invoices", &server.url, "7"])?;
    let Stats { requests, peak, .. } = server.stats()?;
    println!("{requests} requests, at most {peak} at once; the order is checked by the program");
    Ok(())
}

/// Row 6: CSV.
pub(crate) fn csv(rounds: usize) -> Result<(), String> {
    build(&["floor", "ours"])?;
    for (title, bytes) in [("64 MiB", 64_u64 << 20), ("2 GiB", 2 << 30)] {
        let server = Server::start(&[format!("csv-bytes={bytes}")])?;
        println!("\n{title} of CSV, {rounds} rounds");
        compare(
            rounds,
            &server,
            &[("reqwest, bytes", "floor", &["csv", "URL"]), ("ours, bytes", "ours", &["csv", "URL"])],
        )?;
        let samples = compare(
            rounds,
            &server,
            &[("the csv crate, rows", "floor", &["csv-rows", "URL"]), ("ours, rows", "ours", &["csv-rows", "URL"])],
        )?;
        agree(&samples)?;
    }
    Ok(())
}

/// Row 7: memory for lists of different lengths.
pub(crate) fn memory() -> Result<(), String> {
    build(&["ours"])?;
    println!("\nPeak memory of a list");
    let mut peaks = Vec::new();
    for records in [2_000, 1_000_000] {
        let server = Server::start(&[format!("records={records}")])?;
        let mut kept = Vec::new();
        for _ in 0..3 {
            kept.push(sample("ours", &["typed", &server.url])?);
        }
        let peak = median(kept.iter().map(|sample| sample.peak_mb));
        println!("{records:>10} records{peak:>9.1} MB{:>9.3} s", median(kept.iter().map(|sample| sample.wall)));
        peaks.push(peak);
    }
    println!("ratio {:.2}", peaks[1] / peaks[0]);
    Ok(())
}
