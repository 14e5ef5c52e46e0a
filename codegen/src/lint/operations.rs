//! Operations: their names, their paths, their groups.

use std::collections::HashMap;

use super::nodes::Kind;
use super::{Operation, Spec, rust_names};
use crate::naming;
use crate::node::Node;
use crate::pointer::Pointer;

/// Names that the hand-written clients have already.
const TAKEN: [&str; 5] = ["new", "builder", "from_env", "core", "clone"];

pub(super) fn check(spec: &Spec<'_>) {
    let mut methods: HashMap<String, String> = HashMap::new();
    let mut ids: HashMap<String, String> = HashMap::new();
    for operation in spec.operations() {
        let id = operation.node.text("operationId").unwrap_or_default();
        let mut same_id = ids.insert(id.to_owned(), operation.name()).filter(|_| !id.is_empty());
        for (name, at) in rust_names::methods(operation.node) {
            if let Some(other) = methods.insert(name.clone(), operation.name()) {
                same_id = None;
                let message = format!("two operations become the method `{name}`; the other is {other}");
                spec.report(&at, "operation-id-duplicate", message, "give one of them another `operationId`");
            } else if !naming::is_identifier(&name)
                || naming::snake(&name) != name
                || TAKEN.contains(&name.as_str())
                || rust_names::is_taken(&naming::pascal(&name))
            {
                let message = format!("`{name}` cannot be the name of a method");
                let help = "choose a snake_case name that is not a Rust keyword, and not one that our own methods and \
                            types have (new, builder, from_env, core, clone; client, request, response, ...)";
                spec.report(&at, "operation-id-name", message, help);
            }
        }
        if let Some(other) = same_id {
            // The methods of `x-sdk-methods` have names of their own.
            let message = format!("two operations have the id `{id}`; the other is {other}");
            let at = operation.node.pointer.join("operationId");
            spec.report(&at, "operation-id-duplicate", message, "give one of them another `operationId`");
        }
        if !operation.node.has("operationId") {
            let message = format!("{} has no `operationId`", operation.name());
            spec.report(&operation.node.pointer, "operation-id-missing", message, "add it, in the vendor's spelling");
        }
        tag(spec, &operation);
        group(spec, &operation);
        security(spec, &operation);
    }
    schemes(spec);
    if spec.operations().next().is_none() {
        let place = Pointer::root().join("paths");
        spec.report(&place, "paths-empty", "the spec has no operation", "add one under `paths`");
    }
    paths(spec);
    forms(spec);
}

