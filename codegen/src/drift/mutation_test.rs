//! Whatever changes in a vendor's document is reported. Each node of the structures in `specs/upstream/`, and of the small
//! spec of the drift tests, is taken out, changed and added to in turn; what may stay unnoticed has a line in `ignored.txt`.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::texts::DIGEST;
use super::{IGNORED, Inputs, Ours, Text, upstream};
use crate::Source;
use crate::node::METHODS;

/// How many threads share the mutations.
const THREADS: usize = 2;

/// What is added to a node, by its kind.
static ADDITIONS: LazyLock<HashMap<String, Map<String, Value>>> =
    LazyLock::new(|| serde_yaml::from_str(include_str!("additions.yaml")).unwrap());

const SCHEMAS: [&str; 5] = ["array", "boolean", "number", "object", "string"];

/// What a node of a document is.
fn kind(place: &str, value: &Value) -> &'static str {
    let parts: Vec<&str> = place.rsplit('/').collect();
    let is_schema = |last: &str, parent: &str| {
        ["schema", "items", "additionalProperties"].contains(&last)
            || ["properties", "schemas", "allOf", "oneOf", "anyOf"].contains(&parent)
    };
    match parts[..] {
        _ if value.get("$ref").is_some() => "",
        [""] => "document",
        ["info", ""] => "info",
        [_, "securitySchemes", ..] => "scheme",
        [_, "flows", ..] => "flow",
        [_, "servers", ..] => "server",
        [_, "paths", ""] => "path",
        [_, _, "paths", ""] if value.get("responses").is_some() => "operation",
        [_, "parameters", ..] => "parameter",
        ["requestBody", ..] => "body",
        [_, "responses", ..] => "response",
        ["responses", parent, ..] if parent != "components" => "responses",
        [_, "headers", ..] => "header",
        [_, "content", ..] => "media type",
        ["content", ..] => "content",
        [last, parent, ..] if is_schema(last, parent) => match value.get("type").and_then(Value::as_str) {
            Some("integer") => "number",
            Some(kind) => SCHEMAS.into_iter().find(|known| *known == kind).unwrap_or_default(),
            None => "",
        },
        _ => "",
    }
}

/// A changed document.
struct Mutation {
    /// The place and the member that are changed, and how.
    owner: String,
    key: String,
    how: &'static str,
    document: Value,
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The pointers of all nodes.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    let mut inner = |key: &str, value: &Value| places(value, &format!("{at}/{}", escaped(key)), into);
    match value {
        Value::Array(list) => (0..list.len()).for_each(|index| inner(&index.to_string(), &list[index])),
        Value::Object(map) => map.iter().for_each(|(key, member)| inner(key, member)),
        _ => {}
    }
}

/// The document without a node.
fn removed(document: &Value, place: &str) -> Option<Mutation> {
    let (owner, key) = place.rsplit_once('/')?;
    let (key, mut document) = (key.replace("~1", "/").replace("~0", "~"), document.clone());
    match document.pointer_mut(owner)? {
        Value::Array(list) => drop(list.remove(key.parse().unwrap())),
        Value::Object(map) => drop(map.remove(&key)),
        _ => return None,
    }
    Some(Mutation { owner: owner.to_owned(), key, how: "removed", document })
}

/// The document with another value, or with a list that has one more.
fn changed(document: &Value, place: &str) -> Option<Mutation> {
    let ((owner, key), mut document) = (place.rsplit_once('/')?, document.clone());
    match document.pointer_mut(place)? {
        Value::Bool(flag) => *flag = !*flag,
        Value::Number(number) => *number = (number.as_i64()? + 1).into(),
        Value::String(text) => text.push('x'),
        Value::Array(list) => match key {
            "enum" | "tags" => list.push(json!("NEWER")),
            "parameters" => list.push(json!({"in": "header", "name": "X-New", "schema": {"type": "string"}})),
            "security" => list.push(json!({"new": []})),
            "servers" => list.push(json!({"url": "https://other.example.com"})),
            _ => return None,
        },
        _ => return None,
    }
    Some(Mutation { owner: owner.to_owned(), key: key.to_owned(), how: "changed", document })
}

