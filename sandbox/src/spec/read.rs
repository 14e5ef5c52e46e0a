//! From the tree of a spec to its operations.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::media::is_json;
use super::{Envelope, Location, Media, Operation, Paging, Parameter, RequestBody, RequestMedia, Spec, Style, Success};
use crate::document::{Document, Node};
use crate::error::SpecError;
use crate::routing::{Router, Template};
use crate::schema::Schema;

const METHODS: &[(&str, Method)] = &[
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("patch", Method::PATCH),
    ("delete", Method::DELETE),
];

/// Header parameters that OpenAPI leaves to other parts of a spec.
const IGNORED_HEADERS: &[&str] = &["accept", "content-type", "authorization"];

/// Reads a whole spec.
pub(super) fn spec(document: &Document) -> Result<Spec, SpecError> {
    let root = document.root();
    let mut operations: Vec<Operation> = Vec::new();
    let mut routes = Vec::new();
    for (path, item) in root.require("paths")?.members()? {
        let template = Template::parse(path).map_err(|problem| item.error(problem))?;
        let mut methods = Vec::new();
        for (key, method) in METHODS {
            let Some(node) = item.get(key)? else { continue };
            let operation = operation(&root, &item, &node)?;
            check_template(&template, &operation, &node)?;
            if operations.iter().any(|other| other.id == operation.id) {
                return Err(node.error(format!("is the second operation `{}`", operation.id)));
            }
            methods.push((method.clone(), operations.len()));
            operations.push(operation);
        }
        routes.push((template, methods));
    }
    let list_fields: BTreeSet<String> = operations
        .iter()
        .filter_map(|operation| operation.paging.as_ref())
        .map(|paging| paging.items.clone())
        .collect();
    Ok(Spec { operations, router: Router::new(routes), list_fields })
}

fn operation(root: &Node<'_>, item: &Node<'_>, node: &Node<'_>) -> Result<Operation, SpecError> {
    let mut parameters = Vec::new();
    let mut envelope = None;
    for declared in [item.get("parameters")?, node.get("parameters")?].into_iter().flatten() {
        for parameter_node in declared.items()? {
            let Some(parameter) = parameter(&parameter_node)? else { continue };
            if let Some(wrapper) = parameter_node.get("x-sdk-envelope")? {
                envelope = Some(Envelope {
                    parameter: parameter.name.clone(),
                    status: wrapper.require("status")?.text()?.to_owned(),
                    content: wrapper.require("content")?.text()?.to_owned(),
                });
            }
            parameters.push(parameter);
        }
    }
    let responses = node.require("responses")?;
    let security = node.value().get("security").or_else(|| root.value().get("security"));
    let mut operation = Operation {
        id: node.require("operationId")?.text()?.to_owned(),
        place: node.place(),
        secured: security.and_then(Value::as_array).is_some_and(|schemes| !schemes.is_empty()),
        parameters,
        body: node.get("requestBody")?.map(|body| request_body(&body)).transpose()?,
        success: success(&responses)?,
        statuses: responses.members()?.into_iter().filter_map(|(status, _)| status.parse().ok()).collect(),
        not_found: responses.get("404")?.and_then(|response| json_example(&response)),
        paging: None,
        envelope,
    };
    if let Some(declared) = node.get("x-sdk-pagination")? {
        operation.paging = Some(paging(&declared, &operation)?);
    }
    Ok(operation)
}

fn paging(node: &Node<'_>, operation: &Operation) -> Result<Paging, SpecError> {
    let parameter = |key: &str| {
        let name = node.require(key)?.text()?;
        operation.query(name).ok_or_else(|| node.error(format!("names no query parameter as `{key}`")))
    };
    let size = parameter("size")?;
    let default_size = size.schema.default().and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
    let default_size = default_size
        .filter(|size| *size > 0)
        .ok_or_else(|| node.error("names a `size` parameter that has no default"))?;
    let style = match node.require("style")?.text()? {
        "cursor" => {
            let token = parameter("token")?;
            Style::Cursor { token: token.name.clone(), example: token.example.clone() }
        }
        "page-number" => Style::Numbered { page: parameter("page")?.name.clone() },
        other => return Err(node.error(format!("has the unknown style `{other}`"))),
    };
    let items = node.require("items")?.text()?.to_owned();
    let is_list = |media: &Media| media.example.json().and_then(|body| body.get(&items)).is_some_and(Value::is_array);
    if !operation.success.content.iter().any(is_list) {
        return Err(node.error("names no list at the top of the success example as `items`"));
    }
    Ok(Paging { items, size: size.name.clone(), default_size, style })
}

