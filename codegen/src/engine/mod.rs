//! The engine: progenitor. It decides the Rust type of each property, argument and result.
//!
//! [`document`] makes its document from the model, and [`join`] reads the types in its output and joins them to the
//! model by key. Everything else is written from the model.
//!
//! The document has types and signatures only, without texts and rules. Its components and parameters have their Rust
//! names, by which the output is joined to the model. Each JSON media type is `application/json`, each
//! other one a stream of bytes. An operation has the success response of its first method; the others return bytes.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use quote::{format_ident, quote};
use schemars::schema::{InstanceType, SchemaObject, SingleOrVec};
use serde_json::{Map, Value, json};
use syn::{
    FnArg, GenericArgument, ImplItem, ImplItemFn, Item, ItemMod, ItemStruct, LitStr, Pat, PathArguments, ReturnType,
    Type, parse_quote,
};

use crate::model::{self, Format, Model, Object, Operation, Output, Place, Schema};

/// The Rust types that progenitor chose: of a value that is no list and no map, or of what is inside of these.
#[derive(Debug, Default)]
pub(crate) struct Types {
    /// By object and wire name of the property.
    properties: BTreeMap<String, BTreeMap<String, Type>>,
    /// By function and Rust name of the argument.
    arguments: BTreeMap<String, BTreeMap<String, Type>>,
    /// The JSON result by function.
    results: BTreeMap<String, Type>,
}

impl Types {
    /// The type of a property. [`join`] has found one for each.
    pub(crate) fn property(&self, object: &str, wire: &str) -> Option<&Type> {
        self.properties.get(object)?.get(wire)
    }

    /// The type of a parameter, or of the argument `body`.
    pub(crate) fn argument(&self, operation: &Operation, rust: &str) -> Option<&Type> {
        self.arguments.get(key(operation))?.get(rust)
    }

    /// The type of the JSON result.
    pub(crate) fn result(&self, operation: &Operation) -> Option<&Type> {
        self.results.get(key(operation))
    }
}

/// The Rust types of a service.
///
/// # Errors
/// What progenitor refuses, or where its output does not fit the model.
pub(crate) fn types(model: &Model) -> Result<Types, String> {
    let document = document(model)?;
    // The lint rules keep out what makes progenitor panic. Should it panic all the same, a maintainer gets a
    // diagnostic beside the panic message, and xtask an ordinary error.
    let generate = || Generator::new(&settings(model)).generate_tokens(&document);
    let tokens = match catch_unwind(AssertUnwindSafe(generate)) {
        Ok(Ok(tokens)) => tokens,
        Ok(Err(error)) => return Err(format!("progenitor refuses the document: {error}")),
        Err(_) => return Err("progenitor panicked".to_owned()),
    };
    // The clone keeps the tokens until the syntax tree is complete. Tokens that are freed one by one during parsing
    // fragment the heap, which slows down what follows.
    let file = syn::parse2(tokens.clone()).map_err(|error| format!("progenitor's output is not Rust: {error}"))?;
    join(file, model)
}

/// The positional interface: a function's signature says all that is read, in a third of the code of its builders.
fn settings(model: &Model) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Positional).with_map_type("::std::collections::BTreeMap");
    let traits = || [TypeImpl::Display, TypeImpl::FromStr].into_iter();
    for format in Format::of_runtime() {
        let schema = SchemaObject {
            instance_type: Some(SingleOrVec::Single(Box::new(instance_type(format.kind)))),
            format: Some(format.name.to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, format.rust, traits());
    }
    // Ours are open, where progenitor would refuse values that are new, and ids have no public text.
    for name in model.enums.keys().chain(model.ids.keys()) {
        settings.with_replacement(name, format!("crate::types::{name}"), traits());
    }
    settings
}

fn instance_type(kind: &str) -> InstanceType {
    match kind {
        "integer" => InstanceType::Integer,
        "number" => InstanceType::Number,
        _ => InstanceType::String,
    }
}

