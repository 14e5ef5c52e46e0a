//! The underlying HTTP client: TLS, proxies, and the classification of its errors.

mod decompress;
mod ended;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderValue;
use http::header::ACCEPT_ENCODING;
use tokio::runtime::{Handle, Id};

use crate::cause::cause;
use crate::error::{Error, ErrorKind};
use crate::lock::lock;
use crate::mock::{Answer, MockRequest, MockResponse};
use crate::tls;

/// The default time limit to establish a connection.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An HTTP client: connections, TLS, proxies.
///
/// * It uses HTTP/2 if the service offers it, otherwise HTTP/1.1 with keep-alive.
/// * TLS is rustls with ring, or the operating system's TLS with the cargo feature `native-tls`. Both trust the
///   operating system's store and the certificates of [`root_certificates`](crate::ClientBuilder::root_certificates).
///   Without the features `rustls` and `native-tls` there is no TLS.
/// * Proxies come from the environment: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. They are not used for
///   a service on this machine.
/// * It requests gzip as `Content-Encoding` and decompresses it.
/// * It follows no redirects and keeps no cookies.
/// * If a connection turns out to be closed before anything is written, or the service refuses a request before
///   processing it (HTTP/2 `REFUSED_STREAM`, `GOAWAY`), the request is sent again at once, at most twice. This is safe
///   and does not count as an attempt. After that, it is [retried](crate::retry).
///
/// Each tokio runtime in which a client is used has connections of its own.
///
/// Every [`Core`](crate::Core) creates its own client. To use another one, for a proxy or a client certificate, convert
/// a `reqwest::Client` of the same version. This is the only place where reqwest is part of the public API; any release
/// of this crate may change its version.
///
/// Your client should follow no redirects and keep no cookies. It has one pool of connections for all tokio runtimes, and it
/// takes an HTTP/2 body that the service cuts with `NO_ERROR` for a complete one. The timeouts of the core apply to it, except
/// for the connect timeout.
#[derive(Clone)]
pub struct HttpClient {
    inner: Inner,
}

#[derive(Clone)]
enum Inner {
    /// The caller's.
    Given(reqwest::Client),
    Own(Arc<PerRuntime>),
    Mock(Answer),
}

/// The clients of the tokio runtimes in which an [`HttpClient`] is used, as many as [`MAX_RUNTIMES`].
///
/// The task that drives a connection belongs to the runtime that opened it. If that runtime stands still, so do requests over
/// the connection, until the attempt times out. Hence each runtime has a pool of its own.
struct PerRuntime {
    tls: tls::Tls,
    timeout: Duration,
    direct: bool,
    /// The newest is the first. A client without a runtime is unused; the next runtime takes it.
    clients: Mutex<Vec<(Option<Id>, reqwest::Client)>>,
}

/// The number of runtimes with a connection pool of their own.
const MAX_RUNTIMES: usize = 64;

impl PerRuntime {
    fn build(&self) -> Result<reqwest::Client, Error> {
        let mut builder = self
            .tls
            .configure(reqwest::Client::builder())
            .redirect(reqwest::redirect::Policy::none())
            // Decompression happens here, even if another crate of the program enables it in reqwest.
            .no_gzip()
            .connect_timeout(self.timeout);
        if self.direct {
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| configuration("the HTTP client cannot be set up", error))
    }

    /// Returns the client of the current runtime.
    fn client(&self) -> Result<reqwest::Client, Error> {
        let runtime = Handle::try_current().ok().map(|handle| handle.id());
        let mut clients = lock(&self.clients);
        let free = |owner: &Option<Id>| *owner == runtime || owner.is_none();
        if let Some((owner, client)) = clients.iter_mut().find(|(owner, _)| free(owner)) {
            *owner = runtime;
            return Ok(client.clone());
        }
        let client = self.build()?;
        clients.truncate(MAX_RUNTIMES - 1);
        clients.insert(0, (runtime, client.clone()));
        Ok(client)
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

impl From<reqwest::Client> for HttpClient {
    fn from(client: reqwest::Client) -> Self {
        Self { inner: Inner::Given(client) }
    }
}

/// A request that has been sent.
enum Sent<P> {
    Pending(P),
    Answered(http::Response<reqwest::Body>),
    Failed(Error),
}

/// How a client connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectOptions {
    pub(crate) timeout: Duration,
    /// Whether to bypass proxies. Traffic to this machine must not leave it.
    pub(crate) direct: bool,
    pub(crate) roots: tls::Roots,
    /// Whether to verify the server's certificate.
    pub(crate) verify: bool,
}

impl HttpClient {
    /// Creates a client with the settings for billing services. Unless it connects directly, proxies come from the
    /// environment (`HTTPS_PROXY` and so on).
    pub(crate) fn new(connect: &ConnectOptions) -> Result<Self, Error> {
        let tls = tls::Tls::new(&connect.roots, connect.verify)?;
        let own = PerRuntime { tls, timeout: connect.timeout, direct: connect.direct, clients: Mutex::default() };
        let first = own.build()?;
        let own = PerRuntime { clients: Mutex::new(vec![(None, first)]), ..own };
        Ok(Self { inner: Inner::Own(Arc::new(own)) })
    }

