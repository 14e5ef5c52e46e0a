//! Imports: generated code names types by their last segment.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::naming;

/// `use` items for the names in the tokens: for those of the runtime, and for those that `in_module` says a module has.
/// A file names a few types and a large service has thousands, so the names are looked up among the types, not the
/// reverse.
pub(super) fn imports(tokens: &TokenStream, module: &TokenStream, in_module: impl Fn(&str) -> bool) -> TokenStream {
    let named = named(tokens);
    let runtime = import(&quote!(::cloud_billing_core), named.iter().filter(|name| naming::is_of_runtime(name)));
    let others = import(module, named.iter().filter(|name| in_module(name)));
    quote! { #runtime #others }
}

/// The names in scope that the tokens use.
pub(super) fn named(tokens: &TokenStream) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    identifiers(tokens.clone(), &mut named);
    named
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

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::named;

    #[test]
    fn names_behind_a_path_are_not_in_scope() {
        let names = named(&quote! { fn f(a: Link) -> Option<Page> { Next::Link(::x::Other, crate::types::Y) } });
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["Link", "Next", "Option", "Page", "a", "crate", "f", "fn"]);
    }
}
