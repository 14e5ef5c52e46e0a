//! What the command-line program needs: one command for each name, and flags that it does not have itself.

use std::collections::HashMap;

use super::Spec;
use crate::naming;

/// Flags that commands have beside those of parameters: in `cli/src/operation/command.rs` and `cli/src/commands.rs`.
const RESERVED: [&str; 24] = [
    "all",
    "body",
    "body-template",
    "color",
    "curl",
    "dry-run",
    "fields",
    "file",
    "help",
    "include",
    "jq",
    "max-items",
    "no-progress",
    "out",
    "output",
    "output-file",
    "profile",
    "quiet",
    "resume",
    "resume-file",
    "sandbox",
    "timeout",
    "verbose",
    "wait",
];

pub(super) fn check(spec: &Spec<'_>) {
    aliases(spec);
    flags(spec);
}

/// No name of an operation leads to another one, however it is written.
fn aliases(spec: &Spec<'_>) {
    let mut taken: HashMap<String, String> = HashMap::new();
    for operation in spec.operations() {
        let id = operation.node.text("operationId").unwrap_or_default();
        taken.insert(naming::snake(id), operation.name());
    }
    for operation in spec.operations() {
        for (_, alias) in operation.node.below("x-sdk-aliases") {
            let Some(text) = alias.value.as_str() else { continue };
            let name = naming::snake(text);
            if !naming::is_identifier(&name) {
                let message = format!("`{text}` is not a name");
                spec.report(&alias.pointer, "command-name", message, "write it as the vendor does");
            } else if let Some(other) = taken.insert(name, operation.name()) {
                let message = format!("`{text}` is a name of {other} already");
                spec.report(&alias.pointer, "command-name", message, "remove the alias that is wrong");
            }
        }
    }
}

/// No parameter has the name of a flag that every command has.
fn flags(spec: &Spec<'_>) {
    for operation in spec.operations() {
        for (at, parameter) in operation.parameters() {
            let flag = naming::argument(&parameter).replace('_', "-");
            if RESERVED.contains(&flag.as_str()) {
                let message = format!("every command has a flag `--{flag}` already");
                spec.report(&at.pointer, "command-flag", message, "give the parameter another name with `x-sdk-name`");
            }
        }
    }
}
