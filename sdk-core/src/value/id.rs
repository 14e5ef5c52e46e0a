//! Ids: texts that name one thing of the service, each kind a type of its own.

use std::fmt;

/// A text is not an id. `Display` says of which type, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIdError {
    /// Name of the type.
    name: &'static str,
    /// Fit for a message.
    why: String,
}

impl ParseIdError {
    pub(crate) fn new(name: &'static str, why: String) -> Self {
        Self { name, why }
    }
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id of the type {}: {}", self.name, self.why)
    }
}

impl std::error::Error for ParseIdError {}

/// Makes a struct around a `Box<str>` an id, with the constraints that its values have.
///
/// An id is made by `new` or by `parse()`, or decoded. It becomes no other id and no `String` by itself, and text becomes
/// no id: where an id is wanted, another one and plain text do not compile.
///
/// ```
/// use cloud_billing_core::Constraint;
///
/// /// The id of an invoice.
/// #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub struct InvoiceId(Box<str>);
///
/// cloud_billing_core::id! { InvoiceId, &[Constraint::Length { min: 3, max: 24 }] }
///
/// /// The id of an organization.
/// #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// pub struct OrganizationId(Box<str>);
///
/// cloud_billing_core::id! { OrganizationId, &[] }
///
/// fn get(organization: impl Into<OrganizationId>, invoice: impl Into<InvoiceId>) -> String {
///     format!("/{}/{}", organization.into(), invoice.into())
/// }
///
/// let invoice: InvoiceId = "abc".parse()?;
/// assert_eq!(get(OrganizationId::new("org"), &invoice), "/org/abc");
///
/// // `parse` checks the constraints; `new` takes what it is given.
/// let error = "x".parse::<InvoiceId>().unwrap_err();
/// assert_eq!(error.to_string(), "not an id of the type InvoiceId: it must have 3 to 24 characters, found \"x\"");
/// assert_eq!(InvoiceId::new("x").as_str(), "x");
/// # Ok::<(), cloud_billing_core::value::ParseIdError>(())
/// ```
///
/// The struct gets `new` and `as_str`, and implements `Debug`, `Display`, `Deref` to `str`, `AsRef<str>`, `Borrow<str>`,
/// `From<&Self>`, `FromStr`, `Serialize`, `Deserialize`, [`Decode`](crate::json::Decode) and
/// [`ParamValue`](crate::ParamValue). It has to derive `Clone`, `Eq`, `Ord` and `Hash`, which then go by the text, as those of
/// `str` do.
#[macro_export]
macro_rules! id {
    ($name:ident, $rules:expr) => {
        // A private id need not use all of it.
        #[allow(dead_code, unreachable_pub)]
        impl $name {
            /// The id as it is, unchecked. The documented constraints are checked before a request is sent.
            #[must_use]
            pub fn new(id: impl ::core::convert::Into<::std::string::String>) -> Self {
                Self(id.into().into_boxed_str())
            }

            /// The id as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::value::ParseIdError;

            /// Checks the documented constraints, and that the text is neither empty nor has blanks around it.
            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                $crate::__private::check_id(::core::stringify!($name), text, $rules)?;
                ::core::result::Result::Ok(Self(text.into()))
            }
        }

        impl ::core::convert::From<&$name> for $name {
            fn from(id: &$name) -> Self {
                ::core::clone::Clone::clone(id)
            }
        }

        // So that `as_deref()` and the methods of `str` read it. What takes an id takes no `str`.
        impl ::core::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(::core::stringify!($name)).field(&self.0).finish()
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }

        impl $crate::json::Decode for $name {
            fn decode(reader: &mut $crate::json::Reader<'_>) -> ::core::result::Result<Self, $crate::json::JsonError> {
                let text = <::std::string::String as $crate::json::Decode>::decode(reader)?;
                ::core::result::Result::Ok(Self(text.into_boxed_str()))
            }
        }

        impl $crate::ParamValue for $name {
            fn param(&self) -> $crate::__private::Param<'_> {
                $crate::__private::Param::text(&self.0)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use crate::check::{Constraint, ParamValue};
    use crate::json;

    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
    struct HexId(Box<str>);

    crate::id! { HexId, &[Constraint::Chars { class: &[('a', 'f'), ('0', '9')], min: 4, max: 4, anchored: true }] }

    #[test]
    fn parse_checks_and_new_does_not() {
        assert_eq!("12ab".parse(), Ok(HexId::new("12ab")));
        assert_eq!(HexId::new(String::from("not hex")).as_str(), "not hex");
        let refused = |text: &str| text.parse::<HexId>().unwrap_err().to_string();
        assert_eq!(refused(""), "not an id of the type HexId: the text is empty");
        assert_eq!(refused("12xy"), "not an id of the type HexId: it must match ^[a-f0-9]{4}$, found \"12xy\"");
        for text in [" 12ab", "12ab\n", "12\u{1b}ab"] {
            let message = refused(text);
            assert!(message.ends_with("has blanks around it or control characters"), "{message}");
            assert!(!message.contains(char::is_control), "{message:?}");
        }
        assert!(refused(&"y".repeat(1000)).len() < 200);
    }

    #[test]
    fn it_is_its_text_to_json_and_to_readers() {
        let id: HexId = json::from_str(r#""1\u0032ab""#).unwrap();
        assert_eq!(Some(id.clone()).as_deref(), Some("12ab"));
        assert_eq!(id, serde_json::from_str(r#""12ab""#).unwrap());
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""12ab""#);
        assert_eq!(format!("{id} {id:?} {id:>6}"), r#"12ab HexId("12ab")   12ab"#);
        assert_eq!(format!("{:?}", id.param()), format!("{:?}", "12ab".param()));
        // What a service sends is taken as it is.
        assert_eq!(json::from_str::<HexId>(r#""""#).unwrap().as_str(), "");
        assert!(json::from_str::<HexId>("12").is_err() && serde_json::from_str::<HexId>("12").is_err());
    }

    #[test]
    fn it_is_found_by_its_text() {
        let id = HexId::new("12ab");
        assert_eq!(BTreeMap::from([(id.clone(), 1)]).get("12ab"), Some(&1));
        assert!(HashSet::from([HexId::from(&id)]).contains("12ab"));
        assert!(HexId::new("1") < id);
    }
}
