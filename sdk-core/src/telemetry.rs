//! Traces.
//!
//! The spans, the events and their fields are documented for users in `docs/observability.md`, whose table a test holds against
//! what is exported. No span and no event has a URL, a header, a body or a message: all of these may be confidential.

use std::borrow::Cow;
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
        // Each attempt is the client's side of an HTTP request; a call is what the program does.
        otel.kind = "internal",
        otel.status_code = Empty,
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

/// Creates the span of an attempt within the current one. `sent` includes this attempt.
pub(crate) fn attempt_span(operation: &Operation, url: &Url, sent: u32) -> Span {
    let method = operation.method().as_str();
    tracing::info_span!(
        target: "cloud_billing_core",
        "attempt",
        otel.name = format_args!("{method} {}", operation.path()),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method,
        url.template = operation.path(),
        server.address = url.host_str(),
        server.port = url.port_or_known_default(),
        http.request.resend_count = (sent > 1).then(|| sent - 1),
        http.response.status_code = Empty,
        sdk.request_id = Empty,
        "error.type" = Empty,
    )
}

/// Reports an attempt with or without a response, in the span of its `call` and in its `own`. `sent` includes this attempt;
/// `request_id` is that of the response, if it may be shown.
///
/// The spans are parameters because `Span::current` is the caller's span if these are filtered out.
pub(crate) fn attempt(
    call: &Span,
    own: &Span,
    sent: u32,
    took: Duration,
    answer: Result<&Meta, &Error>,
    request_id: Option<&str>,
) {
    let resend_count = sent.saturating_sub(1);
    let meta = answer.ok();
    let status = meta.map(|meta| meta.status);
    let failure = match answer {
        Ok(meta) => Some(meta.status).filter(|status| *status >= 400).map(|status| status.to_string().into()),
        Err(error) => Some(error_type(error)),
    };
    if resend_count > 0 {
        call.record("http.request.resend_count", resend_count);
    }
    // A disabled span would still look up its fields.
    for span in [call, own].into_iter().filter(|span| !span.is_disabled()) {
        if let Some(status) = status {
            span.record("http.response.status_code", status);
        }
        if let Some(request_id) = request_id {
            span.record("sdk.request_id", request_id);
        }
    }
    if let Some(failure) = &failure {
        record_failure(own, failure);
    }
    tracing::debug!(
        target: "cloud_billing_core",
        {
            http.request.resend_count = resend_count,
            http.response.status_code = status,
            sdk.request_id = request_id,
            "error.type" = failure.as_deref(),
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
            "error.type" = &*error_type(error),
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
            "error.type" = &*error_type(error),
            http.response.status_code = error.status(),
            sdk.reason = %reason
        },
        "no more retries",
    );
}

/// Records the failure of a call, an attempt or a token in its span.
pub(crate) fn record_error(span: &Span, error: &Error) {
    // A poll without a result is none.
    if error.kind() == crate::ErrorKind::NotReady {
        span.record("error.type", &*error_type(error));
    } else {
        record_failure(span, &error_type(error));
    }
}

fn record_failure(span: &Span, error_type: &str) {
    span.record("error.type", error_type);
    span.record("otel.status_code", "ERROR");
}

/// The status of an error response, otherwise the kind as one word. Never a message, because messages come from the
/// service.
pub(crate) fn error_type(error: &Error) -> Cow<'static, str> {
    match (error.kind(), error.status()) {
        (crate::ErrorKind::Api, Some(status)) => status.to_string().into(),
        (kind, _) => kind.word().into(),
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
