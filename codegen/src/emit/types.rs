//! Object types, with their constructors, setters and checks.
//!
//! What is received is relaxed: lists and maps may be absent or `null`, integers may be written `42.0`, and the struct is
//! `#[non_exhaustive]`. What is sent has a constructor that takes the required fields, setters for the others, and its
//! checks.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Type as RustType;

use super::{checks, documentation};
use crate::engine::Types;
use crate::model::{Object, Property, Schema, Type};

/// A field as it is written.
pub(crate) struct Member<'a> {
    pub(crate) property: &'a Property,
    /// The type in the struct.
    pub(crate) ty: TokenStream,
    /// The type of an element, where a list is sent.
    element: Option<TokenStream>,
    presence: Presence,
}

/// Whether a field can be absent, and how a caller gives it.
enum Presence {
    /// `T`: a required field of a request, or a guaranteed one of a response.
    Always,
    /// `Vec<T>` of a request that must be there.
    RequiredVec,
    /// `Option<T>`.
    Optional(TokenStream),
    /// `Option<Option<T>>` of a request: absent, or `null`, or a value.
    OptionalOrNull(TokenStream),
    /// `Vec<T>` of a request that may be left out.
    Vec,
    /// A map of a request that may be left out.
    Map,
    /// `Lenient<T>` of a response.
    Lenient,
    /// `NullableVec<T>` of a response.
    NullableVec,
    /// `NullableMap<T>` of a response.
    NullableMap,
}

