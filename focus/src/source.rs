//! Records of the APIs with the fields that their types do not know.

use cloud_billing_core::json::{Decode, JsonError, Keys, Reader, Record};

/// A record, and what its type does not know of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept<T> {
    /// The record.
    pub record: T,
    /// The unknown fields as members of a JSON object, without its brackets. Empty if there are none.
    unknown: String,
}

impl<T> Kept<T> {
    /// The unknown fields as a JSON object.
    #[must_use]
    pub fn unknown(&self) -> Option<String> {
        (!self.unknown.is_empty()).then(|| format!("{{{}}}", self.unknown))
    }
}

impl<T: Record + Default> Decode for Kept<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        reader.record()
    }
}

impl<T: Record> Record for Kept<T> {
    fn keys(&self) -> &'static Keys {
        self.record.keys()
    }

    fn field(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        self.record.field(index, reader)
    }

    fn unknown(&mut self, key: &str, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        let value = reader.raw()?;
        if !self.unknown.is_empty() {
            self.unknown.push(',');
        }
        self.unknown.push_str(&serde_json::Value::from(key).to_string());
        self.unknown.push(':');
        self.unknown.push_str(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use atlas_billing::types::InvoiceLineItem;
    use cloud_billing_core::json;

    use super::*;

    #[test]
    fn unknown_fields_are_kept_as_they_came() {
        let text = r#"{"sku": "X", "new": {"a": 1.50}, "n\"w": [1]}"#;
        let line: Kept<InvoiceLineItem> = json::from_str(text).unwrap();
        assert_eq!(line.record.sku.as_ref().map(ToString::to_string).as_deref(), Some("X"));
        assert_eq!(line.unknown().as_deref(), Some(r#"{"new":{"a": 1.50},"n\"w":[1]}"#));
        assert_eq!(json::from_str::<Kept<InvoiceLineItem>>("{}").unwrap().unknown(), None);
    }
}
