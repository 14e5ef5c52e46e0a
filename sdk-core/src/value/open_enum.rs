//! Sets of names that grow.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserializer, de};

/// The text of a value that an [`open_enum!`](crate::open_enum) does not know. It can be had only by decoding or parsing
/// such a text, and read only through the enum's `as_str`.
#[derive(Clone)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    #[doc(hidden)]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Decodes a string without copying it. What every open enum's `Deserialize` calls.
#[doc(hidden)]
pub fn deserialize_text<'de, E, D>(deserializer: D) -> Result<E, D::Error>
where
    E: for<'a> From<&'a str>,
    D: Deserializer<'de>,
{
    struct Visitor<E>(PhantomData<E>);

    impl<E: for<'a> From<&'a str>> de::Visitor<'_> for Visitor<E> {
        type Value = E;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<Error: de::Error>(self, text: &str) -> Result<E, Error> {
            Ok(E::from(text))
        }
    }

    deserializer.deserialize_str(Visitor(PhantomData))
}

/// Declares a string enum that keeps values it does not know.
///
/// Services add values without notice, so a value that is not listed must not fail a response. It is kept as text, read
/// through `as_str`, written back unchanged and equal to the same text; it cannot be named in a pattern, so that a value
/// which a later version lists breaks no code.
///
/// ```
/// cloud_billing_core::open_enum! {
///     /// The state of an invoice.
///     pub enum InvoiceStatus {
///         /// Not final yet.
///         Pending = "PENDING",
///         /// Paid in full.
///         Paid = "PAID",
///     }
/// }
///
/// let status: InvoiceStatus = serde_json::from_str(r#""PAID""#)?;
/// assert_eq!(status, InvoiceStatus::Paid);
///
/// let later: InvoiceStatus = serde_json::from_str(r#""DISPUTED""#)?;
/// assert!(!later.is_known());
/// assert_eq!(later.as_str(), "DISPUTED");
/// assert_eq!(serde_json::to_string(&later)?, r#""DISPUTED""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The enum has `as_str`, `is_known` and `KNOWN` (all listed values), and implements `Clone`, `Debug`, `Display`, `Eq`,
/// `Ord`, `Hash` (all by text), `AsRef<str>`, `From<&str>`, `From<String>`, `FromStr`, `Serialize`, `Deserialize`,
/// [`Decode`](crate::json::Decode) and [`ParamValue`](crate::ParamValue).
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $text:literal),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone)]
        #[non_exhaustive]
        $visibility enum $name {
            $($(#[$variant_attribute])* $variant,)+
            /// A value that is not listed. Read it through `as_str`.
            #[doc(hidden)]
            __Unknown($crate::value::UnknownValue),
        }

        // A private enum need not use all of it.
        #[allow(dead_code)]
        impl $name {
            /// All listed values, in the order of their declaration.
            $visibility const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The value as it stands on the wire.
            $visibility fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::__Unknown(text) => text.as_str(),
                }
            }

            /// Whether the value is a listed one.
            $visibility fn is_known(&self) -> bool {
                !::core::matches!(self, Self::__Unknown(_))
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    _ => Self::__Unknown($crate::value::UnknownValue::new(text)),
                }
            }
        }

        $crate::__open_enum_traits!($name);
    };
}

/// The traits of an open enum, which all go through its text.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_traits {
    ($name:ident) => {
        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                ::core::result::Result::Ok(Self::from(text))
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(::core::stringify!($name)).field(&self.as_str()).finish()
            }
        }

        impl ::core::cmp::PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl ::core::cmp::Eq for $name {}

        impl ::core::cmp::PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(self.cmp(other))
            }
        }

        impl ::core::cmp::Ord for $name {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl ::core::hash::Hash for $name {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                ::core::hash::Hash::hash(self.as_str(), state);
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::deserialize_text(deserializer)
            }
        }

        impl $crate::json::Decode for $name {
            fn decode(reader: &mut $crate::json::Reader<'_>) -> ::core::result::Result<Self, $crate::json::JsonError> {
                reader.text().map(|text| Self::from(&*text))
            }
        }

        impl $crate::ParamValue for $name {
            fn param(&self) -> $crate::__private::Param<'_> {
                $crate::__private::Param::text(self.as_str())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    crate::open_enum! {
        /// A colour.
        pub(crate) enum Colour {
            /// Like blood.
            Red = "RED",
            /// Like the sea, on a good day.
            DeepBlue = "deep blue",
        }
    }

    #[test]
    fn known_values() {
        assert_eq!(Colour::KNOWN, [Colour::Red, Colour::DeepBlue]);
        for colour in Colour::KNOWN {
            assert!(colour.is_known());
            assert_eq!(Colour::from(colour.as_str()), *colour);
            assert!(matches!(Colour::from(colour.as_str()), Colour::Red | Colour::DeepBlue));
        }
        assert_eq!(format!("{:?} {:>10}", Colour::Red, Colour::DeepBlue), r#"Colour("RED")  deep blue"#);
    }

    #[test]
    fn unknown_values_are_kept() {
        let green: Colour = serde_json::from_str(r#""gr\u0065en""#).unwrap();
        assert!(!green.is_known());
        assert_eq!(green, Colour::from("green".to_owned()));
        assert_eq!(green.as_ref(), "green");
        assert_eq!(serde_json::to_string(&green).unwrap(), r#""green""#);
        assert!("green".parse::<Colour>().unwrap() < Colour::from("grey"));
        assert_eq!(HashSet::from([green.clone(), green, Colour::Red]).len(), 2);
        // Case matters: it is another text.
        assert!(!Colour::from("red").is_known());
    }

    #[test]
    fn only_strings_decode() {
        assert!(serde_json::from_str::<Colour>("null").is_err());
        assert!(serde_json::from_str::<Colour>("1").is_err());
        let value = serde_json::json!("RED");
        assert_eq!(serde_json::from_value::<Colour>(value).unwrap(), Colour::Red);
    }
}
