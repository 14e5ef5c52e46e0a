//! OAuth 2.0 client credentials, and the token cache of all credentials.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use cloud_billing_core::auth::ClientCredentials;
use cloud_billing_core::auth::iam::{ApiKey, AssumedProfile, InstanceIdentity, Profile};
use cloud_billing_core::{ClientBuilder, Core, Error, ErrorKind, Request, RetryPolicy};
use serde_json::{Value, json as value};
use support::{GET, Received, Reply, Server, answer, head, json};
use tokio::time::Instant;

const FORM: &str = "application/x-www-form-urlencoded";

fn token(text: &str) -> Reply {
    json(200, &value!({"access_token": text, "expires_in": 3600, "token_type": "Bearer"}).to_string())
}

fn account(tokens: &Server) -> ClientCredentials {
    ClientCredentials::new(format!("{}/api/oauth/token", tokens.url), "mdb_sa_id_1", "hush+ secret/ü")
        .revoke_url(format!("{}/api/oauth/revoke", tokens.url))
}

fn core(service: &Server, tokens: &Server) -> Core {
    service.builder().credential(account(tokens)).build().unwrap()
}

async fn call(core: &Core) -> Result<(), Error> {
    let mut request = Request::new(&GET);
    request.path("id", "7");
    core.json::<Value>(request).await.map(drop)
}

fn sent(requests: &[Received]) -> Vec<Option<&str>> {
    requests.iter().map(|request| request.header("authorization")).collect()
}

/// A service that accepts one token, and a token endpoint that issues `t1`, `t2` and so on.
async fn pair(accepts: &'static str) -> (Server, Server) {
    let service = Server::answering(move |request| {
        let ok = request.header("authorization") == Some(accepts);
        Some(if ok { json(200, "{}") } else { json(401, r#"{"errorCode": "UNAUTHORIZED"}"#) })
    });
    let number = std::sync::atomic::AtomicU32::new(0);
    let tokens = Server::answering(move |_| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        Some(token(&format!("t{number}")))
    });
    (service.await, tokens.await)
}

#[tokio::test]
async fn the_exchange_on_the_wire() {
    let service = Server::start([json(200, "{}"), json(200, "{}")]).await;
    let tokens = Server::start([token("t1")]).await;
    let core = core(&service, &tokens);
    call(&core).await.unwrap();
    call(&core).await.unwrap();

    assert_eq!(sent(&service.received()), [Some("Bearer t1"); 2]);
    let [request] = &tokens.received()[..] else { panic!("{:?}", tokens.received()) };
    assert_eq!(request.line, "POST /api/oauth/token HTTP/1.1");
    assert_eq!(request.body, b"grant_type=client_credentials");
    assert_eq!(request.header("content-type"), Some(FORM));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert!(request.header("user-agent").unwrap().starts_with("test-billing/1.0"));
    // The base64 of `mdb_sa_id_1:hush%2B+secret%2F%C3%BC`: both parts are form-encoded first.
    let basic = "Basic bWRiX3NhX2lkXzE6aHVzaCUyQitzZWNyZXQlMkYlQzMlQkM=";
    assert_eq!(request.header("authorization"), Some(basic));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_words_of_oauth() {
    let service = Server::start([]).await;
    let refusal = r#"{"error": "invalid_client", "error_description": "Unknown client"}"#;
    let tokens = Server::start([json(401, refusal), token("t1")]).await;
    let core = core(&service, &tokens);
    let error = call(&core).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Credential, Some(401)));
    assert_eq!((error.code(), error.message()), (Some("invalid_client"), Some("Unknown client")));
    assert!(error.is_auth() && !error.is_timeout());
    assert_eq!(error.attempts(), 1);
    insta::assert_snapshot!(
        error,
        @"getInvoice: no usable credential: invalid_client: Unknown client (status 401, request id req-1)"
    );
    // Nothing was sent to the service, and the failure is not cached.
    assert!(service.received().is_empty());
    let _ = call(&core).await;
    assert_eq!(service.received().len(), 1);
}

#[tokio::test]
async fn a_busy_token_endpoint_is_asked_three_times() {
    let service = Server::start([json(200, "{}")]).await;
    let busy = || answer(503, &[("retry-after", "0")], b"");
    let tokens =
        Server::start([busy(), answer(429, &[("retry-after", "0")], b""), token("t1"), busy(), busy(), busy()]);
    let tokens = tokens.await;
    call(&core(&service, &tokens)).await.unwrap();
    assert_eq!(tokens.received().len(), 3);

    let error = call(&core(&service, &tokens)).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Credential, Some(503), 3));
    assert_eq!(tokens.received().len(), 6);
    insta::assert_snapshot!(
        error,
        @"getInvoice: no usable credential: refused by 127.0.0.1 (status 503, 3 attempts)"
    );
}

