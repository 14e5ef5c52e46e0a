//! Executing operations.

mod builder;
mod decode;
mod execute;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use serde::de::DeserializeOwned;

pub use builder::ClientBuilder;
pub(crate) use execute::Origin;

use crate::auth::Credential;
use crate::body::ByteStream;
use crate::error::Error;
use crate::request::Request;
use crate::response::Response;
use crate::service::Service;
use crate::transport::HttpClient;

/// The time to establish a connection in, unless set otherwise.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The time that one attempt may take, unless set otherwise. IBM's own clients wait as long.
pub const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// The largest body that is read into memory, unless set otherwise: 64 MiB.
pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024 * 1024;

/// What a client consists of: a service's address, a credential, a connection pool and limits.
///
/// Cloning is cheap and shares all of it. Calls need a tokio runtime with I/O and time enabled, as `#[tokio::main]` has it.
#[derive(Clone)]
pub struct Core {
    inner: Arc<Inner>,
}

struct Inner {
    service: &'static Service,
    /// Without a trailing slash.
    base_url: String,
    http: HttpClient,
    credential: Option<Arc<dyn Credential>>,
    agent: HeaderValue,
    attempt_timeout: Duration,
    body_limit: usize,
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

    /// Executes a request whose answer is JSON.
    ///
    /// The body is read whole, within the attempt timeout and the body limit. If the operation has an envelope and the
    /// request asked for it, or if a list comes as one bare item, the body is brought into the specified shape first.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind).
    pub async fn json<T: DeserializeOwned>(&self, request: Request) -> Result<Response<T>, Error> {
        // Everything but the decoding is in here and compiled once, not once a type.
        self.fetch(request).await?.decode()
    }

    /// Executes a request whose answer is of another kind, and returns its body as a stream.
    ///
    /// The attempt timeout applies to the head of the answer and then to the wait for each chunk, so that a large download
    /// may take its time.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind) but `Decode`, `Empty` and `BodyTooLarge`.
    pub async fn bytes(&self, request: Request) -> Result<Response<ByteStream>, Error> {
        self.stream(request).await
    }

    /// Executes a request whose answer has no body. One that comes nevertheless is not read.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind) but `Decode`, `Empty` and `BodyTooLarge`.
    pub async fn empty(&self, request: Request) -> Result<Response<()>, Error> {
        Ok(self.stream(request).await?.map(drop))
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("service", &self.inner.service.name())
            .field("base_url", &self.inner.base_url)
            .field("credential", &self.inner.credential)
            .field("attempt_timeout", &self.inner.attempt_timeout)
            .field("body_limit", &self.inner.body_limit)
            .finish_non_exhaustive()
    }
}
