//! Wire names -> Rust names.

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::Ident;
use quote::format_ident;

use crate::node::Node;

/// Words that cannot be a Rust identifier (edition 2024, reserved ones included).
const KEYWORDS: [&str; 53] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield",
];

/// What generated code may name of the runtime.
const RUNTIME: &str = "BillingMonth ByteStream Check Checker Constraint Core Date Decimal DecimalText \
    NullableMap EpochMillis Error NullableVec Lenient Method Operation Request Response Secret Timestamp";

/// Whether a name is one of the runtime's that generated code may name.
pub(crate) fn is_of_runtime(name: &str) -> bool {
    RUNTIME.split(' ').any(|known| known == name)
}

/// Whether a word is reserved in Rust.
fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Whether the text can stand as a Rust identifier.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text != "_"
        && !is_keyword(text)
}

/// `statusNames`, `_limit`, `Accept-Language` -> `status_names`, `limit`, `accept_language`.
pub(crate) fn snake(wire: &str) -> String {
    wire.to_snake_case()
}

/// `listInvoices`, `get_org_usage` -> `ListInvoices`, `GetOrgUsage`.
pub(crate) fn pascal(wire: &str) -> String {
    wire.to_pascal_case()
}

/// A name as the command-line program writes it: `listInvoices`, `get_org_usage` -> `list-invoices`, `get-org-usage`.
///
/// `cli/src/operation/names.rs` has the same function. The two share no crate: the program depends on the catalogue alone, which
/// this crate writes. The test `the_page_of_operations_has_the_commands` of the program compares them.
pub(crate) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    let mut before = '_';
    for c in name.chars() {
        if !matches!(c, '_' | '-' | '.' | ' ') {
            let starts = c.is_ascii_uppercase() && !before.is_ascii_uppercase();
            if !kebab.is_empty() && (starts || matches!(before, '_' | '-' | ' ')) {
                kebab.push('-');
            }
            kebab.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    kebab
}

/// The builder of a method: `list_invoices` -> `ListInvoices`.
pub(crate) fn builder(method: &str) -> Ident {
    format_ident!("{}", pascal(method))
}

/// The constant that describes the operation of a method: `list_invoices` -> `LIST_INVOICES`.
pub(crate) fn constant(method: &str) -> Ident {
    format_ident!("{}", method.to_shouty_snake_case())
}

/// The name of a parameter: the one that the spec chooses, or its own in snake case.
pub(crate) fn argument(parameter: &Node<'_>) -> String {
    let own = || snake(parameter.text("name").unwrap_or_default());
    parameter.text("x-sdk-name").map_or_else(own, str::to_owned)
}

/// The field of a property: the name that the spec chooses, or its own in snake case, with an underscore after a
/// keyword.
pub(crate) fn field(wire: &str, property: &Node<'_>) -> String {
    let own = || {
        let name = snake(wire);
        if is_keyword(&name) { name + "_" } else { name }
    };
    property.text("x-sdk-name").map_or_else(own, str::to_owned)
}

/// The variant of an enum value: the one that the spec chooses, or its own.
pub(crate) fn variant(wire: &str, of: &Node<'_>) -> Option<String> {
    let chosen = of.object("x-sdk-enum-names").and_then(|names| names.get(wire)?.as_str());
    chosen.map(str::to_owned).or_else(|| own_variant(wire))
}

/// The variant of a value by its text. A value without a letter or digit of its own has none.
fn own_variant(wire: &str) -> Option<String> {
    let name = wire.to_pascal_case();
    match name.chars().next() {
        None => None,
        Some(first) if first.is_ascii_digit() => Some(format!("V{name}")),
        Some(_) => Some(name).filter(|name| is_identifier(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_services() {
        assert_eq!(snake("_names"), "names");
        assert_eq!(snake("Accept-Language"), "accept_language");
        assert_eq!(snake("unitPriceDollars"), "unit_price_dollars");
        assert_eq!(pascal("get_resource_usage_account"), "GetResourceUsageAccount");
        assert_eq!(constant("get_invoice_as_csv"), "GET_INVOICE_AS_CSV");
        assert_eq!(own_variant("Cloud Manager Standard/Premium").as_deref(), Some("CloudManagerStandardPremium"));
        assert_eq!(own_variant("USAGE_DATES").as_deref(), Some("UsageDates"));
        assert_eq!(own_variant("2xlarge").as_deref(), Some("V2xlarge"));
        assert_eq!(own_variant("///"), None);
        assert_eq!(own_variant("self"), None);
    }
}
