//! HTTP Digest against servers with different nonce policies.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloud_billing_core::auth::DigestKey;
use cloud_billing_core::{Core, Error, ErrorKind, Method, Operation, Request};
use md5::{Digest, Md5};
use serde_json::Value;
use support::{Received, Reply, Server, answer, json};

const SEARCH: Operation = Operation::new("search", Method::Post, "/v2/lineItems:search/{id}");

/// A server that checks Digest headers with MD5, independently of the code under test.
struct Guard {
    /// How often a nonce may be used.
    uses: u32,
    /// Whether it sends `stale` for a used-up nonce.
    says_stale: bool,
    issued: AtomicU32,
    /// The counts seen for every nonce.
    seen: Mutex<HashMap<String, Vec<String>>>,
}

impl Guard {
    async fn start(uses: u32, says_stale: bool) -> Server {
        let guard = Self { uses, says_stale, issued: AtomicU32::new(0), seen: Mutex::default() };
        Server::answering(move |request| Some(guard.answer(request))).await
    }

    fn answer(&self, request: &Received) -> Reply {
        let Some(header) = request.header("authorization") else { return self.challenge(false) };
        let params = params(header);
        let nonce = &params["nonce"];
        if !self.seen.lock().unwrap().contains_key(nonce) || params["response"] != expected(request, &params) {
            return self.challenge(false);
        }
        let mut seen = self.seen.lock().unwrap();
        let counts = seen.get_mut(nonce).unwrap();
        if counts.len() >= self.uses as usize || counts.contains(&params["nc"]) {
            drop(seen);
            return self.challenge(self.says_stale);
        }
        counts.push(params["nc"].clone());
        json(200, "{}")
    }

