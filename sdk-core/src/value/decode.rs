//! Decodes the values of this crate from JSON, and integers.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal::short_number;
use super::{
    BillingMonth, Date, Decimal, DecimalText, EpochMillis, Lenient, NullableMap, NullableVec, ParseDecimalError,
    Timestamp,
};
use crate::json::{Decode, JsonError, Reader, push};
use crate::text::excerpt;

impl Decode for Decimal {
    /// Decodes a number, or a text that holds one.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let start = reader.start();
        if let Some((number, end)) = short_number(reader.bytes(), start) {
            reader.advance(end - start);
            return Ok(number);
        }
        let parsed = match reader.peek() {
            Some(b'"') => reader.text()?.parse(),
            _ => reader.number_or("a number")?.parse(),
        };
        parsed.map_err(|error: ParseDecimalError| reader.data(start, error.to_string()))
    }
}

impl Decode for i64 {
    /// Decodes an integer. It may be written as a float, such as `42.0`, as some services and proxies do.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let start = reader.start();
        let text = reader.number_or("an integer")?;
        let number = text.parse().ok().or_else(|| text.parse::<Decimal>().ok()?.to_i64());
        number.ok_or_else(|| reader.data(start, format!("expected a 64-bit integer, found {}", excerpt(text, 40))))
    }
}

macro_rules! smaller_integers {
    ($($integer:ty),*) => {$(
        impl Decode for $integer {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
                let start = reader.start();
                let number = i64::decode(reader)?;
                let bits = Self::BITS;
                number.try_into().map_err(|_| reader.data(start, format!("{number} does not fit into {bits} bits")))
            }
        }
    )*};
}

smaller_integers!(i8, i16, i32, u8, u16, u32);

impl Decode for EpochMillis {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        i64::decode(reader).map(Self)
    }
}

impl Decode for DecimalText {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let start = reader.start();
        let parsed = match reader.peek() {
            Some(b'"') => reader.text()?.parse(),
            _ => Self::unquoted(reader.number_or("a number in quotes")?),
        };
        parsed.map_err(|error| reader.data(start, error.to_string()))
    }
}

/// Values that are a text in JSON and in every format of serde: `Display` writes it, and `FromStr` reads it.
macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Decode for $type {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
                let start = reader.start();
                let parsed = reader.text()?.parse();
                parsed.map_err(|error: <$type as std::str::FromStr>::Err| reader.data(start, error.to_string()))
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

texts!(Timestamp, BillingMonth, Date);

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

impl<T: Decode> Decode for NullableMap<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        if reader.null()? { Ok(Self::absent()) } else { BTreeMap::decode(reader).map(Self::from) }
    }

    fn is_decoded(&self) -> bool {
        !self.is_absent()
    }
}

impl<T: Decode> Decode for Lenient<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        if reader.null()? {
            return Ok(Self::absent());
        }
        let start = reader.checkpoint();
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
