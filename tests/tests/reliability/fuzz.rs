//! The fuzz targets without a fuzzer: each over its seeds, everything that has ever broken it, and mutations of both. The
//! mutations are the same in every run.

use std::collections::BTreeSet;
use std::time::Instant;

use workspace_tests::{cargo, catalogue, read};

use crate::figures::{self, Figure};
use workspace_tests::fuzz_targets::{DECODED, TARGETS, runs, seeds, state};

/// How many mutations each target is given. What is slow, or goes over a socket, is given fewer.
fn mutations(target: &str) -> usize {
    match target {
        "spec" => 300,
        "answer" | "cursor" | "credential_file" | "profile" => 400,
        "decode" => 400,
        "csv" => 1500,
        _ => 4000,
    }
}

/// What input from outside likes to contain.
const WORDS: [&[u8]; 40] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\r\n",
    b"\n",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"null",
    b"true",
    b"-",
    b"1e999999999",
    b"1e-999999999",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"0.1",
    b"NaN",
    b"\xef\xbb\xbf",
    b"\x1f\x8b\x08",
    b"=",
    b"%",
    b"%2e",
    b"&_start=",
    b"#",
    b" ",
    b"\t",
    b"- ",
    b"? ",
    b"&a ",
    b"*a",
    b"!!",
    b"$ref: '#/components/schemas/X'",
    b"  ",
    b"Digest ",
];

/// A source of numbers that is the same in every run.
struct Numbers(fastrand::Rng);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end.max(1))
    }

    /// One to five changes of an input.
    fn mutate(&mut self, seed: &[u8], all: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(5) {
            let at = self.below(bytes.len() + 1);
            let length = (self.below(16) + 1).min(bytes.len() - at.min(bytes.len()));
            match self.below(7) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = self.0.u8(..),
                2 => drop(bytes.drain(at..at + length)),
                3 => {
                    let copied = bytes[at..at + length].to_vec();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, copied);
                }
                4 => {
                    let other = &all[self.below(all.len())];
                    let from = self.below(other.len());
                    let end = (from + self.below(64)).min(other.len());
                    bytes.splice(at..at, other[from.min(end)..end].iter().copied());
                }
                5 => bytes.truncate(at),
                _ => drop(bytes.splice(at..at, WORDS[self.below(WORDS.len())].iter().copied())),
            }
        }
        bytes
    }
}

/// Every generated type is decoded, and no other one.
#[test]
pub(crate) fn every_type_of_every_service_is_decoded() {
    for service in cloud_billing_catalogue::SERVICES {
        let module = service.name.replace('-', "_");
        let decoded = DECODED.iter().filter(|(service, _)| *service == module).map(|(_, name)| *name);
        // Rust's names differ from those of the spec by their case; no two names of a spec do.
        let plain = |names: Vec<&str>| names.into_iter().map(str::to_lowercase).collect::<BTreeSet<_>>();
        let specified = catalogue::types(service).into_iter().collect();
        assert_eq!(plain(specified), plain(decoded.collect()), "{}", service.name);
    }
}

/// `cargo fuzz` runs the targets that run here, from the same crates.
#[test]
pub(crate) fn the_fuzzer_has_the_same_targets() {
    let manifest: toml::Table = read("fuzz/Cargo.toml").parse().unwrap();
    let bins: Vec<&str> = manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap()).collect();
    assert_eq!(bins, TARGETS.map(|(name, _)| name));
    // The lock file fits the manifests; nothing is built for that.
    let _ = cargo(&["update", "--workspace", "--locked", "--manifest-path", "fuzz/Cargo.toml"]);
}

#[test]
pub(crate) fn seeds_and_mutations() {
    let mut total = 0;
    for (name, target) in TARGETS {
        let start = Instant::now();
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        let mut numbers = Numbers(fastrand::Rng::with_seed(7));
        let mutated = (0..mutations(name)).map(|number| numbers.mutate(&seeds[number % seeds.len()], &seeds));
        let mut count = 0;
        for input in seeds.iter().cloned().chain(mutated) {
            let shown = String::from_utf8_lossy(&input).into_owned();
            if let Err(panic) = std::panic::catch_unwind(|| target(&input)) {
                eprintln!("{name} breaks with {shown:?}");
                std::panic::resume_unwind(panic);
            }
            count += 1;
        }
        total += count;
        figures::add(Figure::Executions, count);
        figures::say(format!("fuzz target {name}: {count} executions in {:.1} s", start.elapsed().as_secs_f64()));
    }
    figures::say(format!("{total} executions of {} fuzz targets without a find", TARGETS.len()));
}

/// How long the fuzzer itself ran, by `fuzz/run`: on the code as it is now, and in all.
#[test]
pub(crate) fn hours_of_the_fuzzer() {
    let runs = runs();
    assert!(runs.iter().all(|run| TARGETS.iter().any(|(target, _)| *target == run.target)), "{runs:?}");
    let hours = |target: &str, is_new: bool| {
        let code = state(target);
        let of_target = runs.iter().filter(|run| run.target == target && (!is_new || run.code == code));
        of_target.fold(0.0, |sum, run| sum + run.seconds) / 3600.0
    };
    let shown = TARGETS.map(|(name, _)| format!("{name} {:.2} ({:.2})", hours(name, true), hours(name, false)));
    figures::state(format!("CPU-hours of the fuzzer on the code as it is now (and in all): {}", shown.join(", ")));
}
