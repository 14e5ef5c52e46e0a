//! Operations that page: the implementation of the runtime's `Paginate`, and `pages()` and `items()`.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::Client;
use super::operations::page;
use crate::model::{Field, Method, Operation, Output, Pagination, Style};
use crate::naming;

/// What follows the builder of an operation that pages.
///
/// # Errors
/// That something has no Rust type.
pub(super) fn paging(
    client: &Client<'_>,
    operation: &Operation,
    method: &Method,
    pagination: &Pagination,
) -> Result<TokenStream, String> {
    let Output::Json(of) = &method.output else { return Err(format!("`{}` has no JSON to page", operation.id)) };
    let page = page(operation, of, &client.types)?;
    let (builder, constant) = (naming::builder(&method.name), naming::constant(&method.name));
    let (list, item) = (name(&pagination.items), format_ident!("{}", pagination.item));
    let id = pagination.id.iter().map(|id| {
        let id = name(id);
        quote! { fn id(item: &Self::Item) -> Option<&str> { item.#id.as_deref() } }
    });
    let Steps { cursor_hint, start, at, size, next } = match &pagination.style {
        Style::Cursor { token, href, next } => cursor(operation, *token, href.as_deref(), next.as_deref()),
        Style::PageNumber { page, default_size, links } => {
            numbered(client, operation, pagination, *page, *default_size, links)?
        }
    };
    Ok(quote! {
        impl #builder {
            /// The pages of the list, one after another. See [`cloud_billing_core::paginate`] for the rules of pagination.
            pub fn pages(self) -> ::cloud_billing_core::Pages<Self> { ::cloud_billing_core::Pages::new(self) }

            /// The items of the list, across its pages. See [`cloud_billing_core::paginate`] for the rules of pagination.
            pub fn items(self) -> ::cloud_billing_core::Items<Self> { ::cloud_billing_core::Items::new(self) }
        }

        impl ::cloud_billing_core::Paginate for #builder {
            type Page = #page;
            type Item = #item;

            const OPERATION: &'static Operation = &#constant;

            #cursor_hint

            fn core(&self) -> &Core { &self.core }

            fn start(&self) -> ::cloud_billing_core::paginate::Position { #start }

            fn request_at(&self, position: &::cloud_billing_core::paginate::Position) -> Request {
                let mut call = self.clone();
                #at
                call.request()
            }

            #size

            fn next(page: &Self::Page) -> ::cloud_billing_core::paginate::Next<'_> { #next }

            fn count(page: &Self::Page) -> usize { page.#list.len() }

            fn items(page: Self::Page) -> Vec<Self::Item> { page.#list.into_vec() }

            #(#id)*
        }
    })
}

/// The parts of an implementation that depend on the style.
struct Steps {
    cursor_hint: TokenStream,
    start: TokenStream,
    at: TokenStream,
    size: TokenStream,
    next: TokenStream,
}

fn cursor(operation: &Operation, token: usize, href: Option<&[Field]>, next: Option<&[Field]>) -> Steps {
    let parameter = &operation.parameters[token];
    let (wire, argument) = (&parameter.wire, format_ident!("{}", parameter.rust));
    let text = |path: Option<&[Field]>| path.map_or_else(|| quote!(None), text_at);
    let (at_href, at_next) = (text(href), text(next));
    Steps {
        cursor_hint: href.zip(next).map(|(href, next)| cursor_hint(wire, href, next)).unwrap_or_default(),
        start: quote! {
            match &self.#argument {
                Some(cursor) => ::cloud_billing_core::paginate::Position::Cursor(cursor.clone()),
                None => ::cloud_billing_core::paginate::Position::First,
            }
        },
        at: quote! {
            call.#argument = match position {
                ::cloud_billing_core::paginate::Position::Cursor(cursor) => Some(cursor.clone()),
                _ => None,
            };
        },
        size: TokenStream::new(),
        next: quote! {
            ::cloud_billing_core::paginate::Next::Cursor { parameter: #wire, href: #at_href, token: #at_next }
        },
    }
}

fn numbered(
    client: &Client<'_>,
    operation: &Operation,
    pagination: &Pagination,
    page: usize,
    default_size: u64,
    links: &Field,
) -> Result<Steps, String> {
    let argument = |index: usize| format_ident!("{}", operation.parameters[index].rust);
    let (number, size, links) = (argument(page), argument(pagination.size), name(links));
    let ty = client.types.argument(operation, &operation.parameters[page].rust);
    let ty = ty.ok_or_else(|| format!("the page number of `{}` has no type", operation.id))?;
    let default_size = Literal::u64_unsuffixed(default_size);
    Ok(Steps {
        cursor_hint: TokenStream::new(),
        start: quote! {
            ::cloud_billing_core::paginate::Position::Number(self.#number.and_then(|number| u64::try_from(number).ok()).unwrap_or(1))
        },
        at: quote! {
            // A page beyond the range of the parameter is refused by its check.
            if let ::cloud_billing_core::paginate::Position::Number(number) = position {
                call.#number = Some(#ty::try_from(*number).unwrap_or(#ty::MAX));
            }
        },
        size: quote! {
            fn page_size(&self) -> Option<u64> {
                Some(self.#size.and_then(|size| u64::try_from(size).ok()).unwrap_or(#default_size))
            }
        },
        next: quote! {
            ::cloud_billing_core::paginate::Next::Link(::cloud_billing_core::paginate::leads_on(page.#links.iter().map(|link| link.rel.as_deref())))
        },
    })
}

/// Where the cursor can be read before the page is decoded: if link and cursor stand in one object of the page.
fn cursor_hint(parameter: &str, href: &[Field], next: &[Field]) -> TokenStream {
    let ([object, href], [beside, token]) = (href, next) else { return TokenStream::new() };
    if object.wire != beside.wire {
        return TokenStream::new();
    }
    let (object, href, token) = (&object.wire, &href.wire, &token.wire);
    quote! {
        const CURSOR: Option<::cloud_billing_core::paginate::CursorAt> = Some(::cloud_billing_core::paginate::CursorAt {
            parameter: #parameter,
            object: #object,
            href: #href,
            token: #token,
        });
    }
}

fn name(field: &Field) -> Ident {
    format_ident!("{}", field.rust)
}

/// The expression of an optional text at a path of properties, from `page`.
fn text_at(path: &[Field]) -> TokenStream {
    let names: Vec<Ident> = path.iter().map(name).collect();
    match names.as_slice() {
        [] => quote!(None),
        [last] => quote!(page.#last.as_deref()),
        [first, between @ .., last] => {
            quote! { page.#first.as_ref() #(.and_then(|at| at.#between.as_ref()))* .and_then(|at| at.#last.as_deref()) }
        }
    }
}
