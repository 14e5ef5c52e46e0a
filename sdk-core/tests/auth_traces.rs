//! The trace events of credentials: their order, and that they show no secret.
//!
//! Every test here records traces, because `tracing` caches the interest of the first thread that reaches an event.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cloud_billing_core::auth::{ClientCredentials, DigestKey};
use cloud_billing_core::{Core, Request};
use serde_json::{Value, json as value};
use support::trace::Recorder;
use support::{GET, Reply, Server, answer, json};

async fn call(core: &Core) {
    let mut request = Request::new(&GET);
    request.path("id", "7");
    core.json::<Value>(request).await.unwrap();
}

fn check(recorder: &Recorder, events: &[&str], secrets: &[&str]) {
    let lines = recorder.lines();
    for event in events {
        assert!(lines.contains(event), "{event} in\n{lines}");
    }
    for secret in secrets {
        assert!(!lines.contains(secret), "{secret} in\n{lines}");
    }
}

#[tokio::test]
async fn tokens() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let token = |text: &str| json(200, &value!({"access_token": text, "expires_in": 3600}).to_string());
    let busy: fn() -> Reply = || answer(503, &[("retry-after", "0")], b"hush-busy");
    let replies = [token("hush-1"), busy(), token("hush-2"), answer(200, &[], b""), busy(), busy(), busy()];
    let tokens = Server::start(replies).await;
    let service = Server::start([json(401, "{}"), json(200, "{}")]).await;
    let account = ClientCredentials::new(format!("{}/hush/token", tokens.url), "id", "hush-secret");
    let account = Arc::new(account.revoke_url(format!("{}/hush/revoke", tokens.url)));
    let core = service.builder().credential(Arc::clone(&account)).build().unwrap();
    call(&core).await;
    account.revoke().await.unwrap();
    let mut request = Request::new(&GET);
    request.path("id", "7");
    core.json::<Value>(request).await.unwrap_err();

    let events = [
        "span token sdk.credential=\"client credentials\" sdk.background=false",
        "message=token fetched sdk.lifetime_s=3600",
        "message=token refused by the service sdk.credential=\"client credentials\"",
        "message=retry error.type=\"503\" http.response.status_code=503 http.request.resend_count=1 sdk.wait_ms=",
        "message=token revoked sdk.credential=\"client credentials\"",
        "message=no token http.response.status_code=503 sdk.attempts=3 sdk.kept=false",
    ];
    check(&recorder, &events, &["hush", "Basic"]);
}

#[tokio::test]
async fn digests() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let number = AtomicU32::new(0);
    // A service that accepts every nonce once.
    let server = Server::answering(move |request| {
        let first = request.header("authorization").is_some_and(|header| header.contains("nc=00000001"));
        let nonce = number.fetch_add(1, Ordering::SeqCst);
        let challenge = format!("Digest realm=r, nonce=hush{nonce}, qop=auth");
        Some(if first { json(200, "{}") } else { answer(401, &[("www-authenticate", &challenge)], b"") })
    })
    .await;
    let core = server.builder().credential(DigestKey::new("public", "hush-private")).build().unwrap();
    for _ in 0..6 {
        call(&core).await;
    }
    check(
        &recorder,
        &["message=challenged sdk.credential=\"digest key\" sdk.stale=false", "the service accepts a nonce once only"],
        &["hush"],
    );
}
