//! What the shell sees: 0 all is well, 1 something was found, 2 the command could not do its work.
#![allow(clippy::expect_used, missing_docs)]

use std::process::{Command, Stdio};

fn exit_code(arguments: &[&str]) -> Option<i32> {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().expect("it runs").status.code()
}

/// `cargo xtask ... | head`: a reader that has enough ends no command.
#[test]
fn a_closed_pipe_is_no_failure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let mut child = command.arg("services").stdout(Stdio::piped()).spawn().expect("it runs");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn exit_codes() {
    assert_eq!(exit_code(&["lint"]), Some(0));
    assert_eq!(exit_code(&["lint", "--upstream", "nowhere.json"]), Some(2));
    assert_eq!(exit_code(&["drift"]), Some(2));
    assert_eq!(exit_code(&["drift", "nowhere.json", "--service", "nobody"]), Some(2));
    // What git would take for an option is none.
    assert_eq!(exit_code(&["outline", "--diff", "--output=/nowhere/x"]), Some(2));
    // The first spec of the workspace cannot be another service: whatever is in it is found.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let table = std::fs::read_to_string(format!("{root}/specs/upstream.toml")).expect("the table");
    let services: Vec<&str> =
        table.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    let other = format!("{root}/specs/{}.yaml", services[1]);
    assert_eq!(exit_code(&["drift", &other, "--service", services[0]]), Some(1));
}
