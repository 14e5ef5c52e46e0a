//! Token endpoints and challenges that mean harm.

use std::fmt::Write as _;
use std::time::Duration;

use atlas_billing::auth::ApiKey as DigestKey;
use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::{Error, RetryPolicy};
use ibm_usage_reports::auth::ApiKey;
use ibm_usage_reports::types::AccountId;

use super::bodies::{chunk, gzip};
use super::{ATTEMPT, HANG, INVOICE, ORG, assert_table, figures};
use crate::outcome;
use test_support::server::{Reply, Server, answer, head, json};

struct Case(&'static str, Reply);

/// A token response with these fields beside the token.
fn token(name: &'static str, fields: &str) -> Case {
    Case(name, Reply::Send(json(200, &format!(r#"{{"access_token":"t"{fields}}}"#))))
}

fn body(name: &'static str, body: impl AsRef<str>) -> Case {
    Case(name, Reply::Send(json(200, body.as_ref())))
}

/// What came of a call, and how many requests of each kind it took.
async fn shown<T>(call: impl Future<Output = Result<T, Error>>, server: &Server) -> String {
    let result = tokio::time::timeout(HANG, call).await.expect("it hangs");
    let text = outcome(result, |_| "an answer".to_owned());
    assert!(!text.contains("hush"), "{text}");
    let requests = server.requests();
    format!("{} [{requests} requests]", text.replace(&server.url, "[service]"))
}

async fn with_token(reply: Reply) -> String {
    let server = Server::start(move |request| match request.target() {
        "/identity/token" => reply.clone(),
        _ => Reply::Send(json(200, "{}")),
    })
    .await;
    let key = ApiKey::new("hush-key").url(&server.url);
    let builder = ibm_usage_reports::Client::builder().base_url(&server.url).credential(key);
    let builder = builder.retry(RetryPolicy::none()).attempt_timeout(ATTEMPT).overall_timeout(2 * ATTEMPT);
    let client = builder.build().unwrap();
    shown(client.get_account_usage(AccountId::new("a"), "2026-05".parse().unwrap()).send(), &server).await
}

#[tokio::test]
pub(crate) async fn token_endpoints() {
    let long = |length: usize| format!(r#"{{"access_token":"{}"}}"#, "x".repeat(length));
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let endless = |status| Reply::Endless(head(status, &[], None), chunk(&[b' '; 4096]), Duration::ZERO);
    let escapes = r#"{"errorCode":"\u001b[31m\n","errorMessage":"\u001b]0;x\u0007 a\r\nb"}"#;
    let cases = vec![
        token("a lifetime of nothing", r#","expires_in":0"#),
        token("a negative lifetime", r#","expires_in":-1"#),
        token("a lifetime of 1e300", r#","expires_in":1e300"#),
        token("a lifetime of 1e999", r#","expires_in":1e999"#),
        token("a lifetime of 2^64", r#","expires_in":18446744073709551616"#),
        token("a lifetime of \"NaN\"", r#","expires_in":"NaN""#),
        token("a lifetime of \"inf\"", r#","expires_in":"inf""#),
        token("an object for a lifetime", r#","expires_in":{}"#),
        token(
            "a lifetime that is nested deep",
            &format!(r#","expires_in":{}{}"#, "[".repeat(100_000), "]".repeat(100_000)),
        ),
        token("an expiration in 1970", r#","expiration":0"#),
        token("an expiration of 2^64", r#","expiration":18446744073709551616"#),
        token("another type", r#","token_type":"mac""#),
        token("two tokens", r#","access_token":"u""#),
        body("an empty token", r#"{"access_token":""}"#),
        body("a number for a token", r#"{"access_token":7}"#),
        body("a token with a line break", r#"{"access_token":"t\r\nx-injected: 1"}"#),
        body("a token with NUL", r#"{"access_token":"t\u0000"}"#),
        body("a token beyond ASCII", r#"{"access_token":"tü"}"#),
        body("a token of 900 KB", long(900_000)),
        body("a token of 2 MB", long(2_000_000)),
        body("no object", "[]"),
        body("nothing", ""),
        Case("HTML", Reply::Send(answer(200, &[("content-type", "text/html")], b"<title>hush</title>"))),
        Case("204", Reply::Send(head(204, &[], None))),
        Case("an answer that is cut", Reply::Close(head(200, &[], Some(100)))),
        Case("a redirect", Reply::Send(answer(307, &[("location", "https://evil.example.com/hush")], b""))),
        Case("an answer without end", endless(200)),
        Case("an error without end", endless(400)),
        Case("64 MB in 64 KB of gzip", Reply::Close(answer(200, &[("content-encoding", "gzip")], &bomb))),
        Case("no answer", Reply::Hang(Vec::new())),
        Case("a refusal with escapes of a terminal", Reply::Send(json(400, escapes))),
    ];
    let mut table = String::new();
    figures(cases.len());
    for Case(name, reply) in cases {
        writeln!(table, "{name}\n    {}", with_token(reply).await).unwrap();
    }
    assert_table!("tokens", table);
}

/// The names of the parameters in an answer to a challenge, and its algorithm.
fn answered(server: &Server) -> String {
    let received = server.received();
    let Some(header) = received.iter().rev().find_map(|request| request.header("authorization")) else {
        return "no answer to it".to_owned();
    };
    let (mut names, mut name, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in header.trim_start_matches("Digest ").chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '=' if !quoted => names.push(std::mem::take(&mut name)),
            ',' if !quoted => name.clear(),
            c if !quoted && !c.is_whitespace() => name.push(c),
            _ => {}
        }
    }
    let algorithm = header.split("algorithm=").nth(1).map_or("none", |rest| rest.split(',').next().unwrap());
    format!("answered with {algorithm}: {}", names.join(" "))
}

async fn challenged(challenges: Vec<Vec<u8>>) -> String {
    let server = Server::start(move |_| {
        let mut bytes = b"HTTP/1.1 401 X\r\ncontent-length: 2\r\ncontent-type: application/json\r\n".to_vec();
        for challenge in &challenges {
            bytes.extend([b"www-authenticate: ", &challenge[..], b"\r\n"].concat());
        }
        Reply::Send([&bytes[..], b"\r\n{}"].concat())
    })
    .await;
    let key = DigestKey::new("public", "hush");
    let builder = atlas_billing::Client::builder().base_url(&server.url).credential(key);
    let client = builder.retry(RetryPolicy::none()).attempt_timeout(ATTEMPT).build().unwrap();
    let text = shown(client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send(), &server).await;
    format!("{text} {}", answered(&server))
}

/// A service that refuses every answer to its challenges.
#[tokio::test]
pub(crate) async fn challenges() {
    let one = |name, challenge: &str| (name, vec![challenge.as_bytes().to_vec()]);
    const MD5: &str = r#"Digest realm="r", nonce="n", qop="auth", algorithm=MD5"#;
    const SHA: &str = r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256"#;
    let long = "n".repeat(300_000);
    let cases = vec![
        one("MD5", MD5),
        ("MD5, and then SHA-256", vec![MD5.into(), SHA.into()]),
        ("SHA-256, and then MD5", vec![SHA.into(), MD5.into()]),
        one("both in one header", &format!("{MD5}, {SHA}")),
        one("Basic", r#"Basic realm="r""#),
        ("Basic, and then MD5", vec![br#"Basic realm="r""#.to_vec(), MD5.into()]),
        one("an unknown algorithm", r#"Digest realm="r", nonce="n", algorithm=ROT13"#),
        one("protection of the body alone", r#"Digest realm="r", nonce="n", qop="auth-int""#),
        one("no nonce", r#"Digest realm="r", qop="auth""#),
        one("an empty nonce", r#"Digest realm="r", nonce="", qop="auth""#),
        one("a nonce that is old for ever", &format!("{MD5}, stale=true")),
        one("a nonce of 300 KB", &format!(r#"Digest realm="r", nonce="{long}", qop="auth""#)),
        one("a quote that is never closed", r#"Digest realm="r, nonce="n", qop="auth"#),
        one("quotes in a realm", r#"Digest realm="r\", username=\"evil\"", nonce="n", qop="auth""#),
        one("quotes in what is sent back", r#"Digest realm="r", opaque="o\", uri=\"/evil\"", nonce="n", qop="auth""#),
        ("bytes beyond ASCII", vec![[&b"Digest realm=\"\x80\xff\", nonce=\"\xfe\", qop=\"auth\""[..]].concat()]),
        one("5000 challenges in one header", &vec![MD5; 5000].join(", ")),
        ("90 headers", vec![MD5.into(); 90]),
        one("commas alone", &",".repeat(100_000)),
        one("nothing", ""),
    ];
    let mut table = String::new();
    figures(cases.len());
    for (name, challenges) in cases {
        writeln!(table, "{name}\n    {}", challenged(challenges).await).unwrap();
    }
    assert_table!("challenges", table);
}
