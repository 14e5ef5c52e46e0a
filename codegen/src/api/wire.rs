//! The requests of generated code, read back from it: the constant of an operation, the parts that its `request` sends,
//! and the texts of an open enum.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Expr, ExprLit, Lit};

use super::checks::{self, Check};
use super::docs::text;

/// The parts that a call of an operation sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// Facts about the operation, by name: `id`, `method`, `path`, and each call in its constant, such as `accept`.
    pub(super) facts: BTreeMap<String, String>,
    /// Place and name on the wire, by the field of the builder.
    pub(super) places: BTreeMap<String, String>,
    /// By the field of the builder.
    pub(super) checks: BTreeMap<String, Vec<Check>>,
}

/// Reads a builder's `request`. `constants` are those of its file.
pub(super) fn sent(block: &syn::Block, constants: &BTreeMap<String, Expr>) -> Sent {
    let mut reader = Reader { constants, sent: Sent::default() };
    reader.visit_block(block);
    reader.sent
}

/// Reads a body's `check`: the checks by wire name.
pub(super) fn body_checks(block: &syn::Block) -> BTreeMap<String, Vec<Check>> {
    struct Fields(BTreeMap<String, Vec<Check>>);
    impl<'ast> Visit<'ast> for Fields {
        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            if let (Some(name), Some(list)) =
                (call.args.first().and_then(literal), call.args.get(2).and_then(checks::list))
            {
                self.0.insert(name, list);
            }
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut fields = Fields(BTreeMap::new());
    fields.visit_block(block);
    fields.0
}

struct Reader<'a> {
    constants: &'a BTreeMap<String, Expr>,
    sent: Sent,
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if text(&call.func) == "Request::new"
            && let Some(constant) = call.args.first().and_then(name).and_then(|name| self.constants.get(&name))
        {
            facts(constant, &mut self.sent.facts);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        let value = |index: usize| call.args.get(index).and_then(name);
        match (method.as_str(), call.args.first().and_then(literal)) {
            ("path" | "query" | "header", Some(wire)) => {
                self.sent.places.extend(value(1).map(|field| (field, format!("{method} `{wire}`"))));
            }
            ("json", None) => self.sent.places.extend(value(0).map(|field| (field, "body".to_owned()))),
            ("check", Some(_)) => {
                let named = value(2).and_then(|name| self.constants.get(&name)).and_then(checks::list);
                let list = call.args.get(2).and_then(checks::list).or(named);
                self.sent.checks.extend(value(1).zip(list));
            }
            _ => {}
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// `Operation::new(id, method, path).accept(..)...`: each call by name.
fn facts(expression: &Expr, into: &mut BTreeMap<String, String>) {
    match expression {
        Expr::MethodCall(call) => {
            facts(&call.receiver, into);
            let arguments: Vec<String> = call.args.iter().map(shown).collect();
            into.insert(call.method.to_string(), arguments.join(", "));
        }
        Expr::Call(call) => {
            for (name, argument) in ["id", "method", "path"].into_iter().zip(&call.args) {
                into.insert(name.to_owned(), shown(argument));
            }
        }
        _ => {}
    }
}

fn shown(expression: &Expr) -> String {
    literal(expression).unwrap_or_else(|| text(expression).trim_start_matches("Method::").to_owned())
}

/// `&self.name`, `&NAME` or `NAME`: the name.
fn name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Reference(reference) => name(&reference.expr),
        Expr::Field(field) => Some(text(&field.member)),
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// The enum in an `open_enum!`, if the macro call is one. Each variant has its text on the wire as its discriminant.
pub(super) fn open_enum(item: &syn::ItemMacro) -> Option<syn::ItemEnum> {
    let is_it = item.mac.path.segments.last().is_some_and(|last| last.ident == "open_enum");
    if is_it { item.mac.parse_body().ok() } else { None }
}

/// The type that an `id!` makes an id, if the macro call is one.
pub(super) fn id(item: &syn::ItemMacro) -> Option<syn::Ident> {
    let parse = |input: syn::parse::ParseStream<'_>| {
        let name = input.parse()?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(name)
    };
    let is_it = item.mac.path.segments.last().is_some_and(|last| last.ident == "id");
    if is_it { item.mac.parse_body_with(parse).ok() } else { None }
}

/// The texts on the wire by variant.
pub(super) fn texts(open: &syn::ItemEnum) -> BTreeMap<String, String> {
    let text = |variant: &syn::Variant| Some((variant.ident.to_string(), literal(&variant.discriminant.as_ref()?.1)?));
    open.variants.iter().filter_map(text).collect()
}
