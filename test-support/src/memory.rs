//! The memory of this process as Linux counts it, and tests that run in a process of their own.

use std::fs;
use std::process::Command;

use crate::figures;

/// One megabyte, in the kilobytes of `/proc`.
pub const MB: u64 = 1024;

/// A field of `/proc/self/status`, in kilobytes.
fn status(field: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The resident memory, in kilobytes.
pub fn resident() -> u64 {
    status("VmRSS")
}

/// The most resident memory since [`reset_peak`], in kilobytes.
pub fn peak() -> u64 {
    status("VmHWM")
}

/// Starts a new measurement of the peak.
pub fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Runs a test of this file in a process of its own, where no other test takes memory. Returns `true` in that process.
/// The lines for `cargo reliability` that it prints are repeated.
pub fn alone(test: &str) -> bool {
    alone_and_heard(test).is_none()
}

const CHILD: &str = "RELIABILITY_ALONE";

/// Whether this is the process of a single test.
fn is_alone() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Like [`alone`], but returns the output of that process, and `None` in it.
pub fn alone_and_heard(test: &str) -> Option<String> {
    if is_alone() {
        return None;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--include-ignored", "--nocapture", "--test-threads", "1"])
        .env(CHILD, "1")
        // The allocator returns freed memory at once. Otherwise it keeps more and more, and a peak cannot be told from
        // the one before.
        .env("MALLOC_TRIM_THRESHOLD_", "131072")
        .env("MALLOC_MMAP_THRESHOLD_", "131072")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "there is no test {test}: {text}");
    figures::repeat(&text);
    Some(text + &String::from_utf8_lossy(&output.stderr))
}
