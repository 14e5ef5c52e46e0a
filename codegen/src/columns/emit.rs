//! The code of the columns: definitions, the row, enums.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Column, Enum, Form, Level, Model, version};
use crate::emit::render;
use crate::{File, Source, naming};

pub(super) fn files(model: &Model, source: Source<'_>) -> Result<Vec<File>, String> {
    let header = render::header(source);
    let all = all(model);
    let enums: Vec<TokenStream> = enums(model).iter().map(|(name, it)| enumeration(name, it)).collect();
    let modules = quote! {
        mod columns;
        mod row;
        mod values;
        pub use columns::{CATEGORIES, Column, Version};

        pub use row::Row;
        pub use values::*;
    };
    Ok(vec![
        render::file(&header, "columns.rs", "The columns, and the versions of FOCUS.", &columns(model, &all))?,
        render::file(&header, "mod.rs", "Columns, rows and values.", &modules)?,
        render::file(&header, "row.rs", "A row.", &row(&all))?,
        render::wrapped(&header, "values.rs", "The values of columns.", "::cloud_billing_core::open_enum!", &enums)?,
    ])
}

/// A column of either kind.
struct Any<'m> {
    name: &'m str,
    form: Form,
    text: &'m str,
    focus: Option<&'m Column>,
}

/// In the order of a file: FOCUS's columns by name, then ours.
fn all(model: &Model) -> Vec<Any<'_>> {
    let mut focus: Vec<Any<'_>> =
        model.columns.iter().map(|it| Any { name: &it.name, form: it.form, text: &it.text, focus: Some(it) }).collect();
    let mut own: Vec<Any<'_>> =
        model.own.iter().map(|it| Any { name: &it.name, form: it.form, text: &it.text, focus: None }).collect();
    focus.sort_by_key(|it| it.name);
    own.sort_by_key(|it| it.name);
    focus.into_iter().chain(own).collect()
}

