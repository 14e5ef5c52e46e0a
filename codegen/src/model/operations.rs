//! Operations: parameters, bodies, responses, texts, and the methods that they become.

use std::collections::BTreeMap;

use super::node::Fault;
use super::{
    Body, Documentation, Envelope, ErrorResponse, Media, Method, Object, Operation, Output, Parameter, Place, Quota,
    Success, Type, pagination, schemas,
};
use crate::load::Document;
use crate::node::{METHODS, Node, text_of};
use crate::{media, naming};

/// Every operation, in the order of the text.
pub(super) fn all(document: &Document, objects: &BTreeMap<String, Object>) -> Result<Vec<Operation>, Fault> {
    let root = document.root();
    let mut found = Vec::new();
    for (path, item) in root.each("paths")? {
        for http_method in METHODS {
            let Some(node) = item.find(http_method)? else { continue };
            let secured = is_secured(if node.has("security") { &node } else { &root });
            let own = Operation { secured, ..operation(&node, &path, http_method, &item)? };
            found.push((document.line(&node.pointer), paged(&node, own, objects)?));
        }
    }
    found.sort_by_key(|(line, _)| *line);
    Ok(found.into_iter().map(|(_, operation)| operation).collect())
}

/// Whether a caller has to authenticate: an empty list, or an empty choice in it, says no.
fn is_secured(node: &Node<'_>) -> bool {
    let choices = node.below("security");
    !choices.is_empty() && choices.iter().all(|(_, choice)| !choice.members().is_empty())
}

/// The operation with what its page tells of it.
fn paged(node: &Node<'_>, operation: Operation, objects: &BTreeMap<String, Object>) -> Result<Operation, Fault> {
    let page = operation.methods.iter().find_map(|method| match &method.output {
        Output::Json(Type::Object(name)) => objects.get(name),
        _ => None,
    });
    let bare_item = page.and_then(|page| page.bare_item.clone());
    let mark = node.find("x-sdk-pagination")?;
    let pagination = mark.map(|mark| pagination::read(&mark, &operation, page, objects)).transpose()?;
    Ok(Operation { pagination, bare_item, ..operation })
}

fn operation(node: &Node<'_>, path: &str, http_method: &str, item: &Node<'_>) -> Result<Operation, Fault> {
    let parameters: Vec<Node<'_>> =
        node.each("parameters")?.into_iter().chain(item.each("parameters")?).map(|(_, node)| node).collect();
    let envelope = parameters.iter().find(|parameter| parameter.has("x-sdk-envelope"));
    let statuses = statuses(node)?;
    let success = success(node, &statuses)?;
    Ok(Operation {
        id: node.require_text("operationId")?.to_owned(),
        pointer: node.pointer.to_string(),
        http_method: http_method.to_owned(),
        path: path.to_owned(),
        group: node.require_text("x-sdk-group")?.replace('-', "_"),
        secured: false,
        idempotent: node.flag("x-sdk-idempotent"),
        quota: node.find("x-sdk-quota")?.map(|mark| quota(&mark)).transpose()?,
        parameters: parameters.iter().map(parameter).collect::<Result<_, _>>()?,
        body: node.find("requestBody")?.map(|body| request_body(&body)).transpose()?,
        methods: methods(node, &success)?,
        success,
        processing: statuses.iter().map(|(status, _)| *status).filter(|status| *status < 200).collect(),
        errors: statuses.iter().filter(|(status, _)| *status >= 300).map(error).collect::<Result<_, _>>()?,
        envelope: envelope.map(self::envelope).transpose()?,
        bare_item: None,
        pagination: None,
        documentation: documentation(node),
    })
}

fn parameter(node: &Node<'_>) -> Result<Parameter, Fault> {
    let schema = schemas::schema(&node.require("schema")?)?;
    Ok(Parameter {
        wire: node.require_text("name")?.to_owned(),
        rust: naming::argument(node),
        place: match node.require_text("in")? {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            other => return Err(node.fault(format!("a parameter in `{other}`"))),
        },
        required: node.flag("required"),
        description: node.text_or_empty("description"),
        constraints: schemas::constraints(&schema),
        schema,
        example: node.value.get("example").cloned(),
        pointer: node.pointer.to_string(),
    })
}

fn envelope(parameter: &Node<'_>) -> Result<Envelope, Fault> {
    let mark = parameter.require("x-sdk-envelope")?;
    Ok(Envelope {
        parameter: parameter.require_text("name")?.to_owned(),
        status: mark.require_text("status")?.to_owned(),
        content: mark.require_text("content")?.to_owned(),
    })
}

