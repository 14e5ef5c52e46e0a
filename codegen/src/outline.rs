//! The public API of a client as a short text: what a reviewer reads before the generated diff.

use std::fmt::Write as _;

use quote::ToTokens;

use crate::emit::{Model, arguments, members, shorten};
use crate::harvest::Output;
use crate::side::{Pagination, Place};

/// One block an operation, type and enum, in a fixed order.
pub(crate) fn render(model: &Model<'_>) -> String {
    let mut out = String::new();
    let side = &model.side;
    let _ = writeln!(out, "# {}, API version {}, from {}", side.title, side.api_version, model.source.file);
    for (url, description) in &side.servers {
        let _ = writeln!(out, "server {url}  ({})", one_line(description));
    }
    for operation in &side.operations {
        let Some(signature) = model.harvest.signatures.get(&operation.name) else { continue };
        let output = match &signature.output {
            Output::Json(ty) => name(&shorten(ty)),
            Output::Bytes => "bytes".to_owned(),
            Output::Empty => "nothing".to_owned(),
        };
        let all = arguments(operation, signature);
        let typed = |ty: &syn::Type, list: bool| if list { format!("[{}]", name(ty)) } else { name(ty) };
        let required: Vec<String> =
            all.iter().filter(|a| a.required).map(|a| format!("{}: {}", a.rust, typed(&a.ty, a.list))).collect();
        let _ = writeln!(out, "\nfn {}({}) -> {output}", operation.name, required.join(", "));
        let _ = writeln!(out, "    {} {}  [{}]", operation.method.to_uppercase(), operation.path, operation.group);
        for (what, media_type) in [("accept", &operation.accept), ("body", &operation.content_type)] {
            if let Some(media_type) = media_type {
                let _ = writeln!(out, "    {what} {media_type}");
            }
        }
        for argument in &all {
            let Some(parameter) = argument.parameter else { continue };
            let place = match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
            };
            let rules: Vec<String> =
                parameter.constraints.value.iter().chain(&parameter.constraints.elements).map(rule).collect();
            let rules = if rules.is_empty() { String::new() } else { format!("  {}", rules.join(", ")) };
            let dot = if argument.required { "" } else { "." };
            let ty = typed(&argument.ty, argument.list);
            let _ = writeln!(out, "    {dot}{}: {ty}  {place} `{}`{rules}", argument.rust, parameter.wire);
        }
        match &operation.pagination {
            Some(Pagination::Cursor { token, size, items, next_href, next_token, .. }) => {
                let _ = writeln!(out, "    pages by cursor {token}, size {size}: {items}, {next_href} | {next_token}");
            }
            Some(Pagination::PageNumber { page, size, items, links, .. }) => {
                let _ = writeln!(out, "    pages by number {page}, size {size}: {items}, {links}");
            }
            None => {}
        }
        let mut marks = Vec::new();
        if operation.idempotent {
            marks.push("idempotent".to_owned());
        }
        if let Some(envelope) = &operation.envelope {
            marks.push(format!("envelope {{{}, {}}}", envelope.status, envelope.content));
        }
        if let Some(mark) = &operation.bare_item {
            marks.push(format!("bare item of {} by {}", mark.items, mark.markers.join(", ")));
        }
        if !operation.processing.is_empty() {
            marks.push(format!("not ready {:?}", operation.processing));
        }
        let _ = writeln!(out, "    success {:?}, errors {:?}", operation.success, operation.errors);
        if !marks.is_empty() {
            let _ = writeln!(out, "    {}", marks.join("; "));
        }
    }
    for (type_name, schema) in &side.schemas {
        let Some(item) = model.harvest.structs.get(type_name) else { continue };
        let direction = if schema.usage.request { "request" } else { "response" };
        let _ = writeln!(out, "\nstruct {type_name}  ({direction})");
        for member in members(schema, item) {
            let field = member.field;
            let wire = if field.wire == field.rust { String::new() } else { format!("  `{}`", field.wire) };
            let rules: Vec<String> =
                field.constraints.value.iter().chain(&field.constraints.elements).map(rule).collect();
            let rules = if rules.is_empty() { String::new() } else { format!("  {}", rules.join(", ")) };
            let _ = writeln!(out, "    {}: {}{wire}{rules}", field.rust, name(&member.ty));
        }
        if schema.extra {
            let _ = writeln!(out, "    extra: unknown fields");
        }
    }
    for (enum_name, entry) in &side.enums {
        let _ = writeln!(out, "\nenum {enum_name}  (open)");
        for (variant, wire) in &entry.values {
            let _ = writeln!(out, "    {variant} = {wire:?}");
        }
    }
    out
}

/// A type as a reader writes it.
fn name(ty: &syn::Type) -> String {
    let text = ty.to_token_stream().to_string().replace(' ', "");
    text.replace("::cloud_billing_core::", "").replace("::serde_json::", "")
}

fn rule(constraint: &crate::constraint::Constraint) -> String {
    use crate::constraint::Constraint;
    let open = |max: &Option<usize>| max.map_or_else(String::new, |max| max.to_string());
    match constraint {
        Constraint::Chars { pattern, .. } => pattern.clone(),
        Constraint::Length { min, max } => format!("length {min}..{}", open(max)),
        Constraint::Items { min, max } => format!("items {min}..{}", open(max)),
        Constraint::Range { min, max } => {
            let end = |bound: &Option<i64>| bound.map_or_else(String::new, |bound| bound.to_string());
            format!("range {}..{}", end(min), end(max))
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
