//! JSON numbers, through their text.

use std::borrow::Cow;

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::parse::parse_short;
use super::{Decimal, ParseDecimalError};
use crate::text::excerpt;
use crate::value::direct;

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        direct::from_text(deserializer, Self::from_json)
    }
}

impl Decimal {
    /// A number from the text of a JSON number, or of a JSON string that holds one.
    pub(in crate::value) fn from_json(json: &str) -> Result<Self, String> {
        if let Some(number) = parse_short(json.as_bytes()) {
            return Ok(number);
        }
        let text = match json.as_bytes().first() {
            Some(b'"') => number_in_quotes(json)?,
            Some(b'-' | b'0'..=b'9') => Cow::Borrowed(json),
            _ => return Err(not_a_number(json)),
        };
        text.parse().map_err(|error: ParseDecimalError| error.to_string())
    }
}

/// The message about JSON that is no number.
pub(crate) fn not_a_number(json: &str) -> String {
    format!("expected a number, found `{}`", excerpt(json, 40))
}

/// The text of a JSON string. Numbers need no escapes, so it is hardly ever copied.
pub(in crate::value) fn number_in_quotes(json: &str) -> Result<Cow<'_, str>, String> {
    match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) if !text.contains('\\') => Ok(Cow::Borrowed(text)),
        // Not that error: it says where in this text it is, which would be taken for where in the whole.
        _ => serde_json::from_str(json).map(Cow::Owned).map_err(|_| not_a_number(json)),
    }
}