/// The document with one more member in a map, for each that there may be.
fn extended(document: &Value, place: &str) -> Vec<Mutation> {
    let node = document.pointer(place).unwrap();
    let (Some(map), kind) = (node.as_object(), kind(place, node)) else { return Vec::new() };
    let more: &[&str] = match kind {
        "" | "content" | "responses" => &[],
        _ if SCHEMAS.contains(&kind) => &["any schema", "any"],
        _ => &["any"],
    };
    let all = [kind].into_iter().chain(more.iter().copied()).filter_map(|kind| ADDITIONS.get(kind)).flatten();
    let add = |(key, member): (&String, &Value)| {
        let mut document = document.clone();
        document.pointer_mut(place)?.as_object_mut()?.insert(key.clone(), member.clone());
        Some(Mutation { owner: place.to_owned(), key: key.clone(), how: "added", document })
    };
    // The digest of a text stands for the text.
    let has_text = |key: &str| ["description", "summary"].contains(&key) && map.contains_key(DIGEST);
    all.filter(|(key, _)| !map.contains_key(*key) && !has_text(key)).filter_map(add).collect()
}

/// Whether a place is in operations that ours lacks, of which the structure has the names.
fn is_lacking(document: &Value, place: &str) -> bool {
    let ["", "paths", path, rest @ ..] = &place.split('/').collect::<Vec<_>>()[..] else { return false };
    let item = document.pointer(&format!("/paths/{path}")).and_then(Value::as_object);
    let is_whole = |operation: &Value| operation.get("responses").is_some();
    let method = rest.first().filter(|method| METHODS.contains(method));
    !item.into_iter().flatten().any(|(key, value)| method.is_none_or(|method| *method == key) && is_whole(value))
}

/// Why a mutation may stay unnoticed: a line of `ignored.txt`.
fn excuse(document: &Value, Mutation { owner: place, key, how, .. }: &Mutation) -> Option<&'static str> {
    let keyword = |key: &str| IGNORED.iter().map(|(id, _)| *id).find(|id| *id == key);
    let owner = document.pointer(place)?;
    let kind = kind(place, owner);
    let (is_schema, is_text) = (SCHEMAS.contains(&kind), ["description", "summary", DIGEST].contains(&&key[..]));
    let is = |key: &str, values: &[&str]| owner[key].as_str().is_some_and(|value| values.contains(&value));
    let has = |keys: &[&str]| keys.iter().any(|key| owner.get(key).is_some());
    let inside = place.rsplit_once('/').map_or("", |(_, last)| last);
    match key.as_str() {
        _ if place.ends_with("/ApiError/properties/parameters/items") => {
            Some("the inside of what ours reads as any JSON")
        }
        _ if is_lacking(document, place) => Some("the inside of an operation that ours lacks"),
        "operationId" | "x-xgen-operation-id-override" => Some("the second name of an operation"),
        "additionalProperties" if *how == "added" => Some("additionalProperties of a response, but for a schema"),
        "default" if is_schema => Some("a default of a response"),
        "explode" if ["parameter", "header"].contains(&kind) => Some("explode of a header, or of what is no list"),
        "format" if *how == "added" || *how == "removed" && kind == "number" => {
            Some("a format that reads and writes like ours, such as none of a number or `uri` of a text")
        }
        "readOnly" | "writeOnly" if is_schema => Some("readOnly of a response, writeOnly of a request"),
        "required" if kind == "header" => Some("required of a response header"),
        "required" if is("in", &["path"]) => Some("required of a path parameter"),
        "type" if *how == "removed" && has(&["additionalProperties", "enum", "items", "properties"]) => {
            Some("a type beside properties, items or values")
        }
        "variables" if kind == "server" => Some("other values of a server's variable"),
        key if key == "tags" && kind == "document"
            || place.starts_with("/tags")
            || is_text && ["info", "path", "scheme", "server"].contains(&kind) =>
        {
            Some("a text about the document, its tags and paths, and about servers and schemes")
        }
        _ if is_text && *how == "removed" => Some("a text that is left out"),
        key if key.starts_with("x-") && key != DIGEST => Some("other extensions (`x-...`)"),
        key if !kind.is_empty() => keyword(key),
        _ => keyword(inside),
    }
}

