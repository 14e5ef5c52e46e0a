//! TLS: rustls, the operating system's, or none, as the cargo features say.
//!
//! With both features it is the operating system's, which nobody has unless they ask for it.

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) use absent::{configure, is_refusal};
#[cfg(feature = "native-tls")]
pub(crate) use native::{configure, is_refusal};
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(crate) use with_rustls::{configure, is_refusal};

#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
mod with_rustls {
    use std::error::Error as StdError;
    use std::sync::Arc;

    use rustls::ClientConfig;
    use rustls::crypto::{CryptoProvider, ring};
    use rustls_platform_verifier::Verifier;

    use crate::error::{Error, ErrorKind};

    /// TLS with the operating system's trust store. The provider is handed over here and not installed process-wide,
    /// which is the application's to decide.
    pub(crate) fn configure(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        let error =
            |error: rustls::Error| Error::new(ErrorKind::Configuration, "TLS cannot be set up").with_source(error);
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let verifier = Verifier::new(Arc::clone(&provider)).map_err(error)?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(error)?
            // The name is rustls's for any verifier that is not its own; this one checks everything.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(builder.tls_backend_preconfigured(config))
    }

    /// Whether a connection failed because the two sides did not agree on TLS.
    pub(crate) fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
        super::cause::<rustls::Error>(error).is_some()
    }
}

#[cfg(feature = "native-tls")]
mod native {
    use std::error::Error as StdError;

    use crate::error::Error;

    /// The operating system's TLS and trust store.
    pub(crate) fn configure(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        Ok(builder.tls_backend_native())
    }

    /// Whether a connection failed because the two sides did not agree on TLS, as far as the library tells: where it
    /// reports that as an I/O error, it passes for a broken connection.
    pub(crate) fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
        super::cause::<native_tls::Error>(error).is_some_and(|error| super::cause::<std::io::Error>(error).is_none())
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod absent {
    use std::error::Error as StdError;

    use crate::error::Error;

    /// No TLS. Connections that need it fail.
    pub(crate) fn configure(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        Ok(builder)
    }

    pub(crate) fn is_refusal(_: &(dyn StdError + 'static)) -> bool {
        false
    }
}

/// The first of the causes of an error that is of a type. I/O errors leave the error that they wrap out of the chain, so
/// it is looked for there as well.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn cause<'e, E>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e E>
where
    E: std::error::Error + 'static,
{
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

#[cfg(all(test, feature = "rustls", not(feature = "native-tls")))]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_refusal_is_found_inside_of_io_errors() {
        let refusal = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, refusal));
        assert!(is_refusal(&wrapped));
        assert!(!is_refusal(&io::Error::other(io::Error::from(io::ErrorKind::ConnectionReset))));
    }
}
