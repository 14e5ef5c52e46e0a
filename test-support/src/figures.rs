//! The figures of the tests behind `SECURITY.md`. A test prints them; `cargo reliability` adds them up.

/// A sum over all tests.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
    /// Faults that were injected.
    Faults,
    /// Of them, those after which the data was right.
    Survived,
    /// Records that were read past faults.
    Records,
    /// Operations under load.
    Operations,
    /// Hostile responses, requests, files and servers.
    Hostile,
    /// Callers that went away.
    Dropped,
    /// Executions of fuzz targets.
    Executions,
}

/// What each [`Figure`] counts, in their order.
pub const NAMES: [&str; 7] = [
    "faults tried",
    "of them survived with the right data; the others were typed errors",
    "records past faults, 0 lost and 0 doubled",
    "operations under load",
    "attacks tried and held: each ended in a typed error or correct data",
    "callers that went away",
    "fuzz executions without a find",
];

/// The beginning of a line that reports a figure: its number and a count follow.
pub const REPORT: &str = "reliability figure ";

/// The beginning of a line that the summary repeats.
pub const STATED: &str = "reliability stated: ";

/// Adds to a figure.
pub fn add(figure: Figure, count: usize) {
    println!("\n{REPORT}{} {count}", figure as usize);
}

/// Prints a line for `cargo reliability`.
pub fn say(text: impl AsRef<str>) {
    println!("\nreliability: {}", text.as_ref());
}

/// Prints a line for the summary.
pub fn state(text: impl AsRef<str>) {
    println!("\n{STATED}{}", text.as_ref());
}

/// Repeats the figures and the lines that another process has printed.
pub fn repeat(output: &str) {
    for line in output.lines() {
        if line.starts_with(REPORT) || line.starts_with(STATED) {
            println!("\n{line}");
        }
        if let Some(start) = line.find("reliability: ") {
            say(&line[start + "reliability: ".len()..]);
        }
    }
}
