//! Keys that a JSON text has twice. Readers differ in which of the values counts, so such a body is not sent.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The paths of the keys that are there more than once, such as `filters.clusterIds`.
pub(super) fn repeated(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // What is no JSON has an error of its own.
    let _ = Within { path: "", found: &mut found }.deserialize(&mut serde_json::Deserializer::from_str(text));
    found
}

/// A value at a path.
struct Within<'a> {
    path: &'a str,
    found: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Plain values have no keys.
macro_rules! plain {
    ($($visit:ident: $of:ty),*) => {
        $(fn $visit<E>(self, _: $of) -> Result<(), E> {
            Ok(())
        })*
    };
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = ();

    plain! { visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut path = format!("{}[0]", self.path);
        let mut index = 0;
        while items.next_element_seed(Within { path: &path, found: &mut *self.found })?.is_some() {
            index += 1;
            path = format!("{}[{index}]", self.path);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            let path = if self.path.is_empty() { key.clone() } else { format!("{}.{key}", self.path) };
            if !seen.insert(key) && !self.found.contains(&path) {
                self.found.push(path.clone());
            }
            members.next_value_seed(Within { path: &path, found: &mut *self.found })?;
        }
        Ok(())
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_with_their_path() {
        for (text, expected) in [
            (r#"{"a":1,"b":{"a":null},"c":[{"a":true},{"a":"x"}]}"#, &[][..]),
            (r#"{"a":1,"a":2,"a":3}"#, &["a"]),
            (r#"{"a":{"b":[0,{"c":1.5,"d":[],"c":-1}]},"e":0,"e":0}"#, &["a.b[1].c", "e"]),
            // Other spellings of one key.
            (r#"{"a":1,"\u0061":2}"#, &["a"]),
            (r#"{"a":1,"a":"#, &["a"]),
            ("", &[]),
        ] {
            assert_eq!(repeated(text), expected, "{text}");
        }
    }
}
