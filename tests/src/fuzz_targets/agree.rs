//! The decoder of JSON beside serde_json: both accept a text with the same value, or both refuse it, but for a list of
//! [`DIFFERENCES`].

use std::any::type_name;
use std::fmt::Debug;

use cloud_billing_core::json::{self, Decode, JsonError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::Side::{Decoder, Serde};

/// What a client puts in the place of a byte that is not UTF-8.
pub(super) const NOT_UTF8: char = '\u{1a}';

/// An input, as the bytes of a body that serde_json reads, and as the text that a client makes of them.
pub(super) struct Input {
    pub(super) bytes: Vec<u8>,
    pub(super) text: String,
}

impl Input {
    pub(super) fn new(data: &[u8]) -> Self {
        // The control character itself is as wrong as such a byte, but only the decoder takes it for one.
        let bytes: Vec<u8> = data.iter().map(|byte| if char::from(*byte) == NOT_UTF8 { 0xff } else { *byte }).collect();
        let mut text = String::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|_| NOT_UTF8));
        }
        Self { bytes, text }
    }
}

/// The one that refuses what the other one accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Decoder,
    Serde,
}

/// A difference that is meant to be.
struct Difference {
    refuses: Side,
    /// Part of its message.
    says: &'static str,
    /// What the text must have.
    if_text: fn(&str) -> bool,
}

/// For serde_json, an object with this key stands for the JSON in the key's text. The decoder takes it as any other key.
const KEPT_TEXT: &str = "$serde_json::private::RawValue";

/// All other differences between the decoder and serde's derive with serde_json.
const DIFFERENCES: &[Difference] = &[
    // Serde's derive reads a list as the fields of a struct in their order; no service writes that.
    Difference { refuses: Decoder, says: "expected an object, found a list", if_text: |text| text.contains('[') },
    // Of a key that a map has twice, serde keeps the last value.
    Difference {
        refuses: Decoder,
        says: "the object has this field twice",
        if_text: |text| text.matches(':').count() > 1,
    },
    // A value may take 8 times its text and 1 MiB; serde_json knows no limit.
    Difference { refuses: Decoder, says: "bytes of memory", if_text: |text| text.len() > 1024 },
    // A field that was `null` may come again, since `null` is the same as no field.
    Difference { refuses: Serde, says: "duplicate field", if_text: |text| text.contains("null") },
    // Serde_json refuses level 128; the decoder refuses level 129.
    Difference {
        refuses: Serde,
        says: "recursion limit exceeded",
        if_text: |text| text.matches(['[', '{']).count() >= 128,
    },
    // An integer may be written `42.0` or `1e2`.
    Difference {
        refuses: Serde,
        says: "invalid type: floating point",
        if_text: |text| text.contains(['.', 'e', 'E']) || text.contains("-0"),
    },
    // A byte that is not UTF-8 does no harm in a text that is skipped, after a backslash either.
    Difference { refuses: Serde, says: "invalid escape", if_text: |text| text.contains("\\\u{1a}") },
    // A text that is skipped within a `Lenient` may have such a byte; serde_json first keeps all of it as text.
    Difference { refuses: Serde, says: "invalid unicode code point", if_text: |text| text.contains(NOT_UTF8) },
];

fn is_meant(refuses: Side, error: &str, text: &str) -> bool {
    let mut of_this_side = DIFFERENCES.iter().filter(|meant| meant.refuses == refuses);
    of_this_side.any(|meant| error.contains(meant.says) && (meant.if_text)(text))
}

/// Decodes an input with both.
pub(super) fn agree<T: Decode + DeserializeOwned + Serialize + PartialEq + Debug>(input: &Input) {
    let (text, name) = (&*input.text, type_name::<T>());
    let decoded = json::from_str::<T>(text);
    let derived = serde_json::from_slice::<T>(&input.bytes);
    match &derived {
        _ if decoded.as_ref().is_ok_and(|value| written(value).contains(KEPT_TEXT)) => {}
        Ok(derived) => match &decoded {
            Ok(value) => {
                assert_eq!(value, derived, "{name}");
                assert_eq!(written(value), written(derived), "{name}");
            }
            Err(error) => assert!(is_meant(Decoder, &error.to_string(), text), "{name}: {error:?}, not {derived:?}"),
        },
        Err(error) => {
            let meant = decoded.is_err() || is_meant(Serde, &error.to_string(), text);
            assert!(meant, "{name}: {error}, not {decoded:?}");
        }
    }
    match decoded {
        Ok(value) => stays(&value, text),
        Err(error) => has_its_place(&error, text),
    }
}

/// What was decoded is the same after it was written and decoded again, and has no byte that is not UTF-8.
fn stays<T: Decode + Serialize>(value: &T, text: &str) {
    let first = written(value);
    let again: T = json::from_str(&first).expect("what was written can be decoded");
    assert_eq!(written(&again), first, "{}", type_name::<T>());
    assert!(!first.contains("\\u001a") || text.contains('\\'), "{first:?}");
}

pub(super) fn written<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("what was decoded can be written")
}

/// The place of an error lies within its text, and finding the path to it never panics.
pub(super) fn has_its_place(error: &JsonError, text: &str) {
    assert!(text.is_char_boundary(error.offset()), "{error}");
    assert!(error.to_string().len() < 500, "{error}");
    // Each level of a path takes at least two bytes of the text, and at most 23 as the index of a list.
    assert!(error.path(text).is_none_or(|path| path.len() <= 12 * text.len()), "{error}");
    // The text is given anew, so it can be another one.
    let _ = (error.path(""), error.path(&text[..error.offset()]), error.path("[{\"a\":["));
}

/// A type that has no decoder, because it is only sent, is the same after it was written and read again.
pub(super) fn round_trip<T: DeserializeOwned + Serialize>(input: &Input) {
    let Ok(value) = serde_json::from_slice::<T>(&input.bytes) else { return };
    let text = written(&value);
    let again: T = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(written(&again), text, "{}", type_name::<T>());
}
