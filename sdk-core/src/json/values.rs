//! Decodes values of Rust, and any JSON. Those of this crate are decoded in [`value`](crate::value).

use std::collections::BTreeMap;
use std::mem::size_of;

use serde_json::{Map, Value};

use super::error::JsonError;
use super::{Decode, Reader};
use crate::Secret;

impl Decode for String {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        match reader.plain_text() {
            Some(text) => Ok(text.to_owned()),
            None => reader.escaped_text(),
        }
    }
}

impl Decode for Secret {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        String::decode(reader).map(Self::new)
    }
}

impl Decode for bool {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        match reader.peek() {
            Some(b't') => reader.literal("true").map(|()| true),
            Some(b'f') => reader.literal("false").map(|()| false),
            _ => Err(reader.unexpected("a boolean")),
        }
    }
}

impl Decode for f64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.float()
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        if reader.null()? { Ok(None) } else { T::decode(reader).map(Some) }
    }

    fn is_decoded(&self) -> bool {
        self.is_some()
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.allocate(size_of::<T>())?;
        T::decode(reader).map(Self::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut items = Self::new();
        reader.list(&mut |reader| push(&mut items, reader))?;
        Ok(items)
    }
}

/// Decodes an element of a list.
pub(crate) fn push<T: Decode>(items: &mut Vec<T>, reader: &mut Reader<'_>) -> Result<(), JsonError> {
    // A `Vec` begins with room for four.
    reader.allocate(size_of::<T>() * if items.is_empty() { 4 } else { 1 })?;
    T::decode_onto(items, reader)
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut map = Self::new();
        reader.entries(&mut |key, reader| {
            allocate_entry::<T>(map.is_empty(), reader)?;
            if map.insert(key.into_owned(), T::decode(reader)?).is_some() {
                return Err(reader.duplicate());
            }
            Ok(())
        })?;
        Ok(map)
    }
}

/// Counts an entry of a map.
fn allocate_entry<T>(first: bool, reader: &mut Reader<'_>) -> Result<(), JsonError> {
    // A node of a B-tree has room for eleven entries, and is at least half full but for the first.
    reader.allocate(size_of::<(String, T)>() * if first { 11 } else { 2 })
}

impl Decode for Value {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        match reader.peek() {
            Some(b'"') => String::decode(reader).map(Self::String),
            Some(b'n') => reader.literal("null").map(|()| Self::Null),
            Some(b't' | b'f') => bool::decode(reader).map(Self::Bool),
            Some(b'[') => Vec::decode(reader).map(Self::Array),
            Some(b'{') => Map::decode(reader).map(Self::Object),
            Some(b'-' | b'0'..=b'9') => {
                let start = reader.start();
                let number = serde_json::from_str(reader.number()?).map(Self::Number);
                number.map_err(|_| reader.data(start, "the number is out of range"))
            }
            _ => Err(reader.syntax("a value")),
        }
    }
}

impl Decode for Map<String, Value> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut map = Self::new();
        reader.entries(&mut |key, reader| reader.entry(&mut map, &key))?;
        Ok(map)
    }
}

impl Reader<'_> {
    /// Decodes a value into a map of any JSON.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    #[doc(hidden)]
    pub fn entry(&mut self, map: &mut Map<String, Value>, key: &str) -> Result<(), JsonError> {
        allocate_entry::<Value>(map.is_empty(), self)?;
        map.insert(key.to_owned(), Value::decode(self)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::json::from_str;

    #[test]
    fn a_map_loses_no_value() {
        let read = from_str::<BTreeMap<String, i64>>;
        assert_eq!(read(r#"{"a":1,"b":1}"#).unwrap().len(), 2);
        for twice in [r#"{"a":1,"a":1}"#, r#"{"a":1,"b":2,"\u0061":3}"#] {
            assert!(read(twice).unwrap_err().to_string().contains("twice"), "{twice}");
        }
    }
}