/// Every parameter of the path has to be declared, or it would go unchecked.
fn check_template(template: &Template, operation: &Operation, node: &Node<'_>) -> Result<(), SpecError> {
    for name in template.names() {
        if !operation.parameters(Location::Path).any(|parameter| parameter.name == name) {
            return Err(node.error(format!("declares no path parameter `{name}`")));
        }
    }
    Ok(())
}

fn parameter(node: &Node<'_>) -> Result<Option<Parameter>, SpecError> {
    let name = node.require("name")?.text()?;
    let location = match node.require("in")?.text()? {
        "path" => Location::Path,
        "query" => Location::Query,
        "header" if IGNORED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) => return Ok(None),
        "header" => Location::Header,
        other => return Err(node.error(format!("is a parameter in `{other}`, which is not checked"))),
    };
    let schema = Schema::read(&node.require("schema")?)?;
    let style = node.get_text("style")?;
    let exploded = node.value().get("explode").and_then(Value::as_bool).unwrap_or(true);
    if schema.is_list() && (location != Location::Query || style.is_some_and(|style| style != "form") || !exploded) {
        return Err(node.error("is a list in a style that is not checked; only a repeated query parameter is"));
    }
    let example =
        node.value().get("example").map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let required = node.get_flag("required")?;
    Ok(Some(Parameter { name: name.to_owned(), location, required, schema, example, place: node.place() }))
}

fn request_body(node: &Node<'_>) -> Result<RequestBody, SpecError> {
    let mut content = Vec::new();
    for (name, media) in node.require("content")?.members()? {
        if !is_json(name) {
            return Err(media.error("is not JSON, and other request bodies are not checked"));
        }
        content.push(RequestMedia {
            name: name.to_owned(),
            schema: Schema::read(&media.require("schema")?)?,
            example: media.value().get("example").cloned(),
        });
    }
    Ok(RequestBody { required: node.get_flag("required")?, content, place: node.place() })
}

fn success(responses: &Node<'_>) -> Result<Success, SpecError> {
    for (key, response) in responses.members()? {
        let status = key.parse::<u16>().ok().and_then(|status| StatusCode::from_u16(status).ok());
        let Some(status) = status.filter(StatusCode::is_success) else { continue };
        let mut headers = HeaderMap::new();
        if let Some(declared) = response.get("headers")? {
            for (name, header) in declared.members()? {
                if let Some((name, value)) = example_header(name, &header)? {
                    headers.insert(name, value);
                }
            }
        }
        let mut content = Vec::new();
        if let Some(declared) = response.get("content")? {
            for (name, media) in declared.members()? {
                content.push(Media::read(name, &media)?);
            }
        }
        return Ok(Success { status, headers, content, place: response.place() });
    }
    Err(responses.error("has no success response"))
}

/// A response header with the value of its example, if it has one.
fn example_header(name: &str, node: &Node<'_>) -> Result<Option<(HeaderName, HeaderValue)>, SpecError> {
    let Some(example) = node.value().get("example") else { return Ok(None) };
    let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| node.error("has a name that is no header's"))?;
    let value = HeaderValue::from_str(&text).map_err(|_| node.error("has an example that no header can carry"))?;
    Ok(Some((name, value)))
}

/// The first JSON example of a response.
fn json_example(response: &Node<'_>) -> Option<Value> {
    let content = response.value().get("content")?.as_object()?;
    content.iter().find(|(name, _)| is_json(name)).and_then(|(_, media)| media.get("example")).cloned()
}
