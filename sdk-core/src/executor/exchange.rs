//! One exchange: from the request to the response headers, and the meaning of the status.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::header::LOCATION;
use http::{HeaderMap, HeaderName};
use reqwest::Url;
use tracing::Span;

use crate::body::{ByteStream, Timer};
use crate::context::ResponseContext;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind, retry_after};
use crate::operation::Operation;
use crate::text::shown;
use crate::transport::content_encoding;

/// How much of an unwanted body is read, and for how long. A new connection costs about as much.
const DRAIN_LIMIT: usize = 16 * 1024;
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// How much of an error body is kept.
pub(crate) const ERROR_BODY_LIMIT: usize = 256 * 1024;

/// The time limits of an attempt, except the one on connecting, which the HTTP client applies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) attempt: Duration,
    pub(crate) idle: Duration,
}

/// What a client knows of every response before it arrives.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) timeouts: Timeouts,
    /// The largest body that is read into memory.
    pub(crate) body: usize,
    /// The response headers that may contain the request id.
    pub(crate) id_headers: Arc<[HeaderName]>,
}

impl Limits {
    /// Waits for the response headers, until the end of the attempt or of `deadline`. `attempt` is the number of the
    /// attempt, and `span` its span.
    pub(super) async fn receive(
        &self,
        operation: &'static Operation,
        (span, attempt): (&Span, u32),
        timeouts: Timeouts,
        deadline: Deadline,
        response: impl Future<Output = Result<http::Response<reqwest::Body>, Error>>,
    ) -> Result<ByteStream, Error> {
        let deadline = Deadline::after(timeouts.attempt, "attempt").or_earlier(deadline);
        let (head, body) = deadline.limit("no answer", response).await??.into_parts();
        let context = ResponseContext::new(operation, head, &self.id_headers, attempt);
        Ok(ByteStream::new(body, context, self.body, Timer::new(timeouts.idle, deadline), span.clone()))
    }
}

/// Reads the rest of an unwanted body, so that the connection can be reused. If the body is large or slow, the
/// connection is closed instead.
pub(crate) async fn drain(stream: ByteStream) {
    if stream.announced().is_none_or(|announced| announced <= DRAIN_LIMIT as u64) {
        // A timeout ends it too.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, stream.prefix(DRAIN_LIMIT)).await;
    }
}

/// Separates successes from other responses by their status. The error body of a pre-signed address is not read: file
/// stores repeat parts of the address in it, which is a secret.
pub(crate) async fn check_status(stream: ByteStream, presigned: bool) -> Result<ByteStream, Error> {
    let context = stream.context();
    if !context.operation.is_success(context.meta.status) {
        // Boxed to keep the future of a success small.
        return Err(Box::pin(refusal(stream, presigned)).await);
    }
    match content_encoding(&context.meta.headers) {
        None => Ok(stream),
        Some(coding) => {
            let message = format!("the body is compressed with `{}`, which was not asked for", shown(&coding));
            Err(context.annotate(Error::new(ErrorKind::Decode, message)))
        }
    }
}

/// The error for a response that is not a success.
async fn refusal(stream: ByteStream, presigned: bool) -> Error {
    let context = stream.context().clone();
    let status = context.meta.status;
    if context.operation.is_processing(status) {
        drain(stream).await;
        return context.not_ready(status);
    }
    // 304 has no location.
    if (300..400).contains(&status) && status != 304 {
        let message = format!("{}, which is not followed", destination(&context.meta.headers));
        return context.annotate(Error::new(ErrorKind::Redirect, message));
    }
    if presigned {
        let refused = Error::new(ErrorKind::Api, "the file store refused the address");
        return context.annotate(refused).with_retry_after(retry_after(&context.meta.headers));
    }
    let body = stream.prefix(ERROR_BODY_LIMIT).await;
    context.api_error(status, body)
}

/// The target of a redirect. Only its origin is shown: path and query may contain tokens.
fn destination(headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    match location.and_then(|location| Url::parse(location).ok()) {
        Some(url) if !url.origin().is_tuple() => format!("to an address of the kind `{}`", shown(url.scheme())),
        Some(url) => format!("to {}", shown(&url.origin().ascii_serialization())),
        None => "within the service".to_owned(),
    }
}
