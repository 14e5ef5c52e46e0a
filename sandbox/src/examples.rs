//! Answers from the examples of the spec.

use serde_json::Value;

use axum::http::StatusCode;

use crate::answer::{Answer, Denial};
use crate::answer::{JSON, Reply};
use crate::request::Request;
use crate::spec::{Example, Spec};

/// An identifier for which no record exists: as a path parameter or required query parameter it is answered with the
/// example of the operation's 404, if the spec documents one. Longer runs of the same letter work as well.
pub const ABSENT_ID: &str = "ffffffffffffffffffffffff";

/// Answers with the example of the operation's response, or with the requested page of it.
///
/// # Errors
///
/// If the page token was not issued for this list.
pub(crate) fn answer(request: &Request<'_>) -> Result<Answer, Denial> {
    if let Some(not_found) = not_found(request) {
        return Ok(not_found);
    }
    match request.media.map(|media| &media.example) {
        None => Ok(Answer::Empty),
        Some(Example::Text { bytes, .. }) => Ok(Answer::Bytes(Box::new(std::iter::once(bytes.clone())))),
        Some(Example::Json(example)) => json(request, example),
    }
}

fn json(request: &Request<'_>, example: &Value) -> Result<Answer, Denial> {
    let items = request.operation.paging.as_ref().and_then(|paging| example.get(paging.items)?.as_array());
    if let Some(items) = items.filter(|items| request.splits(items.len())) {
        return request.list(items.iter(), |item| item);
    }
    let mut body = example.clone();
    if let Some(fields) = body.as_object_mut().filter(|_| !request.wants_count()) {
        fields.remove("totalCount");
    }
    let is_list = Spec::of(request.service).is_list(&body);
    Ok(if is_list { Answer::list(&body) } else { Answer::json(&body) })
}

/// The example of a 404, if the request names [`ABSENT_ID`].
pub(crate) fn not_found(request: &Request<'_>) -> Option<Answer> {
    let example = request.operation.not_found.as_ref()?;
    let is_absent = |value: &str| value.starts_with(ABSENT_ID) && value.bytes().all(|byte| byte == b'f');
    let required = request.operation.parameters.iter().filter(|parameter| parameter.required);
    let named = request.path_values.iter().any(|value| is_absent(value))
        || required.filter_map(|parameter| request.query.first(parameter.name)).any(is_absent);
    named.then(|| Answer::Reply(Reply::json(StatusCode::NOT_FOUND, JSON, example, request.wants_indented())))
}
