//! Schemas: types, formats, enum values, fields, required fields and bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use serde_json::Value;

use super::change::Change;
use super::change::Class::{Additive, Breaking, DocOnly};
use super::compare::{Comparison, Direction};
use super::shape::{Shape, shape};
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

impl<'a> Comparison<'a> {
    /// Compares our schema with the vendor's: the alternatives `theirs`, of which there is usually one.
    pub(super) fn schema(&mut self, ours: &Node<'a>, theirs: &[Node<'a>], at: &str, direction: Direction) {
        let lenient = ours.flag("x-sdk-lenient");
        // Lint has made sure that ours leads somewhere.
        let Some(mine) = ours.schema() else { return };
        // A component of ours is named as such, wherever it was met. An id is not: its rules can depend on the place.
        let name = mine.component("schemas").filter(|_| !mine.flag("x-sdk-id")).unwrap_or(at).to_owned();
        let mut resolved: Vec<Node<'a>> = Vec::new();
        for node in theirs {
            let Some(found) = self.their(&ours.pointer, at, node) else { continue };
            if found.pointer != node.pointer && name != at {
                self.text(&mine, &found, &name, &["description"]);
            }
            if !resolved.iter().any(|known| known.pointer == found.pointer) {
                resolved.push(found);
            }
        }
        let pair = (mine.pointer.clone(), resolved.iter().map(|node| node.pointer.clone()).collect(), direction);
        if resolved.is_empty() || !self.seen.insert(pair) {
            return;
        }
        let (left, right) = (shape(slice::from_ref(ours)), shape(&resolved));
        for broken in &right.broken {
            self.broken(&mine.pointer, &name, broken);
        }
        let sides = Sides { node: &mine, theirs: &resolved[0], at: &name, left: &left, right: &right, direction };
        if left.is_any() && right.is_any() {
            return;
        }
        if !self.types(&sides, lenient) {
            return;
        }
        self.formats(&sides);
        self.values(&sides);
        self.bounds(&sides);
        self.fields(&sides);
        if let (Some(mine), false) = (left.items.first(), right.items.is_empty()) {
            self.schema(mine, &right.items, &format!("{name}[]"), direction);
        }
        if let (Some(mine), false) = (left.map.first(), right.map.is_empty()) {
            self.schema(mine, &right.map, &format!("{name}{{}}"), direction);
        }
    }

    /// Whether the two are of the same type, so that comparing them further makes sense.
    fn types(&mut self, sides: &Sides<'_, 'a>, lenient: bool) -> bool {
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
        self.found(sides, Change::new(class, "type", sides.at).ours(ours).theirs(theirs));
        false
    }

    fn formats(&mut self, sides: &Sides<'_, 'a>) {
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
        self.found(sides, Change::new(class, "format", sides.at).ours(ours).theirs(theirs));
    }

    fn values(&mut self, sides: &Sides<'_, 'a>) {
        let at = sides.at;
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
            (None, Some(theirs)) if !sides.left.types.contains("boolean") => {
                let class = if sides.direction == Direction::Request { Breaking } else { Additive };
                let list = theirs.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                self.found(sides, Change::new(class, "enum-closed", at).theirs(list));
            }
            _ => {}
        }
    }

    /// Bounds of requests. If the vendor's is tighter, the service refuses values that we send. If it is looser, we refuse
    /// values that the service takes. Responses are not checked.
    fn bounds(&mut self, sides: &Sides<'_, 'a>) {
        let keys: BTreeSet<&str> = sides.left.bounds.keys().chain(sides.right.bounds.keys()).copied().collect();
        for key in keys {
            let (ours, theirs) = (sides.left.bounds.get(key), sides.right.bounds.get(key));
            let number = |value: Option<&&Value>| value.and_then(|value| value.as_f64());
            let class = match (number(ours), number(theirs)) {
                (Some(a), Some(b)) if a.total_cmp(&b).is_eq() => continue,
                _ if ours == theirs => continue,
                _ if sides.direction == Direction::Response => DocOnly,
                (Some(a), Some(b)) if (key.starts_with("max") && b > a) || (key.starts_with("min") && b < a) => {
                    Additive
                }
                _ if theirs.is_none() => Additive,
                _ => Breaking,
            };
            let word =
                |value: Option<&&Value>| value.map_or_else(String::new, |value| format!("{key} {}", text_of(value)));
            self.found(sides, Change::new(class, "constraint", sides.at).ours(word(ours)).theirs(word(theirs)));
        }
    }

    fn fields(&mut self, sides: &Sides<'_, 'a>) {
        let Sides { left, right, at, direction, .. } = *sides;
        let carried = |fields: &[Node<'a>]| {
            let shape = shape(fields);
            match direction {
                Direction::Request => !shape.read_only,
                Direction::Response => !shape.write_only,
            }
        };
        let mut theirs: BTreeMap<&str, &[Node<'a>]> = BTreeMap::new();
        for (name, fields) in &right.properties {
            if carried(fields) {
                theirs.insert(name, fields);
            }
        }
        for (name, fields) in &left.properties {
            let (Some(mine), true) = (fields.first(), carried(fields)) else { continue };
            let at = format!("{at}.{name}");
            match theirs.remove(name.as_str()) {
                Some(vendors) => self.field(sides, name, mine, vendors, &at),
                // A map of the vendor's still carries a field of any name.
                None if right.properties.is_empty() && !right.map.is_empty() => {}
                None => {
                    let draft = Change::new(Breaking, "field-removed", &at).ours(kinds(&shape(fields)));
                    self.report(&mine.pointer, &sides.theirs.pointer, draft);
                }
            }
        }
        if left.properties.is_empty() && !left.map.is_empty() {
            return;
        }
        for (name, fields) in theirs {
            let required = right.required.contains(name) && direction == Direction::Request;
            let class = if required { Breaking } else { Additive };
            let note = if required { "required" } else { "" };
            let draft = Change::new(class, "field-new", &format!("{at}.{name}")).note(note);
            let draft = draft.theirs(kinds(&shape(fields)));
            self.report(&sides.node.pointer, &fields[0].pointer, draft);
        }
    }

    /// One field that both have.
    fn field(&mut self, sides: &Sides<'_, 'a>, name: &str, mine: &Node<'a>, vendors: &[Node<'a>], at: &str) {
        let direction = sides.direction;
        let (left, right) = (shape(slice::from_ref(mine)), shape(vendors));
        let there = &vendors[0].pointer;
        let (ours, theirs) = (sides.left.required.contains(name), sides.right.required.contains(name));
        let guaranteed = mine.flag("x-sdk-guaranteed");
        let class = match (ours || guaranteed, theirs, direction) {
            (true, true, _) | (false, false, _) => None,
            (false, true, Direction::Request) => Some((Breaking, "required-added")),
            (true, false, Direction::Request) => Some((Additive, "required-dropped")),
            (false, true, Direction::Response) => Some((DocOnly, "required-added")),
            (true, false, Direction::Response) if guaranteed => Some((Breaking, "required-dropped")),
            (true, false, Direction::Response) => Some((DocOnly, "required-dropped")),
        };
        if let Some((class, change)) = class {
            self.report(&mine.pointer, there, Change::new(class, change, at));
        }
        if left.nullable != right.nullable {
            let class = match (direction, left.nullable) {
                (Direction::Response, _) => DocOnly, // The client reads null wherever a field may be absent.
                (Direction::Request, true) => Breaking,
                (Direction::Request, false) => Additive,
            };
            let word = |nullable: bool| if nullable { "nullable" } else { "not nullable" };
            let draft = Change::new(class, "nullable", at).ours(word(left.nullable)).theirs(word(right.nullable));
            self.report(&mine.pointer, there, draft);
        }
        self.usage(&left, &right, mine, &vendors[0], at, direction);
        self.text(mine, &vendors[0], at, &["description"]);
        self.schema(mine, vendors, at, direction);
    }

    /// Deprecation and defaults, of fields and parameters alike.
    pub(super) fn usage(
        &mut self,
        left: &Shape<'a>,
        right: &Shape<'a>,
        mine: &Node<'a>,
        vendors: &Node<'a>,
        at: &str,
        direction: Direction,
    ) {
        let word = |value: Option<&Value>| value.map_or_else(String::new, text_of);
        if right.deprecated && !left.deprecated {
            self.report(&mine.pointer, &vendors.pointer, Change::new(DocOnly, "deprecated", at));
        }
        if direction == Direction::Request && left.default != right.default {
            let class = if left.default.is_some() && right.default.is_some() { Breaking } else { DocOnly };
            let draft = Change::new(class, "default", at).ours(word(left.default)).theirs(word(right.default));
            self.report(&mine.pointer, &vendors.pointer, draft);
        }
    }

    fn found(&mut self, sides: &Sides<'_, 'a>, change: Change) {
        self.report(&sides.node.pointer, &sides.theirs.pointer, change);
    }
}

/// Two schemas side by side.
struct Sides<'s, 'a> {
    node: &'s Node<'a>,
    theirs: &'s Node<'a>,
    at: &'s str,
    left: &'s Shape<'a>,
    right: &'s Shape<'a>,
    direction: Direction,
}

/// The types of a schema in words.
fn kinds(shape: &Shape<'_>) -> String {
    if shape.is_any() { "any".to_owned() } else { listed(shape.types.iter().copied()) }
}
