//! Servers that repeat the secrets they received, in all sorts of spellings.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::error::Error as _;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
#[cfg(feature = "digest")]
use cloud_billing_core::auth::DigestKey;
use cloud_billing_core::auth::iam::{ApiKey, AssumedProfile, ComputeResource, InstanceIdentity, Profile};
use cloud_billing_core::auth::{BoxFuture, ClientCredentials, Credential, HeaderValue, Target};
use cloud_billing_core::{ClientBuilder, Core, Error, ErrorKind, Method, Operation, Request, Secret};
use serde_json::Value;
use support::trace::Recorder;
use support::{GET, Reply, Server, answer, json};

/// What stands in place of a text that is not shown.
const WITHHELD: &str = "the text of the response is withheld, because it repeats a secret of the request";

/// The same for the response of a token endpoint.
const BY_ENDPOINT: &str = "refused by 127.0.0.1, which repeats the secret";

/// A secret with a character for each way to disguise it.
const SECRET: &str = "Zq7/SECRET+Key&w1th=all\\of\"them%2Fand:more";

/// What JSON writers, URL encoders, HTML pages and terminals make of a secret.
fn disguises(secret: &str) -> Vec<String> {
    let each = |encode: &dyn Fn(u8) -> String| secret.bytes().map(encode).collect::<String>();
    let escaped = secret.replace('\\', "\\\\").replace('"', "\\\"");
    let percent = each(&|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02x}") });
    let html = secret.replace('&', "&amp;").replace('"', "&quot;");
    let half = secret.len() / 2;
    vec![
        secret.to_owned(),
        secret.to_ascii_uppercase(),
        secret.to_ascii_lowercase(),
        escaped.clone(),
        escaped.replace('/', "\\/"),
        each(&|b| format!("\\u{b:04x}")),
        each(&|b| format!("\\u{b:04X}")),
        each(&|b| format!("\\x{b:02x}")),
        percent.clone(),
        percent.to_uppercase(),
        percent.replace('%', "%25"),
        each(&|b| format!("%{b:02X}")),
        html.clone(),
        html.replace('&', "&amp;"),
        secret.replace('&', "\\u0026amp;"),
        each(&|b| format!("&#{b};")),
        each(&|b| format!("&#x{b:x};")),
        each(&|b| format!("{} ", char::from(b))),
        each(&|b| format!("{}\0", char::from(b))),
        format!("{}\r\n\t{}", &secret[..half], &secret[half..]),
        format!("{}\\r\\n{}", &secret[..half], &secret[half..]),
        format!("{}<wbr>{}", &secret[..half], &secret[half..]),
        format!("{}\u{200b}\u{202e}{}", &secret[..half], &secret[half..]),
        // Pieces: the beginning, the end, and one within.
        secret[..12].to_owned(),
        secret[secret.len() - 12..].to_owned(),
        format!("***{}***", &secret[4..17]),
    ]
}

