//! The runs of the fuzzer, and the code that they were about.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::root;

/// What a target fuzzes: files and folders of the workspace.
fn code(target: &str) -> &'static [&'static str] {
    match target {
        "decode" => &["sdk-core/src/json", "sdk-core/src/value", ":(glob)*/src/generated/types/*.rs"],
        "json" => &["sdk-core/src/json"],
        "page" | "next" => &["sdk-core/src/json", "sdk-core/src/paginate"],
        "csv" => &["sdk-core/src/csv", "sdk-core/src/gzip.rs"],
        "challenge" => &["sdk-core/src/auth/digest"],
        "cursor" => &["sdk-core/src/paginate", "sdk-core/src/url.rs"],
        "credential_file" | "vcap" => &["sdk-core/src/config"],
        "profile" => &["atlas-billing/src/config"],
        "values" => &["sdk-core/src/value"],
        "spec" => &["codegen/src"],
        _ => &["sdk-core/src"],
    }
}

fn git(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut git = Command::new("git");
    let mut git = git.args(arguments).current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    git.stdin.take().unwrap().write_all(input).unwrap();
    let output = git.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    output.stdout
}

/// A digest of the code of a target, as git has it in its index.
#[must_use]
pub fn state(target: &str) -> String {
    let files = git(&[&["ls-files", "--stage", "--"], code(target)].concat(), b"");
    assert!(!files.is_empty(), "{target} has no code");
    String::from_utf8(git(&["hash-object", "--stdin"], &files)).unwrap()[..12].to_owned()
}

/// A run: a line that `fuzz/run` wrote.
#[derive(Clone, Debug)]
pub struct Run {
    /// The target.
    pub target: String,
    /// The [`state`] of its code then.
    pub code: String,
    /// The processor time, in seconds.
    pub seconds: f64,
}

/// All runs.
///
/// # Panics
/// If a line is none of a run.
#[must_use]
pub fn runs() -> Vec<Run> {
    let text = crate::read("fuzz/runs.csv");
    let run = |line: &str| {
        let [target, code, seconds, _executions] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Run { target: target.to_owned(), code: code.to_owned(), seconds: seconds.parse().unwrap() }
    };
    text.lines().skip(1).map(run).collect()
}
