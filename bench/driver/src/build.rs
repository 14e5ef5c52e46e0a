//! Measures how long a client takes to build, alternating with plain progenitor's client for the same operations.
//!
//! The crates are copies in `target/build-times`, so the checkout is not touched. progenitor's code is generated in
//! advance, so no build script is measured. The shared dependencies are built before the first round.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::run::{cargo, median, run, target, workspace};

/// A measured build: its name, the package to build, and the packages to compile again.
struct Subject {
    name: String,
    package: String,
    anew: Vec<String>,
}

impl Subject {
    fn new(name: impl Into<String>, package: &str, anew: &[&str]) -> Self {
        Self {
            name: name.into(),
            package: package.to_owned(),
            anew: anew.iter().map(|&package| package.into()).collect(),
        }
    }

    /// Compiles it from scratch, except for its dependencies.
    fn cold(&self, home: &Path, profile: &str) -> Result<f64, String> {
        for package in &self.anew {
            cargo_at(home, "clean", profile, package)?;
        }
        self.build(home, profile)
    }

    /// Compiles everything that is out of date, and returns the time in seconds.
    fn build(&self, home: &Path, profile: &str) -> Result<f64, String> {
        let start = Instant::now();
        cargo_at(home, "build", profile, &self.package)?;
        Ok(start.elapsed().as_secs_f64())
    }
}

/// The numbers of operations to compare: those of a real service, and many.
const SIZES: [usize; 2] = [13, 200];

/// Row 12: growth of the compile time with the number of operations, for synthetic specs with built dependencies.
/// Measures the client, and the client with a crate that calls each operation.
pub(crate) fn growth(rounds: usize) -> Result<(), String> {
    let home = target()?.join("build-times");
    write(&home)?;
    write_synthetic(&home)?;
    let mut subjects = Vec::new();
    for (kind, what) in [("plain", ""), ("ours", ""), ("plain", " and calls"), ("ours", " and calls")] {
        for size in SIZES {
            let (client, calls) = (format!("{kind}-{size}"), format!("{kind}-{size}-calls"));
            let anew: &[&str] = if what.is_empty() { &[&client] } else { &[&calls, &client] };
            subjects.push(Subject::new(format!("{kind}, {size}{what}"), anew[0], anew));
        }
    }
    for profile in PROFILES {
        for subject in &subjects {
            subject.build(&home, profile)?;
        }
        let times = alternate(&subjects, rounds, |subject| subject.cold(&home, profile))?;
        println!("\nClients of synthetic specs, {profile}, {rounds} rounds: median s, and ms for each operation more");
        for (pair, of) in times.chunks(SIZES.len()).zip(subjects.chunks(SIZES.len())) {
            let slopes = pair[0].iter().zip(&pair[1]).map(|(few, many)| (many - few) / (SIZES[1] - SIZES[0]) as f64);
            println!("    {:<26}{:>8.2}", of[0].name, median(pair[0].iter().copied()));
            println!("    {:<26}{:>8.2}{:>8.1}", of[1].name, median(pair[1].iter().copied()), 1e3 * median(slopes));
        }
    }
    Ok(())
}

/// Row 12: compile time from scratch with built dependencies, and after adding a function.
pub(crate) fn build(rounds: usize) -> Result<(), String> {
    let home = target()?.join("build-times");
    write(&home)?;
    let subjects = [
        Subject::new("plain progenitor", "plain-clients", &["plain-clients"]),
        Subject::new("ours, the clients", "our-clients", &["our-clients", "ibm-usage-reports", "atlas-billing"]),
        Subject::new(
            "ours, cloud-billing-core too",
            "our-clients",
            &["our-clients", "ibm-usage-reports", "atlas-billing", "cloud-billing-core"],
        ),
    ];
    // The files that get the added function: in the client, and last in the runtime of both clients.
    let changed = ["plain-clients/src/ibm.rs", "ibm-usage-reports/src/lib.rs", "sdk-core/src/lib.rs"];
    let mut number = 0;
    for profile in PROFILES {
        for subject in &subjects {
            subject.build(&home, profile)?;
        }
        let times = alternate(&subjects, rounds, |subject| subject.cold(&home, profile))?;
        print(&format!("The clients, cold, what is below built, {profile}, {rounds} rounds"), &subjects, &times);
        let pairs: Vec<(&Subject, &str)> = subjects.iter().zip(changed).collect();
        let times = alternate(&pairs, rounds, |(subject, changed)| {
            number += 1;
            let path = home.join(changed);
            let text = read(path.clone())?;
            put(path, format!("{text}\n#[doc = \"\"]\npub fn added_{number}() -> u32 {{\n    {number}\n}}\n"))?;
            subject.build(&home, profile)
        })?;
        print(&format!("The clients, a function more, {profile}, {rounds} rounds"), &subjects, &times);
    }
    Ok(())
}

