//! TLS and HTTP/2 against servers with their own certificates.

#![cfg(any(feature = "rustls", feature = "native-tls"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod hostile;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use cloud_billing_core::auth::ClientCredentials;
use cloud_billing_core::client::Unverified;
use cloud_billing_core::{ClientBuilder, Core, Error, ErrorKind, Method, Operation, Request, RetryPolicy, Secret};
use http::Version;
use support::SERVICE;
use support::tls::{Authority, TlsServer, accept, listen};
use tokio::task::JoinSet;

const GET: Operation = Operation::new("get", Method::Get, "/things");
const POST: Operation = Operation::new("post", Method::Post, "/things");

const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);

const BOTH: [&str; 2] = ["h2", "http/1.1"];

async fn call(core: &Core) -> Result<(), Error> {
    core.json::<u32>(Request::new(&GET)).await.map(drop)
}

fn one(_: &support::tls::Received) -> String {
    "1".to_owned()
}

#[tokio::test]
async fn a_root_of_ones_own_can_be_trusted_and_http_2_is_used_where_offered() {
    let authority = Authority::new();
    for (protocols, version) in
        [(&BOTH[..], Version::HTTP_2), (&["http/1.1"], Version::HTTP_11), (&[], Version::HTTP_11)]
    {
        let server = TlsServer::start(authority.acceptor("localhost", protocols), one).await;
        let core = server.builder().no_credential().root_certificates(authority.pem()).build().unwrap();
        for _ in 0..3 {
            call(&core).await.unwrap();
        }
        let received = server.received();
        assert!(received.iter().all(|request| request.version == version && request.connection == 0), "{received:?}");
    }
}

#[tokio::test]
async fn several_roots_can_be_trusted() {
    let (one_more, authority) = (Authority::new(), Authority::new());
    let server = TlsServer::start(authority.acceptor("localhost", &BOTH), one).await;
    let together = format!("{}\n# and\n{}", one_more.pem(), authority.pem());
    call(&server.builder().no_credential().root_certificates(together).build().unwrap()).await.unwrap();
    let builder = server.builder().no_credential().root_certificates(one_more.pem());
    call(&builder.root_certificates(authority.pem()).build().unwrap()).await.unwrap();
}

#[tokio::test]
async fn many_calls_share_one_connection() {
    let authority = Authority::new();
    let server = TlsServer::start(authority.acceptor("localhost", &BOTH), one).await;
    let core = server.builder().no_credential().root_certificates(authority.pem()).build().unwrap();
    call(&core).await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..500 {
        let core = core.clone();
        calls.spawn(async move { call(&core).await });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    let received = server.received();
    assert_eq!(received.len(), 501);
    assert!(received.iter().all(|request| request.connection == 0 && request.version == Version::HTTP_2));
}

/// The error of a call that must fail and must not be retried.
async fn refused(builder: ClientBuilder) -> Error {
    let core = builder.no_credential().retry(AT_ONCE).build().unwrap();
    let error = call(&core).await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    error
}

#[tokio::test]
async fn certificates_that_do_not_hold_are_refused_and_not_tried_again() {
    let authority = Authority::new();
    let server = TlsServer::start(authority.acceptor("localhost", &BOTH), one).await;
    let unknown = refused(server.builder()).await;
    let other = refused(server.builder().root_certificates(Authority::new().pem())).await;
    let name = server.url.replace("localhost", "127.0.0.1");
    let misnamed = refused(server.builder().base_url(name).root_certificates(authority.pem())).await;
    for error in [unknown, other, misnamed] {
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Tls, false), "{error:?}");
        assert!(error.to_string().starts_with("get: no trusted TLS connection: host "), "{error}");
    }
    assert!(server.received().is_empty());
}

fn disabled(builder: ClientBuilder, of: &[Unverified]) -> ClientBuilder {
    of.iter().fold(builder, |builder, of| {
        builder.disable_ssl_setting(*of, Error::new(ErrorKind::Configuration, format!("{of:?}")))
    })
}

#[tokio::test]
async fn verification_is_off_only_where_that_is_asked_for_and_allowed() {
    let authority = Authority::new();
    let service = TlsServer::start(authority.acceptor("elsewhere", &BOTH), one).await;
    let tokens = TlsServer::start(authority.acceptor("elsewhere", &BOTH), |_| {
        r#"{"access_token": "t", "expires_in": 3600}"#.to_owned()
    });
    let tokens = tokens.await;
    let builder = |of: &[Unverified]| {
        let credential = ClientCredentials::new(tokens.url.as_str(), "id", "hush");
        disabled(service.builder().credential(credential), of)
    };
    let (both, service_only, tokens_only) =
        ([Unverified::Service, Unverified::Tokens], [Unverified::Service], [Unverified::Tokens]);

    for of in [&both[..], &service_only, &tokens_only] {
        assert_eq!(builder(of).build().unwrap_err().kind(), ErrorKind::Configuration);
    }
    let outcome = async |of: &[Unverified]| {
        let core = builder(of).danger_allow_disable_ssl().build().unwrap();
        call(&core).await.map_err(|error| error.kind())
    };
    // Allowing it has no effect without the setting.
    assert_eq!(outcome(&[]).await, Err(ErrorKind::Credential));
    assert_eq!(outcome(&service_only).await, Err(ErrorKind::Credential));
    assert_eq!((service.received().len(), tokens.received().len()), (0, 0));
    assert_eq!(outcome(&tokens_only).await, Err(ErrorKind::Tls));
    assert_eq!((service.received().len(), tokens.received().len()), (0, 1));
    assert_eq!(outcome(&both).await, Ok(()));
    assert_eq!((service.received().len(), tokens.received().len()), (1, 2));

    // A download address is verified all the same.
    let core = builder(&both).danger_allow_disable_ssl().build().unwrap();
    let error = core.download(&Secret::new(service.url.as_str())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls);
}

