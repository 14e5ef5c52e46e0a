//! A call of each method with made-up values, as Rust text: what the test of a new client begins with.

use serde_json::Value;
use syn::Type;

use crate::constraint::Constraint;
use crate::emit::{Model, arguments, members};
use crate::harvest::{Output, generic};
use crate::load::Document;
use crate::media;
use crate::pointer::Pointer;
use crate::side::{Constraints, Operation};

/// A call that a service answers with the example of its spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleCall {
    /// The method with its arguments, such as `get_thing("thing_id")`. Types stand below `types::`.
    pub expression: String,
    /// Status of the answer.
    pub status: u16,
    /// Media type of the answer; `None` if it has no body.
    pub media_type: Option<String>,
    /// Body of the answer.
    pub body: String,
    /// Whether the body is decoded as JSON.
    pub json: bool,
}

/// Required values deeper than this are taken for endless.
const DEEPEST: usize = 8;

/// A call of each method, in the order of the spec.
///
/// # Errors
/// Which method cannot be called, and why.
pub(crate) fn calls(model: &Model<'_>, document: &Document) -> Result<Vec<SampleCall>, String> {
    model.side.operations.iter().map(|operation| call(model, document, operation)).collect()
}

fn call(model: &Model<'_>, document: &Document, operation: &Operation) -> Result<SampleCall, String> {
    let lost = || format!("`{}` has no signature", operation.name);
    let signature = model.harvest.signatures.get(&operation.name).ok_or_else(lost)?;
    let none = Constraints::default();
    let values = arguments(operation, signature).into_iter().filter(|argument| argument.required).map(|argument| {
        let constraints = argument.parameter.map_or(&none, |parameter| &parameter.constraints);
        let of = Wanted { name: argument.rust, constraints, depth: 0 };
        let value = if argument.list { list(model, &argument.ty, of) } else { value(model, &argument.ty, of) };
        value.ok_or_else(|| format!("no value can be made up for `{}` of `{}`", argument.rust, operation.name))
    });
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let example = example(document, operation).unwrap_or(&Value::Null);
    let json = matches!(signature.output, Output::Json(_));
    let body = match (&signature.output, example) {
        (Output::Empty, _) => String::new(),
        (Output::Bytes, Value::String(text)) if !operation.accept.as_deref().is_some_and(media::is_json) => {
            text.clone()
        }
        (_, example) => example.to_string(),
    };
    Ok(SampleCall {
        expression: format!("{}({})", operation.name, values.join(", ")),
        status: operation.success.first().copied().unwrap_or(200),
        media_type: operation.accept.clone().filter(|_| !matches!(signature.output, Output::Empty)),
        body,
        json,
    })
}

/// The example of the operation's success response.
fn example<'a>(document: &'a Document, operation: &Operation) -> Option<&'a Value> {
    let status = operation.success.first()?.to_string();
    let at = Pointer::root().join("paths").join(operation.path.as_str()).join(operation.method.as_str());
    let mut response = document.get(&at.join("responses").join(status))?;
    while let Some(target) = response.get("$ref").and_then(Value::as_str) {
        response = document.get(&Pointer::parse(target)?)?;
    }
    response.get("content")?.get(operation.accept.as_deref()?)?.get("example")
}

/// What a value has to be.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    /// Text without a form of its own is this.
    name: &'a str,
    constraints: &'a Constraints,
    depth: usize,
}

fn list(model: &Model<'_>, element: &Type, of: Wanted<'_>) -> Option<String> {
    let least = of.constraints.value.iter().find_map(|constraint| match constraint {
        Constraint::Items { min, .. } => Some(*min),
        _ => None,
    });
    let each = Constraints { value: of.constraints.elements.clone(), elements: Vec::new() };
    let one = value(model, element, Wanted { constraints: &each, ..of })?;
    Some(format!("[{}]", vec![one; least.unwrap_or(1).max(1)].join(", ")))
}

