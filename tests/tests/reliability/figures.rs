//! `cargo reliability`: runs the tests behind `SECURITY.md`, prints their figures as they come, and the sums at the end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

pub(crate) use test_support::figures::{Figure, add, say, state};
use test_support::figures::{NAMES, REPORT, STATED};
use workspace_tests::root;

/// The sums over all tests, and the lines of the summary.
#[derive(Default)]
struct Summary {
    counts: [usize; NAMES.len()],
    stated: Vec<String>,
}

impl Summary {
    /// Runs a program of tests, passes on what it prints, and takes its figures.
    fn run(&mut self, program: &mut Command) {
        let mut tests = program.stdout(Stdio::piped()).spawn().unwrap();
        for line in BufReader::new(tests.stdout.take().unwrap()).lines().map(Result::unwrap) {
            if let Some((figure, count)) = line.strip_prefix(REPORT).and_then(|rest| rest.split_once(' ')) {
                self.counts[figure.parse::<usize>().unwrap()] += count.parse::<usize>().unwrap();
            } else if let Some(text) = line.strip_prefix(STATED) {
                self.stated.push(text.to_owned());
            } else {
                println!("{line}");
            }
        }
        assert!(tests.wait().unwrap().success(), "a test has failed");
    }

    fn print(&self) {
        println!("\nreliability: in all");
        for (name, count) in NAMES.into_iter().zip(self.counts) {
            println!("{count:>12} {name}");
        }
        for text in &self.stated {
            println!("{text}");
        }
        assert!(self.counts.iter().all(|count| *count > 0), "a figure is missing");
    }
}

/// How a program of tests prints its figures.
const PRINTING: [&str; 3] = ["--nocapture", "--test-threads", "1"];

/// Runs all other tests of this program, those of the runtime's program with hostile servers below HTTP, with both TLS
/// libraries, and those that measure.
#[test]
#[ignore = "runs all the other tests"]
fn all() {
    let mut summary = Summary::default();
    summary.run(Command::new(std::env::current_exe().unwrap()).args(PRINTING));
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg("test").arg("--locked").current_dir(root());
        cargo
    };
    for features in [&[][..], &["--no-default-features", "--features", "native-tls"]] {
        let hostile = ["--package", "cloud-billing-core", "--test", "tls", "--", "hostile"];
        summary.run(cargo().args(features).args(hostile).args(PRINTING));
    }
    // Optimised, as programs are that matter.
    let measured = ["--release", "--package", "workspace-tests", "--test", "reliability", "--", "--ignored"];
    for measurement in ["appetite::worst_shape", "polls::longest"] {
        summary.run(cargo().args(measured).args(["--exact", measurement]).args(PRINTING));
    }
    summary.print();
}