/// A server that refuses the first `refusals` requests before processing them, and answers the others.
async fn refusing(authority: &Authority, refusals: usize) -> (String, Arc<AtomicUsize>) {
    support::trace::keep_on();
    let tls = authority.acceptor("localhost", &["h2"]);
    let (listener, url) = listen().await;
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let mut connection = h2::server::handshake(accept(&listener, &tls).await).await.unwrap();
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    if count.fetch_add(1, Ordering::SeqCst) < refusals {
                        respond.send_reset(h2::Reason::REFUSED_STREAM);
                        continue;
                    }
                    let response = http::Response::builder().header("content-type", "application/json");
                    let mut body = respond.send_response(response.body(()).unwrap(), false).unwrap();
                    body.send_data(Bytes::from_static(b"1"), true).unwrap();
                }
            });
        }
    });
    (url, seen)
}

#[tokio::test]
async fn a_request_that_is_refused_unseen_is_tried_again_whatever_the_method() {
    let authority = Authority::new();
    let core = |url: &str, policy| {
        let builder = Core::builder(&SERVICE).base_url(url).no_credential().retry(policy);
        builder.root_certificates(authority.pem()).build().unwrap()
    };
    // The HTTP client itself repeats it twice.
    for operation in [&GET, &POST] {
        let (url, seen) = refusing(&authority, 4).await;
        core(&url, AT_ONCE).json::<u32>(Request::new(operation)).await.unwrap();
        assert_eq!(seen.load(Ordering::SeqCst), 5);
    }
    let (url, seen) = refusing(&authority, usize::MAX).await;
    let error = core(&url, AT_ONCE.max_attempts(2)).json::<u32>(Request::new(&POST)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Transport, 2, true));
    assert_eq!(seen.load(Ordering::SeqCst), 6);
}

/// A server that shuts down the first connection, with this reason, at its first request.
async fn leaving(authority: &Authority, reason: h2::Reason) -> String {
    support::trace::keep_on();
    let tls = authority.acceptor("localhost", &["h2"]);
    let (listener, url) = listen().await;
    tokio::spawn(async move {
        let mut first = true;
        loop {
            let mut connection = h2::server::handshake(accept(&listener, &tls).await).await.unwrap();
            let leaves = std::mem::take(&mut first);
            tokio::spawn(async move {
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    if leaves {
                        connection.abrupt_shutdown(reason);
                        continue;
                    }
                    let response = http::Response::builder().header("content-type", "application/json");
                    let mut body = respond.send_response(response.body(()).unwrap(), false).unwrap();
                    body.send_data(Bytes::from_static(b"1"), true).unwrap();
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn a_connection_that_ends_for_an_error_may_have_had_its_effect() {
    let authority = Authority::new();
    for (operation, survives) in [(&GET, true), (&POST, false)] {
        let url = leaving(&authority, h2::Reason::INTERNAL_ERROR).await;
        let builder = Core::builder(&SERVICE).base_url(url).no_credential().retry(AT_ONCE);
        let core = builder.root_certificates(authority.pem()).build().unwrap();
        let result = core.json::<u32>(Request::new(operation)).await;
        assert_eq!(result.is_ok(), survives, "{result:?}");
    }
}

/// All over two connections, so that no limit on open files matters.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_first_calls_fetch_one_token() {
    let authority = Authority::new();
    let service = TlsServer::start(authority.acceptor("localhost", &BOTH), one).await;
    let tokens = TlsServer::start(authority.acceptor("localhost", &BOTH), |_| {
        r#"{"access_token": "t", "expires_in": 3600}"#.to_owned()
    });
    let tokens = tokens.await;
    let credential = ClientCredentials::new(tokens.url.as_str(), "id", "hush");
    let core = service.builder().credential(credential).root_certificates(authority.pem()).build().unwrap();
    let together = Arc::new(tokio::sync::Barrier::new(1000));
    let mut calls = JoinSet::new();
    for _ in 0..1000 {
        let (core, together) = (core.clone(), Arc::clone(&together));
        calls.spawn(async move {
            together.wait().await;
            call(&core).await
        });
    }
    for result in calls.join_all().await {
        result.unwrap();
    }
    assert_eq!((tokens.received().len(), service.received().len()), (1, 1000));
    assert!(service.received().iter().all(|request| request.version == Version::HTTP_2));
}
