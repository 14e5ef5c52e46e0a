//! Generated files -> [`Api`].

use std::collections::BTreeMap;

use syn::{Expr, FnArg, ImplItem, ImplItemFn, Item, ItemImpl, Pat, ReturnType, Visibility};

use super::docs::{docs, has, text};
use super::scope::{Module, Paths, Scope, named};
use super::{Api, CLIENT, Field, Method, TypeItem, wire};

/// The traits that `id!` implements.
const ID_IMPLS: &str = "AsRef<str> Borrow<str> Debug Deref Deserialize Display From<&Self> FromStr Serialize";

/// The items that `open_enum!` adds to every enum: trait impls and methods.
const OPEN_ENUM_IMPLS: &str = "AsRef<str> Clone Debug Deserialize Display Eq From<&str> From<String> FromStr Hash Ord PartialEq PartialOrd Serialize";
const OPEN_ENUM_METHODS: [(&str, &str); 2] = [("as_str", "&str"), ("is_known", "bool")];

/// Reads the files below a client's `src/generated`: (path with `/`, text).
///
/// # Errors
/// Which file is not Rust.
pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Api, String> {
    let parse = |(path, text): (&str, &str)| {
        let file = syn::parse_file(text).map_err(|error| format!("{path} is not Rust: {error}"))?;
        let path = path.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").map(str::to_owned).collect();
        Ok(Module { path, file })
    };
    let modules = files.into_iter().map(parse).collect::<Result<Vec<_>, String>>()?;
    let scope = Scope::new(&modules);
    let mut api = Api::default();
    api.types.insert(CLIENT.to_owned(), TypeItem { kind: "struct", ..TypeItem::default() });
    for module in &modules {
        let names = scope.names(module);
        let constants = module.file.items.iter().filter_map(|item| match item {
            Item::Const(item) => Some((item.ident.to_string(), (*item.expr).clone())),
            _ => None,
        });
        let reader = Reader {
            scope: &scope,
            module,
            paths: Paths { scope: &scope, module: &module.path, names: &names },
            constants: constants.collect(),
        };
        module.file.items.iter().for_each(|item| reader.item(item, &mut api));
    }
    // Impls of private types are not public.
    api.types.retain(|_, item| !item.kind.is_empty());
    let types: Vec<String> = api.types.keys().cloned().collect();
    api.impls.retain(|name, _| types.iter().any(|ty| name.ends_with(&format!(" for {ty}"))));
    Ok(api)
}

/// The methods and impls that `id!` adds to a type.
fn id(path: &str, api: &mut Api) {
    let ty = api.types.entry(path.to_owned()).or_default();
    let argument = ("id".to_owned(), "impl Into<String>".to_owned());
    let new = Method { arguments: vec![argument], result: "Self".to_owned(), must_use: true, ..Method::default() };
    let as_str =
        Method { receiver: "&self".to_owned(), result: "&str".to_owned(), must_use: true, ..Method::default() };
    ty.methods.extend([("new".to_owned(), new), ("as_str".to_owned(), as_str)]);
    let impls = ID_IMPLS.split(' ').map(|name| (format!("{name} for {path}"), BTreeMap::new()));
    api.impls.extend(impls);
}

struct Reader<'a> {
    scope: &'a Scope,
    module: &'a Module,
    paths: Paths<'a>,
    /// Of this file, public or not.
    constants: BTreeMap<String, Expr>,
}

