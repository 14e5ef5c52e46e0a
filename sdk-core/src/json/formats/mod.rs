//! Values in the formats of serde.
//!
//! serde has no type for exact numbers. serde_json's reader and writer of text exchange them as JSON text, under a private
//! token; all others get texts, since a float would round and the token is garbage to them. Here is decided who is who.

mod read;
mod write;

use std::any::type_name;

use serde::Serializer;

pub use read::deserialize;
pub(crate) use read::{Given, Hint, float_text, given};
pub(crate) use write::serialize_json;

/// Whether a serializer writes JSON text, and so takes raw JSON. serde_json's serializers of values and of map keys do not, and
/// no serializer around it is known to.
///
/// No trait of serde says this, so it compares names of types. If they ever fail to match, numbers are written as texts.
pub(crate) fn is_json_text<S: Serializer>() -> bool {
    generic::<S>() == generic::<&mut serde_json::Serializer<Vec<u8>>>()
}

/// Whether a deserializer reads from what serde has buffered: a flattened field, an untagged or internally tagged enum. It has
/// numbers that are no texts, and refuses them where a text is asked for, which other formats do not.
///
/// The type is private to serde. If it is ever renamed, numbers that were buffered are errors.
fn is_buffer<D>() -> bool {
    let name = generic::<D>();
    name.ends_with("::ContentDeserializer") || name.ends_with("::ContentRefDeserializer")
}

