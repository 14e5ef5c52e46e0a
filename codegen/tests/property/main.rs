//! Every spec that lint accepts becomes code that compiles, and whose types read and write the spec's examples.
//!
//! `cargo test -p codegen --test property` generates the code of some hundred random specs. The test that compiles it
//! is ignored; CONTRIBUTING.md has its command. `PROPERTY_SPECS` is the number of specs, `PROPERTY_SEED` the first
//! seed.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

mod crates;
mod spec;

use codegen::Source;
use spec::Spec;

/// A spec that lint accepts, with its seed.
pub(crate) struct Accepted {
    pub seed: u64,
    pub text: String,
    pub spec: Spec,
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

pub(crate) fn source(text: &str) -> Source<'_> {
    Source { file: "property.yaml", text, command: "cargo test" }
}

/// The specs of some seeds that lint accepts. At least half of them are, and those it refuses have findings of rules.
fn accepted(seeds: std::ops::Range<u64>) -> Vec<Accepted> {
    let count = seeds.end - seeds.start;
    let specs = seeds.map(|seed| {
        let spec = spec::spec(seed);
        Accepted { seed, text: spec.text(), spec }
    });
    let (accepted, refused): (Vec<_>, Vec<_>) = specs.partition(|one| codegen::lint(source(&one.text)).is_ok());
    if std::env::var_os("PROPERTY_REFUSED").is_some() {
        let mut counts = std::collections::BTreeMap::<String, (usize, u64)>::new();
        for one in &refused {
            for finding in codegen::lint(source(&one.text)).expect_err("a refused spec").iter() {
                let entry = counts.entry(format!("{}: {}", finding.rule, finding.message)).or_insert((0, one.seed));
                entry.0 += 1;
            }
        }
        for (finding, (count, seed)) in counts {
            println!("{count:>5} {finding} (seed {seed})");
        }
    }
    println!("{} of {count} specs are accepted", accepted.len());
    assert!(accepted.len() * 2 >= count as usize, "lint accepts {} of {count}", accepted.len());
    assert!(!refused.is_empty() || count < 100, "no spec is refused");
    accepted
}

#[test]
fn accepted_specs_are_generated() {
    let first = number("PROPERTY_SEED", 0);
    let failed: Vec<String> = accepted(first..first + number("PROPERTY_SPECS", 400))
        .into_iter()
        .filter_map(|one| {
            let error = codegen::generate(source(&one.text)).err()?;
            Some(format!("seed {}: {error}\n{}", one.seed, one.text))
        })
        .collect();
    let smallest = failed.iter().min_by_key(|text| text.len());
    assert!(
        failed.is_empty(),
        "{} specs pass lint and are not generated; the smallest:\n{}",
        failed.len(),
        smallest.map_or("", |text| text)
    );
}

/// Builds a crate of some hundred specs at a time, and runs it.
#[test]
#[ignore = "compiles generated code, for a minute or an hour"]
fn accepted_specs_compile_and_round_trip() {
    let first = number("PROPERTY_SEED", 0);
    let last = first + number("PROPERTY_SPECS", 150);
    let (mut at, mut failed) = (first, Vec::new());
    while at < last {
        let next = last.min(at + 250);
        failed.extend(crates::check(&accepted(at..next)));
        at = next;
    }
    failed.sort_by_key(|failure: &crates::Failure| failure.spec.len());
    for failure in &failed {
        println!("seed {}: {}", failure.seed, failure.message);
    }
    let shown: Vec<String> = failed
        .iter()
        .take(5)
        .map(|failure| format!("seed {}: {}\n{}", failure.seed, failure.message, failure.spec))
        .collect();
    assert!(failed.is_empty(), "{} failures; the smallest:\n{}", failed.len(), shown.join("\n\n"));
}