impl Reader<'_> {
    fn item(&self, item: &Item, api: &mut Api) {
        if let Item::Impl(block) = item {
            return self.block(block, api);
        }
        if let Item::Macro(item) = item
            && let Some(name) = wire::id(item)
        {
            if let Some(path) = self.scope.public(&self.module.path, &name.to_string()) {
                id(path, api);
            }
            return;
        }
        let public = named(item).and_then(|(name, _)| self.scope.public(&self.module.path, &name).map(str::to_owned));
        let Some(path) = public else { return };
        match item {
            Item::Struct(item) => {
                let ty = api.types.entry(path.clone()).or_default();
                self.head(ty, "struct", &item.attrs);
                for (index, field) in item.fields.iter().enumerate() {
                    if matches!(field.vis, Visibility::Public(_)) {
                        let name = field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string);
                        ty.fields.insert(name.clone(), self.field(&name, field));
                    } else {
                        ty.opaque = true;
                    }
                }
                self.derives(&path, &item.attrs, api);
            }
            Item::Enum(item) => {
                let ty = api.types.entry(path.clone()).or_default();
                self.head(ty, "enum", &item.attrs);
                ty.variants = item.variants.iter().map(|v| (v.ident.to_string(), text(&v.fields))).collect();
                self.derives(&path, &item.attrs, api);
            }
            Item::Macro(item) => {
                let Some(open) = wire::open_enum(item) else { return };
                let ty = api.types.entry(path.clone()).or_default();
                self.head(ty, "enum", &open.attrs);
                ty.non_exhaustive = true;
                ty.variants = wire::texts(&open);
                for (name, result) in OPEN_ENUM_METHODS {
                    let (receiver, result) = ("&self".to_owned(), result.to_owned());
                    ty.methods.insert(name.to_owned(), Method { receiver, result, ..Method::default() });
                }
                api.constants.insert(format!("{path}::KNOWN"), ("&'static [Self]".to_owned(), String::new()));
                let impls = OPEN_ENUM_IMPLS.split(' ').map(|name| (format!("{name} for {path}"), BTreeMap::new()));
                api.impls.extend(impls);
            }
            Item::Const(item) => {
                api.constants.insert(path, (self.paths.of(&item.ty), text(&item.expr)));
            }
            other => {
                api.others.insert(path, text(other));
            }
        }
    }

    fn head(&self, ty: &mut TypeItem, kind: &'static str, attributes: &[syn::Attribute]) {
        ty.kind = kind;
        ty.non_exhaustive = has(attributes, "non_exhaustive");
        ty.must_use = has(attributes, "must_use");
        ty.docs = docs(attributes);
    }

    fn field(&self, name: &str, field: &syn::Field) -> Field {
        let (mut wire, mut decoding) = (name.to_owned(), Vec::new());
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            let _ = attribute.parse_nested_meta(|meta| {
                let value = if meta.input.peek(syn::Token![=]) { Some(meta.value()?.parse::<Expr>()?) } else { None };
                match (&value, meta.path.is_ident("rename")) {
                    (Some(value), true) => wire = text(value).trim_matches('"').to_owned(),
                    (Some(value), false) => decoding.push(format!("{} = {}", text(&meta.path), text(value))),
                    (None, _) => decoding.push(text(&meta.path)),
                }
                Ok(())
            });
        }
        Field { ty: self.paths.of(&field.ty), wire, decoding: decoding.join(", "), docs: docs(&field.attrs) }
    }

    fn derives(&self, path: &str, attributes: &[syn::Attribute], api: &mut Api) {
        for attribute in attributes {
            // By their names alone: which of serde's and the standard library's is meant is clear.
            let _ = attribute.parse_nested_meta(|meta| derived(attribute.path(), &meta, path, api));
        }
    }

    fn block(&self, block: &ItemImpl, api: &mut Api) {
        let path = self.paths.of(&block.self_ty);
        let Some((of, _)) = &block.trait_ else {
            let ty = api.types.entry(path.clone()).or_default();
            for member in &block.items {
                match member {
                    ImplItem::Fn(function) => self.function(function, ty),
                    ImplItem::Const(item) if matches!(item.vis, Visibility::Public(_)) => {
                        let value = (self.paths.of(&item.ty), text(&item.expr));
                        api.constants.insert(format!("{path}::{}", item.ident), value);
                    }
                    other => ty.code += &text(other),
                }
            }
            return;
        };
        let of = self.paths.of_path(of);
        if of.ends_with("json::Decode") {
            // Every type of a response has it, most by a macro.
            return;
        }
        let ty = api.types.entry(path.clone()).or_default();
        let mut associated = BTreeMap::new();
        for member in &block.items {
            match member {
                ImplItem::Type(item) => {
                    associated.insert(item.ident.to_string(), self.paths.of(&item.ty));
                }
                ImplItem::Fn(function) if function.sig.ident == "check" => {
                    ty.checks.extend(wire::body_checks(&function.block));
                    ty.code += &text(member);
                }
                other => ty.code += &text(other),
            }
        }
        let short = of.rsplit("::").next().unwrap_or(&of);
        api.impls.insert(format!("{short} for {path}"), associated);
    }

    fn function(&self, function: &ImplItemFn, ty: &mut TypeItem) {
        let name = function.sig.ident.to_string();
        if !matches!(function.vis, Visibility::Public(_)) {
            if name == "request" {
                ty.sent = Some(wire::sent(&function.block, &self.constants));
            }
            ty.code += &text(function);
            return;
        }
        let mut method = Method {
            is_async: function.sig.asyncness.is_some(),
            must_use: has(&function.attrs, "must_use"),
            docs: docs(&function.attrs),
            body: text(&function.block),
            ..Method::default()
        };
        for input in &function.sig.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    // Callers do not see whether the body may change its own copy.
                    method.receiver = text(receiver).trim_start_matches("mut ").to_owned();
                }
                FnArg::Typed(argument) => {
                    let name = match &*argument.pat {
                        Pat::Ident(pattern) => pattern.ident.to_string(),
                        other => text(other),
                    };
                    method.arguments.push((name, self.paths.of(&argument.ty)));
                }
            }
        }
        if let ReturnType::Type(_, result) = &function.sig.output {
            method.result = self.paths.of(result);
        }
        if !function.sig.generics.params.is_empty() {
            method.receiver = format!("<{}> {}", text(&function.sig.generics.params), method.receiver);
        }
        ty.methods.insert(name, method);
    }
}

/// Notes the traits in `derive(...)`, also within `cfg_attr(feature = "...", derive(...))`.
fn derived(attribute: &syn::Path, meta: &syn::meta::ParseNestedMeta<'_>, path: &str, api: &mut Api) -> syn::Result<()> {
    if attribute.is_ident("derive") {
        let name = meta.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        api.impls.insert(format!("{name} for {path}"), BTreeMap::new());
    } else if attribute.is_ident("cfg_attr") {
        if meta.input.peek(syn::Token![=]) {
            meta.value()?.parse::<Expr>()?;
        } else if meta.path.is_ident("derive") {
            return meta.parse_nested_meta(|inner| derived(&meta.path, &inner, path, api));
        }
    }
    Ok(())
}
