//! Readable paths: generated code names the types of the prelude and of the runtime by their last segment, and imports
//! what it names.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Path, Type};

/// What generated code may name of the runtime.
const RUNTIME: [&str; 19] = [
    "BillingMonth",
    "ByteStream",
    "Check",
    "Checker",
    "Constraint",
    "Core",
    "Date",
    "Decimal",
    "DecimalText",
    "Dict",
    "EpochMillis",
    "Error",
    "List",
    "Loose",
    "Method",
    "Operation",
    "Request",
    "Response",
    "Timestamp",
];

/// `use` items for what the tokens name: of the runtime, of `types` (a module and the names in it), less the file's own.
pub(super) fn imports<'a>(
    tokens: &TokenStream,
    module: &TokenStream,
    types: impl Iterator<Item = &'a str>,
    own: &[&str],
) -> TokenStream {
    let mut named = BTreeSet::new();
    identifiers(tokens.clone(), &mut named);
    let is_named = |name: &&str| named.contains(*name);
    let list = |names: Vec<&str>, module: &TokenStream| {
        let names: Vec<Ident> = names.iter().map(|name| format_ident!("{name}")).collect();
        (!names.is_empty()).then(|| quote! { use #module::{#(#names),*}; })
    };
    let runtime = list(RUNTIME.into_iter().filter(is_named).collect(), &quote!(::sdk_core));
    let mut others: Vec<&str> = types.filter(is_named).filter(|name| !own.contains(name)).collect();
    others.sort_unstable();
    let others = list(others, module);
    quote! { #runtime #others }
}

/// Every identifier in the tokens.
fn identifiers(tokens: TokenStream, into: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                into.insert(ident.to_string());
            }
            TokenTree::Group(group) => identifiers(group.stream(), into),
            _ => {}
        }
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
        let known = match names.as_slice() {
            ["std", "option", "Option"] | ["std", "string", "String"] | ["std", "vec", "Vec"] => true,
            ["std", "boxed", "Box"] => true,
            ["crate", "types", _] | ["types", _] | ["sdk_core", _] => true,
            _ => false,
        };
        if let (true, Some(last)) = (known, path.segments.last().cloned()) {
            path.leading_colon = None;
            path.segments = std::iter::once(last).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn keeps_what_is_not_known() {
        let long = syn::parse_quote!(::std::option::Option<::std::vec::Vec<crate::types::Link>>);
        assert_eq!(shorten(&long), syn::parse_quote!(Option<Vec<Link>>));
        assert_eq!(shorten(&syn::parse_quote!(::sdk_core::Decimal)), syn::parse_quote!(Decimal));
        let other: syn::Type = syn::parse_quote!(::serde_json::Value);
        assert_eq!(shorten(&other), other);
    }
}
