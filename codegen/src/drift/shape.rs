//! A schema with its `$ref`s, `allOf`, `oneOf` and `anyOf` put together: one view of both documents.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::ignored::is_ignored;
use crate::node::{Broken, Node, text_of};
use crate::pointer::Pointer;

/// A schema put together from more parts than this is taken for a mistake.
const MAX_PARTS: usize = 4096;

/// The keywords that have a meaning of their own here. Any other restricts a value, unless it is ignored.
const KNOWN: &str = "$ref type format nullable enum const properties required items additionalProperties allOf oneOf anyOf \
    default deprecated readOnly writeOnly description";

/// The keywords that restrict a value, with theirs.
pub(super) type Bounds<'a> = BTreeMap<&'a str, Value>;

/// The content of a schema. An empty set of types means any type.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape<'a> {
    pub(super) types: BTreeSet<&'a str>,
    pub(super) formats: BTreeSet<&'a str>,
    pub(super) nullable: bool,
    pub(super) values: Option<BTreeSet<String>>,
    pub(super) properties: IndexMap<String, Vec<Node<'a>>>,
    pub(super) required: BTreeSet<&'a str>,
    pub(super) items: Vec<Node<'a>>,
    /// The values of a map.
    pub(super) map: Vec<Node<'a>>,
    pub(super) bounds: Bounds<'a>,
    /// Other fields are refused.
    pub(super) closed: bool,
    pub(super) default: Option<&'a Value>,
    pub(super) deprecated: bool,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
    pub(super) broken: Vec<Broken>,
}

/// The shape of a schema; several nodes are alternatives of each other.
pub(super) fn shape<'a>(nodes: &[Node<'a>]) -> Shape<'a> {
    let mut reading = Reading::default();
    let mut shape = reading.any(nodes).unwrap_or_default();
    shape.broken = reading.broken;
    shape
}

/// One reading of a schema: the schemas around the current one, and the number of parts read.
#[derive(Default)]
struct Reading {
    stack: Vec<Pointer>,
    parts: usize,
    broken: Vec<Broken>,
}

impl Reading {
    /// `None` for a part that says nothing: a circle, or a reference that leads nowhere.
    fn one<'a>(&mut self, node: &Node<'a>) -> Option<Shape<'a>> {
        self.parts += 1;
        let node = match node.resolve() {
            Ok(node) => node,
            Err(broken) => {
                self.broken.push(broken);
                return None;
            }
        };
        if self.stack.contains(&node.pointer) || self.parts > MAX_PARTS {
            return None;
        }
        self.stack.push(node.pointer.clone());
        let mut shape = Shape::local(&node);
        let mut parts = node.below("allOf").into_iter().filter_map(|(_, part)| self.one(&part)).collect::<Vec<_>>();
        for key in ["oneOf", "anyOf"] {
            let alternatives: Vec<Node<'a>> = node.below(key).into_iter().map(|(_, node)| node).collect();
            parts.extend(self.any(&alternatives));
        }
        self.stack.pop();
        let circle = parts.is_empty() && ["allOf", "oneOf", "anyOf"].iter().any(|key| node.has(key));
        if circle && shape.is_any() {
            return None;
        }
        for part in parts {
            shape.and(part);
        }
        Some(shape)
    }

    fn any<'a>(&mut self, nodes: &[Node<'a>]) -> Option<Shape<'a>> {
        let mut union: Option<Shape<'a>> = None;
        let mut nullable = false;
        for node in nodes {
            let Some(shape) = self.one(node) else { continue };
            if shape.is_null() {
                nullable = true;
                continue;
            }
            match &mut union {
                None => union = Some(shape),
                Some(union) => union.or(shape),
            }
        }
        if let Some(union) = &mut union {
            union.nullable |= nullable;
        }
        union
    }
}

/// The restrictions of a schema without its parts.
fn bounds<'a>(node: &Node<'a>, is_integer: bool) -> Bounds<'a> {
    let is_bound =
        |key: &str| !key.starts_with("x-") && !KNOWN.split(' ').any(|known| known == key) && !is_ignored(key);
    let all = node.value.as_object().into_iter().flatten();
    let stated = all.filter(|(key, value)| is_bound(key) && **value != Value::Bool(false));
    let mut found: Bounds<'a> = stated.map(|(key, value)| (key.as_str(), value.clone())).collect();
    for (bound, exclusive, step) in [("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)] {
        // A flag in OpenAPI 3.0, a bound of its own in 3.1.
        let stated = found.remove(exclusive);
        let limit = if stated == Some(Value::Bool(true)) { found.remove(bound) } else { stated };
        let inclusive = limit.as_ref().and_then(Value::as_i64).filter(|_| is_integer).and_then(|n| n.checked_add(step));
        let own = inclusive.map(|limit| (bound, limit.into())).or_else(|| Some((exclusive, limit?)));
        merge(&mut found, own.into_iter().collect(), true);
    }
    found
}

/// Puts bounds together: those of both, and where both have one the tighter, or only those that both have, and the looser.
fn merge<'a>(bounds: &mut Bounds<'a>, mut others: Bounds<'a>, tighter: bool) {
    let mine = std::mem::take(bounds);
    for (key, bound) in mine {
        match others.remove(key) {
            Some(other) => bounds.extend(either(key, bound, other, tighter).map(|bound| (key, bound))),
            None => bounds.extend(tighter.then_some((key, bound))),
        }
    }
    bounds.extend(others.into_iter().filter(|_| tighter));
}

