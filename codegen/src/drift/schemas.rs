//! Schemas: types, formats, enum values, fields, required fields and bounds.

use std::collections::BTreeSet;
use std::slice;

use serde_json::Value;

use super::change::Change;
use super::change::Class::{Additive, Breaking, DocOnly};
use super::compare::{Comparison, Direction};
use super::shape::{Shape, either, shape};
use crate::node::{Node, text_of};

/// For our type and format: which formats of the vendor's are the same thing. The empty format stands for none.
const SAME: [(&str, &str, &[&str]); 10] = [
    ("number", "decimal", &["", "decimal", "double", "float"]),
    ("number", "double", &["", "double", "float"]),
    ("integer", "int64", &["", "int64", "int32"]),
    ("integer", "int32", &["", "int32"]),
    ("integer", "epoch-millis", &["", "int64", "epoch-millis"]),
    ("string", "decimal", &["", "decimal"]),
    ("string", "billing-month", &["", "billing-month"]),
    ("string", "binary", &["", "byte", "binary"]),
    ("string", "password", &["", "password", "uri", "url"]),
    // Formats that only describe the text: ours leaves them out.
    ("string", "", &["", "uri", "url", "uuid", "email", "hostname", "ipv4", "ipv6", "byte", "binary", "objectid"]),
];

/// Whether `theirs` is no other format than ours.
fn same_format(kind: &str, ours: &str, theirs: &str) -> bool {
    ours == theirs || SAME.iter().any(|(k, f, same)| *k == kind && *f == ours && same.contains(&theirs))
}

/// A set as a list in words.
fn listed<'t>(words: impl IntoIterator<Item = &'t str>) -> String {
    words.into_iter().map(|word| if word.is_empty() { "none" } else { word }).collect::<Vec<_>>().join(" or ")
}

/// Two schemas side by side: ours, and the alternatives of the vendor's, of which there is usually one.
pub(super) struct Sides<'a> {
    pub(super) node: Node<'a>,
    pub(super) theirs: Vec<Node<'a>>,
    pub(super) at: String,
    pub(super) left: Shape<'a>,
    pub(super) right: Shape<'a>,
    pub(super) direction: Direction,
}

impl<'a> Sides<'a> {
    pub(super) fn new(ours: &Node<'a>, theirs: &[Node<'a>], at: &str, direction: Direction) -> Self {
        let (left, right) = (shape(slice::from_ref(ours)), shape(theirs));
        Self { node: ours.clone(), theirs: theirs.to_vec(), at: at.to_owned(), left, right, direction }
    }

    /// Whether a field goes in the direction.
    fn carries(&self, field: &Shape<'_>) -> bool {
        match self.direction {
            Direction::Request => !field.read_only,
            Direction::Response => !field.write_only,
        }
    }
}