    fn challenge(&self, stale: bool) -> Reply {
        let nonce = format!("nonce{}", self.issued.fetch_add(1, Ordering::SeqCst) + 1);
        let text = format!(
            r#"Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale={stale}"#
        );
        self.seen.lock().unwrap().insert(nonce, Vec::new());
        answer(401, &[("www-authenticate", &text), ("content-type", "application/json")], br#"{"errorCode": "NO"}"#)
    }
}

fn h(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn params(header: &str) -> HashMap<String, String> {
    let list = header.strip_prefix("Digest ").unwrap();
    list.split(", ")
        .map(|param| {
            let (name, value) = param.split_once('=').unwrap();
            (name.to_owned(), value.trim_matches('"').to_owned())
        })
        .collect()
}

/// The expected response of a request, by the formula of RFC 7616, section 3.4.1.
fn expected(request: &Received, params: &HashMap<String, String>) -> String {
    let mut line = request.line.split(' ');
    let (method, uri) = (line.next().unwrap(), line.next().unwrap());
    assert_eq!(params["uri"], uri);
    let a1 = h("public:MMS Public API:private");
    let a2 = h(&format!("{method}:{uri}"));
    h(&format!("{a1}:{}:{}:{}:auth:{a2}", params["nonce"], params["nc"], params["cnonce"]))
}

fn core(server: &Server, private: &str) -> Core {
    server.builder().credential(DigestKey::new("public", private)).build().unwrap()
}

async fn call(core: &Core) -> Result<(), Error> {
    let mut request = Request::new(&SEARCH);
    request.path("id", "a b/ü").query("page num", &7).json(&serde_json::json!({"a": 1}));
    core.json::<Value>(request).await.map(drop)
}

/// Nonce and count of every request; a dash without a header.
fn counts(server: &Server) -> Vec<String> {
    let of = |request: &Received| match request.header("authorization") {
        Some(header) => {
            let params = params(header);
            format!("{} {}", params["nonce"], params["nc"].trim_start_matches('0'))
        }
        None => "-".to_owned(),
    };
    server.received().iter().map(of).collect()
}

#[tokio::test]
async fn after_the_first_call_one_trip_is_enough() {
    let server = Guard::start(u32::MAX, true).await;
    let core = core(&server, "private");
    for _ in 0..5 {
        call(&core).await.unwrap();
    }
    assert_eq!(counts(&server), ["-", "nonce1 1", "nonce1 2", "nonce1 3", "nonce1 4", "nonce1 5"]);

    let received = server.received();
    let header = received[1].header("authorization").unwrap();
    assert!(
        header.starts_with(r#"Digest username="public", realm="MMS Public API", nonce="nonce1", uri="/v2/"#),
        "{header}"
    );
    assert!(header.contains("algorithm=MD5, ") && header.contains("qop=auth, nc=00000001, cnonce=\""), "{header}");
    assert_eq!(params(header)["uri"], "/v2/lineItems:search/a%20b%2F%C3%BC?page%20num=7");
    assert!(received.iter().all(|request| request.body == br#"{"a":1}"#));
    // The client's nonce has 128 random bits for each nonce of the server.
    assert_eq!(params(header)["cnonce"].len(), 32);
}

#[tokio::test]
async fn a_nonce_that_is_used_up_is_replaced_in_passing() {
    for says_stale in [true, false] {
        let server = Guard::start(3, says_stale).await;
        let core = core(&server, "private");
        for _ in 0..8 {
            call(&core).await.unwrap();
        }
        let counts = counts(&server);
        assert_eq!(
            counts[..9],
            ["-", "nonce1 1", "nonce1 2", "nonce1 3", "nonce1 4", "nonce2 1", "nonce2 2", "nonce2 3", "nonce2 4"]
        );
    }
}

#[tokio::test]
async fn a_server_that_refuses_all_reuse_is_recognised() {
    let server = Guard::start(1, true).await;
    let core = core(&server, "private");
    for _ in 0..10 {
        call(&core).await.unwrap();
    }
    let counts = counts(&server);
    // Two round trips per call: at first with a refused reuse, later without any header.
    assert_eq!(counts.len(), 20);
    assert_eq!(counts[..4], ["-", "nonce1 1", "nonce1 2", "nonce2 1"]);
    assert_eq!(counts[16..], ["-", "nonce9 1", "-", "nonce10 1"]);
}

#[tokio::test]
async fn a_wrong_key_is_tried_once() {
    let server = Guard::start(u32::MAX, true).await;
    let core = core(&server, "hush-wrong");
    for _ in 0..2 {
        let error = call(&core).await.unwrap_err();
        assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Api, Some(401), 2));
        assert_eq!(error.code(), Some("NO"));
        assert!(error.is_auth() && !format!("{error:?} {core:?}").contains("hush"));
    }
    // A refused nonce is not reused.
    assert_eq!(counts(&server), ["-", "nonce1 1", "-", "nonce3 1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once() {
    // A server without limits, one that limits the uses of a nonce, and one that accepts each nonce once.
    for uses in [u32::MAX, 7, 1] {
        let server = Guard::start(uses, true).await;
        let core = Arc::new(core(&server, "private"));
        for _ in 0..5 {
            let calls: Vec<_> = (0..40)
                .map(|_| {
                    let core = Arc::clone(&core);
                    tokio::spawn(async move { call(&core).await })
                })
                .collect();
            for call in calls {
                call.await.unwrap().unwrap();
            }
        }
        // No count was used twice.
        let mut counts = counts(&server);
        counts.retain(|count| count != "-");
        let all = counts.len();
        counts.sort();
        counts.dedup();
        assert_eq!(counts.len(), all);
    }
}

/// A concurrent call can use a nonce up before the request that it was issued for arrives. The service then says
/// `stale`, which does not refuse the key, no matter how often. Without `stale`, the key is refused.
#[tokio::test]
async fn a_stale_nonce_is_no_refusal_of_the_key() {
    let challenge = |nonce: u32, stale: bool| {
        let text = format!(r#"Digest realm=r, nonce=n{nonce}, qop="auth", stale={stale}"#);
        answer(401, &[("www-authenticate", &text)], b"")
    };
    let replies = [challenge(1, false), challenge(2, true), challenge(3, true), json(200, "{}")];
    let server = Server::start(replies).await;
    call(&core(&server, "private")).await.unwrap();
    assert_eq!(counts(&server), ["-", "n1 1", "n2 1", "n3 1"]);

    // A service that says `stale` forever must not keep the call busy forever.
    let server = Server::answering(move |_| Some(challenge(1, true))).await;
    let error = call(&core(&server, "private")).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(401), 6));
}

#[tokio::test]
async fn the_strongest_challenge_is_answered() {
    let challenges = [
        ("www-authenticate", "Basic realm=\"x\", Digest realm=\"x\", nonce=\"md5\", qop=\"auth\""),
        ("www-authenticate", "Digest realm=x, nonce=sha, qop=auth, algorithm=SHA-256, opaque=\"o\""),
    ];
    let server = Server::start([answer(401, &challenges, b""), json(200, "{}")]).await;
    call(&core(&server, "private")).await.unwrap();
    let params = params(server.received()[1].header("authorization").unwrap());
    assert_eq!((&*params["nonce"], &*params["algorithm"], &*params["opaque"]), ("sha", "SHA-256", "o"));
    assert_eq!(params["response"].len(), 64);
}

#[tokio::test]
async fn without_qop_every_call_is_challenged() {
    let challenge = || answer(401, &[("www-authenticate", "Digest realm=x, nonce=n")], b"");
    let server = Server::start([challenge(), json(200, "{}"), challenge(), json(200, "{}")]).await;
    let core = core(&server, "private");
    call(&core).await.unwrap();
    call(&core).await.unwrap();
    let received = server.received();
    let header = received[3].header("authorization").unwrap();
    assert!(
        received[2].header("authorization").is_none() && !header.contains("qop") && !header.contains("nc="),
        "{header}"
    );
}

#[tokio::test]
async fn a_retry_is_challenged_anew() {
    let challenge = |nonce| answer(401, &[("www-authenticate", nonce)], b"");
    let (one, two) = ("Digest realm=x, nonce=one", "Digest realm=x, nonce=two");
    let busy = answer(503, &[("retry-after", "0")], b"");
    let server = Server::start([challenge(one), busy, challenge(two), json(200, "{}")]).await;
    let key = DigestKey::new("public", "private");
    let core = server.builder().retry(cloud_billing_core::RetryPolicy::new()).credential(key).build().unwrap();
    call(&core).await.unwrap();
    assert!(server.received()[3].header("authorization").unwrap().contains("nonce=\"two\""));

    // However many retries there are.
    let replies = (0..7).flat_map(|_| [challenge(one), answer(503, &[("retry-after", "0")], b"")]);
    let server = Server::start(replies.chain([challenge(two), json(200, "{}")])).await;
    let policy = cloud_billing_core::RetryPolicy::new().max_attempts(8).backoff(Duration::ZERO, Duration::ZERO);
    let core = server.builder().retry(policy).credential(DigestKey::new("public", "private")).build().unwrap();
    call(&core).await.unwrap();
}

/// A service that accepts each nonce once and is briefly busy: the refused reuse must not end the call.
#[tokio::test]
async fn a_retry_does_not_fail_for_want_of_a_nonce() {
    let challenge = |nonce| answer(401, &[("www-authenticate", nonce)], b"");
    let [one, two, three] = ["one", "two", "three"].map(|n| format!("Digest realm=x, nonce={n}, qop=auth").leak());
    let replies = [
        challenge(one),
        json(200, "{}"),
        // The second call: the nonce is refused, and the service is busy when the new one arrives.
        challenge(two),
        answer(503, &[("retry-after", "0")], b""),
        // Another call has used the new one meanwhile.
        challenge(three),
        json(200, "{}"),
    ];
    let server = Server::start(replies).await;
    let policy = cloud_billing_core::RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
    let core = server.builder().retry(policy).credential(DigestKey::new("public", "private")).build().unwrap();
    call(&core).await.unwrap();
    call(&core).await.unwrap();
    assert_eq!(counts(&server), ["-", "one 1", "one 2", "two 1", "two 2", "three 1"]);
}

#[tokio::test]
async fn what_is_no_digest_challenge() {
    let other = answer(401, &[("www-authenticate", "Basic realm=\"x\"")], b"{}");
    let none = json(401, r#"{"errorCode": "NO"}"#);
    let server = Server::start([other, none]).await;
    let core = core(&server, "private");
    let error = call(&core).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Credential, Some(401)));
    assert!(error.message().unwrap().contains("another authentication"), "{error}");
    let error = call(&core).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("NO")));
}

#[tokio::test]
async fn mistakes_show_when_the_client_is_built() {
    let server = Server::start([]).await;
    for (public, private) in [("", "hush"), ("public", ""), ("pub\nlic", "hush")] {
        let error = server.builder().credential(DigestKey::new(public, private)).build().unwrap_err();
        assert!(error.kind() == ErrorKind::Configuration && !error.to_string().contains("hush"), "{error}");
    }
}
