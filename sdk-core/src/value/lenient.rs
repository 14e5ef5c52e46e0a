//! Values that do not always have their type.

use std::fmt;

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json::{self, Decode, Given, Hint};

/// A value that should be a `T`. One that is not is kept as JSON, so that one odd value does not fail a whole response.
///
/// Dates, months and counts of responses are lenient: services send `""` and the like for those that they do not know.
/// The JSON is kept as text and written back unchanged.
///
/// | JSON | [`known`](Self::known) | [`json_text`](Self::json_text) |
/// |---|---|---|
/// | no field, or `null` | `None` | `None` |
/// | a `T` | the value | `None` |
/// | anything else | `None` | its text |
///
/// ```
/// use cloud_billing_core::{BillingMonth, Lenient, json};
///
/// let months: Vec<Lenient<BillingMonth>> = json::from_str(r#"["2026-01", "", null]"#)?;
/// assert_eq!(months[0].known(), Some(&"2026-01".parse()?));
/// assert_eq!((months[1].known(), months[1].json_text()), (None, Some("\"\"")));
/// assert!(months[2].is_absent());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// For serde, a field of this type has `#[serde(default, skip_serializing_if = "Lenient::is_absent")]`. JSON text has the
/// JSON as it came. Other formats have a text in place of it: the content of a JSON string, else the JSON, and such a text is
/// read as the JSON that it holds, if it does. Binary formats have an optional text, the JSON of any value, so nothing is lost.
#[derive(Clone)]
pub struct Lenient<T>(Repr<T>);

#[derive(Clone)]
enum Repr<T> {
    Absent,
    Known(T),
    Other(Box<RawValue>),
}

impl<T> Lenient<T> {
    /// A value of the right type.
    pub const fn new(value: T) -> Self {
        Self(Repr::Known(value))
    }

    /// A value that is not there.
    pub const fn absent() -> Self {
        Self(Repr::Absent)
    }

    /// The JSON of a value that does not have the right type.
    pub(crate) fn other(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(|raw| Self(Repr::Other(raw)))
    }

    /// Whether there is no value at all.
    pub const fn is_absent(&self) -> bool {
        matches!(self.0, Repr::Absent)
    }

    /// The value, if it has the right type.
    pub const fn known(&self) -> Option<&T> {
        match &self.0 {
            Repr::Known(value) => Some(value),
            Repr::Absent | Repr::Other(_) => None,
        }
    }

    /// The value, if it has the right type.
    pub fn into_known(self) -> Option<T> {
        match self.0 {
            Repr::Known(value) => Some(value),
            Repr::Absent | Repr::Other(_) => None,
        }
    }

    /// The value as JSON, if it does not have the right type.
    pub fn json(&self) -> Option<Value> {
        json::from_str(self.json_text()?).ok()
    }

    /// The text of the JSON, if the value does not have the right type.
    pub fn json_text(&self) -> Option<&str> {
        match &self.0 {
            Repr::Absent | Repr::Known(_) => None,
            Repr::Other(raw) => Some(raw.get()),
        }
    }
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self::absent()
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
            (Repr::Absent, Repr::Absent) => true,
            (Repr::Known(a), Repr::Known(b)) => a == b,
            (Repr::Other(a), Repr::Other(b)) => a.get() == b.get(),
            _ => false,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Lenient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Absent => f.write_str("Absent"),
            Repr::Known(value) => f.debug_tuple("Known").field(value).finish(),
            Repr::Other(raw) => f.debug_tuple("Other").field(&raw.get()).finish(),
        }
    }
}

impl<T: Serialize> Serialize for Lenient<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let binary = !serializer.is_human_readable();
        match &self.0 {
            Repr::Absent => serializer.serialize_none(),
            Repr::Known(value) if binary => {
                serializer.serialize_some(&serde_json::to_string(value).map_err(S::Error::custom)?)
            }
            Repr::Known(value) => value.serialize(serializer),
            Repr::Other(raw) if binary => serializer.serialize_some(raw.get()),
            Repr::Other(raw) => json::serialize_json(raw.get(), serializer),
        }
    }
}

impl<'de, T: Decode> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let binary = !deserializer.is_human_readable();
        let given = json::given(Hint::Optional, deserializer)?;
        match &given {
            // The JSON of a value, as it is written for what cannot hold any value.
            Given::Text(text) if binary || !fits::<T>(&given.json()?) => match json::from_str::<Self>(text) {
                Ok(value) if !value.is_absent() => Ok(value),
                _ => given.decode(),
            },
            _ => given.decode(),
        }
    }
}

/// Whether the JSON is a `T`.
fn fits<T: Decode>(json: &str) -> bool {
    json::from_str::<T>(json).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Decimal;

    #[derive(Debug, Default, PartialEq, Serialize)]
    struct Tier {
        price: Option<Decimal>,
    }

    crate::record! {
        Tier {
            price: "price",
        }
    }

    #[test]
    fn all_arms_round_trip() {
        let json = r#"[{"price":1.10},{"price":"?"},7.0,null,[ 1,2 ],12345678901234567890123]"#;
        let values: Vec<Lenient<Tier>> = json::from_str(json).unwrap();
        assert_eq!(values.iter().filter(|value| value.known().is_some()).count(), 1);
        assert_eq!(values.iter().filter(|value| value.is_absent()).count(), 1);
        assert_eq!(serde_json::to_string(&values).unwrap(), json);
        assert_eq!(serde_json::from_str::<Vec<Lenient<Tier>>>(json).unwrap(), values);
    }

    #[test]
    fn what_does_not_fit_is_readable() {
        let odd: Lenient<i64> = json::from_str(r#"{"a":[1]}"#).unwrap();
        assert_eq!(odd.json(), Some(serde_json::json!({"a": [1]})));
        assert_eq!(odd.json_text(), Some(r#"{"a":[1]}"#));
        assert_eq!(format!("{odd:?}"), r#"Other("{\"a\":[1]}")"#);
        assert_eq!(Lenient::new(3).json(), None);
        assert_eq!(Lenient::from(3), serde_json::from_value(serde_json::json!(3)).unwrap());
        assert_eq!(Lenient::<i64>::default(), Lenient::absent());
    }

    #[test]
    fn json_values_have_texts_of_what_does_not_fit() {
        for (json, value) in [
            (r#""""#, serde_json::json!("")),
            (r#""n/a""#, serde_json::json!("n/a")),
            ("1.50", serde_json::json!("1.50")),
            ("[ 1 ]", serde_json::json!("[ 1 ]")),
            // Not a text of Rust.
            (r#""\ud800""#, serde_json::json!(r#""\ud800""#)),
            ("7", serde_json::json!(7)),
            ("null", serde_json::json!(null)),
        ] {
            let lenient: Lenient<i64> = json::from_str(json).unwrap();
            assert_eq!(serde_json::to_value(&lenient).unwrap(), value, "{json}");
        }
    }
}
