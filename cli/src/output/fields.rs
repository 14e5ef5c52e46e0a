//! Columns: fields of items by their paths.

use std::collections::BTreeMap;

use cloud_billing_catalogue::{Schema, Type};
use cloud_billing_core::json::{self, JsonError};

use super::json::Text;
use super::table::Cell;
use crate::failure::Failure;

/// The fields of an item that become columns.
pub(crate) struct Fields {
    paths: Vec<String>,
}

impl Fields {
    /// Fields that were asked for, or all scalar fields of the schema of an item.
    pub(crate) fn new(asked: Option<Vec<String>>, item: Option<Schema>) -> Self {
        let scalars = || match item.map(|schema| schema.ty) {
            Some(Type::Object(object)) => {
                let scalar = |ty| !matches!(ty, Type::List(_) | Type::Map(_) | Type::Object(_));
                let properties = object.properties.iter().filter(|property| scalar(property.schema.ty));
                properties.map(|property| property.name.to_owned()).collect()
            }
            _ => Vec::new(),
        };
        Self { paths: asked.unwrap_or_else(scalars) }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// The cells of an item.
    pub(crate) fn cells(&self, item: &str) -> Result<Vec<Cell>, JsonError> {
        let top: BTreeMap<String, Text> = json::from_str(item)?;
        Ok(self.paths.iter().map(|path| cell(at(&top, path).as_deref())).collect())
    }
}

/// The value at a path: a field with this name, or dotted.
fn at(fields: &BTreeMap<String, Text>, path: &str) -> Option<String> {
    if let Some(value) = fields.get(path) {
        return Some(value.0.clone());
    }
    let (name, rest) = path.split_once('.')?;
    let inner: BTreeMap<String, Text> = json::from_str(&fields.get(name)?.0).ok()?;
    at(&inner, rest)
}

/// A value as a cell: texts without quotes, numbers with their digits, nothing for null.
fn cell(json: Option<&str>) -> Cell {
    let json = json.unwrap_or("null");
    match json.as_bytes().first() {
        Some(b'"') => Cell::text(serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())),
        Some(b'n') => Cell::text(String::new()),
        Some(b'-' | b'0'..=b'9') => Cell::number(json.to_owned()),
        _ => Cell::text(super::json::one_line(json).unwrap_or_else(|| json.to_owned())),
    }
}

/// A line of separated values.
pub(crate) fn line<'a>(cells: impl Iterator<Item = &'a str>, separator: u8) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    let written = writer.write_record(cells).map_err(|error| error.to_string());
    let line = written.and_then(|()| writer.into_inner().map_err(|error| error.to_string()));
    line.map_err(|error| Failure::new(1, format!("cannot write a line: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_items() {
        let fields = Fields::new(Some(["a", "b.c", "d.e", "b", "x"].map(str::to_owned).to_vec()), None);
        let item = r#"{"a":0.1234567890123456789012345,"b":{"c":"x\ny"},"d.e":true,"x":null}"#;
        let cells: Vec<String> = fields.cells(item).unwrap().into_iter().map(|cell| cell.text).collect();
        assert_eq!(cells, ["0.1234567890123456789012345", "x\ny", "true", r#"{"c":"x\ny"}"#, ""]);
    }

    #[test]
    fn lines() {
        assert_eq!(line(["a,b", "c\"d"].into_iter(), b',').unwrap(), b"\"a,b\",\"c\"\"d\"\n");
        assert_eq!(line(["a,b", "c"].into_iter(), b'\t').unwrap(), b"a,b\tc\n");
    }
}
