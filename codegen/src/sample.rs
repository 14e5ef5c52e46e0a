//! A call of each method with made-up values, as Rust text: what the test of a new client begins with.

use serde_json::Value;

use crate::constraint::Constraint;
use crate::emit::{Client, arguments};
use crate::media;
use crate::model::{Constraints, Method, Object, Operation, Output, Property, Type};

/// A call whose response is the example of the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleCall {
    /// The method with its arguments, such as `get_thing("thing_id")`. Types stand below `types::`.
    pub expression: String,
    /// Status of the response.
    pub status: u16,
    /// Media type of the response; `None` if it has no body.
    pub media_type: Option<String>,
    /// Body of the response.
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
pub(crate) fn calls(client: &Client<'_>) -> Result<Vec<SampleCall>, String> {
    client.model.methods().map(|(operation, method)| call(client, operation, method)).collect()
}

fn call(client: &Client<'_>, operation: &Operation, method: &Method) -> Result<SampleCall, String> {
    let none = Constraints::default();
    let required = arguments(operation, &client.types)?.into_iter().filter(|argument| argument.required);
    let values = required.map(|argument| {
        let constraints = argument.parameter.map_or(&none, |parameter| &parameter.constraints);
        let of = Wanted { name: argument.rust, constraints, depth: 0 };
        let value = if argument.list { list(client, argument.of, of) } else { value(client, argument.of, of) };
        value.ok_or_else(|| format!("no value can be made up for `{}` of `{}`", argument.rust, method.name))
    });
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let example = example(operation, method).unwrap_or(&Value::Null);
    let body = match (&method.output, example) {
        (Output::Empty, _) => String::new(),
        (Output::Bytes, Value::String(text)) if !method.accept.as_deref().is_some_and(media::is_json) => text.clone(),
        (_, example) => example.to_string(),
    };
    Ok(SampleCall {
        expression: format!("{}({})", method.name, values.join(", ")),
        status: operation.success.status,
        media_type: method.accept.clone(),
        body,
        json: matches!(method.output, Output::Json(_)),
    })
}

/// The example of a method's success response.
fn example<'a>(operation: &'a Operation, method: &Method) -> Option<&'a Value> {
    let accept = method.accept.as_deref()?;
    operation.success.content.iter().find(|content| content.name == accept)?.example.as_ref()
}

/// What a value has to be.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    /// Text without a form of its own is this.
    name: &'a str,
    constraints: &'a Constraints,
    depth: usize,
}

fn list(client: &Client<'_>, element: &Type, of: Wanted<'_>) -> Option<String> {
    let least = of.constraints.value.iter().find_map(|constraint| match constraint {
        Constraint::Items { min, .. } => Some(*min),
        _ => None,
    });
    let each = Constraints { value: of.constraints.elements.clone(), elements: Vec::new() };
    let one = value(client, element, Wanted { constraints: &each, ..of })?;
    Some(format!("[{}]", vec![one; least.unwrap_or(1).max(1)].join(", ")))
}

/// A list inside a list, which is given as a `Vec`. Literals of text become owned.
fn inner_list(client: &Client<'_>, element: &Type, of: Wanted<'_>) -> Option<String> {
    let one = value(client, element, of)?;
    // The compiler does not infer the type of a value at this depth.
    let one = match element {
        Type::Scalar(format) => one.replace(".parse()", &format!(".parse::<{}>()", format.rust)),
        _ => one,
    };
    Some(if one.starts_with('"') { format!("vec![{one}.into()]") } else { format!("vec![{one}]") })
}

/// A value as Rust code; `None` for one that would be endless.
fn value(client: &Client<'_>, ty: &Type, of: Wanted<'_>) -> Option<String> {
    match ty {
        Type::List(element) => inner_list(client, &element.ty, of),
        Type::Map(_) => Some("Default::default()".to_owned()),
        Type::Any => Some(format!("{:?}", text(of))),
        Type::Enum(name) => client.model.enums.get(name)?.values.first().map(|(_, wire)| format!("{wire:?}")),
        Type::Id(name) => Some(format!("types::{name}::new({:?})", text(of))),
        Type::Object(name) => object(client, name, client.model.objects.get(name)?, of),
        Type::Scalar(format) if !format.sample.is_empty() => Some(format.sample.to_owned()),
        Type::Scalar(format) if format.kind == "integer" => Some(integer(of.constraints).to_string()),
        Type::Scalar(_) => Some(format!("{:?}", text(of))),
    }
}

fn object(client: &Client<'_>, name: &str, object: &Object, of: Wanted<'_>) -> Option<String> {
    if of.depth == DEEPEST {
        return None;
    }
    let mut required: Vec<&Property> = object.properties.iter().filter(|p| p.required.is_some()).collect();
    required.sort_by_key(|property| property.required);
    let values = required.iter().map(|property| {
        let (name, constraints, depth) = (property.rust.as_str(), &property.constraints, of.depth + 1);
        let of = Wanted { name, constraints, depth };
        match &property.schema.ty {
            Type::List(element) => list(client, &element.ty, of),
            ty => value(client, ty, of),
        }
    });
    Some(format!("types::{name}::new({})", values.collect::<Option<Vec<_>>>()?.join(", ")))
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
    use crate::{Source, Spec};

    fn start(text: &str) -> Vec<crate::SampleCall> {
        let spec = Spec::read(Source { file: "specs/x.yaml", text, command: "x" }).unwrap();
        spec.start().unwrap().calls
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
