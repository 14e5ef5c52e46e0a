//! A crate with the code of many specs: each is a module that compiles, and reads and writes its examples.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Accepted, source};

/// A spec whose code is wrong.
pub(crate) struct Failure {
    pub seed: u64,
    pub message: String,
    pub spec: String,
}

/// Generates, compiles and runs the code of the specs. Where modules do not compile, the others are built without them.
pub(crate) fn check(specs: &[Accepted]) -> Vec<Failure> {
    let directory = directory();
    let mut failures = Vec::new();
    let mut modules: BTreeMap<u64, &Accepted> = BTreeMap::new();
    let _ = fs::remove_dir_all(directory.join("src"));
    for one in specs {
        let fail = |message: String| Failure { seed: one.seed, message, spec: one.text.clone() };
        match write(&directory, one) {
            Ok(()) => drop(modules.insert(one.seed, one)),
            Err(message) => failures.push(fail(message)),
        }
    }
    while !modules.is_empty() {
        root(&directory, modules.keys());
        let (success, output) = cargo(&directory);
        let found = if success { results(&output) } else { errors(&output) };
        assert!(success || !found.is_empty(), "the crate does not build:\n{output}");
        for (seed, message) in found {
            if let Some(one) = modules.remove(&seed) {
                failures.push(Failure { seed, message, spec: one.text.clone() });
            }
        }
        if success {
            break;
        }
    }
    failures
}

