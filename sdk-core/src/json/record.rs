//! The declaration of an object type.

/// Declares which key of the JSON each field of a struct is decoded from.
///
/// The struct implements [`Default`]: a field that the JSON does not have keeps its default. Keys that are not declared are
/// ignored, or kept in the map behind `..`.
///
/// ```
/// use cloud_billing_core::{Decimal, json};
///
/// #[derive(Debug, Default, PartialEq)]
/// struct Tier {
///     price: Option<Decimal>,
///     unit_quantity: Option<String>,
/// }
///
/// cloud_billing_core::record! {
///     Tier {
///         price: "price",
///         unit_quantity: "unitQuantity",
///     }
/// }
///
/// let tier: Tier = json::from_str(r#"{"price": 1.50, "new": [1], "unitQuantity": null}"#)?;
/// assert_eq!(tier, Tier { price: Some("1.50".parse()?), unit_quantity: None });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! record {
    ($type:ty { $($field:ident: $key:literal,)* $(..$extra:ident)? }) => {
        impl $crate::json::Decode for $type {
            fn decode(
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<Self, $crate::json::JsonError> {
                reader.record()
            }

            fn decode_onto(
                list: &mut ::std::vec::Vec<Self>,
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<(), $crate::json::JsonError> {
                reader.record_onto(list)
            }
        }

        impl $crate::json::Record for $type {
            fn keys(&self) -> &'static $crate::json::Keys {
                use ::core::sync::atomic::AtomicU16;

                const TOKENS: &[&str] = &[$(::core::concat!("\"", $key, "\":")),*];
                static BY_LENGTH: [u16; TOKENS.len()] =
                    $crate::json::Keys::by_length([$(::core::concat!("\"", $key, "\":")),*]);
                static NEXT: [AtomicU16; TOKENS.len() + 1] = [const { AtomicU16::new(0) }; TOKENS.len() + 1];
                static KEYS: $crate::json::Keys = $crate::json::Keys::new(TOKENS, &BY_LENGTH, &NEXT);
                &KEYS
            }

            fn field(
                &mut self,
                index: usize,
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<(), $crate::json::JsonError> {
                // Numbers the fields in the order of the keys.
                #[allow(non_camel_case_types, clippy::enum_variant_names)]
                enum Number { $($field),* }
                struct Index;
                #[allow(non_upper_case_globals)]
                impl Index { $(const $field: usize = Number::$field as usize;)* }
                match index {
                    $(Index::$field => reader.field(&mut self.$field),)*
                    _ => reader.skip(),
                }
            }

            $(fn unknown(
                &mut self,
                key: &str,
                reader: &mut $crate::json::Reader<'_>,
            ) -> ::core::result::Result<(), $crate::json::JsonError> {
                reader.entry(&mut self.$extra, key)
            })?
        }
    };
}
