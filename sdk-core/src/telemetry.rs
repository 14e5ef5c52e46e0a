//! Traces.
//!
//! One span covers one call, with its waits and retries. In it, one event at level DEBUG reports each attempt, and one at
//! level INFO each retry. The target is `cloud_billing_core`. Where the OpenTelemetry conventions for HTTP clients have a name for
//! something, it is called that.
//!
//! | field | span | attempt | retry | what it is |
//! |---|---|---|---|---|
//! | `otel.name`, `otel.kind` | x | | | how OpenTelemetry shows the span: the operation, `client` |
//! | `sdk.service`, `sdk.operation` | x | | | the service; the operation in the vendor's spelling |
//! | `http.request.method`, `url.template` | x | | | method, and path before its parameters are filled in |
//! | `server.address`, `server.port` | x | | | where requests go |
//! | `http.response.status_code` | last | x | x | the status of the answer |
//! | `sdk.request_id` | last | x | | the service's name for the request |
//! | `http.request.resend_count` | last | x | x | how many times the request had been sent before |
//! | `error.type` | last | x | x | the status of an error answer, else the kind of the failure in one word |
//! | `sdk.attempt_ms` | | x | | until the head of the answer, in milliseconds |
//! | `sdk.wait_ms` | | | x | before the next attempt, in milliseconds |
//!
//! Never the URL, a header or a body: paths, queries and messages may hold what is nobody's business.

use std::time::Duration;

use reqwest::Url;
use tracing::Span;
use tracing::field::Empty;

use crate::error::Error;
use crate::operation::Operation;
use crate::response::Meta;
use crate::retry::GiveUp;
use crate::service::Service;

/// The span of one call to the service at `url`. What is not known yet is filled in later.
pub(crate) fn call_span(service: &Service, operation: &Operation, url: &Url) -> Span {
    tracing::info_span!(
        target: "cloud_billing_core",
        "call",
        otel.name = operation.id(),
        otel.kind = "client",
        sdk.service = service.name(),
        sdk.operation = operation.id(),
        http.request.method = operation.method().as_str(),
        url.template = operation.path(),
        server.address = url.host_str(),
        server.port = url.port_or_known_default(),
        http.response.status_code = Empty,
        http.request.resend_count = Empty,
        sdk.request_id = Empty,
        "error.type" = Empty,
    )
}

/// Reports an attempt that got an answer, or none. `sent` counts it already.
///
/// The span is handed through, since the current one is the caller's if this one is filtered out.
pub(crate) fn attempt(span: &Span, sent: u32, took: Duration, answer: Result<&Meta, &Error>) {
    let resend_count = sent.saturating_sub(1);
    let meta = answer.ok();
    let status = meta.map(|meta| meta.status);
    let request_id = meta.and_then(|meta| meta.request_id.as_deref());
    let failure = match answer {
        Ok(meta) => Some(meta.status).filter(|status| *status >= 400).map(|status| status.to_string()),
        Err(error) => Some(error_type(error)),
    };
    if resend_count > 0 {
        span.record("http.request.resend_count", resend_count);
    }
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if let Some(request_id) = request_id {
        span.record("sdk.request_id", request_id);
    }
    tracing::debug!(
        target: "cloud_billing_core",
        {
            http.request.resend_count = resend_count,
            http.response.status_code = status,
            sdk.request_id = request_id,
            "error.type" = failure,
            sdk.attempt_ms = millis(took)
        },
        "attempt",
    );
}

/// Reports that the request will be sent again after a wait.
pub(crate) fn retry(error: &Error, sent: u32, wait: Duration) {
    tracing::info!(
        target: "cloud_billing_core",
        {
            "error.type" = error_type(error),
            http.response.status_code = error.status(),
            http.request.resend_count = sent,
            sdk.wait_ms = millis(wait)
        },
        "retry",
    );
}

/// Reports that a call waits before its first attempt.
pub(crate) fn quota(wait: Duration) {
    tracing::info!(
        target: "cloud_billing_core",
        { sdk.reason = "the quota is used up", sdk.wait_ms = millis(wait) },
        "waiting",
    );
}

/// Reports that a failure that could be retried is not.
pub(crate) fn give_up(error: &Error, reason: GiveUp) {
    tracing::info!(
        target: "cloud_billing_core",
        {
            "error.type" = error_type(error),
            http.response.status_code = error.status(),
            sdk.reason = %reason
        },
        "no more retries",
    );
}

/// Fills in a call's span from its failure.
pub(crate) fn record_error(span: &Span, error: &Error) {
    span.record("error.type", error_type(error));
}

/// The status of an error answer, else the kind in one word: never a message, since those are the service's.
fn error_type(error: &Error) -> String {
    match (error.kind(), error.status()) {
        (crate::ErrorKind::Api, Some(status)) => status.to_string(),
        (kind, _) => kind.word().to_owned(),
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