/// The tighter or the looser of two values of a bound; none if nothing is known of the looser one.
pub(super) fn either(key: &str, one: Value, other: Value, tighter: bool) -> Option<Value> {
    let key = key.to_lowercase();
    let (upper, lower) = (key.contains("max"), key.contains("min"));
    match (one.as_f64(), other.as_f64()) {
        (Some(a), Some(b)) if upper || lower => Some(if (a < b) == (upper == tighter) { one } else { other }),
        _ if one == other => Some(one),
        _ => tighter.then(|| format!("{} and {}", text_of(&one), text_of(&other)).into()),
    }
}

impl<'a> Shape<'a> {
    /// The schema without its parts.
    fn local(node: &Node<'a>) -> Self {
        let mut shape = Self { nullable: node.flag("nullable"), ..Self::default() };
        match node.value.get("type") {
            Some(Value::String(one)) => drop(shape.types.insert(one)),
            Some(Value::Array(list)) => shape.types.extend(list.iter().filter_map(Value::as_str)),
            _ => {}
        }
        if shape.types.len() > 1 && shape.types.remove("null") {
            shape.nullable = true;
        }
        shape.properties = node.below("properties").into_iter().map(|(name, node)| (name, vec![node])).collect();
        shape.items = node.get("items").filter(|items| items.value.is_object()).into_iter().collect();
        shape.map = node.get("additionalProperties").filter(|map| map.value.is_object()).into_iter().collect();
        shape.required = node.below("required").into_iter().filter_map(|(_, name)| name.value.as_str()).collect();
        let listed = node.value.get("enum").and_then(Value::as_array);
        let constant = node.value.get("const").map(std::slice::from_ref);
        if let Some(values) = constant.or(listed.map(Vec::as_slice)) {
            shape.nullable |= values.contains(&Value::Null);
            shape.values = Some(values.iter().filter(|value| !value.is_null()).map(text_of).collect());
            if shape.types.is_empty() && values.iter().all(|value| value.is_string() || value.is_null()) {
                shape.types.insert("string");
            }
        }
        if shape.types.is_empty() {
            if !shape.properties.is_empty() || !shape.map.is_empty() {
                shape.types.insert("object");
            } else if !shape.items.is_empty() {
                shape.types.insert("array");
            }
        }
        if let Some(format) = node.text("format") {
            shape.formats.insert(format);
        } else if shape.types.iter().any(|kind| ["string", "number", "integer"].contains(kind)) {
            shape.formats.insert("");
        }
        shape.bounds = bounds(node, shape.types.contains("integer"));
        shape.closed = node.value.get("additionalProperties") == Some(&Value::Bool(false));
        shape.default = node.value.get("default").filter(|value| !value.is_null());
        shape.deprecated = node.flag("deprecated");
        shape.read_only = node.flag("readOnly");
        shape.write_only = node.flag("writeOnly");
        shape
    }

    fn is_null(&self) -> bool {
        self.types.len() == 1 && self.types.contains("null")
    }

    /// Whether it takes any JSON value.
    pub(super) fn is_any(&self) -> bool {
        self.types.is_empty()
    }

    /// `other` holds as well (`allOf`). The tighter bound and the values of both hold; of other things the first one stays.
    fn and(&mut self, mut other: Self) {
        self.take_parts(&mut other);
        if self.types.is_empty() {
            self.types = other.types;
        }
        if self.formats.iter().all(|format| format.is_empty()) {
            self.formats.extend(other.formats);
            if self.formats.len() > 1 {
                self.formats.remove("");
            }
        }
        self.values = match (self.values.take(), other.values) {
            (Some(ours), Some(others)) => Some(ours.intersection(&others).cloned().collect()),
            (ours, others) => ours.or(others),
        };
        self.required.extend(other.required);
        merge(&mut self.bounds, other.bounds, true);
        self.closed |= other.closed;
        self.default = self.default.or(other.default);
        self.deprecated |= other.deprecated;
        self.read_only |= other.read_only;
        self.write_only |= other.write_only;
    }

    /// Either this or `other` holds (`oneOf`, `anyOf`).
    fn or(&mut self, mut other: Self) {
        self.take_parts(&mut other);
        if self.is_any() || other.is_any() {
            self.types.clear();
            self.formats.clear();
        } else {
            self.types.extend(other.types);
            self.formats.extend(other.formats);
        }
        let values = self.values.take().zip(other.values);
        self.values = values.map(|(ours, others)| ours.into_iter().chain(others).collect());
        self.required.retain(|name| other.required.contains(name));
        merge(&mut self.bounds, other.bounds, false);
        self.closed &= other.closed;
        self.default = self.default.filter(|value| other.default == Some(value));
        self.deprecated &= other.deprecated;
        self.read_only &= other.read_only;
        self.write_only &= other.write_only;
    }

    /// Adds the fields, items and nullability of `other`, which hold in an intersection and in a union alike.
    fn take_parts(&mut self, other: &mut Self) {
        self.nullable |= other.nullable;
        for (name, nodes) in other.properties.drain(..) {
            self.properties.entry(name).or_default().extend(nodes);
        }
        self.items.append(&mut other.items);
        self.map.append(&mut other.map);
    }
}
