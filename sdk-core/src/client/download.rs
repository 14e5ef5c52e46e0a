//! Files at addresses that a service hands out.

use reqwest::Url;

use super::Core;
use super::call::Call;
use crate::body::ByteStream;
use crate::error::{Error, ErrorKind};
use crate::operation::{Method, Operation};
use crate::response::Response;
use crate::secret::Secret;
use crate::url::{self, PlainHttp};

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
        Call::download(self, &DOWNLOAD, url).stream().await
    }
}

/// Checks an address. It is not repeated in errors.
fn check(address: &Secret) -> Result<Url, Error> {
    url::check(address.expose(), PlainHttp::Loopback, |problem| {
        Error::new(ErrorKind::InvalidRequest, format!("the address {problem}"))
    })
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
            ("http://files.example.com/a?sig=hush", "is plain http to another machine"),
            ("ftp://127.0.0.1/hush", "is not a URL of https"),
            ("file:///hush", "is not a URL of https"),
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