impl<'a> Comparison<'a> {
    /// Compares two schemas, and those inside of them.
    fn schema(&mut self, sides: Sides<'a>) {
        let Sides { node: ours, theirs, at, direction, .. } = &sides;
        let lenient = ours.flag("x-sdk-lenient");
        // Lint has made sure that ours leads somewhere.
        let Some(mine) = ours.schema() else { return };
        // A component of ours is named as such, wherever it was met. An id is not: its rules can depend on the place.
        let name = mine.component("schemas").filter(|_| !mine.flag("x-sdk-id")).unwrap_or(at).to_owned();
        let mut resolved: Vec<Node<'a>> = Vec::new();
        for node in theirs {
            let Some(found) = self.their(&ours.pointer, at, node) else { continue };
            self.text(ours, node, at);
            let whole = found.schema().unwrap_or_else(|| found.clone());
            if whole.pointer != node.pointer && name != *at {
                self.text(&mine, &whole, &name);
            }
            if !resolved.iter().any(|known| known.pointer == found.pointer) {
                resolved.push(found);
            }
        }
        let places = |nodes: &[Node<'_>]| nodes.iter().map(|node| node.pointer.clone()).collect::<Vec<_>>();
        let is_written_here = mine.pointer == ours.pointer && places(&resolved) == places(theirs);
        if resolved.is_empty() || !self.is_first(&mine, &resolved, *direction) {
            return;
        }
        let sides =
            if is_written_here { Sides { at: name, ..sides } } else { Sides::new(ours, &resolved, &name, *direction) };
        for broken in &sides.right.broken {
            self.broken(&mine.pointer, &sides.at, broken);
        }
        if !(sides.left.is_any() && sides.right.is_any()) && self.types(&sides, lenient) {
            self.formats(&sides);
            self.values(&sides);
            self.bounds(&sides);
            self.closed(&sides);
            self.fields(&sides);
            self.elements(&sides);
        }
    }

    /// The items of a list, and the values of a map.
    fn elements(&mut self, sides: &Sides<'a>) {
        let Sides { at, left, right, direction, .. } = sides;
        for (mine, vendors, mark) in [(left.items.first(), &right.items, "[]"), (left.map.first(), &right.map, "{}")] {
            let (Some(mine), at) = (mine, format!("{at}{mark}")) else { continue };
            if !vendors.is_empty() {
                self.value(Sides::new(mine, vendors, &at, *direction));
            } else if right.properties.is_empty() {
                self.found(sides, Change::new(DocOnly, "schema-missing", &at));
            }
        }
    }

    /// Whether the two are of the same type, so that comparing them further makes sense.
    fn types(&mut self, sides: &Sides<'a>, lenient: bool) -> bool {
        let Sides { left, right, direction, .. } = sides;
        let reads = |kind: &&str| {
            left.types.contains(*kind)
                || (**kind == *"integer" && left.types.contains("number") && *direction == Direction::Response)
        };
        if left.types == right.types {
            return true;
        }
        let class = match direction {
            // The vendor must take every type that we may send, and ours must read every type that may come.
            Direction::Request if right.is_any() => Additive,
            Direction::Response if left.is_any() || lenient => Additive,
            _ if !right.is_any() && !left.is_any() && right.types.iter().all(reads) => Additive,
            _ => Breaking,
        };
        let (ours, theirs) = (kinds(left), kinds(right));
        self.found(sides, Change::new(class, "type", &sides.at).ours(ours).theirs(theirs));
        false
    }

    fn formats(&mut self, sides: &Sides<'a>) {
        let Sides { left, right, .. } = sides;
        let kind = left.types.first().copied().unwrap_or_default();
        let Some(ours) = left.formats.first().copied() else { return };
        let other: Vec<&str> = right.formats.iter().copied().filter(|f| !same_format(kind, ours, f)).collect();
        if other.is_empty() {
            return;
        }
        // Plain text reads every text; a format that the vendor adds could be typed.
        let class = if kind == "string" && ours.is_empty() { Additive } else { Breaking };
        let (ours, theirs) = (listed([ours]), listed(other));
        self.found(sides, Change::new(class, "format", &sides.at).ours(ours).theirs(theirs));
    }

    fn values(&mut self, sides: &Sides<'a>) {
        let at = sides.at.as_str();
        match (&sides.left.values, &sides.right.values) {
            (Some(ours), Some(theirs)) => {
                for value in theirs.difference(ours) {
                    self.found(sides, Change::new(Additive, "enum-value-new", at).theirs(value));
                }
                for value in ours.difference(theirs) {
                    self.found(sides, Change::new(Breaking, "enum-value-removed", at).ours(value));
                }
            }
            (Some(ours), None) => {
                self.found(sides, Change::new(Additive, "enum-opened", at).ours(format!("{} values", ours.len())));
            }
            (None, Some(theirs)) => {
                let class = if sides.direction == Direction::Request { Breaking } else { Additive };
                let list = theirs.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                self.found(sides, Change::new(class, "enum-closed", at).theirs(list));
            }
            _ => {}
        }
    }

    /// Bounds of requests. If the vendor's is tighter, the service refuses values that we send. If it is looser, we refuse
    /// values that the service takes. Responses are not checked.
    fn bounds(&mut self, sides: &Sides<'a>) {
        let keys: BTreeSet<&str> = sides.left.bounds.keys().chain(sides.right.bounds.keys()).copied().collect();
        for key in keys {
            let (ours, theirs) = (sides.left.bounds.get(key), sides.right.bounds.get(key));
            let number = |value: Option<&Value>| value.and_then(Value::as_f64);
            let class = match (ours, theirs) {
                _ if ours == theirs || number(ours).is_some_and(|a| number(theirs) == Some(a)) => continue,
                _ if sides.direction == Direction::Response => DocOnly,
                (Some(a), Some(b)) if either(key, a.clone(), b.clone(), false).as_ref() == Some(b) => Additive,
                (_, None) => Additive,
                _ => Breaking,
            };
            let word =
                |value: Option<&Value>| value.map_or_else(String::new, |value| format!("{key} {}", text_of(value)));
            self.found(sides, Change::new(class, "constraint", &sides.at).ours(word(ours)).theirs(word(theirs)));
        }
    }

    fn fields(&mut self, sides: &Sides<'a>) {
        let Sides { left, right, at, direction, .. } = sides;
        for (name, fields) in &left.properties {
            let Some(mine) = fields.first() else { continue };
            let vendors = right.properties.get(name).map(Vec::as_slice).unwrap_or_default();
            let field = Sides::new(mine, vendors, &format!("{at}.{name}"), *direction);
            match (sides.carries(&field.left), !vendors.is_empty() && sides.carries(&field.right)) {
                (true, true) => self.field(sides, name, field),
                // A map of the vendor's still carries a field of any name.
                (true, false) if right.properties.is_empty() && !right.map.is_empty() => {}
                (true, false) => {
                    let draft = Change::new(Breaking, "field-removed", &field.at).ours(kinds(&field.left));
                    self.report(&mine.pointer, &sides.theirs[0].pointer, draft);
                }
                (false, true) => self.new_field(sides, name, vendors),
                (false, false) => {}
            }
        }
        // Fields of any other name, of which ours reads none.
        if left.map.is_empty() && !left.properties.is_empty() && !right.map.is_empty() {
            let draft = Change::new(Additive, "field-new", &format!("{at}{{}}")).theirs(kinds(&shape(&right.map)));
            self.found(sides, draft);
        }
        for (name, vendors) in right.properties.iter().filter(|(name, _)| !left.properties.contains_key(*name)) {
            match left.map.first() {
                _ if !sides.carries(&shape(vendors)) => {}
                // A map of ours has a field of any name.
                Some(mine) => self.value(Sides::new(mine, vendors, &format!("{at}.{name}"), *direction)),
                None => self.new_field(sides, name, vendors),
            }
        }
    }

    fn new_field(&mut self, sides: &Sides<'a>, name: &str, vendors: &[Node<'a>]) {
        let required = sides.right.required.contains(name) && sides.direction == Direction::Request;
        let (class, note) = if required { (Breaking, "required") } else { (Additive, "") };
        let draft = Change::new(class, "field-new", &format!("{}.{name}", &sides.at)).note(note);
        self.report(&sides.node.pointer, &vendors[0].pointer, draft.theirs(kinds(&shape(vendors))));
    }

