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
    let (items, item) = (&pagination.items.wire, format_ident!("{}", pagination.item));
    let id = pagination.id.iter().map(|id| {
        let id = name(id);
        quote! { fn id(item: &Self::Item) -> Option<&str> { item.#id.as_deref() } }
    });
    let Steps { start, at, size, next } = match &pagination.style {
        Style::Cursor { token, href, next } => cursor(operation, *token, href.as_deref(), next.as_deref()),
        Style::PageNumber { page, default_size, links, relation, total } => {
            let next = number_layout(links, relation.as_deref(), total.as_ref());
            numbered(client, operation, pagination, *page, *default_size, next)?
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

            fn operation(&self) -> &'static Operation { &#constant }

            fn layout(&self) -> ::cloud_billing_core::paginate::Layout {
                ::cloud_billing_core::paginate::Layout { items: #items, next: #next }
            }

            fn core(&self) -> &Core { &self.core }

            fn start(&self) -> ::cloud_billing_core::paginate::Position { #start }

            fn request_at(&self, position: &::cloud_billing_core::paginate::Position) -> Request {
                let mut call = self.clone();
                #at
                call.request()
            }

            #size

            #(#id)*
        }
    })
}

/// The parts of an implementation that depend on the style.
struct Steps {
    start: TokenStream,
    at: TokenStream,
    size: TokenStream,
    /// What leads to the next page.
    next: TokenStream,
}

fn cursor(operation: &Operation, token: usize, href: Option<&[Field]>, next: Option<&[Field]>) -> Steps {
    let parameter = &operation.parameters[token];
    let (wire, argument) = (&parameter.wire, format_ident!("{}", parameter.rust));
    let path = |path: Option<&[Field]>| {
        let wires = path.unwrap_or_default().iter().map(|field| &field.wire);
        quote!(&[#(#wires),*])
    };
    let (href, token) = (path(href), path(next));
    Steps {
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
            ::cloud_billing_core::paginate::Next::Cursor { parameter: #wire, href: #href, token: #token }
        },
    }
}

fn numbered(
    client: &Client<'_>,
    operation: &Operation,
    pagination: &Pagination,
    page: usize,
    default_size: u64,
    next: TokenStream,
) -> Result<Steps, String> {
    let argument = |index: usize| format_ident!("{}", operation.parameters[index].rust);
    let (number, size) = (argument(page), argument(pagination.size));
    let ty = client.types.argument(operation, &operation.parameters[page].rust);
    let ty = ty.ok_or_else(|| format!("the page number of `{}` has no type", operation.id))?;
    let default_size = Literal::u64_unsuffixed(default_size);
    Ok(Steps {
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
        next,
    })
}

/// The links that lead to the next page, those of the relation `next` and of another one that the service uses, and the
/// number of items of the whole list.
fn number_layout(links: &Field, relation: Option<&str>, total: Option<&Field>) -> TokenStream {
    let (links, relations) = (&links.wire, std::iter::once("next").chain(relation));
    let total = total.map_or("", |total| &total.wire);
    quote! {
        ::cloud_billing_core::paginate::Next::Number { links: #links, relations: &[#(#relations),*], total: #total }
    }
}

fn name(field: &Field) -> Ident {
    format_ident!("{}", field.rust)
}
