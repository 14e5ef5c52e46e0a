//! Answers from the examples of the spec.

use serde_json::Value;

use axum::http::StatusCode;
use cloud_billing_catalogue::Place;

use crate::answer::{Answer, Denial, JSON, Reply};
use crate::request::Request;
use crate::spec::{Example, Spec};

/// An identifier for which no record exists: as a path parameter or required query parameter of an operation that documents
/// a 404 it is answered with an example of one, that of the operation that reads such a record or else its own. Longer runs
/// of the same letter work as well.
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
    let documented = request.operation.not_found.as_ref()?;
    let is_absent = |value: &str| value.starts_with(ABSENT_ID) && value.bytes().all(|byte| byte == b'f');
    let required = request.operation.parameters(Place::Query).filter(|parameter| parameter.required);
    let in_query = required.filter_map(|parameter| Some((parameter.name, request.query.first(parameter.name)?)));
    let (absent, _) = request.path_parameters().chain(in_query).find(|(_, value)| is_absent(value))?;
    // The operation that reads the record has its code.
    let path_end = format!("{{{absent}}}");
    let own = Spec::of(request.service).operations.iter().find(|operation| operation.path.ends_with(&path_end));
    let example = own.and_then(|operation| operation.not_found.as_ref()).unwrap_or(documented);
    Some(Answer::Reply(Reply::json(StatusCode::NOT_FOUND, JSON, example, request.wants_indented())))
}