#[tokio::test]
async fn an_answer_that_is_cut_is_asked_for_again() {
    let service = Server::start([json(200, "{}")]).await;
    let tokens = Server::start([json(200, r#"{"access_token": "hu"#), json(408, "{}"), token("t1")]).await;
    call(&core(&service, &tokens)).await.unwrap();
    assert_eq!(tokens.received().len(), 3);

    let tokens = Server::answering(|_| Some(json(200, r#"{"access_token": "hu"#))).await;
    let error = call(&core(&service, &tokens)).await.unwrap_err();
    insta::assert_snapshot!(
        error,
        @"getInvoice: no usable credential: the answer of 127.0.0.1 ends early (3 attempts)"
    );
    assert!(!format!("{error:?}").contains("hu\""), "{error:?}");
}

/// It is whole and asking again would not change it.
#[tokio::test]
async fn an_answer_in_an_encoding_that_was_not_asked_for_is_named() {
    let service = Server::start([json(200, "{}")]).await;
    let body = br#"{"access_token": "hush", "expires_in": 3600}"#;
    let tokens = Server::answering(|_| Some(answer(200, &[("content-encoding", "br")], body))).await;
    let error = call(&core(&service, &tokens)).await.unwrap_err();
    insta::assert_snapshot!(
        error,
        @"getInvoice: no usable credential: the answer of 127.0.0.1 cannot be read: the body is compressed with `br`, which was not asked for"
    );
    assert_eq!((error.kind(), error.attempts(), tokens.received().len()), (ErrorKind::Credential, 1, 1));
    assert!(!format!("{error:?}").contains("hush") && error.body().is_none(), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let service = Server::start([json(200, "{}")]).await;
    let cut = head(200, &[("content-type", "application/json")], Some(100));
    let tokens = Server::start([Reply::Close(Vec::new()), Reply::Close(cut), token("t1")]).await;
    call(&core(&service, &tokens)).await.unwrap();
    assert_eq!(tokens.received().len(), 3);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_named() {
    let (_socket, address) = support::refused();
    let url = format!("http://{address}");
    let service = Server::start([]).await;
    let core = service.builder().credential(ClientCredentials::new(url, "id", "hush")).build().unwrap();
    let error = call(&core).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Credential, None, 3));
    assert!(error.is_auth() && std::error::Error::source(&error).is_some());
    insta::assert_snapshot!(
        error,
        @"getInvoice: no usable credential: no answer from 127.0.0.1: could not connect (3 attempts)"
    );
}

#[tokio::test]
async fn a_long_wait_is_the_callers_to_decide() {
    let service = Server::start([]).await;
    let tokens = Server::start([answer(429, &[("retry-after", "11")], b"")]).await;
    let error = call(&core(&service, &tokens)).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(429), 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(11)));
}

/// A caller gives up while its token is being fetched, and its runtime stops running.
#[test]
fn a_call_is_not_held_up_by_an_idle_runtime() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (service, tokens) = servers.block_on(async {
        let asked = std::sync::atomic::AtomicBool::new(false);
        let tokens = Server::answering(move |_| {
            let again = asked.swap(true, std::sync::atomic::Ordering::SeqCst);
            Some(if again { token("t2") } else { Reply::Hang(Vec::new()) })
        });
        (Server::answering(|_| Some(json(200, "{}"))).await, tokens.await)
    });
    let core = core(&service, &tokens);
    let idle = runtime();
    idle.block_on(async {
        let mut call = std::pin::pin!(call(&core));
        while tokens.received().is_empty() {
            assert!(tokio::time::timeout(Duration::from_millis(1), call.as_mut()).await.is_err());
        }
    });
    let other = runtime();
    for _ in 0..2 {
        other.block_on(call(&core)).unwrap();
    }
    assert_eq!(sent(&service.received()), [Some("Bearer t2"); 2]);
    assert_eq!(tokens.received().len(), 2);
}

/// Whatever a token endpoint sends with it, `Retry-After` is a number to compare and no time to add.
#[tokio::test]
async fn no_retry_after_of_a_token_endpoint_ends_in_a_panic() {
    let service = Server::start([]).await;
    for wait in ["18446744073709551615", "9223372036854775807", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        for status in [400, 401, 403, 408, 429, 500, 503, 599] {
            let tokens = Server::answering(move |_| Some(answer(status, &[("retry-after", wait)], b"{}"))).await;
            let profile = || Profile::Id("p".to_owned());
            let url = tokens.url.as_str();
            let clients = [
                service.builder().credential(account(&tokens)),
                service.builder().credential(ApiKey::new("hush").url(url)),
                service.builder().credential(AssumedProfile::new("hush", profile()).url(url)),
                service.builder().credential(InstanceIdentity::new().url(url)),
            ];
            let count = clients.len();
            for client in clients {
                let error = call(&client.build().unwrap()).await.unwrap_err();
                assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Credential, Some(status), 1));
                assert!(error.retry_after().is_some());
            }
            assert_eq!(tokens.received().len(), count);
        }
    }
}

#[tokio::test]
async fn answers_that_are_no_tokens() {
    let service = Server::start([]).await;
    let elsewhere = Server::start([token("t1")]).await;
    let location = format!("{}/api/oauth/token?code=hush", elsewhere.url);
    let replies = [
        json(200, r#"{"access_token": {"hush": 1}}"#),
        json(200, r#"{"refresh_token": "hush"}"#),
        answer(200, &[], format!("{{\"access_token\": \"{}\"}}", "hush".repeat(300_000)).as_bytes()),
        answer(307, &[("location", &location)], b""),
    ];
    let tokens = Server::start(replies).await;
    let core = core(&service, &tokens);
    let mut lines = Vec::new();
    for _ in 0..4 {
        let error = call(&core).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
        lines.push(error.to_string());
    }
    assert!(elsewhere.received().is_empty());
    insta::assert_snapshot!(lines.join("\n"), @"
    getInvoice: no usable credential: the answer of the token endpoint is not the JSON of a token at line 1, column 17
    getInvoice: no usable credential: the answer of the token endpoint has no `access_token`
    getInvoice: no usable credential: the answer of 127.0.0.1 has more than 1048576 bytes
    getInvoice: no usable credential: 127.0.0.1 redirects, which is not followed (status 307)
    ");
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_call_repeated() {
    let (service, tokens) = pair("Bearer t2").await;
    let core = core(&service, &tokens);
    call(&core).await.unwrap();
    call(&core).await.unwrap();
    assert_eq!(sent(&service.received()), [Some("Bearer t1"), Some("Bearer t2"), Some("Bearer t2")]);
    assert_eq!(tokens.received().len(), 2);
}

#[tokio::test]
async fn a_call_that_is_refused_with_two_new_tokens_too_fails() {
    let (service, tokens) = pair("none").await;
    let error = call(&core(&service, &tokens)).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Api, Some(401), 3));
    assert_eq!(error.code(), Some("UNAUTHORIZED"));
    assert_eq!(tokens.received().len(), 3);
}

/// The first token is voided, and the second one before it arrives.
#[tokio::test]
async fn two_tokens_voided_in_one_call_do_not_end_it() {
    let (service, tokens) = pair("Bearer t3").await;
    let core = core(&service, &tokens);
    call(&core).await.unwrap();
    call(&core).await.unwrap();
    let expected = ["t1", "t2", "t3", "t3"].map(|token| format!("Bearer {token}"));
    assert_eq!(sent(&service.received()), expected.each_ref().map(|sent| Some(sent.as_str())));
    assert_eq!(tokens.received().len(), 3);
}

/// Three tokens voided in one call end it, and the client fetches the next one a second later.
#[tokio::test]
async fn three_tokens_voided_in_one_call_do_not_shut_the_client_out() {
    let (service, tokens) = pair("Bearer t4").await;
    let core = core(&service, &tokens);
    let error = call(&core).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(401), 3));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(1)).await;
    tokio::time::resume();
    call(&core).await.unwrap();
    assert_eq!(tokens.received().len(), 4);
}

