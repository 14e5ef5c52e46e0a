//! How the client uses its credential.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::Mutex;
use std::time::Duration;

use cloud_billing_core::auth::{Phase, Reaction, Rejection, Target};
use cloud_billing_core::{BoxFuture, Credential, Error, ErrorKind, Method, Operation, Request};
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use support::{Reply, Server, answer, head, json};

const CREATE: Operation = Operation::new("create", Method::Post, "/things");

/// A scheme that answers challenges, like Digest: it sends no header before the first challenge.
#[derive(Debug, Default)]
struct Challenged {
    challenge: Mutex<Option<String>>,
}

impl Credential for Challenged {
    fn authorization<'a>(&'a self, target: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        let challenge = self.challenge.lock().unwrap().clone();
        let header = challenge.map(|challenge| format!("Test {challenge} {} {}", target.method, target.uri));
        Box::pin(async move { Ok(header.map(|text| HeaderValue::try_from(text).unwrap())) })
    }

    fn rejected<'a>(&'a self, target: Target<'a>, rejection: Rejection<'a>) -> BoxFuture<'a, Result<Reaction, Error>> {
        let challenge = rejection.headers.get(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(rejection.sent.is_some(), self.challenge.lock().unwrap().is_some());
        Box::pin(async move {
            match challenge {
                Some(challenge) => {
                    *self.challenge.lock().unwrap() = Some(challenge);
                    Ok(if target.phase == Phase::First { Reaction::Renewed } else { Reaction::GiveUp })
                }
                None => Err(Error::new(ErrorKind::Credential, "there is no challenge")),
            }
        })
    }
}

fn create() -> Request {
    let mut request = Request::new(&CREATE);
    request.query("dry run", &true).json(&serde_json::json!({"a": 1}));
    request
}

#[tokio::test]
async fn a_challenge_is_answered_once_with_the_same_body() {
    let challenge = |nonce| answer(401, &[("www-authenticate", nonce)], b"{}");
    let script = [challenge("one"), json(200, "{}"), json(200, "{}"), challenge("two"), challenge("three")];
    let server = Server::start(script).await;
    let core = server.builder().credential(Challenged::default()).build().unwrap();

    core.json::<serde_json::Value>(create()).await.unwrap();
    core.json::<serde_json::Value>(create()).await.unwrap();
    let error = core.json::<serde_json::Value>(create()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(401), 2));
    assert!(error.is_auth());

    let received = server.received();
    let sent: Vec<_> = received.iter().map(|request| request.header("authorization")).collect();
    assert_eq!(
        sent,
        [
            None,
            Some("Test one POST /things?dry%20run=true"),
            Some("Test one POST /things?dry%20run=true"),
            Some("Test one POST /things?dry%20run=true"),
            Some("Test two POST /things?dry%20run=true"),
        ]
    );
    assert!(received.iter().all(|request| request.body == br#"{"a":1}"#));
    // The 401 responses were read completely, so the first connection is still open.
    assert!(received.iter().all(|request| request.connection == 0));
}

#[tokio::test]
async fn a_credential_that_gives_up_replaces_the_answer() {
    let server = Server::start([answer(401, &[("x-request-id", "req-1")], b"")]).await;
    let core = server.builder().credential(Challenged::default()).build().unwrap();
    let error = core.json::<serde_json::Value>(create()).await.unwrap_err();
    insta::assert_snapshot!(
        error,
        @"create: no usable credential: there is no challenge (status 401, request id req-1)"
    );
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn without_a_credential_nothing_is_sent() {
    #[derive(Debug)]
    struct Broken;

    impl Credential for Broken {
        fn authorization<'a>(&'a self, _: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
            Box::pin(async { Err(Error::new(ErrorKind::Credential, "the key file is gone")) })
        }
    }

    let server = Server::start([]).await;
    let core = server.builder().credential(Broken).build().unwrap();
    let error = core.json::<serde_json::Value>(create()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credential, 0));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_fixed_token_is_not_tried_twice() {
    let server = Server::start([json(401, r#"{"errorCode": "USER_UNAUTHORIZED"}"#)]).await;
    let error = server.core().json::<serde_json::Value>(create()).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("USER_UNAUTHORIZED"), 1));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_401_that_is_slow_to_end_does_not_hold_up_the_repetition() {
    let challenge = [("www-authenticate", "one")];
    let mut stalls = head(401, &challenge, Some(100));
    stalls.extend_from_slice(b"{");
    let long = Duration::from_secs(600);
    for slow in [Reply::Hang(stalls), Reply::Hang(head(401, &challenge, Some(1024 * 1024)))] {
        let server = Server::start([slow, json(200, "{}")]).await;
        let builder = server.builder().credential(Challenged::default()).attempt_timeout(long).idle_timeout(long);
        let core = builder.overall_timeout(long).build().unwrap();
        core.json::<serde_json::Value>(create()).await.unwrap();
        // The first connection is closed.
        assert_eq!(server.received().iter().map(|request| request.connection).collect::<Vec<_>>(), [0, 1]);
    }
    // A short body is read to its end, so the connection is reused.
    let server = Server::start([answer(401, &challenge, b"{}"), json(200, "{}")]).await;
    let core = server.builder().credential(Challenged::default()).build().unwrap();
    core.json::<serde_json::Value>(create()).await.unwrap();
    assert!(server.received().iter().all(|request| request.connection == 0));
}
