//! The smallest edits that make plain progenitor accept this project's specs, as a user would make them by hand.
//!
//! Vendor media types become `application/json` or `text/csv`. An operation keeps one success body (JSON if there is
//! one), and errors share one type. Types, formats, enums, required fields and patterns stay the same. With these edits
//! the operations are those of the clients, except for those that are also available as CSV.

use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::{Map, Value, json};

/// Returns the client that progenitor generates from a spec of this project, as Rust code.
///
/// # Panics
///
/// Panics if progenitor rejects the spec.
pub fn client(yaml: &str, builders: bool) -> String {
    render(&normalised(yaml), builders)
}

/// Returns the client that progenitor generates from a document.
///
/// # Panics
///
/// Panics if progenitor rejects the document.
pub fn render(document: &Value, builders: bool) -> String {
    let spec: openapiv3::OpenAPI = serde_json::from_value(document.clone()).expect("an OpenAPI document");
    let mut settings = GenerationSettings::new();
    if builders {
        settings.with_interface(InterfaceStyle::Builder);
    }
    let tokens = Generator::new(&settings).generate_tokens(&spec).expect("progenitor takes the spec");
    prettyplease::unparse(&syn::parse2(tokens).expect("progenitor's output is Rust"))
}

/// Returns the spec with the edits for progenitor.
///
/// # Panics
///
/// Panics if the text is not YAML.
pub fn normalised(yaml: &str) -> Value {
    let mut spec: Value = serde_yaml::from_str(yaml).expect("the spec is YAML");
    let responses = spec["components"]["responses"].clone();
    let error = spec["components"]["schemas"]
        .as_object()
        .and_then(|schemas| ["ErrorResponse", "ApiError"].into_iter().find(|name| schemas.contains_key(*name)))
        .map(str::to_owned);
    for item in objects(&mut spec["paths"]) {
        for operation in objects(item) {
            if let Some(body) = operation.get_mut("requestBody") {
                plain_content(body);
            }
            if let Some(Value::Object(found)) = operation.get_mut("responses") {
                *found = plain_responses(found, &responses, error.as_deref());
            }
        }
    }
    for section in ["responses", "requestBodies"] {
        if let Some(section) = spec["components"].get_mut(section) {
            objects(section).for_each(plain_content);
        }
    }
    spec
}

fn objects(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(Map::values_mut).filter(|value| value.is_object())
}

/// One success with one body, and one error.
fn plain_responses(found: &Map<String, Value>, named: &Value, error: Option<&str>) -> Map<String, Value> {
    let resolve = |response: &Value| match response["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
        Some(name) => named[name].clone(),
        None => response.clone(),
    };
    let mut out = Map::new();
    let successes = found.iter().filter(|(status, _)| status.starts_with('2'));
    let success = successes.map(|(status, response)| (status, resolve(response))).max_by_key(|(status, response)| {
        // Prefer the first response with a body.
        (response.get("content").is_some(), std::cmp::Reverse((*status).clone()))
    });
    if let Some((status, mut response)) = success {
        plain_content(&mut response);
        out.insert(status.clone(), response);
    }
    if let Some(error) = error {
        let schema = json!({ "$ref": format!("#/components/schemas/{error}") });
        let content = json!({ "application/json": { "schema": schema } });
        out.insert("4XX".to_owned(), json!({ "description": "An error", "content": content }));
    }
    out
}

/// At most one media type, with a name that progenitor supports.
fn plain_content(holder: &mut Value) {
    let Some(Value::Object(content)) = holder.get_mut("content") else { return };
    let json = content.iter().find(|(name, _)| name.contains("json")).map(|(_, media)| media.clone());
    let other = content.values().next().cloned();
    content.clear();
    match (json, other) {
        (Some(media), _) => content.insert("application/json".to_owned(), media),
        (None, Some(media)) => content.insert("text/csv".to_owned(), media),
        (None, None) => None,
    };
}