const PROFILES: [&str; 2] = ["dev", "release"];

/// Builds the subjects in turn, for this many rounds.
fn alternate<S>(
    subjects: &[S],
    rounds: usize,
    mut once: impl FnMut(&S) -> Result<f64, String>,
) -> Result<Vec<Vec<f64>>, String> {
    let mut times = vec![Vec::new(); subjects.len()];
    for _ in 0..rounds {
        for (kept, subject) in times.iter_mut().zip(subjects) {
            kept.push(once(subject)?);
        }
    }
    Ok(times)
}

/// Prints each subject's median time and its ratio to the first subject.
fn print(title: &str, subjects: &[Subject], times: &[Vec<f64>]) {
    println!("\n{title}: median s, ratio to the first (min..max)");
    for (kept, subject) in times.iter().zip(subjects) {
        let ratios: Vec<f64> = kept.iter().zip(&times[0]).map(|(time, first)| time / first).collect();
        let (least, most) =
            (ratios.iter().copied().fold(f64::MAX, f64::min), ratios.iter().copied().fold(0.0, f64::max));
        let (time, ratio) = (median(kept.iter().copied()), median(ratios));
        println!("    {:<26}{time:>8.2}{ratio:>8.2} ({least:.2}..{most:.2})", subject.name);
    }
}

fn cargo_at(home: &Path, command: &str, profile: &str, package: &str) -> Result<(), String> {
    let arguments = [command, "--quiet", "--offline", "--profile", profile, "--package", package];
    run(cargo().args(arguments).env("CARGO_TARGET_DIR", home.join("target")).current_dir(home)).map(drop)
}

/// Writes a workspace of copies: this project's crates, and a crate with progenitor's output.
fn write(home: &Path) -> Result<(), String> {
    let bench = workspace();
    let root = bench.join("..");
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    for package in ["sdk-core", "ibm-usage-reports", "atlas-billing"] {
        copy(&root.join(package), &home.join(package))?;
    }
    // The clients' tests and examples are not copied, nor their dependencies.
    let manifest = read(root.join("Cargo.toml"))?;
    let start = manifest.find("members = ").ok_or("the manifest lists no members")?;
    let end = manifest[start..].find('\n').map_or(manifest.len(), |length| start + length);
    let members = r#"members = ["sdk-core", "ibm-usage-reports", "atlas-billing", "our-clients", "plain-clients"]"#;
    let kept: Vec<&str> = manifest[end..]
        .lines()
        .filter(|line| !line.starts_with("exclude = ") && !line.starts_with("default-members = "))
        .collect();
    put(home.join("Cargo.toml"), format!("{}{members}{}", &manifest[..start], kept.join("\n")))?;
    for package in ["sdk-core", "ibm-usage-reports", "atlas-billing"] {
        let manifest = read(home.join(package).join("Cargo.toml"))?;
        put(home.join(package).join("Cargo.toml"), without_tests(&manifest))?;
    }
    put(home.join("our-clients/Cargo.toml"), crate_of("our-clients", OUR_CLIENTS))?;
    put(home.join("our-clients/src/lib.rs"), "pub use {atlas_billing, ibm_usage_reports};\n".to_owned())?;
    put(home.join("plain-clients/Cargo.toml"), crate_of("plain-clients", &plain_dependencies()?))?;
    let allow = "#![allow(clippy::all, unused, mismatched_lifetime_syntaxes, missing_docs)]\n";
    put(home.join("plain-clients/src/lib.rs"), format!("{allow}pub mod atlas;\npub mod ibm;\n"))?;
    let generated = generated()?;
    for (module, service) in [("ibm", "ibm-usage-reports"), ("atlas", "atlas-billing")] {
        let text = read(generated.join(format!("{service}.rs")))?;
        put(home.join("plain-clients/src").join(format!("{module}.rs")), text)?;
    }
    // The same versions as in all benches. Cargo drops unused ones.
    std::fs::copy(bench.join("Cargo.lock"), home.join("Cargo.lock")).map(drop).map_err(|error| failed(home, error))
}

