//! Writes what is known as JSON text.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::is_json_text;

/// Writes JSON text as it is to JSON text, and as a text to any other format: the content of a JSON string, else the JSON.
pub(crate) fn serialize_json<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if is_json_text::<S>() {
        let raw: &RawValue = serde_json::from_str(json).map_err(S::Error::custom)?;
        return raw.serialize(serializer);
    }
    let content = json.starts_with('"').then(|| serde_json::from_str::<String>(json).ok()).flatten();
    serializer.serialize_str(content.as_deref().unwrap_or(json))
}
