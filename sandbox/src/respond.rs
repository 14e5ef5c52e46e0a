//! Answers: the examples of the spec, and errors.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::check::Accepted;
use crate::fault::Edit;
use crate::paging::Asked;
use crate::refusal::Refused;
use crate::reply::{JSON, Reply};
use crate::service::{Dialect, Service};
use crate::spec::{Example, Operation, Spec};

/// An identifier that a service answers with a 404, in place of any path parameter or required query parameter, where
/// the operation documents one. More of the same letter do as well.
pub const ABSENT_ID: &str = "ffffffffffffffffffffffff";

/// How an answer departs from the example of the spec.
#[derive(Debug, Default)]
pub(crate) struct Departure<'a> {
    /// Changes of a JSON body, before it is wrapped.
    pub(crate) edits: Vec<&'a Edit>,
    /// Whether a page is followed by itself.
    pub(crate) repeats_cursor: bool,
}

/// The answer to a request for something that does not exist, if it is one.
pub(crate) fn absent(service: Service, accepted: &Accepted<'_, '_>) -> Option<Reply> {
    let example = accepted.operation.not_found.as_ref().filter(|_| asks_for_the_absent(accepted))?;
    Some(Reply::json(StatusCode::NOT_FOUND, JSON, example, wants_indented(service.dialect(), accepted)))
}

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
    departure: &Departure<'_>,
) -> Result<Reply, Refused> {
    let dialect = service.dialect();
    let Accepted { operation, query, path, .. } = accepted;
    let status = operation.success.status;
    let mut reply = match accepted.media {
        None => Reply::empty(status),
        Some(media) => match &media.example {
            Example::Text { bytes, .. } => Reply::new(status, media.header.clone(), bytes.clone()),
            Example::Json(example) => {
                let mut body = example.clone();
                if let Some(paging) = &operation.paging {
                    let repeats = departure.repeats_cursor;
                    paging.apply(&mut body, Asked { operation, query, path, origin, repeats })?;
                }
                drop_count(dialect, accepted, &mut body);
                for edit in &departure.edits {
                    edit.apply(&media.shape, &mut body);
                }
                let body = wrap(spec, accepted, body);
                Reply::json(status, media.header.clone(), &body, wants_indented(dialect, accepted))
            }
        },
    };
    reply.headers.extend(operation.success.headers.clone());
    Ok(reply)
}

/// The answer to a request that the spec does not allow.
pub(crate) fn refusal(service: Service, refused: &Refused, request_id: &str) -> Reply {
    let body = (service.dialect().error_body)(refused, request_id);
    let mut reply = Reply::json(refused.codes.status, JSON, &body, false);
    reply.headers.extend(refused.headers.clone());
    reply.refusals = refused.refusals.iter().map(ToString::to_string).collect();
    reply
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