/// The clients of synthetic specs, and crates that call them, as workspace members.
fn write_synthetic(home: &Path) -> Result<(), String> {
    let mut members = String::new();
    for size in SIZES {
        for (kind, dependencies) in [("ours", OURS.to_owned()), ("plain", plain_dependencies()?)] {
            let name = format!("{kind}-{size}");
            let (calls, client) = (format!("{name}-calls"), format!("{name} = {{ path = \"../{name}\" }}\n"));
            members.push_str(&format!("\"{name}\", \"{calls}\", "));
            put(home.join(&name).join("Cargo.toml"), crate_of(&name, &dependencies))?;
            put(home.join(&calls).join("Cargo.toml"), crate_of(&calls, &client))?;
        }
    }
    let manifest = read(home.join("Cargo.toml"))?;
    put(home.join("Cargo.toml"), manifest.replacen("members = [", &format!("members = [{members}"), 1))?;
    let sizes = SIZES.map(|size| size.to_string());
    let growth = ["run", "--release", "--locked", "--quiet", "--package", "growth", "--"];
    run(cargo().args(growth).arg(home).args(sizes)).map(drop)
}

/// The dependencies of a crate that uses this project's clients.
const OUR_CLIENTS: &str = "ibm-usage-reports = { path = \"../ibm-usage-reports\", default-features = false, features = [\"client\"] }\n\
                           atlas-billing = { path = \"../atlas-billing\", default-features = false, features = [\"client\"] }\n";

/// The dependencies of a client, and the features that its code asks for.
const OURS: &str = "cloud-billing-core = { path = \"../sdk-core\", default-features = false, features = [\"client\"] }\nserde.workspace = true\n\
                    serde_json.workspace = true\n\n[features]\ndefault = [\"client\"]\nclient = []\ndeserialize = []\n";

/// The dependencies of `bench/plain`, without its build script.
fn plain_dependencies() -> Result<String, String> {
    let plain = read(workspace().join("plain/Cargo.toml"))?;
    let dependencies = plain
        .split_once("[dependencies]\n")
        .and_then(|(_, rest)| rest.split_once("\n[build-dependencies]"))
        .ok_or("bench/plain has no dependencies")?
        .0;
    Ok(dependencies
        .replace("reqwest = { workspace = true,", "reqwest = { version = \"0.13.5\", default-features = false,"))
}

fn crate_of(name: &str, dependencies: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}")
}

fn read(path: PathBuf) -> Result<String, String> {
    std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn put(path: PathBuf, text: String) -> Result<(), String> {
    let parent = path.parent().ok_or("no directory")?;
    let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

/// Removes dependencies of tests, examples and benches from a manifest.
fn without_tests(manifest: &str) -> String {
    let mut kept = true;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            kept = !["[dev-dependencies", "[[test]]", "[[example]]", "[[bench]]"].iter().any(|of| line.starts_with(of));
        }
        kept
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The folder in which the build script of `bench/plain` wrote progenitor's output.
fn generated() -> Result<PathBuf, String> {
    let arguments = ["build", "--release", "--locked", "--quiet", "--package", "plain", "--message-format", "json"];
    let messages = run(cargo().args(arguments))?;
    // Find this package's message among those about build scripts. Paths have no quotes in them.
    let message = messages.lines().find(|line| line.contains("build-script-executed") && line.contains("/plain#"));
    let folder =
        message.and_then(|line| line.split_once(r#""out_dir":""#)).and_then(|(_, rest)| rest.split('"').next());
    folder.map(PathBuf::from).ok_or_else(|| "cargo did not say where the code of `plain` is".to_owned())
}

/// Copies a crate: its manifest and its `src` folder.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    let _ = std::fs::remove_dir_all(to.join("src"));
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(to.join(&folder)).map_err(failed)?;
        for entry in std::fs::read_dir(from.join(&folder)).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = folder.join(entry.file_name());
            if entry.file_type().map_err(failed)?.is_dir() {
                folders.push(path);
            } else {
                std::fs::copy(from.join(&path), to.join(&path)).map_err(failed)?;
            }
        }
    }
    std::fs::copy(from.join("Cargo.toml"), to.join("Cargo.toml")).map(drop).map_err(failed)
}
