//! The vendors' own lines, brought into the form of this program before the arguments are parsed.

use std::ffi::OsString;

use clap::Arg;
use cloud_billing_catalogue::Operation;

use crate::commands;
use crate::generated::SERVICES;
use crate::operation::names;
use crate::service::Service;

/// Whether errors are wanted as JSON: `-o json` or `ndjson`.
pub(crate) fn wants_json(arguments: &[OsString]) -> bool {
    let is_json = |text: &str| matches!(text, "json" | "ndjson");
    let mut words = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).peekable();
    while let Some(word) = words.next() {
        let value = match word {
            "-o" | "--output" => words.peek().copied(),
            _ => word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o=")).or(word.strip_prefix("-o")),
        };
        if value.is_some_and(is_json) {
            return true;
        }
    }
    false
}

/// When colours are wanted: the value of `--color`. It is read here since it counts for help too, which ends the
/// parsing.
pub(crate) fn colour(arguments: &[OsString]) -> Option<&str> {
    let words: Vec<&str> = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    let own = words.iter().find_map(|word| word.strip_prefix("--color="));
    own.or_else(|| words.windows(2).find(|pair| pair[0] == "--color").map(|pair| pair[1]))
}

/// The arguments, with the command of an operation as this program writes it.
///
/// | line | becomes |
/// |---|---|
/// | `api invoices listInvoices`, `atlas api invoices listInvoices` | `atlas list-invoices` |
/// | `api ibm get_account_usage` | `ibm get-account-usage` |
/// | `atlas invoices list` | `atlas list-invoices` |
/// | `atlas downloadInvoiceCsv` | `atlas get-invoice-csv` |
pub(crate) fn normal(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let first = command(&arguments);
    let words =
        arguments.iter().skip(first).map_while(|argument| argument.to_str().filter(|text| !text.starts_with('-')));
    let words: Vec<String> = words.map(str::to_owned).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some((taken, service, operation)) = found(&words) {
        let command = [service.command.into(), names::command(operation).into()];
        arguments.splice(first..first + taken, command);
    }
    arguments
}

/// Where the command stands: behind the flags of all commands, and the values of those that take one.
pub(crate) fn command(arguments: &[OsString]) -> usize {
    let flags = commands::flags();
    let takes_value = |arg: &&Arg| arg.get_action().takes_values();
    let long = |name: &str| flags.iter().filter(takes_value).any(|arg| arg.get_long() == Some(name));
    let short = |name: char| flags.iter().filter(takes_value).any(|arg| arg.get_short() == Some(name));
    let mut at = 1;
    while let Some(flag) = arguments.get(at).and_then(|it| it.to_str()).and_then(|text| text.strip_prefix('-')) {
        // Of short flags in one word, the first that takes a value takes the rest of the word.
        let has_next = match flag.strip_prefix('-') {
            Some(name) => long(name),
            None => flag.find(short).is_some_and(|place| place + 1 == flag.len()),
        };
        at += if has_next { 2 } else { 1 };
    }
    at
}

/// The operation that the words name, and how many words it takes.
fn found(words: &[&str]) -> Option<(usize, &'static Service, &'static Operation)> {
    match *words {
        ["api", place, id, ..] => {
            let service = Service::of_command(place).into_iter();
            let (service, operation) = service.chain(SERVICES).find_map(|service| named(service, id))?;
            Some((3, service, operation))
        }
        [command, "api", _, id, ..] => {
            named(Service::of_command(command)?, id).map(|(service, operation)| (4, service, operation))
        }
        [command, name, ref rest @ ..] => {
            let service = Service::of_command(command)?;
            let joined = || named(service, &format!("{}-{name}", rest.first()?)).map(|found| (3, found));
            let (taken, (service, operation)) = named(service, name).map(|found| (2, found)).or_else(joined)?;
            Some((taken, service, operation))
        }
        _ => None,
    }
}

/// The operation of a service with a name, in whichever spelling.
fn named(service: &'static Service, name: &str) -> Option<(&'static Service, &'static Operation)> {
    Some((service, service.named(name)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        let arguments = normal(text.split(' ').map(OsString::from).collect());
        arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_of_vendors() {
        for (given, expected) in [
            ("cloudbill atlas api invoices listInvoices --orgId X", "cloudbill atlas list-invoices --orgId X"),
            ("cloudbill api invoices listOrgInvoices --orgId X", "cloudbill atlas list-invoices --orgId X"),
            ("cloudbill api ibm get_account_usage", "cloudbill ibm get-account-usage"),
            ("cloudbill atlas invoices list", "cloudbill atlas list-invoices"),
            ("cloudbill -P x atlas api invoices listInvoices", "cloudbill -P x atlas list-invoices"),
            ("cloudbill -qP x --color never atlas invoices list", "cloudbill -qP x --color never atlas list-invoices"),
            ("cloudbill -PxP --color=never atlas invoices list", "cloudbill -PxP --color=never atlas list-invoices"),
            ("cloudbill -P atlas invoices list", "cloudbill -P atlas invoices list"),
            ("cloudbill --profile", "cloudbill --profile"),
            ("cloudbill --sandbox atlas downloadInvoiceCsv", "cloudbill --sandbox atlas get-invoice-csv"),
            ("cloudbill atlas list-invoices --org-id X", "cloudbill atlas list-invoices --org-id X"),
            ("cloudbill atlas nothing such", "cloudbill atlas nothing such"),
            ("cloudbill", "cloudbill"),
        ] {
            assert_eq!(line(given), expected);
        }
    }

    #[test]
    fn json_errors() {
        let wants = |text: &str| wants_json(&text.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(wants("cloudbill x -o json") && wants("cloudbill x --output=ndjson") && wants("cloudbill -ojson"));
        assert!(!wants("cloudbill x -o csv") && !wants("cloudbill json"));
    }
}