/// The Rust type of something that is sent.
pub(super) fn sent(of: &Type, leaf: &RustType) -> TokenStream {
    match of {
        Type::List(element) => {
            let element = sent(&element.ty, leaf);
            quote!(Vec<#element>)
        }
        Type::Map(value) => {
            let value = sent(&value.ty, leaf);
            quote!(::std::collections::BTreeMap<String, #value>)
        }
        _ => quote!(#leaf),
    }
}

/// The Rust type of something that is received. Each list and map in it can be `null`.
pub(super) fn received(of: &Type, leaf: &RustType) -> TokenStream {
    let inside = |schema: &Schema| {
        let ty = received(&schema.ty, leaf);
        if is_lenient(schema) { quote!(Lenient<#ty>) } else { ty }
    };
    match of {
        Type::List(element) => {
            let element = inside(element);
            quote!(NullableVec<#element>)
        }
        Type::Map(value) => {
            let value = inside(value);
            quote!(NullableMap<#value>)
        }
        _ => quote!(#leaf),
    }
}

/// The fields of a type, in the order in which they are written.
///
/// # Errors
/// That a property has no Rust type.
pub(crate) fn members<'a>(name: &str, object: &'a Object, types: &Types) -> Result<Vec<Member<'a>>, String> {
    let member = |property: &'a Property| {
        let leaf = types.property(name, &property.wire);
        let leaf = leaf.ok_or_else(|| format!("the property `{}` of `{name}` has no type", property.wire))?;
        Ok(if object.usage.request { sent_member(property, leaf) } else { received_member(property, leaf) })
    };
    object.properties.iter().map(member).collect()
}

fn sent_member<'a>(property: &'a Property, leaf: &RustType) -> Member<'a> {
    let inner = sent(&property.schema.ty, leaf);
    let element = match &property.schema.ty {
        Type::List(element) => Some(sent(&element.ty, leaf)),
        _ => None,
    };
    let (ty, presence) = match (&property.schema.ty, property.required.is_some()) {
        (Type::List(_), true) => (inner, Presence::RequiredVec),
        (_, true) => (inner, Presence::Always),
        (_, false) if property.schema.nullable => (quote!(Option<Option<#inner>>), Presence::OptionalOrNull(inner)),
        (Type::List(_), false) => (inner, Presence::Vec),
        (Type::Map(_), false) => (inner, Presence::Map),
        (_, false) => (quote!(Option<#inner>), Presence::Optional(inner)),
    };
    Member { property, ty, element, presence }
}

fn received_member<'a>(property: &'a Property, leaf: &RustType) -> Member<'a> {
    let Property { schema, guaranteed, .. } = property;
    let inner = received(&schema.ty, leaf);
    let (ty, presence) = match &schema.ty {
        _ if schema.lenient && *guaranteed => (quote!(Lenient<#inner>), Presence::Always),
        _ if *guaranteed && !matches!(schema.ty, Type::List(_) | Type::Map(_)) => (inner, Presence::Always),
        _ if is_lenient(schema) => (quote!(Lenient<#inner>), Presence::Lenient),
        Type::List(_) => (inner, Presence::NullableVec),
        Type::Map(_) => (inner, Presence::NullableMap),
        _ => (quote!(Option<#inner>), Presence::Optional(inner)),
    };
    Member { property, ty, element: None, presence }
}

/// Whether a value of a response is kept as JSON if it does not match the schema.
fn is_lenient(schema: &Schema) -> bool {
    schema.lenient || matches!(&schema.ty, Type::Scalar(format) if format.is_lenient())
}

/// The definition of a type and what belongs to it, and the text of the macro after it.
///
/// # Errors
/// That a property has no Rust type.
pub(super) fn object(name: &str, object: &Object, types: &Types) -> Result<(TokenStream, String), String> {
    let docs = documentation::lines(&object.description);
    let members = members(name, object, types)?;
    let name = format_ident!("{name}");
    let fields = members.iter().map(|member| {
        let (docs, ident, ty) = (member.docs(), member.ident(), &member.ty);
        let serde = serde_attribute(member);
        quote! { #docs #serde pub #ident: #ty }
    });
    let extra = object.extra.then(|| {
        quote! {
            /// Fields that the specification does not name, kept as they came.
            #[serde(flatten)]
            pub extra: ::serde_json::Map<String, ::serde_json::Value>,
        }
    });
    let guaranteed = members.iter().any(Member::is_required);
    let default = (!guaranteed).then(|| quote!(Default,));
    let definition = quote! {
        #docs
        #[derive(Clone, Debug, #default PartialEq, ::serde::Serialize)]
        #[cfg_attr(feature = "deserialize", derive(::serde::Deserialize))]
        #[non_exhaustive]
        pub struct #name { #(#fields,)* #extra }
    };
    if !object.usage.request {
        // No schema has a name with an underscore.
        let draft = if guaranteed { format_ident!("_{name}Draft") } else { name.clone() };
        let decode = guaranteed.then(|| decode(&name, &draft, &members, object.extra));
        return Ok((quote! { #definition #decode }, record(&draft, &members, object.extra)));
    }
    let construction = construction(&name, &members, object.extra);
    let check = check(&name, &members);
    Ok((quote! { #definition #construction #check }, String::new()))
}

/// The declaration of the keys that a response is decoded from.
fn record(name: &Ident, members: &[Member<'_>], extra: bool) -> String {
    let fields = members.iter().map(|member| format!("        {}: {:?},\n", member.ident(), member.property.wire));
    let extra = if extra { "        ..extra\n" } else { "" };
    let fields: String = fields.collect();
    format!("::cloud_billing_core::record! {{\n    {name} {{\n{fields}{extra}    }}\n}}\n")
}

/// The decoding of a type with guaranteed fields: by a draft, in which they may be missing.
fn decode(name: &Ident, draft: &Ident, members: &[Member<'_>], extra: bool) -> TokenStream {
    let doc = format!(" A [`{name}`] of which guaranteed fields may be missing.");
    let extra = extra.then(|| format_ident!("extra"));
    let extra_type = extra.iter().map(|extra| quote!(#extra: ::serde_json::Map<String, ::serde_json::Value>));
    let fields = members.iter().map(|member| {
        let (ident, ty) = (member.ident(), &member.ty);
        if member.is_required() { quote!(#ident: Option<#ty>) } else { quote!(#ident: #ty) }
    });
    let values = members.iter().map(|member| {
        let (ident, key) = (member.ident(), &member.property.wire);
        let guaranteed = member.is_required().then(|| quote!(.ok_or_else(|| reader.missing(start, #key))?));
        quote!(#ident: draft.#ident #guaranteed)
    });
    let extra_value = extra.iter().map(|extra| quote!(#extra: draft.#extra));
    quote! {
        #[doc = #doc]
        #[derive(Default)]
        struct #draft { #(#fields,)* #(#extra_type)* }

        impl ::cloud_billing_core::json::Decode for #name {
            fn decode(
                reader: &mut ::cloud_billing_core::json::Reader<'_>,
            ) -> Result<Self, ::cloud_billing_core::json::JsonError> {
                let start = reader.start();
                let draft: #draft = reader.record()?;
                Ok(Self { #(#values,)* #(#extra_value)* })
            }
        }
    }
}

impl Member<'_> {
    fn ident(&self) -> Ident {
        format_ident!("{}", self.property.rust)
    }

    fn docs(&self) -> TokenStream {
        documentation::lines(&self.property.description)
    }
}

fn serde_attribute(member: &Member<'_>) -> TokenStream {
    let mut parts: Vec<TokenStream> = Vec::new();
    let wire = &member.property.wire;
    if member.property.rust != *wire {
        parts.push(quote!(rename = #wire));
    }
    match &member.presence {
        Presence::Always | Presence::RequiredVec => {}
        Presence::Optional(_) => {
            if is_integer(&member.property.schema) {
                parts.push(quote!(default, deserialize_with = "::cloud_billing_core::json::deserialize"));
            }
            parts.push(quote!(skip_serializing_if = "Option::is_none"));
        }
        Presence::OptionalOrNull(_) => {
            parts.push(quote!(default, deserialize_with = "::cloud_billing_core::json::present"));
            parts.push(quote!(skip_serializing_if = "Option::is_none"));
        }
        Presence::Vec => parts.push(quote!(default, skip_serializing_if = "Vec::is_empty")),
        Presence::Map => parts.push(quote!(default, skip_serializing_if = "::std::collections::BTreeMap::is_empty")),
        Presence::Lenient => {
            parts.push(quote!(default, skip_serializing_if = "::cloud_billing_core::Lenient::is_absent"));
        }
        Presence::NullableVec => {
            parts.push(quote!(default, skip_serializing_if = "::cloud_billing_core::NullableVec::is_absent"));
        }
        Presence::NullableMap => {
            parts.push(quote!(default, skip_serializing_if = "::cloud_billing_core::NullableMap::is_absent"));
        }
    }
    if parts.is_empty() { TokenStream::new() } else { quote!(#[serde(#(#parts),*)]) }
}

fn is_integer(schema: &Schema) -> bool {
    matches!(&schema.ty, Type::Scalar(format) if !schema.lenient && matches!(format.rust, "i64" | "i32"))
}

/// `new` with the required fields, and a setter for each of the others.
fn construction(name: &Ident, members: &[Member<'_>], extra: bool) -> TokenStream {
    let setters = members.iter().map(setter);
    let mut required: Vec<&Member<'_>> = members.iter().filter(|member| member.is_required()).collect();
    // As the spec lists them: alphabetical order would put an end before its start.
    required.sort_by_key(|member| member.property.required);
    let arguments = required.iter().map(|member| {
        let ident = member.ident();
        let (ty, _) = member.argument(&member.ty, &quote!(#ident));
        quote!(#ident: #ty)
    });
    let initial = members.iter().map(initial);
    let extra = extra.then(|| quote!(extra: ::serde_json::Map::new()));
    let doc = if required.is_empty() { " A body with nothing set." } else { " A body with what is required." };
    quote! {
        impl #name {
            #[doc = #doc]
            #[must_use]
            pub fn new(#(#arguments),*) -> Self { Self { #(#initial,)* #extra } }
            #(#setters)*
        }
    }
}

impl Member<'_> {
    fn is_required(&self) -> bool {
        matches!(self.presence, Presence::Always | Presence::RequiredVec)
    }

    /// How a caller gives the value `name`, whose type is `ty` unless it is a list: the type of the argument, and the
    /// expression of the owned value.
    fn argument(&self, ty: &TokenStream, name: &TokenStream) -> (TokenStream, TokenStream) {
        match (&self.element, &self.property.schema.ty) {
            (Some(element), Type::List(of)) => list_argument(&of.ty, element, name),
            (_, of) => argument(of, ty, name),
        }
    }
}

/// The field in `new`.
fn initial(member: &Member<'_>) -> TokenStream {
    let ident = member.ident();
    match &member.presence {
        Presence::Always | Presence::RequiredVec => {
            field_value(&ident, &member.argument(&member.ty, &quote!(#ident)).1)
        }
        Presence::Optional(_) | Presence::OptionalOrNull(_) => quote!(#ident: None),
        Presence::Vec => quote!(#ident: Vec::new()),
        Presence::Map => quote!(#ident: ::std::collections::BTreeMap::new()),
        Presence::Lenient | Presence::NullableVec | Presence::NullableMap => quote!(#ident: Default::default()),
    }
}

/// The setter of a field that may be left out.
fn setter(member: &Member<'_>) -> TokenStream {
    let (ident, docs) = (member.ident(), member.docs());
    let set = |name: &TokenStream, (ty, value): (TokenStream, TokenStream)| {
        quote! { #docs #[must_use] pub fn #ident(mut self, #name: #ty) -> Self { self.#ident = #value; self } }
    };
    let (value, values) = (quote!(value), quote!(values));
    match &member.presence {
        Presence::Optional(inner) => {
            let (ty, given) = member.argument(inner, &value);
            set(&value, (ty, quote!(Some(#given))))
        }
        Presence::OptionalOrNull(inner) => {
            let (ty, given) = member.argument(inner, &value);
            let (set, null) = (set(&value, (ty, quote!(Some(Some(#given))))), format_ident!("{ident}_null"));
            let doc = format!(" Sends `null` as `{}`, which clears the value.", member.property.wire);
            quote! { #set #[doc = #doc] #[must_use] pub fn #null(mut self) -> Self { self.#ident = Some(None); self } }
        }
        Presence::Vec => set(&values, member.argument(&member.ty, &values)),
        Presence::Map => set(&values, (member.ty.clone(), values.clone())),
        Presence::Always
        | Presence::RequiredVec
        | Presence::Lenient
        | Presence::NullableVec
        | Presence::NullableMap => TokenStream::new(),
    }
}

/// `name: value` in a struct expression, or `name` alone where the value is a variable of that name.
pub(super) fn field_value(name: &Ident, value: &TokenStream) -> TokenStream {
    if *name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
}

/// How a caller gives a value: (type of the argument, expression of the owned value).
pub(super) fn argument(of: &Type, ty: &TokenStream, value: &TokenStream) -> (TokenStream, TokenStream) {
    if converts(of) { (quote!(impl Into<#ty>), quote!(#value.into())) } else { (ty.clone(), value.clone()) }
}

/// The same for a list of values.
pub(super) fn list_argument(of: &Type, ty: &TokenStream, values: &TokenStream) -> (TokenStream, TokenStream) {
    if converts(of) {
        (quote!(impl IntoIterator<Item = impl Into<#ty>>), quote!(#values.into_iter().map(Into::into).collect()))
    } else {
        (quote!(impl IntoIterator<Item = #ty>), quote!(#values.into_iter().collect()))
    }
}

/// Whether anything that becomes the value will do.
fn converts(of: &Type) -> bool {
    match of {
        Type::Scalar(format) => format.converts(),
        // So that `collect()`, `vec![]` and `Default::default()` need no annotation.
        Type::List(_) | Type::Map(_) => false,
        _ => true,
    }
}

/// The checks of a body before it is sent.
fn check(name: &Ident, members: &[Member<'_>]) -> TokenStream {
    let statements: Vec<TokenStream> = members
        .iter()
        .filter_map(|member| {
            let (ident, wire) = (member.ident(), &member.property.wire);
            if is_nested(&member.property.schema.ty) {
                Some(quote! { checker.nested(#wire, &self.#ident); })
            } else if !member.property.constraints.is_empty() {
                let list = checks::list(&member.property.constraints);
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

/// Whether a value has checks of its own: an object, or a list of objects.
fn is_nested(of: &Type) -> bool {
    match of {
        Type::Object(_) => true,
        Type::List(element) => matches!(element.ty, Type::Object(_)),
        _ => false,
    }
}
