//! Decimals in the formats of serde.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Decimal;
use crate::json::{Hint, given, serialize_json};

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_json(&self.to_string(), serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        given(Hint::Text, deserializer)?.decode()
    }
}
