//! The body of a request: from a file, and from flags.

use std::io::Read;
use std::path::Path;

use clap::ArgMatches;
use cloud_billing_catalogue::{Schema, Type};
use serde_json::{Map, Value};

use super::command::properties;
use super::request::Problems;
use super::unique;
use crate::context::Context;
use crate::failure::Failure;
use crate::input;

/// The largest body that is read, in bytes.
const LIMIT: u64 = 1024 * 1024;

/// The body as JSON text. A file is sent as it is, unless flags change it.
pub(super) fn read(
    schema: &'static Schema,
    matches: &ArgMatches,
    context: &mut Context,
    problems: &mut Problems,
) -> Result<Option<String>, Failure> {
    let text = matches.get_one::<String>("body").map(|source| load(source, context)).transpose()?;
    for path in text.iter().flat_map(|text| unique::repeated(text)) {
        problems.add(format!("--body: the key `{path}` is there more than once"));
    }
    let mut body = match &text {
        Some(text) => {
            serde_json::from_str(text).map_err(|error| Failure::usage(format!("--body is not JSON: {error}")))?
        }
        None => Value::Object(Map::new()),
    };
    let changed = set_flags(schema, matches, &mut body, problems);
    problems.check_value("", schema, &body);
    Ok(Some(match text {
        Some(text) if !changed => text,
        _ => body.to_string(),
    }))
}

/// Sets the values that flags give. Returns whether there are any.
fn set_flags(schema: &'static Schema, matches: &ArgMatches, body: &mut Value, problems: &mut Problems) -> bool {
    let Type::Object(object) = schema.ty else { return false };
    let mut any = false;
    for (path, property) in properties(object, "") {
        let Some(texts) = matches.get_many::<String>(&format!("body.{path}")) else { continue };
        let texts: Vec<String> = texts.cloned().collect();
        if let Some(value) = problems.read(&path, &property.schema, &texts) {
            any = true;
            if !set(body, &path, value) {
                problems.add(format!("--{path}: the body has something else in its place"));
            }
        }
    }
    any
}

/// Sets the value at a dotted path. Returns whether it could.
fn set(body: &mut Value, path: &str, value: Value) -> bool {
    let mut at = body;
    for name in path.split('.') {
        let Value::Object(members) = at else { return false };
        at = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
    }
    *at = value;
    true
}

/// The text that `--body` names: of a file, of standard input, or itself.
fn load(source: &str, context: &mut Context) -> Result<String, Failure> {
    if source.trim_start().starts_with('{') {
        return Ok(source.to_owned());
    }
    let path = Path::new(source);
    let text = if source == "-" {
        let mut text = String::new();
        let read = context.input.as_mut().take(LIMIT + 1).read_to_string(&mut text);
        read.map_err(|error| Failure::file("read the body from", path, &error))?;
        text
    } else {
        input::refuse_special(path, "the body").map_err(|failure| failure.hint("`-` reads standard input"))?;
        input::read(path, "the body", LIMIT + 1)?
    };
    if u64::try_from(text.len()).is_ok_and(|length| length > LIMIT) {
        return Err(Failure::usage(format!("--body {source} has more than {LIMIT} bytes")));
    }
    Ok(text)
}