fn quota(mark: &Node<'_>) -> Result<Quota, Fault> {
    Ok(Quota { set: mark.require_text("set")?.to_owned(), scope: mark.text("scope").map(str::to_owned) })
}

fn request_body(node: &Node<'_>) -> Result<Body, Fault> {
    let mut content = node.each("content")?.into_iter();
    let (Some((media_type, content)), None) = (content.next(), content.next()) else {
        return Err(node.fault("a request body has exactly one media type"));
    };
    Ok(Body {
        media_type,
        schema: schemas::schema(&content.require("schema")?)?,
        example: content.value.get("example").cloned(),
        pointer: node.pointer.to_string(),
    })
}

/// The responses by status, in ascending order.
fn statuses<'d>(node: &Node<'d>) -> Result<Vec<(u16, Node<'d>)>, Fault> {
    let number = |(key, response): (String, Node<'d>)| {
        let status = key.parse().map_err(|_| response.fault(format!("`{key}` is not a status")))?;
        Ok((status, response))
    };
    node.each("responses")?.into_iter().map(number).collect()
}

fn success(node: &Node<'_>, statuses: &[(u16, Node<'_>)]) -> Result<Success, Fault> {
    let found = statuses.iter().find(|(status, _)| (200..300).contains(status));
    let (status, response) = found.ok_or_else(|| node.fault("there is no success response"))?;
    let content = |(name, content): (String, Node<'_>)| {
        // The schema of any other body says no more than that it is text or bytes.
        let schema = content.find("schema")?.filter(|_| media::is_json(&name));
        let schema = schema.map(|schema| schemas::schema(&schema)).transpose()?;
        Ok(Media { name, schema, example: content.value.get("example").cloned() })
    };
    let header = |(name, header): (String, Node<'_>)| Some((name, text_of(header.value.get("example")?)));
    Ok(Success {
        status: *status,
        headers: response.each("headers")?.into_iter().filter_map(header).collect(),
        content: response.each("content")?.into_iter().map(content).collect::<Result<_, Fault>>()?,
        pointer: response.pointer.to_string(),
    })
}

fn error((status, response): &(u16, Node<'_>)) -> Result<ErrorResponse, Fault> {
    let content = response.each("content")?;
    let json = content.into_iter().find(|(name, _)| media::is_json(name)).map(|(_, content)| content);
    let schema = json.as_ref().map(|content| content.find("schema")).transpose()?.flatten();
    Ok(ErrorResponse {
        status: *status,
        description: response.text_or_empty("description"),
        schema: schema.map(|schema| schemas::schema(&schema)).transpose()?,
        example: json.and_then(|content| content.value.get("example")).cloned(),
    })
}

/// A method for each media type of the success response.
fn methods(node: &Node<'_>, success: &Success) -> Result<Vec<Method>, Fault> {
    let names = node.each("x-sdk-methods")?;
    if names.is_empty() {
        let name = naming::snake(node.require_text("operationId")?);
        return Ok(vec![method(node, name, success.content.first())?]);
    }
    let mut methods = Vec::new();
    for (media_type, name) in names {
        let content = success.content.iter().find(|content| content.name == media_type);
        let content = content.ok_or_else(|| name.fault(format!("no success response has `{media_type}`")))?;
        methods.push(method(node, name.as_text()?.to_owned(), Some(content))?);
    }
    methods.sort_by_key(|method| !matches!(method.output, Output::Json(_)));
    Ok(methods)
}

fn method(node: &Node<'_>, name: String, content: Option<&Media>) -> Result<Method, Fault> {
    let output = match content {
        None => Output::Empty,
        Some(content) if !media::is_json(&content.name) => Output::Bytes,
        Some(content) => {
            let schema = content.schema.as_ref();
            Output::Json(schema.ok_or_else(|| node.fault("the JSON of the success response has no schema"))?.ty.clone())
        }
    };
    let pages = matches!(output, Output::Json(_)) && node.has("x-sdk-pagination");
    Ok(Method { name, accept: content.map(|content| content.name.clone()), output, pages })
}

fn documentation(node: &Node<'_>) -> Documentation {
    let text = |key: &str| node.text(key).map(str::to_owned);
    Documentation {
        summary: node.text_or_empty("summary"),
        description: node.text_or_empty("description"),
        link: node.get("externalDocs").map_or_else(String::new, |docs| docs.text_or_empty("url")),
        role: text("x-sdk-role"),
        iam_action: text("x-sdk-iam-action"),
        audit_event: text("x-sdk-audit-event"),
        preview: node.has("x-sdk-stability"),
        aliases: node.list("x-sdk-aliases").iter().filter_map(|alias| alias.as_str().map(str::to_owned)).collect(),
    }
}
