//! Documentation of generated items.

use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Method, Operation, Parameter, Style};

/// One `#[doc]` attribute a line of text, with the blank that `///` has.
pub(super) fn lines(text: &str) -> TokenStream {
    let lines = text.trim().lines().map(|line| match escape(line.trim_end()) {
        line if line.is_empty() => line,
        line => format!(" {line}"),
    });
    quote! { #(#[doc = #lines])* }
}

/// Brackets and angle brackets that rustdoc would read as a link or as HTML, outside of code.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for (index, part) in line.split('`').enumerate() {
        if index > 0 {
            escaped.push('`');
        }
        if index % 2 == 1 {
            escaped.push_str(part);
            continue;
        }
        for word in part.split_inclusive(' ') {
            let bare = word.trim_end();
            if bare.starts_with("https://") {
                let url = bare.trim_end_matches(['.', ',', ';', ')']);
                let _ = write!(escaped, "<{url}>{}", &word[url.len()..]);
            } else {
                escaped.push_str(&word.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<").replace('>', "\\>"));
            }
        }
    }
    escaped
}

/// The documentation of a client's method.
pub(super) fn method(operation: &Operation, method: &Method) -> TokenStream {
    let documentation = &operation.documentation;
    let mut text = sentence(&documentation.summary);
    let _ = write!(text, "\n\n{}\n\n", documentation.description.trim());
    if documentation.preview {
        text.push_str("**Preview:** the vendor may change or withdraw this operation at any time.\n\n");
    }
    let _ = writeln!(text, "`{} {}`\n", operation.http_method.to_uppercase(), operation.path);
    for (what, value) in [
        ("Required role", &documentation.role),
        ("IAM action", &documentation.iam_action),
        ("Audit event", &documentation.audit_event),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "- {what}: `{value}`");
        }
    }
    if let Some(pagination) = operation.pagination.as_ref().filter(|_| method.pages) {
        let (style, parameter) = match &pagination.style {
            Style::Cursor { token, .. } => ("cursor", operation.wire(*token)),
            Style::PageNumber { page, .. } => ("number", operation.wire(*page)),
        };
        let _ = writeln!(text, "- Pages: by {style} (`{parameter}`), sized by `{}`", operation.wire(pagination.size));
    }
    if let Some(media_type) = &method.accept {
        let _ = writeln!(text, "- Response: `{media_type}`");
    }
    let statuses = |list: &[u16]| list.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    if !operation.processing.is_empty() {
        let _ = writeln!(text, "- Not ready yet: {}", statuses(&operation.processing));
    }
    let _ = writeln!(text, "- Documented errors: {}", statuses(&operation.error_statuses()));
    let body = lines(&text);
    let link = format!(" - [Vendor's documentation]({})", documentation.link);
    quote! { #body #[doc = #link] }
}

/// The documentation of a builder's setter.
pub(super) fn setter(parameter: &Parameter) -> TokenStream {
    let (place, wire) = (parameter.place.name(), &parameter.wire);
    let text = format!("{}\n\nSent as `{wire}` ({place}).", sentence(&parameter.description));
    lines(&text)
}

/// A text that ends in a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', ':']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rustdoc_would_misread_is_escaped() {
        assert_eq!(escape("a [list] of <things>, `Vec<[T]>`"), "a \\[list\\] of \\<things\\>, `Vec<[T]>`");
        assert_eq!(escape("see https://example.com/a."), "see <https://example.com/a>.");
    }

    #[test]
    fn texts_end_in_a_full_stop_once() {
        assert_eq!(sentence(" A thing "), "A thing.");
        assert_eq!(sentence("Is it?"), "Is it?");
    }

    #[test]
    fn every_line_is_an_attribute() {
        let tokens = lines("one\n\ntwo  ");
        let item: syn::ItemStruct = syn::parse_quote! { #tokens struct S; };
        let texts: Vec<String> = item
            .attrs
            .iter()
            .map(|attribute| match &attribute.meta {
                syn::Meta::NameValue(meta) => quote!(#meta).to_string(),
                _ => String::new(),
            })
            .collect();
        assert_eq!(texts, ["doc = \" one\"", "doc = \"\"", "doc = \" two\""]);
    }
}
