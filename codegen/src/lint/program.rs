//! What the command-line program needs: one command for each name, and flags that it does not have itself.

use std::collections::HashMap;

use super::{Operation, Spec, media};
use crate::naming::{self, kebab};
use crate::node::Node;
use crate::pointer::Pointer;

/// Flags that commands have beside those of parameters: in `cli/src/operation/command.rs` and `cli/src/commands.rs`.
const RESERVED: [&str; 25] = [
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
    "outputFile",
    "profile",
    "quiet",
    "resume",
    "resume-file",
    "sandbox",
    "timeout",
    "verbose",
    "wait",
];

/// Commands that a service has beside those of its operations.
const COMMANDS: [&str; 1] = ["help"];

/// How deeply the objects of a body are nested that have flags.
const MAX_DEPTH: usize = 16;

pub(super) fn check(spec: &Spec<'_>) {
    names(spec);
    for operation in spec.operations() {
        Flags::of(spec, &operation);
    }
}

/// No name of an operation leads to another one, however it is written, and each can be typed.
fn names(spec: &Spec<'_>) {
    let help = || "the program has such a command".to_owned();
    let mut taken: HashMap<String, String> = COMMANDS.iter().map(|name| ((*name).to_owned(), help())).collect();
    for operation in spec.operations() {
        let Some(id) = operation.node.get("operationId") else { continue };
        let name = naming::snake(id.value.as_str().unwrap_or_default());
        if COMMANDS.contains(&name.as_str()) {
            let message = format!("`{name}` is taken: the program has such a command");
            spec.report(&id.pointer, "command-name", message, "give the operation another id");
        }
        taken.entry(name).or_insert_with(|| format!("it is a name of {}", operation.name()));
    }
    for operation in spec.operations() {
        for (_, alias) in operation.node.below("x-sdk-aliases") {
            let Some(text) = alias.value.as_str() else { continue };
            let name = naming::snake(text);
            if !naming::is_identifier(&name) || !is_typed(text) {
                let message = format!("{text:?} is not a name");
                spec.report(&alias.pointer, "command-name", message, "write it as the vendor does");
            } else if let Some(other) = taken.insert(name, format!("it is a name of {}", operation.name())) {
                let message = format!("`{text}` is taken: {other}");
                spec.report(&alias.pointer, "command-name", message, "remove the alias that is wrong");
            }
        }
    }
}

/// The flags of a command, with what each is for.
struct Flags<'a> {
    spec: &'a Spec<'a>,
    taken: HashMap<String, String>,
}

impl<'a> Flags<'a> {
    /// Reports each flag that cannot be typed, or that the command has already: as a flag of all commands, or of another parameter or
    /// property. A flag has the name in the program and, beside it, the one that the vendor writes.
    fn of(spec: &'a Spec<'a>, operation: &Operation<'_>) {
        let reserved = RESERVED.iter().map(|name| ((*name).to_owned(), "every command".to_owned()));
        let mut flags = Self { spec, taken: reserved.collect() };
        for (at, parameter) in operation.parameters() {
            let wire = parameter.text("name").unwrap_or_default();
            let flag = kebab(&naming::argument(&parameter));
            let remedy = if is_typed(wire) && flags.is_free(wire) {
                "give the parameter another name with `x-sdk-name`"
            } else {
                REMEDY
            };
            flags.add(&at.pointer, wire, &flag, &format!("the parameter `{wire}`"), remedy);
        }
        let body = operation.node.get("requestBody").and_then(|body| body.resolve().ok());
        let content = body.map(|body| body.below("content")).unwrap_or_default();
        let schema = content.into_iter().find(|(media_type, _)| media::is_json(media_type));
        if let Some(schema) = schema.and_then(|(_, media)| media.schema_of("schema")) {
            flags.add_properties(&schema, &[], 0);
        }
    }

    fn is_free(&self, name: &str) -> bool {
        !self.taken.contains_key(name)
    }

    /// Adds a flag for each value of a body, dotted where objects are nested.
    fn add_properties(&mut self, object: &Node<'_>, above: &[String], depth: usize) {
        for (name, property) in object.below("properties") {
            let Some(schema) = property.schema().filter(|it| !it.flag("readOnly") && !property.flag("readOnly")) else {
                continue;
            };
            let path = [above, &[name]].concat();
            if schema.has("properties") && depth < MAX_DEPTH {
                self.add_properties(&schema, &path, depth + 1);
                continue;
            }
            let flag = path.iter().map(|name| kebab(name)).collect::<Vec<_>>().join(".");
            let wire = path.join(".");
            self.add(&property.pointer, &wire, &flag, &format!("the property `{wire}`"), REMEDY);
        }
    }

    /// Adds a flag with its names.
    fn add(&mut self, at: &Pointer, wire: &str, flag: &str, whose: &str, remedy: &str) {
        let mut names = vec![flag];
        names.extend((wire != flag).then_some(wire));
        for name in names {
            let problem = if !is_typed(name) {
                format!("nobody can type the flag {:?}", format!("--{name}"))
            } else if let Some(other) = self.taken.insert(name.to_owned(), whose.to_owned()) {
                format!("{other} has a flag `--{name}` already")
            } else {
                continue;
            };
            return self.spec.report(at, "command-flag", problem, remedy);
        }
    }
}

/// What helps where a name of the service is in the way.
const REMEDY: &str =
    "leave it out of the spec, or give the program's own flag another name in `cli/src/operation/command.rs`";

/// Whether a name can be typed as a command or flag, and is shown as it is.
fn is_typed(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('-') && name.chars().all(|c| c.is_ascii_graphic() && c != '=')
}
