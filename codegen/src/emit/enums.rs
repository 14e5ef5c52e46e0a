//! Enums, as plain items. [`render`](super::render) wraps each in the runtime's `open_enum!`.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::documentation;
use crate::model::Enum;

/// The enums as plain items: the formatter does not format the bodies of macros.
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
