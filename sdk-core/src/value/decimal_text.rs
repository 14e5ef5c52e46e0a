//! Decimal numbers in quotes.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::compare_by::compare_by;
use super::decimal::{Decimal, ParseDecimalError};
use crate::json::{Hint, given, serialize_json};

/// A decimal number that the service writes as a JSON string: `"1.000"`.
///
/// It dereferences to the [`Decimal`] and compares like it. What was decoded from JSON text is written back as it was: the
/// same digits, and without quotes if it came without. Other formats of serde have a text in any case.
#[derive(Clone)]
pub struct DecimalText {
    number: Decimal,
    /// The text that was read, where the number alone would be written otherwise (`"+5"`, `"1E3"`).
    spelling: Option<Box<str>>,
    quoted: bool,
}

impl DecimalText {
    /// A number to be written in quotes.
    pub const fn new(number: Decimal) -> Self {
        Self { number, spelling: None, quoted: true }
    }

    /// A number that came without quotes.
    pub(crate) fn unquoted(text: &str) -> Result<Self, ParseDecimalError> {
        Ok(Self { quoted: false, ..text.parse()? })
    }

    /// The number.
    pub fn into_decimal(self) -> Decimal {
        self.number
    }
}

impl Deref for DecimalText {
    type Target = Decimal;

    fn deref(&self) -> &Decimal {
        &self.number
    }
}

impl From<Decimal> for DecimalText {
    fn from(number: Decimal) -> Self {
        Self::new(number)
    }
}

impl From<DecimalText> for Decimal {
    fn from(text: DecimalText) -> Self {
        text.number
    }
}

impl FromStr for DecimalText {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        let number: Decimal = text.parse()?;
        let spelling = spelling(&number, text);
        Ok(Self { number, spelling, quoted: true })
    }
}

/// The text of a number, where the number alone would be written otherwise.
fn spelling(number: &Decimal, text: &str) -> Option<Box<str>> {
    (!is_plain(text) && number.short_text().as_deref() != Some(text)).then(|| text.into())
}

/// Whether a text is how a number is written in any case, so that it need not be written to find out: a few digits, with a
/// decimal point or without, that begin with none that is zero.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [first, .., last] = bytes else { return bytes.len() == 1 && bytes[0].is_ascii_digit() };
    let mut points = 0;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            if *byte != b'.' {
                return false;
            }
            points += 1;
        }
    }
    bytes.len() <= 18 && points <= 1 && (b'1'..=b'9').contains(first) && *last != b'.'
}

impl fmt::Display for DecimalText {
    /// As it was read; with a precision, like a [`Decimal`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.spelling {
            Some(text) if f.precision().is_none() => f.pad(text),
            _ => self.number.fmt(f),
        }
    }
}

impl fmt::Debug for DecimalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecimalText({self})")
    }
}

compare_by!(DecimalText, number);

impl Serialize for DecimalText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.quoted { serializer.collect_str(self) } else { serialize_json(&self.to_string(), serializer) }
    }
}

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        given(Hint::Text, deserializer)?.decode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(json: &str) -> String {
        serde_json::to_string(&serde_json::from_str::<DecimalText>(json).unwrap()).unwrap()
    }

    #[test]
    fn everything_is_written_back_as_it_was_read() {
        for json in [
            r#""1.000""#,
            r#""499999""#,
            r#""0""#,
            r#""0.10""#,
            r#""01.5""#,
            r#""7.""#,
            r#"".5""#,
            r#""123456789012345678""#,
            r#""+5""#,
            r#""1E3""#,
            r#""007""#,
            r#""0.00000001""#,
            "1.0E-4",
            "42.0",
            "7",
        ] {
            assert_eq!(round_trip(json), json);
        }
    }

    #[test]
    fn it_is_a_number() {
        let text: DecimalText = "1.000".parse().unwrap();
        assert_eq!(*text, Decimal::from(1));
        assert_eq!(text, DecimalText::new(Decimal::from(1)));
        assert_eq!(text.to_string(), "1.000");
        assert_eq!(format!("{text:.1}"), "1.0");
        assert_eq!(format!("{text:?}"), "DecimalText(1.000)");
    }

    #[test]
    fn it_decodes_from_a_value() {
        let text: DecimalText = serde_json::from_value(serde_json::json!("45.000")).unwrap();
        assert_eq!(text.to_string(), "45.000");
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        for json in [r#""string""#, r#""""#, "null", "{}", "true"] {
            assert!(serde_json::from_str::<DecimalText>(json).is_err(), "{json}");
        }
    }
}
