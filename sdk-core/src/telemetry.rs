//! Tracing.
//!
//! One span covers one call with its waits and retries. Within it, an event at level DEBUG reports each attempt, and
//! one at level INFO each retry. The target is `cloud_billing_core`. Field names follow the OpenTelemetry conventions
//! for HTTP clients where these have a name.
//!
//! | field | span | attempt | retry | content |
//! |---|---|---|---|---|
//! | `otel.name`, `otel.kind` | x | | | how OpenTelemetry shows the span: the operation, `client` |
//! | `sdk.service`, `sdk.operation` | x | | | the service; the operation in the vendor's spelling |
//! | `http.request.method`, `url.template` | x | | | the method; the path before its parameters are filled in |
//! | `server.address`, `server.port` | x | | | host and port of the service |
//! | `http.response.status_code` | last | x | x | the HTTP status |
//! | `sdk.request_id` | last | x | | the request id that the service assigned |
//! | `http.request.resend_count` | last | x | x | the number of earlier attempts |
//! | `error.type` | last | x | x | the status of an error response, otherwise the kind of the failure as one word |
//! | `sdk.attempt_ms` | | x | | milliseconds until the response headers |
//! | `sdk.wait_ms` | | | x | milliseconds until the next attempt |
//!
//! A token request has the same span and events, within a span `token`. Each poll without a result is an event `poll` at
//! level DEBUG, with `sdk.wait_ms`.
//!
//! No event has a URL, a header or a body: paths, queries and messages may be confidential.

use std::time::Duration;

use reqwest::Url;
use tracing::Span;
use tracing::field::Empty;

use crate::error::Error;
use crate::operation::Operation;
use crate::response::Meta;
use crate::retry::GiveUp;
use crate::service::Service;

/// Creates the span of a call to the service at `url`. Later events fill in the empty fields.
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

/// Reports an attempt with or without a response. `sent` includes this attempt; `request_id` is that of the response, if it
/// may be shown.
///
/// The span is a parameter because `Span::current` is the caller's span if this one is filtered out.
pub(crate) fn attempt(span: &Span, sent: u32, took: Duration, answer: Result<&Meta, &Error>, request_id: Option<&str>) {
    let resend_count = sent.saturating_sub(1);
    let meta = answer.ok();
    let status = meta.map(|meta| meta.status);
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

/// Reports a poll without a result.
pub(crate) fn poll(wait: Duration) {
    tracing::debug!(target: "cloud_billing_core", { sdk.wait_ms = millis(wait) }, "poll");
}

/// Reports that a call waits before its first attempt.
pub(crate) fn quota(wait: Duration) {
    tracing::info!(
        target: "cloud_billing_core",
        { sdk.reason = "the quota is used up", sdk.wait_ms = millis(wait) },
        "waiting",
    );
}

/// Reports that a retryable failure is not retried.
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

/// Records the failure in the call's span.
pub(crate) fn record_error(span: &Span, error: &Error) {
    span.record("error.type", error_type(error));
}

/// The status of an error response, otherwise the kind as one word. Never a message, because messages come from the
/// service.
fn error_type(error: &Error) -> String {
    match (error.kind(), error.status()) {
        (crate::ErrorKind::Api, Some(status)) => status.to_string(),
        (kind, _) => kind.word().to_owned(),
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
