//! Helpers for `#[serde(deserialize_with = "...")]` in generated types.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, Unexpected};

/// Decodes an integer that may be written as a float, such as `42.0`. Some services and proxies write integers like
/// that.
///
/// It decodes `i64`, `i32` and `Option`s of them. For an `Option`, `null` is `None`; a field that may be absent also
/// needs `#[serde(default)]`. Strings and fractions are rejected. Floats of 2^49 or more are rejected as well, because
/// they may have lost their last digits.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Page {
///     #[serde(default, deserialize_with = "cloud_billing_core::de::int")]
///     total: Option<i32>,
/// }
///
/// let page: Page = serde_json::from_str(r#"{"total": 42.0}"#)?;
/// assert_eq!(page.total, Some(42));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error if the value is not an integer or does not fit into `T`.
pub fn int<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Int,
    D: Deserializer<'de>,
{
    T::decode(deserializer)
}

/// The types that [`int`] decodes. The trait is sealed.
pub trait Int: Sized + sealed::Sealed {
    #[doc(hidden)]
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for i32 {}
    impl Sealed for i64 {}
    impl<T: Sealed> Sealed for Option<T> {}
}

impl Int for i64 {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(Integer)
    }
}

impl Int for i32 {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_i64(Integer)?;
        value.try_into().map_err(|_| de::Error::invalid_value(Unexpected::Signed(value), &"a 32-bit integer"))
    }
}

impl<T: Int> Int for Option<T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);

        impl<'de, T: Int> de::Visitor<'de> for Visitor<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer or null")
            }

            fn visit_none<E: de::Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
                T::decode(deserializer).map(Some)
            }
        }

        deserializer.deserialize_option(Visitor(std::marker::PhantomData))
    }
}

/// A float `n.0` below 2^49 is exactly `n`. serde_json reads the digits without the decimal point, which makes them ten
/// times as large, and they must fit into the 53 bits of a float. In cents, 2^49 is five trillion dollars.
const EXACT: f64 = 562_949_953_421_312.0;

struct Integer;

impl de::Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
        value.try_into().map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &"a 64-bit signed integer"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<i64, E> {
        if value.fract() == 0.0 && value.abs() < EXACT {
            Ok(value as i64)
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }
}

/// Decodes a field that can be absent, `null` or a value: `null` is `Some(None)`. The field also needs `#[serde(default)]`,
/// for which an absent field is `None`.
///
/// # Errors
///
/// If the value does not fit `T`.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: Deserializer<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Numbers {
        #[serde(deserialize_with = "super::int")]
        wide: i64,
        #[serde(deserialize_with = "super::int")]
        narrow: i32,
        #[serde(deserialize_with = "super::int")]
        optional: Option<i64>,
    }

    fn read(json: &str) -> Result<Numbers, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn integers_in_any_notation() {
        let numbers = read(r#"{"wide": 42.0, "narrow": -7e0, "optional": 562949953421311.0}"#).unwrap();
        assert_eq!(numbers, Numbers { wide: 42, narrow: -7, optional: Some((1 << 49) - 1) });
        assert_eq!(read(r#"{"optional": null}"#).unwrap().optional, None);
        assert_eq!(read("{}").unwrap(), Numbers::default());
        assert_eq!(read(r#"{"wide": 9223372036854775807}"#).unwrap().wide, i64::MAX);
    }

    #[test]
    fn everything_else_is_refused() {
        for (json, message) in [
            (r#"{"wide": 42.5}"#, "invalid value: floating point `42.5`, expected an integer"),
            // Above the limit, the float could be a neighbour of the written number.
            (r#"{"wide": 8007199254740993.0}"#, "expected an integer"),
            (r#"{"wide": 4503599627370497.4}"#, "expected an integer"),
            (r#"{"wide": 562949953421311.5}"#, "expected an integer"),
            (r#"{"wide": "42"}"#, r#"invalid type: string "42", expected an integer"#),
            (r#"{"wide": null}"#, "invalid type: null, expected an integer"),
            (r#"{"wide": 1e300}"#, "expected an integer"),
            (r#"{"wide": 9223372036854775808}"#, "expected a 64-bit signed integer"),
            (r#"{"narrow": 2147483648}"#, "invalid value: integer `2147483648`, expected a 32-bit integer"),
            (r#"{"optional": "1"}"#, "expected an integer"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(message), "{json}: {error}");
        }
    }
}
