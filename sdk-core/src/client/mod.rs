//! Executing operations.
//!
//! # Time limits
//!
//! | limit | from | to | default |
//! |---|---|---|---|
//! | [`connect_timeout`](ClientBuilder::connect_timeout) | the start of a new connection | name resolved, TCP and TLS set up | [10 s](DEFAULT_CONNECT_TIMEOUT) |
//! | [`attempt_timeout`](ClientBuilder::attempt_timeout) | the start of an attempt, connecting included | the end of a buffered body; the response headers, if the body is streamed | [60 s](DEFAULT_ATTEMPT_TIMEOUT) |
//! | [`idle_timeout`](ClientBuilder::idle_timeout) | the last bytes of a body, or the response headers | the next bytes | [30 s](DEFAULT_IDLE_TIMEOUT) |
//! | [`overall_timeout`](ClientBuilder::overall_timeout) | the start of a call | the end of the last attempt; all waits and token requests count | [5 min](DEFAULT_OVERALL_TIMEOUT) |
//!
//! So a streamed download may take any time, as long as bytes keep arriving. Everything else ends within the overall
//! timeout. The error of each limit [is a timeout](Error::is_timeout). After any limit but the overall one the call
//! makes another attempt, if that is [safe](crate::retry).

mod builder;
mod call;
mod decode;
mod download;
mod observed;
mod options;
mod raw;
mod unverified;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use reqwest::Url;

pub use builder::ClientBuilder;
use call::Call;
pub(crate) use decode::Reply;
pub use options::CallOptions;
pub use raw::RawBody;
pub use unverified::Unverified;

use crate::auth::Credential;
use crate::body::ByteStream;
use crate::config::CredentialSource;
use crate::error::Error;
use crate::executor::{Limits, Timeouts};
use crate::intercept::Interceptors;
use crate::json::Decode;
use crate::operation::Operation;
use crate::request::Request;
use crate::response::Response;
use crate::retry::{Budget, Quotas, Retries, RetryPolicy};
use crate::service::Service;
use crate::telemetry;
pub use crate::transport::DEFAULT_CONNECT_TIMEOUT;
use crate::transport::HttpClient;

/// The time that one attempt may take, unless set otherwise. It is that of IBM's own clients.
pub const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// The time that may pass without a byte of a body, unless set otherwise. It is half of [`DEFAULT_ATTEMPT_TIMEOUT`], so
/// that a body that stalls is noticed sooner than one that is merely large.
pub const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The time that a whole call may take, unless set otherwise. It is enough for all [attempts](crate::retry::DEFAULT_MAX_ATTEMPTS),
/// even if each takes as long as it may.
pub const DEFAULT_OVERALL_TIMEOUT: Duration = Duration::from_secs(300);

/// The largest body that is read into memory, unless set otherwise: 64 MiB.
pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024 * 1024;

/// What a client consists of: a service's address, a credential, a connection pool and limits.
///
/// Cloning is cheap and shares all of it. Calls need a tokio runtime with I/O and time enabled, as `#[tokio::main]` has it.
///
/// # Threads, cancelling and shutdown
///
/// Clients, calls and errors are `Send`, `Sync` and `'static`; futures and streams are `Send`, and `'static` if they borrow nothing.
///
/// Dropping the future of a call, or a stream, cancels it. A request that was sent may still have its effect. The next call is not
/// impaired: connections, tokens and quotas stay valid. A token that is being fetched is fetched to its end, for other callers.
///
/// A client needs no shutdown. Dropping its last clone closes idle connections. It starts tasks only to fetch tokens
/// and to fetch pages ahead; they end with the tokio runtime.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
    /// What differs for the calls of this handle.
    options: Option<Arc<CallOptions>>,
}

struct Inner {
    service: &'static Service,
    /// Without a trailing slash.
    base_url: String,
    /// The base URL again, in parts.
    url: Url,
    http: HttpClient,
    /// For addresses that are not the service's.
    files: HttpClient,
    credential: Option<Arc<dyn Credential>>,
    credential_source: Option<CredentialSource>,
    /// Whether files may be fetched from this machine and from private networks.
    private_downloads: bool,
    agent: HeaderValue,
    limits: Limits,
    overall_timeout: Duration,
    retry: RetryPolicy,
    budget: Arc<Budget>,
    quotas: Quotas,
    interceptors: Interceptors,
}

impl Core {
    /// Starts to build the client of a service.
    pub fn builder(service: &'static Service) -> ClientBuilder {
        ClientBuilder::new(service)
    }

