//! Schemas: where they are used, and the components that become types.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::node::Node;
use super::{BareItem, Constraints, Enum, Object, Property, Schema, Type, Usage};
use crate::constraint;
use crate::diagnostic::Diagnostics;
use crate::formats::Format;
use crate::naming;

/// Keywords that say which values are allowed.
const RULES: [&str; 8] =
    ["pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems"];

/// Schemas that are nested deeper than this are taken for endless: a list of lists that refers to itself.
const MAX_DEPTH: usize = 64;

/// The schema at a node. A component that is a list or a scalar stands in place of the reference to it.
pub(super) fn schema(node: &Node<'_>) -> Result<Schema, Diagnostics> {
    nested(node, 0)
}

fn nested(node: &Node<'_>, depth: usize) -> Result<Schema, Diagnostics> {
    if depth > MAX_DEPTH {
        return Err(node.fault("this schema is nested too deeply, or in itself"));
    }
    if let Some(part) = node.items_of("allOf")?.into_iter().next() {
        return described(node, nested(&part, depth + 1)?);
    }
    Ok(Schema {
        ty: ty(node, depth)?,
        nullable: node.flag("nullable")?,
        lenient: node.flag("x-sdk-lenient")?,
        read_only: read_only(node)?,
        default: node.value.get("default").cloned(),
        rules: rules(node),
        pointer: node.pointer.to_string(),
    })
}

/// A reference with a description of its own, written as an `allOf` of one.
fn described(node: &Node<'_>, inner: Schema) -> Result<Schema, Diagnostics> {
    Ok(Schema {
        nullable: inner.nullable || node.flag("nullable")?,
        lenient: node.flag("x-sdk-lenient")?,
        read_only: read_only(node)?.or(inner.read_only),
        default: node.value.get("default").cloned().or(inner.default),
        ..inner
    })
}

fn read_only(node: &Node<'_>) -> Result<Option<String>, Diagnostics> {
    Ok(node.flag("readOnly")?.then(|| node.pointer.join("readOnly").to_string()))
}

fn rules(node: &Node<'_>) -> Map<String, Value> {
    RULES.iter().filter_map(|key| Some(((*key).to_owned(), node.value.get(key)?.clone()))).collect()
}

fn ty(node: &Node<'_>, depth: usize) -> Result<Type, Diagnostics> {
    let Some(kind) = node.get_text("type")? else { return Ok(Type::Any) };
    match kind {
        "array" => Ok(Type::List(Box::new(nested(&node.require("items")?, depth + 1)?))),
        "object" => object_type(node, depth),
        "string" if node.value.get("enum").is_some() => Ok(Type::Enum(component(node)?)),
        _ => {
            let format = node.get_text("format")?;
            let known = Format::find(kind, format);
            known
                .map(Type::Scalar)
                .ok_or_else(|| node.fault(format!("no Rust type for {kind} in the format {format:?}")))
        }
    }
}

fn object_type(node: &Node<'_>, depth: usize) -> Result<Type, Diagnostics> {
    if node.value.get("properties").is_some() {
        return Ok(Type::Object(component(node)?));
    }
    // `additionalProperties: true` says that the values are any JSON.
    match node.get("additionalProperties")?.filter(|values| values.value.is_object()) {
        Some(values) => Ok(Type::Map(Box::new(nested(&values, depth + 1)?))),
        None => Ok(Type::Map(Box::new(any(node)))),
    }
}

fn any(node: &Node<'_>) -> Schema {
    Schema {
        ty: Type::Any,
        nullable: false,
        lenient: false,
        read_only: None,
        default: None,
        rules: Map::new(),
        pointer: node.pointer.to_string(),
    }
}

/// The Rust name of the component that a node is.
fn component(node: &Node<'_>) -> Result<String, Diagnostics> {
    match node.pointer.segments() {
        [components, schemas, name] if components == "components" && schemas == "schemas" => Ok(naming::pascal(name)),
        _ => Err(node.fault("only a component can have properties or values of an enum")),
    }
}