    /// One field that both have.
    fn field(&mut self, sides: &Sides<'a>, name: &str, field: Sides<'a>) {
        let (ours, theirs) = (sides.left.required.contains(name), sides.right.required.contains(name));
        let guaranteed = field.node.flag("x-sdk-guaranteed");
        let class = match (ours || guaranteed, theirs, sides.direction) {
            (true, true, _) | (false, false, _) => None,
            (false, true, Direction::Request) => Some((Breaking, "required-added")),
            (true, false, Direction::Request) => Some((Additive, "required-dropped")),
            (false, true, Direction::Response) => Some((DocOnly, "required-added")),
            (true, false, Direction::Response) if guaranteed => Some((Breaking, "required-dropped")),
            (true, false, Direction::Response) => Some((DocOnly, "required-dropped")),
        };
        if let Some((class, change)) = class {
            self.found(&field, Change::new(class, change, &field.at));
        }
        self.value(field);
    }

    /// Compares two values: what stands beside their schemas, and those.
    pub(super) fn value(&mut self, sides: Sides<'a>) {
        self.nullable(&sides);
        self.usage(&sides);
        self.schema(sides);
    }

    /// Whether both may be null.
    fn nullable(&mut self, sides: &Sides<'a>) {
        let (ours, theirs) = (sides.left.nullable, sides.right.nullable);
        if ours == theirs {
            return;
        }
        let class = match (sides.direction, ours) {
            (Direction::Response, _) => DocOnly, // The client reads null wherever a field may be absent.
            (Direction::Request, true) => Breaking,
            (Direction::Request, false) => Additive,
        };
        let word = |nullable: bool| if nullable { "nullable" } else { "not nullable" };
        let draft = Change::new(class, "nullable", &sides.at).ours(word(ours)).theirs(word(theirs));
        self.found(sides, draft);
    }

    /// Whether the vendor refuses fields that its schema lacks. Ours sends such fields where it has `additionalProperties`.
    fn closed(&mut self, sides: &Sides<'a>) {
        if sides.direction == Direction::Request && sides.right.closed && !sides.left.closed {
            let is_open = sides.node.has("additionalProperties");
            let class = if is_open { Breaking } else { DocOnly };
            self.found(sides, Change::new(class, "closed", &sides.at));
        }
    }

    /// Deprecation and defaults.
    fn usage(&mut self, sides: &Sides<'a>) {
        let Sides { left, right, at, direction, .. } = sides;
        let word = |value: Option<&Value>| value.map_or_else(String::new, text_of);
        if right.deprecated != left.deprecated {
            self.found(sides, Change::new(DocOnly, "deprecated", at));
        }
        if *direction == Direction::Request && left.default != right.default {
            let class = if left.default.is_some() && right.default.is_some() { Breaking } else { DocOnly };
            let draft = Change::new(class, "default", at).ours(word(left.default)).theirs(word(right.default));
            self.found(sides, draft);
        }
    }

    fn found(&mut self, sides: &Sides<'a>, change: Change) {
        self.report(&sides.node.pointer, &sides.theirs[0].pointer, change);
    }
}

/// The types of a schema in words.
fn kinds(shape: &Shape<'_>) -> String {
    if shape.is_any() { "any".to_owned() } else { listed(shape.types.iter().copied()) }
}
