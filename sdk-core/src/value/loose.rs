//! Values that do not always have their type.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::direct;

/// A value that should be a `T`, kept as JSON where it is not, so that one odd value does not fail a whole response.
///
/// The JSON is kept as text and written back unchanged.
///
/// ```
/// use cloud_billing_core::Lenient;
///
/// let values: Vec<Lenient<i64>> = serde_json::from_str(r#"[1, "two"]"#)?;
/// assert_eq!(values[0].known(), Some(&1));
/// assert_eq!(values[1].known(), None);
/// assert_eq!(values[1].json(), Some("two".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// It can only be decoded by `serde_json`, and not inside a type that serde buffers first (an untagged enum, a flattened
/// struct).
#[derive(Clone)]
pub struct Lenient<T>(Repr<T>);

#[derive(Clone)]
enum Repr<T> {
    Known(T),
    Other(Box<RawValue>),
}

impl<T> Lenient<T> {
    /// A value of the right type.
    pub const fn new(value: T) -> Self {
        Self(Repr::Known(value))
    }

    /// The value, if it has the right type.
    pub const fn known(&self) -> Option<&T> {
        match &self.0 {
            Repr::Known(value) => Some(value),
            Repr::Other(_) => None,
        }
    }

    /// The value, if it has the right type.
    pub fn into_known(self) -> Option<T> {
        match self.0 {
            Repr::Known(value) => Some(value),
            Repr::Other(_) => None,
        }
    }

    /// The value as JSON, if it does not have the right type.
    pub fn json(&self) -> Option<Value> {
        // The text was checked when it was read, so it always decodes but for a nesting beyond serde_json's limit.
        serde_json::from_str(self.json_text()?).ok()
    }

    /// The text of the JSON, if the value does not have the right type.
    pub fn json_text(&self) -> Option<&str> {
        match &self.0 {
            Repr::Known(_) => None,
            Repr::Other(raw) => Some(raw.get()),
        }
    }
}

impl<T> From<T> for Lenient<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: PartialEq> PartialEq for Lenient<T> {
    /// JSON that was kept is compared as text.
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Known(a), Repr::Known(b)) => a == b,
            (Repr::Other(a), Repr::Other(b)) => a.get() == b.get(),
            _ => false,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Lenient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Known(value) => f.debug_tuple("Known").field(value).finish(),
            Repr::Other(raw) => f.debug_tuple("Other").field(&raw.get()).finish(),
        }
    }
}

impl<T: Serialize> Serialize for Lenient<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Known(value) => value.serialize(serializer),
            Repr::Other(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if direct::is_direct() {
            // If it is something else, it is decoded again.
            return T::deserialize(deserializer).map(Self::new);
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(match serde_json::from_str(raw.get()) {
            Ok(value) => Repr::Known(value),
            Err(_) => Repr::Other(raw),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Decimal;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Tier {
        price: Decimal,
    }

    #[test]
    fn both_arms_round_trip() {
        let json = r#"[{"price":1.10},{"price":"?"},7.0,null,[ 1,2 ],12345678901234567890123]"#;
        let values: Vec<Lenient<Tier>> = serde_json::from_str(json).unwrap();
        assert_eq!(values.iter().filter(|value| value.known().is_some()).count(), 1);
        assert_eq!(serde_json::to_string(&values).unwrap(), json);
    }

    #[test]
    fn what_does_not_fit_is_readable() {
        let loose: Lenient<i64> = serde_json::from_str(r#"{"a":[1]}"#).unwrap();
        assert_eq!(loose.json(), Some(serde_json::json!({"a": [1]})));
        assert_eq!(loose.json_text(), Some(r#"{"a":[1]}"#));
        assert_eq!(format!("{loose:?}"), r#"Other("{\"a\":[1]}")"#);
        assert_eq!(Lenient::new(3).json(), None);
        assert_eq!(Lenient::from(3), serde_json::from_value(serde_json::json!(3)).unwrap());
    }
}
