//! Operations: a constant that describes each, a builder for its call, and the client's method that starts it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use super::{Model, checks, documentation, pagination, paths, shorten, types};
use crate::harvest::{Output, Signature, generic};
use crate::naming;
use crate::side::{Constraints, Operation, Parameter, Place};

/// The builder of an operation.
pub(super) fn builder_name(operation: &Operation) -> String {
    naming::pascal(&operation.name)
}

/// The constant of an operation.
pub(super) fn constant_name(operation: &Operation) -> Ident {
    format_ident!("{}", naming::shouty(&operation.name))
}

/// An argument of a call.
pub(crate) struct Argument<'a> {
    pub(crate) rust: &'a str,
    /// `None` for the request body.
    pub(crate) parameter: Option<&'a Parameter>,
    pub(crate) required: bool,
    /// The type of the value, or of an element where it is a list.
    pub(crate) ty: Type,
    pub(crate) list: bool,
}

/// The arguments of an operation: required ones in the order of the spec, the body after them, then the optional ones.
pub(crate) fn arguments<'a>(operation: &'a Operation, signature: &Signature) -> Vec<Argument<'a>> {
    let of = |rust: &'a str, parameter: Option<&'a Parameter>| {
        let whole = shorten(signature.arguments.get(rust)?);
        let (ty, list) = match generic(&whole, "Vec") {
            Some(element) => (element.clone(), true),
            None => (whole, false),
        };
        Some(Argument { rust, parameter, required: parameter.is_none_or(|p| p.required), ty, list })
    };
    let parameters = |required: bool| {
        operation.parameters.iter().filter(move |p| p.required == required).filter_map(move |p| of(&p.rust, Some(p)))
    };
    let body = operation.has_body.then(|| of("body", None)).flatten();
    parameters(true).chain(body).chain(parameters(false)).collect()
}

/// Everything of one group.
pub(super) fn group(model: &Model<'_>, operations: &[&Operation]) -> TokenStream {
    let mut methods = Vec::new();
    let mut items = Vec::new();
    let rules = Rules::of(operations);
    for operation in operations {
        let Some(signature) = model.harvest.signatures.get(&operation.name) else { continue };
        let arguments = arguments(operation, signature);
        methods.push(method(operation, &arguments));
        items.push(constant(operation));
        items.push(builder(operation, &arguments, &signature.output, &rules));
        items.extend(pagination::paging(model, operation, signature));
    }
    let rules = rules.constants();
    let items = quote! {
        impl Client { #(#methods)* }
        #(#items)*
        #(#rules)*
    };
    let imports = paths::imports(&items, &quote!(crate::types), |name| model.has_type(name));
    quote! { #imports use crate::Client; #items }
}

/// The distinct checks on the parameters of a group, each a constant named after the first parameter that has it.
struct Rules<'a>(Vec<(Ident, &'a Constraints)>);

