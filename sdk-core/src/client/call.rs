//! One call: its attempts, with their credentials.

use std::sync::Arc;

use http::HeaderValue;
use reqwest::Url;
use tokio::time::Instant;
use tracing::Instrument;

use super::Core;
use super::decode::Reply;
use crate::auth::{BoxFuture, Credential, Phase, Reaction, Rejection, Target};
use crate::body::ByteStream;
use crate::deadline::Deadline;
use crate::echo::{Secrecy, Sent};
use crate::error::Error;
use crate::executor::{Executor, check_status, drain, wait_for_quota};
use crate::intercept::Hooks;
use crate::operation::Operation;
use crate::request::{Prepared, Request, at_host, request_uri};
use crate::response::Response;
use crate::service::Service;
use crate::telemetry;

/// A call of an operation.
pub(super) struct Call<'a> {
    core: &'a Core,
    /// Whether the URL is a pre-signed address, see [`download`](Self::download).
    pub(super) presigned: bool,
    pub(super) prepared: Prepared,
    pub(super) url: Url,
    pub(super) executor: Executor<'a>,
    /// `None` if the client has no interceptors.
    pub(super) hooks: Option<Box<Hooks>>,
}

impl<'a> Call<'a> {
    /// Starts a call and its overall timeout. Boxed to keep the futures of callers small.
    pub(super) fn begin(core: &'a Core, request: Request) -> Result<Box<Self>, Error> {
        let inner = &*core.inner;
        let operation = request.operation();
        let mut prepared = request.prepare(inner.url.path().trim_end_matches('/'));
        if let (Some(options), Ok(request)) = (&core.options, &mut prepared)
            && let Err(error) = options.add_headers(&mut request.parameters)
        {
            prepared = Err(error);
        }
        match prepared {
            Ok(prepared) => {
                let url = at_host(&inner.url, &prepared.path, &prepared.query);
                Self::start(core, prepared, url, false)
            }
            Err(error) => {
                let error = error.with_operation(operation.id());
                telemetry::record_error(&telemetry::call_span(inner.service, operation, &inner.url), &error);
                Err(error)
            }
        }
    }

    /// Starts a call to a pre-signed address. The address is a secret, and its host is not the service. The call has no
    /// credential and no quota, and the body of an error is not read.
    pub(super) fn download(core: &'a Core, operation: &'static Operation, url: Url) -> Result<Box<Self>, Error> {
        Self::start(core, Prepared::bare(operation), url, true)
    }

    fn start(core: &'a Core, prepared: Prepared, url: Url, presigned: bool) -> Result<Box<Self>, Error> {
        let mut call = Box::new(Self::new(core, prepared, url, presigned));
        if call.hooks.is_none() {
            return Ok(call);
        }
        let span = call.executor.span();
        span.in_scope(|| call.before_call()).map_err(|error| {
            let error = error.with_operation(call.prepared.operation.id());
            telemetry::record_error(&span, &error);
            call.after_call(Some(&error), false);
            error
        })?;
        Ok(call)
    }

    fn new(core: &'a Core, prepared: Prepared, url: Url, presigned: bool) -> Self {
        let (inner, operation, policy) = (&*core.inner, prepared.operation, core.retry_policy());
        let span = telemetry::call_span(inner.service, operation, &url);
        let deadline = Deadline::after(core.overall_timeout(), "overall");
        let executor = Executor::new(span, deadline, policy, Some(&inner.budget), core.is_idempotent(operation));
        Self { core, presigned, prepared, url, executor, hooks: inner.interceptors.call() }
    }

