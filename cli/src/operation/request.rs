//! The request of a command: parameters and body from flags, environment and files, all checked.

use clap::ArgMatches;
use cloud_billing_catalogue::rules::{self, Violation};
use cloud_billing_catalogue::{Operation, Parameter, Place, Schema, Type};
use cloud_billing_core::Request;
use serde_json::Value;

use super::{body, command, names};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags;
use crate::output::Output;
use crate::service::Service;

/// A call of an operation, with checked values.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) operation: &'static Operation,
    /// The same, as the client has it: for one media type.
    pub(super) sent: &'static cloud_billing_core::Operation,
    pub(super) values: Vec<(&'static Parameter, Value)>,
    body: Option<String>,
}

impl Call {
    /// Collects and checks what flags, environment and files say.
    pub(super) fn new(
        service: &'static Service,
        operation: &'static Operation,
        matches: &ArgMatches,
        context: &mut Context,
        output: &Output,
    ) -> Result<Self, Failure> {
        let accept = output.media_type();
        let sent = service.operation(operation.id, accept);
        let sent = sent.ok_or_else(|| Failure::new(1, format!("the client has no operation `{}`", operation.id)))?;
        let mut problems = Problems::default();
        let mut values = Vec::new();
        for parameter in operation.parameters {
            let mut texts = texts(service, parameter, matches, context)?;
            if texts.is_empty() && parameter.name == "format" {
                texts.extend(format(parameter, accept));
            }
            if let Some(value) = problems.read(parameter.name, &parameter.schema, &texts) {
                values.push((parameter, value));
            } else if parameter.required && texts.is_empty() {
                let (flag, variable) = (names::flag(parameter), names::variable(service.variables, parameter));
                problems.found.push(format!("--{flag} is missing; give it, or set {variable}"));
            }
        }
        let body = match &operation.body {
            Some(declared) => body::read(&declared.schema, matches, context, &mut problems)?,
            None => None,
        };
        version(operation, accept, matches, context)?;
        problems.check(context)?;
        Ok(Self { operation, sent, values, body })
    }

    /// The value of a parameter.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(parameter, _)| parameter.name == name).map(|(_, value)| value)
    }

    /// The request; for a list, at a page.
    pub(super) fn request(&self, page: Option<&Value>) -> Request {
        let paging = self.operation.pagination.map(|pagination| command::page_parameter(pagination.style));
        let mut request = Request::new(self.sent);
        for parameter in self.operation.parameters {
            let own = self.values.iter().find(|(other, _)| other.name == parameter.name).map(|(_, value)| value);
            let value = if paging == Some(parameter.name) { page.or(own) } else { own };
            if let Some(value) = value {
                add(&mut request, parameter, value);
            }
        }
        if let Some(body) = &self.body {
            request.json_text(body.clone());
        }
        request
    }
}

fn add(request: &mut Request, parameter: &'static Parameter, value: &Value) {
    let name = parameter.name;
    let texts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(text).collect(),
        _ => vec![text(value)],
    };
    match (parameter.place, value) {
        (Place::Path, _) => request.path(name, &texts.join(",")),
        (Place::Header, _) => request.header(name, &texts),
        // As a boolean, it can ask for an envelope.
        (Place::Query, Value::Bool(value)) => request.query(name, value),
        (Place::Query, _) => request.query(name, &texts),
    };
}

/// A value as it is sent.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The value of a parameter `format` that leads to a media type other than JSON.
fn format(parameter: &Parameter, accept: Option<&str>) -> Option<String> {
    let Type::Enum(formats) = parameter.schema.ty else { return None };
    let (_, kind) = accept?.rsplit_once('/').filter(|(_, kind)| *kind != "json")?;
    formats.values.iter().find(|value| **value == kind).map(|value| (*value).to_owned())
}

/// The texts that are given for a parameter: by its flag, or for a required one by the environment or the profile.
fn texts(
    service: &Service,
    parameter: &Parameter,
    matches: &ArgMatches,
    context: &Context,
) -> Result<Vec<String>, Failure> {
    if let Some(values) = matches.get_many::<String>(parameter.name) {
        return Ok(values.cloned().collect());
    }
    if !parameter.required {
        return Ok(Vec::new());
    }
    let variable = context.variable(&names::variable(service.variables, parameter))?;
    let given = match variable {
        // As in the Atlas CLI, the profile has the organization.
        None if service.command == "atlas" && parameter.argument == "org_id" => {
            atlas_billing::config::organization_of_profile(&context.environment)?
        }
        given => given,
    };
    Ok(given.into_iter().collect())
}

/// `--version` of the Atlas CLI: the date must not be before that of the operation, which is sent.
fn version(
    operation: &Operation,
    accept: Option<&str>,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<(), Failure> {
    let Some(asked) = flags::text(matches, "version") else { return Ok(()) };
    let declared = accept.and_then(|accept| accept.split('.').find(|part| part.starts_with("20")));
    let declared = declared.and_then(|part| part.get(..10)).unwrap_or_default();
    if asked < declared {
        let message = format!("--version {asked}: {} exists since version {declared}", operation.id);
        return Err(Failure::usage(message));
    }
    if asked != declared {
        context.note(&format!("note: version {declared} of {} is sent, the last one before {asked}", operation.id));
    }
    Ok(())
}

/// What is wrong with the values.
#[derive(Default)]
pub(super) struct Problems {
    found: Vec<String>,
    /// What may be wrong but is sent: services add values over time.
    notes: Vec<String>,
}

impl Problems {
    /// Reads the texts of one value; `None` without any, or if they do not stand for one.
    pub(super) fn read(&mut self, name: &str, schema: &Schema, texts: &[String]) -> Option<Value> {
        let values: Result<Vec<Value>, Violation> = texts.iter().map(|text| rules::value_of(schema, text)).collect();
        let value = match (values, schema.ty) {
            (Err(violation), _) => {
                self.found.push(format!("{name}: {}", violation.problem));
                return None;
            }
            (Ok(values), _) if values.is_empty() => return None,
            (Ok(values), Type::List(_)) => Value::Array(values),
            (Ok(mut values), _) => values.pop()?,
        };
        self.check_value(name, schema, &value);
        Some(value)
    }

    /// Checks a value against its schema.
    pub(super) fn check_value(&mut self, name: &str, schema: &Schema, value: &Value) {
        for violation in rules::violations(schema, value) {
            let at = match (name, violation.at.as_str()) {
                ("", at) => at.to_owned(),
                (name, "") => name.to_owned(),
                (name, at) if at.starts_with('[') => format!("{name}{at}"),
                (name, at) => format!("{name}.{at}"),
            };
            let list = if violation.keyword == "enum" { &mut self.notes } else { &mut self.found };
            list.push(format!("{at}: {}", violation.problem));
        }
    }

    pub(super) fn add(&mut self, problem: String) {
        self.found.push(problem);
    }

    fn check(self, context: &mut Context) -> Result<(), Failure> {
        for note in &self.notes {
            context.note(&format!("note: {note}"));
        }
        if self.found.is_empty() { Ok(()) } else { Err(Failure::usage(self.found.join("; "))) }
    }
}
