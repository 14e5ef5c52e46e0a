//! TLS: rustls, the operating system's TLS, or none, depending on the cargo features.
//!
//! If both features are enabled, the operating system's TLS is used: no default enables it, so the user asked for it.

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(crate) use absent::{Roots, TELLS_ITS_END, Tls, is_refusal};
#[cfg(feature = "native-tls")]
pub(crate) use native::{Roots, TELLS_ITS_END, Tls, is_refusal};
#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
pub(crate) use with_rustls::{Roots, TELLS_ITS_END, Tls, is_refusal};

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use crate::error::{Error, ErrorKind};

#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
mod with_rustls {
    use std::error::Error as StdError;
    use std::sync::Arc;

    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::{CryptoProvider, ring};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::Verifier;

    use super::unverified::Unverified;
    use crate::error::Error;

    /// Whether the library tells the end of the TLS connection from that of the TCP connection.
    pub(crate) const TELLS_ITS_END: bool = true;

    /// Root certificates to trust in addition to the operating system's.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Roots(Vec<CertificateDer<'static>>);

    impl Roots {
        /// Adds the certificates of a text in PEM format, which must have at least one.
        pub(crate) fn add(&mut self, pem: &[u8]) -> Result<(), Error> {
            let found = self.0.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| super::not_pem())?;
                // The store checks that it is a valid certificate.
                RootCertStore::empty()
                    .add(certificate.clone())
                    .map_err(|error| super::not_certificate().with_source(error))?;
                self.0.push(certificate);
            }
            if self.0.len() == found { Err(super::not_pem()) } else { Ok(()) }
        }
    }

    /// TLS with the operating system's trust store. The crypto provider is passed explicitly: installing it for the
    /// process is the application's decision.
    pub(crate) struct Tls(ClientConfig);

    impl Tls {
        pub(crate) fn new(roots: &Roots, verify: bool) -> Result<Self, Error> {
            let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
            let verifier: Arc<dyn ServerCertVerifier> = if verify {
                let verifier = Verifier::new_with_extra_roots(roots.0.iter().cloned(), Arc::clone(&provider));
                Arc::new(verifier.map_err(super::setup)?)
            } else {
                Arc::new(Unverified::new(&provider))
            };
            let mut config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(super::setup)?
                // rustls calls every verifier but its own dangerous. The platform verifier checks everything.
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth();
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(Self(config))
        }

        pub(crate) fn configure(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
            builder.tls_backend_preconfigured(self.0.clone())
        }
    }

    /// Whether a connection failed in the TLS handshake.
    pub(crate) fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
        crate::cause::cause::<rustls::Error>(error).is_some()
    }
}

#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
mod unverified;

#[cfg(feature = "native-tls")]
mod native {
    use std::error::Error as StdError;

    use crate::error::Error;

    /// Whether the library tells the end of the TLS connection from that of the TCP connection.
    pub(crate) const TELLS_ITS_END: bool = false;

    /// Root certificates to trust in addition to the operating system's.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Roots {
        certificates: Vec<reqwest::Certificate>,
        /// The PEM texts, to compare two sets.
        texts: Vec<Vec<u8>>,
    }

    impl Roots {
        /// Adds the certificates of a text in PEM format, which must have at least one.
        pub(crate) fn add(&mut self, pem: &[u8]) -> Result<(), Error> {
            let found = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| super::not_certificate().with_source(error))?;
            if found.is_empty() {
                return Err(super::not_pem());
            }
            native_tls::Certificate::stack_from_pem(pem)
                .map_err(|error| super::not_certificate().with_source(error))?;
            self.certificates.extend(found);
            self.texts.push(pem.to_vec());
            Ok(())
        }
    }

    impl PartialEq for Roots {
        fn eq(&self, other: &Self) -> bool {
            self.texts == other.texts
        }
    }

    impl Eq for Roots {}

    /// The operating system's TLS with its trust store.
    pub(crate) struct Tls {
        roots: Roots,
        verify: bool,
    }

    impl Tls {
        #[allow(clippy::unnecessary_wraps, reason = "the other kinds of TLS can fail")]
        pub(crate) fn new(roots: &Roots, verify: bool) -> Result<Self, Error> {
            Ok(Self { roots: roots.clone(), verify })
        }

        pub(crate) fn configure(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
            let roots = self.roots.certificates.iter().cloned();
            // Skips the check of the host name as well.
            builder
                .tls_backend_native()
                .tls_certs_merge(roots)
                .tls_danger_accept_invalid_certs(!self.verify)
                .tls_danger_accept_invalid_hostnames(!self.verify)
        }
    }

    /// Whether a connection failed in the TLS handshake. If it merely broke, which the library reports as an I/O error or
    /// as an unexpected end, it counts as a broken connection.
    pub(crate) fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
        crate::cause::cause::<native_tls::Error>(error).is_some_and(|error| {
            let broken = crate::cause::cause::<std::io::Error>(error).is_some();
            !broken && !error.to_string().to_ascii_lowercase().contains("unexpected eof")
        })
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod absent {
    use std::error::Error as StdError;

    use crate::error::{Error, ErrorKind};

    /// Nothing ends.
    pub(crate) const TELLS_ITS_END: bool = true;

    /// Without TLS there is nothing to trust.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Roots {}

    impl Roots {
        pub(crate) fn add(&mut self, _: &[u8]) -> Result<(), Error> {
            let message = "root certificates are of no use without TLS; turn on the feature `rustls` or `native-tls`";
            Err(Error::new(ErrorKind::Configuration, message))
        }
    }

    /// No TLS. Connections that need it fail.
    pub(crate) struct Tls;

    impl Tls {
        #[allow(clippy::unnecessary_wraps, reason = "TLS can fail")]
        pub(crate) fn new(_: &Roots, _: bool) -> Result<Self, Error> {
            Ok(Self)
        }

        pub(crate) fn configure(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
            builder
        }
    }

    pub(crate) fn is_refusal(_: &(dyn StdError + 'static)) -> bool {
        false
    }
}

#[cfg(all(feature = "rustls", not(feature = "native-tls")))]
fn setup(error: rustls::Error) -> Error {
    Error::new(ErrorKind::Configuration, "TLS cannot be set up").with_source(error)
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn not_pem() -> Error {
    let message = "the root certificates are not in PEM format, or there are none; each begins with the line \
                   `-----BEGIN CERTIFICATE-----`";
    Error::new(ErrorKind::Configuration, message)
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn not_certificate() -> Error {
    Error::new(ErrorKind::Configuration, "one of the root certificates cannot be used")
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