/// The string enums among the components, by Rust name.
pub(super) fn enums(components: &[(&str, Node<'_>)]) -> Result<BTreeMap<String, Enum>, Diagnostics> {
    let named = components.iter().filter(|(_, node)| node.value.get("enum").is_some());
    named.map(|(name, node)| Ok((naming::pascal(name), one_enum(name, node)?))).collect()
}

fn one_enum(name: &str, node: &Node<'_>) -> Result<Enum, Diagnostics> {
    let names = node.members_of("x-sdk-enum-names")?;
    let variant = |value: Node<'_>| {
        let wire = value.text()?;
        let chosen = names.iter().find(|(key, _)| *key == wire).map(|(_, name)| name.text()).transpose()?;
        let rust = chosen.map(str::to_owned).or_else(|| naming::variant(wire));
        Ok((rust.ok_or_else(|| value.fault("this value has no Rust name"))?, wire.to_owned()))
    };
    let values = node.items_of("enum")?.into_iter().map(variant).collect::<Result<_, Diagnostics>>()?;
    Ok(Enum { name: name.to_owned(), description: node.text_of("description")?, values })
}

/// The object schemas among the components, by Rust name.
pub(super) fn objects(
    components: &[(&str, Node<'_>)],
    usage: &BTreeMap<String, Usage>,
) -> Result<BTreeMap<String, Object>, Diagnostics> {
    let mut objects = BTreeMap::new();
    for (name, node) in components.iter().filter(|(_, node)| is_object(node)) {
        let rust = naming::pascal(name);
        // An operation reaches each component, so what is left over is reached by error responses.
        let usage = usage.get(&rust).cloned().unwrap_or_else(|| Usage { response: true, ..Usage::default() });
        objects.insert(rust, object(name, node, usage)?);
    }
    Ok(objects)
}

pub(super) fn is_object(node: &Node<'_>) -> bool {
    node.value.get("properties").is_some()
}

fn object(name: &str, node: &Node<'_>, usage: Usage) -> Result<Object, Diagnostics> {
    if usage.request && usage.response {
        let help = "write two schemas: what is sent is checked and keeps its required fields, what is received is read \
                    with any field missing";
        return Err(node.finding("schema-both-ways", format!("`{name}` is sent and received"), help).into());
    }
    let required = node.items_of("required")?.iter().map(Node::text).collect::<Result<Vec<_>, _>>()?;
    let mut properties = Vec::new();
    for (wire, place) in node.members_of("properties")? {
        let position = required.iter().position(|name| *name == wire);
        properties.push(property(wire, &place, position, usage.request)?);
    }
    properties.sort_by(|a, b| a.wire.cmp(&b.wire));
    Ok(Object {
        name: name.to_owned(),
        description: node.text_of("description")?,
        usage,
        properties,
        extra: node.value.get("additionalProperties").is_some(),
        bare_item: node.get("x-sdk-bare-item")?.map(|mark| bare_item(&mark)).transpose()?,
        pointer: node.pointer.to_string(),
    })
}

fn bare_item(mark: &Node<'_>) -> Result<BareItem, Diagnostics> {
    let markers = mark.items_of("markers")?;
    let markers = markers.iter().map(|marker| Ok(marker.text()?.to_owned()));
    Ok(BareItem {
        items: mark.require_text("items")?.to_owned(),
        markers: markers.collect::<Result<_, Diagnostics>>()?,
    })
}

fn property(wire: &str, node: &Node<'_>, required: Option<usize>, sent: bool) -> Result<Property, Diagnostics> {
    let schema = schema(node)?;
    Ok(Property {
        wire: wire.to_owned(),
        rust: node.get_text("x-sdk-name")?.map_or_else(|| field_name(wire), str::to_owned),
        description: node.text_of("description")?,
        constraints: if sent { constraints(node, &schema)? } else { Constraints::default() },
        schema,
        required,
        guaranteed: node.flag("x-sdk-guaranteed")?,
    })
}

/// The name of a field: snake case, with an underscore after a keyword.
fn field_name(wire: &str) -> String {
    let name = naming::snake(wire);
    if naming::is_keyword(&name) { name + "_" } else { name }
}

/// The checks that a schema asks for before a value is sent.
pub(super) fn constraints(node: &Node<'_>, schema: &Schema) -> Result<Constraints, Diagnostics> {
    let of = |schema: &Schema| {
        constraint::of_schema(&schema.rules).map_err(|(keyword, reason)| {
            Diagnostics::from(node.finding("constraint-unsupported", format!("`{keyword}`: {reason}"), "correct it"))
        })
    };
    let elements = match &schema.ty {
        Type::List(element) => of(element)?,
        _ => Vec::new(),
    };
    Ok(Constraints { value: of(schema)?, elements })
}
