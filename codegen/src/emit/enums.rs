//! Enums: one invocation of the runtime's `open_enum!` each.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::documentation;
use crate::model::Enum;

/// The enums as plain items; [`render`](super::render) puts the macro around each, because a printer of Rust does not
/// look into macros.
pub(super) fn all(enums: &BTreeMap<String, Enum>) -> Vec<TokenStream> {
    let item = |(name, entry): (&String, &Enum)| {
        let docs = documentation::lines(&entry.description);
        let name = format_ident!("{name}");
        let values = entry.values.iter().map(|(variant, wire)| {
            let (variant, doc) = (format_ident!("{variant}"), format!(" `{wire}`"));
            quote! { #[doc = #doc] #variant = #wire }
        });
        quote! { #docs pub enum #name { #(#values,)* } }
    };
    enums.iter().map(item).collect()
}
