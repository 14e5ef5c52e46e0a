//! Answers: the examples of the spec, and errors.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::check::Accepted;
use crate::estate::{Answer, Missing, Pieces};
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

/// What the estate says, as an answer. None if it says nothing.
pub(crate) fn computed(
    service: Service,
    spec: &Spec,
    accepted: &Accepted<'_, '_>,
    answer: Answer,
    edits: &[&Edit],
    request_id: &str,
) -> Option<Reply> {
    let (pieces, is_list): (Pieces, bool) = match answer {
        Answer::AsUsual => return None,
        Answer::Nothing => (Box::new(std::iter::empty()), false),
        Answer::Refused(refused) => return Some(refusal(service, &refused, request_id)),
        Answer::Problem { status, code, text } => {
            let body = (service.dialect().problem_body)(status, code, &text, &[], request_id);
            return Some(Reply::json(status, JSON, &body, false));
        }
        Answer::Whole { text, is_list } => (Box::new(std::iter::once(text)), is_list),
        Answer::Pieces(pieces) => (pieces, false),
        Answer::List(pieces) => (pieces, true),
        Answer::Chunks(chunks) => {
            let media = accepted.media?;
            let reply = Reply::chunks(accepted.operation.success.status, media.header.clone(), chunks);
            return Some(with_declared_headers(reply, accepted));
        }
    };
    let status = accepted.operation.success.status;
    let reply = match accepted.media {
        None => Reply::empty(status),
        Some(media) => {
            let is_json = media.example.json().is_some();
            let indented = wants_indented(service.dialect(), accepted);
            if is_json && (indented || !edits.is_empty()) {
                let text: String = pieces.collect();
                let mut body: Value = serde_json::from_str(&text).unwrap_or_default();
                edits.iter().for_each(|edit| edit.apply(&media.shape, &mut body));
                Reply::json(status, media.header.clone(), &wrap(spec, accepted, body), indented)
            } else {
                let mut pieces = if is_json { wrap_pieces(accepted, pieces, is_list) } else { pieces };
                match (pieces.next(), pieces.next()) {
                    (first, None) => Reply::new(status, media.header.clone(), first.unwrap_or_default()),
                    (first, second) => {
                        let pieces = first.into_iter().chain(second).chain(pieces).map(String::into_bytes);
                        Reply::chunks(status, media.header.clone(), Box::new(pieces))
                    }
                }
            }
        }
    };
    Some(with_declared_headers(reply, accepted))
}

fn with_declared_headers(mut reply: Reply, accepted: &Accepted<'_, '_>) -> Reply {
    reply.headers.extend(accepted.operation.success.headers.clone());
    reply
}

/// The answer to a request for something that the estate does not have: a 404 where the spec lists one, or else what it
/// lists that comes nearest.
pub(crate) fn missing(service: Service, accepted: &Accepted<'_, '_>, missing: &Missing, request_id: &str) -> Reply {
    let nearest = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN];
    let status = nearest.into_iter().find(|status| accepted.operation.statuses.contains(status));
    let status = status.unwrap_or(StatusCode::BAD_REQUEST);
    let Missing { code, text, name } = missing;
    let body = (service.dialect().problem_body)(status, code, text, &[name], request_id);
    Reply::json(status, JSON, &body, wants_indented(service.dialect(), accepted))
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

/// Does what [`wrap`] does, to a body that is not at hand as a whole.
fn wrap_pieces(accepted: &Accepted<'_, '_>, mut pieces: Pieces, is_list: bool) -> Pieces {
    let Operation { envelope, success, .. } = accepted.operation;
    let Some(envelope) = envelope.as_ref().filter(|envelope| is(accepted, &envelope.parameter, true)) else {
        return pieces;
    };
    let status = format!("{{\"{}\":{},", envelope.status, success.status.as_u16());
    if is_list {
        let first = pieces.next().unwrap_or_default();
        let first = first.strip_prefix('{').map(|rest| format!("{status}{rest}")).unwrap_or(first);
        return Box::new(std::iter::once(first).chain(pieces));
    }
    let head = format!("{status}\"{}\":", envelope.content);
    Box::new(std::iter::once(head).chain(pieces).chain(std::iter::once("}".to_owned())))
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
