//! Schemas of what a request carries: parameters and bodies.
//!
//! Only the part of OpenAPI's schema language that requests use is understood. Anything else is an error when the spec
//! is read, never a check that is silently left out.

mod check;
mod format;

use regex_lite::Regex;
use serde_json::Value;

use crate::document::Node;
use crate::error::SpecError;

pub(crate) use check::Violation;
use format::{IntegerFormat, TextFormat};

/// How deep schemas may be nested; deeper ones are taken for recursive.
const MAX_DEPTH: usize = 32;

/// Keywords that describe and do not check, beside every `x-` key.
const ANNOTATIONS: &[&str] = &["default", "deprecated", "description", "example", "externalDocs", "title"];

/// What a value has to be like.
#[derive(Debug)]
pub(crate) struct Schema {
    place: String,
    nullable: bool,
    /// Where the spec says that only the service sets the value.
    read_only: Option<String>,
    default: Option<Value>,
    allowed: Vec<Value>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Any,
    Boolean,
    Integer { range: Range, format: Option<IntegerFormat> },
    Number { range: Range },
    Text(Text),
    List(List),
    Object(Object),
}

#[derive(Debug, Default)]
struct Range {
    minimum: Option<f64>,
    maximum: Option<f64>,
}

#[derive(Debug)]
struct Text {
    format: Option<TextFormat>,
    pattern: Option<Regex>,
    min_length: Option<usize>,
    max_length: Option<usize>,
}

#[derive(Debug)]
struct List {
    items: Box<Schema>,
    unique: bool,
    min_items: Option<usize>,
    max_items: Option<usize>,
}

#[derive(Debug)]
struct Object {
    properties: Vec<(String, Schema)>,
    required: Vec<String>,
    open: bool,
}

impl Schema {
    /// Reads the schema at a node.
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, SpecError> {
        Self::read_at(node, 0)
    }

    /// The value that the service takes when none is sent.
    pub(crate) fn default(&self) -> Option<&Value> {
        self.default.as_ref()
    }

    /// Whether values are lists.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// What the values of a list have to be like; the schema itself if it is not one of lists.
    pub(crate) fn item(&self) -> &Self {
        match &self.kind {
            Kind::List(list) => &list.items,
            _ => self,
        }
    }

    fn read_at(node: &Node<'_>, depth: usize) -> Result<Self, SpecError> {
        if depth > MAX_DEPTH {
            return Err(node.error("is nested too deeply, or in itself"));
        }
        if let Some(all) = node.get("allOf")? {
            return Self::read_described(node, &all, depth);
        }
        let (kind, keywords) = read_kind(node, depth)?;
        for (keyword, member) in node.members()? {
            let known = ["type", "nullable", "readOnly", "enum"].contains(&keyword)
                || keywords.contains(&keyword)
                || is_annotation(keyword);
            if !known {
                return Err(member.error("is a keyword that requests are not checked for"));
            }
        }
        let allowed = match node.get("enum")? {
            Some(values) => values.items()?.iter().map(|value| value.value().clone()).collect(),
            None => Vec::new(),
        };
        Ok(Self {
            place: node.place(),
            nullable: node.get_flag("nullable")?,
            read_only: read_only(node)?,
            default: node.value().get("default").cloned(),
            allowed,
            kind,
        })
    }

    /// A reference with a description of its own, written as an `allOf` of one.
    fn read_described(node: &Node<'_>, all: &Node<'_>, depth: usize) -> Result<Self, SpecError> {
        let members = all.items()?;
        let [member] = members.as_slice() else {
            return Err(all.error("has not exactly one member, and requests are not checked for more"));
        };
        for (keyword, other) in node.members()? {
            if !["allOf", "nullable", "readOnly"].contains(&keyword) && !is_annotation(keyword) {
                return Err(other.error("stands beside `allOf`, and requests are not checked for it"));
            }
        }
        let mut schema = Self::read_at(member, depth + 1)?;
        schema.nullable |= node.get_flag("nullable")?;
        schema.read_only = read_only(node)?.or(schema.read_only);
        schema.default = node.value().get("default").cloned().or(schema.default);
        Ok(schema)
    }
}

fn read_only(node: &Node<'_>) -> Result<Option<String>, SpecError> {
    Ok(node.get_flag("readOnly")?.then(|| format!("{}/readOnly", node.place())))
}

fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

/// The kind of values, and the keywords that it reads.
fn read_kind(node: &Node<'_>, depth: usize) -> Result<(Kind, &'static [&'static str]), SpecError> {
    const NUMBER: &[&str] = &["format", "minimum", "maximum"];
    let Some(kind) = node.get_text("type")? else { return Ok((Kind::Any, &[])) };
    let format = node.get_text("format")?;
    let unknown_format = || node.error(format!("has a format that requests are not checked for, of type {kind}"));
    Ok(match kind {
        "boolean" => (Kind::Boolean, &[]),
        "integer" => {
            let format = format.map(|name| IntegerFormat::read(name).ok_or_else(unknown_format)).transpose()?;
            (Kind::Integer { range: read_range(node)?, format }, NUMBER)
        }
        "number" => match format {
            None | Some("decimal" | "double" | "float") => (Kind::Number { range: read_range(node)? }, NUMBER),
            Some(_) => return Err(unknown_format()),
        },
        "string" => {
            let format = format.map(|name| TextFormat::read(name).ok_or_else(unknown_format)).transpose()?;
            (Kind::Text(read_text(node, format)?), &["format", "pattern", "minLength", "maxLength"])
        }
        "array" => {
            let list = List {
                items: Box::new(Schema::read_at(&node.require("items")?, depth + 1)?),
                unique: node.get_flag("uniqueItems")?,
                min_items: node.get_count("minItems")?,
                max_items: node.get_count("maxItems")?,
            };
            (Kind::List(list), &["items", "uniqueItems", "minItems", "maxItems"])
        }
        "object" => (Kind::Object(read_object(node, depth)?), &["properties", "required", "additionalProperties"]),
        _ => return Err(node.error(format!("has the unknown type `{kind}`"))),
    })
}

fn read_range(node: &Node<'_>) -> Result<Range, SpecError> {
    let bound = |key| -> Result<Option<f64>, SpecError> {
        let Some(bound) = node.get(key)? else { return Ok(None) };
        bound.value().as_f64().map(Some).ok_or_else(|| bound.error("is not a number"))
    };
    Ok(Range { minimum: bound("minimum")?, maximum: bound("maximum")? })
}

fn read_text(node: &Node<'_>, format: Option<TextFormat>) -> Result<Text, SpecError> {
    let pattern = match node.get("pattern")? {
        None => None,
        Some(pattern) => {
            let regex =
                Regex::new(pattern.text()?).map_err(|error| pattern.error(format!("is no pattern: {error}")))?;
            Some(regex)
        }
    };
    Ok(Text { format, pattern, min_length: node.get_count("minLength")?, max_length: node.get_count("maxLength")? })
}

fn read_object(node: &Node<'_>, depth: usize) -> Result<Object, SpecError> {
    let mut properties = Vec::new();
    if let Some(declared) = node.get("properties")? {
        for (name, property) in declared.members()? {
            properties.push((name.to_owned(), Schema::read_at(&property, depth + 1)?));
        }
    }
    let required = match node.get("required")? {
        None => Vec::new(),
        Some(names) => names.items()?.iter().map(|name| name.text().map(str::to_owned)).collect::<Result<_, _>>()?,
    };
    let open = node.get_flag("additionalProperties")?;
    Ok(Object { properties, required, open })
}
