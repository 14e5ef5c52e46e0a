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
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// A certificate authority that no trust store contains.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Some libraries identify an issuer by its name alone.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("authority {}", NUMBER.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// The TLS configuration of a server with this name and these protocols.
    pub(crate) fn acceptor(&self, name: &str, protocols: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate: CertificateDer<'static> = params.signed_by(&key, &self.0).unwrap().into();
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

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
