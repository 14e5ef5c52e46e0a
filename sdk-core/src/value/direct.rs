//! Decoding from text at hand, without copies on the way.
//!
//! A [`Decimal`](super::Decimal) is read from the text of its JSON, and a [`Lenient`](super::Lenient) value keeps that text if
//! it is not what it should be. From a deserializer that could be reading from anywhere, both take a copy of the text
//! first. A body is text that is at hand. While it is decoded here, numbers borrow their text from it, and loose values are
//! taken for what they should be, with nothing kept. That is a fifth of the decoding. If it does not work out, because a
//! value is odd, or because a type decodes parts of itself from elsewhere, the body is decoded once more the long way, and
//! that is what counts.

use std::cell::Cell;

use serde::de::Deserializer;
use serde::{Deserialize, de};
use serde_json::value::RawValue;

thread_local! {
    static DIRECT: Cell<bool> = const { Cell::new(false) };
}

/// Decodes a text, first directly.
///
/// # Errors
///
/// If it is not JSON or not what it should be.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, serde_json::Error> {
    let direct = {
        let _scope = Scope::enter();
        serde_json::from_str(text)
    };
    match direct {
        // What is broken JSON stays it.
        Err(error) if error.is_data() => serde_json::from_str(text),
        direct => direct,
    }
}

/// Whether this thread is decoding directly.
pub(super) fn is_direct() -> bool {
    DIRECT.get()
}

/// Reads a value from the text of its JSON.
pub(super) fn from_text<'de, D, T>(deserializer: D, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    let value = if is_direct() {
        read(<&RawValue>::deserialize(deserializer)?.get())
    } else {
        read(Box::<RawValue>::deserialize(deserializer)?.get())
    };
    value.map_err(de::Error::custom)
}

/// Decoding directly, until it is dropped.
struct Scope(bool);

impl Scope {
    fn enter() -> Self {
        Self(DIRECT.replace(true))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        DIRECT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Decimal, DecimalText, Lenient, NullableVec};

    #[derive(Debug, PartialEq, Deserialize)]
    struct Line {
        price: Decimal,
        tier: DecimalText,
        odd: NullableVec<Lenient<Decimal>>,
    }

    #[test]
    fn both_ways_give_the_same() {
        for json in [
            r#"{"price":1.50,"tier":"1.000","odd":[1,2.0]}"#,
            r#"{"price":"1.50","tier":7,"odd":[1,{"a":[1]},"x",null]}"#,
            r#"{"price":-0,"tier":1.0E-4,"odd":[1.0]}"#,
            r#"{"price":0.0,"tier":-0,"odd":[]}"#,
            r#"{"price":0.0,"tier":18446744073709551615,"odd":[]}"#,
            r#"{"price":123456789012345678901234567890.5,"tier":"\u0031","odd":null}"#,
        ] {
            let (direct, long): (Line, Line) = (from_str(json).unwrap(), serde_json::from_str(json).unwrap());
            assert_eq!(direct, long);
            assert_eq!(format!("{direct:?}"), format!("{long:?}"));
            assert!(!is_direct());
        }
    }

    #[test]
    fn both_ways_refuse_the_same() {
        for json in
            [r#"{"price":true}"#, r#"{"price":1"#, r#"{"price":1,}"#, r#"{"price":1.50,"tier":"","odd":[]}"#, ""]
        {
            let (direct, long) = (from_str::<Line>(json).unwrap_err(), serde_json::from_str::<Line>(json).unwrap_err());
            assert_eq!(direct.to_string(), long.to_string());
            assert!(!is_direct());
        }
    }

    /// A type that decodes itself by a detour over a value, from which nothing can be borrowed.
    #[derive(Debug, PartialEq)]
    struct Detour(Decimal);

    impl<'de> Deserialize<'de> for Detour {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let value = serde_json::Value::deserialize(deserializer)?;
            serde_json::from_value(value).map(Self).map_err(de::Error::custom)
        }
    }

    #[test]
    fn what_cannot_be_borrowed_is_decoded_all_the_same() {
        assert_eq!(from_str::<Vec<Detour>>("[1.5]").unwrap(), [Detour("1.5".parse().unwrap())]);
    }
}