    pub(super) fn service(&self) -> &'static Service {
        self.core.inner.service
    }

    /// Returns the response with its whole body, after as many attempts as it takes.
    pub(super) fn fetch(&mut self) -> BoxFuture<'_, Result<Reply, Error>> {
        let span = self.executor.span();
        let fetch = async move {
            self.wait_for_quota().await;
            loop {
                match self.fetch_once().await {
                    Ok(reply) => return Ok(reply),
                    Err(error) => self.next(error).await?,
                }
            }
        };
        Box::pin(fetch.instrument(span))
    }

    /// Returns the response without its body, after as many attempts as it takes.
    pub(super) fn stream(mut self: Box<Self>) -> BoxFuture<'a, Result<Response<ByteStream>, Error>> {
        let span = self.executor.span();
        let stream = async move {
            self.wait_for_quota().await;
            loop {
                match self.exchange().await {
                    Ok(stream) => {
                        self.succeed();
                        let meta = Arc::clone(&stream.context().meta);
                        return Ok(Response::new(stream.without_deadline(), meta));
                    }
                    Err(error) => self.next(error).await?,
                }
            }
        };
        Box::pin(stream.instrument(span))
    }

    /// Waits for another attempt.
    ///
    /// # Errors
    ///
    /// Returns the error itself if there is none.
    pub(super) fn retry(&mut self, error: Error) -> BoxFuture<'_, Result<(), Error>> {
        let span = self.executor.span();
        Box::pin(self.next(error).instrument(span))
    }

    /// Ends the call with a success.
    pub(super) fn succeed(&mut self) {
        self.executor.succeeded();
        self.after_call(None, false);
    }

    async fn next(&mut self, error: Error) -> Result<(), Error> {
        match self.executor.decide(error) {
            Ok(wait) => {
                self.before_wait(wait);
                self.executor.wait(wait).await;
                Ok(())
            }
            Err(error) => {
                let error = error.with_operation(self.prepared.operation.id());
                self.after_call(Some(&error), false);
                Err(error)
            }
        }
    }

    /// Waits before the first attempt if an earlier response said that the quota is used up.
    async fn wait_for_quota(&mut self) {
        if !self.presigned
            && self.core.retry_policy().wait_for_quota
            && self.executor.attempts() == 0
            && let Some(wait) = self.core.inner.quotas.wait(&self.prepared.scope, self.executor.deadline().at)
        {
            self.before_wait(wait);
            wait_for_quota(wait).await;
        }
    }

    /// Makes one attempt, up to the end of the body.
    async fn fetch_once(&mut self) -> Result<Reply, Error> {
        let mut stream = self.exchange().await?;
        let body = stream.collect(self.core.inner.limits.body).await?;
        Reply::new(stream.context().clone(), body, self.prepared.enveloped)
    }

    /// Makes one attempt, up to the response headers of a success. After a 401 it repeats the request as long as the
    /// credential asks for it.
    async fn exchange(&mut self) -> Result<ByteStream, Error> {
        let credential = self.core.inner.credential.as_deref().filter(|_| !self.presigned);
        let mut phase = Phase::First;
        loop {
            let authorization = self.authorization(credential, phase).await?;
            let stream = self.send(authorization.clone()).await?;
            let reaction = match credential {
                Some(credential) if stream.context().meta.status == 401 => {
                    self.rejected(credential, phase, &stream, authorization.as_ref()).await?
                }
                _ => Reaction::GiveUp,
            };
            let Some(next) = phase.after(reaction) else {
                return check_status(stream, self.presigned).await;
            };
            phase = next;
            // A connection can be reused only after its response has been read.
            Box::pin(drain(stream)).await;
        }
    }

    async fn authorization(
        &self,
        credential: Option<&dyn Credential>,
        phase: Phase,
    ) -> Result<Option<HeaderValue>, Error> {
        let Some(credential) = credential else { return Ok(None) };
        self.executor.deadline().limit("no credential", credential.authorization(self.target(phase))).await?
    }

    /// Tells the credential of a 401. An error of the credential replaces the response.
    async fn rejected(
        &self,
        credential: &dyn Credential,
        phase: Phase,
        stream: &ByteStream,
        sent: Option<&HeaderValue>,
    ) -> Result<Reaction, Error> {
        let context = stream.context();
        let rejected = credential.rejected(self.target(phase), Rejection::new(sent, &context.meta.headers));
        let reaction = self.executor.deadline().limit("no credential", rejected).await;
        reaction.and_then(|reaction| reaction).map_err(|error| context.annotate(error))
    }

    /// Sends the request once. Returns a response of any status.
    async fn send(&mut self, authorization: Option<HeaderValue>) -> Result<ByteStream, Error> {
        let (inner, operation) = (&*self.core.inner, self.prepared.operation);
        let http = if self.presigned { &inner.files } else { &inner.http };
        let secrets = self.sent(authorization.clone());
        let span = self.executor.begin(operation, &self.url, secrets);
        let started = self.hooks.as_ref().map(|_| Instant::now());
        if let Some(started) = started
            && let Err(error) = span.in_scope(|| self.before_attempt())
        {
            self.executor.refused(&span, &error);
            let mut refused = Err(error);
            self.after_attempt(started, &mut refused);
            return refused;
        }
        let sent = http.send(self.prepared.request(self.url.clone(), &inner.agent, authorization));
        let limits = (&inner.limits, self.core.timeouts());
        let mut response = self.executor.receive(span, operation, limits, sent).await;
        if let Some(started) = started {
            self.after_attempt(started, &mut response);
        }
        let stream = response?;
        if !self.presigned {
            inner.quotas.note(&self.core.retry_policy(), &self.prepared.scope, &stream.context().meta.headers);
        }
        Ok(stream)
    }

    fn sent(&self, authorization: Option<HeaderValue>) -> Sent {
        if self.presigned {
            return Sent { url: Some((self.url.clone(), Secrecy::PathAndQuery)), ..Sent::default() };
        }
        let credential = self.core.inner.credential.clone();
        let behind = credential.map(|credential| Box::new(move || credential.secrets()) as _);
        Sent { authorization, behind, ..Sent::default() }
    }

    fn target(&self, phase: Phase) -> Target<'_> {
        Target::new(self.prepared.operation.method(), request_uri(&self.url)).with_phase(phase)
    }
}
