//! Decoding JSON into the types of a client.
//!
//! A generated type declares its keys with [`record!`](crate::record). All else is compiled once, here: the structure of
//! objects and lists, texts, exact numbers, unknown fields, and errors with their place.
//!
//! | JSON | decodes to |
//! |---|---|
//! | a field that is absent or `null` | `None`, or an absent [`NullableVec`](crate::NullableVec) and the like |
//! | a field twice | an error |
//! | an integer | [`Decimal`](crate::Decimal), or `i64`, also if it is written `42.0` |
//! | any other number | [`Decimal`](crate::Decimal), with all its digits |
//! | a text with half a surrogate pair, or a byte that is not UTF-8 | an error, unless the text is skipped |
//! | objects and lists nested more than 128 levels deep | an error |
//!
//! A value may take 8 bytes of memory for each byte of its text, and 1 MiB besides. Beyond that decoding fails.

mod error;
mod fields;
mod formats;
mod keys;
mod number;
mod place;
mod reader;
mod scan;
mod text;
mod values;

use serde::Deserializer;

pub use error::JsonError;
pub(crate) use error::Kind;
pub(crate) use fields::fields;
pub use formats::deserialize;
pub(crate) use formats::{Given, Hint, float_text, given, is_json_text, serialize_json};
pub use keys::Keys;
pub(crate) use place::{Lines, path};
pub use reader::Reader;
pub(crate) use scan::digits;
pub(crate) use text::NOT_UTF8;
pub(crate) use values::push;

/// Decodes a JSON text, such as a saved response.
///
/// ```
/// use cloud_billing_core::{Decimal, json};
///
/// let costs: Vec<Decimal> = json::from_str("[0.10, 1e2]")?;
/// assert_eq!(costs[0].to_string(), "0.10");
///
/// let error = json::from_str::<Vec<Decimal>>("[0.10, true]").unwrap_err();
/// assert_eq!(error.to_string(), "expected a number, found a boolean at byte 7");
/// # Ok::<(), json::JsonError>(())
/// ```
///
/// # Errors
///
/// If the text is not JSON, or does not have the expected type.
pub fn from_str<T: Decode>(text: &str) -> Result<T, JsonError> {
    let mut reader = Reader::new(text);
    let value = T::decode(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Decodes a JSON text with serde, into a type that may borrow from it.
///
/// # Errors
///
/// If it is not JSON or does not fit. The place is where serde_json stopped: at the value at fault, or right after it.
pub(crate) fn view<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let kind = if error.is_eof() { Kind::End } else { Kind::Data };
        JsonError::new(kind, place::offset(text, error.line(), error.column()), message)
    })
}

/// Decodes a field that can be absent, `null` or a value: with `#[serde(default)]`, an absent field is `None` and `null` is
/// `Some(None)`.
#[doc(hidden)]
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: Deserializer<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}

/// A value that can be decoded from JSON.
pub trait Decode: Sized {
    /// Decodes the value that comes next.
    ///
    /// # Errors
    ///
    /// If it does not have the expected type, or the text is not JSON.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError>;

    /// Decodes the value in place.
    #[doc(hidden)]
    fn decode_into(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        *self = Self::decode(reader)?;
        Ok(())
    }

    /// Decodes the value as the last element of a list.
    #[doc(hidden)]
    fn decode_onto(list: &mut Vec<Self>, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        list.push(Self::decode(reader)?);
        Ok(())
    }

    /// Whether a field holds a decoded value, so that a second one would overwrite it.
    #[doc(hidden)]
    fn is_decoded(&self) -> bool {
        false
    }
}

/// An object with known keys. [`record!`](crate::record) implements it.
pub trait Record {
    /// The keys.
    fn keys(&self) -> &'static Keys;

    /// Decodes the value of the key with this index.
    ///
    /// # Errors
    ///
    /// If it does not have the expected type.
    fn field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), JsonError>;

    /// Decodes or skips the value of another key.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    fn unknown(&mut self, key: &str, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        let _ = key;
        reader.skip()
    }
}

/// Declares which key of the JSON each field of a struct is decoded from.
///
/// The struct implements [`Default`]: a field that the JSON does not have keeps its default. Keys that are not declared are
/// ignored, or kept in the map behind `..`.
///
/// ```
/// use cloud_billing_core::{Decimal, json};
///
/// #[derive(Debug, Default, PartialEq)]
/// struct Tier {
///     price: Option<Decimal>,
///     unit_quantity: Option<String>,
/// }
///
/// cloud_billing_core::record! {
///     Tier {
///         price: "price",
///         unit_quantity: "unitQuantity",
///     }
/// }
///
/// let tier: Tier = json::from_str(r#"{"price": 1.50, "new": [1], "unitQuantity": null}"#)?;
/// assert_eq!(tier, Tier { price: Some("1.50".parse()?), unit_quantity: None });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! record {
    ($type:ty { $($field:ident: $key:literal,)* $(..$extra:ident)? }) => {
        impl $crate::json::Decode for $type {
            fn decode(
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::json::JsonError> {
                reader.record()
            }

            fn decode_onto(
                list: &mut ::std::vec::Vec<Self>,
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<(), $crate::json::JsonError> {
                reader.record_onto(list)
            }
        }

        impl $crate::json::Record for $type {
            fn keys(&self) -> &'static $crate::json::Keys {
                use ::core::sync::atomic::AtomicU16;

                const TOKENS: &[&str] = &[$(::core::concat!("\"", $key, "\":")),*];
                static BY_LENGTH: [u16; TOKENS.len()] =
                    $crate::json::Keys::by_length([$(::core::concat!("\"", $key, "\":")),*]);
                static NEXT: [AtomicU16; TOKENS.len() + 1] = [const { AtomicU16::new(0) }; TOKENS.len() + 1];
                static KEYS: $crate::json::Keys = $crate::json::Keys::new(TOKENS, &BY_LENGTH, &NEXT);
                &KEYS
            }

            fn field(
                &mut self,
                index: usize,
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<(), $crate::json::JsonError> {
                // Numbers the fields in the order of the keys.
                #[allow(non_camel_case_types, clippy::enum_variant_names)]
                enum Number { $($field),* }
                struct Index;
                #[allow(non_upper_case_globals)]
                impl Index { $(const $field: usize = Number::$field as usize;)* }
                match index {
                    $(Index::$field => reader.field(&mut self.$field),)*
                    _ => reader.skip(),
                }
            }

            $(fn unknown(
                &mut self,
                key: &str,
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<(), $crate::json::JsonError> {
                reader.entry(&mut self.$extra, key)
            })?
        }
    };
}