impl<'a> Rules<'a> {
    fn of(operations: &[&'a Operation]) -> Self {
        let mut found: Vec<(Ident, &Constraints)> = Vec::new();
        for parameter in operations.iter().flat_map(|operation| &operation.parameters) {
            let constraints = &parameter.constraints;
            if constraints.is_empty() || found.iter().any(|(_, known)| *known == constraints) {
                continue;
            }
            let base = naming::shouty(&parameter.rust);
            let same = found.iter().filter(|(name, _)| name.to_string().starts_with(&base)).count();
            let number = if same == 0 { String::new() } else { format!("_{}", same + 1) };
            found.push((format_ident!("{base}_RULES{number}"), constraints));
        }
        Self(found)
    }

    fn name(&self, parameter: &Parameter) -> Option<&Ident> {
        self.0.iter().find(|(_, constraints)| **constraints == parameter.constraints).map(|(name, _)| name)
    }

    fn constants(&self) -> Vec<TokenStream> {
        let constant = |(name, constraints): &(Ident, &Constraints)| {
            let list = checks::list(constraints);
            quote! { const #name: &[Constraint] = #list; }
        };
        self.0.iter().map(constant).collect()
    }
}

/// The method of the client: required values are arguments.
fn method(operation: &Operation, arguments: &[Argument<'_>]) -> TokenStream {
    let docs = documentation::method(operation);
    let (name, builder) = (format_ident!("{}", operation.name), format_ident!("{}", builder_name(operation)));
    let mut inputs = Vec::new();
    let mut fields = Vec::new();
    for argument in arguments {
        let ident = format_ident!("{}", argument.rust);
        if argument.required {
            let (ty, value) = input(argument, &quote!(#ident));
            inputs.push(quote!(#ident: #ty));
            fields.push(types::field_value(&ident, &value));
        } else if argument.list {
            fields.push(quote!(#ident: Vec::new()));
        } else {
            fields.push(quote!(#ident: None));
        }
    }
    quote! {
        #docs
        pub fn #name(&self, #(#inputs),*) -> #builder {
            #builder { core: self.core().clone(), #(#fields),* }
        }
    }
}

fn input(argument: &Argument<'_>, value: &TokenStream) -> (TokenStream, TokenStream) {
    if argument.list { types::list_argument(&argument.ty, value) } else { types::argument(&argument.ty, value) }
}

fn constant(operation: &Operation) -> TokenStream {
    let (name, id, path) = (constant_name(operation), &operation.id, &operation.path);
    let method = format_ident!("{}", naming::pascal(&operation.method));
    let accept = operation.accept.iter().map(|media_type| quote!(.accept(#media_type)));
    let content_type = operation.content_type.iter().map(|media_type| quote!(.content_type(#media_type)));
    let statuses = |list: &[u16]| {
        let numbers = list.iter().map(|status| proc_macro2::Literal::u16_unsuffixed(*status));
        quote!(&[#(#numbers),*])
    };
    let success = statuses(&operation.success);
    let processing = (!operation.processing.is_empty()).then(|| {
        let list = statuses(&operation.processing);
        quote!(.processing(#list))
    });
    let idempotent = operation.idempotent.then(|| quote!(.idempotent()));
    let envelope = operation.envelope.iter().map(|envelope| {
        let (status, content) = (&envelope.status, &envelope.content);
        quote!(.envelope(#status, #content))
    });
    let bare_item = operation.bare_item.iter().map(|mark| {
        let (items, markers) = (&mark.items, &mark.markers);
        quote!(.bare_item(#items, &[#(#markers),*]))
    });
    let doc = format!(" `{}`: `{} {}`.", operation.id, operation.method.to_uppercase(), operation.path);
    quote! {
        #[doc = #doc]
        pub(super) const #name: Operation = Operation::new(#id, Method::#method, #path)
            #(#accept)* #(#content_type)* .success(#success) #processing #idempotent #(#envelope)* #(#bare_item)*;
    }
}

fn builder(operation: &Operation, arguments: &[Argument<'_>], output: &Output, rules: &Rules<'_>) -> TokenStream {
    let name = format_ident!("{}", builder_name(operation));
    let doc = format!(" A call of [`Client::{0}`](crate::Client::{0}).", operation.name);
    let fields = arguments.iter().map(|argument| {
        let (ident, ty) = (format_ident!("{}", argument.rust), &argument.ty);
        match (argument.list, argument.required) {
            (true, _) => quote!(#ident: Vec<#ty>),
            (false, true) => quote!(#ident: #ty),
            (false, false) => quote!(#ident: Option<#ty>),
        }
    });
    let setters = arguments.iter().filter(|argument| !argument.required).map(setter);
    let request = request(operation, arguments, rules);
    let send = send(output);
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct #name { core: Core, #(#fields),* }

        impl #name {
            #(#setters)*
            #send
            #request
        }
    }
}

fn setter(argument: &Argument<'_>) -> TokenStream {
    let ident = format_ident!("{}", argument.rust);
    let docs = argument.parameter.map(documentation::setter);
    if argument.list {
        let (ty, value) = input(argument, &quote!(values));
        quote! { #docs pub fn #ident(mut self, values: #ty) -> Self { self.#ident = #value; self } }
    } else {
        let (ty, value) = input(argument, &quote!(value));
        quote! { #docs pub fn #ident(mut self, value: #ty) -> Self { self.#ident = Some(#value); self } }
    }
}

fn request(operation: &Operation, arguments: &[Argument<'_>], rules: &Rules<'_>) -> TokenStream {
    let constant = constant_name(operation);
    let statements = arguments.iter().map(|argument| {
        let ident = format_ident!("{}", argument.rust);
        let Some(parameter) = argument.parameter else { return quote! { request.json(&self.#ident); } };
        let wire = &parameter.wire;
        let place = format_ident!(
            "{}",
            match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
            }
        );
        let check = rules.name(parameter).map(|rules| quote!(.check(#wire, &self.#ident, #rules)));
        quote! { request.#place(#wire, &self.#ident) #check; }
    });
    // An operation without parameters has nothing to set.
    let mutable = (!arguments.is_empty()).then(|| quote!(mut));
    quote! {
        fn request(&self) -> Request {
            let #mutable request = Request::new(&#constant);
            #(#statements)*
            request
        }
    }
}

fn send(output: &Output) -> TokenStream {
    let (ty, call, docs) = match output {
        Output::Json(ty) => {
            let ty = shorten(ty);
            (quote!(#ty), quote!(json), " Sends the request and decodes the answer.")
        }
        Output::Bytes => (quote!(ByteStream), quote!(bytes), " Sends the request and hands out the body as a stream."),
        Output::Empty => (quote!(()), quote!(empty), " Sends the request; the answer has no body."),
    };
    quote! {
        #[doc = #docs]
        ///
        /// # Errors
        /// A value that breaks a documented rule, before anything is sent; an answer of the service that is not a
        /// success; a failed connection; a body that cannot be read. See [`Error::kind`].
        pub async fn send(self) -> Result<Response<#ty>, Error> {
            let request = self.request();
            self.core.#call(request).await
        }
    }
}
