//! Files at addresses that a service hands out.

use reqwest::Url;

use super::Core;
use super::call::Call;
use crate::body::ByteStream;
use crate::error::{Error, ErrorKind};
use crate::operation::{Method, Operation};
use crate::response::Response;
use crate::secret::Secret;
use crate::url::{self, PlainHttp, is_loopback, is_private};

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
    /// Of kind [`ErrorKind::InvalidRequest`], if the address
    ///
    /// * is not `https`, except plain http to this machine if the base URL is plain http,
    /// * is on this machine, link-local or in a private network, unless the base URL is on this machine as well or
    ///   [`allow_private_downloads`](crate::ClientBuilder::allow_private_downloads) was called. This is for the address as it is
    ///   written: a host name may resolve to any address.
    /// * names a user;
    ///
    /// and those of [`bytes`](Self::bytes).
    pub async fn download(&self, address: &Secret) -> Result<Response<ByteStream>, Error> {
        let url = check(address, &self.inner.url, self.inner.private_downloads);
        let url = url.map_err(|error| error.with_operation(DOWNLOAD.id()))?;
        Call::download(self, &DOWNLOAD, url)?.stream().await
    }
}

/// Checks an address from the service at `base`. It is not repeated in errors.
fn check(address: &Secret, base: &Url, allow_private: bool) -> Result<Url, Error> {
    let invalid = |problem: &str| Error::new(ErrorKind::InvalidRequest, format!("the address {problem}"));
    let url = url::check(address.expose(), PlainHttp::Loopback, invalid)?;
    if url.scheme() == "http" && base.scheme() != "http" {
        return Err(invalid("is plain http, and the service is asked over https"));
    }
    let beside_service = is_loopback(&url) && is_loopback(base);
    if is_private(&url) && !beside_service && !allow_private {
        return Err(invalid(
            "is on this machine or in a private network; if it may be, call `allow_private_downloads`",
        ));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let base = |base: &str| Url::parse(base).unwrap();
        let (public, local) = (base("https://billing.example.com"), base("http://127.0.0.1:1"));
        for (address, base) in [
            ("https://files.example.com/a?sig=hush", &public),
            ("https://files.example.com/a?sig=hush", &local),
            ("http://127.0.0.1:1/a?sig=hush", &local),
            ("http://localhost/hush", &local),
        ] {
            assert_eq!(check(&address.into(), base, false).unwrap().as_str(), address);
        }
        for (address, problem) in [
            ("http://files.example.com/a?sig=hush", "is plain http to another machine"),
            ("http://127.0.0.1/hush", "is plain http, and"),
            ("https://127.0.0.1/hush", "is on this machine or in a private network"),
            ("ftp://127.0.0.1/hush", "is not a URL of https"),
            ("file:///hush", "is not a URL of https"),
            ("https://me:hush@files.example.com/", "user or password"),
            ("https://hush@files.example.com/", "user or password"),
            ("/hush", "is not a URL"),
            ("https://hush hush/", "is not a URL"),
        ] {
            let error = check(&address.into(), &public, false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(problem), "{error}");
            assert!(!format!("{error}{error:?}").contains("hush"), "{error:?}");
        }
    }
}
