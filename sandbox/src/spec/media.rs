//! Bodies of responses, made ready for sending when the spec is read.

use std::io::Write;

use axum::http::HeaderValue;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::Shape;
use crate::document::Node;
use crate::error::SpecError;

/// One media type of a response and its example.
#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) name: String,
    pub(crate) header: HeaderValue,
    pub(crate) example: Example,
    /// What its schema says about the body, if it has one.
    pub(crate) shape: Shape,
}

/// The example of a media type.
#[derive(Debug)]
pub(crate) enum Example {
    /// A JSON body.
    Json(Value),
    /// A text, and the bytes to send for it: itself or itself compressed.
    Text { text: String, bytes: Vec<u8> },
}

impl Example {
    /// The body, if it is JSON.
    pub(crate) fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            Self::Text { .. } => None,
        }
    }

    /// The example as the spec has it.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Json(value) => value.clone(),
            Self::Text { text, .. } => text.clone().into(),
        }
    }
}

impl Media {
    pub(super) fn read(name: &str, node: &Node<'_>) -> Result<Self, SpecError> {
        let header = HeaderValue::from_str(name).map_err(|_| node.error("has a name that no header can carry"))?;
        let value = node.value().get("example").ok_or_else(|| node.error("has no example"))?;
        let example = if is_json(name) {
            Example::Json(value.clone())
        } else {
            let text = value.as_str().ok_or_else(|| node.error("has an example that is not a text"))?;
            let bytes = match name.ends_with("gzip") {
                true => gzip(text).map_err(|error| node.error(format!("cannot be compressed: {error}")))?,
                false => text.as_bytes().to_vec(),
            };
            Example::Text { text: text.to_owned(), bytes }
        };
        let shape = node.get("schema")?.map(|schema| Shape::read(&schema)).transpose()?.unwrap_or_default();
        Ok(Self { name: name.to_owned(), header, example, shape })
    }
}

/// Whether a media type is JSON, by its subtype or its suffix.
pub(super) fn is_json(name: &str) -> bool {
    name.ends_with("/json") || name.ends_with("+json")
}

fn gzip(text: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
