//! Readable paths: generated code names the types of the prelude and of the runtime by their last segment, and imports
//! what it names.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Path, Type};

/// What generated code may name of the runtime.
const RUNTIME: [&str; 20] = [
    "BillingMonth",
    "ByteStream",
    "Check",
    "Checker",
    "Constraint",
    "Core",
    "Date",
    "Decimal",
    "DecimalText",
    "NullableMap",
    "EpochMillis",
    "Error",
    "NullableVec",
    "Lenient",
    "Method",
    "Operation",
    "Request",
    "Response",
    "Secret",
    "Timestamp",
];

/// `use` items for what the tokens name: of the runtime, and of a module whose names `in_module` tells. Every name of the
/// tokens is looked up, not the other way round: a file names a few of the types, of which a large service has thousands.
pub(super) fn imports(tokens: &TokenStream, module: &TokenStream, in_module: impl Fn(&str) -> bool) -> TokenStream {
    let mut named = BTreeSet::new();
    identifiers(tokens.clone(), &mut named);
    let runtime = import(&quote!(::cloud_billing_core), named.iter().filter(|name| RUNTIME.contains(&name.as_str())));
    let others = import(module, named.iter().filter(|name| in_module(name)));
    quote! { #runtime #others }
}

/// A `use` item for names of a module.
fn import<'a>(module: &TokenStream, names: impl Iterator<Item = &'a String>) -> Option<TokenStream> {
    let names: Vec<Ident> = names.map(|name| format_ident!("{name}")).collect();
    (!names.is_empty()).then(|| quote! { use #module::{#(#names),*}; })
}

/// The identifiers in the tokens that name something in scope: not those behind `::`.
fn identifiers(tokens: TokenStream, into: &mut BTreeSet<String>) {
    let mut in_path = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if !in_path => {
                into.insert(ident.to_string());
            }
            TokenTree::Group(group) => identifiers(group.stream(), into),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                // The second colon of `::` stands alone or is followed by a name at once; a single one never joins.
                in_path = in_path || punct.spacing() == Spacing::Joint;
                continue;
            }
            _ => {}
        }
        in_path = false;
    }
}

/// `::std::option::Option<::std::string::String>` -> `Option<String>`, `crate::types::Link` -> `Link`.
pub(crate) fn shorten(of: &Type) -> Type {
    let mut shortened = of.clone();
    Shorten.visit_type_mut(&mut shortened);
    shortened
}

struct Shorten;

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let known = matches!(
            names.as_slice(),
            ["std", "option", "Option"]
                | ["std", "string", "String"]
                | ["std", "vec", "Vec"]
                | ["std", "boxed", "Box"]
                | ["crate", "types", _]
                | ["types" | "cloud_billing_core", _]
        );
        if let (true, Some(last)) = (known, path.segments.last().cloned()) {
            path.leading_colon = None;
            path.segments = std::iter::once(last).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quote::quote;

    use super::{identifiers, shorten};

    #[test]
    fn names_behind_a_path_are_not_in_scope() {
        let mut names = BTreeSet::new();
        identifiers(quote! { fn f(a: Link) -> Option<Page> { Next::Link(::x::Other, crate::types::Y) } }, &mut names);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["Link", "Next", "Option", "Page", "a", "crate", "f", "fn"]);
    }

    #[test]
    fn keeps_what_is_not_known() {
        let long = syn::parse_quote!(::std::option::Option<::std::vec::Vec<crate::types::Link>>);
        assert_eq!(shorten(&long), syn::parse_quote!(Option<Vec<Link>>));
        assert_eq!(shorten(&syn::parse_quote!(::cloud_billing_core::Decimal)), syn::parse_quote!(Decimal));
        let other: syn::Type = syn::parse_quote!(::serde_json::Value);
        assert_eq!(shorten(&other), other);
    }
}
