//! The figures that `cargo reliability` prints: some lines for each test, and what they come to.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What is counted over all tests.
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

static COUNTS: [AtomicUsize; NAMES.len()] = [const { AtomicUsize::new(0) }; NAMES.len()];

/// What a line begins with that a process of its own reports a figure by.
const REPORT: &str = "reliability figure ";

/// Adds to a figure.
pub(crate) fn add(figure: Figure, count: usize) {
    COUNTS[figure as usize].fetch_add(count, Ordering::SeqCst);
    if crate::memory::is_alone() {
        println!("\n{REPORT}{} {count}", figure as usize);
    }
}

/// Adds what a process of its own has reported, and passes on what it said.
pub(crate) fn adopt(output: &str) {
    for line in output.lines() {
        if let Some((figure, count)) = line.strip_prefix(REPORT).and_then(|rest| rest.split_once(' ')) {
            COUNTS[figure.parse::<usize>().unwrap()].fetch_add(count.parse().unwrap(), Ordering::SeqCst);
        }
        if let Some(start) = line.find("reliability: ") {
            say(&line[start + "reliability: ".len()..]);
        }
    }
}

/// A line for whoever asks for the figures.
pub(crate) fn say(text: impl AsRef<str>) {
    println!("\nreliability: {}", text.as_ref());
}

/// Prints what it all came to. `false` if some figure is missing.
pub(crate) fn sum_up() -> bool {
    println!("\nreliability: in all");
    let counts = COUNTS.each_ref().map(|count| count.load(Ordering::SeqCst));
    for (name, count) in NAMES.into_iter().zip(counts) {
        println!("{count:>12} {name}");
    }
    counts.iter().all(|count| *count > 0)
}
