//! Builds and runs the measured programs.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

/// Builds packages in release mode, one at a time. Built together, each would get the features of all.
pub(crate) fn build(packages: &[&str]) -> Result<(), String> {
    for package in packages {
        let mut cargo = cargo();
        let status = cargo.args(["build", "--release", "--locked", "--quiet", "--package", package]).status();
        let status = status.map_err(|error| format!("cannot start cargo: {error}"))?;
        if !status.success() {
            return Err(format!("`{package}` does not build"));
        }
    }
    Ok(())
}

/// The folder of the benches' workspace.
pub(crate) fn workspace() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The target directory, also used for downloads.
pub(crate) fn target() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.ancestors().nth(2).ok_or("this program is in no target folder")?.to_owned())
}

/// Runs a command to its end. An error contains its output.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot start {name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Cargo in the folder of the benches' workspace. Its output goes next to this program, whatever the configured target
/// directory.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).env("CARGO_TARGET_DIR", workspace().join("target"));
    cargo
}

/// The path of a program of the workspace. A full path is returned unchanged.
pub(crate) fn binary(name: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.with_file_name(name))
}

/// The load source in its own process, which ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
}

impl Server {
    /// Starts it with settings such as `records=2000`.
    pub(crate) fn start(settings: &[String]) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut process = Command::new(own)
            .arg("serve")
            .args(settings)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start the load source: {error}"))?;
        let mut url = String::new();
        let output = process.stdout.take().ok_or("the load source has no output")?;
        BufReader::new(output).read_line(&mut url).map_err(|error| error.to_string())?;
        Ok(Self { process, url: url.trim().to_owned() })
    }

    /// The statistics since the last call.
    pub(crate) fn stats(&self) -> Result<Stats, String> {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.url.trim_start_matches("http://"))?;
            stream.write_all(b"GET /stats HTTP/1.1\r\nhost: bench\r\n\r\n")?;
            stream.shutdown(std::net::Shutdown::Write)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = ask().map_err(|error| error.to_string())?;
        let fields = fields(answer.rsplit('\n').next().unwrap_or_default());
        let number = |name: &str| fields.get(name).and_then(|text| text.parse().ok()).ok_or("odd statistics");
        Ok(Stats { requests: number("requests")?, peak: number("peak")?, tokens: number("tokens")? })
    }
}

/// Statistics of the load source.
pub(crate) struct Stats {
    /// The number of requests, except token requests.
    pub(crate) requests: u64,
    /// The largest number of requests in flight.
    pub(crate) peak: u64,
    /// The number of token requests.
    pub(crate) tokens: u64,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The cost of one run of a program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Measured by the program, from the start of `main`.
    pub(crate) wall: f64,
    /// For the whole process, user and system.
    pub(crate) cpu: f64,
    pub(crate) peak_mb: f64,
    pub(crate) records: u64,
    pub(crate) checksum: u64,
}

/// Runs a program once.
pub(crate) fn sample(program: &str, arguments: &[&str]) -> Result<Sample, String> {
    let before = cpu()?;
    let text = report(program, arguments)?;
    let cpu = cpu()? - before;
    let number = |name: &str| number(&text, name);
    Ok(Sample {
        wall: number("seconds")?,
        cpu: cpu.as_secs_f64(),
        peak_mb: number("hwm_kb")? / 1024.0,
        records: number("records")? as u64,
        checksum: number("checksum")? as u64,
    })
}

/// Runs a program once and returns its report, see [`number`].
pub(crate) fn report(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(binary(program)?)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{program} {}` failed", arguments.join(" ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A number of a report.
pub(crate) fn number(report: &str, name: &str) -> Result<f64, String> {
    let number = fields(report).get(name).and_then(|text| text.parse().ok());
    number.ok_or_else(|| format!("no {name} was reported in: {report}"))
}

/// The CPU time of the child processes that have ended.
fn cpu() -> Result<Duration, String> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let time = |at: nix::sys::time::TimeVal| {
        Duration::from_micros(u64::try_from(at.tv_sec() * 1_000_000 + at.tv_usec()).unwrap_or_default())
    };
    Ok(time(usage.user_time()) + time(usage.system_time()))
}

/// The instructions that a program executes, counted by callgrind.
pub(crate) fn instructions(program: &str, arguments: &[&str]) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--fair-sched=yes"])
        .arg(binary(program)?)
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot start valgrind ({error}); it is in the package of that name"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("`{program} {}` failed:\n{text}", arguments.join(" ")));
    }
    let collected = text.lines().find_map(|line| line.split_once("Collected : ").map(|(_, number)| number.trim()));
    collected.and_then(|number| number.parse().ok()).ok_or_else(|| format!("no count in:\n{text}"))
}

fn fields(text: &str) -> HashMap<&str, &str> {
    text.split_whitespace().filter_map(|field| field.split_once('=')).collect()
}

/// The median.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