/// The mutations that stay unnoticed, and the excuses that were needed, of each place of a thread.
fn unnoticed(inputs: Inputs<'_>, thread: usize, all_of: bool) -> (Vec<String>, BTreeSet<&'static str>) {
    let ours = Ours::read(inputs).unwrap();
    let document = upstream::read(inputs.upstream.file, inputs.upstream.text).unwrap();
    let (mut all, mut found, mut excuses) = (Vec::new(), Vec::new(), BTreeSet::new());
    places(&document, "", &mut all);
    let before = ours.compare(&document);
    assert!(before.is_clean(), "differs before anything is changed: {}", before.to_text());
    for (turn, place) in all.iter().enumerate().filter(|(turn, _)| turn % THREADS == thread) {
        let own = [removed(&document, place), changed(&document, place)].into_iter().flatten().collect();
        let is_value = document.pointer(place).is_some_and(|value| !value.is_object() && !value.is_array());
        // In a large document they take turns: values taken out and changed, and what is added to maps.
        let mut sets: Vec<Vec<Mutation>> = vec![own, extended(&document, place)];
        let takes_turns =
            |set: &[Mutation]| !all_of && set.first().is_some_and(|first| is_value || first.how == "added");
        for set in sets.iter_mut().filter(|set| takes_turns(set)) {
            *set = vec![set.swap_remove(turn / THREADS % set.len())];
        }
        for mutation in sets.into_iter().flatten() {
            if ours.compare(&mutation.document).is_clean() {
                match excuse(&document, &mutation) {
                    Some(excuse) => drop(excuses.insert(excuse)),
                    None => found.push(format!("{}: {} {}", mutation.owner, mutation.key, mutation.how)),
                }
            }
        }
    }
    (found, excuses)
}

/// As [`unnoticed`], with all places, by several threads.
fn together(inputs: Inputs<'_>, all_of: bool) -> (Vec<String>, BTreeSet<&'static str>) {
    let (mut found, mut excuses) = (Vec::new(), BTreeSet::new());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || unnoticed(inputs, n, all_of))).collect();
        for thread in threads {
            let (unnoticed, excused) = thread.join().unwrap();
            found.extend(unnoticed);
            excuses.extend(excused);
        }
    });
    (found, excuses)
}

#[test]
fn every_change_is_reported() {
    let codegen = Path::new(env!("CARGO_MANIFEST_DIR"));
    let small = fs::read_to_string(codegen.join("tests/drift/ours.yaml")).unwrap();
    let (spec, upstream) = (Source { file: "small", text: &small, command: "" }, Text { file: "small", text: &small });
    let (mut found, mut excuses) = together(Inputs { spec, upstream, accepted: None, texts: None }, true);
    for entry in fs::read_dir(codegen.join("../specs/upstream")).unwrap() {
        let path = entry.unwrap().path();
        let service = path.file_stem().unwrap().to_str().unwrap();
        let read = |name: &str| fs::read_to_string(codegen.join(format!("../specs/{service}.{name}"))).unwrap();
        let (spec, structure) = (read("yaml"), fs::read_to_string(&path).unwrap());
        let (allow, texts) = (read("drift-allow.toml"), read("drift-texts.toml"));
        let (unnoticed, excused) = together(
            Inputs {
                spec: Source { file: service, text: &spec, command: "" },
                upstream: Text { file: service, text: &structure },
                accepted: Some(Text { file: "allow", text: &allow }),
                texts: Some(Text { file: "texts", text: &texts }),
            },
            false,
        );
        found.extend(unnoticed);
        excuses.extend(excused);
    }
    assert!(found.is_empty(), "{} changes are not reported:\n{}", found.len(), found.join("\n"));
    let ignored: BTreeSet<&str> = IGNORED.iter().map(|(id, _)| *id).collect();
    assert_eq!(excuses, ignored, "what stays unnoticed, and the lines of ignored.txt");
}
