//! Schemas: where they are used, the components that become types, and the formats of `specs/README.md` with the Rust
//! types that they become.

use std::collections::BTreeMap;

use serde_json::Value;

use super::node::Fault;
use super::{BareItem, Constraints, Enum, Id, Object, Property, Schema, Type, Usage};
use crate::node::Node;
use crate::{constraint, naming};

/// Keywords that say which values are allowed.
const RULES: [&str; 8] =
    ["pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems"];

/// Schemas that are nested deeper than this are taken for endless: a list of lists that refers to itself.
const MAX_DEPTH: usize = 64;

/// The schema at a node. A component that is a list or a scalar stands in place of the reference to it.
pub(super) fn schema(node: &Node<'_>) -> Result<Schema, Fault> {
    nested(node, 0)
}

fn nested(node: &Node<'_>, depth: usize) -> Result<Schema, Fault> {
    if depth > MAX_DEPTH {
        return Err(node.fault("this schema is nested too deeply, or in itself"));
    }
    if let Some((_, part)) = node.each("allOf")?.into_iter().next() {
        return Ok(described(node, nested(&part, depth + 1)?));
    }
    Ok(Schema {
        ty: ty(node, depth)?,
        nullable: node.flag("nullable"),
        lenient: node.flag("x-sdk-lenient"),
        read_only: read_only(node),
        default: node.value.get("default").cloned(),
        rules: rules(node).collect::<Value>(),
        pointer: node.pointer.to_string(),
    })
}

/// The rules that stand at a node.
fn rules(node: &Node<'_>) -> impl Iterator<Item = (String, Value)> {
    RULES.iter().filter_map(|key| Some(((*key).to_owned(), node.value.get(key)?.clone())))
}

/// A reference with a description or rules of its own, written as an `allOf` of one.
fn described(node: &Node<'_>, mut inner: Schema) -> Schema {
    if let Value::Object(known) = &mut inner.rules {
        known.extend(rules(node));
    }
    Schema {
        nullable: inner.nullable || node.flag("nullable"),
        lenient: node.flag("x-sdk-lenient"),
        read_only: read_only(node).or(inner.read_only),
        default: node.value.get("default").cloned().or(inner.default),
        ..inner
    }
}

fn read_only(node: &Node<'_>) -> Option<String> {
    node.flag("readOnly").then(|| node.pointer.join("readOnly").to_string())
}

fn ty(node: &Node<'_>, depth: usize) -> Result<Type, Fault> {
    let Some(kind) = node.text("type") else { return Ok(Type::Any) };
    match kind {
        "array" => Ok(Type::List(Box::new(nested(&node.require("items")?, depth + 1)?))),
        "object" => object_type(node, depth),
        "string" if node.has("enum") => Ok(Type::Enum(component(node)?)),
        "string" if node.flag("x-sdk-id") => Ok(Type::Id(component(node)?)),
        _ => {
            let format = node.text("format");
            let known = Format::find(kind, format).map(Type::Scalar);
            known.ok_or_else(|| node.fault(format!("no Rust type for {kind} in the format {format:?}")))
        }
    }
}

fn object_type(node: &Node<'_>, depth: usize) -> Result<Type, Fault> {
    if node.has("properties") {
        return Ok(Type::Object(component(node)?));
    }
    // `additionalProperties: true` says that the values are any JSON.
    match node.find("additionalProperties")?.filter(|values| values.value.is_object()) {
        Some(values) => Ok(Type::Map(Box::new(nested(&values, depth + 1)?))),
        None => Ok(Type::Map(Box::new(Schema { pointer: node.pointer.to_string(), ..Schema::default() }))),
    }
}

/// The Rust name of the component that a node is.
fn component(node: &Node<'_>) -> Result<String, Fault> {
    let name = node.component("schemas").map(naming::pascal);
    name.ok_or_else(|| node.fault("only a component can have properties or values of an enum"))
}