/// The name of a type without its parameters.
fn generic<T>() -> &'static str {
    type_name::<T>().split('<').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    use crate::value::{Decimal, DecimalText, Lenient};

    /// More digits than a float has.
    const LONG: &str = "0.1234567890123456789012345";

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        price: Decimal,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        row: Row,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Row(Row),
        Number(Decimal),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Row(Row),
        Fields { price: Decimal },
        Variant(External),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", content = "row")]
    enum Adjacent {
        Row(Row),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum External {
        Fields { price: Decimal },
    }

    #[test]
    fn json_text_has_bare_digits_however_it_is_written() {
        let row = || Row { price: number(LONG) };
        let text = format!(r#"{{"price":{LONG}}}"#);
        let mut bytes = Vec::new();
        serde_json::to_writer(&mut bytes, &row()).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), text);
        assert_eq!(serde_json::to_string(&Flat { row: row() }).unwrap(), text);
        assert_eq!(serde_json::to_string(&Untagged::Row(row())).unwrap(), text);
        assert_eq!(serde_json::to_string(&Untagged::Number(number(LONG))).unwrap(), LONG);
        assert_eq!(serde_json::to_string_pretty(&row()).unwrap(), format!("{{\n  \"price\": {LONG}\n}}"));
        let tagged = format!(r#"{{"kind":"Row","price":{LONG}}}"#);
        assert_eq!(serde_json::to_string(&Tagged::Row(row())).unwrap(), tagged);
        let fields = Tagged::Fields { price: number(LONG) };
        assert_eq!(serde_json::to_string(&fields).unwrap(), tagged.replace("Row", "Fields"));
        let adjacent = format!(r#"{{"kind":"Row","row":{text}}}"#);
        assert_eq!(serde_json::to_string(&Adjacent::Row(row())).unwrap(), adjacent);
        assert_eq!(serde_json::value::to_raw_value(&row()).unwrap().get(), text);
    }

    #[test]
    fn json_values_have_texts() {
        assert_eq!(serde_json::to_value(number(LONG)).unwrap(), json!(LONG));
        assert_eq!(json!({ "price": number("42.00") }), json!({ "price": "42.00" }));
        assert_eq!(
            serde_json::to_value(Flat { row: Row { price: number("1.50") } }).unwrap(),
            json!({"price": "1.50"})
        );
        for json in ["1.50", r#""1.50""#] {
            let text: DecimalText = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_value(&text).unwrap(), json!("1.50"));
        }
        // And back.
        assert_eq!(serde_json::from_value::<Decimal>(json!(LONG)).unwrap().to_string(), LONG);
        assert_eq!(serde_json::from_value::<Decimal>(json!(1.5)).unwrap(), number("1.5"));
        assert_eq!(Decimal::deserialize(&json!(42)).unwrap(), number("42"));
    }

    #[test]
    fn keys_of_maps_are_texts() {
        let map = BTreeMap::from([(number("1.50"), DecimalText::new(number("2.50")))]);
        let json = r#"{"1.50":"2.50"}"#;
        assert_eq!(serde_json::to_string(&map).unwrap(), json);
        assert_eq!(serde_json::from_str::<BTreeMap<Decimal, DecimalText>>(json).unwrap(), map);
        let value = serde_json::to_value(&map).unwrap();
        assert_eq!(value, json!({"1.50": "2.50"}));
        assert_eq!(serde_json::from_value::<BTreeMap<Decimal, DecimalText>>(value).unwrap(), map);
        // What serde has buffered is written as text.
        let variant = Tagged::Variant(External::Fields { price: number(LONG) });
        let json = serde_json::to_string(&variant).unwrap();
        assert_eq!(json, format!(r#"{{"kind":"Variant","Fields":{{"price":"{LONG}"}}}}"#));
        assert_eq!(serde_json::from_str::<Tagged>(&json).unwrap(), variant);
    }

    #[test]
    fn what_serde_buffers_is_read() {
        for json in [r#"{"kind":"Row","price":12.50}"#, r#"{"kind":"Row","price":"12.50"}"#] {
            let row = || Row { price: number("12.50") };
            assert_eq!(serde_json::from_str::<Flat>(json).unwrap(), Flat { row: row() });
            assert_eq!(serde_json::from_str::<Untagged>(json).unwrap(), Untagged::Row(row()));
            assert_eq!(serde_json::from_str::<Tagged>(json).unwrap(), Tagged::Row(row()));
        }
        for (json, text) in [
            ("-7", "-7"),
            ("18446744073709551615", "18446744073709551615"),
            ("1e60", "1e60"),
            ("0.0", "0"),
            ("42.0", "42"),
        ] {
            assert_eq!(serde_json::from_str::<Untagged>(json).unwrap(), Untagged::Number(number(text)), "{json}");
        }
        // A text in it has all its digits.
        let flat: Flat = serde_json::from_str(&format!(r#"{{"price":"{LONG}"}}"#)).unwrap();
        assert_eq!(flat.row.price.to_string(), LONG);
    }

    #[test]
    fn a_float_that_may_have_been_rounded_is_refused() {
        for digits in ["0.123456789012345", "999999999999999", "1.23456789012345e-40", "1.23456789012345e60"] {
            let flat: Flat = serde_json::from_str(&format!(r#"{{"price":{digits}}}"#)).unwrap();
            assert_eq!(flat.row.price, number(digits));
        }
        for digits in [LONG, "0.1234567890123456", "123456789012345678901", "4.94e-324"] {
            let error = serde_json::from_str::<Flat>(&format!(r#"{{"price":{digits}}}"#)).unwrap_err().to_string();
            assert!(error.contains("was read as a float") && error.contains("`as_float_lossy`"), "{error}");
        }
    }

    #[test]
    fn numbers_of_arbitrary_precision_are_read() {
        use serde::de::value::{Error, MapDeserializer};

        // As serde_json gives them to serde's buffer with its feature `arbitrary_precision`.
        let entries = [("$serde_json::private::Number", LONG)];
        let given = MapDeserializer::<_, Error>::new(entries.into_iter());
        assert_eq!(Decimal::deserialize(given).unwrap().to_string(), LONG);
    }

    #[test]
    fn a_value_of_any_kind_is_read_from_a_buffer() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Odd {
            #[serde(flatten)]
            map: BTreeMap<String, Lenient<i64>>,
        }

        let json = r#"{"a":1,"b":[true,null,{"x":"\"y"}],"c":"","d":null,"e":1.5}"#;
        let odd: Odd = serde_json::from_str(json).unwrap();
        let texts = ["a", "b", "c", "d", "e"].map(|key| odd.map[key].json_text());
        let expected = [None, Some(r#"[true,null,{"x":"\"y"}]"#), Some(r#""""#), None, Some("1.5")];
        assert_eq!(texts, expected);
        assert_eq!((odd.map["a"].known(), odd.map["d"].is_absent()), (Some(&1), true));
    }

    #[test]
    fn nesting_has_an_end() {
        let mut value = json!(1);
        for _ in 0..200 {
            value = Value::Array(vec![value]);
        }
        // Not serde_json's own way, which gives text.
        let given = serde::de::value::SeqDeserializer::<_, serde_json::Error>::new(std::iter::once(value));
        let error = Lenient::<i64>::deserialize(given).unwrap_err().to_string();
        assert_eq!(error, "nested more than 128 levels deep");
    }
}
