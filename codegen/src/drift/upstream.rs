//! The vendor's document: JSON or YAML of any size, read leniently. Only the compared parts are checked.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

use crate::node::text_of;

/// A deeper document is no OpenAPI document. The readers below stop there as well, but the one for YAML only after it
/// has looked at each `[` once for every one before it: 200 kB of them took 42 s.
const MAX_DEPTH: usize = 127;

/// Reads the text. The error names the fault and its place.
pub(super) fn read(file: &str, text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{FEFF}');
    let root = if text.trim_start().starts_with('{') { json(file, text) } else { yaml(file, text) }?;
    let Value::Object(map) = &root else {
        return Err(format!("{file} is not an OpenAPI document: it holds {}, not a map", kind(&root)));
    };
    match (map.get("openapi"), map.get("swagger")) {
        (Some(version), _) if text_of(version).starts_with("3.") => {}
        (Some(version), _) => {
            return Err(format!("{file} is OpenAPI {}; only 3.0 and 3.1 are understood", text_of(version)));
        }
        (None, Some(version)) => {
            let version = text_of(version);
            return Err(format!("{file} is Swagger {version}; convert it to OpenAPI 3 first"));
        }
        (None, None) => return Err(format!("{file} is not an OpenAPI document: it has no `openapi` key")),
    }
    if !map.get("paths").is_some_and(Value::is_object) {
        return Err(format!("{file} has no operation: `paths` is missing, or is not a map"));
    }
    Ok(root)
}

fn json(file: &str, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{file} is not JSON: {error}"))
}

/// YAML by way of its own values: keys may be numbers there (`200:`), which JSON writes as text.
fn yaml(file: &str, text: &str) -> Result<Value, String> {
    if let Some(line) = too_deep(text) {
        return Err(format!(
            "{file} is not an OpenAPI document: line {line} is more than {MAX_DEPTH} levels deep; give the vendor's own \
             document, as it is published"
        ));
    }
    let value: serde_yaml::Value =
        serde_yaml::from_str(text).map_err(|error| format!("{file} is not YAML: {error}"))?;
    Ok(as_json(value))
}

/// The line in which YAML is nested too deeply. A text that is no YAML is left to the reader.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            // It looks ahead in lists and maps in brackets, and has a limit of its own there.
            Err(error) => return error.info().contains("recursion limit").then(|| error.marker().line()),
        };
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Some(span.start.line());
        }
    }
    None
}

fn as_json(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_u64().map(Value::from))
            .or_else(|| number.as_f64().and_then(serde_json::Number::from_f64).map(Value::Number))
            .unwrap_or_else(|| Value::String(number.to_string())),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(list) => Value::Array(list.into_iter().map(as_json).collect()),
        Yaml::Mapping(map) => {
            let members = map.into_iter().filter_map(|(key, value)| {
                let key = match as_json(key) {
                    Value::String(key) => key,
                    Value::Array(_) | Value::Object(_) => return None,
                    other => other.to_string(),
                };
                Some((key, as_json(value)))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => as_json(tagged.value),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn both_notations_and_number_keys() {
        let yaml = "openapi: 3.0.1\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: x}\n";
        let json = r#"{"openapi":"3.0.1","paths":{"/a":{"get":{"responses":{"200":{"description":"x"}}}}}}"#;
        assert_eq!(read("a.yaml", yaml), read("a.json", json));
        assert!(read("a.json", &format!("\u{FEFF}{json}")).is_ok());
        assert!(read("a.yaml", "openapi: 3.1.0\npaths: {}\n").is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, expected) in [
            ("", "it holds nothing"),
            ("[]", "it holds a list"),
            ("{\"openapi\": \"3.0.1\",", "is not JSON"),
            ("openapi: [", "is not YAML"),
            ("a: 1\n\tb: 2\n", "is not YAML"),
            ("swagger: '2.0'\npaths: {}\n", "is Swagger 2.0"),
            ("openapi: 4.0.0\npaths: {}\n", "only 3.0 and 3.1"),
            ("info: {}\n", "no `openapi` key"),
            ("openapi: 3.0.0\n", "`paths` is missing"),
            ("openapi: 3.0.0\npaths: []\n", "`paths` is missing, or is not a map"),
            (&format!("openapi: 3.0.0\na: {}", "[".repeat(200_000)), "line 2 is more than 127 levels deep"),
            (&format!("openapi: 3.0.0\na: {}", "{a: ".repeat(50_000)), "line 2 is more than 127 levels deep"),
            (&"- ".repeat(100_000), "line 1 is more than 127 levels deep"),
            (&format!("openapi: 3.0.0\na: {}1{}", "[".repeat(126), "]".repeat(126)), "`paths` is missing"),
            (&format!("{{\"openapi\": {}", "[".repeat(100_000)), "is not JSON"),
        ] {
            let error = read("up.yaml", text).expect_err(expected);
            assert!(error.contains(expected) && error.contains("up.yaml"), "{error}");
        }
    }
}
