//! JSON objects that are written field by field, without a type for each.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A JSON object: `object! { "id": id, "note"?: note, ..rest }`. A field with a question mark is left out if it is `None`;
/// two dots include the fields of another object. Fields keep their order, and numbers all their digits.
macro_rules! object {
    (@) => { () };
    (@ ..$object:expr, $($rest:tt)*) => { ($object, $crate::json::object!(@ $($rest)*)) };
    (@ $name:literal ?: $value:expr, $($rest:tt)*) => {
        ($name, $crate::json::Optional($value), $crate::json::object!(@ $($rest)*))
    };
    (@ $name:tt : $value:expr, $($rest:tt)*) => { ($name, $value, $crate::json::object!(@ $($rest)*)) };
    ($($fields:tt)*) => { $crate::json::Object($crate::json::object!(@ $($fields)*)) };
}
pub(crate) use object;

/// What [`object!`] makes.
#[derive(Clone, Debug)]
pub(crate) struct Object<F>(pub(crate) F);

/// The value of a field that may be left out.
#[derive(Clone, Debug)]
pub(crate) struct Optional<V>(pub(crate) Option<V>);

/// The fields of an object: the first one, and the others.
pub(crate) trait Fields {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

impl Fields for () {
    fn write<M: SerializeMap>(&self, _: &mut M) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<V: Serialize, R: Fields> Fields for (&str, V, R) {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(self.0, &self.1)?;
        self.2.write(map)
    }
}

impl<V: Serialize, R: Fields> Fields for (&str, Optional<V>, R) {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Some(value) = &self.1.0 {
            map.serialize_entry(self.0, value)?;
        }
        self.2.write(map)
    }
}

impl<F: Fields, R: Fields> Fields for (Object<F>, R) {
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.0.write(map)?;
        self.1.write(map)
    }
}

impl<F: Fields> Serialize for Object<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.write(&mut map)?;
        map.end()
    }
}

/// A list whose items are made while they are serialized.
#[derive(Clone, Debug)]
pub(crate) struct Each<I>(pub(crate) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// A value as JSON.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    // The values of this crate have string keys and no I/O, so they always serialize.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects() {
        let (tail, none) = (object! { "c": Each((1..=2).map(|n| object! { "n": n, })), "d": Some(()), }, None::<u8>);
        let text = to_json(&object! { "b": "x", "a"?: none, "e"?: Some(object! {}), ..tail, });
        assert_eq!(text, r#"{"b":"x","e":{},"c":[{"n":1},{"n":2}],"d":null}"#);
    }
}
