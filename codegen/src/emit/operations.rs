//! Operations: a constant that describes each, a builder for its call, and the client's method that starts it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::named::Named;
use super::{Client, checks, documentation, imports, pagination, types};
use crate::engine::Types;
use crate::model::{Constraints, Method, Operation, Output, Parameter, Type};
use crate::naming;

/// An argument of a call.
pub(crate) struct Argument<'a> {
    pub(crate) rust: &'a str,
    /// `None` for the request body.
    pub(crate) parameter: Option<&'a Parameter>,
    pub(crate) required: bool,
    /// The type in the spec: of the value, or of an element where it is a list.
    pub(crate) of: &'a Type,
    /// The Rust type of the same.
    pub(crate) ty: TokenStream,
    pub(crate) list: bool,
}

/// The arguments of an operation: required ones in the order of the spec, the body after them, then the optional ones.
///
/// # Errors
/// That an argument has no type.
pub(crate) fn arguments<'a>(operation: &'a Operation, types: &Types) -> Result<Vec<Argument<'a>>, String> {
    let argument = |rust: &'a str, parameter: Option<&'a Parameter>, whole: &'a Type| {
        let (of, list) = match whole {
            Type::List(element) => (&element.ty, true),
            other => (other, false),
        };
        let leaf = types.argument(operation, rust);
        let leaf = leaf.ok_or_else(|| format!("the argument `{rust}` of `{}` has no type", operation.id))?;
        let required = parameter.is_none_or(|parameter| parameter.required);
        Ok(Argument { rust, parameter, required, of, ty: types::sent(of, leaf), list })
    };
    let parameters = |required: bool| {
        let chosen = operation.parameters.iter().filter(move |parameter| parameter.required == required);
        chosen.map(move |parameter| argument(&parameter.rust, Some(parameter), &parameter.schema.ty))
    };
    let body = operation.body.iter().map(|body| argument("body", None, &body.schema.ty));
    parameters(true).chain(body).chain(parameters(false)).collect()
}

