//! Operations: parameters, bodies, responses, texts, and the methods that they become.

use serde_json::Value;

use super::node::Node;
use super::{
    Body, Documentation, Envelope, ErrorResponse, Media, Method, Operation, Output, Parameter, Place, Success, schemas,
};
use crate::diagnostic::Diagnostics;
use crate::{media, naming};

/// The HTTP methods of operations.
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Every operation, in the order of the text. [`pagination`](super::pagination) is not resolved yet.
pub(super) fn all(root: &Node<'_>) -> Result<Vec<Operation>, Diagnostics> {
    let secured_by_default = is_secured(root);
    let mut found = Vec::new();
    for (path, item) in root.members_of("paths")? {
        for http_method in METHODS {
            let Some(node) = item.get(http_method)? else { continue };
            let shared = item.items_of("parameters")?;
            let secured = if node.value.get("security").is_some() { is_secured(&node) } else { secured_by_default };
            found.push((node.line(), operation(&node, path, http_method, secured, &shared)?));
        }
    }
    found.sort_by_key(|(line, _)| *line);
    Ok(found.into_iter().map(|(_, operation)| operation).collect())
}

/// Whether a caller has to authenticate: an empty list, or an empty choice in it, says no.
fn is_secured(node: &Node<'_>) -> bool {
    let choices = node.value.get("security").and_then(Value::as_array);
    choices.is_some_and(|choices| {
        !choices.is_empty() && choices.iter().all(|choice| choice.as_object().is_some_and(|choice| !choice.is_empty()))
    })
}

fn operation(
    node: &Node<'_>,
    path: &str,
    http_method: &str,
    secured: bool,
    shared: &[Node<'_>],
) -> Result<Operation, Diagnostics> {
    let own = node.items_of("parameters")?;
    let parameters: Vec<(Parameter, Option<Envelope>)> =
        own.iter().chain(shared).map(parameter).collect::<Result<_, _>>()?;
    let envelope = parameters.iter().find_map(|(_, envelope)| envelope.clone());
    let success = success(node)?;
    let statuses = statuses(node)?;
    Ok(Operation {
        id: node.require_text("operationId")?.to_owned(),
        pointer: node.pointer.to_string(),
        http_method: http_method.to_owned(),
        path: path.to_owned(),
        group: node.require_text("x-sdk-group")?.replace('-', "_"),
        secured,
        idempotent: node.flag("x-sdk-idempotent")?,
        parameters: parameters.into_iter().map(|(parameter, _)| parameter).collect(),
        body: node.get("requestBody")?.map(|body| request_body(&body)).transpose()?,
        methods: methods(node, &success)?,
        success,
        processing: statuses.iter().map(|(status, _)| *status).filter(|status| *status < 200).collect(),
        errors: statuses.iter().filter(|(status, _)| *status >= 300).map(error).collect::<Result<_, _>>()?,
        envelope,
        bare_item: None,
        pagination: None,
        documentation: documentation(node)?,
    })
}

fn parameter(node: &Node<'_>) -> Result<(Parameter, Option<Envelope>), Diagnostics> {
    let wire = node.require_text("name")?;
    let schema = schemas::schema(&node.require("schema")?)?;
    let envelope = node.get("x-sdk-envelope")?.map(|mark| {
        let (status, content) = (mark.require_text("status")?.to_owned(), mark.require_text("content")?.to_owned());
        Ok::<_, Diagnostics>(Envelope { parameter: wire.to_owned(), status, content })
    });
    let parameter = Parameter {
        wire: wire.to_owned(),
        rust: node.get_text("x-sdk-name")?.map_or_else(|| naming::snake(wire), str::to_owned),
        place: match node.require_text("in")? {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            other => return Err(node.fault(format!("a parameter in `{other}`"))),
        },
        required: node.flag("required")?,
        description: node.text_of("description")?,
        constraints: schemas::constraints(node, &schema)?,
        schema,
        example: node.value.get("example").cloned(),
        pointer: node.pointer.to_string(),
    };
    Ok((parameter, envelope.transpose()?))
}

fn request_body(node: &Node<'_>) -> Result<Body, Diagnostics> {
    let mut content = node.members_of("content")?.into_iter();
    let (Some((media_type, content)), None) = (content.next(), content.next()) else {
        return Err(node.fault("a request body has exactly one media type"));
    };
    Ok(Body {
        media_type: media_type.to_owned(),
        schema: schemas::schema(&content.require("schema")?)?,
        example: content.value.get("example").cloned(),
        pointer: node.pointer.to_string(),
    })
}

/// The responses by status, in ascending order.
fn statuses<'d>(node: &Node<'d>) -> Result<Vec<(u16, Node<'d>)>, Diagnostics> {
    let number = |(key, response): (&str, Node<'d>)| {
        let status = key.parse().map_err(|_| response.fault(format!("`{key}` is not a status")))?;
        Ok((status, response))
    };
    node.require("responses")?.members()?.into_iter().map(number).collect()
}

