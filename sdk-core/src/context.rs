//! The context of a response.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderName;

use crate::error::{Details, Error, ErrorKind, retry_after};
use crate::media;
use crate::operation::Operation;
use crate::response::{Meta, RateLimit};
use crate::text::shown;

/// The operation, head and attempt that a response belongs to. Errors that occur later are annotated with it.
#[derive(Clone)]
pub(crate) struct ResponseContext {
    pub(crate) operation: &'static Operation,
    pub(crate) meta: Arc<Meta>,
    pub(crate) attempts: u32,
}

impl ResponseContext {
    /// `id_headers` are the headers that may contain the request id; the first one that is present counts.
    pub(crate) fn new(
        operation: &'static Operation,
        head: http::response::Parts,
        id_headers: &[HeaderName],
        attempts: u32,
    ) -> Self {
        let id = id_headers.iter().find_map(|name| head.headers.get(name));
        let request_id = id.map(|id| shown(&String::from_utf8_lossy(id.as_bytes())));
        let meta = Meta { status: head.status.as_u16(), headers: head.headers, request_id };
        Self { operation, meta: Arc::new(meta), attempts }
    }

    /// Adds operation, status, request id and number of attempts to an error.
    pub(crate) fn annotate(&self, error: Error) -> Error {
        error
            .with_operation(self.operation.id())
            .with_response(self.meta.status, self.meta.request_id.clone())
            .with_attempts(self.attempts)
    }

    /// The error for an error status, with the code and message in the body.
    pub(crate) fn api_error(&self, status: u16, body: Bytes) -> Error {
        let details = Details::read(media::content_type(&self.meta.headers), &body);
        self.refusal(Error::new(ErrorKind::Api, ""), status).with_details(details).with_body(body)
    }

    /// The error for a status that means "not ready yet".
    pub(crate) fn not_ready(&self, status: u16) -> Error {
        self.refusal(Error::new(ErrorKind::NotReady, "the service is still working on it"), status)
    }

    /// Adds the status, and what the head says about the next attempt.
    fn refusal(&self, error: Error, status: u16) -> Error {
        self.annotate(error)
            .with_response(status, self.meta.request_id.clone())
            .with_retry_after(retry_after(&self.meta.headers))
            .with_rate_limit(RateLimit::from_headers(&self.meta.headers))
    }
}
