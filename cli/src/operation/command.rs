//! The commands of a service, as clap sees them.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, Command};
use cloud_billing_catalogue::{Object, Operation, PageStyle, Parameter, Schema, Type};

use super::names;
use crate::flags::{flag, value};
use crate::output::FORMATS;
use crate::service::Service;

/// Headings of help.
const OUTPUT: &str = "Output";
const REQUEST: &str = "Request";
const PAGES: &str = "Pages";

/// The command of a service, with one below it for each operation.
pub(crate) fn service(service: &'static Service) -> Command {
    let Some(catalogue) = service.catalogue() else { return Command::new(service.command) };
    let commands = catalogue.operations.iter().map(|operation| command(service, operation));
    Command::new(service.command)
        .about(format!("Call an operation of {}", catalogue.title))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(commands)
}

/// The command of an operation: a flag for each parameter, and those below. `RESERVED` in `codegen/src/lint/program.rs` refuses
/// parameters that are called as one of these, or as one of all commands.
pub(crate) fn command(service: &'static Service, operation: &'static Operation) -> Command {
    let mut command = Command::new(names::command(operation))
        .about(operation.summary)
        .long_about(about(operation))
        .aliases(names::aliases(operation).filter(|alias| *alias != names::command(operation)))
        .next_help_heading("Parameters")
        .args(operation.parameters.iter().map(|it| parameter(service, it)));
    if let Some(body) = &operation.body {
        command = command.next_help_heading("Body").args(body_flags(&body.schema)).args(whole_body());
    }
    command = command.next_help_heading(OUTPUT).args(output_flags()).next_help_heading(REQUEST).args(request_flags());
    if operation.pagination.is_some() {
        command = command.next_help_heading(PAGES).args(page_flags());
    }
    if !operation.processing.is_empty() {
        command = command.arg(flag("wait").help("Ask again until the result is ready"));
    }
    let has_own = command.get_arguments().any(|arg| arg.get_long() == Some("version"));
    if service.command == "atlas" && !has_own {
        command =
            command.arg(value("version", "DATE").hide(true).help("Version of the API, as the Atlas CLI takes it"));
    }
    command
}

fn about(operation: &Operation) -> String {
    let mut text =
        format!("{}.\n\n{}\n\n{} {}", operation.summary, operation.description, operation.http_method, operation.path);
    let facts = [
        ("Role", operation.role.unwrap_or_default()),
        ("IAM action", operation.iam_action.unwrap_or_default()),
        ("Documentation", operation.link),
        ("Other names", &operation.aliases.join(", ")),
    ];
    for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        text += &format!("\n{name}: {fact}");
    }
    text
}

fn parameter(service: &Service, parameter: &'static Parameter) -> Arg {
    let flag = names::flag(parameter);
    let mut help = parameter.description.to_owned();
    if parameter.required {
        help += &format!(" [required, or {}]", names::variable(service.variables, parameter));
    }
    if let Some(default) = parameter.schema.default {
        help += &format!(" [default of the service: {}]", default.trim_matches('"'));
    }
    let is_own = parameter.name != flag;
    let arg = of_type(Arg::new(parameter.name).long(flag), &parameter.schema).help(help);
    if is_own { arg.alias(parameter.name) } else { arg }
}

/// A flag for values of a schema. Values are checked later, with all that is wrong in one error.
fn of_type(arg: Arg, schema: &Schema) -> Arg {
    match schema.ty {
        Type::Boolean => arg.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("BOOL"),
        Type::List(list) => {
            of_type(arg, list.items).action(ArgAction::Append).value_delimiter(',').num_args(1).require_equals(false)
        }
        Type::Integer(_) | Type::Number(_) => arg.value_name("N").allow_hyphen_values(true),
        Type::Enum(values) => arg.value_name("VALUE").value_parser(Known(values.values)),
        Type::Text(text) => arg.value_name(match text.format {
            "date" => "YYYY-MM-DD",
            "billing-month" => "YYYY-MM",
            "date-time" => "TIME",
            _ => "TEXT",
        }),
        _ => arg.value_name("JSON"),
    }
}

/// Any text; help and completion have the values that are known. Services add values over time.
#[derive(Clone)]
struct Known(&'static [&'static str]);

impl TypedValueParser for Known {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(|value| PossibleValue::new(*value))))
    }
}

/// A flag for each value of the body, dotted where objects are nested.
fn body_flags(schema: &'static Schema) -> Vec<Arg> {
    let Type::Object(object) = schema.ty else { return Vec::new() };
    properties(object, "")
        .into_iter()
        .map(|(path, property)| {
            let flag = path.split('.').map(names::kebab).collect::<Vec<_>>().join(".");
            let help = if property.required {
                format!("{} [required]", property.description)
            } else {
                property.description.to_owned()
            };
            let id = format!("body.{path}");
            let is_own = flag != path;
            let arg = of_type(Arg::new(id).long(flag), &property.schema).help(help);
            if is_own { arg.alias(path) } else { arg }
        })
        .collect()
}

/// The values of a body: their paths and properties.
pub(super) fn properties(
    object: &'static Object,
    prefix: &str,
) -> Vec<(String, &'static cloud_billing_catalogue::Property)> {
    let mut all = Vec::new();
    for property in object.properties.iter().filter(|property| property.schema.read_only.is_none()) {
        let path = format!("{prefix}{}", property.name);
        match property.schema.ty {
            Type::Object(inner) => all.extend(properties(inner, &format!("{path}."))),
            _ => all.push((path, property)),
        }
    }
    all
}

fn whole_body() -> [Arg; 2] {
    [
        value("body", "FILE|-|JSON")
            .alias("file")
            .help("The body: a file, standard input, or JSON; flags take precedence over it"),
        flag("body-template").help("Print a body to fill in, and send nothing"),
    ]
}

fn output_flags() -> [Arg; 5] {
    [
        value("output", "FORMAT")
            .short('o')
            .value_parser(PossibleValuesParser::new(FORMATS))
            .help("How to print the response: json as it came, ndjson a line an item, csv or tsv, table, raw"),
        value("fields", "A,B.C").value_delimiter(',').help("Which fields of the items: columns of csv, tsv and table"),
        value("out", "FILE")
            .aliases(["output-file", "outputFile"])
            .help("Write the output to a file, as a whole or not at all"),
        flag("include").short('i').help("Print status and headers of the response on standard error"),
        value("jq", "FILTER")
            .help("Filter the items, or the body with json and raw, as jq does; raw prints texts without quotes"),
    ]
}

fn request_flags() -> [Arg; 3] {
    [
        flag("dry-run").help("Check and print the request, and send nothing"),
        flag("curl").help("Print the request as a curl command, and send nothing"),
        value("timeout", "SECONDS")
            .value_parser(clap::value_parser!(u64))
            .help("Time for the whole call, retries included"),
    ]
}

fn page_flags() -> [Arg; 4] {
    [
        flag("all").help("Read all pages, and print a line an item"),
        value("max-items", "N")
            .value_parser(clap::value_parser!(u64).range(1..))
            .help("Read pages until there are so many items"),
        value("resume", "TOKEN|@FILE").help("Go on where a resume token stands"),
        value("resume-file", "FILE").help("Keep the resume token in a file while the list is not at its end"),
    ]
}

/// The parameter that leads from page to page.
pub(super) fn page_parameter(style: PageStyle) -> &'static str {
    match style {
        PageStyle::Cursor { token, .. } => token,
        PageStyle::PageNumber { page, .. } => page,
    }
}
