//! The files of a client: written from the model, with the Rust types that progenitor chose.

pub(crate) mod catalogue;
mod checks;
mod documentation;
mod enums;
mod ids;
mod imports;
mod named;
mod operations;
pub(crate) mod page;
mod pagination;
pub(crate) mod render;
mod types;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::engine::Types;
use crate::model::{Method, Model, Object, Operation, Usage};
use crate::{File, Source, naming};

pub(crate) use operations::{arguments, page};
pub(crate) use render::one_line;
pub(crate) use types::members;

/// What a client is written from.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    pub(crate) model: Model,
    pub(crate) types: Types,
    pub(crate) source: Source<'a>,
}

/// The file that holds types of several groups, and of error bodies.
const SHARED: &str = "shared";

impl Client<'_> {
    /// The generated files, sorted by path.
    ///
    /// # Errors
    /// If the generated code is not Rust. The error names the file.
    pub(crate) fn files(&self) -> Result<Vec<File>, String> {
        let header = render::header(self.source);
        let mut files = vec![self.root(&format!("{header}\n{}", render::digest(self.source)))?];
        files.extend(self.operation_files(&header)?);
        files.extend(self.type_files(&header)?);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn root(&self, header: &str) -> Result<File, String> {
        let version = &self.model.api_version;
        let doc = format!(" Version of the API that this client was generated for: {}.", self.model.title);
        let items = quote! {
            #[cfg(feature = "client")]
            pub mod operations;
            pub mod types;
            #[doc = #doc]
            pub const API_VERSION: &str = #version;
        };
        render::file(header, "mod.rs", &format!("Generated code: {}.", self.model.title), &items)
    }

    fn operation_files(&self, header: &str) -> Result<Vec<File>, String> {
        let mut groups: BTreeMap<&str, Vec<(&Operation, &Method)>> = BTreeMap::new();
        for (operation, method) in self.model.methods() {
            groups.entry(&operation.group).or_default().push((operation, method));
        }
        let builders = |methods: &[(&Operation, &Method)]| {
            methods.iter().map(|(_, method)| naming::pascal(&method.name)).collect()
        };
        let modules = index(groups.iter().map(|(group, methods)| (*group, builders(methods))));
        let all = self.model.methods().map(|(operation, method)| {
            let (group, name) = (format_ident!("{}", operation.group), naming::constant(&method.name));
            quote! { &#group::#name }
        });
        let items = quote! {
            #modules
            /// Every operation of the service, as the constant that describes it.
            pub const ALL: &[&::cloud_billing_core::Operation] = &[#(#all),*];
        };
        let title = "The operations: a builder each, and the methods of the client that start them.";
        let mut files = vec![render::file(header, "operations/mod.rs", title, &items)?];
        for (group, methods) in groups {
            let items = operations::group(self, &methods)?;
            let title = format!("Operations: {}.", group.replace('_', " "));
            files.push(render::file(header, &format!("operations/{group}.rs"), &title, &items)?);
        }
        Ok(files)
    }

    fn type_files(&self, header: &str) -> Result<Vec<File>, String> {
        let mut groups: BTreeMap<&str, Vec<(&str, &Object)>> = BTreeMap::new();
        for (name, object) in &self.model.objects {
            groups.entry(home(&object.usage)).or_default().push((name, object));
        }
        let enums: Vec<String> = self.model.enums.keys().cloned().collect();
        let listed = groups
            .iter()
            .map(|(group, items)| (*group, items.iter().map(|(name, ..)| (*name).to_owned()).collect::<Vec<_>>()));
        let ids: Vec<String> = self.model.ids.keys().cloned().collect();
        let named = [("enums", enums), ("ids", ids)].into_iter().filter(|(_, names)| !names.is_empty());
        let modules = index(listed.chain(named));
        let mut files = vec![render::file(header, "types/mod.rs", "The types of requests and responses.", &modules)?];
        for (group, items) in groups {
            let own: Vec<&str> = items.iter().map(|(name, ..)| *name).collect();
            let objects = items.iter().map(|(name, object)| types::object(name, object, &self.types));
            let mut objects = objects.collect::<Result<Vec<_>, _>>()?;
            let items = objects.iter().map(|(items, _)| items);
            let items = quote! { #(#items)* };
            let elsewhere = |name: &str| self.model.has_type(name) && !own.contains(&name);
            let imports = imports::imports(&items, &quote!(super), elsewhere);
            objects.insert(0, (imports, String::new()));
            let title = match group {
                SHARED => "Types that several groups of operations use, and error bodies.".to_owned(),
                group => format!("Types: {}.", group.replace('_', " ")),
            };
            files.push(render::with_macros(header, &format!("types/{group}.rs"), &title, &objects)?);
        }
        if !self.model.enums.is_empty() {
            let items = enums::all(&self.model.enums);
            let macro_name = "::cloud_billing_core::open_enum!";
            files.push(render::wrapped(header, "types/enums.rs", "Open enumerations.", macro_name, &items)?);
        }
        if !self.model.ids.is_empty() {
            files.push(render::with_macros(header, "types/ids.rs", "Ids.", &ids::all(&self.model.ids))?);
        }
        Ok(files)
    }
}

/// `mod a; pub use a::{X, Y};` for each group.
fn index<'a>(groups: impl Iterator<Item = (&'a str, Vec<String>)>) -> TokenStream {
    let (modules, uses): (Vec<_>, Vec<_>) = groups
        .map(|(group, names)| {
            let group = format_ident!("{group}");
            let names = names.iter().map(|name| format_ident!("{name}"));
            (quote! { mod #group; }, quote! { pub use #group::{#(#names),*}; })
        })
        .unzip();
    quote! { #(#modules)* #(#uses)* }
}

/// The file that a type goes into.
fn home(usage: &Usage) -> &str {
    match usage.groups.first() {
        Some(group) if usage.groups.len() == 1 => group,
        _ => SHARED,
    }
}
