//! Every object of a spec with its kind, as one list for the rules.

use crate::node::{METHODS, Node};

/// The kind of an object of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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
pub(super) enum SchemaPlace {
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

use SchemaPlace::{Body, Component, Element, Part, Property};

/// The sections of `components` that hold parts of operations, and the kind of these.
pub(super) const SECTIONS: [(&str, Kind); 5] = [
    ("parameters", Kind::Parameter),
    ("requestBodies", Kind::RequestBody),
    ("responses", Kind::Response),
    ("headers", Kind::Header),
    ("schemas", Kind::Schema(Component)),
];

/// An object (or `$ref`) of the document.
#[derive(Clone, Debug)]
pub(super) struct Found<'a> {
    pub(super) kind: Kind,
    pub(super) node: Node<'a>,
}

/// Lists the objects of the document in a fixed order. Where a map belongs and another value stands, nothing is listed:
/// the rules about keys report that.
pub(super) fn all<'a>(root: &Node<'a>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    visit(Kind::Root, Some(root.clone()), &mut found);
    each(Kind::PathItem, root, "paths", &mut found);
    visit(Kind::Components, root.get("components"), &mut found);
    for (section, kind) in SECTIONS {
        root.get("components").iter().for_each(|components| each(kind, components, section, &mut found));
    }
    found
}

/// Lists a node and the objects inside of it.
pub(super) fn inside<'a>(kind: Kind, node: Node<'a>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    visit(kind, Some(node), &mut found);
    found
}

fn each<'a>(kind: Kind, node: &Node<'a>, key: &str, found: &mut Vec<Found<'a>>) {
    for (_, member) in node.below(key) {
        visit(kind, Some(member), found);
    }
}

fn visit<'a>(kind: Kind, node: Option<Node<'a>>, found: &mut Vec<Found<'a>>) {
    let Some(node) = node.filter(|node| node.value.is_object()) else { return };
    found.push(Found { kind, node: node.clone() });
    if node.has("$ref") {
        return;
    }
    let mut one = |kind, key: &str| visit(kind, node.get(key), found);
    match kind {
        Kind::Root | Kind::Components => {}
        Kind::PathItem => {
            METHODS.iter().for_each(|method| one(Kind::Operation, method));
            each(Kind::Parameter, &node, "parameters", found);
        }
        Kind::Operation => {
            one(Kind::RequestBody, "requestBody");
            each(Kind::Parameter, &node, "parameters", found);
            each(Kind::Response, &node, "responses", found);
        }
        Kind::Parameter => one(Kind::Schema(SchemaPlace::Parameter), "schema"),
        Kind::RequestBody => each(Kind::MediaType, &node, "content", found),
        Kind::Response => {
            each(Kind::MediaType, &node, "content", found);
            each(Kind::Header, &node, "headers", found);
        }
        Kind::Header => one(Kind::Schema(SchemaPlace::Header), "schema"),
        Kind::MediaType => one(Kind::Schema(Body), "schema"),
        Kind::Schema(_) => {
            one(Kind::Schema(Element), "items");
            one(Kind::Schema(Element), "additionalProperties");
            one(Kind::Schema(Part), "not");
            each(Kind::Schema(Property), &node, "properties", found);
            ["allOf", "oneOf", "anyOf"].iter().for_each(|key| each(Kind::Schema(Part), &node, key, found));
        }
    }
}
