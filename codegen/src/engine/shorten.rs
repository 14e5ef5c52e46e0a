//! Short paths: progenitor writes every path in full, generated code names types by their last segment.

use syn::visit_mut::{self, VisitMut};
use syn::{Path, Type};

/// `::std::option::Option<::std::string::String>` -> `Option<String>`, `crate::types::Link` -> `Link`.
pub(super) fn shorten(of: &Type) -> Type {
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
    use super::shorten;

    #[test]
    fn other_paths_stay_as_they_are() {
        let long = syn::parse_quote!(::std::option::Option<::std::vec::Vec<crate::types::Link>>);
        assert_eq!(shorten(&long), syn::parse_quote!(Option<Vec<Link>>));
        assert_eq!(shorten(&syn::parse_quote!(::cloud_billing_core::Decimal)), syn::parse_quote!(Decimal));
        let other: syn::Type = syn::parse_quote!(::serde_json::Value);
        assert_eq!(shorten(&other), other);
    }
}
