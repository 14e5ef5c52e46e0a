//! Files at addresses that a service hands out.

use std::sync::Arc;

use http::HeaderMap;
use reqwest::Url;
use tracing::{Instrument, Span};

use super::execute::{Exchange, settle};
use super::timeouts::Deadline;
use super::{Core, Inner};
use crate::auth::BoxFuture;
use crate::body::ByteStream;
use crate::error::{Error, ErrorKind, retry_after};
use crate::operation::{Method, Operation};
use crate::response::Response;
use crate::retry::{GiveUp, Retries};
use crate::secret::Secret;
use crate::telemetry;
use crate::url::is_loopback;

/// What errors and traces call it. The address has no template.
const DOWNLOAD: Operation = Operation::new("download", Method::Get, "/{file}").success(&[200]);

impl Core {
    /// Downloads a file from a pre-signed address, as services hand them out for reports.
    ///
    /// Whoever knows the address can read the file, so it is treated as a secret: errors and traces name the host and
    /// nothing else of it. The client's credential is not sent, and no redirect is followed, nor a cookie kept; an
    /// [`HttpClient`](crate::HttpClient) of your own must not add either. [Retries](crate::retry) and time
    /// limits are those of [`bytes`](Self::bytes).
    ///
    /// A refusal has a status, and neither code, message nor body: a file store explains itself by repeating parts of the
    /// address.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::InvalidRequest`], if the address is neither `https` nor on this machine, or names a user; and
    /// those of [`bytes`](Self::bytes).
    pub async fn download(&self, address: &Secret) -> Result<Response<ByteStream>, Error> {
        let url = check(address).map_err(|error| error.with_operation(DOWNLOAD.id()))?;
        let span = telemetry::call_span(self.inner.service, &DOWNLOAD, &url);
        fetch(&self.inner, url, span.clone()).instrument(span).await
    }
}

/// The file, after as many attempts as it takes. It is boxed to keep the futures of callers small.
fn fetch(inner: &Inner, url: Url, span: Span) -> BoxFuture<'_, Result<Response<ByteStream>, Error>> {
    Box::pin(async move {
        let deadline = Deadline::after(inner.timeouts.overall, "overall");
        let mut retries = Retries::new(&inner.retry, &inner.budget, DOWNLOAD.is_idempotent(), deadline.at);
        let mut sent = 0;
        loop {
            sent += 1;
            let exchange = Exchange {
                operation: &DOWNLOAD,
                url: url.clone(),
                headers: inner.headers(&HeaderMap::new(), None),
                body: None,
                deadline,
                attempt: sent,
            };
            let error = match attempt(inner, exchange, &span).await {
                Ok(stream) => {
                    retries.succeeded();
                    let meta = Arc::clone(&stream.origin().meta);
                    return Ok(Response::new(stream.without_deadline(), meta));
                }
                Err(error) => error.with_operation(DOWNLOAD.id()).with_attempts(sent),
            };
            match retries.next(&error) {
                Ok(wait) => {
                    telemetry::retry(&error, sent, wait);
                    tokio::time::sleep(wait).await;
                }
                Err(reason) => {
                    if reason != GiveUp::Final {
                        telemetry::give_up(&error, reason);
                    }
                    telemetry::record_error(&span, &error);
                    return Err(error);
                }
            }
        }
    })
}

/// One attempt, up to the head of a success.
async fn attempt(inner: &Inner, exchange: Exchange, span: &Span) -> Result<ByteStream, Error> {
    let sent = exchange.attempt;
    let started = tokio::time::Instant::now();
    let answer = inner.send(exchange).await;
    telemetry::attempt(span, sent, started.elapsed(), answer.as_ref().map(|stream| &*stream.origin().meta));
    let stream = answer?;
    let origin = stream.origin();
    if origin.meta.status < 400 {
        return settle(stream).await;
    }
    // The body stays unread, see above.
    let wait = retry_after(&origin.meta.headers);
    Err(origin.annotate(Error::new(ErrorKind::Api, "the file store refused the address")).with_retry_after(wait))
}

/// Checks an address. It is not repeated in errors.
fn check(address: &Secret) -> Result<Url, Error> {
    let invalid = |problem: &str| Error::new(ErrorKind::InvalidRequest, format!("the address {problem}"));
    let url = Url::parse(address.expose()).map_err(|error| invalid("is not a URL").with_source(error))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(invalid("is neither https nor on this machine"));
    }
    // The HTTP client would make an `Authorization` header of them.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("has a user or password"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for address in
            ["https://files.example.com/a?sig=hush", "http://127.0.0.1:1/a?sig=hush", "http://localhost/hush"]
        {
            assert_eq!(check(&address.into()).unwrap().as_str(), address);
        }
        for (address, problem) in [
            ("http://files.example.com/a?sig=hush", "neither https nor on this machine"),
            ("ftp://127.0.0.1/hush", "neither https nor on this machine"),
            ("file:///hush", "neither https nor on this machine"),
            ("https://me:hush@files.example.com/", "user or password"),
            ("https://hush@files.example.com/", "user or password"),
            ("/hush", "is not a URL"),
            ("https://hush hush/", "is not a URL"),
        ] {
            let error = check(&address.into()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(problem), "{error}");
            assert!(!format!("{error}{error:?}").contains("hush"), "{error:?}");
        }
    }
}
