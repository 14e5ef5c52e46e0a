//! `docs` and `completions`: every command with its flags.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

fn printed(line: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cloudbill")).args(line).output().unwrap();
    assert!(output.status.success(), "{line:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn tree() -> Value {
    serde_json::from_str(&printed(&["docs", "--json"])).unwrap()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map_or(&[], Vec::as_slice)
}

fn name(of: &Value) -> &str {
    of["name"].as_str().unwrap()
}

/// Calls a function with each command, and the names that lead to it.
fn each<'a>(command: &'a Value, path: &[&'a str], with: &mut dyn FnMut(&[&'a str], &'a Value)) {
    for inner in list(command, "commands") {
        let path = [path, &[name(inner)]].concat();
        with(&path, inner);
        each(inner, &path, with);
    }
}

#[test]
fn every_command_with_its_flags() {
    let tree = tree();
    // What all commands of operations have is printed once.
    let common = ["curl", "dry-run", "fields", "include", "jq", "out", "output", "timeout"];
    let mut text = String::new();
    each(&tree, &[], &mut |path, command| {
        let own = list(command, "flags").iter().map(name);
        let (shared, own): (Vec<_>, Vec<_>) = own.partition(|name| common.contains(name));
        let arguments: Vec<&str> = list(command, "arguments").iter().map(name).collect();
        let shared = if shared.len() == common.len() { " +" } else { "" };
        writeln!(text, "{}{shared}", path.join(" ")).unwrap();
        for flag in arguments.into_iter().map(str::to_owned).chain(own.into_iter().map(|name| format!("--{name}"))) {
            writeln!(text, "    {flag}").unwrap();
        }
    });
    insta::assert_snapshot!("commands", text);
    assert_eq!(printed(&["docs", "--json"]), printed(&["docs", "--json"]));
}

#[test]
fn what_json_says_of_a_command() {
    let tree = tree();
    let find = |of: &Value, wanted: &str| list(of, "commands").iter().find(|it| name(it) == wanted).unwrap().clone();
    let command = find(&find(&tree, "atlas"), "search-invoice-line-items");
    let kept = ["org-id", "filters.sku-services", "sort-order", "output", "include", "max-items"];
    let flags: Vec<&Value> = list(&command, "flags").iter().filter(|flag| kept.contains(&name(flag))).collect();
    insta::assert_snapshot!("flags", serde_json::to_string_pretty(&flags).unwrap());
    assert_eq!(command["aliases"][0], "searchInvoiceLineItems");
    assert!(command["description"].as_str().unwrap().contains("GET /api/atlas/v2/orgs/{orgId}/invoices"));
    // Flags of all commands stand at the root alone.
    assert!(list(&tree, "flags").iter().any(|flag| name(flag) == "profile" && flag["short"] == "P"));
    assert!(list(&command, "flags").iter().all(|flag| name(flag) != "profile"));
}

#[test]
fn scripts_complete_every_command() {
    let tree = tree();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = printed(&["completions", shell]);
        each(&tree, &[], &mut |path, _| {
            let name = path.last().unwrap();
            assert!(script.contains(*name), "{shell}: {path:?}");
        });
    }
}

#[test]
fn fish_completes_flags_of_operations() {
    let script = printed(&["completions", "fish"]);
    let tree = tree();
    let mut flags = 0;
    each(&tree, &[], &mut |path, command| {
        let [service, operation] = path else { return };
        if !["atlas", "ibm", "ibm-enterprise"].contains(service) {
            return;
        }
        let condition = format!("using_subcommand {service}; and __fish_seen_subcommand_from {operation}\"");
        let lines: Vec<&str> = script.lines().filter(|line| line.contains(&condition)).collect();
        for flag in list(command, "flags") {
            let flag = format!(" -l {} ", name(flag));
            assert!(lines.iter().any(|line| line.contains(&flag)), "{path:?}{flag}");
            flags += 1;
        }
    });
    assert!(flags > 300, "{flags}");
}

/// The page is generated from the specs, and the commands are made from the catalogue.
#[test]
fn the_page_of_operations_has_the_commands() {
    let page = include_str!("../../../docs/operations.md");
    let listed: Vec<String> =
        page.split('`').filter_map(|code| code.strip_prefix("cloudbill ").map(str::to_owned)).collect();
    let tree = tree();
    let mut commands = Vec::new();
    each(&tree, &[], &mut |path, _| {
        if let [service @ ("atlas" | "ibm" | "ibm-enterprise"), operation] = path {
            commands.push(format!("{service} {operation}"));
        }
    });
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(listed), sorted(commands));
}

/// Commands and flags of the guides, up to the values that stand for ids.
#[test]
fn our_commands_exist() {
    let mut commands = 0;
    for guide in [include_str!("../../../README.md"), include_str!("../../../docs/migrating.md")] {
        let codes = guide.lines().flat_map(|line| line.split('`').skip(1).step_by(2).chain(line.strip_prefix("$ ")));
        for command in codes.filter_map(|code| code.strip_prefix("cloudbill ")).filter(|it| it.contains(' ')) {
            let line: Vec<&str> = command.split(' ').chain(["--help"]).collect();
            assert!(printed(&line).contains("Usage: "), "{command}");
            commands += 1;
        }
    }
    assert!(commands > 15, "{commands}");
}

#[test]
fn the_guide_has_every_command_and_status() {
    let guide = include_str!("../../../docs/command-line.md");
    for command in list(&tree(), "commands") {
        assert!(guide.contains(&format!("`cloudbill {}", name(command))), "{}", name(command));
    }
    let rows = guide.lines().filter_map(|row| row.strip_prefix("| ")).filter(|row| row.starts_with(char::is_numeric));
    let words = |text: &str| text.split([' ', '|', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    assert_eq!(words(&rows.collect::<String>()), words(&printed(&["help", "exit-status"])));
}
