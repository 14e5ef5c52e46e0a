//! Constraints as expressions of the runtime's `Constraint`.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::constraint::Constraint;
use crate::model::Constraints;

/// `&[Constraint::..., ...]`: the checks of a value and of its elements in one list. The runtime knows by the kind of a
/// check whether it is about a list or about each of its elements.
pub(super) fn list(constraints: &Constraints) -> TokenStream {
    let all = constraints.value.iter().chain(&constraints.elements).map(one);
    quote! { &[#(#all),*] }
}

fn one(constraint: &Constraint) -> TokenStream {
    let count = |n: usize| Literal::usize_unsuffixed(n);
    let open = |max: &Option<usize>| max.map_or_else(|| quote!(usize::MAX), |max| count(max).to_token_stream());
    let bound = |n: i64| Literal::i64_unsuffixed(n).to_token_stream();
    let counted = |name: &str, min: usize, max: &Option<usize>| {
        let (name, min, max) = (format_ident!("{name}"), count(min), open(max));
        quote! { Constraint::#name { min: #min, max: #max } }
    };
    match constraint {
        Constraint::Chars { class, min, max, anchored, .. } => {
            let ranges = class.iter().map(|(low, high)| quote!((#low, #high)));
            let (min, max) = (count(*min), open(max));
            quote! {
                Constraint::Chars { class: &[#(#ranges),*], min: #min, max: #max, anchored: #anchored }
            }
        }
        Constraint::Length { min, max } => counted("Length", *min, max),
        Constraint::Items { min, max } => counted("Items", *min, max),
        Constraint::Range { min, max } => {
            let min = min.map_or_else(|| quote!(i64::MIN), bound);
            let max = max.map_or_else(|| quote!(i64::MAX), bound);
            quote! { Constraint::Range { min: #min, max: #max } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_ends_are_the_extremes_of_their_types() {
        let constraints = Constraints {
            value: vec![Constraint::Range { min: Some(1), max: None }, Constraint::Items { min: 0, max: Some(2) }],
            elements: vec![Constraint::Length { min: 3, max: None }],
        };
        let expected = quote! {
            &[
                Constraint::Range { min: 1, max: i64::MAX },
                Constraint::Items { min: 0, max: 2 },
                Constraint::Length { min: 3, max: usize::MAX }
            ]
        };
        assert_eq!(list(&constraints).to_string(), expected.to_string());
    }
}
