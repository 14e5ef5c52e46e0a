//! HTTPS servers on loopback sockets, with certificates made for the test.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cloud_billing_core::{ClientBuilder, Core, RetryPolicy};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::cipher_suite::{
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS13_AES_128_GCM_SHA256,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ServerConfig, SupportedCipherSuite, SupportedProtocolVersion};
use tokio_rustls::server::TlsStream;

/// A certificate authority that no trust store contains.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>, DistinguishedName);

impl Authority {
    pub(crate) fn new() -> Self {
        Self::signed_by_itself(Self::params())
    }

    fn signed_by_itself(params: CertificateParams) -> Self {
        let name = params.distinguished_name.clone();
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap(), name)
    }

    /// What its certificate says, with a name of its own.
    pub(crate) fn params() -> CertificateParams {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Some libraries identify an issuer by its name alone.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("authority {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    /// Another authority with the same name.
    pub(crate) fn named_like(other: &Self) -> Self {
        let mut params = Self::params();
        params.distinguished_name = other.1.clone();
        Self::signed_by_itself(params)
    }

    /// An authority that this one has certified so.
    pub(crate) fn certify(&self, params: CertificateParams) -> Self {
        let name = params.distinguished_name.clone();
        Self(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap(), name)
    }

    /// Its own certificate.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// The same in DER.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// A certificate for the host with this name.
    pub(crate) fn identity(&self, name: &str) -> Identity {
        self.issue(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// A certificate that says so.
    pub(crate) fn issue(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        Identity { chain: vec![params.signed_by(&key, &self.0).unwrap().into()], key }
    }

    /// The TLS configuration of a server with this name and these protocols.
    pub(crate) fn acceptor(&self, name: &str, protocols: &[&str]) -> TlsAcceptor {
        self.identity(name).acceptor(protocols, &[&TLS13, &TLS12])
    }
}

/// What a server shows in a handshake.
pub(crate) struct Identity {
    /// Its certificate, and those that lead to an authority.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: KeyPair,
}

impl Identity {
    /// Adds the certificate of an authority to the chain.
    pub(crate) fn by(mut self, authority: &Authority) -> Self {
        self.chain.push(authority.der());
        self
    }

    /// The TLS configuration of a server with these protocols and versions. Whether the key fits is not checked.
    pub(crate) fn acceptor(self, protocols: &[&str], versions: &[&'static SupportedProtocolVersion]) -> TlsAcceptor {
        let key = ring::sign::any_supported_type(&PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()).unwrap();
        // One suite a version, so that a test knows which keys it gets.
        let provider = CryptoProvider { cipher_suites: SUITES.to_vec(), ..ring::default_provider() };
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(self.chain, key))));
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        config.enable_secret_extraction = true;
        TlsAcceptor::from(Arc::new(config))
    }
}

/// The cipher suites of the servers.
pub(crate) const SUITES: [SupportedCipherSuite; 2] =
    [TLS13_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) version: http::Version,
    pub(crate) path: String,
    /// The number of its connection, counted from 0.
    pub(crate) connection: usize,
}

/// Answers a request with status 200 and JSON.
type Handler = dyn Fn(&Received) -> String + Send + Sync;

#[derive(Clone)]
pub(crate) struct TlsServer {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl TlsServer {
    /// Starts a server at `https://localhost` that answers every request.
    pub(crate) async fn start(tls: TlsAcceptor, handler: impl Fn(&Received) -> String + Send + Sync + 'static) -> Self {
        test_support::trace::keep_on();
        let (listener, url) = listen().await;
        let server = Self { url, received: Arc::default() };
        let (received, handler): (_, Arc<Handler>) = (Arc::clone(&server.received), Arc::new(handler));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((socket, _)) = listener.accept().await else { return };
                tokio::spawn(serve(socket, tls.clone(), connection, Arc::clone(&received), Arc::clone(&handler)));
            }
        });
        server
    }

    /// A client of this server without retries.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Core::builder(&super::SERVICE).base_url(&self.url).retry(RetryPolicy::none())
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// A listening socket and its address.
pub(crate) async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    (listener, url)
}

/// The next connection with a successful handshake.
pub(crate) async fn accept(listener: &TcpListener, tls: &TlsAcceptor) -> TlsStream<TcpStream> {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        if let Ok(stream) = tls.accept(socket).await {
            return stream;
        }
    }
}

async fn serve(
    socket: TcpStream,
    tls: TlsAcceptor,
    connection: usize,
    received: Arc<Mutex<Vec<Received>>>,
    handler: Arc<Handler>,
) {
    // The client may reject the certificate.
    let Ok(stream) = tls.accept(socket).await else { return };
    let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
        let (received, handler) = (Arc::clone(&received), Arc::clone(&handler));
        async move {
            let (head, body) = request.into_parts();
            let _ = body.collect().await;
            let request = Received { version: head.version, path: head.uri.path().to_owned(), connection };
            let body = handler(&request);
            received.lock().unwrap().push(request);
            let response = http::Response::builder().header("content-type", "application/json");
            Ok::<_, Infallible>(response.body(Full::new(Bytes::from(body))).unwrap())
        }
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http2().max_concurrent_streams(2000);
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}
