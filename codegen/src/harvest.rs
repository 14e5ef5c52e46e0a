//! Reads progenitor's output: the types, and for each operation the types of its arguments and of its result.
//!
//! The shape is checked strictly. What progenitor puts on the wire has to agree with the side table in every name, so
//! that an upgrade which changes its output stops generation instead of changing a client in silence.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{
    Expr, FnArg, GenericArgument, ImplItem, ImplItemFn, Item, ItemStruct, Lit, Pat, PathArguments, ReturnType, Type,
};

use crate::side::{Operation, Place, Side};

/// What progenitor made of a spec.
#[derive(Debug)]
pub(crate) struct Harvest {
    /// The structs for the object schemas, by Rust name.
    pub(crate) structs: BTreeMap<String, ItemStruct>,
    /// Signatures by method name.
    pub(crate) signatures: BTreeMap<String, Signature>,
}

/// Types of an operation.
#[derive(Debug)]
pub(crate) struct Signature {
    /// Owned type of each argument by Rust name, without the `Option` of one that may be left out.
    pub(crate) arguments: BTreeMap<String, Type>,
    /// What a call results in.
    pub(crate) output: Output,
}

/// The result of a call.
#[derive(Debug)]
pub(crate) enum Output {
    Json(Box<Type>),
    Bytes,
    Empty,
}

/// Takes the output apart.
pub(crate) fn read(file: syn::File, side: &Side) -> Result<Harvest, String> {
    let mut harvest = Harvest { structs: BTreeMap::new(), signatures: BTreeMap::new() };
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                let items = module.content.map(|(_, items)| items).unwrap_or_default();
                types(items, side, &mut harvest.structs)?;
            }
            Item::Impl(block) if block.trait_.is_none() => {
                for member in block.items {
                    let ImplItem::Fn(function) = member else { continue };
                    let name = function.sig.ident.to_string();
                    if let Some(operation) = side.operations.iter().find(|operation| operation.name == name) {
                        let signature = signature(&function, operation).map_err(|why| format!("`{name}`: {why}"))?;
                        harvest.signatures.insert(name, signature);
                    }
                }
            }
            _ => {}
        }
    }
    match side.operations.iter().find(|operation| !harvest.signatures.contains_key(&operation.name)) {
        Some(lost) => Err(format!("progenitor wrote no function `{}`", lost.name)),
        None => Ok(harvest),
    }
}

fn types(items: Vec<Item>, side: &Side, structs: &mut BTreeMap<String, ItemStruct>) -> Result<(), String> {
    for item in items {
        match item {
            Item::Struct(item) => {
                let name = item.ident.to_string();
                if !side.schemas.contains_key(&name) {
                    return Err(format!("progenitor made up the type `{name}`"));
                }
                structs.insert(name, item);
            }
            // The error module of its conversions, and trait impls of types we replace or do not keep.
            Item::Mod(_) | Item::Impl(_) => {}
            Item::Type(item) => return Err(format!("progenitor wrote the alias `{}`", item.ident)),
            Item::Enum(item) => return Err(format!("progenitor wrote the enum `{}`", item.ident)),
            _ => return Err("progenitor wrote an item of an unknown kind among the types".to_owned()),
        }
    }
    match side.schemas.keys().find(|name| !structs.contains_key(*name)) {
        Some(lost) => Err(format!("progenitor wrote no type `{lost}`")),
        None => Ok(()),
    }
}

fn signature(function: &ImplItemFn, operation: &Operation) -> Result<Signature, String> {
    let mut arguments = BTreeMap::new();
    for input in &function.sig.inputs {
        let FnArg::Typed(argument) = input else { continue };
        let Pat::Ident(name) = &*argument.pat else { return Err("an argument without a name".to_owned()) };
        arguments.insert(name.ident.to_string(), owned(&argument.ty));
    }
    let mut expected: Vec<&str> = operation.parameters.iter().map(|p| p.rust.as_str()).collect();
    if operation.has_body {
        expected.push("body");
    }
    expected.sort_unstable();
    let found: Vec<&str> = arguments.keys().map(String::as_str).collect();
    if found != expected {
        return Err(format!("its arguments are {found:?}, the spec has {expected:?}"));
    }
    let mut wire = Wire::default();
    wire.visit_block(&function.block);
    let named = |place: Place| {
        let mut names: Vec<String> =
            operation.parameters.iter().filter(|p| p.place == place).map(|p| p.rust.clone()).collect();
        names.sort();
        names
    };
    wire.query.sort();
    wire.headers.sort();
    for (place, sent) in [(Place::Query, &wire.query), (Place::Header, &wire.headers)] {
        if *sent != named(place) {
            return Err(format!("it sends {sent:?} in the {place:?}, the spec has {:?}", named(place)));
        }
    }
    if wire.json_bodies != usize::from(operation.has_body) {
        return Err("its request body does not agree with the spec".to_owned());
    }
    Ok(Signature { arguments, output: output(&function.sig.output)? })
}

