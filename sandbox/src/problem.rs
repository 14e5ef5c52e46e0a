//! The bodies of errors, as each service writes them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::refusal::Refused;
use crate::reply::{JSON, Reply};
use crate::service::Service;

/// The body of an error. `parameters` are what it is about; only Atlas lists them.
pub(crate) fn body(
    service: Service,
    status: StatusCode,
    code: &str,
    text: &str,
    parameters: &[Value],
    request_id: &str,
) -> Value {
    match service {
        Service::Atlas => json!({
            "error": status.as_u16(),
            "errorCode": code,
            "reason": status.canonical_reason(),
            "detail": text,
            "parameters": parameters,
        }),
        Service::Ibm => json!({ "errors": [{ "code": code, "message": text }], "trace": request_id }),
    }
}

/// The reply to a request that breaks a rule.
pub(crate) fn refusal(service: Service, refused: &Refused, request_id: &str) -> Reply {
    let body = match service {
        Service::Atlas => atlas_refusal(refused, request_id),
        Service::Ibm => ibm_refusal(refused, request_id),
    };
    let mut reply = Reply::json(refused.codes.status, JSON, &body, false);
    reply.headers.extend(refused.headers.clone());
    reply.refusals = refused.refusals.iter().map(ToString::to_string).collect();
    reply
}

/// An Atlas error has one code and one text, so it takes the code of the first refusal. Refusals of body fields are also
/// listed by field.
fn atlas_refusal(refused: &Refused, request_id: &str) -> Value {
    let Refused { codes, refusals, .. } = refused;
    let names: Vec<Value> = refusals.iter().filter_map(|refusal| refusal.name.clone().map(Value::from)).collect();
    let mut body = body(Service::Atlas, codes.status, codes.atlas, &refused.to_string(), &names, request_id);
    let in_body = refusals.iter().filter(|refusal| refusal.in_body);
    let fields: Vec<Value> = in_body
        .filter_map(|refusal| Some(json!({ "field": refusal.name.as_deref()?, "description": refusal.problem })))
        .collect();
    if !fields.is_empty() {
        body["badRequestDetail"] = json!({ "fields": fields });
    }
    body
}

/// An IBM error has one entry for each refusal.
fn ibm_refusal(refused: &Refused, request_id: &str) -> Value {
    let errors = refused
        .refusals
        .iter()
        .map(|refusal| json!({ "code": refusal.rule.codes().ibm, "message": refusal.to_string() }));
    json!({ "errors": errors.collect::<Vec<_>>(), "trace": request_id })
}
