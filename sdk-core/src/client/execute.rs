//! One call: attempts, and what becomes of the answer.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use reqwest::Url;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::decode::Reply;
use super::{Core, Inner};
use crate::auth::{BoxFuture, Rejection, Target};
use crate::body::{ByteStream, Timer};
use crate::error::{Details, Error, ErrorKind, retry_after};
use crate::media;
use crate::operation::{Method, Operation};
use crate::request::{Prepared, Request};
use crate::response::{Meta, Response};
use crate::telemetry;

/// How much of an error body is kept.
const ERROR_BODY_LIMIT: usize = 256 * 1024;

/// Where an answer came from, so that whatever fails later can say so.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) operation: &'static Operation,
    pub(crate) meta: Arc<Meta>,
    pub(crate) attempts: u32,
}

impl Origin {
    /// Adds operation, status, request identifier and number of attempts to an error.
    pub(crate) fn annotate(&self, error: Error) -> Error {
        error
            .with_operation(self.operation.id())
            .with_response(self.meta.status, self.meta.request_id.clone())
            .with_attempts(self.attempts)
    }

    /// The error for an error status, with what its body says.
    pub(crate) fn api_error(&self, status: u16, body: Bytes) -> Error {
        let details = Details::read(media::content_type(&self.meta.headers), &body);
        self.annotate(Error::new(ErrorKind::Api, ""))
            .with_response(status, self.meta.request_id.clone())
            .with_retry_after(retry_after(&self.meta.headers))
            .with_details(details)
            .with_body(body)
    }

    /// The error for an answer that there is no result yet.
    pub(crate) fn not_ready(&self, status: u16) -> Error {
        self.annotate(Error::new(ErrorKind::NotReady, "the service is still working on it"))
            .with_response(status, self.meta.request_id.clone())
            .with_retry_after(retry_after(&self.meta.headers))
    }
}

impl Core {
    /// Executes a request and reads its body whole.
    pub(super) fn fetch(&self, request: Request) -> BoxFuture<'_, Result<Reply, Error>> {
        self.traced(request, |inner, prepared, span| async move {
            let enveloped = prepared.enveloped;
            let stream = inner.execute(prepared, &span).await?;
            let origin = stream.origin().clone();
            let body = stream.bytes(inner.body_limit).await?;
            Ok(Reply { origin, body, enveloped, span })
        })
    }

    /// Executes a request and leaves its body to the caller.
    pub(super) fn stream(&self, request: Request) -> BoxFuture<'_, Result<Response<ByteStream>, Error>> {
        self.traced(request, |inner, prepared, span| async move {
            let stream = inner.execute(prepared, &span).await?.with_idle_timeout(inner.attempt_timeout);
            let meta = Arc::clone(&stream.origin().meta);
            Ok(Response::new(stream, meta))
        })
    }

    /// Runs a call in its span. The future is boxed to keep the callers' small.
    fn traced<'a, T, F>(
        &'a self,
        request: Request,
        call: impl FnOnce(&'a Inner, Prepared, Span) -> F,
    ) -> BoxFuture<'a, Result<T, Error>>
    where
        F: Future<Output = Result<T, Error>> + Send + 'a,
        T: 'a,
    {
        let operation = request.operation();
        let span = telemetry::call_span(self.inner.service, operation);
        let call = request.prepare().map(|prepared| call(&self.inner, prepared, span.clone()));
        let outcome = span.clone();
        let traced = async move {
            let result = match call {
                Ok(call) => call.await,
                Err(error) => Err(error),
            };
            result
                .map_err(|error| error.with_operation(operation.id()))
                .inspect_err(|error| telemetry::record_error(&outcome, error))
        };
        Box::pin(traced.instrument(span))
    }
}

