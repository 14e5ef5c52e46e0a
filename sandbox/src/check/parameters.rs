//! The parameters of a request.

use axum::http::HeaderMap;
use serde_json::Value;

use crate::percent;
use crate::query::Query;
use crate::refusal::{Refusal, Rule};
use crate::schema::{Schema, Violation};
use crate::spec::{Location, Operation, Parameter};

/// Decodes and checks the parameters of the path, and returns their values.
pub(super) fn check_path(operation: &Operation, captures: &[(&str, &str)], found: &mut Vec<Refusal>) -> Vec<String> {
    let mut values = Vec::new();
    for parameter in operation.parameters(Location::Path) {
        let Some((_, raw)) = captures.iter().find(|(name, _)| *name == parameter.name) else { continue };
        match percent::decode(raw, false) {
            Ok(value) => {
                check_value(parameter, &value, found);
                values.push(value);
            }
            Err(problem) => found.push(refusal(Rule::MalformedPath, parameter, problem).at(&parameter.place)),
        }
    }
    values
}

/// Checks the query: every name is declared, none is repeated or missing, and every value fits.
pub(super) fn check_query(operation: &Operation, query: &Query, found: &mut Vec<Refusal>) {
    for name in query.names() {
        if operation.query(name).is_none() {
            let problem = format!("`{}` declares no such parameter", operation.id);
            let refusal = Refusal::new(Rule::UnknownParameter, format!("query parameter `{name}`"), problem);
            found.push(refusal.named(name).at(&operation.place));
        }
    }
    for parameter in operation.parameters(Location::Query) {
        let values = query.values(&parameter.name);
        if values.is_empty() {
            check_presence(parameter, found);
        } else if parameter.schema.is_list() {
            check_list(parameter, &values, found);
        } else if let [value] = values.as_slice() {
            check_value(parameter, value, found);
        } else {
            let problem = format!("has {} values and takes one", values.len());
            found.push(refusal(Rule::RepeatedParameter, parameter, problem).at(&parameter.place));
        }
    }
}

/// Checks the header parameters. Headers that are not declared are ignored.
pub(super) fn check_headers(operation: &Operation, headers: &HeaderMap, found: &mut Vec<Refusal>) {
    for parameter in operation.parameters(Location::Header) {
        let lines: Vec<_> = headers.get_all(&parameter.name).iter().collect();
        match lines.as_slice() {
            [] => check_presence(parameter, found),
            [line] => match line.to_str() {
                Ok(value) => check_value(parameter, value, found),
                Err(_) => {
                    found.push(refusal(Rule::Header("type"), parameter, "is not text".to_owned()).at(&parameter.place));
                }
            },
            more => {
                let problem = format!("has {} values and takes one", more.len());
                found.push(refusal(Rule::RepeatedParameter, parameter, problem).at(&parameter.place));
            }
        }
    }
}

fn check_presence(parameter: &Parameter, found: &mut Vec<Refusal>) {
    if parameter.required {
        let refusal = refusal(Rule::MissingParameter, parameter, "is missing".to_owned());
        found.push(refusal.at(format!("{}/required", parameter.place)));
    }
}

fn check_value(parameter: &Parameter, text: &str, found: &mut Vec<Refusal>) {
    if let Some(value) = read(parameter, &parameter.schema, text, found) {
        extend(parameter, parameter.schema.violations(&value), found);
    }
}

fn check_list(parameter: &Parameter, texts: &[&str], found: &mut Vec<Refusal>) {
    let item = parameter.schema.item();
    let values: Option<Vec<_>> = texts.iter().map(|text| read(parameter, item, text, found)).collect();
    if let Some(values) = values {
        extend(parameter, parameter.schema.violations(&Value::Array(values)), found);
    }
}

fn read(parameter: &Parameter, schema: &Schema, text: &str, found: &mut Vec<Refusal>) -> Option<Value> {
    schema.value_of(text).map_err(|violation| extend(parameter, vec![violation], found)).ok()
}

fn extend(parameter: &Parameter, violations: Vec<Violation>, found: &mut Vec<Refusal>) {
    found.extend(violations.into_iter().map(|violation| {
        let rule = match parameter.location {
            Location::Path => Rule::Path(violation.keyword),
            Location::Query => Rule::Query(violation.keyword),
            Location::Header => Rule::Header(violation.keyword),
        };
        refusal(rule, parameter, violation.problem).at(violation.place)
    }));
}

fn refusal(rule: Rule, parameter: &Parameter, problem: String) -> Refusal {
    Refusal::new(rule, format!("{} parameter `{}`", parameter.location.name(), parameter.name), problem)
        .named(&parameter.name)
}
