//! Decodes values: of Rust, of this crate, and any JSON.

use std::collections::BTreeMap;
use std::mem::size_of;

use serde_json::{Map, Value};

use super::error::JsonError;
use super::{Decode, Reader};
use crate::Secret;
use crate::value::{
    BillingMonth, Date, Decimal, DecimalText, EpochMillis, Lenient, NullableMap, NullableVec, Timestamp,
};

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

impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.integer()
    }
}

macro_rules! smaller_integers {
    ($($integer:ty),*) => {$(
        impl Decode for $integer {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
                let start = reader.start();
                let number = reader.integer()?;
                let bits = Self::BITS;
                number.try_into().map_err(|_| reader.data(start, format!("{number} does not fit into {bits} bits")))
            }
        }
    )*};
}

smaller_integers!(i8, i16, i32, u8, u16, u32);

impl Decode for f64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.float()
    }
}

impl Decode for Decimal {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.decimal()
    }
}

impl Decode for EpochMillis {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.integer().map(Self)
    }
}

impl Decode for DecimalText {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let start = reader.start();
        let parsed = match reader.peek() {
            Some(b'"') => reader.text()?.parse(),
            Some(b'-' | b'0'..=b'9') => Self::unquoted(reader.number()?),
            _ => return Err(reader.unexpected("a number in quotes")),
        };
        parsed.map_err(|error| reader.data(start, error.to_string()))
    }
}

/// Values that are parsed from a text.
macro_rules! parsed {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
                let start = reader.start();
                let parsed = reader.text()?.parse();
                parsed.map_err(|error: <$type as std::str::FromStr>::Err| reader.data(start, error.to_string()))
            }
        }
    )*};
}

parsed!(Timestamp, BillingMonth, Date);

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

impl<T: Decode> Decode for NullableVec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        if reader.null()? {
            return Ok(Self::absent());
        }
        let mut items = Vec::new();
        reader.list(&mut |reader| if reader.null()? { Ok(()) } else { push(&mut items, reader) })?;
        Ok(items.into())
    }

    fn is_decoded(&self) -> bool {
        !self.is_absent()
    }
}

/// Decodes an element of a list.
fn push<T: Decode>(items: &mut Vec<T>, reader: &mut Reader<'_>) -> Result<(), JsonError> {
    // A `Vec` begins with room for four.
    reader.allocate(size_of::<T>() * if items.is_empty() { 4 } else { 1 })?;
    T::decode_onto(items, reader)
}

impl<T: Decode> Decode for NullableMap<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        if reader.null()? { Ok(Self::absent()) } else { BTreeMap::decode(reader).map(Self::from) }
    }

    fn is_decoded(&self) -> bool {
        !self.is_absent()
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut map = Self::new();
        reader.entries(&mut |key, reader| {
            allocate_entry::<T>(map.is_empty(), reader)?;
            map.insert(key.into_owned(), T::decode(reader)?);
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

impl<T: Decode> Decode for Lenient<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        if reader.null()? {
            return Ok(Self::absent());
        }
        let start = reader.mark();
        if let Ok(value) = T::decode(reader) {
            return Ok(Self::new(value));
        }
        reader.reset(start);
        let at = reader.start();
        reader.skip()?;
        Self::other(reader.since(at)).map_err(|_| reader.data(at, "a text is not UTF-8"))
    }

    fn is_decoded(&self) -> bool {
        !self.is_absent()
    }
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
