//! The HTTP client underneath: TLS, proxies, and what its errors mean.

mod unpack;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use http::HeaderValue;
use http::header::ACCEPT_ENCODING;

use crate::cause::cause;
use crate::error::{Error, ErrorKind};
use crate::tls;

/// An HTTP client: connections, TLS, proxies.
///
/// * HTTP/2 is used where the service offers it, else HTTP/1.1 with connections that are kept and used again.
/// * TLS is rustls with ring, or the operating system's with the cargo feature `native-tls`. Either way the trust store is
///   the operating system's, and what [`root_certificates`](crate::ClientBuilder::root_certificates) adds. Without the
///   features `rustls` and `native-tls` there is no TLS.
/// * Proxies are taken from the environment: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. For a service on
///   this machine they are not.
/// * Bodies compressed with gzip for the transfer are asked for and unpacked.
/// * No redirect is followed and no cookie kept.
/// * A request on a connection that turns out to be closed before anything is written, or that the service refuses without
///   having looked at it (HTTP/2 `REFUSED_STREAM`, `GOAWAY`), is sent again at once, twice at most. Such repeats are safe
///   and not counted. If it is refused unseen once more, it is [retried](crate::retry).
///
/// Every [`Core`](crate::Core) makes its own. To bring your own, for a proxy or a client certificate, convert a
/// `reqwest::Client` of the same version; this is the one place where that crate shows, and it may change its version with
/// any release of this one.
///
/// Your client should follow no redirects and keep no cookies. The timeouts of the core apply to it, but for the one on
/// connecting.
#[derive(Clone)]
pub struct HttpClient {
    inner: reqwest::Client,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

impl From<reqwest::Client> for HttpClient {
    fn from(inner: reqwest::Client) -> Self {
        Self { inner }
    }
}

/// How an HTTP client of ours connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connecting {
    pub(crate) timeout: Duration,
    /// Whether proxies are passed by: the traffic to this machine must not leave it.
    pub(crate) direct: bool,
    pub(crate) roots: tls::Roots,
    /// Whether the certificates of the other side are verified.
    pub(crate) verify: bool,
}

impl HttpClient {
    /// A client with the settings that the services need. Unless it is direct, proxies are taken from the environment
    /// (`HTTPS_PROXY` and so on).
    pub(crate) fn new(connecting: &Connecting) -> Result<Self, Error> {
        let mut builder = tls::configure(reqwest::Client::builder(), &connecting.roots, connecting.verify)?
            .redirect(reqwest::redirect::Policy::none())
            // Unpacking is done here, also where another crate of the program turns reqwest's on.
            .no_gzip()
            .connect_timeout(connecting.timeout);
        if connecting.direct {
            builder = builder.no_proxy();
        }
        builder.build().map(Self::from).map_err(|error| configuration("the HTTP client cannot be set up", error))
    }

    /// Sends one request and waits for the head of the answer. The body is unpacked as it arrives, if it is compressed for
    /// the transfer; unless the request says otherwise, that is asked for.
    ///
    /// The future is small, since the request is not in it: futures are moved, and those around it have several copies.
    pub(crate) fn send(
        &self,
        mut request: reqwest::Request,
    ) -> impl Future<Output = Result<http::Response<reqwest::Body>, Error>> + Send + use<> {
        request.headers_mut().entry(ACCEPT_ENCODING).or_insert(const { HeaderValue::from_static("gzip") });
        let pending = self.inner.execute(request);
        async move {
            match pending.await {
                Ok(response) => Ok(unpack::unpack(response.into())),
                Err(error) => Err(send_error(error)),
            }
        }
    }
}

pub(crate) use unpack::packing;

fn configuration(message: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Configuration, message).with_source(source)
}

/// The kind of a failure to get an answer. The URL is dropped, since its query may hold secrets.
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

/// Whether the service refused a request without having looked at it (RFC 9113, section 8.7): it reset the stream for that
/// very reason, or it is shutting down and the stream came after the last one that it took. A `GOAWAY` for another reason
/// ends streams that were worked on too.
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
        // It is passed as `Any`: a mismatch of rustls versions would show only here.
        for verify in [true, false] {
            let connecting =
                Connecting { timeout: Duration::from_secs(1), direct: false, roots: Default::default(), verify };
            assert!(HttpClient::new(&connecting).is_ok());
        }
    }
}
