//! Object types: the engine's structs with their attributes written anew.
//!
//! What is received is relaxed: lists and maps may be absent or `null`, integers may be written `42.0`, and the struct is
//! `#[non_exhaustive]`. What is sent has a constructor that takes the required fields, setters for the others, and its
//! checks.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{ItemStruct, LitStr, Type};

use super::{checks, documentation, shorten};
use crate::formats;
use crate::harvest::generic;
use crate::side::{Field, Schema};

/// A field as it is written.
pub(crate) struct Member<'a> {
    pub(crate) field: &'a Field,
    /// The type in the struct.
    pub(crate) ty: Type,
    docs: TokenStream,
    kind: Shape,
}

/// What a field's type is made of.
enum Shape {
    /// `T`: a required field of a request, or a guaranteed one of a response.
    Plain,
    /// `Option<T>`.
    Optional(Type),
    /// `Vec<T>` of a request that may be left out.
    Vec(Type),
    /// `Vec<T>` of a request that must be there.
    RequiredVec(Type),
    /// `NullableVec<T>` of a response.
    NullableVec,
    /// `NullableMap<T>` of a response.
    NullableMap,
    /// A map of a request that may be left out.
    Map,
}

/// The fields of a type, in the order of the engine's struct.
pub(crate) fn members<'a>(schema: &'a Schema, item: &ItemStruct) -> Vec<Member<'a>> {
    let found = |field: &syn::Field| schema.fields.iter().find(|known| known.wire == wire_name(field));
    let of = |field: &syn::Field| {
        let known = found(field)?;
        let ty = shorten(&field.ty);
        let request = schema.usage.request;
        let (ty, kind) = if let Some(element) = generic(&ty, "Vec").cloned() {
            match (request, known.required.is_some()) {
                (true, true) => (ty, Shape::RequiredVec(element)),
                (true, false) => (ty, Shape::Vec(element)),
                (false, _) => (syn::parse_quote!(NullableVec<#element>), Shape::NullableVec),
            }
        } else if let Some(value) = map_value(&ty) {
            match (request, known.required.is_some()) {
                (true, true) => (ty, Shape::Plain),
                (true, false) => (ty, Shape::Map),
                (false, _) => {
                    // A list in a map can be null like any other.
                    let value = match generic(&value, "Vec") {
                        Some(element) => syn::parse_quote!(NullableVec<#element>),
                        None => value,
                    };
                    (syn::parse_quote!(NullableMap<#value>), Shape::NullableMap)
                }
            }
        } else if let Some(inner) = generic(&ty, "Option").cloned() {
            (ty, Shape::Optional(inner))
        } else {
            (ty, Shape::Plain)
        };
        let docs = documentation::lines(&docs_of(field));
        Some(Member { field: known, ty, docs, kind })
    };
    item.fields.iter().filter_map(of).collect()
}

/// The definition of a type and what belongs to it.
pub(super) fn object(name: &str, schema: &Schema, item: &ItemStruct) -> TokenStream {
    let docs = documentation::lines(&item.attrs.iter().filter_map(doc_text).collect::<Vec<_>>().join("\n"));
    let name = format_ident!("{name}");
    let members = members(schema, item);
    let fields = members.iter().map(|member| {
        let (docs, ident, ty) = (&member.docs, format_ident!("{}", member.field.rust), &member.ty);
        let serde = serde_attribute(member);
        quote! { #docs #serde pub #ident: #ty }
    });
    let extra = schema.extra.then(|| {
        quote! {
            /// Fields that the specification does not name, kept as they came.
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, ::serde_json::Value>,
        }
    });
    let default =
        (!members.iter().any(|m| matches!(m.kind, Shape::Plain | Shape::RequiredVec(_)))).then(|| quote!(Default,));
    let definition = quote! {
        #docs
        #[derive(Clone, Debug, #default PartialEq, ::serde::Deserialize, ::serde::Serialize)]
        #[non_exhaustive]
        pub struct #name { #(#fields,)* #extra }
    };
    if !schema.usage.request {
        return definition;
    }
    let construction = construction(&name, &members, schema.extra);
    let check = check(&name, &members);
    quote! { #definition #construction #check }
}

fn serde_attribute(member: &Member<'_>) -> TokenStream {
    let mut parts: Vec<TokenStream> = Vec::new();
    if member.field.rust != member.field.wire {
        let wire = &member.field.wire;
        parts.push(quote!(rename = #wire));
    }
    match &member.kind {
        Shape::Plain | Shape::RequiredVec(_) => {}
        Shape::Optional(inner) => {
            if *inner == syn::parse_quote!(i64) || *inner == syn::parse_quote!(i32) {
                parts.push(quote!(default, deserialize_with = "::cloud_billing_core::de::int"));
            }
            parts.push(quote!(skip_serializing_if = "Option::is_none"));
        }
        Shape::Vec(_) => parts.push(quote!(default, skip_serializing_if = "Vec::is_empty")),
        Shape::Map => parts.push(quote!(default, skip_serializing_if = "::std::collections::BTreeMap::is_empty")),
        Shape::NullableVec => {
            parts.push(quote!(default, skip_serializing_if = "::cloud_billing_core::NullableVec::is_absent"));
        }
        Shape::NullableMap => {
            parts.push(quote!(default, skip_serializing_if = "::cloud_billing_core::NullableMap::is_absent"));
        }
    }
    if parts.is_empty() { TokenStream::new() } else { quote!(#[serde(#(#parts),*)]) }
}

/// `new` with the required fields, and a setter for each of the others.
fn construction(name: &proc_macro2::Ident, members: &[Member<'_>], extra: bool) -> TokenStream {
    let mut arguments = Vec::new();
    let mut initial = Vec::new();
    let mut setters = Vec::new();
    for member in members {
        let (ident, docs) = (format_ident!("{}", member.field.rust), &member.docs);
        match &member.kind {
            Shape::Plain | Shape::RequiredVec(_) => {
                let (ty, value) = match &member.kind {
                    Shape::RequiredVec(element) => list_argument(element, &quote!(#ident)),
                    _ => argument(&member.ty, &quote!(#ident)),
                };
                arguments.push((member.field.required, quote!(#ident: #ty)));
                initial.push(field_value(&ident, &value));
            }
            Shape::Optional(inner) => {
                let (ty, value) = argument(inner, &quote!(value));
                setters.push(quote! { #docs #[must_use] pub fn #ident(mut self, value: #ty) -> Self { self.#ident = Some(#value); self } });
                initial.push(quote!(#ident: None));
            }
            Shape::Vec(element) => {
                let (ty, value) = list_argument(element, &quote!(values));
                setters.push(quote! { #docs #[must_use] pub fn #ident(mut self, values: #ty) -> Self { self.#ident = #value; self } });
                initial.push(quote!(#ident: Vec::new()));
            }
            Shape::Map => {
                let ty = &member.ty;
                setters.push(quote! { #docs #[must_use] pub fn #ident(mut self, values: #ty) -> Self { self.#ident = values; self } });
                initial.push(quote!(#ident: ::std::collections::BTreeMap::new()));
            }
            Shape::NullableVec | Shape::NullableMap => {}
        }
    }
    if extra {
        initial.push(quote!(extra: ::serde_json::Map::new()));
    }
    // As the spec lists them: alphabetical order would put an end before its start.
    arguments.sort_by_key(|(position, _)| *position);
    let arguments = arguments.into_iter().map(|(_, argument)| argument).collect::<Vec<_>>();
    let doc = if arguments.is_empty() { " A body with nothing set." } else { " A body with what is required." };
    quote! {
        impl #name {
            #[doc = #doc]
            #[must_use]
            pub fn new(#(#arguments),*) -> Self { Self { #(#initial),* } }
            #(#setters)*
        }
    }
}

/// `name: value` in a struct expression, or `name` alone where the value is a variable of that name.
pub(super) fn field_value(name: &proc_macro2::Ident, value: &TokenStream) -> TokenStream {
    if *name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
}

/// How a caller gives a value: (type of the argument, expression of the owned value).
pub(super) fn argument(of: &Type, value: &TokenStream) -> (TokenStream, TokenStream) {
    if converts(of) { (quote!(impl Into<#of>), quote!(#value.into())) } else { (quote!(#of), quote!(#value)) }
}

/// The same for a list of values.
pub(super) fn list_argument(element: &Type, values: &TokenStream) -> (TokenStream, TokenStream) {
    if converts(element) {
        (quote!(impl IntoIterator<Item = impl Into<#element>>), quote!(#values.into_iter().map(Into::into).collect()))
    } else {
        (quote!(impl IntoIterator<Item = #element>), quote!(#values.into_iter().collect()))
    }
}

/// Text and enums are given as anything that becomes one; numbers, dates and months as what they are, so that literals
/// and `parse()` need no annotation.
fn converts(of: &Type) -> bool {
    let Type::Path(path) = of else { return false };
    !path.path.get_ident().is_some_and(|name| {
        ["bool", "i32", "i64", "f64"].iter().any(|plain| name == plain) || formats::is_runtime_type(name)
    })
}

/// The checks of a body before it is sent.
fn check(name: &proc_macro2::Ident, members: &[Member<'_>]) -> TokenStream {
    let statements: Vec<TokenStream> = members
        .iter()
        .filter_map(|member| {
            let (ident, wire) = (format_ident!("{}", member.field.rust), &member.field.wire);
            if member.field.object.is_some() {
                Some(quote! { checker.nested(#wire, &self.#ident); })
            } else if !member.field.constraints.is_empty() {
                let list = checks::list(&member.field.constraints);
                Some(quote! { checker.field(#wire, &self.#ident, #list); })
            } else {
                None
            }
        })
        .collect();
    if statements.is_empty() {
        return quote! { impl Check for #name {} };
    }
    quote! {
        impl Check for #name {
            fn check(&self, checker: &mut Checker) { #(#statements)* }
        }
    }
}

/// `BTreeMap<String, V>` -> `V`.
fn map_value(of: &Type) -> Option<Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "BTreeMap")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.last()? {
        syn::GenericArgument::Type(value) => Some(value.clone()),
        _ => None,
    }
}

/// The wire name of a field: that of its serde attribute, or its own.
fn wire_name(field: &syn::Field) -> String {
    let mut name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // Anything else in the attribute is written anew by `serde_attribute`.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = meta.value()?.parse::<LitStr>()?.value();
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    name
}

fn docs_of(field: &syn::Field) -> String {
    field.attrs.iter().filter_map(doc_text).collect::<Vec<_>>().join("\n")
}

fn doc_text(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(meta) = &attribute.meta else { return None };
    match &meta.value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) if meta.path.is_ident("doc") => {
            Some(text.value())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::{Constraints, Usage};

    fn field(wire: &str, rust: &str, required: Option<usize>) -> Field {
        let (wire, rust) = (wire.to_owned(), rust.to_owned());
        Field { wire, rust, required, constraints: Constraints::default(), object: None }
    }

    fn schema(request: bool) -> (Schema, ItemStruct) {
        let fields = vec![
            field("aB", "a_b", Some(1)),
            field("list", "list", None),
            field("map", "map", None),
            field("n", "n", None),
            field("must", "must", Some(0)),
        ];
        let usage = Usage { request, response: !request, ..Usage::default() };
        let item = syn::parse_quote! {
            pub struct Thing {
                #[serde(rename = "aB", default)]
                pub a_b: ::std::string::String,
                pub list: ::std::vec::Vec<crate::types::Link>,
                pub map: ::std::collections::BTreeMap<::std::string::String, i64>,
                pub n: ::std::option::Option<i64>,
                pub must: ::std::vec::Vec<::std::string::String>,
            }
        };
        (Schema { usage, fields, extra: false }, item)
    }

    fn types(request: bool) -> Vec<String> {
        let (schema, item) = schema(request);
        let text = |ty: &Type| quote!(#ty).to_string().replace(' ', "");
        members(&schema, &item).iter().map(|member| format!("{}:{}", member.field.rust, text(&member.ty))).collect()
    }

    #[test]
    fn what_is_received_is_relaxed() {
        assert_eq!(
            types(false),
            [
                "a_b:String",
                "list:NullableVec<Link>",
                "map:NullableMap<i64>",
                "n:Option<i64>",
                "must:NullableVec<String>"
            ]
        );
        let (schema, item) = schema(false);
        let code = object("Thing", &schema, &item).to_string();
        assert!(code.contains("rename = \"aB\"") && code.contains("::cloud_billing_core::de::int"), "{code}");
        assert!(!code.contains("fn new"), "nobody sends it");
    }

    #[test]
    fn what_is_sent_has_a_constructor_in_the_order_of_the_spec() {
        let map = "map:::std::collections::BTreeMap<String,i64>";
        assert_eq!(types(true), ["a_b:String", "list:Vec<Link>", map, "n:Option<i64>", "must:Vec<String>"]);
        let (schema, item) = schema(true);
        let code = object("Thing", &schema, &item).to_string().replace(' ', "");
        assert!(code.contains("pubfnnew(must:implIntoIterator<Item=implInto<String>>,a_b:implInto<String>"), "{code}");
        assert!(code.contains("pubfnmap(mutself,values:"), "an optional map has a setter: {code}");
        assert!(code.contains("implCheckforThing"), "{code}");
    }
}
