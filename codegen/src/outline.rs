//! The public API of a client as a short text: what a reviewer reads before the generated diff.

use std::fmt::Write as _;

use proc_macro2::TokenStream;

use crate::constraint::Constraint;
use crate::emit::{Client, arguments, members, one_line, page};
use crate::model::{Constraints, Method, Operation, Output, Style, dotted};

/// One block an operation, type and enum, in a fixed order.
///
/// # Errors
/// That something has no Rust type.
pub(crate) fn render(client: &Client<'_>) -> Result<String, String> {
    let mut out = String::new();
    let model = &client.model;
    let _ = writeln!(out, "# {}, API version {}, from {}", model.title, model.api_version, client.source.file);
    for (url, description) in &model.servers {
        let _ = writeln!(out, "server {url}  ({})", one_line(description));
    }
    for (operation, method) in model.methods() {
        render_method(&mut out, client, operation, method)?;
    }
    render_types(&mut out, client)?;
    Ok(out)
}

fn render_method(out: &mut String, client: &Client<'_>, operation: &Operation, method: &Method) -> Result<(), String> {
    let output = match &method.output {
        Output::Json(of) => name(&page(operation, of, &client.types)?),
        Output::Bytes => "bytes".to_owned(),
        Output::Empty => "nothing".to_owned(),
    };
    let all = arguments(operation, &client.types)?;
    let typed = |ty: &TokenStream, list: bool| if list { format!("[{}]", name(ty)) } else { name(ty) };
    let required: Vec<String> =
        all.iter().filter(|a| a.required).map(|a| format!("{}: {}", a.rust, typed(&a.ty, a.list))).collect();
    let _ = writeln!(out, "\nfn {}({}) -> {output}", method.name, required.join(", "));
    let _ = writeln!(out, "    {} {}  [{}]", operation.http_method.to_uppercase(), operation.path, operation.group);
    let body = operation.body.as_ref().map(|body| &body.media_type);
    for (what, media_type) in [("accept", method.accept.as_ref()), ("body", body)] {
        if let Some(media_type) = media_type {
            let _ = writeln!(out, "    {what} {media_type}");
        }
    }
    for argument in &all {
        let Some(parameter) = argument.parameter else { continue };
        let (dot, ty) = (if argument.required { "" } else { "." }, typed(&argument.ty, argument.list));
        let (place, wire, rules) = (parameter.place.name(), &parameter.wire, rules(&parameter.constraints));
        let _ = writeln!(out, "    {dot}{}: {ty}  {place} `{wire}`{rules}", argument.rust);
    }
    if method.pages {
        let _ = write!(out, "{}", pages(operation));
    }
    let success = operation.success.status;
    let _ = writeln!(out, "    success [{success}], errors {:?}", operation.error_statuses());
    let marks = marks(operation, method);
    if !marks.is_empty() {
        let _ = writeln!(out, "    {}", marks.join("; "));
    }
    Ok(())
}

/// How an operation pages.
fn pages(operation: &Operation) -> String {
    let Some(pagination) = &operation.pagination else { return String::new() };
    let (size, items) = (operation.wire(pagination.size), &pagination.items.wire);
    match &pagination.style {
        Style::Cursor { token, href, next } => {
            let places: Vec<String> = [href, next].into_iter().flatten().map(|path| dotted(path)).collect();
            format!("    pages by cursor {}, size {size}: {items}, {}\n", operation.wire(*token), places.join(" | "))
        }
        Style::PageNumber { page, links, .. } => {
            format!("    pages by number {}, size {size}: {items}, {}\n", operation.wire(*page), links.wire)
        }
    }
}

fn marks(operation: &Operation, method: &Method) -> Vec<String> {
    let mut marks = Vec::new();
    if operation.idempotent {
        marks.push("idempotent".to_owned());
    }
    if let Some(quota) = &operation.quota {
        let scope = quota.scope.as_deref().unwrap_or("caller");
        marks.push(format!("quota {} by {scope}", quota.set));
    }
    if let Some(envelope) = &operation.envelope {
        marks.push(format!("envelope {{{}, {}}}", envelope.status, envelope.content));
    }
    if let Some(mark) = operation.bare_item.as_ref().filter(|_| matches!(method.output, Output::Json(_))) {
        marks.push(format!("bare item of {} by {}", mark.items, mark.markers.join(", ")));
    }
    if !operation.processing.is_empty() {
        marks.push(format!("not ready {:?}", operation.processing));
    }
    marks
}

fn render_types(out: &mut String, client: &Client<'_>) -> Result<(), String> {
    for (type_name, object) in &client.model.objects {
        let direction = if object.usage.request { "request" } else { "response" };
        let _ = writeln!(out, "\nstruct {type_name}  ({direction})");
        for member in members(type_name, object, &client.types)? {
            let property = member.property;
            let wire = if property.wire == property.rust { String::new() } else { format!("  `{}`", property.wire) };
            let rules = rules(&property.constraints);
            let _ = writeln!(out, "    {}: {}{wire}{rules}", property.rust, name(&member.ty));
        }
        if object.extra {
            let _ = writeln!(out, "    extra: unknown fields");
        }
    }
    for (id_name, id) in &client.model.ids {
        let _ = writeln!(out, "\nid {id_name}{}", rules(&id.constraints));
    }
    for (enum_name, entry) in &client.model.enums {
        let _ = writeln!(out, "\nenum {enum_name}  (open)");
        for (variant, wire) in &entry.values {
            let _ = writeln!(out, "    {variant} = {wire:?}");
        }
    }
    Ok(())
}

fn rules(constraints: &Constraints) -> String {
    let all: Vec<String> = constraints.value.iter().chain(&constraints.elements).map(rule).collect();
    if all.is_empty() { String::new() } else { format!("  {}", all.join(", ")) }
}

/// A type as a reader writes it.
fn name(ty: &TokenStream) -> String {
    let text = ty.to_string().replace(' ', "");
    text.replace("::cloud_billing_core::", "").replace("::serde_json::", "")
}

fn rule(constraint: &Constraint) -> String {
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
