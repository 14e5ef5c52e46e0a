//! Runs IBM's own SDKs, unmodified, alternating with this project's client.
//!
//! The first run downloads them from their registries to `target/peers`. An SDK that is not available is skipped with a
//! message.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::lists::{agree, compare};
use crate::run::{Server, build, median, run, target, workspace};

const PYTHON: &str = "ibm-platform-services==0.77.1";
const NODE: &str = "@ibm-cloud/platform-services@0.83.1";
const GO: &str = "github.com/IBM/platform-services-go-sdk v0.101.0";

/// Row 3: 20,000 records.
pub(crate) fn peers(rounds: usize) -> Result<(), String> {
    build(&["ours"])?;
    let home = target()?.join("peers");
    let scripts = workspace().join("peers");
    let mut missing = Vec::new();
    let mut have = |what: &str, found: Result<PathBuf, String>| match found {
        Ok(path) => Some(path.to_string_lossy().into_owned()),
        Err(reason) => {
            missing.push(format!("{what}: left out, {reason}"));
            None
        }
    };
    let python = have(PYTHON, python(&home.join("python")));
    let node = have(NODE, node(&home.join("node")));
    let go = have(GO, go(&scripts.join("go"), &home.join("go-list")));
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let (list_py, list_mjs) = (text(scripts.join("list.py")), text(scripts.join("list.mjs")));
    let packages = text(home.join("node"));

    let (python_arguments, node_arguments) = ([list_py.as_str(), "URL"], [list_mjs.as_str(), "URL", packages.as_str()]);
    let kept_alive = [list_mjs.as_str(), "URL", packages.as_str(), "keep-alive"];
    let ours: &[&str] = &["typed", "URL"];
    let mut contestants = vec![("ours", "ours", ours)];
    if let Some(python) = &python {
        contestants.push(("IBM's Python SDK", python.as_str(), &python_arguments));
    }
    if let Some(node) = &node {
        contestants.push(("IBM's Node SDK", node.as_str(), &node_arguments));
        contestants.push(("  with a keep-alive agent", node.as_str(), &kept_alive));
    }
    if let Some(go) = &go {
        contestants.push(("IBM's Go SDK", go.as_str(), &["URL"]));
    }

    let server = Server::start(&[])?;
    println!("\nA list of 20,000 records by the vendor's SDKs, {rounds} rounds");
    let samples = compare(rounds, &server, &contestants)?;
    let peak = |at: usize| median(samples[at].iter().map(|sample| sample.peak_mb));
    for (at, (name, ..)) in contestants.iter().enumerate().skip(1) {
        println!("{name:<30} peak memory: ours has 1/{:.1} of it", peak(at) / peak(0));
    }
    missing.iter().for_each(|line| println!("{line}"));
    agree(&samples)
}

/// The interpreter of an environment with the SDK.
fn python(home: &Path) -> Result<PathBuf, String> {
    let interpreter = home.join("bin/python");
    let has = || quiet(Command::new(&interpreter).args(["-c", "import ibm_platform_services"]));
    if !has() {
        let python = program("python3")?;
        run(Command::new(python).args(["-m", "venv"]).arg(home))?;
        run(Command::new(&interpreter).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            PYTHON,
        ]))?;
    }
    Ok(interpreter)
}

/// Node with the SDK in `home`.
fn node(home: &Path) -> Result<PathBuf, String> {
    let node = program("node")?;
    if !home.join("node_modules/@ibm-cloud/platform-services").is_dir() {
        let npm = program("npm")?;
        run(Command::new(npm)
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(home)
            .arg(NODE))?;
    }
    Ok(node)
}

/// The program over the Go SDK. An existing build is reused.
fn go(source: &Path, built: &Path) -> Result<PathBuf, String> {
    if !built.is_file() {
        let go = program("go")?;
        // Checksums of modules are looked up but not stored, because only this bench needs them.
        let copy = built.with_file_name("go");
        std::fs::create_dir_all(&copy).map_err(|error| error.to_string())?;
        for file in ["go.mod", "main.go"] {
            std::fs::copy(source.join(file), copy.join(file)).map_err(|error| error.to_string())?;
        }
        run(Command::new(go).args(["build", "-mod=mod", "-o"]).arg(built).current_dir(copy))?;
    }
    Ok(built.to_owned())
}

fn quiet(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Finds a program in `PATH`.
fn program(name: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(name)).filter(|path| path.is_file());
    found.next().ok_or_else(|| format!("`{name}` is not on this machine"))
}
