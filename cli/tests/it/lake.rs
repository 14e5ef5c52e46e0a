//! Lines for `cloudbill-lake`, with a script in its place.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

const SCRIPT: &str = "#!/bin/sh\necho \"$0: $*\"\nexit 7\n";

/// Puts a script in a folder.
fn companion(folder: &Path) {
    let path = folder.join("cloudbill-lake");
    fs::write(&path, SCRIPT).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn run(program: &Path, path: &Path, line: &str) -> Output {
    Command::new(program).args(line.split(' ')).env_clear().env("PATH", path).output().unwrap()
}

fn cloudbill() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cloudbill"))
}

#[test]
fn its_lines_go_to_the_companion_in_path() {
    let folder = tempfile::tempdir().unwrap();
    companion(folder.path());
    for (line, given) in [
        ("sync bills --dry-run", "sync bills --dry-run"),
        ("-P mine --sandbox sync bills", "-P mine --sandbox sync bills"),
        ("sql bills -o csv --help", "sql bills -o csv --help"),
        ("lake status bills --prometheus", "status bills --prometheus"),
        ("-q lake --help", "-q --help"),
    ] {
        let output = run(cloudbill(), folder.path(), line);
        assert_eq!(output.status.code(), Some(7), "{output:?}");
        let script = folder.path().join("cloudbill-lake");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}: {given}\n", script.display()));
    }
}

#[test]
fn the_companion_beside_the_program_comes_first() {
    let (beside, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    companion(beside.path());
    companion(other.path());
    let program = beside.path().join("cloudbill");
    fs::hard_link(cloudbill(), &program).or_else(|_| fs::copy(cloudbill(), &program).map(drop)).unwrap();
    let output = run(&program, other.path(), "sync x");
    let script = beside.path().join("cloudbill-lake");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}: sync x\n", script.display()));
}

#[test]
fn without_it_the_error_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["sync x", "sql x y", "lake status x", "lake"] {
        let output = run(cloudbill(), folder.path(), line);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        let told = "error: this command needs cloudbill-lake, which is neither beside cloudbill nor in PATH\nhint: `cargo install";
        assert!(error.starts_with(told), "{error}");
    }
    // Other commands are its own.
    assert!(run(cloudbill(), folder.path(), "docs").status.success());
}
