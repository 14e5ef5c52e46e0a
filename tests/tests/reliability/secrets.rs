//! No secret leaves the clients by another way than the header or the body that is for it. What the runtime shows by
//! itself is in `sdk-core/tests/secrets.rs`.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::config::{Environment, Platform};
use cloud_billing_core::{Error, RetryPolicy};
use ibm_usage_reports::types::AccountId;

use crate::{figures, memory};
use test_support::server::{Reply, Request, Server, answer, json};

/// A part of each secret here.
const MARK: &str = "hush";
const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";

/// Nothing that was written shows a secret.
fn assert_silent(text: &str) {
    assert!(!text.contains(MARK), "{text}");
}

fn shown(value: &impl Debug) {
    assert_silent(&format!("{value:?}{value:#?}"));
}

/// Whoever unwraps an error gets it as the text of a panic.
fn unwrapped(error: Error) {
    let unwrap = |result: Result<(), Error>| result.expect("a call");
    let panic = catch_unwind(AssertUnwindSafe(|| unwrap(Err(error)))).unwrap_err();
    assert_silent(panic.downcast_ref::<String>().unwrap());
}

/// A server of every API: tokens, a challenge for HTTP Digest, a failure now and then.
async fn service() -> Server {
    Server::start(|request| {
        let known = request
            .header("authorization")
            .is_some_and(|header| header.contains("hush-token") || header.starts_with("Digest"));
        match request.target() {
            "/api/oauth/token" | "/identity/token" => {
                Reply::Send(json(200, r#"{"access_token":"hush-token","expires_in":3600,"token_type":"Bearer"}"#))
            }
            _ if !known => {
                Reply::Send(answer(401, &[("www-authenticate", "Digest realm=r, nonce=n, qop=auth")], b"{}"))
            }
            _ if request.number % 3 == 2 => Reply::Send(json(503, "{}")),
            _ if request.number % 7 == 6 => Reply::Reset(Vec::new()),
            _ => Reply::Send(json(200, r#"{"results":[{"id":"1"}],"links":[{"rel":"next"}]}"#)),
        }
    })
    .await
}

#[tokio::test]
pub(crate) async fn a_secret_is_only_where_it_is_for() {
    let server = service().await;
    let retry = RetryPolicy::new().backoff(std::time::Duration::ZERO, std::time::Duration::ZERO);
    let atlas = |builder: cloud_billing_core::ClientBuilder<atlas_billing::Client>| {
        shown(&builder);
        builder.base_url(&server.url).retry(retry).build().unwrap()
    };
    let builder = atlas_billing::Client::builder;
    let clients = [
        atlas(builder().credential(atlas_billing::auth::ServiceAccount::new("id", "hush-secret"))),
        atlas(builder().credential(atlas_billing::auth::ApiKey::new("public", "hush-private"))),
        atlas(builder().bearer_token("hush-token")),
    ];
    for client in &clients {
        shown(client);
        shown(&client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)));
        client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap();
        let mut invoices = client.list_invoices(OrganizationId::new(ORG)).items_per_page(1).items();
        for _ in 0..5 {
            invoices.next().await.unwrap().unwrap();
        }
        shown(&invoices);
        assert_silent(&invoices.resume_token().unwrap().to_string());
    }
    let key = ibm_usage_reports::auth::ApiKey::new("hush-key").url(&server.url);
    let ibm = ibm_usage_reports::Client::builder().credential(key).base_url(&server.url).retry(retry).build().unwrap();
    shown(&ibm);
    for _ in 0..5 {
        ibm.get_account_usage(AccountId::new("a"), "2026-05".parse().unwrap()).send().await.unwrap();
    }
    let requests = server.received();
    assert!(requests.len() > 30, "{}", requests.len());
    for request in &requests {
        assert_silent(&request.line);
        assert!(request.header("referer").is_none() && request.header("cookie").is_none(), "{request:?}");
        for (name, value) in request.headers.iter().filter(|(name, _)| name != "authorization") {
            assert_silent(&format!("{name}: {value}"));
        }
    }
    figures::say(format!(
        "{} requests with secrets: each only in `Authorization` or the body of a token request",
        requests.len()
    ));
}

/// Refuses a request with a page that repeats it, as gateways do, and names the request after its secret.
fn repeat(request: &Request) -> Reply {
    let page = format!("{} {:?} {}", request.line, request.headers, String::from_utf8_lossy(&request.body));
    let id = request.header("authorization").unwrap_or_default().to_uppercase();
    let headers = ["x-request-id", "transaction-id", "x-global-transaction-id"].map(|name| (name, id.as_str()));
    Reply::Send(answer(403, &headers, page.as_bytes()))
}

#[tokio::test]
pub(crate) async fn what_a_server_repeats_is_not_shown() {
    for gives_tokens in [true, false] {
        let server = Server::start(move |request| match request.target() {
            "/api/oauth/token" | "/identity/token" if gives_tokens => {
                Reply::Send(json(200, r#"{"access_token":"hush-token","expires_in":3600,"token_type":"Bearer"}"#))
            }
            _ if request.header("authorization").is_none() && request.body.is_empty() => {
                Reply::Send(answer(401, &[("www-authenticate", "Digest realm=r, nonce=n, qop=auth")], b"{}"))
            }
            _ => repeat(request),
        })
        .await;
        let builder = || atlas_billing::Client::builder().base_url(&server.url);
        let mut errors = Vec::new();
        for builder in [
            builder().credential(atlas_billing::auth::ServiceAccount::new("id", "hush-secret")),
            builder().credential(atlas_billing::auth::ApiKey::new("public", "hush-private")),
            builder().bearer_token("hush-token"),
        ] {
            let client = builder.build().unwrap();
            errors
                .push(client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap_err());
            errors.push(client.list_invoices(OrganizationId::new(ORG)).items().next().await.unwrap().unwrap_err());
        }
        let builder = || ibm_usage_reports::Client::builder().base_url(&server.url);
        let key = ibm_usage_reports::auth::ApiKey::new("hush-key").url(&server.url);
        for builder in [builder().credential(key), builder().bearer_token("hush-token")] {
            let client = builder.build().unwrap();
            errors.push(
                client.get_account_usage(AccountId::new("a"), "2026-05".parse().unwrap()).send().await.unwrap_err(),
            );
            let mut items = client.get_resource_usage_account(AccountId::new("a"), "2026-05".parse().unwrap()).items();
            errors.push(items.next().await.unwrap().unwrap_err());
        }
        for error in errors {
            assert!(error.status() == Some(403) && error.body().is_none(), "{error:?}");
            assert!(error.to_string().contains("repeats"), "{error}");
            assert_silent(&format!("{error} {error:?}").to_lowercase());
        }
    }
}

#[tokio::test]
pub(crate) async fn what_is_printed_or_unwrapped_shows_no_secret() {
    // By itself, so that what panics print and the test below do not get mixed.
    if let Some(written) = memory::alone_and_heard("secrets::what_is_printed_or_unwrapped_shows_no_secret") {
        // Here are the messages of the panics, with where they came from.
        assert!(written.contains("panicked at"), "{written}");
        return assert_silent(&written);
    }
    // Everything in these services is a secret, so that whatever is repeated shows.
    for status in [200, 302, 400, 401, 404, 429, 500] {
        let headers = [("location", "https://example.com/hush"), ("x-hush", "hush"), ("set-cookie", "a=hush")];
        let server = Server::start(move |_| Reply::Send(answer(status, &headers, br#"{"results": "#))).await;
        let account = atlas_billing::auth::ServiceAccount::new("id", "hush-secret");
        for builder in [
            atlas_billing::Client::builder().bearer_token("hush-token"),
            atlas_billing::Client::builder().credential(account),
            atlas_billing::Client::builder().credential(atlas_billing::auth::ApiKey::new("public", "hush")),
        ] {
            let client = builder.base_url(&server.url).retry(RetryPolicy::none()).build().unwrap();
            let error = client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await.unwrap_err();
            assert_silent(&format!("{error} {error:#} {error:?} {error:#?}"));
            unwrapped(error);
        }
    }
    for environment in [
        Environment::empty().variable("MONGODB_ATLAS_CLIENT_ID", "id").variable("MONGODB_ATLAS_CLIENT_SECRET", "hush"),
        Environment::empty()
            .variable("MONGODB_ATLAS_BASE_URL", "ftp://me:hush@x")
            .variable("MONGODB_ATLAS_ACCESS_TOKEN", "hush"),
        Environment::empty()
            .variable("USAGE_REPORTS_APIKEY", "{hush}")
            .variable("VCAP_SERVICES", "[hush]")
            .platform(Platform::Unix),
        Environment::empty()
            .variable("USAGE_REPORTS_URL", "https://hush:hush@x")
            .variable("USAGE_REPORTS_AUTH_TYPE", "noAuth"),
        Environment::empty().variable("VCAP_SERVICES", r#"{"usage_reports":[{"credentials":"hush"}]}"#),
    ] {
        shown(&environment);
        for outcome in [
            atlas_billing::Client::from_environment(&environment).map(|client| shown(&client)),
            ibm_usage_reports::Client::from_environment(&environment).map(|client| shown(&client)),
        ] {
            outcome.map_or_else(unwrapped, drop);
        }
    }
}