/// The string enums among the components, by Rust name.
pub(super) fn enums(components: &[(String, Node<'_>)]) -> Result<BTreeMap<String, Enum>, Fault> {
    let named = components.iter().filter(|(_, node)| node.has("enum"));
    named.map(|(name, node)| Ok((naming::pascal(name), one_enum(name, node)?))).collect()
}

fn one_enum(name: &str, node: &Node<'_>) -> Result<Enum, Fault> {
    let variant = |(_, value): (String, Node<'_>)| {
        let wire = value.as_text()?;
        let rust = naming::variant(wire, node).ok_or_else(|| value.fault("this value has no Rust name"))?;
        Ok((rust, wire.to_owned()))
    };
    let values = node.below("enum").into_iter().map(variant).collect::<Result<_, Fault>>()?;
    Ok(Enum { name: name.to_owned(), description: node.text_or_empty("description"), values })
}

/// The ids among the components, by Rust name.
pub(super) fn ids(components: &[(String, Node<'_>)]) -> Result<BTreeMap<String, Id>, Fault> {
    let named = components.iter().filter(|(_, node)| node.flag("x-sdk-id"));
    let id = |(name, node): &(String, Node<'_>)| {
        let constraints = constraints(&schema(node)?);
        Ok((naming::pascal(name), Id { description: node.text_or_empty("description"), constraints }))
    };
    named.map(id).collect()
}

/// The object schemas among the components, by Rust name. [`usage`](super::usage) is not marked yet.
pub(super) fn objects(components: &[(String, Node<'_>)]) -> Result<BTreeMap<String, Object>, Fault> {
    let objects = components.iter().filter(|(_, node)| node.has("properties"));
    objects.map(|(name, node)| Ok((naming::pascal(name), object(name, node)?))).collect()
}

fn object(name: &str, node: &Node<'_>) -> Result<Object, Fault> {
    let properties = node.each("properties")?.into_iter().map(|(wire, property)| self::property(node, wire, &property));
    let mut properties = properties.collect::<Result<Vec<_>, _>>()?;
    properties.sort_by(|a, b| a.wire.cmp(&b.wire));
    Ok(Object {
        name: name.to_owned(),
        description: node.text_or_empty("description"),
        usage: Usage::default(),
        properties,
        extra: node.has("additionalProperties"),
        bare_item: node.find("x-sdk-bare-item")?.map(|mark| bare_item(&mark)).transpose()?,
        pointer: node.pointer.to_string(),
    })
}

fn bare_item(mark: &Node<'_>) -> Result<BareItem, Fault> {
    let markers = mark.below("markers").into_iter().map(|(_, marker)| Ok(marker.as_text()?.to_owned()));
    Ok(BareItem { items: mark.require_text("items")?.to_owned(), markers: markers.collect::<Result<_, Fault>>()? })
}

fn property(object: &Node<'_>, wire: String, node: &Node<'_>) -> Result<Property, Fault> {
    let schema = schema(node)?;
    Ok(Property {
        rust: naming::field(&wire, node),
        description: node.text_or_empty("description"),
        constraints: constraints(&schema),
        schema,
        required: object.list("required").iter().position(|name| *name == wire.as_str()),
        guaranteed: node.flag("x-sdk-guaranteed"),
        wire,
    })
}

/// The checks that a schema asks for before a value is sent.
pub(super) fn constraints(schema: &Schema) -> Constraints {
    let of = |schema: &Schema| constraint::of_schema(&schema.rules).0;
    let elements = match &schema.ty {
        Type::List(element) => of(element),
        _ => Vec::new(),
    };
    Constraints { value: of(schema), elements }
}

/// A scalar type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// The `type` of the schema.
    pub(crate) kind: &'static str,
    /// The `format` of the schema; empty where there is none.
    pub(crate) name: &'static str,
    /// The Rust type.
    pub(crate) rust: &'static str,
    /// A value of it as Rust code. Empty for text and integers, which have bounds.
    pub(crate) sample: &'static str,
}

impl Format {
    /// The format of a schema's `type` and `format`.
    pub(crate) fn find(kind: &str, name: Option<&str>) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.kind == kind && format.name == name.unwrap_or_default())
    }

    /// The last segment of the Rust type.
    pub(crate) fn short(&self) -> &'static str {
        self.rust.rsplit("::").next().unwrap_or(self.rust)
    }

    /// The formats whose Rust type is one of the runtime's.
    pub(crate) fn of_runtime() -> impl Iterator<Item = &'static Self> {
        FORMATS.iter().filter(|format| format.rust.starts_with("::"))
    }

    /// Whether a response may have another text in place of the value, such as `""` for a date that the service does not
    /// know. It is then kept as text.
    pub(crate) fn is_lenient(&self) -> bool {
        ["EpochMillis", "BillingMonth", "Timestamp", "Date"].contains(&self.short())
    }

    /// Whether callers give a value as anything that becomes one: text, but no number, date or month, so that literals and
    /// `parse()` need no annotation.
    pub(crate) fn converts(&self) -> bool {
        self.rust == "String"
    }
}

const fn format(kind: &'static str, name: &'static str, rust: &'static str, sample: &'static str) -> Format {
    Format { kind, name, rust, sample }
}

const FORMATS: [Format; 12] = [
    format("boolean", "", "bool", "true"),
    format("number", "decimal", "::cloud_billing_core::Decimal", "\"1.5\".parse().unwrap()"),
    format("string", "decimal", "::cloud_billing_core::DecimalText", "\"1.5\".parse().unwrap()"),
    format("number", "double", "f64", "1.5"),
    format("integer", "int64", "i64", ""),
    format("integer", "int32", "i32", ""),
    format("integer", "epoch-millis", "::cloud_billing_core::EpochMillis", "EpochMillis(1_706_745_600_000)"),
    format("string", "billing-month", "::cloud_billing_core::BillingMonth", "\"2024-01\".parse().unwrap()"),
    format("string", "date-time", "::cloud_billing_core::Timestamp", "\"2024-01-31T12:00:00Z\".parse().unwrap()"),
    format("string", "date", "::cloud_billing_core::Date", "\"2024-01-31\".parse().unwrap()"),
    format("string", "password", "::cloud_billing_core::Secret", "\"secret\".into()"),
    format("string", "", "String", ""),
];
