//! One call: its attempts, and what they share.

use std::sync::Arc;

use http::HeaderValue;
use reqwest::Url;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::decode::Reply;
use super::execute::{at_host, drain, request_uri, settle};
use super::{Core, Inner};
use crate::auth::{self, BoxFuture, Credential, Rejection, Target};
use crate::body::ByteStream;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::request::{Prepared, Request};
use crate::response::Response;
use crate::retry::{GiveUp, Retries};
use crate::telemetry;

/// How many 401s of one attempt the credential is told of. One is the rule, and the second is final. But a Digest nonce can
/// be used up by other calls under way before a request with it arrives; the service then says `stale`: that the key is
/// right and the nonce is not (RFC 7616, section 3.3).
const MAX_CHALLENGES: u32 = 5;

/// One call. It is made of attempts, of which only the last one shows.
pub(super) struct Call<'a> {
    inner: &'a Inner,
    /// The client's credential. A call to an address that is not the service's has none.
    credential: Option<&'a dyn Credential>,
    /// Whether the address is a secret, see [`begin_download`](Self::begin_download).
    discreet: bool,
    prepared: Prepared,
    url: Url,
    span: Span,
    deadline: Deadline,
    retries: Retries<'a>,
    /// How many times the request was sent, or tried to be.
    sent: u32,
    /// Whether this attempt has been repeated after a 401.
    repeated: bool,
    /// Whether a credential has been refused in this call. A request without one that is challenged, as by HTTP Digest,
    /// does not count.
    refused: bool,
    /// How many 401s the credential has been told of in this attempt.
    challenges: u32,
    /// Why the attempt before failed.
    previous: Option<Error>,
}

impl<'a> Call<'a> {
    /// Starts a call, whose clock runs from here. It is boxed to keep the futures of callers small.
    pub(super) fn begin(core: &'a Core, request: Request) -> Result<Box<Self>, Error> {
        let inner = &*core.inner;
        let operation = request.operation();
        let span = telemetry::call_span(inner.service, operation, &inner.url);
        match request.prepare(inner.url.path().trim_end_matches('/')) {
            Ok(prepared) => {
                let url = at_host(&inner.url, &prepared.path, &prepared.query);
                Ok(Self::new(inner, prepared, url, span))
            }
            Err(error) => {
                let error = error.with_operation(operation.id());
                telemetry::record_error(&span, &error);
                Err(error)
            }
        }
    }

    /// Starts a call to an address that is not the service's, and a secret: the client's credential is not sent, and what a
    /// refusal says is not read.
    pub(super) fn begin_download(core: &'a Core, operation: &'static Operation, url: Url) -> Box<Self> {
        let inner = &*core.inner;
        let span = telemetry::call_span(inner.service, operation, &url);
        let call = Self::new(inner, Prepared::bare(operation), url, span);
        Box::new(Self { credential: None, discreet: true, ..*call })
    }

    fn new(inner: &'a Inner, prepared: Prepared, url: Url, span: Span) -> Box<Self> {
        let deadline = Deadline::after(inner.timeouts.overall, "overall");
        let idempotent = prepared.operation.is_idempotent();
        Box::new(Self {
            inner,
            credential: inner.credential.as_deref(),
            discreet: false,
            prepared,
            url,
            span,
            deadline,
            retries: Retries::new(&inner.retry, &inner.budget, idempotent, deadline.at),
            sent: 0,
            repeated: false,
            refused: false,
            challenges: 0,
            previous: None,
        })
    }

