//! Every object of a spec with its kind, as one list for the lint rules.

use serde_json::{Map, Value};

use crate::load::Document;
use crate::pointer::Pointer;

/// The HTTP methods a path item can hold, in the order OpenAPI lists them.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The kind of an object of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    Components,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Header,
    MediaType,
    Schema(SchemaPlace),
}

/// Where a schema stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaPlace {
    /// Under `components/schemas`.
    Component,
    /// A property of an object schema.
    Property,
    /// The items of a list, or the values of a map.
    Element,
    /// The type of a parameter.
    Parameter,
    /// The type of a header.
    Header,
    /// The body of a request or response.
    Body,
    /// A part of `allOf`, `oneOf`, `anyOf` or `not`.
    Part,
}

/// One object (or `$ref`) of the document.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) kind: Kind,
    pub(crate) pointer: Pointer,
    pub(crate) map: &'a Map<String, Value>,
}

impl<'a> Node<'a> {
    /// The target of a `$ref`, where this node is one.
    pub(crate) fn reference(&self) -> Option<&'a str> {
        self.map.get("$ref").and_then(Value::as_str)
    }

    /// A member that is text.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.map.get(key).and_then(Value::as_str)
    }

    /// A member that is a map.
    pub(crate) fn object(&self, key: &str) -> Option<&'a Map<String, Value>> {
        self.map.get(key).and_then(Value::as_object)
    }

    /// A member that is a list.
    pub(crate) fn list(&self, key: &str) -> &'a [Value] {
        self.map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Whether a member is `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.map.get(key) == Some(&Value::Bool(true))
    }
}

/// Lists the objects of the document in a fixed order. A value that is not a map where a map belongs is left out; the
/// rules about keys report it.
pub(crate) fn nodes(document: &Document) -> Vec<Node<'_>> {
    let mut collector = Collector { found: Vec::new() };
    let root = Pointer::root();
    collector.visit(Kind::Root, &root, Some(&document.root));
    let member = |key: &str| document.root.get(key);
    collector.each(Kind::PathItem, &root.join("paths"), member("paths"));
    let components = root.join("components");
    collector.visit(Kind::Components, &components, member("components"));
    for (key, kind) in [
        ("parameters", Kind::Parameter),
        ("requestBodies", Kind::RequestBody),
        ("responses", Kind::Response),
        ("headers", Kind::Header),
        ("schemas", Kind::Schema(SchemaPlace::Component)),
    ] {
        collector.each(kind, &components.join(key), member("components").and_then(|c| c.get(key)));
    }
    collector.found
}

struct Collector<'a> {
    found: Vec<Node<'a>>,
}

impl<'a> Collector<'a> {
    fn each(&mut self, kind: Kind, place: &Pointer, value: Option<&'a Value>) {
        match value {
            Some(Value::Object(map)) => {
                for (key, value) in map {
                    self.visit(kind, &place.join(key), Some(value));
                }
            }
            Some(Value::Array(list)) => {
                for (index, value) in list.iter().enumerate() {
                    self.visit(kind, &place.join(index), Some(value));
                }
            }
            _ => {}
        }
    }

    fn visit(&mut self, kind: Kind, place: &Pointer, value: Option<&'a Value>) {
        let Some(Value::Object(map)) = value else { return };
        self.found.push(Node { kind, pointer: place.clone(), map });
        if map.contains_key("$ref") {
            return;
        }
        let schema = |place| Kind::Schema(place);
        let mut one = |kind, key: &str| self.visit(kind, &place.join(key), map.get(key));
        match kind {
            Kind::Root | Kind::Components => {}
            Kind::PathItem => {
                for method in METHODS {
                    one(Kind::Operation, method);
                }
                self.each(Kind::Parameter, &place.join("parameters"), map.get("parameters"));
            }
            Kind::Operation => {
                one(Kind::RequestBody, "requestBody");
                self.each(Kind::Parameter, &place.join("parameters"), map.get("parameters"));
                self.each(Kind::Response, &place.join("responses"), map.get("responses"));
            }
            Kind::Parameter => one(schema(SchemaPlace::Parameter), "schema"),
            Kind::RequestBody => self.each(Kind::MediaType, &place.join("content"), map.get("content")),
            Kind::Response => {
                self.each(Kind::MediaType, &place.join("content"), map.get("content"));
                self.each(Kind::Header, &place.join("headers"), map.get("headers"));
            }
            Kind::Header => one(schema(SchemaPlace::Header), "schema"),
            Kind::MediaType => one(schema(SchemaPlace::Body), "schema"),
            Kind::Schema(_) => {
                one(schema(SchemaPlace::Element), "items");
                one(schema(SchemaPlace::Element), "additionalProperties");
                one(schema(SchemaPlace::Part), "not");
                self.each(schema(SchemaPlace::Property), &place.join("properties"), map.get("properties"));
                for key in ["allOf", "oneOf", "anyOf"] {
                    self.each(schema(SchemaPlace::Part), &place.join(key), map.get(key));
                }
            }
        }
    }
}
