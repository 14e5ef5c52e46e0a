//! Operations that page: the implementation of the runtime's `Paginate`, and `pages()` and `items()`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Type;

use super::operations::{builder_name, constant_name};
use super::{Model, members, shorten};
use crate::harvest::{Output, Signature, generic};
use crate::side::{Operation, Pagination, Schema};

/// What follows the builder of a paged operation; nothing for any other.
pub(super) fn paging(model: &Model<'_>, operation: &Operation, signature: &Signature) -> Option<TokenStream> {
    let pagination = operation.pagination.as_ref()?;
    let Output::Json(page) = &signature.output else { return None };
    let page = shorten(page);
    let (builder, constant) = (format_ident!("{}", builder_name(operation)), constant_name(operation));
    let argument = |wire: &str| {
        let parameter = operation.parameters.iter().find(|parameter| parameter.wire == wire)?;
        Some((format_ident!("{}", parameter.rust), shorten(signature.arguments.get(&parameter.rust)?)))
    };
    let (items, id) = match pagination {
        Pagination::Cursor { items, id, .. } | Pagination::PageNumber { items, id, .. } => (items, id),
    };
    let (list, list_type) = field(model, &page, items)?;
    let item = generic(&list_type, "NullableVec")?.clone();
    let id = id.as_ref().and_then(|id| {
        let (id, _) = field(model, &item, id)?;
        Some(quote! {
            fn id(item: &Self::Item) -> Option<&str> { item.#id.as_deref() }
        })
    });
    let (start, at, size, next) = match pagination {
        Pagination::Cursor { token, next_href, next_token, .. } => {
            let (argument, _) = argument(token)?;
            let (href, offset) = (text_at(model, &page, next_href)?, text_at(model, &page, next_token)?);
            (
                quote! {
                    match &self.#argument {
                        Some(cursor) => ::cloud_billing_core::paginate::Position::Cursor(cursor.clone()),
                        None => ::cloud_billing_core::paginate::Position::First,
                    }
                },
                quote! {
                    call.#argument = match position {
                        ::cloud_billing_core::paginate::Position::Cursor(cursor) => Some(cursor.clone()),
                        _ => None,
                    };
                },
                None,
                quote! { ::cloud_billing_core::paginate::Next::Cursor { parameter: #token, href: #href, token: #offset } },
            )
        }
        Pagination::PageNumber { page: number, size, default_size, links, .. } => {
            let ((number, number_type), (size, _)) = (argument(number)?, argument(size)?);
            let (links, _) = field(model, &page, links)?;
            let default_size = proc_macro2::Literal::u64_unsuffixed(*default_size);
            (
                quote! {
                    ::cloud_billing_core::paginate::Position::Number(self.#number.and_then(|number| u64::try_from(number).ok()).unwrap_or(1))
                },
                quote! {
                    // A page beyond the range of the parameter is refused by its check.
                    if let ::cloud_billing_core::paginate::Position::Number(number) = position {
                        call.#number = Some(#number_type::try_from(*number).unwrap_or(#number_type::MAX));
                    }
                },
                Some(quote! {
                    fn page_size(&self) -> Option<u64> {
                        Some(self.#size.and_then(|size| u64::try_from(size).ok()).unwrap_or(#default_size))
                    }
                }),
                quote! {
                    ::cloud_billing_core::paginate::Next::Link(::cloud_billing_core::paginate::leads_on(page.#links.iter().map(|link| link.rel.as_deref())))
                },
            )
        }
    };
    let early = early(pagination);
    Some(quote! {
        impl #builder {
            /// The pages of the list, one after another. See [`cloud_billing_core::paginate`] for the rules of a walk.
            pub fn pages(self) -> ::cloud_billing_core::Pages<Self> { ::cloud_billing_core::Pages::new(self) }

            /// The items of the list, across its pages. See [`cloud_billing_core::paginate`] for the rules of a walk.
            pub fn items(self) -> ::cloud_billing_core::Items<Self> { ::cloud_billing_core::Items::new(self) }
        }

        impl ::cloud_billing_core::Paginate for #builder {
            type Page = #page;
            type Item = #item;

            const OPERATION: &'static Operation = &#constant;

            #early

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

            #id
        }
    })
}

/// Where the cursor can be read before the page is decoded: if link and cursor stand in one object of the page.
fn early(pagination: &Pagination) -> Option<TokenStream> {
    let Pagination::Cursor { token: parameter, next_href, next_token, .. } = pagination else { return None };
    let ((object, href), (beside, token)) = (next_href.split_once('.')?, next_token.split_once('.')?);
    if object != beside || href.contains('.') || token.contains('.') {
        return None;
    }
    Some(quote! {
        const CURSOR: Option<::cloud_billing_core::paginate::CursorAt> = Some(::cloud_billing_core::paginate::CursorAt {
            parameter: #parameter,
            object: #object,
            href: #href,
            token: #token,
        });
    })
}

/// The schema behind a type of ours.
fn schema<'a>(model: &'a Model<'_>, of: &Type) -> Option<(&'a Schema, &'a syn::ItemStruct)> {
    let Type::Path(path) = generic(of, "Option").or_else(|| generic(of, "Box")).unwrap_or(of) else { return None };
    let name = path.path.segments.last()?.ident.to_string();
    let (name, schema) = model.side.schemas.get_key_value(&name)?;
    Some((schema, model.harvest.structs.get(name)?))
}

/// The Rust name and type of a property of a type.
fn field(model: &Model<'_>, of: &Type, wire: &str) -> Option<(proc_macro2::Ident, Type)> {
    let (schema, item) = schema(model, of)?;
    let member = members(schema, item).into_iter().find(|member| member.field.wire == wire)?;
    Some((format_ident!("{}", member.field.rust), member.ty))
}

/// The expression of an optional text at a path of properties, from `page`.
fn text_at(model: &Model<'_>, page: &Type, path: &str) -> Option<TokenStream> {
    let mut names = Vec::new();
    let mut of = page.clone();
    for wire in path.split('.') {
        let (name, ty) = field(model, &of, wire)?;
        names.push(name);
        of = ty;
    }
    let (last, above) = names.split_last()?;
    let Some((first, between)) = above.split_first() else { return Some(quote!(page.#last.as_deref())) };
    Some(quote! { page.#first.as_ref() #(.and_then(|at| at.#between.as_ref()))* .and_then(|at| at.#last.as_deref()) })
}
