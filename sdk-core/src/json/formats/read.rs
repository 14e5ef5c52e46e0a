//! Reads what a deserializer has as JSON, to be decoded like a response.

use std::borrow::Cow;
use std::fmt;
use std::num::FpCategory;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize, de};

use super::is_buffer;
use crate::json::{self, Decode};

/// What serde_json calls the newtype struct that it reads as JSON text, and the key of that text.
const RAW: &str = "$serde_json::private::RawValue";

/// The key of the text of a number, if a program has serde_json's feature `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// The most digits that survive the way from a decimal number to a float and back, whichever they are.
const DOUBLE_DIGITS: usize = 15;

/// The same for a float of 32 bits.
const SINGLE_DIGITS: usize = 6;

/// The most levels of lists and objects, as in JSON text.
const MAX_DEPTH: usize = 128;

/// What a deserializer gave.
pub(crate) enum Given {
    /// JSON text.
    Json(String),
    /// A text that did not come in JSON.
    Text(String),
}

/// What to ask a deserializer for that does not read JSON text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hint {
    /// What it finds, or nothing. Formats of text guess: of `12.50` in CSV they make a float.
    Any,
    /// A text. A format that knows its types gives a number if it has one.
    Text,
    /// As `Text`, and in a binary format, which may refuse a number in place of a text, as `Any`.
    Number,
    /// As `Any`, and in a binary format, which may not know what it has, a text or nothing.
    Optional,
}

/// Decodes a value by its [`Decode`] inside a `Deserialize` of serde, so that both agree. From serde_json's reader of text the
/// value is decoded from its text. Other formats must say what they have (so not `postcard`), and a float must be sure to be
/// the number that was written: see [`Decimal`](crate::Decimal#serde).
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Page {
///     #[serde(default, deserialize_with = "cloud_billing_core::json::deserialize")]
///     total: Option<i64>,
/// }
///
/// let page: Page = serde_json::from_str(r#"{"total": 42.0}"#)?;
/// assert_eq!(page.total, Some(42));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// If the value does not have the expected type.
pub fn deserialize<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    given(Hint::Any, deserializer)?.decode()
}

/// Reads a value.
pub(crate) fn given<'de, D: Deserializer<'de>>(hint: Hint, deserializer: D) -> Result<Given, D::Error> {
    deserializer.deserialize_newtype_struct(RAW, Scan { hint, depth: 0 })
}

impl Given {
    pub(crate) fn decode<T: Decode, E: de::Error>(&self) -> Result<T, E> {
        json::from_str(&self.json()?).map_err(|error| E::custom(error.message()))
    }

    /// The JSON text; for a text, that of a string.
    pub(crate) fn json<E: de::Error>(&self) -> Result<Cow<'_, str>, E> {
        match self {
            Self::Json(json) => Ok(json.into()),
            Self::Text(text) => serde_json::to_string(text).map(Into::into).map_err(E::custom),
        }
    }
}

/// The text of a float, if it is sure to be the number that the float was made from.
pub(crate) fn float_text(value: f64) -> Option<String> {
    exact_float(&value, &format!("{value:e}"), value.classify(), DOUBLE_DIGITS)
}

/// The JSON of a float: the shortest number that reads back as it. `None` if more numbers of as many digits do.
fn exact_float(value: &impl Serialize, scientific: &str, class: FpCategory, digits: usize) -> Option<String> {
    let mantissa = scientific.split('e').next().unwrap_or_default();
    let few = mantissa.bytes().filter(u8::is_ascii_digit).count() <= digits;
    // The floats next to zero have fewer digits.
    let exact = few && matches!(class, FpCategory::Zero | FpCategory::Normal);
    exact.then(|| serde_json::to_string(value).ok()).flatten()
}

/// Visits any value.
#[derive(Clone, Copy)]
struct Scan {
    hint: Hint,
    depth: usize,
}

impl Scan {
    fn scalar<E>(self, text: &impl ToString) -> Result<Given, E> {
        Ok(Given::Json(text.to_string()))
    }

    fn float<E: de::Error>(self, text: Option<String>, value: impl fmt::Display) -> Result<Given, E> {
        text.map(Given::Json).ok_or_else(|| {
            E::custom(format_args!(
                "{value} was read as a float, which may have been rounded: write the number as a text, or read it with \
                 the serde adapter `as_float_lossy`"
            ))
        })
    }

    /// A list or an object in this one.
    fn nested<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!("nested more than {MAX_DEPTH} levels deep")));
        }
        Ok(Self { hint: Hint::Any, depth: self.depth + 1 })
    }
}

impl<'de> Visitor<'de> for Scan {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can hold")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Given, D::Error> {
        let binary = !deserializer.is_human_readable();
        match self.hint {
            _ if is_buffer::<D>() => deserializer.deserialize_any(self),
            Hint::Any | Hint::Number if binary => deserializer.deserialize_any(self),
            Hint::Text | Hint::Number => deserializer.deserialize_str(self),
            Hint::Any | Hint::Optional => deserializer.deserialize_option(self),
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Given, D::Error> {
        match self.hint {
            Hint::Optional if !deserializer.is_human_readable() => deserializer.deserialize_str(self),
            _ => deserializer.deserialize_any(self),
        }
    }

    fn visit_none<E>(self) -> Result<Given, E> {
        self.scalar(&"null")
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        self.scalar(&"null")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Given, E> {
        self.scalar(&value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Given, E> {
        self.scalar(&value)
    }

    fn visit_i128<E>(self, value: i128) -> Result<Given, E> {
        self.scalar(&value)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Given, E> {
        self.scalar(&value)
    }

    fn visit_u128<E>(self, value: u128) -> Result<Given, E> {
        self.scalar(&value)
    }

    fn visit_f32<E: de::Error>(self, value: f32) -> Result<Given, E> {
        self.float(exact_float(&value, &format!("{value:e}"), value.classify(), SINGLE_DIGITS), value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Given, E> {
        self.float(float_text(value), value)
    }

    fn visit_str<E>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Given, E> {
        Ok(Given::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Given, A::Error> {
        let inner = self.nested()?;
        let mut json = "[".to_owned();
        while let Some(element) = elements.next_element_seed(inner)? {
            json += if json.len() > 1 { "," } else { "" };
            json += &element.json()?;
        }
        Ok(Given::Json(json + "]"))
    }

    /// An object; but serde_json gives JSON text as an object as well.
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Given, A::Error> {
        let inner = self.nested()?;
        let mut json = "{".to_owned();
        while let Some(key) = entries.next_key::<String>()? {
            if json.len() == 1 && (key == RAW || key == NUMBER) {
                return entries.next_value().map(Given::Json);
            }
            json += if json.len() > 1 { "," } else { "" };
            json += &serde_json::to_string(&key).map_err(A::Error::custom)?;
            json += ":";
            json += &entries.next_value_seed(inner)?.json()?;
        }
        Ok(Given::Json(json + "}"))
    }
}

impl<'de> DeserializeSeed<'de> for Scan {
    type Value = Given;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Given, D::Error> {
        deserializer.deserialize_any(self)
    }
}
