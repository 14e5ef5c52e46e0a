//! Names of commands and flags.

use cloud_billing_catalogue::{Operation, Parameter};

/// A name in kebab case: `listInvoices` and `list_invoices` are `list-invoices`.
pub(crate) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    let mut before = '_';
    for c in name.chars() {
        match c {
            '_' | '-' | '.' | ' ' => {}
            _ => {
                let starts = c.is_ascii_uppercase() && !before.is_ascii_uppercase();
                if !kebab.is_empty() && (starts || matches!(before, '_' | '-' | ' ')) {
                    kebab.push('-');
                }
                kebab.push(c.to_ascii_lowercase());
            }
        }
        before = c;
    }
    kebab
}

/// The command of an operation.
pub(crate) fn command(operation: &Operation) -> String {
    kebab(operation.id)
}

/// The other names of an operation, as the vendors write them.
pub(crate) fn aliases(operation: &Operation) -> impl Iterator<Item = &'static str> {
    [operation.id].into_iter().chain(operation.aliases.iter().copied())
}

/// Whether a name is one of an operation, in whichever spelling.
pub(crate) fn is_of(operation: &Operation, name: &str) -> bool {
    let name = kebab(name);
    aliases(operation).any(|alias| kebab(alias) == name)
}

/// The flag of a parameter.
pub(crate) fn flag(parameter: &Parameter) -> String {
    kebab(parameter.argument)
}

/// The environment variable of a required parameter.
pub(crate) fn variable(prefix: &str, parameter: &Parameter) -> String {
    format!("{prefix}_{}", parameter.argument.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_case() {
        for (name, expected) in [
            ("listInvoices", "list-invoices"),
            ("get_account_usage", "get-account-usage"),
            ("getInvoiceCSV", "get-invoice-csv"),
            ("_start", "start"),
            ("clusterIds", "cluster-ids"),
            ("Accept-Language", "accept-language"),
            ("billingmonth", "billingmonth"),
        ] {
            assert_eq!(kebab(name), expected, "{name}");
        }
    }
}
