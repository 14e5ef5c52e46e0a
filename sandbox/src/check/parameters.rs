//! The parameters of a request.

use axum::http::HeaderMap;
use cloud_billing_catalogue::{Parameter, Place};
use serde_json::Value;

use crate::percent;
use crate::query::Query;
use crate::refusal::{Refusal, Rule};
use crate::schema::{self, Violation};
use crate::service::Service;
use crate::spec::Operation;

/// Decodes and checks the parameters of the path, and returns their values.
pub(super) fn check_path(
    service: Service,
    operation: &Operation,
    captures: &[(&str, &str)],
    found: &mut Vec<Refusal>,
) -> Vec<String> {
    let mut values = Vec::new();
    for parameter in operation.parameters(Place::Path) {
        let Some((_, raw)) = captures.iter().find(|(name, _)| *name == parameter.name) else { continue };
        match percent::decode(raw, false) {
            Ok(value) => {
                check_value(service, parameter, &value, found);
                values.push(value);
            }
            Err(problem) => {
                found.push(refusal(Rule::MalformedPath, parameter, problem).at(service.place(parameter.pointer)));
            }
        }
    }
    values
}

/// Checks the query: every name is declared, none is repeated or missing, and every value fits.
pub(super) fn check_query(service: Service, operation: &Operation, query: &Query, found: &mut Vec<Refusal>) {
    for name in query.names() {
        if operation.query(name).is_none() {
            let problem = format!("`{}` declares no such parameter", operation.id);
            let refusal = Refusal::new(Rule::UnknownParameter, format!("query parameter `{name}`"), problem);
            found.push(refusal.named(name).at(&operation.place));
        }
    }
    for parameter in operation.parameters(Place::Query) {
        let values = query.values(parameter.name);
        if values.is_empty() {
            check_presence(service, parameter, found);
        } else if schema::is_list(&parameter.schema) {
            check_list(service, parameter, &values, found);
        } else if let [value] = values.as_slice() {
            check_value(service, parameter, value, found);
        } else {
            let problem = format!("has {} values and takes one", values.len());
            found.push(refusal(Rule::RepeatedParameter, parameter, problem).at(service.place(parameter.pointer)));
        }
    }
}

/// Checks the header parameters. Headers that are not declared are ignored.
pub(super) fn check_headers(service: Service, operation: &Operation, headers: &HeaderMap, found: &mut Vec<Refusal>) {
    for parameter in operation.parameters(Place::Header) {
        let lines: Vec<_> = headers.get_all(parameter.name).iter().collect();
        match lines.as_slice() {
            [] => check_presence(service, parameter, found),
            [line] => match line.to_str() {
                Ok(value) => check_value(service, parameter, value, found),
                Err(_) => {
                    found.push(
                        refusal(Rule::Header("type"), parameter, "is not text".to_owned())
                            .at(service.place(parameter.pointer)),
                    );
                }
            },
            more => {
                let problem = format!("has {} values and takes one", more.len());
                found.push(refusal(Rule::RepeatedParameter, parameter, problem).at(service.place(parameter.pointer)));
            }
        }
    }
}

fn check_presence(service: Service, parameter: &Parameter, found: &mut Vec<Refusal>) {
    if parameter.required {
        let refusal = refusal(Rule::MissingParameter, parameter, "is missing".to_owned());
        found.push(refusal.at(service.place(&format!("{}/required", parameter.pointer))));
    }
}

fn check_value(service: Service, parameter: &Parameter, text: &str, found: &mut Vec<Refusal>) {
    let violations = match schema::value_of(&parameter.schema, text) {
        Ok(value) => schema::violations(&parameter.schema, &value),
        Err(violation) => vec![violation],
    };
    extend(service, parameter, violations, found);
}

fn check_list(service: Service, parameter: &Parameter, texts: &[&str], found: &mut Vec<Refusal>) {
    let (values, violations): (Vec<_>, Vec<_>) =
        texts.iter().map(|text| schema::value_of(&parameter.schema, text)).partition(Result::is_ok);
    let violations: Vec<_> = violations.into_iter().filter_map(Result::err).collect();
    if violations.is_empty() {
        let list = Value::Array(values.into_iter().filter_map(Result::ok).collect());
        extend(service, parameter, schema::violations(&parameter.schema, &list), found);
    } else {
        extend(service, parameter, violations, found);
    }
}

fn extend(service: Service, parameter: &Parameter, violations: Vec<Violation>, found: &mut Vec<Refusal>) {
    found.extend(violations.into_iter().map(|violation| {
        let rule = match parameter.place {
            Place::Path => Rule::Path(violation.keyword),
            Place::Query => Rule::Query(violation.keyword),
            Place::Header => Rule::Header(violation.keyword),
        };
        refusal(rule, parameter, violation.problem).at(service.place(&violation.pointer))
    }));
}

fn refusal(rule: Rule, parameter: &Parameter, problem: String) -> Refusal {
    Refusal::new(rule, format!("{} parameter `{}`", parameter.place.name(), parameter.name), problem)
        .named(parameter.name)
}