    /// The service.
    pub fn service(&self) -> &'static Service {
        self.inner.service
    }

    /// The base URL in use, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    /// Which credential it took from a configuration, and from where. `None` if the program set the credential itself.
    pub fn credential_source(&self) -> Option<&CredentialSource> {
        self.inner.credential_source.as_ref()
    }

    /// Executes a request whose response is JSON.
    ///
    /// The whole body is read, within the [time limits](crate::client) and the body limit. An attempt whose body breaks off is
    /// [retried](crate::retry) like any other. Then the body is decoded on the caller's task, which takes about 4 ms for 1 MB.
    /// A body in an envelope that the request asked for, and a list that comes as one bare item, are first brought into the
    /// form of the specification.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind).
    pub async fn json<T: Decode>(&self, request: Request) -> Result<Response<T>, Error> {
        let (reply, value) = self.read(request, Reply::decode).await?;
        Ok(Response::new(value, Arc::clone(reply.meta())))
    }

    /// Executes a request whose response is JSON, and does not decode it. Otherwise it is like [`json`](Self::json).
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind). A body that is not valid JSON shows only when it is [viewed](RawBody::view).
    pub async fn raw(&self, request: Request) -> Result<Response<RawBody>, Error> {
        let (reply, ()) = self.read(request, |_| Ok(())).await?;
        Ok(RawBody { reply }.response())
    }

    /// Executes a request and reads its body. An attempt whose body cannot be read is retried like any other.
    pub(crate) async fn read<T>(
        &self,
        request: Request,
        read: impl Fn(&Reply) -> Result<T, Error>,
    ) -> Result<(Reply, T), Error> {
        let mut call = Call::begin(self, request)?;
        loop {
            let reply = call.fetch().await?;
            match read(&reply) {
                Ok(value) => {
                    call.succeed();
                    return Ok((reply, value));
                }
                Err(error) => call.retry(error).await?,
            }
        }
    }

    /// How long to wait before a page that turned out to be broken is fetched again; `None` if it is not.
    pub(crate) fn retry_wait(&self, operation: &Operation, error: &Error, retries: u32) -> Option<Duration> {
        let budget = &*self.inner.budget;
        let idempotent = self.is_idempotent(operation);
        let mut decision = Retries::new(self.retry_policy(), Some(budget), idempotent, None).after(retries);
        let wait = decision.next(error).ok()?;
        telemetry::retry(error, retries + 1, wait);
        Some(wait)
    }

    /// Executes a request whose response is not JSON, and returns the body as a stream.
    ///
    /// Retries, the attempt timeout and the overall timeout end with the response headers. After them only the idle timeout
    /// applies, so that a large download may take its time.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind) but `Decode`, `Empty` and `BodyTooLarge`.
    pub async fn bytes(&self, request: Request) -> Result<Response<ByteStream>, Error> {
        Call::begin(self, request)?.stream().await
    }

    /// Executes a request whose response has no body. If the service sends one, it is not read.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind) but `Decode`, `Empty` and `BodyTooLarge`.
    pub async fn empty(&self, request: Request) -> Result<Response<()>, Error> {
        Ok(self.bytes(request).await?.map(drop))
    }

    /// The same client with other settings for its calls. They replace those that were set before.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self { inner: Arc::clone(&self.inner), options: Some(Arc::new(options)) }
    }

    /// The same client, with its connections and credential, for callers that repeat requests themselves. It makes one
    /// attempt, within `timeout`: from connecting to the last byte of the body, or to the response headers if the body is
    /// streamed.
    ///
    /// A request is still repeated after a 401 if the credential asks for it.
    #[must_use]
    pub fn without_retries(&self, timeout: Duration) -> Self {
        let options = self.options.as_deref().cloned().unwrap_or_default();
        self.with_options(options.attempt_timeout(timeout).retry(RetryPolicy::none()))
    }

    /// How failed attempts are retried.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.option(|options| options.retry).unwrap_or(self.inner.retry)
    }

    /// Whether an operation may be sent again.
    fn is_idempotent(&self, operation: &Operation) -> bool {
        self.option(|options| options.idempotent).unwrap_or(operation.is_idempotent())
    }

    fn timeouts(&self) -> Timeouts {
        let timeouts = self.inner.limits.timeouts;
        Timeouts { attempt: self.option(|options| options.attempt_timeout).unwrap_or(timeouts.attempt), ..timeouts }
    }

    fn overall_timeout(&self) -> Duration {
        self.option(|options| options.overall_timeout).unwrap_or(self.inner.overall_timeout)
    }

    fn option<T>(&self, get: impl FnOnce(&CallOptions) -> Option<T>) -> Option<T> {
        self.options.as_deref().and_then(get)
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("service", &self.inner.service.name())
            .field("base_url", &self.inner.base_url)
            .field("credential", &self.inner.credential)
            .field("timeouts", &self.timeouts())
            .field("overall_timeout", &self.overall_timeout())
            .field("retry", &self.retry_policy())
            .field("body_limit", &self.inner.limits.body)
            .finish_non_exhaustive()
    }
}