/// Responses that show a text, as services and gateways have them.
fn refusals(status: u16, text: &str) -> Vec<Reply> {
    let escaped = serde_json::to_string(text).unwrap();
    let html = format!("<html><head><title>Error</title></head><body><pre>{text}</pre></body></html>");
    let mut replies = vec![
        json(status, &format!(r#"{{"errorCode": "NO", "detail": {escaped}}}"#)),
        json(status, &format!(r#"{{"errorCode": {escaped}, "detail": "no"}}"#)),
        json(status, &format!(r#"{{"error": "no", "request": {{"headers": [{escaped}]}}}}"#)),
        json(status, &escaped),
        answer(
            status,
            &[("content-type", "text/plain")],
            format!("Authorization: Bearer {text} not allowed").as_bytes(),
        ),
        answer(status, &[("content-type", "text/html")], html.as_bytes()),
    ];
    // As it is, where the writer has escaped it already.
    if text.is_ascii() && !text.contains(|c: char| c.is_control() || c == '"') {
        replies.push(json(status, &format!(r#"{{"errorCode": "NO", "detail": "{text}"}}"#)));
        replies.push(answer(status, &[("x-request-id", text), ("transaction-id", text)], b"{}"));
    }
    replies
}

/// Everything that an error shows.
fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{:?}\n{:?}\n{:?}\n", error.code(), error.message(), error.request_id());
    text.push_str(&String::from_utf8_lossy(error.body().map_or(&[][..], |body| body)));
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, "\n{error}\n{error:?}").unwrap();
        cause = error.source();
    }
    text
}

/// Asserts that neither the error nor the trace shows a text, and that the error says why.
fn assert_withheld(error: &Error, traced: &str, status: u16, text: &str) {
    let shown = format!("{}\n{traced}", shown(error));
    let debug = format!("{text:?}");
    for form in [text, debug.trim_matches('"'), &text.replace('"', "\\\"")] {
        assert!(!shown.contains(form), "{form}:\n{shown}");
    }
    let message = if error.kind() == ErrorKind::Credential { BY_ENDPOINT } else { WITHHELD };
    assert_eq!((error.status(), error.message(), error.code()), (Some(status), Some(message), None), "{text}");
    assert!(error.body().is_none(), "{text}");
}

/// The error of a call, and its trace.
async fn call(core: &Core) -> (Error, String) {
    let recorder = Recorder::default();
    let guard = tracing::subscriber::set_default(recorder.clone());
    let mut request = Request::new(&GET);
    request.path("id", "7");
    let error = core.json::<Value>(request).await.unwrap_err();
    drop(guard);
    (error, recorder.everything())
}

/// Makes calls of a service whose responses show a text.
async fn service_shows(text: &str, statuses: &[u16], with: impl Fn(ClientBuilder) -> ClientBuilder) {
    for status in statuses {
        let replies = refusals(*status, text);
        let server = Server::start(replies.clone()).await;
        let core = with(server.builder()).build().unwrap();
        for _ in replies {
            let (error, traced) = call(&core).await;
            assert_eq!(error.kind(), ErrorKind::Api);
            assert_withheld(&error, &traced, *status, text);
        }
    }
}

#[tokio::test]
async fn a_service_that_repeats_the_token() {
    for text in disguises(SECRET) {
        service_shows(&text, &[400], |builder| builder.bearer_token(SECRET)).await;
    }
    service_shows(SECRET, &[401, 403, 404, 500, 503], |builder| builder.bearer_token(SECRET)).await;
    // What is too short to have pieces.
    for text in ["T0KEN", "t0ken", "`T0KEN`", "<b>T0\u{200b}KEN</b>", "\\u00540KEN"] {
        service_shows(text, &[403], |builder| builder.bearer_token("T0KEN")).await;
    }
}

/// The token of a JSON Web Token is all but its header, which is the same for all tokens of a service.
#[tokio::test]
async fn a_service_that_repeats_a_part_of_a_json_web_token() {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = part(r#"{"alg":"RS256","kid":"20260101","typ":"JWT"}"#);
    let payload = part(r#"{"sub":"iam-ServiceId-1","exp":1767225600}"#);
    let signature = part("not a signature, but as long as one is");
    let token = format!("{header}.{payload}.{signature}");
    for text in [&token, &payload, &signature, &signature[9..21]] {
        service_shows(text, &[401], |builder| builder.bearer_token(token.as_str())).await;
    }
    let body = format!(r#"{{"errorCode": "NO", "detail": "header {header} is not known"}}"#);
    let server = Server::start([json(401, &body)]).await;
    let (error, _) = call(&server.builder().bearer_token(token).build().unwrap()).await;
    assert_eq!(error.body().unwrap(), &body);
}

#[tokio::test]
async fn a_service_that_repeats_the_token_of_an_error_in_an_envelope() {
    const ENVELOPED: Operation =
        Operation::new("list", Method::Get, "/list").success(&[200]).envelope("envelope", "status", "content");
    let server =
        Server::start([json(200, &format!(r#"{{"status":403,"content":{{"detail":"not {}"}}}}"#, "Zq7-TOKEN-1"))]);
    let core = server.await.builder().bearer_token("zq7-token-1").build().unwrap();
    let mut request = Request::new(&ENVELOPED);
    request.query("envelope", &true);
    let error = core.json::<Value>(request).await.unwrap_err();
    assert_withheld(&error, "", 403, "Zq7-TOKEN-1");
}

/// A page about the request in place of a success, and a redirect to a host with the token.
#[tokio::test]
async fn other_responses_that_repeat_the_token() {
    let page = format!("<html>You sent: {SECRET}</html>");
    let replies = [
        answer(200, &[("content-type", "text/html")], page.as_bytes()),
        answer(200, &[("content-type", SECRET)], b"[]"),
        answer(302, &[("location", "https://zq7-SECRET-key.example.com/")], b""),
    ];
    for reply in replies {
        let server = Server::start([reply]).await;
        let (error, _) = call(&server.builder().bearer_token(SECRET).build().unwrap()).await;
        assert!(!shown(&error).to_lowercase().contains("secret+") && !shown(&error).contains("secret-"), "{error:?}");
        assert_eq!((error.message(), error.body()), (Some(WITHHELD), None));
    }
}

/// The secrets behind the header of a credential, which the service may know all the same.
#[tokio::test]
async fn a_service_that_repeats_the_key_behind_the_token() {
    let tokens = Server::answering(|_| Some(json(200, r#"{"access_token": "zq7-access", "expires_in": 3600}"#))).await;
    let url = tokens.url.as_str();
    let id = || Profile::Id("profile".to_owned());
    for text in [SECRET, "Zq7-ACCESS"] {
        service_shows(text, &[403], |builder| builder.credential(ClientCredentials::new(url, "id", SECRET))).await;
        service_shows(text, &[403], |builder| builder.credential(ApiKey::new(SECRET).url(url))).await;
        service_shows(text, &[403], |builder| builder.credential(ApiKey::new("unknown").client("id", SECRET).url(url)))
            .await;
        service_shows(text, &[403], |builder| builder.credential(AssumedProfile::new(SECRET, id()).url(url))).await;
    }
}

#[cfg(feature = "digest")]
#[tokio::test]
async fn a_service_that_repeats_what_proves_a_digest_key() {
    let challenge = [("www-authenticate", "Digest realm=\"realm of Atlas\", nonce=\"nonce-1234567\", qop=auth")];
    let respond = |text: fn(&str) -> String| {
        Server::answering(move |request| {
            let Some(header) = request.header("authorization") else { return Some(answer(401, &challenge, b"")) };
            let response = header.split("response=\"").nth(1).unwrap().split('"').next().unwrap();
            Some(json(403, &format!(r#"{{"detail": "{}"}}"#, text(response))))
        })
    };
    let key = || DigestKey::new("public-key", "zq7-private-key");
    for text in [|response: &str| response.to_uppercase(), |_: &str| "ZQ7PRIVATEKEY".to_owned()] {
        let server = respond(text).await;
        let (error, traced) = call(&server.builder().credential(key()).build().unwrap()).await;
        assert_withheld(&error, &traced, 403, "ZQ7PRIVATEKEY");
    }
    // All else of the header is no secret.
    let server = respond(|_| "public-key, nonce-1234567 and /v2/invoices/7 of realm of Atlas".to_owned()).await;
    let (error, _) = call(&server.builder().credential(key()).build().unwrap()).await;
    assert_eq!(error.message(), Some("public-key, nonce-1234567 and /v2/invoices/7 of realm of Atlas"));
}

/// A credential of a user.
#[derive(Debug)]
struct Custom(&'static str);

impl Credential for Custom {
    fn authorization<'a>(&'a self, _: Target<'a>) -> BoxFuture<'a, Result<Option<HeaderValue>, Error>> {
        Box::pin(std::future::ready(Ok(Some(HeaderValue::from_static(self.0)))))
    }

    fn secrets(&self) -> Vec<Secret> {
        vec!["behind-the-header".into()]
    }
}

#[tokio::test]
async fn a_service_that_repeats_the_header_of_a_users_credential() {
    let pair = format!("Basic {}", STANDARD.encode("user-name-1:pass%2Fword%3A1"));
    let header: &'static str = pair.leak();
    for (header, text) in [
        ("just-a-key-1", "just-a-KEY-1"),
        ("Custom key-12345", "KEY-12345"),
        ("Custom key-12345", "BEHIND the header"),
        (header, header),
        (header, "pass/word:1"),
    ] {
        service_shows(text, &[403], |builder| builder.credential(Custom(header))).await;
    }
    let server = Server::start([json(403, r#"{"detail": "user-name-1 may not"}"#)]).await;
    let (error, _) = call(&server.builder().credential(Custom(header)).build().unwrap()).await;
    assert_eq!(error.message(), Some("user-name-1 may not"));
}

/// Makes calls with a token endpoint whose responses show a text.
async fn endpoint_shows(text: &str, statuses: &[u16], with: impl Fn(ClientBuilder, &str) -> ClientBuilder) {
    let service = Server::start([]).await;
    for status in statuses {
        let replies = refusals(*status, text);
        let tokens = Server::start(replies.clone()).await;
        let core = with(service.builder(), &tokens.url).build().unwrap();
        for _ in replies {
            let (error, traced) = call(&core).await;
            assert_eq!(error.kind(), ErrorKind::Credential);
            assert_withheld(&error, &traced, *status, text);
        }
    }
}

#[tokio::test]
async fn a_token_endpoint_that_repeats_the_key() {
    for text in disguises(SECRET) {
        endpoint_shows(&text, &[400], |builder, url| builder.credential(ApiKey::new(SECRET).url(url))).await;
    }
}

#[tokio::test]
async fn a_token_endpoint_that_repeats_the_secret_of_the_client() {
    for text in disguises(SECRET) {
        endpoint_shows(&text, &[401], |builder, url| builder.credential(ClientCredentials::new(url, "id", SECRET)))
            .await;
    }
}

#[tokio::test]
async fn a_token_endpoint_that_repeats_another_secret() {
    let file = tempfile::NamedTempFile::new().unwrap();
    // A token has fewer kinds of characters than other secrets.
    let token = "Zq7.SECRET+Key_w1th=all/of~them";
    std::fs::write(file.path(), token).unwrap();
    let id = || Profile::Id("profile".to_owned());
    let statuses = [400, 403];
    endpoint_shows(token, &statuses, |builder, url| {
        builder.credential(ComputeResource::new().profile_id("profile").token_file(file.path()).url(url))
    })
    .await;
    endpoint_shows(SECRET, &statuses, |builder, url| {
        builder.credential(ApiKey::new("unknown").client("id", SECRET).url(url))
    })
    .await;
    endpoint_shows(SECRET, &statuses, |builder, url| builder.credential(AssumedProfile::new(SECRET, id()).url(url)))
        .await;
    // The header as it was sent, and a secret in the URL.
    let header = STANDARD.encode(format!("id:{}", "just-a-secret-1"));
    endpoint_shows(&header, &statuses, |builder, url| {
        builder.credential(ClientCredentials::new(url, "id", "just-a-secret-1"))
    })
    .await;
    endpoint_shows("Zq7-QUERY", &statuses, |builder, url| {
        builder.credential(ClientCredentials::new(format!("{url}/token?key=zq7-query"), "id", "unknown"))
    })
    .await;
}

/// Credentials that need two tokens send the first one in the second request.
#[tokio::test]
async fn a_token_endpoint_that_repeats_the_token_before() {
    let service = Server::start([]).await;
    let with: [fn(ClientBuilder, &str) -> ClientBuilder; 2] = [
        |builder, url| builder.credential(AssumedProfile::new("unknown", Profile::Id("p".to_owned())).url(url)),
        |builder, url| builder.credential(InstanceIdentity::new().url(url)),
    ];
    for with in with {
        for reply in refusals(400, "ZQ7\u{200b}-OWN-TOKEN") {
            let own = json(200, r#"{"access_token": "zq7-own-token", "expires_in": 300}"#);
            let tokens = Server::start([own, reply]).await;
            let (error, traced) = call(&with(service.builder(), &tokens.url).build().unwrap()).await;
            assert_withheld(&error, &traced, 400, "ZQ7\u{200b}-OWN-TOKEN");
        }
    }
}

/// Responses of a token endpoint that have no error status, and no token that can be used.
#[tokio::test]
async fn what_is_no_token_is_not_shown() {
    let service = Server::start([]).await;
    let body =
        format!(r#"{{"access_token": "Zq7access", "refresh_token": "Zq7refresh", "key": "{}"}}"#, "Zq7-SECRET-1");
    let cut = |headers: &[(&str, &str)]| {
        let mut head = support::head(200, headers, Some(body.len()));
        head.extend_from_slice(&body.as_bytes()[..60]);
        Reply::Close(head)
    };
    for reply in [
        cut(&[("x-request-id", "zq7-secret-1")]),
        json(200, &body[..60]),
        json(200, &body.replace("access_token", "token")),
        json(200, &body.replace(r#""Zq7access""#, r#"["Zq7access"]"#)),
        answer(200, &[("content-type", "text/html")], format!("<title>{body}</title>").as_bytes()),
        answer(200, &[("content-encoding", "br")], body.as_bytes()),
        answer(200, &[("content-encoding", "gzip")], body.as_bytes()),
        answer(302, &[("location", "https://zq7-secret-1.example.com/"), ("x-request-id", "zq7-secret-1")], b""),
    ] {
        let tokens = Server::answering(move |_| Some(reply.clone())).await;
        let credential = ClientCredentials::new(tokens.url.as_str(), "id", "Zq7-SECRET-1");
        let (error, _) = call(&service.builder().credential(credential).build().unwrap()).await;
        assert_eq!((error.kind(), error.body()), (ErrorKind::Credential, None));
        let shown = shown(&error).to_lowercase();
        assert!(!shown.contains("zq7"), "{shown}");
    }
}

/// A file store may name its request after the address, which is a secret.
#[tokio::test]
async fn a_file_store_that_repeats_the_address() {
    for id in ["Zq7-SIGNATURE", "files-ZQ7-PATH"] {
        let server = Server::start([answer(403, &[("x-request-id", id)], b"")]).await;
        let recorder = Recorder::default();
        let guard = tracing::subscriber::set_default(recorder.clone());
        let address = Secret::new(format!("{}/files/zq7-path?sig=zq7%2dsignature", server.url));
        let error = server.core().download(&address).await.unwrap_err();
        drop(guard);
        assert_withheld(&error, &recorder.everything(), 403, id);
    }
    // What happens to be in a message of ours is no repetition.
    let server = Server::start([answer(403, &[("x-request-id", "req-1")], b"")]).await;
    let address = Secret::new(format!("{}/file?store=refused", server.url));
    let error = server.core().download(&address).await.unwrap_err();
    assert_eq!((error.message(), error.request_id()), (Some("the file store refused the address"), Some("req-1")));
}

/// All but secrets is kept as it came.
#[tokio::test]
async fn an_innocent_refusal_is_kept_whole() {
    let server = Server::answering(|_| {
        let body =
            r#"{"errorCode": "NO", "detail": "Bearer of Zq7/SEC is not allowed: \u0041%2f&amp;", "parameters": [7]}"#;
        Some(answer(403, &[("content-type", "application/json"), ("x-request-id", "Zq7-SEC-1")], body.as_bytes()))
    })
    .await;
    let clients = [
        server.builder().bearer_token(SECRET),
        server.builder().bearer_token("of"),
        server.builder().bearer_token("a.b.c"),
        server.builder().no_credential(),
        server.builder().credential(ApiKey::new(SECRET).url(server.url.as_str())),
        server.builder().credential(ClientCredentials::new(server.url.as_str(), "Bearer of", SECRET)),
        server.builder().credential(InstanceIdentity::new().url(server.url.as_str())),
    ];
    for (index, client) in clients.into_iter().enumerate() {
        let (error, traced) = call(&client.build().unwrap()).await;
        if index == 1 {
            // A secret that is a common word hides what has it.
            assert_eq!(error.message(), Some(WITHHELD));
            continue;
        }
        assert_eq!((error.code(), error.request_id()), (Some("NO"), Some("Zq7-SEC-1")));
        assert_eq!(error.message(), Some("Bearer of Zq7/SEC is not allowed: A%2f&amp;"));
        assert!(error.body().unwrap().ends_with(b"[7]}") && traced.contains("Zq7-SEC-1"));
    }
    // A long page is looked at, and kept.
    let page = "<p>none of it</p>".repeat(15_000);
    let long = answer(500, &[("content-type", "text/html")], page.as_bytes());
    let server = Server::start([long]).await;
    let (error, _) = call(&server.builder().bearer_token(SECRET).build().unwrap()).await;
    assert_eq!(error.body().unwrap(), &page);
}
