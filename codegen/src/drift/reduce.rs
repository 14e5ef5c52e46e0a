//! A vendor's document without what drift does not read: other operations, other versions and examples. Of
//! texts it has the digests. It is kept beside the spec, so that the tests compare with what the spec was curated against.

use serde_json::{Map, Value};

use super::bodies::counterpart;
use super::ignored::is_ignored;
use super::operations::{self, EXTENSIONS, paired};
use super::texts;
use crate::node::Node;

/// The keys whose members have names instead of keywords.
const NAMED: [&str; 6] = ["content", "flows", "headers", "properties", "responses", "variables"];

/// The keys whose values are data.
const DATA: [&str; 4] = ["const", "default", "enum", "security"];

/// The parts of `theirs` that are compared with `ours`.
pub(super) fn reduce(ours: &Node<'_>, theirs: &Node<'_>) -> Value {
    let reducing = Reducing::new(ours);
    let mut document = Map::new();
    for key in ["openapi", "security", "servers"] {
        document.extend(theirs.get(key).map(|node| (key.to_owned(), reducing.member(key, node.value))));
    }
    let is_told = |key: &str| key == "version" || key.starts_with("x-");
    let info = theirs.below("info").into_iter().filter(|(key, node)| is_told(key) && !node.value.is_object());
    document.insert("info".into(), info.map(|(key, node)| (key, node.value.clone())).collect());
    document.insert("paths".into(), reducing.paths(ours, theirs));
    let components = reducing.components(theirs, &document);
    document.insert("components".into(), components.into());
    Value::Object(document)
}

/// A reduction to what some part of our spec has.
struct Reducing<'a> {
    media_types: Vec<&'a str>,
    /// Whether texts are compared.
    has_texts: bool,
}

impl<'a> Reducing<'a> {
    fn new(ours: &Node<'a>) -> Self {
        let mut media_types = Vec::new();
        names_of_content(ours.value, &mut media_types);
        Self { media_types, has_texts: true }
    }

    /// For what has no texts that are compared.
    fn silent(&self) -> Self {
        Self { media_types: Vec::new(), has_texts: false }
    }

    /// The operations that ours has, and the names of the others that are reported.
    fn paths(&self, ours: &Node<'_>, theirs: &Node<'_>) -> Value {
        let (ours, theirs) = (operations::of(ours), operations::of(theirs));
        let (pairs, others) = paired(&ours, &theirs);
        let mut paths = Map::new();
        let mut add = |operation: &operations::Operation<'_>, value: Value| {
            let item = paths.entry(&operation.path).or_insert_with(|| Value::Object(Map::new()));
            item[operation.method] = value;
            for key in ["parameters", "servers"] {
                if let Some(shared) = operation.item.get(key) {
                    item[key] = self.member(key, shared.value);
                }
            }
        };
        for (mine, vendors) in pairs {
            vendors.inspect(|vendors| add(vendors, Reducing::new(&mine.node).part(vendors.node.value, false)));
        }
        for (other, _) in others {
            let is_name = |key: &str| ["operationId", "tags"].contains(&key) || key.ends_with(EXTENSIONS[1]);
            let names = other.node.members().into_iter().filter(|(key, _)| is_name(key));
            add(other, names.map(|(key, node)| (key, node.value.clone())).collect());
        }
        Value::Object(paths)
    }

    /// A value without what is not compared.
    fn part(&self, value: &Value, named: bool) -> Value {
        match value {
            Value::Array(list) => list.iter().map(|item| self.part(item, false)).collect(),
            Value::Object(map) => {
                let kept = map.iter().filter(|(key, _)| named || is_read(key));
                let part = |(key, value): (&String, &Value)| {
                    (key.clone(), if named { self.part(value, false) } else { self.member(key, value) })
                };
                let digest = texts::of(value).filter(|_| self.has_texts && !named);
                kept.map(part).chain(digest.map(|digest| (texts::DIGEST.to_owned(), digest.into()))).collect()
            }
            other => other.clone(),
        }
    }

    /// The value of a keyword, without what is not compared.
    fn member(&self, key: &str, value: &Value) -> Value {
        match key {
            "content" => self.content(value),
            "servers" => self.silent().part(value, false),
            key if DATA.contains(&key) => value.clone(),
            key => self.part(value, NAMED.contains(&key)),
        }
    }

    /// Of the media types all names, since they tell the versions, and the bodies of those that ours has.
    fn content(&self, content: &Value) -> Value {
        let Some(map) = content.as_object() else { return content.clone() };
        let names: Vec<&str> = map.keys().map(String::as_str).collect();
        let read: Vec<&str> =
            self.media_types.iter().filter_map(|ours| names.get(counterpart(ours, &names)?)).copied().collect();
        let nothing = || Value::Object(Map::new());
        let body = |name: &str, value| if read.contains(&name) { self.part(value, false) } else { nothing() };
        map.iter().map(|(name, value)| (name.clone(), body(name, value))).collect()
    }

    /// The components that the document refers to, and those that they refer to.
    fn components(&self, theirs: &Node<'_>, document: &Map<String, Value>) -> Map<String, Value> {
        let schemes = theirs.get("components").and_then(|components| components.get("securitySchemes"));
        let schemes = schemes.map(|node| ("securitySchemes".to_owned(), self.silent().part(node.value, true)));
        let mut components: Map<String, Value> = schemes.into_iter().collect();
        let mut references = Vec::new();
        document.values().for_each(|value| collect(value, &mut references));
        while let Some(reference) = references.pop() {
            let Some(target) = theirs.lookup(&reference) else { continue };
            let [_, section, name] = target.pointer.segments() else { continue };
            let section = components.entry(section).or_insert_with(|| Map::new().into()).as_object_mut();
            if let Some(section) = section.filter(|section| !section.contains_key(name)) {
                let part = self.part(target.value, false);
                collect(&part, &mut references);
                section.insert(name.clone(), part);
            }
        }
        components
    }
}

/// The media types below a value.
fn names_of_content<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    let members = value.as_object().into_iter().flatten();
    for (_, content) in members.clone().filter(|(key, _)| *key == "content") {
        into.extend(content.as_object().into_iter().flatten().map(|(name, _)| name.as_str()));
    }
    let items = value.as_array().into_iter().flatten();
    members.map(|(_, member)| member).chain(items).for_each(|inner| names_of_content(inner, into));
}

/// Whether a keyword is compared by more than its text.
fn is_read(key: &str) -> bool {
    let is_text = ["description", "summary"].contains(&key);
    let is_unread = key.starts_with("x-") && !EXTENSIONS.iter().any(|kind| key.to_lowercase().contains(kind));
    !is_text && !is_unread && !is_ignored(key)
}

/// The references below a value.
fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            into.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|member| collect(member, into));
        }
        Value::Array(list) => list.iter().for_each(|item| collect(item, into)),
        _ => {}
    }
}
