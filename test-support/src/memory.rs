//! How much memory this process takes, from Linux's own books, and tests in a process of their own.

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

/// What is resident now.
pub fn resident() -> u64 {
    status("VmRSS")
}

/// The most that was resident since [`reset_peak`].
pub fn peak() -> u64 {
    status("VmHWM")
}

/// Begins to look for the peak anew.
pub fn reset_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Runs a test of this file by itself in a process of its own, where it is the only one that takes memory. `true` in that
/// process. What it prints is passed on.
pub fn alone(test: &str) -> bool {
    alone_and_heard(test).is_none()
}

const CHILD: &str = "RELIABILITY_ALONE";

/// Whether this is the process of a single test.
fn is_alone() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Like [`alone`]; outside of that process, all that it has written.
pub fn alone_and_heard(test: &str) -> Option<String> {
    if is_alone() {
        return None;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--include-ignored", "--nocapture", "--test-threads", "1"])
        .env(CHILD, "1")
        // The allocator gives back what is freed. It would keep ever more, and no peak would be told from the one before.
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
