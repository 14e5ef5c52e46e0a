//! The vendors' own lines, brought into the form of this program before the arguments are parsed.

use std::ffi::OsString;

use cloud_billing_catalogue::Operation;

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

/// The arguments, with the command of an operation as this program writes it.
///
/// | line | becomes |
/// |---|---|
/// | `api invoices listInvoices`, `atlas api invoices listInvoices` | `atlas list-invoices` |
/// | `api ibm get_account_usage` | `ibm get-account-usage` |
/// | `atlas invoices list` | `atlas list-invoices` |
/// | `atlas downloadInvoiceCsv` | `atlas get-invoice-csv` |
pub(crate) fn normal(mut arguments: Vec<OsString>) -> Vec<OsString> {
    // Flags of all commands may stand before the command. None of them that takes a value may.
    let words: Vec<String> = arguments
        .iter()
        .skip(1)
        .skip_while(|argument| argument.to_str().is_some_and(|text| text.starts_with('-')))
        .map_while(|argument| argument.to_str().filter(|text| !text.starts_with('-')).map(str::to_owned))
        .collect();
    let first =
        arguments.iter().skip(1).take_while(|it| it.to_str().is_some_and(|text| text.starts_with('-'))).count() + 1;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some((taken, service, operation)) = found(&words) {
        let command = [service.command.into(), names::command(operation).into()];
        arguments.splice(first..first + taken, command);
    }
    arguments
}

/// The operation that words name, and how many of them do.
fn found(words: &[&str]) -> Option<(usize, &'static Service, &'static Operation)> {
    match *words {
        ["api", place, id, ..] => {
            let service = service(place).into_iter();
            let (service, operation) = service.chain(SERVICES).find_map(|service| named(service, id))?;
            Some((3, service, operation))
        }
        [command, "api", _, id, ..] => named(service(command)?, id).map(|(service, operation)| (4, service, operation)),
        [command, name, ..] if let Some(found) = named(service(command)?, name) => Some((2, found.0, found.1)),
        [command, noun, verb, ..] => {
            named(service(command)?, &format!("{verb}-{noun}")).map(|(service, operation)| (3, service, operation))
        }
        _ => None,
    }
}

fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.command == name)
}

/// The operation of a service with a name, in whichever spelling.
fn named(service: &'static Service, name: &str) -> Option<(&'static Service, &'static Operation)> {
    let operations = service.catalogue()?.operations;
    Some((service, operations.iter().find(|operation| names::is_of(operation, name))?))
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