    /// The answer with its whole body, after as many attempts as it takes.
    pub(super) fn fetch(&mut self) -> BoxFuture<'_, Result<Reply, Error>> {
        let span = self.span.clone();
        let fetch = async move {
            self.wait_for_quota().await;
            loop {
                match self.fetch_once().await {
                    Ok(reply) => return Ok(reply),
                    Err(error) => self.pause(error).await?,
                }
            }
        };
        Box::pin(fetch.instrument(span))
    }

    /// The answer with its body yet to come, after as many attempts as it takes to get that far.
    pub(super) fn stream(mut self: Box<Self>) -> BoxFuture<'a, Result<Response<ByteStream>, Error>> {
        let span = self.span.clone();
        let stream = async move {
            self.wait_for_quota().await;
            loop {
                match self.exchange().await {
                    Ok(stream) => {
                        self.retries.succeeded();
                        let meta = Arc::clone(&stream.origin().meta);
                        return Ok(Response::new(stream.without_deadline(), meta));
                    }
                    Err(error) => self.pause(error).await?,
                }
            }
        };
        Box::pin(stream.instrument(span))
    }

    /// Waits before another attempt.
    ///
    /// # Errors
    ///
    /// The error itself, if there is not to be one.
    pub(super) fn retry(&mut self, error: Error) -> BoxFuture<'_, Result<(), Error>> {
        let span = self.span.clone();
        Box::pin(self.pause(error).instrument(span))
    }

    /// Ends the call with a success.
    pub(super) fn succeed(&self) {
        self.retries.succeeded();
    }

    /// Waits, before the first attempt, if answers to other calls said that the quota is used up.
    async fn wait_for_quota(&self) {
        // A file is not taken out of the service's quota.
        if self.sent > 0 || self.discreet {
            return;
        }
        if let Some(wait) = self.inner.quotas.wait(self.operation().id(), self.deadline.at) {
            telemetry::quota(wait);
            tokio::time::sleep(wait).await;
        }
    }

    async fn pause(&mut self, error: Error) -> Result<(), Error> {
        match self.retries.next(&error) {
            Ok(wait) => {
                telemetry::retry(&error, self.sent, wait);
                self.previous = Some(error);
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(reason) => Err(self.give_up(error, reason)),
        }
    }

    /// The error that the caller gets.
    fn give_up(&mut self, error: Error, reason: GiveUp) -> Error {
        // Where no token could be had, the attempts to get one count.
        let attempts = self.sent.max(error.attempts());
        let mut error = error.with_operation(self.operation().id()).with_attempts(attempts);
        // The overall timeout that cuts off an attempt hides what was wrong with the one before.
        if self.deadline.has_passed()
            && error.kind() == ErrorKind::Timeout
            && std::error::Error::source(&error).is_none()
            && let Some(previous) = self.previous.take()
        {
            error = error.with_source(previous);
        }
        if reason != GiveUp::Final {
            telemetry::give_up(&error, reason);
        }
        telemetry::record_error(&self.span, &error);
        error
    }

    fn operation(&self) -> &'static Operation {
        self.prepared.operation
    }

    /// One attempt, up to the end of the body.
    async fn fetch_once(&mut self) -> Result<Reply, Error> {
        let mut stream = self.exchange().await?;
        let body = stream.collect(self.inner.body_limit).await?;
        Reply::new(stream.origin().clone(), body, self.prepared.enveloped)
    }

    /// One attempt, up to the head of a success: the request is sent, and again if the credential asks for it after a
    /// 401.
    async fn exchange(&mut self) -> Result<ByteStream, Error> {
        (self.repeated, self.challenges) = (false, 0);
        loop {
            let authorization = self.authorization().await?;
            let stream = self.send(authorization.clone()).await?;
            if !self.repeats(&stream, authorization.as_ref()).await? {
                return settle(stream, self.discreet).await;
            }
            // A connection can only be used again when its answer has been read.
            Box::pin(drain(stream)).await;
        }
    }

    async fn authorization(&self) -> Result<Option<HeaderValue>, Error> {
        match self.credential {
            Some(credential) => self.deadline.limit("no credential", credential.authorization(self.target())).await?,
            None => Ok(None),
        }
    }

    /// Sends the request once. Returns the answer whatever its status.
    async fn send(&mut self, authorization: Option<HeaderValue>) -> Result<ByteStream, Error> {
        self.sent += 1;
        let started = Instant::now();
        let http = if self.discreet { &self.inner.files } else { &self.inner.http };
        let answer = http.send(self.inner.request(&self.prepared, self.url.clone(), authorization));
        let answer = self.inner.receive(self.operation(), self.sent, self.deadline, answer).await;
        if let Ok(stream) = &answer
            && !self.discreet
        {
            self.inner.quotas.note(&self.inner.retry, self.operation().id(), &stream.origin().meta.headers);
        }
        telemetry::attempt(
            &self.span,
            self.sent,
            started.elapsed(),
            answer.as_ref().map(|stream| &*stream.origin().meta),
        );
        answer
    }

    /// Whether an answer is a 401 that the credential can make good.
    async fn repeats(&mut self, stream: &ByteStream, sent: Option<&HeaderValue>) -> Result<bool, Error> {
        let origin = stream.origin();
        let Some(credential) = self.credential else {
            return Ok(false);
        };
        let headers = &origin.meta.headers;
        if origin.meta.status != 401 || self.challenges >= MAX_CHALLENGES {
            return Ok(false);
        }
        self.challenges += 1;
        let rejection = Rejection::new(sent, headers);
        let refused_again = self.refused && sent.is_some();
        if (self.repeated || refused_again) && !auth::is_stale(headers) {
            if refused_again {
                // It is final, but the credential learns of it. The 401 says more than whatever that fails with.
                let _ = self.deadline.limit("no credential", credential.rejected(self.target(), rejection)).await;
            }
            return Ok(false);
        }
        let rejected = self.deadline.limit("no credential", credential.rejected(self.target(), rejection)).await;
        let repeats = rejected.and_then(|repeats| repeats).map_err(|error| origin.annotate(error))?;
        self.repeated |= repeats;
        self.refused |= repeats && sent.is_some();
        Ok(repeats)
    }

    fn target(&self) -> Target<'_> {
        Target::new(self.operation().method(), request_uri(&self.url))
            .with_repeated(self.repeated)
            .with_refused(self.refused)
    }
}
