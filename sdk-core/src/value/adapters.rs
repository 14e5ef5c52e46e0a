//! Adapters for fields of serde: `#[serde(with = "...")]`.

use std::fmt;
use std::marker::PhantomData;

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Decimal;
use crate::json::{Hint, given, is_json_text};

/// How an adapter writes and reads a number.
pub trait Form {
    #[doc(hidden)]
    fn write<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error>;

    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error>;
}

/// A field that the adapters take: a [`Decimal`], or an `Option` of one.
pub trait Field: Sized {
    #[doc(hidden)]
    fn write<F: Form, S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    #[doc(hidden)]
    fn read<'de, F: Form, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl Field for Decimal {
    fn write<F: Form, S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        F::write(self, serializer)
    }

    fn read<'de, F: Form, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        F::read(deserializer)
    }
}

impl Field for Option<Decimal> {
    fn write<F: Form, S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(|number| In(number, PhantomData::<F>)).serialize(serializer)
    }

    fn read<'de, F: Form, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Option::<In<Decimal, F>>::deserialize(deserializer)?;
        Ok(number.map(|In(number, _)| number))
    }
}

/// A number, and the form in which it is written and read.
struct In<N, F>(N, PhantomData<F>);

impl<F: Form> Serialize for In<&Decimal, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        F::write(self.0, serializer)
    }
}

impl<'de, F: Form> Deserialize<'de> for In<Decimal, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        F::read(deserializer).map(|number| Self(number, PhantomData))
    }
}

macro_rules! adapters {
    ($($(#[$doc:meta])* $name:ident: $form:ident;)*) => {$(
        $(#[$doc])*
        pub mod $name {
            use serde::{Deserializer, Serializer};

            use super::{$form, Field};

            /// Writes a field.
            ///
            /// # Errors
            ///
            /// See the [module](self).
            pub fn serialize<T: Field, S: Serializer>(field: &T, serializer: S) -> Result<S::Ok, S::Error> {
                field.write::<$form, S>(serializer)
            }

            /// Reads a field.
            ///
            /// # Errors
            ///
            /// If it is not a number, see the [module](self).
            pub fn deserialize<'de, T: Field, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
                T::read::<$form, D>(deserializer)
            }
        }
    )*};
}

adapters! {
    /// Serde adapter: a [`Decimal`](super::Decimal) as text in every format, exactly. JSON has it in quotes.
    ///
    /// Reads texts and numbers, like a field without an adapter. An `Option` that may be left out also has
    /// `#[serde(default)]`.
    ///
    /// ```
    /// # use cloud_billing_core::Decimal;
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Row {
    ///     #[serde(with = "cloud_billing_core::value::as_text")]
    ///     cost: Decimal,
    /// }
    ///
    /// let row: Row = serde_json::from_str(r#"{"cost": 12.50}"#)?;
    /// assert_eq!(serde_json::to_string(&row)?, r#"{"cost":"12.50"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    as_text: Text;
    /// Serde adapter: a [`Decimal`](super::Decimal) as a number in every format, exactly or not at all.
    ///
    /// In JSON text it has all its digits. In other formats it is a 64-bit integer or a float, and a number with more
    /// digits than these hold (15 for a float) is an error. Zeros at the end are lost there: 12.50 becomes 12.5.
    ///
    /// Reads texts and numbers, like a field without an adapter, but needs a self-describing format (not `postcard`).
    ///
    /// ```
    /// # use cloud_billing_core::Decimal;
    /// #[derive(serde::Serialize)]
    /// struct Row {
    ///     #[serde(with = "cloud_billing_core::value::as_number")]
    ///     cost: Decimal,
    /// }
    ///
    /// assert_eq!(serde_json::to_value(Row { cost: "12.50".parse()? })?, serde_json::json!({"cost": 12.5}));
    /// assert!(serde_json::to_value(Row { cost: "0.1234567890123456789".parse()? }).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    as_number: Number;
    /// Serde adapter: a [`Decimal`](super::Decimal) as a float in every format. **It rounds** to the nearest `f64`.
    ///
    /// For programs that take only floats, such as charts. A number beyond the range of `f64` is an error. Reading
    /// returns the shortest decimal number that stands for the float, like `Decimal::try_from`.
    ///
    /// ```
    /// # use cloud_billing_core::Decimal;
    /// #[derive(serde::Serialize)]
    /// struct Point {
    ///     #[serde(with = "cloud_billing_core::value::as_float_lossy")]
    ///     cost: Option<Decimal>,
    /// }
    ///
    /// let point = Point { cost: Some("0.1234567890123456789".parse()?) };
    /// assert_eq!(serde_json::to_string(&point)?, r#"{"cost":0.12345678901234568}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    as_float_lossy: Float;
}

/// The form of [`as_text`].
struct Text;

impl Form for Text {
    fn write<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        Decimal::deserialize(deserializer)
    }
}

/// The form of [`as_number`].
struct Number;

impl Form for Number {
    fn write<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        if is_json_text::<S>() {
            return number.serialize(serializer);
        }
        if let Some(integer) = number.to_i128().filter(|_| number.places() <= 0) {
            if let Ok(integer) = i64::try_from(integer) {
                return serializer.serialize_i64(integer);
            }
            if let Ok(integer) = u64::try_from(integer) {
                return serializer.serialize_u64(integer);
            }
        }
        match number.to_exact_f64() {
            Some(float) => serializer.serialize_f64(float),
            None => Err(S::Error::custom(format_args!(
                "{number} has too many digits for a float: write it with the serde adapter `as_text`"
            ))),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        given(Hint::Number, deserializer)?.decode()
    }
}

/// The form of [`as_float_lossy`].
struct Float;

impl Form for Float {
    fn write<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        match number.to_f64() {
            float if float.is_finite() => serializer.serialize_f64(float),
            _ => Err(S::Error::custom(format_args!("{number} is beyond the range of floats"))),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        deserializer.deserialize_f64(Nearest)
    }
}

/// Visits a number of any size.
struct Nearest;

impl de::Visitor<'_> for Nearest {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Decimal, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Decimal, E> {
        Ok(value.into())
    }

    fn visit_f32<E: de::Error>(self, value: f32) -> Result<Decimal, E> {
        value.try_into().map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Decimal, E> {
        value.try_into().map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
        text.parse().map_err(E::custom)
    }
}
