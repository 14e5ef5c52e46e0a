//! What a measured program reports: one line on standard output, which the driver reads.

use std::time::Instant;

/// The count of what was read, and a sum over it that all programs of a comparison must agree on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub records: u64,
    pub checksum: u64,
}

impl Tally {
    /// Counts a record by one of its texts.
    pub fn add(&mut self, text: &str) {
        self.records += 1;
        self.checksum += text.len() as u64;
    }
}

/// Prints the report: the counts, the time since `started`, and the peak of the resident memory.
///
/// `ru_maxrss` of a child is inherited over `exec` from the parent, so the peak is read from the process itself.
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

/// The arguments: what to do, the server's address, and a number that the task may need.
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
