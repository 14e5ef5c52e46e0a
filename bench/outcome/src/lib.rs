//! The report of a measured program: one line on standard output for the driver.

use std::time::Instant;

/// The number of items, and a sum over them that must be equal for all compared programs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub records: u64,
    pub checksum: u64,
}

impl Tally {
    /// Counts a record by one of its strings.
    pub fn add(&mut self, text: &str) {
        self.records += 1;
        self.checksum += text.len() as u64;
    }
}

/// Prints the report: the counts, the time since `started`, and the peak resident memory.
///
/// The peak is read from the process itself, because a child inherits `ru_maxrss` from its parent over `exec`.
pub fn report(tally: Tally, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let Tally { records, checksum } = tally;
    println!("records={records} checksum={checksum} seconds={seconds:.6} hwm_kb={}", peak_kb());
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or_default()
}

/// The arguments: the task, the server's address, and a number for the task.
pub fn arguments() -> (String, String, u64) {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap_or_else(|| usage());
    let url = arguments.next().unwrap_or_else(|| usage());
    let number = arguments.next().map_or(0, |text| text.parse().unwrap_or_else(|_| usage()));
    (mode, url, number)
}

fn usage() -> ! {
    eprintln!("usage: <program> MODE URL [NUMBER]");
    std::process::exit(2)
}