fn success(node: &Node<'_>) -> Result<Success, Diagnostics> {
    let found = statuses(node)?.into_iter().find(|(status, _)| (200..300).contains(status));
    let (status, response) = found.ok_or_else(|| node.fault("there is no success response"))?;
    let content = |(name, content): (&str, Node<'_>)| {
        // The schema of any other body says no more than that it is text or bytes.
        let schema = content.get("schema")?.filter(|_| media::is_json(name));
        let schema = schema.map(|schema| schemas::schema(&schema)).transpose()?;
        Ok(Media { name: name.to_owned(), schema, example: content.value.get("example").cloned() })
    };
    let header = |(name, header): (&str, Node<'_>)| {
        let example = header.value.get("example")?;
        Some((name.to_owned(), example.as_str().map_or_else(|| example.to_string(), str::to_owned)))
    };
    Ok(Success {
        status,
        headers: response.members_of("headers")?.into_iter().filter_map(header).collect(),
        content: response.members_of("content")?.into_iter().map(content).collect::<Result<_, Diagnostics>>()?,
        pointer: response.pointer.to_string(),
    })
}

fn error((status, response): &(u16, Node<'_>)) -> Result<ErrorResponse, Diagnostics> {
    let content = response.members_of("content")?;
    let json = content.into_iter().find(|(name, _)| media::is_json(name)).map(|(_, content)| content);
    let schema = json.as_ref().map(|content| content.get("schema")).transpose()?.flatten();
    Ok(ErrorResponse {
        status: *status,
        description: response.text_of("description")?,
        schema: schema.map(|schema| schemas::schema(&schema)).transpose()?,
        example: json.and_then(|content| content.value.get("example")).cloned(),
    })
}

/// A method for each media type of the success response.
fn methods(node: &Node<'_>, success: &Success) -> Result<Vec<Method>, Diagnostics> {
    let names = node.members_of("x-sdk-methods")?;
    if names.is_empty() {
        let name = naming::snake(node.require_text("operationId")?);
        return Ok(vec![method(node, name, success.content.first())?]);
    }
    let mut methods = Vec::new();
    for (media_type, name) in names {
        let content = success.content.iter().find(|content| content.name == media_type);
        let content = content.ok_or_else(|| name.fault(format!("no success response has `{media_type}`")))?;
        methods.push(method(node, name.text()?.to_owned(), Some(content))?);
    }
    methods.sort_by_key(|method| !matches!(method.output, Output::Json(_)));
    Ok(methods)
}

fn method(node: &Node<'_>, name: String, content: Option<&Media>) -> Result<Method, Diagnostics> {
    let output = match content {
        None => Output::Empty,
        Some(content) if !media::is_json(&content.name) => Output::Bytes,
        Some(content) => {
            let schema = content.schema.as_ref();
            Output::Json(schema.ok_or_else(|| node.fault("the JSON of the success response has no schema"))?.ty.clone())
        }
    };
    let pages = matches!(output, Output::Json(_)) && node.value.get("x-sdk-pagination").is_some();
    Ok(Method { name, accept: content.map(|content| content.name.clone()), output, pages })
}

fn documentation(node: &Node<'_>) -> Result<Documentation, Diagnostics> {
    let text = |key: &str| Ok::<_, Diagnostics>(node.get_text(key)?.map(str::to_owned));
    Ok(Documentation {
        summary: node.text_of("summary")?,
        description: node.text_of("description")?,
        link: node.get("externalDocs")?.map_or(Ok(String::new()), |docs| docs.text_of("url"))?,
        role: text("x-sdk-role")?,
        iam_action: text("x-sdk-iam-action")?,
        audit_event: text("x-sdk-audit-event")?,
        preview: node.value.get("x-sdk-stability").is_some(),
    })
}