fn value(model: &Model<'_>, ty: &Type, of: Wanted<'_>) -> Option<String> {
    if let Some(element) = generic(ty, "Vec") {
        return list(model, element, of);
    }
    let Type::Path(path) = ty else { return None };
    let name = path.path.segments.last()?.ident.to_string();
    if let Some((_, wire)) = model.side.enums.get(&name).and_then(|entry| entry.values.first()) {
        return Some(format!("{wire:?}"));
    }
    if let (Some(schema), Some(item)) = (model.side.schemas.get(&name), model.harvest.structs.get(&name)) {
        if of.depth == DEEPEST {
            return None;
        }
        let mut required: Vec<_> =
            members(schema, item).into_iter().filter(|member| member.field.required.is_some()).collect();
        required.sort_by_key(|member| member.field.required);
        let values = required.iter().map(|member| {
            let field = member.field;
            value(model, &member.ty, Wanted { name: &field.rust, constraints: &field.constraints, depth: of.depth + 1 })
        });
        return Some(format!("types::{name}::new({})", values.collect::<Option<Vec<_>>>()?.join(", ")));
    }
    Some(match name.as_str() {
        "String" | "Value" => format!("{:?}", text(of)),
        "Secret" => "\"secret\".into()".to_owned(),
        "bool" => "true".to_owned(),
        "i32" | "i64" => integer(of.constraints).to_string(),
        "f64" => "1.5".to_owned(),
        "BTreeMap" => "Default::default()".to_owned(),
        "EpochMillis" => "EpochMillis(1_706_745_600_000)".to_owned(),
        "BillingMonth" => parsed("2024-01"),
        "Date" => parsed("2024-01-31"),
        "Timestamp" => parsed("2024-01-31T12:00:00Z"),
        "Decimal" | "DecimalText" => parsed("1.5"),
        _ => return None,
    })
}

fn parsed(text: &str) -> String {
    format!("{text:?}.parse().unwrap()")
}

/// The least integer that is allowed, or 1.
fn integer(constraints: &Constraints) -> i64 {
    let range = constraints.value.iter().find_map(|constraint| match constraint {
        Constraint::Range { min, max } => Some((min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX))),
        _ => None,
    });
    range.map_or(1, |(min, max)| 1.clamp(min, max.max(min)))
}

/// Text that passes the checks: its name where that will do.
fn text(of: Wanted<'_>) -> String {
    let mut text = of.name.to_owned();
    for constraint in &of.constraints.value {
        match constraint {
            Constraint::Chars { class, min, .. } => {
                let first = class.first().map_or('a', |(low, _)| *low);
                text = first.to_string().repeat((*min).max(1));
            }
            Constraint::Length { min, max } => {
                let filler = text.chars().last().unwrap_or('a');
                while text.chars().count() < *min {
                    text.push(filler);
                }
                text = text.chars().take(max.unwrap_or(usize::MAX)).collect();
            }
            Constraint::Range { .. } | Constraint::Items { .. } => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::Source;

    fn start(text: &str) -> Vec<crate::SampleCall> {
        crate::start(Source { file: "specs/x.yaml", text, command: "x" }).map(|start| start.calls).unwrap_or_default()
    }

    #[test]
    fn values_pass_the_checks_of_the_spec() {
        let calls = start(include_str!("../tests/corpus/good/request_bodies.yaml"));
        assert_eq!(
            calls[0].expression,
            r#"get_thing("thing_id", types::NewThing::new("name", ["a"], "2024-01-31".parse().unwrap()))"#
        );
        assert_eq!((calls[0].status, calls[0].body.as_str(), calls[0].json), (200, r#"{"id":"t1"}"#, true));
        assert_eq!(calls[0].media_type.as_deref(), Some("application/json"));
    }

    #[test]
    fn each_media_type_of_an_operation_is_a_call() {
        let calls = start(include_str!("../tests/corpus/good/media_types.yaml"));
        assert!(calls.len() > 1);
        assert!(calls.iter().any(|call| !call.json && !call.body.starts_with('"')), "{calls:#?}");
    }
}
