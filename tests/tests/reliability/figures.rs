//! The figures that `cargo reliability` prints: some lines for each test, and the sums over all tests.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// A sum over all tests.
#[derive(Clone, Copy)]
pub(crate) enum Figure {
    Faults,
    Survived,
    Records,
    Operations,
    Hostile,
    Dropped,
    Executions,
}

const NAMES: [&str; 7] = [
    "faults tried",
    "of them survived with the right data; the others were typed errors",
    "records past faults, 0 lost and 0 doubled",
    "operations under load",
    "hostile answers and requests: each a typed error or correct data",
    "callers that went away",
    "fuzz executions without a find",
];

/// The beginning of a line that reports a figure: its number and a count follow.
const REPORT: &str = "reliability figure ";

/// Adds to a figure.
pub(crate) fn add(figure: Figure, count: usize) {
    println!("\n{REPORT}{} {count}", figure as usize);
}

/// Prints a line for `cargo reliability`.
pub(crate) fn say(text: impl AsRef<str>) {
    println!("\nreliability: {}", text.as_ref());
}

/// Repeats the figures and the lines that a process of its own has printed.
pub(crate) fn repeat(output: &str) {
    for line in output.lines() {
        if line.starts_with(REPORT) {
            println!("\n{line}");
        }
        if let Some(start) = line.find("reliability: ") {
            say(&line[start + "reliability: ".len()..]);
        }
    }
}

/// Runs all the other tests in a process of its own, and prints their figures and the sums. `cargo reliability` calls it.
#[test]
#[ignore = "runs all the other tests"]
fn all() {
    let mut tests = Command::new(std::env::current_exe().unwrap())
        .args(["--nocapture", "--test-threads", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut counts = [0; NAMES.len()];
    for line in BufReader::new(tests.stdout.take().unwrap()).lines().map(Result::unwrap) {
        match line.strip_prefix(REPORT).and_then(|rest| rest.split_once(' ')) {
            Some((figure, count)) => counts[figure.parse::<usize>().unwrap()] += count.parse::<usize>().unwrap(),
            None => println!("{line}"),
        }
    }
    assert!(tests.wait().unwrap().success(), "a test has failed");
    println!("\nreliability: in all");
    for (name, count) in NAMES.into_iter().zip(counts) {
        println!("{count:>12} {name}");
    }
    assert!(counts.iter().all(|count| *count > 0), "a figure is missing");
}
