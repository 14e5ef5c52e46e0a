//! Ids as structs around their text, each with the declaration that makes it one.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{checks, documentation, imports};
use crate::model::Id;
use crate::naming;

/// The structs with their rules, and the text of the macro after each.
pub(super) fn all(ids: &BTreeMap<String, Id>) -> Vec<(TokenStream, String)> {
    let mut sections: Vec<_> = ids.iter().map(|(name, id)| section(name, id)).collect();
    let items = sections.iter().map(|(items, _)| items);
    let imports = imports::imports(&quote!(#(#items)*), &quote!(super), |_| false);
    sections.insert(0, (imports, String::new()));
    sections
}

fn section(name: &str, id: &Id) -> (TokenStream, String) {
    let (docs, ident) = (documentation::lines(&id.description), format_ident!("{name}"));
    let rules = format_ident!("{}_RULES", naming::constant(name));
    let list = checks::list(&id.constraints);
    let has_rules = !id.constraints.is_empty();
    let constant = has_rules.then(|| quote!(const #rules: &[Constraint] = #list;));
    let items = quote! {
        #docs
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #ident(Box<str>);
        #constant
    };
    let rules = if has_rules { rules.to_string() } else { "&[]".to_owned() };
    (items, format!("::cloud_billing_core::id! {{ {name}, {rules} }}\n"))
}
