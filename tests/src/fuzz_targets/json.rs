//! Any JSON: values of all kinds, numbers, and what is skipped.

use std::collections::BTreeMap;

use cloud_billing_core::{Decimal, Lenient, json};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::agree::{Input, agree, has_its_place};

/// An object type without keys: everything in it is skipped.
#[derive(Debug, Default)]
struct Nothing {}

cloud_billing_core::record! {
    Nothing {}
}

/// Any text, with the decoder and with serde_json.
pub fn json(data: &[u8]) {
    let input = Input::new(data);
    agree::<Value>(&input);
    agree::<String>(&input);
    agree::<bool>(&input);
    agree::<f64>(&input);
    agree::<i64>(&input);
    agree::<i32>(&input);
    agree::<u8>(&input);
    agree::<Option<Vec<String>>>(&input);
    agree::<BTreeMap<String, Option<f64>>>(&input);
    agree::<Vec<Lenient<bool>>>(&input);
    agree::<Lenient<Box<Value>>>(&input);
    skipped(data);
    kept(&input);
    decimal(&input);
    formats(&input);
}

/// The decoder skips what serde_json ignores: all that is JSON, however deep, whatever the bytes in its texts are.
fn skipped(data: &[u8]) {
    let Input { bytes, text } = Input::new(&[b"{\"x\":", data, b"}"].concat());
    let skipped = json::from_str::<Nothing>(&text);
    // After a backslash, serde_json does not skip such a byte.
    if !text.contains("\\\u{1a}") {
        let ignored = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(&bytes);
        assert_eq!(skipped.is_ok(), ignored.is_ok(), "{skipped:?}, not {ignored:?}");
    }
    if let Err(error) = skipped {
        has_its_place(&error, &text);
    }
}

/// What does not have its type is kept as serde_json keeps it.
fn kept(input: &Input) {
    let kept = json::from_str::<Lenient<bool>>(&input.text);
    let raw = serde_json::from_slice::<Box<RawValue>>(&input.bytes);
    match (kept, raw) {
        (Ok(kept), Ok(raw)) => match kept.json_text() {
            Some(text) => assert_eq!(text, raw.get()),
            None => assert!(matches!(raw.get(), "true" | "false" | "null"), "{raw}"),
        },
        (kept, raw) => assert!(kept.is_err() && raw.is_err(), "{kept:?}, not {raw:?}"),
    }
}

/// A number of JSON is the decimal of its text, and one in quotes that of the text in them.
fn decimal(input: &Input) {
    let decoded = json::from_str::<Decimal>(&input.text).ok();
    let raw = serde_json::from_slice::<&RawValue>(&input.bytes).ok().map(RawValue::get);
    let text = serde_json::from_slice::<String>(&input.bytes).ok();
    let number = raw.filter(|raw| raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()));
    let parsed = number.or(text.as_deref()).and_then(|text| text.parse::<Decimal>().ok());
    assert_eq!(decoded, parsed);
    // Equal decimals can have different digits, such as 1.0 and 1.00.
    assert_eq!(decoded.map(|number| number.to_string()), parsed.map(|number| number.to_string()));
}

/// What serde has buffered.
#[derive(Deserialize)]
struct Buffered<T> {
    #[serde(flatten)]
    inner: Inner<T>,
}

#[derive(Deserialize)]
struct Inner<T> {
    value: T,
}

/// How many digits a number has, from the first to the last that is not zero.
fn digits(number: &Decimal) -> usize {
    let text = number.to_string();
    let mantissa = text.split('e').next().unwrap_or_default().replace(['-', '.'], "");
    mantissa.trim_matches('0').len()
}

/// Values go through other formats of serde, and stay what they are.
fn formats(input: &Input) {
    let wrapped = format!("{{\"value\":{}}}", input.text);
    if let Ok(number) = json::from_str::<Decimal>(&input.text) {
        let value = serde_json::to_value(&number).expect("a text");
        assert_eq!(serde_json::from_value::<Decimal>(value).ok().as_ref(), Some(&number));
        // Serde's buffer has a float, which has no digits beyond the fifteenth.
        if let Ok(buffered) = serde_json::from_str::<Buffered<Decimal>>(&wrapped) {
            let buffered = buffered.inner.value;
            let same_float = buffered.to_f64() == number.to_f64() && digits(&number) > 15;
            assert!(buffered == number || same_float, "{buffered}, not {number}");
        }
    }
    if let Ok(odd) = json::from_str::<Lenient<bool>>(&input.text) {
        let value = serde_json::to_value(&odd).expect("a value");
        assert!(odd.json_text().is_none() || value.is_string(), "{value}");
        let buffered = serde_json::from_str::<Buffered<Lenient<bool>>>(&wrapped);
        assert_eq!(buffered.ok().and_then(|buffered| buffered.inner.value.known().copied()), odd.known().copied());
    }
}
