//! Traces.
//!
//! One span covers one call. It names the operation and never the URL, since a query may hold what is nobody's business.

use tracing::Span;
use tracing::field::Empty;

use crate::error::Error;
use crate::operation::Operation;
use crate::response::Meta;
use crate::service::Service;

/// The span of one call. `status`, `request_id` and `error` are filled in when they are known.
pub(crate) fn call_span(service: &Service, operation: &Operation) -> Span {
    tracing::info_span!(
        target: "sdk_core",
        "call",
        service = service.name(),
        operation = operation.id(),
        method = operation.method().as_str(),
        status = Empty,
        request_id = Empty,
        error = Empty,
    )
}

/// Fills in a call's span from an answer.
///
/// The span is handed through, since the current one is the caller's if this one is filtered out.
pub(crate) fn record_answer(span: &Span, meta: &Meta) {
    span.record("status", meta.status);
    if let Some(request_id) = &meta.request_id {
        span.record("request_id", request_id.as_str());
    }
}

/// Fills in a call's span from a failure: its kind only, since messages are the service's.
pub(crate) fn record_error(span: &Span, error: &Error) {
    span.record("error", tracing::field::display(error.kind()));
}
