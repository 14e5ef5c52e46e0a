//! Tokens of Atlas's service accounts.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud_billing_sandbox::{Builder, Sandbox};
use serde_json::json;

use crate::client::{TestRequest, at, atlas, ibm};

const TOKEN: &str = "/api/oauth/token";
const REVOKE: &str = "/api/oauth/revoke";
const GRANT: &str = "grant_type=client_credentials";
const ORGS: &str = "/api/atlas/v2/orgs";

fn basic((id, secret): (&str, &str)) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn request(sandbox: &Sandbox, target: &str, form: &str) -> TestRequest {
    at(sandbox.atlas_url(), target).form(form).authorization(&basic(sandbox.atlas_service_account()))
}

async fn token(sandbox: &Sandbox) -> String {
    let reply = request(sandbox, TOKEN, GRANT).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

async fn status(sandbox: &Sandbox, token: &str) -> u16 {
    atlas(sandbox, ORGS).bearer(token).send().await.status
}

fn strict() -> Builder {
    Sandbox::builder().strict_credentials(true)
}

#[tokio::test]
async fn a_service_account_gets_a_token() {
    let sandbox = strict().start().await.unwrap();
    let reply = request(&sandbox, TOKEN, GRANT).send().await;
    let body = reply.json();
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(3600), &json!("Bearer")));
    assert_eq!(body.as_object().unwrap().len(), 3, "there is no refresh token");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(status(&sandbox, body["access_token"].as_str().unwrap()).await, 200);

    let recorded = &sandbox.requests()[0];
    assert_eq!((recorded.operation.as_deref(), recorded.status), (Some("oauthToken"), 200));
    let (_, secret) = sandbox.atlas_service_account();
    let text = format!("{:?} {sandbox:?}", sandbox.requests());
    assert!(!text.contains(secret) && !text.contains(&STANDARD.encode(secret)), "{text}");
}

#[tokio::test]
async fn requests_for_tokens_are_refused_in_the_shape_of_oauth() {
    let sandbox = Sandbox::start().await.unwrap();
    let (id, secret) = sandbox.atlas_service_account();
    let with = |authorization: &str| request(&sandbox, TOKEN, GRANT).authorization(authorization);
    let cases = [
        (request(&sandbox, TOKEN, "grant_type=password"), 400, "unsupported_grant_type"),
        (request(&sandbox, TOKEN, ""), 400, "invalid_request"),
        (request(&sandbox, TOKEN, "scope=x"), 400, "invalid_request"),
        (request(&sandbox, TOKEN, &format!("{GRANT}&{GRANT}")), 400, "invalid_request"),
        (request(&sandbox, TOKEN, "grant_type=%zz"), 400, "invalid_request"),
        (request(&sandbox, &format!("{TOKEN}?a=b"), GRANT), 400, "invalid_request"),
        (request(&sandbox, TOKEN, GRANT).without("content-type"), 400, "invalid_request"),
        (request(&sandbox, TOKEN, GRANT).method("GET"), 405, "invalid_request"),
        (request(&sandbox, TOKEN, GRANT).without("authorization"), 401, "invalid_client"),
        (with(&basic((id, "mdb_sa_sk_wrong"))), 401, "invalid_client"),
        (with(&basic(("mdb_sa_id_000000000000000000000000", secret))), 401, "invalid_client"),
        (with("Bearer token"), 401, "invalid_client"),
        (request(&sandbox, REVOKE, "token_type_hint=access_token"), 400, "invalid_request"),
        (request(&sandbox, REVOKE, "token=x").without("authorization"), 401, "invalid_client"),
    ];
    for (index, (request, status, code)) in cases.into_iter().enumerate() {
        let reply = request.send().await;
        assert_eq!((reply.status, &reply.json()["error"]), (status, &json!(code)), "{index}: {}", reply.text());
        assert!(reply.json()["error_description"].is_string());
        assert_eq!(reply.header("www-authenticate").is_some(), status == 401);
        assert_eq!(sandbox.requests().pop().unwrap().refusals.len(), 1);
    }
}

#[tokio::test]
async fn strictness_decides_about_unknown_tokens_only() {
    let (strict, lax) = (strict().start().await.unwrap(), Sandbox::start().await.unwrap());
    assert_eq!((status(&strict, "anything").await, status(&lax, "anything").await), (401, 200));
    let iam = ibm(&strict, "/v4/accounts/a/usage/2023-05").bearer(&token(&strict).await).send().await;
    assert_eq!(iam.status, 401, "a token of Atlas is none of IBM");
    for sandbox in [&strict, &lax] {
        let revoked = token(sandbox).await;
        assert_eq!(status(sandbox, &revoked).await, 200);
        sandbox.revoke_all();
        let reply = atlas(sandbox, ORGS).bearer(&revoked).send().await;
        assert_eq!(
            reply.error(),
            "401 USER_UNAUTHORIZED: header `Authorization`: has a token that was revoked (rule: credentials)"
        );
        let expired = token(sandbox).await;
        sandbox.expire_tokens();
        let reply = atlas(sandbox, ORGS).bearer(&expired).send().await;
        assert!(reply.error().contains("has expired"), "{}", reply.error());
        assert!(reply.header("www-authenticate").unwrap().ends_with("error=\"invalid_token\""));
        assert_eq!(status(sandbox, &token(sandbox).await).await, 200);
    }
}

#[tokio::test]
async fn tokens_grow_old() {
    let sandbox = strict().token_lifetime(Duration::from_secs(90)).start().await.unwrap();
    let token = token(&sandbox).await;
    sandbox.advance(Duration::from_secs(80));
    assert_eq!(status(&sandbox, &token).await, 200);
    sandbox.advance(Duration::from_secs(10));
    assert_eq!(status(&sandbox, &token).await, 401);
}

#[tokio::test]
async fn a_token_can_be_given_back() {
    let sandbox = strict().start().await.unwrap();
    let (one, two) = (token(&sandbox).await, token(&sandbox).await);
    let reply = request(&sandbox, REVOKE, &format!("token={one}&token_type_hint=access_token")).send().await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!((status(&sandbox, &one).await, status(&sandbox, &two).await), (401, 200));
    assert_eq!(request(&sandbox, REVOKE, "token=unheard-of").send().await.status, 200);
    assert_eq!(sandbox.requests()[2].operation.as_deref(), Some("oauthRevoke"));
}

#[tokio::test]
async fn a_service_account_has_a_hundred_tokens_at_most() {
    let sandbox = Sandbox::start().await.unwrap();
    for _ in 0..100 {
        token(&sandbox).await;
    }
    let reply = request(&sandbox, TOKEN, GRANT).send().await;
    assert_eq!((reply.status, &reply.json()["error"]), (403, &json!("access_denied")));
    sandbox.advance(Duration::from_secs(3600));
    token(&sandbox).await;
}