/// As above, with many calls in flight, as pages that are prefetched. The next ones do not notice either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tokens_voided_under_concurrent_calls_end_none_of_them() {
    for calls in [2, 9, 65] {
        let (service, tokens) = pair("Bearer t3").await;
        let core = Arc::new(core(&service, &tokens));
        let together = Arc::new(tokio::sync::Barrier::new(calls));
        let calls: Vec<_> = (0..calls)
            .map(|_| {
                let (core, together) = (Arc::clone(&core), Arc::clone(&together));
                tokio::spawn(async move {
                    together.wait().await;
                    call(&core).await?;
                    call(&core).await
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(tokens.received().len(), 3);
    }
}

/// Atlas allows 100 valid tokens per account.
#[tokio::test]
async fn a_service_that_refuses_every_token_does_not_cost_a_token_a_call() {
    let (service, tokens) = pair("none").await;
    let core = core(&service, &tokens);
    for attempts in [3, 1, 1, 1] {
        let error = call(&core).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(401), attempts));
    }
    assert_eq!(tokens.received().len(), 3);
}

/// A token that worked is replaced when it is refused, however soon after the previous one.
#[tokio::test]
async fn tokens_that_are_refused_one_after_the_other_are_replaced() {
    let replies = [json(401, "{}"), json(200, "{}"), json(401, "{}"), json(200, "{}")];
    let service = Server::start(replies).await;
    let tokens = Server::start([token("t1"), token("t2"), token("t3")]).await;
    let core = core(&service, &tokens);
    call(&core).await.unwrap();
    call(&core).await.unwrap();
    let received = service.received();
    assert_eq!(
        sent(&received),
        ["t1", "t2", "t2", "t3"].map(|token| format!("Bearer {token}")).each_ref().map(|s| Some(s.as_str()))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_calls_at_once_fetch_once_and_refresh_once() {
    let (service, tokens) = pair("Bearer t2").await;
    let core = Arc::new(core(&service, &tokens));
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let core = Arc::clone(&core);
            tokio::spawn(async move { call(&core).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(tokens.received().len(), 2);
}

#[tokio::test]
async fn revocation() {
    let service = Server::start([json(200, "{}"), json(200, "{}")]).await;
    let refusal = r#"{"error": "server_error"}"#;
    let tokens = Server::start([token("t/1"), answer(200, &[], b""), token("t2"), json(400, refusal)]).await;
    let account = Arc::new(account(&tokens));
    // There is no token yet.
    account.revoke().await.unwrap();
    let core = service.builder().credential(Arc::clone(&account)).build().unwrap();
    call(&core).await.unwrap();
    account.revoke().await.unwrap();
    let received = tokens.received();
    assert_eq!(received[1].line, "POST /api/oauth/revoke HTTP/1.1");
    assert_eq!(received[1].body, b"token=t%2F1&token_type_hint=access_token");
    assert_eq!(received[1].header("content-type"), Some(FORM));
    assert_eq!(received[1].header("authorization"), received[0].header("authorization"));

    call(&core).await.unwrap();
    assert_eq!(sent(&service.received()), [Some("Bearer t/1"), Some("Bearer t2")]);
    let error = account.revoke().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Credential, Some("server_error")));
    // The token is discarded all the same.
    account.revoke().await.unwrap();

    let none = ClientCredentials::new("https://example.com/token", "id", "hush");
    assert_eq!(none.revoke().await.unwrap_err().kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn mistakes_show_when_the_client_is_built() {
    let service = Server::start([]).await;
    let new = ClientCredentials::new;
    let ok = "https://example.com/token";
    let mistakes = [
        new("http://example.com/token?hush", "id", "hush"),
        new("example.com/hush", "id", "hush"),
        new("ftp://localhost/hush", "id", "hush"),
        new("https://hush:hush@example.com", "id", "hush"),
        new("https://example.com/#hush", "id", "hush"),
        new(ok, "", "hush"),
        new(ok, "id", ""),
        new(ok, "id", "hush").revoke_url("http://example.com/hush"),
    ];
    let mut lines = Vec::new();
    for mistake in mistakes {
        let error = service.builder().credential(mistake).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
        lines.push(error.to_string());
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    invalid configuration: the token URL is plain http to another machine; it must be https
    invalid configuration: the token URL is not a URL
    invalid configuration: the token URL is not a URL of https
    invalid configuration: the token URL has a user or password; remove it
    invalid configuration: the token URL has a fragment; remove `#` and everything after it
    invalid configuration: the client id or the client secret is empty; set both
    invalid configuration: the client id or the client secret is empty; set both
    invalid configuration: the revoke URL is plain http to another machine; it must be https
    ");
    for good in ["https://example.com/token?audience=x", "http://[::1]:9/token", "http://localhost/token"] {
        service.builder().credential(new(good, "id", "hush")).build().unwrap();
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let service = Server::start([]).await;
    let account =
        ClientCredentials::new("https://example.com/hush", "id", "hush").revoke_url("https://example.com/hush");
    let account = Arc::new(account);
    let core = service.builder().credential(Arc::clone(&account)).build().unwrap();
    let shown = format!("{account:?} {account:#?} {core:?}");
    assert!(!shown.contains("hush") && !shown.contains("Basic"), "{shown}");
}

#[tokio::test]
async fn token_requests_are_repeated_out_of_the_budget_of_the_client() {
    let service = Server::start([]).await;
    let busy = || answer(503, &[("retry-after", "0")], b"");
    let tokens = Server::start((0..3).map(|_| busy())).await;
    let policy = RetryPolicy::none().budget(1);
    let core = service.builder().retry(policy).credential(account(&tokens)).build().unwrap();
    for attempts in [2, 1] {
        assert_eq!(call(&core).await.unwrap_err().attempts(), attempts);
    }
    assert_eq!(tokens.received().len(), 3);
}

/// The result and the duration of a token request, if the endpoint sends `first` and then nothing more.
async fn silenced(first: Option<Reply>, credential: impl Fn(&Server) -> ClientBuilder) -> (Error, usize, Duration) {
    let silence = (0..9).map(|_| Reply::Hang(Vec::new()));
    let tokens = Server::start(first.into_iter().chain(silence)).await;
    let core = credential(&tokens).overall_timeout(Duration::from_secs(600)).build().unwrap();
    tokio::time::pause();
    let start = Instant::now();
    let error = call(&core).await.unwrap_err();
    let elapsed = start.elapsed();
    tokio::time::resume();
    (error, tokens.received().len(), elapsed)
}

#[tokio::test]
async fn a_fetch_ends_in_a_minute_whatever_it_consists_of() {
    let service = Server::start([]).await;
    let one = |tokens: &Server| service.builder().credential(account(tokens));
    let two = |tokens: &Server| {
        let profile = AssumedProfile::new("hush", Profile::Id("p".to_owned()));
        service.builder().credential(profile.url(tokens.url.as_str()))
    };
    let (error, sent, elapsed) = silenced(None, one).await;
    insta::assert_snapshot!(
        error,
        @"getInvoice: no usable credential: no answer from 127.0.0.1: timed out (3 attempts)"
    );
    assert!(error.is_timeout() && sent == 3 && elapsed.as_secs() == 60, "{sent} {elapsed:?}");

    // Both token requests together have the same time limit.
    let (error, sent, elapsed) = silenced(None, two).await;
    assert!(error.is_timeout() && sent == 3 && elapsed.as_secs() == 60, "{sent} {elapsed:?}");
    let (error, sent, elapsed) = silenced(Some(token("own")), two).await;
    assert!(error.is_timeout() && sent == 4 && elapsed.as_secs() == 60, "{sent} {elapsed:?}");

    // A wait that would end too late is not started: here the first token request takes 40 seconds, and each wait 10.
    let busy = || answer(503, &[("retry-after", "10")], b"");
    let silence = || Reply::Hang(Vec::new());
    let tokens = Server::start([silence(), silence(), token("own"), busy(), busy(), busy()]).await;
    let core = two(&tokens).overall_timeout(Duration::from_secs(600)).build().unwrap();
    tokio::time::pause();
    let error = call(&core).await.unwrap_err();
    assert_eq!((error.status(), error.attempts(), tokens.received().len()), (Some(503), 2, 5));
}
