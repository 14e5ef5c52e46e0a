//! Looking at JSON without decoding it.

mod place;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) use place::path;

/// The text of some fields of a JSON object, each where it occurs. `None` if the JSON is not an object, or broken, which
/// the decoding proper will find out.
///
/// This is one skim over the text, without decoding or copying any of it.
pub(crate) fn fields<'a>(json: &'a [u8], names: &[&str]) -> Option<Vec<Option<&'a RawValue>>> {
    struct Object<'n>(&'n [&'n str]);

    impl<'de> Visitor<'de> for Object<'_> {
        type Value = Vec<Option<&'de RawValue>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = vec![None; self.0.len()];
            while let Some(position) = map.next_key_seed(Key(self.0))? {
                match position {
                    Some(position) => found[position] = Some(map.next_value()?),
                    None => {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
            Ok(found)
        }
    }

    /// The position of a key among the names.
    struct Key<'n>(&'n [&'n str]);

    impl<'de> DeserializeSeed<'de> for Key<'_> {
        type Value = Option<usize>;

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_str(self)
        }
    }

    impl Visitor<'_> for Key<'_> {
        type Value = Option<usize>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a key")
        }

        fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
            Ok(self.0.iter().position(|name| *name == key))
        }
    }

    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let found = deserializer.deserialize_map(Object(names)).ok()?;
    deserializer.end().ok()?;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_borrowed() {
        let json = br#"{"a": [1, 2], "b": {"a": 0}, "c": 1.50}"#;
        let found = fields(json, &["c", "a", "x"]).unwrap();
        let texts: Vec<_> = found.iter().map(|field| field.map(RawValue::get)).collect();
        assert_eq!(texts, [Some("1.50"), Some("[1, 2]"), None]);
        for broken in [&b"[]"[..], b"{", b"{\"a\":1}}", b""] {
            assert!(fields(broken, &["a"]).is_none());
        }
    }
}
