//! `--help` and `help`, as a terminal of 100 columns or less shows them.

use std::process::Command;

/// What a command line prints at a width.
fn printed(line: &[&str], columns: usize) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    command.args(line).env_clear().env("COLUMNS", columns.to_string());
    let output = command.output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{line:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands whose help is kept, with the names of the snapshots.
const KEPT: [(&str, &[&str]); 5] = [
    ("root", &["--help"]),
    ("service", &["atlas", "--help"]),
    ("list", &["atlas", "list-invoices", "-h"]),
    ("body", &["atlas", "search-invoice-line-items", "--help"]),
    ("report", &["ibm", "get-resource-usage-account", "-h"]),
];

#[test]
fn help_of_commands() {
    for (name, line) in KEPT {
        insta::assert_snapshot!(format!("help-{name}"), printed(line, 300));
    }
}

#[test]
fn no_line_is_wider_than_the_terminal_or_100_columns() {
    let topics = ["credentials", "environment", "exit-status", "formats"].map(|topic| ["help", topic]);
    let lines = KEPT.iter().map(|(_, line)| *line).chain(topics.iter().map(|topic| &topic[..]));
    for line in lines {
        for (columns, most) in [(300, 100), (80, 80)] {
            for text in printed(line, columns).lines() {
                // An address is not broken.
                assert!(text.chars().count() <= most || text.starts_with("https://"), "{line:?} at {columns}: {text}");
            }
        }
    }
}

#[test]
fn a_required_parameter_names_its_variable() {
    let help = printed(&["atlas", "list-invoices", "--help"], 100);
    assert!(help.contains("[required, or MONGODB_ATLAS_ORG_ID]"), "{help}");
    // `help` says the same.
    assert_eq!(printed(&["help", "atlas", "list-invoices"], 100), help);
}

#[test]
fn variables_are_listed() {
    insta::assert_snapshot!("help-environment", printed(&["help", "environment"], 100));
}
