//! JSON as no service writes it, but as it may be: fields in any order, blanks anywhere, numbers in all forms.

use fastrand::Rng;

/// An object with its fields in any order.
pub(crate) fn object(rng: &mut Rng, mut fields: Vec<(&str, String)>) -> String {
    rng.shuffle(&mut fields);
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{}\"{key}\"{}:{}{value}", blank(rng), blank(rng), blank(rng)))
        .collect();
    format!("{{{}{}}}", fields.join(","), blank(rng))
}

pub(crate) fn list(rng: &mut Rng, elements: &[String]) -> String {
    let elements: Vec<String> =
        elements.iter().map(|element| format!("{}{element}{}", blank(rng), blank(rng))).collect();
    format!("[{}]", elements.join(","))
}

/// An integer in one of the forms that mean it.
pub(crate) fn integer(rng: &mut Rng, number: i128) -> String {
    match rng.u8(..8) {
        0 => format!("{number}.0"),
        1 => format!("{number}e0"),
        2 if number != 0 => format!("{number}00E-2"),
        _ => number.to_string(),
    }
}

/// A text that needs quotes, escapes and more than ASCII.
pub(crate) fn text(rng: &mut Rng) -> String {
    let parts = ["a", "B 2", "\\\"", "\\\\", ",", "\\n", "{", "]", "\u{e4}", "\\u00fc", "\u{1f4b0}", "null"];
    let text: String = (0..rng.usize(1..5)).map(|_| parts[rng.usize(..parts.len())]).collect();
    format!("\"{text}\"")
}

/// A value that no type knows.
pub(crate) fn anything(rng: &mut Rng) -> String {
    let texts = ["null", "true", "[1, {\"a\": []}]", "{\"lineItems\": [{\"totalPriceCents\": 7}]}", "1e-400", "\"\""];
    texts[rng.usize(..texts.len())].to_owned()
}

fn blank(rng: &mut Rng) -> &'static str {
    match rng.u8(..12) {
        0 => " ",
        1 => "\n\t",
        2 => "\r\n  ",
        _ => "",
    }
}