/// Names that a function body puts on the wire.
#[derive(Default)]
struct Wire {
    query: Vec<String>,
    headers: Vec<String>,
    json_bodies: usize,
}

impl<'ast> Visit<'ast> for Wire {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (Expr::Path(function), Some(name)) = (&*call.func, call.args.first().and_then(text)) {
            let segments: Vec<String> = function.path.segments.iter().map(|s| s.ident.to_string()).collect();
            if segments == ["progenitor_client", "QueryParam", "new"] {
                self.query.push(name);
            }
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "json" {
            self.json_bodies += 1;
        } else if call.method == "append" {
            self.headers.extend(call.args.first().and_then(text));
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// `Option<&'a str>` -> `String`, `&'a T` -> `T`, `Option<bool>` -> `bool`.
fn owned(argument: &Type) -> Type {
    let argument = generic(argument, "Option").unwrap_or(argument);
    match argument {
        Type::Reference(reference) if *reference.elem == syn::parse_quote!(str) => syn::parse_quote!(String),
        Type::Reference(reference) => (*reference.elem).clone(),
        other => other.clone(),
    }
}

/// The first type argument of a type whose last path segment is `name`.
pub(crate) fn generic<'a>(of: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = of else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(found) => Some(found),
        _ => None,
    })
}

/// `Result<ResponseValue<T>, Error<()>>` -> what `T` stands for.
fn output(result: &ReturnType) -> Result<Output, String> {
    let ReturnType::Type(_, result) = result else { return Err("it returns nothing".to_owned()) };
    let value = generic(result, "Result").and_then(|response| generic(response, "ResponseValue"));
    match value {
        None => Err("it does not return a `Result<ResponseValue<_>, _>`".to_owned()),
        Some(Type::Tuple(unit)) if unit.elems.is_empty() => Ok(Output::Empty),
        Some(Type::Path(path)) if path.path.is_ident("ByteStream") => Ok(Output::Bytes),
        Some(other) => Ok(Output::Json(Box::new(other.clone()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::{Constraints, Parameter};

    fn side() -> Side {
        let parameter = |rust: &str, place| Parameter {
            wire: rust.to_owned(),
            rust: rust.to_owned(),
            place,
            required: false,
            description: String::new(),
            constraints: Constraints::default(),
        };
        let operation = Operation {
            name: "get_thing".to_owned(),
            parameters: vec![parameter("id", Place::Path), parameter("limit", Place::Query)],
            ..Operation::default()
        };
        Side { operations: vec![operation], ..Side::default() }
    }

    /// A function as progenitor writes it, with the given argument list, body and result.
    fn read_function(arguments: &str, body: &str, result: &str) -> Result<Harvest, String> {
        let code = format!(
            "impl Client {{ pub async fn get_thing<'a>(&'a self, {arguments}) -> {result} {{ {body} }} }} mod types {{}}"
        );
        read(syn::parse_str(&code).expect("Rust"), &side())
    }

    const BODY: &str =
        r#"let request = self.client.get(url).query(&progenitor_client::QueryParam::new("limit", &limit));"#;
    const RESULT: &str = "Result<ResponseValue<types::Thing>, Error<()>>";

    #[test]
    fn the_expected_shape_is_read() {
        let harvest = read_function("id: &'a str, limit: Option<i64>", BODY, RESULT).expect("the expected shape");
        let signature = &harvest.signatures["get_thing"];
        assert_eq!(signature.arguments["id"], syn::parse_quote!(String));
        assert_eq!(signature.arguments["limit"], syn::parse_quote!(i64));
        assert!(matches!(&signature.output, Output::Json(ty) if **ty == syn::parse_quote!(types::Thing)));
    }

    #[test]
    fn any_other_shape_stops_generation() {
        let arguments = "id: &'a str, limit: Option<i64>";
        let renamed = BODY.replace("\"limit\"", "\"Limit\"");
        let header = format!("{BODY} header_map.append(\"x\", value);");
        let json = format!("{BODY} request.json(&body);");
        for (arguments, body, result, problem) in [
            ("id: &'a str", BODY, RESULT, "its arguments are"),
            (arguments, "", RESULT, "in the Query"),
            (arguments, renamed.as_str(), RESULT, "in the Query"),
            (arguments, header.as_str(), RESULT, "in the Header"),
            (arguments, json.as_str(), RESULT, "request body"),
            (arguments, BODY, "Response", "does not return"),
        ] {
            let message = read_function(arguments, body, result).expect_err("another shape");
            assert!(message.starts_with("`get_thing`: ") && message.contains(problem), "{message}");
        }
        let lost = read(syn::parse_str("mod types {}").expect("Rust"), &side()).expect_err("no function");
        assert!(lost.contains("no function `get_thing`"), "{lost}");
        let extra = "mod types { pub struct Surprise; }";
        assert!(read(syn::parse_str(extra).expect("Rust"), &side()).is_err_and(|m| m.contains("made up")));
        let closed = "mod types { pub enum Surprise { A } }";
        assert!(read(syn::parse_str(closed).expect("Rust"), &side()).is_err_and(|m| m.contains("wrote the enum")));
    }
}