/// Everything of one group.
///
/// # Errors
/// That something has no Rust type.
pub(super) fn group(client: &Client<'_>, all: &[(&Operation, &Method)]) -> Result<TokenStream, String> {
    let mut methods = Vec::new();
    let mut items = Vec::new();
    let rules = distinct_rules(all.iter().flat_map(|(operation, _)| &operation.parameters));
    for (operation, method) in all {
        let arguments = arguments(operation, &client.types)?;
        methods.push(client_method(operation, method, &arguments));
        items.push(constant(operation, method));
        items.push(builder(operation, method, &arguments, &client.types, &rules)?);
        if let Some(pagination) = operation.pagination.as_ref().filter(|_| method.pages) {
            items.push(pagination::paging(client, operation, method, pagination)?);
        }
    }
    let rules = rules.iter().map(|(name, constraints)| {
        let list = checks::list(constraints);
        quote! { const #name: &[Constraint] = #list; }
    });
    let items = quote! {
        impl Client { #(#methods)* }
        #(#items)*
        #(#rules)*
    };
    let imports = imports::imports(&items, &quote!(crate::types), |name| client.model.has_type(name));
    Ok(quote! { #imports use crate::Client; #items })
}

/// The distinct checks on the parameters of a group, each a constant named after the first parameter that has it.
fn distinct_rules<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> Named<'a, Constraints> {
    let mut rules = Named::new();
    for parameter in parameters.filter(|parameter| !parameter.constraints.is_empty()) {
        rules.add(&naming::constant(&parameter.rust).to_string(), "_RULES", &parameter.constraints);
    }
    rules
}

/// The method of the client: required values are arguments.
fn client_method(operation: &Operation, method: &Method, arguments: &[Argument<'_>]) -> TokenStream {
    let docs = documentation::method(operation, method);
    let (name, builder) = (format_ident!("{}", method.name), naming::builder(&method.name));
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
    let (of, ty) = (argument.of, &argument.ty);
    if argument.list { types::list_argument(of, ty, value) } else { types::argument(of, ty, value) }
}

fn constant(operation: &Operation, method: &Method) -> TokenStream {
    let (name, id, path) = (naming::constant(&method.name), &operation.id, &operation.path);
    let http_method = format_ident!("{}", naming::pascal(&operation.http_method));
    let accept = method.accept.iter().map(|media_type| quote!(.accept(#media_type)));
    let content_type = operation.body.iter().map(|body| {
        let media_type = &body.media_type;
        quote!(.content_type(#media_type))
    });
    let statuses = |list: &[u16]| {
        let numbers = list.iter().map(|status| proc_macro2::Literal::u16_unsuffixed(*status));
        quote!(&[#(#numbers),*])
    };
    let success = statuses(&[operation.success.status]);
    let processing = (!operation.processing.is_empty()).then(|| {
        let list = statuses(&operation.processing);
        quote!(.processing(#list))
    });
    let idempotent = operation.idempotent.then(|| quote!(.idempotent()));
    let quota = operation.quota.iter().map(|quota| {
        let (set, scope) = (&quota.set, quota.scope.as_deref().unwrap_or_default());
        quote!(.quota(#set, #scope))
    });
    let envelope = operation.envelope.iter().map(|envelope| {
        let (parameter, status, content) = (&envelope.parameter, &envelope.status, &envelope.content);
        quote!(.envelope(#parameter, #status, #content))
    });
    let json = matches!(method.output, Output::Json(_));
    let bare_item = operation.bare_item.iter().filter(|_| json).map(|mark| {
        let (items, markers) = (&mark.items, &mark.markers);
        quote!(.bare_item(#items, &[#(#markers),*]))
    });
    let doc = format!(" `{}`: `{} {}`.", operation.id, operation.http_method.to_uppercase(), operation.path);
    quote! {
        #[doc = #doc]
        pub(super) const #name: Operation = Operation::new(#id, Method::#http_method, #path)
            #(#accept)* #(#content_type)* .success(#success) #processing #idempotent #(#quota)* #(#envelope)* #(#bare_item)*;
    }
}

fn builder(
    operation: &Operation,
    method: &Method,
    arguments: &[Argument<'_>],
    types: &Types,
    rules: &Named<'_, Constraints>,
) -> Result<TokenStream, String> {
    let name = naming::builder(&method.name);
    let doc = format!(" A call of [`Client::{0}`](crate::Client::{0}).", method.name);
    let fields = arguments.iter().map(|argument| {
        let (ident, ty) = (format_ident!("{}", argument.rust), &argument.ty);
        match (argument.list, argument.required) {
            (true, _) => quote!(#ident: Vec<#ty>),
            (false, true) => quote!(#ident: #ty),
            (false, false) => quote!(#ident: Option<#ty>),
        }
    });
    let setters = arguments.iter().filter(|argument| !argument.required).map(setter);
    let request = request(method, arguments, rules);
    let result = result(operation, method, types)?;
    let (send, awaited) = (send(&result), awaited(&name, &result.1));
    Ok(quote! {
        #[doc = #doc]
        #[derive(Clone, Debug)]
        #[must_use = "a call does nothing until it is sent"]
        pub struct #name { core: Core, #(#fields),* }

        impl #name {
            #(#setters)*

            /// Sets timeouts, retries and headers of this call alone.
            pub fn options(mut self, options: ::cloud_billing_core::CallOptions) -> Self {
                self.core = self.core.with_options(options);
                self
            }

            #send
            #request
        }

        #awaited
    })
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

fn request(method: &Method, arguments: &[Argument<'_>], rules: &Named<'_, Constraints>) -> TokenStream {
    let constant = naming::constant(&method.name);
    let statements = arguments.iter().map(|argument| {
        let ident = format_ident!("{}", argument.rust);
        let Some(parameter) = argument.parameter else { return quote! { request.json(&self.#ident); } };
        let wire = &parameter.wire;
        let place = format_ident!("{}", parameter.place.name());
        let check = rules.name(&parameter.constraints).map(|rules| quote!(.check(#wire, &self.#ident, #rules)));
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

/// The result of a method: the runtime's function for it, and its Rust type.
fn result(operation: &Operation, method: &Method, types: &Types) -> Result<(Ident, TokenStream), String> {
    Ok(match &method.output {
        Output::Json(of) => (format_ident!("json"), page(operation, of, types)?),
        Output::Bytes => (format_ident!("bytes"), quote!(ByteStream)),
        Output::Empty => (format_ident!("empty"), quote!(())),
    })
}

/// The Rust type of the JSON result.
pub(crate) fn page(operation: &Operation, of: &Type, types: &Types) -> Result<TokenStream, String> {
    let leaf = types.result(operation).ok_or_else(|| format!("the result of `{}` has no type", operation.id))?;
    Ok(types::received(of, leaf))
}

fn send((call, ty): &(Ident, TokenStream)) -> TokenStream {
    let docs = match call.to_string().as_str() {
        "json" => " Sends the request and decodes the response.",
        "bytes" => " Sends the request and hands out the body as a stream.",
        _ => " Sends the request; the response has no body.",
    };
    let raw = (call == "json").then(|| {
        quote! {
            /// Sends the request and does not decode the response: for its JSON as it arrived, or
            /// [a view](cloud_billing_core::RawBody::view) of your own.
            ///
            /// # Errors
            /// Those of [`send`](Self::send), except that a body that does not fit the documented type is none.
            pub async fn send_raw(self) -> Result<Response<::cloud_billing_core::RawBody>, Error> {
                let request = self.request();
                self.core.raw(request).await
            }
        }
    });
    quote! {
        #[doc = #docs]
        ///
        /// Dropping the future cancels the call; a request that was sent may still have its effect.
        ///
        /// # Errors
        /// A value that breaks a documented rule, before anything is sent; a response that is not a success; a failed
        /// connection; a body that cannot be read. See [`Error::kind`].
        pub async fn send(self) -> Result<Response<#ty>, Error> {
            let request = self.request();
            self.core.#call(request).await
        }

        #raw
    }
}

/// What `.await` on a builder does.
fn awaited(builder: &Ident, ty: &TokenStream) -> TokenStream {
    quote! {
        impl IntoFuture for #builder {
            type Output = Result<Response<#ty>, Error>;
            type IntoFuture = ::cloud_billing_core::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture { Box::pin(self.send()) }
        }
    }
}