/// The crate's place below the target directory, so that its dependencies are built once.
fn directory() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("property");
    fs::create_dir_all(&directory).expect("a directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let manifest = format!(
        "[package]\nname = \"property\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[features]\ndefault = [\"client\", \"deserialize\"]\n\
         client = []\ndeserialize = []\n\n[dependencies]\n\
         cloud-billing-core = {{ path = {:?}, default-features = false, features = [\"client\"] }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
         serde_json = {{ version = \"1\", features = [\"float_roundtrip\", \"raw_value\"] }}\n\n[profile.dev]\ndebug = false\nincremental = \
         false\n",
        root.join("sdk-core")
    );
    fs::write(directory.join("Cargo.toml"), manifest).expect("a manifest");
    // The versions of the workspace, which are there without a network.
    fs::copy(root.join("Cargo.lock"), directory.join("Cargo.lock")).expect("a lock file");
    directory
}

/// The module of one spec: the generated files, a client, a call of each method, and the examples.
fn write(directory: &Path, one: &Accepted) -> Result<(), String> {
    let name = format!("s{}", one.seed);
    let spec = codegen::Spec::read(source(&one.text)).map_err(|error| error.to_string())?;
    let client = spec.client().map_err(|error| error.to_string())?;
    let start = spec.start().map_err(|error| error.to_string())?;
    for file in client.files {
        let mut text = file.text.replace("crate::", &format!("crate::{name}::"));
        if file.path == "mod.rs" {
            text.push_str(CLIENT);
            let _ = writeln!(text, "pub fn calls(client: &Client) {{");
            for call in &start.calls {
                let method = call.expression.split('(').next().unwrap_or_default();
                let items = if one.spec.paginated.iter().any(|known| known == method) { ".items()" } else { "" };
                let _ = writeln!(text, "    drop(client.{}{items});", call.expression);
            }
            let _ = writeln!(text, "}}\n\npub fn examples(found: &mut Vec<String>) {{");
            for (component, example) in &one.spec.requests {
                let example = example.to_string();
                let _ = writeln!(text, "    crate::round_trip::<types::{component}>(\"request\", {example:?}, found);");
            }
            for (method, example) in &one.spec.responses {
                let example = example.to_string();
                let mut calls = start.calls.iter().map(|call| &call.expression);
                let call = calls.find(|call| call.starts_with(&format!("{method}(")));
                let call = call.ok_or_else(|| format!("there is no method `{method}`"))?;
                let _ =
                    writeln!(text, "    crate::response(|client: &Client| client.{call}.send(), {example:?}, found);");
            }
            text.push_str("}\n");
        }
        let path = directory.join("src").join(&name).join(&file.path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a module");
    }
    Ok(())
}

const CLIENT: &str = "
use ::cloud_billing_core::EpochMillis;

#[derive(Clone, Debug)]
pub struct Client {
    core: ::cloud_billing_core::Core,
}

impl Client {
    pub fn core(&self) -> &::cloud_billing_core::Core {
        &self.core
    }
}

";

const MAIN: &str = r#"
/// Reads an example, writes it, and compares the two as JSON. A field that is null in a response is read as absent.
fn round_trip<T: serde::de::DeserializeOwned + serde::Serialize>(kind: &str, example: &str, found: &mut Vec<String>) {
    let expected: serde_json::Value = serde_json::from_str(example).unwrap();
    let expected = if kind == "response" { without_nulls(expected) } else { expected };
    match serde_json::from_str::<T>(example) {
        Err(error) => found.push(format!("{kind} is not read: {error}")),
        Ok(value) => {
            let written = serde_json::to_string(&value).unwrap();
            let written: serde_json::Value = serde_json::from_str(&written).unwrap();
            if written != expected {
                found.push(format!("{kind} is written as {written}"));
            }
        }
    }
}

/// The same for the type that a call is answered with, which the client's decoder and serde read alike.
fn response<C, T, F>(_: impl FnOnce(&C) -> F, example: &str, found: &mut Vec<String>)
where
    T: cloud_billing_core::json::Decode + serde::de::DeserializeOwned + serde::Serialize + PartialEq,
    F: Future<Output = Result<cloud_billing_core::Response<T>, cloud_billing_core::Error>>,
{
    round_trip::<T>("response", example, found);
    match cloud_billing_core::json::from_str::<T>(example) {
        Err(error) => found.push(format!("response is not decoded: {error}")),
        Ok(value) => {
            if serde_json::from_str::<T>(example).ok() != Some(value) {
                found.push("the decoder and serde read the response differently".to_owned());
            }
        }
    }
}

/// A field without a value. What is kept as it came, below a list or an unknown field, keeps its nulls.
fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(map) => {
            let kept = |(key, value): (String, serde_json::Value)| {
                let value = if key == "not-named" { value } else { without_nulls(value) };
                (!value.is_null()).then_some((key, value))
            };
            map.into_iter().filter_map(kept).collect()
        }
        serde_json::Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
"#;

/// The root of the crate: the modules, and a program that prints each failure as `seed: message`.
fn root<'a>(directory: &Path, seeds: impl Iterator<Item = &'a u64>) {
    let mut text = String::from("#![allow(warnings)]\n");
    let mut main = String::from("fn main() {\n    let mut found = Vec::new();\n");
    for seed in seeds {
        let _ = writeln!(text, "mod s{seed};");
        let _ = writeln!(main, "    let _ = s{seed}::calls;\n    s{seed}::examples(&mut found);");
        let _ = writeln!(main, "    found.drain(..).for_each(|text: String| println!(\"{seed}: {{text}}\"));");
    }
    fs::write(directory.join("src/main.rs"), format!("{text}{MAIN}\n{main}}}\n")).expect("the root");
}

fn cargo(directory: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--offline", "--quiet", "--message-format", "short"])
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", directory.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(if output.status.success() { &output.stdout } else { &output.stderr }))
}

/// The lines `seed: message` of the program.
fn results(output: &str) -> Vec<(u64, String)> {
    let line = |line: &str| {
        let (seed, message) = line.split_once(": ")?;
        Some((seed.parse().ok()?, message.to_owned()))
    };
    output.lines().filter_map(line).collect()
}

/// The compiler's errors by the seed of the module they are in.
fn errors(output: &str) -> Vec<(u64, String)> {
    let mut found: BTreeMap<u64, String> = BTreeMap::new();
    for line in output.lines().filter(|line| line.contains("error")) {
        let seed = line.strip_prefix("src/s").and_then(|rest| rest.split('/').next()?.parse().ok());
        if let Some(seed) = seed {
            found.entry(seed).or_insert_with(|| line.to_owned());
        }
    }
    found.into_iter().collect()
}
