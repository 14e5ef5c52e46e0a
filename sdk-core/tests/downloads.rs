//! Files at pre-signed addresses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::fmt::Write as _;
use std::time::Duration;

use cloud_billing_core::{ErrorKind, Request, RetryPolicy, Secret};
use support::trace::Recorder;
use support::{GET, Reply, Server, answer, head};

fn address(server: &Server) -> Secret {
    format!("{}/files/Zq7?sig=Zq7%2F+%41#Zq7", server.url).into()
}

#[tokio::test]
async fn the_address_is_asked_as_it_is_and_without_the_credential() {
    let server = Server::start([answer(200, &[("set-cookie", "a=b")], b"a,b\n"), answer(200, &[], b"")]).await;
    let core = server.core();
    for body in ["a,b\n", ""] {
        assert_eq!(core.download(&address(&server)).await.unwrap().into_inner().text().await.unwrap(), body);
    }
    for request in server.received() {
        assert_eq!(request.line, "GET /files/Zq7?sig=Zq7%2F+%41 HTTP/1.1");
        assert!(request.header("user-agent").unwrap().starts_with("test-billing/1.0"));
        for (name, value) in &request.headers {
            assert!(name != "authorization" && name != "cookie" && !value.contains("hush-token"), "{name}: {value}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([]).await;
    let location = format!("{}/Zq7", elsewhere.url);
    let server = Server::start([answer(302, &[("location", &location)], b"")]).await;
    let error = server.core().download(&address(&server)).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(302)));
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn the_address_is_in_no_trace_and_no_error() {
    let policy = RetryPolicy::new().max_attempts(2).backoff(Duration::ZERO, Duration::ZERO).budget(1000);
    let refusal = b"<Error><StringToSign>Zq7</StringToSign></Error>";
    let cut = head(200, &[], Some(100));
    for reply in [
        answer(200, &[], b"a,b\n"),
        answer(302, &[("location", "/Zq7?sig=Zq7")], b""),
        answer(403, &[("content-type", "application/xml")], refusal),
        answer(503, &[("content-type", "text/plain")], b"Zq7"),
        Reply::Close(Vec::new()),
        Reply::Reset(Vec::new()),
        Reply::Close(cut),
        Reply::Hang(Vec::new()),
    ] {
        let server = Server::start([reply, answer(404, &[], b"Zq7")]).await;
        let builder = server.builder().bearer_token("Zq7").retry(policy).attempt_timeout(Duration::from_millis(100));
        let core = builder.build().unwrap();
        let recorder = Recorder::default();
        let guard = tracing::subscriber::set_default(recorder.clone());
        let answer = core.download(&address(&server)).await;
        drop(guard);
        let mut text = recorder.everything();
        assert!(text.contains("download"), "{text}");
        match answer {
            Ok(response) => {
                write!(text, "{response:?}").unwrap();
                if let Err(error) = response.into_inner().text().await {
                    write!(text, "{error} {error:?}").unwrap();
                }
            }
            Err(error) => {
                let mut cause: Option<&dyn std::error::Error> = Some(&error);
                while let Some(error) = cause {
                    write!(text, "{error} {error:?}").unwrap();
                    cause = error.source();
                }
                assert!(error.body().is_none());
            }
        }
        assert!(!text.contains("Zq7") && !text.contains("/files"), "{text}");
    }
}

#[tokio::test]
async fn a_body_can_be_looked_at_before_it_is_read() {
    let chunked = |chunks: &[u8]| Reply::Close([&head(200, &[], None), chunks].concat());
    let empty = [answer(200, &[], b""), answer(204, &[], b""), chunked(b"0\r\n\r\n")];
    for reply in empty {
        let server = Server::start([reply]).await;
        let mut body = get(&server).await;
        assert!(body.is_empty().await.unwrap());
        assert!(body.is_empty().await.unwrap());
    }

    let server = Server::start([chunked(b"2\r\na,\r\n2\r\nb\n\r\n0\r\n\r\n")]).await;
    let mut body = get(&server).await;
    assert!(!body.is_empty().await.unwrap());
    assert!(!body.is_empty().await.unwrap());
    assert_eq!(body.received(), 0);
    assert_eq!(body.text().await.unwrap(), "a,b\n");

    let server = Server::start([answer(200, &[], b"a,b\n")]).await;
    let mut body = get(&server).await;
    assert!(!body.is_empty().await.unwrap());
    assert_eq!((body.announced(), body.received()), (Some(4), 0));
    while body.next().await.transpose().unwrap().is_some() {}
    assert_eq!(body.received(), 4);
    assert!(!body.is_empty().await.unwrap(), "it was read, not empty");

    let server = Server::start([chunked(b"2\r\na,\r\n")]).await;
    let mut body = get(&server).await;
    assert!(!body.is_empty().await.unwrap());
    let error = body.text().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Transport, Some("the body ended after 2 bytes")));
}

async fn get(server: &Server) -> cloud_billing_core::ByteStream {
    let mut request = Request::new(&GET);
    request.path("id", "1");
    server.core().bytes(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn without_retries() {
    let server = Server::start([answer(503, &[], b""), answer(503, &[], b"")]).await;
    let policy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
    let core = server.builder().bearer_token("hush").retry(policy).build().unwrap();
    let mut request = Request::new(&GET);
    request.path("id", "1");
    let error = core.without_retries(Duration::from_secs(60)).empty(request).await.unwrap_err();
    assert_eq!((error.status(), error.attempts(), server.received().len()), (Some(503), 1, 1));
    assert_eq!(server.received()[0].header("authorization"), Some("Bearer hush"));
}
