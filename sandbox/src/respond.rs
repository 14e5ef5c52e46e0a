//! Answers: the examples of the spec, and errors.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value};

use crate::check::Accepted;
use crate::paging::Asked;
use crate::refusal::Refused;
use crate::service::{Dialect, Service};
use crate::spec::{Example, Operation, Spec};

/// An identifier that a service answers with a 404, in place of any path parameter or required query parameter, where
/// the operation documents one. More of the same letter do as well.
pub const ABSENT_ID: &str = "ffffffffffffffffffffffff";

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The answer to a request that the spec allows.
///
/// # Errors
///
/// If the request asks for a page by a token that was never handed out.
pub(crate) fn success(
    service: Service,
    spec: &Spec,
    accepted: &Accepted<'_, '_>,
    origin: &str,
) -> Result<Response, Refused> {
    let dialect = service.dialect();
    let Accepted { operation, query, path, .. } = accepted;
    if let Some(example) = operation.not_found.as_ref().filter(|_| asks_for_the_absent(accepted)) {
        return Ok(json_response(StatusCode::NOT_FOUND, JSON, example, wants_indented(dialect, accepted)));
    }
    let mut response = match accepted.media {
        None => Response::new(Body::empty()),
        Some(media) => match &media.example {
            Example::Text { bytes, .. } => with_type(Response::new(Body::from(bytes.clone())), media.header.clone()),
            Example::Json(example) => {
                let mut body = example.clone();
                if let Some(paging) = &operation.paging {
                    paging.apply(&mut body, Asked { operation, query, path, origin })?;
                }
                drop_count(dialect, accepted, &mut body);
                let body = wrap(spec, accepted, body);
                let indented = wants_indented(dialect, accepted);
                json_response(operation.success.status, media.header.clone(), &body, indented)
            }
        },
    };
    *response.status_mut() = operation.success.status;
    response.headers_mut().extend(operation.success.headers.clone());
    Ok(response)
}

/// The answer to a request that the spec does not allow.
pub(crate) fn refusal(service: Service, refused: &Refused, request_id: &str) -> Response {
    let body = (service.dialect().error_body)(refused, request_id);
    let mut response = json_response(refused.codes.status, JSON, &body, false);
    response.headers_mut().extend(refused.headers.clone());
    response
}

fn json_response(status: StatusCode, media: HeaderValue, body: &Value, indented: bool) -> Response {
    let text = if indented { format!("{body:#}") } else { body.to_string() };
    let mut response = with_type(Response::new(Body::from(text)), media);
    *response.status_mut() = status;
    response
}

fn with_type(mut response: Response, media: HeaderValue) -> Response {
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}

/// Whether a boolean query parameter that the operation has is `value`.
fn is(accepted: &Accepted<'_, '_>, name: &str, value: bool) -> bool {
    accepted.operation.query(name).is_some() && accepted.query.flag(name) == Some(value)
}

fn wants_indented(dialect: &Dialect, accepted: &Accepted<'_, '_>) -> bool {
    dialect.pretty.is_some_and(|name| is(accepted, name, true))
}

fn drop_count(dialect: &Dialect, accepted: &Accepted<'_, '_>, body: &mut Value) {
    let Some((parameter, field)) = dialect.count else { return };
    if let Some(map) = body.as_object_mut().filter(|_| is(accepted, parameter, false)) {
        map.remove(field);
    }
}

/// Puts the status into the body if the caller asks for it: beside the items of a list, around anything else.
fn wrap(spec: &Spec, accepted: &Accepted<'_, '_>, body: Value) -> Value {
    let Operation { envelope, success, .. } = accepted.operation;
    let Some(envelope) = envelope.as_ref().filter(|envelope| is(accepted, &envelope.parameter, true)) else {
        return body;
    };
    let status = Value::from(success.status.as_u16());
    match body {
        Value::Object(mut list) if spec.list_fields.iter().any(|field| list.contains_key(field)) => {
            list.insert(envelope.status.clone(), status);
            Value::Object(list)
        }
        content => Map::from_iter([(envelope.status.clone(), status), (envelope.content.clone(), content)]).into(),
    }
}

/// Whether a path parameter, or a query parameter that has to be there, is the identifier of nothing.
fn asks_for_the_absent(accepted: &Accepted<'_, '_>) -> bool {
    let is_absent = |value: &str| value.starts_with(ABSENT_ID) && value.bytes().all(|byte| byte == b'f');
    let required = accepted.operation.parameters.iter().filter(|parameter| parameter.required);
    accepted.path_values.iter().any(|value| is_absent(value))
        || required.filter_map(|parameter| accepted.query.first(&parameter.name)).any(is_absent)
}