/// A way of writing ids, and whether an id is written so. One word can be of several.
type Form = (&'static str, fn(&str) -> bool);

const FORMS: [Form; 4] =
    [("camelCase", is_camel), ("snake_case", is_snake), ("PascalCase", is_pascal), ("kebab-case", is_kebab)];

fn is_plain(id: &str) -> bool {
    id.chars().all(|c| c.is_ascii_alphanumeric())
}
fn is_camel(id: &str) -> bool {
    is_plain(id) && id.starts_with(|c: char| c.is_ascii_lowercase())
}
fn is_pascal(id: &str) -> bool {
    is_plain(id) && id.starts_with(|c: char| c.is_ascii_uppercase())
}
fn is_snake(id: &str) -> bool {
    id == naming::snake(id)
}
/// `list-issues`, or with the words of a path before it: `issues/list-for-repo`.
fn is_kebab(id: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    id.split(['-', '/']).all(word)
}

/// The ids of a vendor are all of one form: the odd one out is misspelt.
fn forms(spec: &Spec<'_>) {
    let ids: Vec<_> = spec
        .operations()
        .filter_map(|op| Some((op.node.text("operationId")?, op.node.pointer.join("operationId"))))
        .collect();
    let count = |(_, fits): &Form| ids.iter().filter(|(id, _)| fits(id)).count();
    // The first of those that most ids have.
    let Some((form, fits)) = FORMS.iter().rev().max_by_key(|form| count(form)) else { return };
    for (id, at) in ids.iter().filter(|(id, _)| !fits(id)) {
        let own = FORMS.iter().find(|(_, fits)| fits(id)).map_or("of no known form", |(own, _)| own);
        let message = format!("`{id}` is {own}, where {} of {} ids are {form}", count(&(form, *fits)), ids.len());
        let help = "write all ids in one form: camelCase, snake_case, PascalCase, or kebab-case (`/` may stand between \
                    its words); where the vendor mixes them, choose the form of most";
        spec.report(at, "operation-id-form", message, help);
    }
}

fn tag(spec: &Spec<'_>, operation: &Operation<'_>) {
    let (node, name) = (operation.node, operation.name());
    if node.list("tags").len() != 1 {
        let message = format!("{name} does not have exactly one tag");
        spec.report(&node.pointer, "operation-tag", message, "add `tags: [...]`");
    }
    let declared = spec.root.list("tags");
    let is_known = |tag: &Node<'_>| declared.iter().any(|known| known.get("name") == Some(tag.value));
    for (_, tag) in node.below("tags").iter().filter(|(_, tag)| spec.root.has("tags") && !is_known(tag)) {
        let help = "add it to `tags` at the root with a description, or correct its spelling";
        let message = format!("the tag {} of {name} is not declared", tag.value);
        spec.report(&tag.pointer, "operation-tag", message, help);
    }
}

fn group(spec: &Spec<'_>, operation: &Operation<'_>) {
    let node = operation.node;
    let well_formed = |group: &str| {
        // Files of types, crates, and names that Windows keeps for devices.
        !["enums", "ids", "shared", "mod", "core", "std", "con", "aux", "nul", "prn"].contains(&group)
            && naming::is_identifier(&group.replace('-', "_"))
            && group.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    let (at, message, help) = match node.text("x-sdk-group") {
        Some(group) if well_formed(group) => return,
        Some(group) => (
            node.pointer.join("x-sdk-group"),
            format!("`{group}` cannot be the name of a group"),
            "use lower-case words joined by `-`; `enums`, `ids` and `shared` are files of their own",
        ),
        None => (
            node.pointer.clone(),
            format!("{} has no `x-sdk-group`", operation.name()),
            "name the file that its code goes into, such as `x-sdk-group: invoices`",
        ),
    };
    spec.report(&at, "operation-group", message, help);
}

fn security(spec: &Spec<'_>, operation: &Operation<'_>) {
    if !spec.root.has("security") && !operation.node.has("security") {
        let message = format!("{} says nothing about security", operation.name());
        let help = "add `security` at the root of the document, or to the operation";
        spec.report(&operation.node.pointer, "operation-security", message, help);
    }
    let Some(declared) = spec.root.get("components").and_then(|components| components.get("securitySchemes")) else {
        return;
    };
    let choices = spec.root.below("security").into_iter().chain(operation.node.below("security"));
    for (name, scheme) in choices.flat_map(|(_, choice)| choice.members()) {
        if !declared.has(&name) {
            let message = format!("there is no security scheme `{name}`");
            let help = "add it under `components/securitySchemes`, or correct its spelling";
            spec.report(&scheme.pointer, "operation-security", message, help);
        }
    }
}

/// A credential gives the header `Authorization` and nothing else.
fn schemes(spec: &Spec<'_>) {
    let components = spec.root.get("components");
    let declared = components.into_iter().flat_map(|components| components.below("securitySchemes"));
    for (name, scheme) in declared.filter(|(_, scheme)| scheme.text("type") == Some("apiKey")) {
        let header = scheme.text("name").filter(|_| scheme.text("in") == Some("header"));
        if !header.is_some_and(|header| header.eq_ignore_ascii_case("Authorization")) {
            let message = format!("the client cannot send the key of `{name}`");
            let help = "a key is sent in the header `Authorization` (`in: header`, `name: Authorization`); another place \
                        needs a change of the runtime, see \"Add a kind of credential\" in CONTRIBUTING.md";
            spec.report(&scheme.pointer, "operation-security", message, help);
        }
    }
}

/// Path templates: well formed, distinct, and in step with the path parameters.
fn paths(spec: &Spec<'_>) {
    let mut shapes: HashMap<String, String> = HashMap::new();
    for item in spec.of_kind(Kind::PathItem) {
        let path = item.pointer.last();
        let Some(names) = template_names(path) else {
            let help = "begin with `/`, and write each parameter as `{name}`";
            spec.report(&item.pointer, "path-template", format!("{path:?} is not a path template"), help);
            continue;
        };
        let shape = names.iter().fold(path.to_owned(), |p, name| p.replace(&format!("{{{name}}}"), "{}"));
        if let Some(other) = shapes.insert(shape, path.to_owned()) {
            let message = format!("`{path}` and `{other}` are the same path");
            spec.report(&item.pointer, "path-duplicate", message, "put their operations under one of them");
        }
    }
    for operation in spec.operations() {
        if let Some(names) = template_names(&operation.path) {
            path_parameters(spec, &operation, &names);
        }
    }
}

fn path_parameters(spec: &Spec<'_>, operation: &Operation<'_>, names: &[String]) {
    let parameters = operation.parameters();
    let in_path: Vec<_> = parameters.iter().filter(|(_, p)| p.text("in") == Some("path")).collect();
    for name in names {
        if !in_path.iter().any(|(_, p)| p.text("name") == Some(name)) {
            let message = format!("{} does not declare the path parameter `{name}`", operation.name());
            let help = format!("add a parameter `name: {name}`, `in: path`, `required: true`");
            spec.report(&operation.node.pointer, "path-parameter-missing", message, help);
        }
    }
    for (place, parameter) in in_path {
        let name = parameter.text("name").unwrap_or_default();
        if !names.iter().any(|n| n == name) {
            let message = format!("the path of {} has no `{{{name}}}`", operation.name());
            let help = "remove the parameter, or add it to the path";
            spec.report(&place.pointer, "path-parameter-unused", message, help);
        }
    }
}

/// The parameter names of a template; `None` when it is malformed, not ASCII, or repeats a name.
fn template_names(path: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = path.strip_prefix('/')?;
    let odd = path.contains(['?', '#', '%', '\\', '`', '"', '<', '>']) || !path.bytes().all(|b| b.is_ascii_graphic());
    if odd || path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | "..")) {
        return None;
    }
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        if before.contains('}') || name.is_empty() || name.contains(['{', '/']) || names.iter().any(|n| n == name) {
            return None;
        }
        // Between two parameters something must tell where the first one ends.
        if tail.starts_with('{') {
            return None;
        }
        names.push(name.to_owned());
        rest = tail;
    }
    (!rest.contains('}')).then_some(names)
}
