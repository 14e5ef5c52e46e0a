//! Reads progenitor's output and joins it to the model by key.
//!
//! Each property, argument and result of the model has to have its counterpart of the expected form, and nothing may be
//! left over. So an upgrade of progenitor that changes its output stops generation instead of changing a client.

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    FnArg, GenericArgument, ImplItem, ImplItemFn, Item, ItemMod, ItemStruct, LitStr, Pat, PathArguments, ReturnType,
    Type,
};

use super::document::key;
use super::shorten::shorten;
use crate::model::{self, Model, Operation, Output};

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

/// Joins the output to the model.
///
/// # Errors
/// What is missing, left over, or of another form.
pub(super) fn join(file: syn::File, model: &Model) -> Result<Types, String> {
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
    same(model.objects.keys(), structs.keys(), "types")?;
    let mut types = Types::default();
    for (name, item) in &structs {
        types.properties.insert(name.clone(), properties(name, item, model).map_err(|why| format!("`{name}`: {why}"))?);
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

fn same<'a>(
    expected: impl Iterator<Item = &'a String>,
    found: impl Iterator<Item = &'a String>,
    what: &str,
) -> Result<(), String> {
    let (expected, found): (BTreeSet<_>, BTreeSet<_>) = (expected.collect(), found.collect());
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    Err(format!("of the {what}, progenitor left out {missing:?} and made up {surplus:?}"))
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

fn properties(name: &str, item: &ItemStruct, model: &Model) -> Result<BTreeMap<String, Type>, String> {
    let fields: BTreeMap<String, &syn::Field> =
        item.fields.iter().map(|field| Ok((wire_name(field)?, field))).collect::<Result<_, String>>()?;
    let object = model.objects.get(name).ok_or("it is not in the model")?;
    let wires: Vec<&String> = object.properties.iter().map(|property| &property.wire).collect();
    same(wires.into_iter(), fields.keys(), "properties")?;
    let leaves = object.properties.iter().filter_map(|property| Some((property, fields.get(&property.wire)?)));
    leaves
        .map(|(property, field)| {
            let found = leaf(&field.ty, &property.schema.ty);
            Ok((property.wire.clone(), found.map_err(|why| format!("`{}`: {why}", property.wire))?))
        })
        .collect()
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
        found.insert(name.ident.to_string(), &*argument.ty);
    }
    let mut expected: BTreeMap<String, &model::Type> =
        operation.parameters.iter().map(|parameter| (parameter.rust.clone(), &parameter.schema.ty)).collect();
    expected.extend(operation.body.iter().map(|body| ("body".to_owned(), &body.schema.ty)));
    same(expected.keys(), found.keys(), "arguments")?;
    let pairs = expected.into_iter().filter_map(|(name, ty)| Some((found.get(&name).copied()?, name, ty)));
    pairs
        .map(|(argument, name, ty)| {
            let found = leaf(&owned(argument), ty).map_err(|why| format!("`{name}`: {why}"))?;
            Ok((name, found))
        })
        .collect()
}

/// `Option<&'a str>` -> `String`, `&'a T` -> `T`, `Option<bool>` -> `bool`.
fn owned(argument: &Type) -> Type {
    match generic(argument, "Option").unwrap_or(argument) {
        Type::Reference(reference) if *reference.elem == syn::parse_quote!(str) => syn::parse_quote!(String),
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
    let mismatch = || format!("progenitor's type {} does not fit the schema", quote::quote!(#found));
    match expected {
        model::Type::List(element) => leaf(generic(found, "Vec").ok_or_else(mismatch)?, &element.ty),
        model::Type::Map(value) => match map_value(found) {
            Some(inner) => leaf(inner, &value.ty),
            None if is_json_map(found) => Ok(syn::parse_quote!(::serde_json::Value)),
            None => Err(mismatch()),
        },
        model::Type::Any => match found {
            Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Value") => {
                Ok(found.clone())
            }
            _ => Err(mismatch()),
        },
        model::Type::Scalar(format) => named(found, format.short()).ok_or_else(mismatch),
        model::Type::Enum(name) | model::Type::Object(name) => named(found, name).ok_or_else(mismatch),
    }
}

/// The type by its last segment, where that is `name`; in a `Box` where it refers to itself, which progenitor puts inside
/// or outside of the `Option`.
fn named(found: &Type, name: &str) -> Option<Type> {
    let short = shorten(found);
    let Some(inner) = generic(&short, "Box") else { return is_named(&short, name).then(|| short.clone()) };
    let inner = generic(inner, "Option").unwrap_or(inner);
    is_named(inner, name).then(|| syn::parse_quote!(Box<#inner>))
}

fn is_named(found: &Type, name: &str) -> bool {
    matches!(found, Type::Path(path) if path.path.is_ident(name))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;
    use crate::load::Document;

    const SPEC: &str = include_str!("tests.yaml");

    fn model() -> Model {
        let document = Document::load(Source { file: "tests.yaml", text: SPEC, command: "regen" }).unwrap();
        crate::model::model(&document).unwrap()
    }

    /// Joins what progenitor writes, with one text of it replaced.
    fn join_with(arguments: &str, result: &str, types: &str) -> Result<Types, String> {
        let code = format!(
            "impl Client {{ pub async fn get_thing<'a>(&'a self, {arguments}) -> {result} {{ todo!() }} }}
             mod types {{ {types} }}"
        );
        join(syn::parse_str(&code).expect("Rust"), &model())
    }

    const ARGUMENTS: &str = "id: &'a str, limit: Option<i64>";
    const RESULT: &str = "Result<ResponseValue<types::Thing>, Error<()>>";
    const TYPES: &str = r#"
        pub struct Thing {
            #[serde(rename = "aB", default)] pub a_b: ::std::option::Option<::std::string::String>,
            pub parts: ::std::vec::Vec<Thing>,
            pub parent: ::std::option::Option<::std::boxed::Box<Thing>>,
        }"#;

    #[test]
    fn the_expected_form_is_joined() {
        let types = join_with(ARGUMENTS, RESULT, TYPES).expect("the expected form");
        let (model, thing): (_, Type) = (model(), syn::parse_quote!(Thing));
        assert_eq!(types.argument(&model.operations[0], "id"), Some(&syn::parse_quote!(String)));
        assert_eq!(types.argument(&model.operations[0], "limit"), Some(&syn::parse_quote!(i64)));
        assert_eq!(types.result(&model.operations[0]), Some(&thing));
        assert_eq!(types.property("Thing", "aB"), Some(&syn::parse_quote!(String)));
        assert_eq!(types.property("Thing", "parts"), Some(&thing));
        assert_eq!(types.property("Thing", "parent"), Some(&syn::parse_quote!(Box<Thing>)));
    }

    #[test]
    fn any_other_form_stops_generation() {
        let unnamed = TYPES.replace("aB", "ab");
        let retyped = TYPES.replace("::std::string::String", "i64");
        let flat = TYPES.replace("::std::vec::Vec<Thing>", "Thing");
        let closed = format!("{TYPES} pub enum Surprise {{ A }}");
        let extra = format!("{TYPES} pub struct Surprise;");
        for (arguments, result, types, problem) in [
            ("id: &'a str", RESULT, TYPES, "left out [\"limit\"]"),
            ("id: &'a str, limit: Option<bool>", RESULT, TYPES, "`limit`: progenitor's type bool"),
            (ARGUMENTS, "Response", TYPES, "its result is not"),
            (ARGUMENTS, "Result<ResponseValue<()>, Error<()>>", TYPES, "does not fit the schema"),
            (ARGUMENTS, RESULT, unnamed.as_str(), "made up [\"ab\"]"),
            (ARGUMENTS, RESULT, retyped.as_str(), "`aB`: progenitor's type"),
            (ARGUMENTS, RESULT, flat.as_str(), "`parts`: progenitor's type"),
            (ARGUMENTS, RESULT, closed.as_str(), "wrote the enum"),
            (ARGUMENTS, RESULT, extra.as_str(), "made up [\"Surprise\"]"),
            (ARGUMENTS, RESULT, "", "left out [\"Thing\"]"),
        ] {
            let message = join_with(arguments, result, types).expect_err("another form");
            assert!(message.contains(problem), "{problem}: {message}");
        }
        let lost = join(syn::parse_str(&format!("mod types {{ {TYPES} }}")).expect("Rust"), &model());
        assert!(lost.expect_err("no function").contains("no function `get_thing`"));
    }
}