    /// A client without sockets, for tests: the function answers each request. See [`mock`](crate::mock).
    pub fn mock(answer: impl Fn(&MockRequest<'_>) -> MockResponse + Send + Sync + 'static) -> Self {
        Self { inner: Inner::Mock(Arc::new(answer)) }
    }

    /// Sends a request and waits for the response headers. Unless the request says otherwise, it asks for gzip; a gzip
    /// body is decompressed as it arrives.
    ///
    /// The request is not part of the future, which stays small: futures are moved, and the outer futures contain it
    /// several times.
    pub(crate) fn send(
        &self,
        mut request: reqwest::Request,
    ) -> impl Future<Output = Result<http::Response<reqwest::Body>, Error>> + Send + use<> {
        request.headers_mut().entry(ACCEPT_ENCODING).or_insert(const { HeaderValue::from_static("gzip") });
        let is_https = request.url().scheme() == "https";
        let is_own = matches!(self.inner, Inner::Own(_));
        let pending = match &self.inner {
            Inner::Given(client) => Sent::Pending(client.execute(request)),
            Inner::Own(own) => own.client().map_or_else(Sent::Failed, |client| Sent::Pending(client.execute(request))),
            Inner::Mock(answer) => answer(&MockRequest(&request)).into_http().map_or_else(Sent::Failed, Sent::Answered),
        };
        async move {
            let response = match pending {
                Sent::Pending(pending) => pending.await.map_err(send_error)?.into(),
                Sent::Answered(response) => response,
                Sent::Failed(error) => return Err(error),
            };
            // A client of the caller may decompress bodies itself, and then does not say where they end.
            Ok(decompress::decompress(if is_own { ended::require_end(response, is_https) } else { response }))
        }
    }
}

pub(crate) use decompress::content_encoding;

fn configuration(message: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Configuration, message).with_source(source)
}

/// Classifies a failure without a response. The URL is dropped, because its query may contain secrets.
fn send_error(error: reqwest::Error) -> Error {
    let (kind, message) = if error.is_connect() {
        let kind = if tls::is_refusal(&error) { ErrorKind::Tls } else { ErrorKind::Connect };
        let host = error.url().and_then(|url| url.host_str()).unwrap_or("unknown");
        (kind, format!("host {host}"))
    } else if error.is_timeout() {
        (ErrorKind::Timeout, "no answer".to_owned())
    } else if error.is_redirect() {
        (ErrorKind::Redirect, "the HTTP client followed redirects and gave up".to_owned())
    } else if error.is_builder() {
        (ErrorKind::InvalidRequest, "the request cannot be put on the wire".to_owned())
    } else {
        (ErrorKind::Transport, "no complete answer".to_owned())
    };
    let connect_timeout = kind == ErrorKind::Connect && error.is_timeout();
    let unprocessed = kind == ErrorKind::Transport && is_unprocessed(&error);
    let out = Error::new(kind, message).with_unprocessed(unprocessed).with_source(error.without_url());
    if connect_timeout { out.with_connect_timeout() } else { out }
}

/// Whether the service refused a request before processing it (RFC 9113, section 8.7): it reset the stream for that
/// reason, or it is shutting down and the stream came after the last one that it accepted. A `GOAWAY` for another
/// reason also ends streams that were processed.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    cause::<h2::Error>(error).is_some_and(|error| {
        let reason = error.reason();
        error.is_remote()
            && (error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
                || error.is_go_away() && reason == Some(h2::Reason::NO_ERROR))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reqwest_takes_our_tls_configuration() {
        // reqwest receives the configuration as `Any`, so a mismatch of rustls versions fails only at run time.
        for verify in [true, false] {
            let connect =
                ConnectOptions { timeout: Duration::from_secs(1), direct: false, roots: Default::default(), verify };
            assert!(HttpClient::new(&connect).is_ok());
        }
    }
}