impl Inner {
    /// Sends a request, once more if the credential asks for it after a 401, and returns the body of a success.
    async fn execute(&self, prepared: Prepared, span: &Span) -> Result<ByteStream, Error> {
        let url = Url::parse(&format!("{}{}", self.base_url, prepared.path_and_query)).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "base URL and path do not make a URL").with_source(error)
        })?;
        let uri = request_uri(&url);
        let target = Target { method: prepared.operation.method(), uri: &uri };

        let mut attempts = 0;
        loop {
            let authorization = match &self.credential {
                Some(credential) => {
                    credential.authorization(target).await.map_err(|error| error.with_attempts(attempts))?
                }
                None => None,
            };
            attempts += 1;
            let stream = self
                .attempt(&prepared, &url, authorization.clone(), attempts)
                .await
                .map_err(|error| error.with_attempts(attempts))?;
            let origin = stream.origin().clone();
            telemetry::record_answer(span, &origin.meta);
            let again = match &self.credential {
                Some(credential) if origin.meta.status == 401 && attempts == 1 => {
                    let rejection = Rejection { sent: authorization.as_ref(), headers: &origin.meta.headers };
                    credential.rejected(target, rejection).await.map_err(|error| origin.annotate(error))?
                }
                _ => false,
            };
            if !again {
                return settle(stream).await;
            }
            // A connection can only be used again when its answer has been read.
            stream.prefix(ERROR_BODY_LIMIT).await;
        }
    }

    /// Sends a request once. Returns the answer whatever its status.
    async fn attempt(
        &self,
        prepared: &Prepared,
        url: &Url,
        authorization: Option<HeaderValue>,
        attempts: u32,
    ) -> Result<ByteStream, Error> {
        let mut request = reqwest::Request::new(method(prepared.operation.method()), url.clone());
        *request.headers_mut() = self.headers(&prepared.headers, authorization);
        *request.body_mut() = prepared.body.clone().map(Into::into);

        // A timeout beyond the clock's range is none.
        let deadline = Instant::now().checked_add(self.attempt_timeout);
        let response = within(deadline, self.http.send(request)).await.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Timeout, format!("no answer within {:?}", self.attempt_timeout)))
        })?;

        let (head, body) = response.into_parts();
        let request_id = self.service.request_id(&head.headers);
        let meta = Arc::new(Meta { status: head.status.as_u16(), headers: head.headers, request_id });
        let origin = Origin { operation: prepared.operation, meta, attempts };
        Ok(ByteStream::new(body, origin, self.body_limit, Timer::deadline(deadline)))
    }

    /// The headers of a request: the operation's, and those that it cannot override.
    fn headers(&self, own: &HeaderMap, authorization: Option<HeaderValue>) -> HeaderMap {
        let mut headers = own.clone();
        headers.insert(USER_AGENT, self.agent.clone());
        if let Some(mut authorization) = authorization {
            authorization.set_sensitive(true);
            headers.insert(AUTHORIZATION, authorization);
        }
        headers
    }
}

/// Tells a success from everything else by its status.
async fn settle(stream: ByteStream) -> Result<ByteStream, Error> {
    let origin = stream.origin().clone();
    let status = origin.meta.status;
    if origin.operation.is_success(status) {
        return Ok(stream);
    }
    if origin.operation.is_processing(status) {
        return Err(origin.not_ready(status));
    }
    if (300..400).contains(&status) {
        let message = format!("{}, which is not followed", destination(&origin.meta.headers));
        return Err(origin.annotate(Error::new(ErrorKind::Redirect, message)));
    }
    let body = stream.prefix(ERROR_BODY_LIMIT).await;
    Err(origin.api_error(status, body))
}

/// Where a redirect leads, as far as it is fit to be shown: paths and queries may hold tokens.
fn destination(headers: &HeaderMap) -> String {
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    match location.and_then(|location| Url::parse(location).ok()) {
        Some(url) => format!("to {}", url.origin().ascii_serialization()),
        None => "within the service".to_owned(),
    }
}

/// Path and query as they stand in the request line.
fn request_uri(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Put => http::Method::PUT,
        Method::Post => http::Method::POST,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

/// The output of a future, or `None` if the deadline comes first.
async fn within<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}