impl Any<'_> {
    fn variant(&self) -> proc_macro2::Ident {
        format_ident!("{}", self.name.replacen("x_", "X", 1))
    }

    fn field(&self) -> proc_macro2::Ident {
        format_ident!("{}", naming::snake(self.name))
    }

    fn doc(&self) -> TokenStream {
        let text = format!(" {}", render::one_line(self.text));
        quote!(#[doc = #text])
    }

    fn rust_type(&self) -> TokenStream {
        match self.form {
            Form::Decimal | Form::Price => quote!(Decimal),
            Form::Text | Form::Currency | Form::Unit => quote!(Text<'a>),
            Form::Time => quote!(Timestamp),
            Form::Bool => quote!(bool),
            Form::Json | Form::Flat => quote!(Json<'a>),
            Form::Enum => {
                let name = format_ident!("{}", self.focus.and_then(|it| it.values.as_deref()).unwrap_or_default());
                quote!(#name)
            }
        }
    }

    fn definition(&self) -> TokenStream {
        let name = self.name;
        let form = format_ident!("{}", format!("{:?}", self.form));
        let Some(focus) = self.focus else {
            return quote!(Definition::own(#name, Form::#form));
        };
        let level = match focus.level {
            Level::Mandatory => quote!(Level::Mandatory),
            Level::Conditional => quote!(Level::Conditional),
            Level::Recommended => quote!(Level::Recommended),
        };
        let nullable = focus.nullable;
        let condition = focus.condition.as_deref().unwrap_or_default();
        quote!(Definition { name: #name, form: Form::#form, level: #level, nullable: #nullable, condition: #condition })
    }

    /// Whether a version has it.
    fn is_in(&self, asked: &str) -> bool {
        let asked = version(asked);
        self.focus.is_none_or(|it| {
            version(&it.since) <= asked && it.until.as_deref().is_none_or(|until| asked <= version(until))
        })
    }
}

fn columns(model: &Model, all: &[Any<'_>]) -> TokenStream {
    let variants = all.iter().map(|it| {
        let (doc, variant) = (it.doc(), it.variant());
        quote!(#doc #variant)
    });
    let names: Vec<_> = all.iter().map(Any::variant).collect();
    let definitions = all.iter().map(Any::definition);
    let versions: Vec<_> = model.versions.iter().map(|it| (format_ident!("V{}", it.replace('.', "_")), it)).collect();
    let version_variants = versions.iter().map(|(variant, text)| {
        let doc = format!(" FOCUS {text}.");
        quote!(#[doc = #doc] #variant)
    });
    let version_names: Vec<_> = versions.iter().map(|(variant, _)| variant).collect();
    let version_texts = versions.iter().map(|(_, text)| text);
    let version_columns = versions.iter().map(|(_, text)| {
        let columns = all.iter().filter(|it| it.is_in(text)).map(Any::variant);
        quote!(&[#(Column::#columns),*])
    });
    let categories = model.categories.iter().map(|(name, subs)| {
        let other = format!("Other ({name})");
        let subs = subs.iter().chain(std::iter::once(&other));
        quote!((#name, &[#(#subs),*]))
    });
    let count = all.len();
    let newest = versions.last().map(|(variant, _)| variant);
    quote! {
        use crate::column::{Definition, Form, Level};
        /// A column. In the order of a file: those of FOCUS by name, then ours, whose names begin with `x_`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Column { #(#variants,)* }
        impl Column {
            /// All columns of all versions.
            pub const ALL: &'static [Self] = &[#(Self::#names),*];
            /// What the column is like.
            #[must_use]
            pub fn definition(self) -> &'static Definition {
                static DEFINITIONS: [Definition; #count] = [#(#definitions),*];
                &DEFINITIONS[self as usize]
            }
        }
        /// A version of FOCUS.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Version { #(#version_variants,)* }
        impl Version {
            /// All versions, the newest last.
            pub const ALL: &'static [Self] = &[#(Self::#version_names),*];
            /// The newest.
            pub const NEWEST: Self = Self::#newest;
            /// As it is written, such as `1.4`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { #(Self::#version_names => #version_texts,)* }
            }
            /// The columns of a file, in their order.
            #[must_use]
            pub const fn columns(self) -> &'static [Column] {
                match self { #(Self::#version_names => #version_columns,)* }
            }
        }
        /// The categories of services, each with its subcategories.
        pub static CATEGORIES: &[(&str, &[&str])] = &[#(#categories),*];
    }
}

fn row(all: &[Any<'_>]) -> TokenStream {
    let fields = all.iter().map(|it| {
        let (doc, field, ty) = (it.doc(), it.field(), it.rust_type());
        quote!(#doc pub #field: Option<#ty>)
    });
    let get = all.iter().map(|it| {
        let (variant, field) = (it.variant(), it.field());
        let copied = it.focus.and_then(|focus| focus.copies.as_deref()).map(|other| {
            let other = format_ident!("{}", naming::snake(other));
            quote!(.or(self.#other.as_ref()))
        });
        quote!(Column::#variant => Value::of(self.#field.as_ref()#copied))
    });
    let set = all.iter().map(|it| {
        let (variant, field) = (it.variant(), it.field());
        quote!(Column::#variant => read(text).map(|value| self.#field = value))
    });
    let or = all.iter().map(|it| {
        let field = it.field();
        quote!(#field: self.#field.or(other.#field))
    });
    let own = all.iter().map(|it| {
        let field = it.field();
        if matches!(it.form, Form::Text | Form::Currency | Form::Unit | Form::Json | Form::Flat) {
            quote!(#field: self.#field.map(Owned::owned))
        } else {
            quote!(#field: self.#field)
        }
    });
    let mut types: Vec<String> =
        all.iter().filter(|it| it.form == Form::Enum).map(|it| it.rust_type().to_string()).collect();
    types.sort_unstable();
    types.dedup();
    let types = types.iter().map(|name| format_ident!("{name}"));
    quote! {
        use ::cloud_billing_core::{Decimal, Timestamp};
        use super::{Column, #(#types),*};
        use crate::value::{CellError, Json, Owned, Text, Value, read};
        /// A charge: one row of FOCUS Cost and Usage, with our own columns.
        ///
        /// A field that is `None` is null: the value is not known, or there is none. Nothing is ever zero in place of that.
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct Row<'a> { #(#fields,)* }
        impl Row<'_> {
            /// The value of a column.
            #[must_use]
            pub fn value(&self, column: Column) -> Value<'_> {
                match column { #(#get,)* }
            }
            /// Sets a column to what a file has in it. An empty text is null.
            ///
            /// # Errors
            ///
            /// If the text is not a value of the column.
            pub fn set(&mut self, column: Column, text: &str) -> Result<(), CellError> {
                match column { #(#set,)* }
            }
            /// The row, with the values of another one where it has none.
            #[must_use]
            pub fn or(self, other: Self) -> Self {
                Row { #(#or,)* }
            }
            /// The row with its own texts.
            #[must_use]
            pub fn into_owned(self) -> Row<'static> {
                Row { #(#own,)* }
            }
        }
    }
}

/// The enums, those of the categories among them.
fn enums(model: &Model) -> BTreeMap<String, Enum> {
    let mut enums = BTreeMap::new();
    for (name, it) in &model.enums {
        enums.insert(name.clone(), Enum { text: it.text.clone(), values: it.values.clone() });
    }
    let categories = || model.categories.keys().cloned();
    let subs = model.categories.values().flatten().cloned().chain(categories().map(|it| format!("Other ({it})")));
    let (text, values) = ("Categories of services.".to_owned(), categories().collect());
    enums.insert("ServiceCategory".to_owned(), Enum { text, values });
    let (text, values) = ("Subcategories of services.".to_owned(), subs.collect());
    enums.insert("ServiceSubcategory".to_owned(), Enum { text, values });
    enums
}

fn enumeration(name: &str, it: &Enum) -> TokenStream {
    let (name, doc) = (format_ident!("{name}"), format!(" {}", render::one_line(&it.text)));
    let values = it.values.iter().map(|value| {
        let (variant, doc) = (format_ident!("{}", naming::pascal(value)), format!(" `{value}`"));
        quote!(#[doc = #doc] #variant = #value)
    });
    quote! { #[doc = #doc] pub enum #name { #(#values,)* } }
}
