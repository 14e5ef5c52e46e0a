//! What generation costs, and how the cost grows with the spec: `cargo bench --package codegen`.
//!
//! Generates the clients of this repository's specs, and of synthetic ones of 10 to 1,000 operations. Prints the median of
//! several runs, the time for each operation, and the slope between one size and the next: 1 is linear, 2 quadratic.
//! `cargo xtask regen` is the same code in a debug build, plus reading and comparing the files; the last table times it.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use codegen::Source;
use test_support::synthetic::synthetic;

const SIZES: [usize; 5] = [10, 30, 100, 300, 1000];

fn median(runs: usize, mut run: impl FnMut() -> Result<(), String>) -> Result<Duration, String> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[runs / 2])
}

fn generation(file: &str, text: &str, runs: usize) -> Result<Duration, String> {
    median(runs, || {
        codegen::generate(Source { file, text, command: "x" }).map(drop).map_err(|diagnostics| diagnostics.to_string())
    })
}

fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
    println!("{:<28} {:>10} {:>12} {:>8} {:>7}", "spec", "lines", "median ms", "ms/op", "slope");
    let mut specs: Vec<_> = std::fs::read_dir(root.join("specs"))
        .map_err(|error| error.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    specs.sort();
    for path in specs {
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ms = generation(&name, &text, 5)?.as_secs_f64() * 1e3;
        println!("{name:<28} {:>10} {ms:>12.1}", text.lines().count());
    }
    let mut before: Option<(f64, f64)> = None;
    for size in SIZES {
        let text = synthetic(size);
        let ms = generation("synthetic.yaml", &text, if size < 300 { 5 } else { 3 })?.as_secs_f64() * 1e3;
        let count = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
        let slope = before.map_or(String::new(), |(n, t)| format!("{:.2}", (ms / t).ln() / (count / n).ln()));
        let name = format!("synthetic, {size} operations");
        println!("{name:<28} {:>10} {ms:>12.1} {:>8.2} {slope:>7}", text.lines().count(), ms / count);
        before = Some((count, ms));
    }
    let command = |arguments: &[&str]| {
        let status =
            Command::new(env!("CARGO")).args(arguments).current_dir(root).output().map_err(|e| e.to_string())?;
        if status.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&status.stderr).into_owned()) }
    };
    command(&["xtask", "regen", "--check"])?;
    let whole = median(5, || command(&["xtask", "regen", "--check"]))?;
    println!("{:<28} {:>10} {:>12.1}", "cargo xtask regen --check", "", whole.as_secs_f64() * 1e3);
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