/// The document of a model.
///
/// # Errors
/// That the document is not OpenAPI 3.0, and where.
fn document(model: &Model) -> Result<OpenAPI, String> {
    let mut paths = Map::new();
    for operation in &model.operations {
        let item = paths.entry(path(operation)).or_insert_with(|| json!({}));
        item[&operation.http_method] = self::operation(operation);
    }
    let enums = model.enums.iter().map(|(name, entry)| {
        let values: Vec<&str> = entry.values.iter().map(|(_, wire)| wire.as_str()).collect();
        (name.clone(), json!({ "type": "string", "enum": values }))
    });
    let ids = model.ids.keys().map(|name| (name.clone(), json!({ "type": "string" })));
    let objects = model.objects.iter().map(|(name, object)| (name.clone(), self::object(object)));
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": model.title, "version": model.api_version },
        "paths": paths,
        "components": { "schemas": enums.chain(ids).chain(objects).collect::<Map<_, _>>() },
    });
    serde_path_to_error::deserialize(document).map_err(|error| {
        format!("the document for progenitor is not OpenAPI 3.0 at `{}`: {}", error.path(), error.inner())
    })
}

fn path(operation: &Operation) -> String {
    let in_path = operation.parameters.iter().filter(|parameter| parameter.place == Place::Path);
    in_path.fold(operation.path.clone(), |path, parameter| {
        path.replace(&format!("{{{}}}", parameter.wire), &format!("{{{}}}", parameter.rust))
    })
}

fn operation(operation: &Operation) -> Value {
    let parameters = operation.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.rust,
            "in": parameter.place.name(),
            "required": parameter.required,
            "schema": schema(&parameter.schema),
        })
    });
    let success = match operation.methods.first().map(|method| &method.output) {
        Some(Output::Json(ty)) => json!({ "application/json": { "schema": self::ty(ty) } }),
        Some(Output::Bytes) => {
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
        }
        Some(Output::Empty) | None => json!({}),
    };
    let mut written = json!({
        "operationId": key(operation),
        "parameters": parameters.collect::<Vec<_>>(),
        "responses": { operation.success.status.to_string(): { "description": "", "content": success } },
    });
    if let Some(body) = &operation.body {
        let content = json!({ "application/json": { "schema": schema(&body.schema) } });
        written["requestBody"] = json!({ "required": true, "content": content });
    }
    written
}

/// The name of the function that progenitor writes for an operation.
fn key(operation: &Operation) -> &str {
    operation.methods.first().map_or("", |method| method.name.as_str())
}

fn object(object: &Object) -> Value {
    let properties = object.properties.iter().map(|property| (property.wire.clone(), schema(&property.schema)));
    let properties: Map<_, _> = properties.collect();
    let always = object.properties.iter().filter(|property| property.is_always_present(object));
    let required: Vec<&str> = always.map(|property| property.wire.as_str()).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn schema(schema: &Schema) -> Value {
    ty(&schema.ty)
}

fn ty(of: &model::Type) -> Value {
    match of {
        model::Type::Any => json!({}),
        model::Type::Scalar(format) if format.name.is_empty() => json!({ "type": format.kind }),
        model::Type::Scalar(format) => json!({ "type": format.kind, "format": format.name }),
        model::Type::Enum(name) | model::Type::Id(name) | model::Type::Object(name) => {
            json!({ "$ref": format!("#/components/schemas/{name}") })
        }
        model::Type::List(element) => json!({ "type": "array", "items": schema(element) }),
        model::Type::Map(value) => json!({ "type": "object", "additionalProperties": schema(value) }),
    }
}

/// Joins the output to the model. Each property, argument and result of the model has to have its counterpart of the
/// expected form, and nothing may be left over: an upgrade of progenitor that changes its output stops generation
/// instead of changing a client.
///
/// # Errors
/// What is missing, left over, or of another form.
fn join(file: syn::File, model: &Model) -> Result<Types, String> {
    let mut structs = BTreeMap::new();
    let mut functions = BTreeMap::new();
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => read_structs(module, &mut structs)?,
            Item::Impl(block) if block.trait_.is_none() => {
                functions.extend(block.items.into_iter().filter_map(|member| match member {
                    ImplItem::Fn(function) => Some((function.sig.ident.to_string(), function)),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    same(&model.objects.keys().collect(), &structs.keys().collect(), "types")?;
    let mut types = Types::default();
    for ((name, object), item) in model.objects.iter().zip(structs.values()) {
        types.properties.insert(name.clone(), properties(object, item).map_err(|why| format!("`{name}`: {why}"))?);
    }
    for operation in &model.operations {
        let name = key(operation);
        let function = functions.get(name).ok_or_else(|| format!("progenitor wrote no function `{name}`"))?;
        let fail = |why| format!("`{name}`: {why}");
        types.arguments.insert(name.to_owned(), arguments(function, operation).map_err(fail)?);
        types.results.extend(result(function, operation).map_err(fail)?.map(|ty| (name.to_owned(), ty)));
    }
    Ok(types)
}

fn same(expected: &BTreeSet<&String>, found: &BTreeSet<&String>, what: &str) -> Result<(), String> {
    let (missing, surplus): (Vec<_>, Vec<_>) =
        (expected.difference(found).collect(), found.difference(expected).collect());
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    Err(format!("of the {what}, progenitor left out {missing:?} and made up {surplus:?}"))
}

/// The leaves of the types that were found, by the names of those that are expected.
fn leaves(
    expected: &BTreeMap<String, &model::Type>,
    found: &BTreeMap<String, Type>,
    what: &str,
) -> Result<BTreeMap<String, Type>, String> {
    same(&expected.keys().collect(), &found.keys().collect(), what)?;
    let pairs = expected.iter().filter_map(|(name, ty)| Some((name, found.get(name)?, *ty)));
    let leaves = pairs.map(|(name, found, ty)| match leaf(found, ty) {
        Ok(found) => Ok((name.clone(), found)),
        Err(why) => Err(format!("`{name}`: {why}")),
    });
    leaves.collect()
}

fn read_structs(module: ItemMod, structs: &mut BTreeMap<String, ItemStruct>) -> Result<(), String> {
    for item in module.content.map(|(_, items)| items).unwrap_or_default() {
        match item {
            Item::Struct(item) => {
                structs.insert(item.ident.to_string(), item);
            }
            Item::Enum(item) => return Err(format!("progenitor wrote the enum `{}`", item.ident)),
            Item::Impl(_) | Item::Mod(_) | Item::Use(_) => {}
            _ => return Err("progenitor wrote an item of an unknown kind among the types".to_owned()),
        }
    }
    Ok(())
}

fn properties(object: &Object, item: &ItemStruct) -> Result<BTreeMap<String, Type>, String> {
    let fields = item.fields.iter().map(|field| Ok((wire_name(field)?, field.ty.clone())));
    let properties = object.properties.iter().map(|property| (property.wire.clone(), &property.schema.ty));
    leaves(&properties.collect(), &fields.collect::<Result<_, String>>()?, "properties")
}

/// The wire name of a field: that of its serde attribute, or its own.
fn wire_name(field: &syn::Field) -> Result<String, String> {
    let mut name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = meta.value()?.parse::<LitStr>()?.value();
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
        read.map_err(|error| format!("the serde attribute of `{name}` cannot be read: {error}"))?;
    }
    Ok(name)
}

fn arguments(function: &ImplItemFn, operation: &Operation) -> Result<BTreeMap<String, Type>, String> {
    let mut found = BTreeMap::new();
    for input in &function.sig.inputs {
        let FnArg::Typed(argument) = input else { continue };
        let Pat::Ident(name) = &*argument.pat else { return Err("an argument has no name".to_owned()) };
        found.insert(name.ident.to_string(), owned(&argument.ty));
    }
    let parameters = operation.parameters.iter().map(|parameter| (parameter.rust.clone(), &parameter.schema.ty));
    let body = operation.body.iter().map(|body| ("body".to_owned(), &body.schema.ty));
    leaves(&parameters.chain(body).collect(), &found, "arguments")
}

/// `Option<&'a str>` -> `String`, `&'a T` -> `T`, `Option<bool>` -> `bool`.
fn owned(argument: &Type) -> Type {
    match generic(argument, "Option").unwrap_or(argument) {
        Type::Reference(reference) if *reference.elem == parse_quote!(str) => parse_quote!(String),
        Type::Reference(reference) => (*reference.elem).clone(),
        other => other.clone(),
    }
}

/// The type of the JSON result. The other methods of an operation return bytes.
fn result(function: &ImplItemFn, operation: &Operation) -> Result<Option<Type>, String> {
    let ReturnType::Type(_, returned) = &function.sig.output else { return Err("it returns nothing".to_owned()) };
    let value = generic(returned, "Result").and_then(|response| generic(response, "ResponseValue"));
    match (operation.methods.first().map(|method| &method.output), value) {
        (Some(Output::Json(ty)), Some(value)) => Ok(Some(leaf(value, ty)?)),
        (Some(Output::Empty), Some(Type::Tuple(unit))) if unit.elems.is_empty() => Ok(None),
        (Some(Output::Bytes), Some(Type::Path(path))) if path.path.is_ident("ByteStream") => Ok(None),
        _ => Err("its result is not that of the success response".to_owned()),
    }
}

/// The type inside lists and maps, which have to be those of the model.
fn leaf(found: &Type, expected: &model::Type) -> Result<Type, String> {
    let found = generic(found, "Option").unwrap_or(found);
    let mismatch = || format!("progenitor's type {} does not fit the schema", quote!(#found));
    match expected {
        model::Type::List(element) => leaf(generic(found, "Vec").ok_or_else(mismatch)?, &element.ty),
        model::Type::Map(value) => match map_value(found) {
            Some(inner) => leaf(inner, &value.ty),
            None if is_json_map(found) => Ok(parse_quote!(::serde_json::Value)),
            None => Err(mismatch()),
        },
        model::Type::Any => match found {
            Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Value") => {
                Ok(found.clone())
            }
            _ => Err(mismatch()),
        },
        model::Type::Scalar(format) => named(found, format.short()).ok_or_else(mismatch),
        model::Type::Enum(name) | model::Type::Id(name) | model::Type::Object(name) => {
            named(found, name).ok_or_else(mismatch)
        }
    }
}

/// The type of a name; in a `Box` where it refers to itself, which progenitor puts inside or outside of the `Option`.
fn named(found: &Type, name: &str) -> Option<Type> {
    let boxed = generic(found, "Box").map(|inner| generic(inner, "Option").unwrap_or(inner));
    let Type::Path(path) = boxed.unwrap_or(found) else { return None };
    let segments: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let (last, above) = segments.split_last()?;
    // Progenitor writes every path in full; generated code names types by their last segment.
    let known = ["", "std::string", "types", "crate::types", "cloud_billing_core"].contains(&above.join("::").as_str());
    let name = format_ident!("{}", Some(last).filter(|last| known && *last == name)?);
    Some(if boxed.is_some() { parse_quote!(Box<#name>) } else { parse_quote!(#name) })
}

/// The value of `BTreeMap<String, V>`.
fn map_value(of: &Type) -> Option<&Type> {
    let mut arguments = type_arguments(of, "BTreeMap")?;
    arguments.nth(1)
}

/// Whether it is `serde_json::Map<String, Value>`, which progenitor takes for a map of any values.
fn is_json_map(of: &Type) -> bool {
    type_arguments(of, "Map").is_some()
}

/// The first type argument of a type whose last path segment is `name`.
fn generic<'a>(of: &'a Type, name: &'a str) -> Option<&'a Type> {
    type_arguments(of, name)?.next()
}

fn type_arguments<'a>(of: &'a Type, name: &str) -> Option<impl Iterator<Item = &'a Type>> {
    let Type::Path(path) = of else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    Some(arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(found) => Some(found),
        _ => None,
    }))
}
