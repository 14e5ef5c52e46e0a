//! What comes from outside reaches errors and logs on one line, short, and without characters that change how the line is shown.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::fmt::Display;

use cloud_billing_core::config::{Environment, Setting, Settings};
use cloud_billing_core::csv::{Header, Record, Records, Row, Table};
use cloud_billing_core::{Core, Decimal, Error, ErrorKind, Request, ResumeToken, json as decoding, poll};
use serde_json::Value;
use support::trace::Recorder;
use support::{GET, Reply, Server, answer, json};

/// Line breaks, escape sequences of terminals, and the marks that change the direction of text.
const ODD: &str = "\n\r\t\0\u{1b}[31m\u{7f}\u{85}\u{9b}31m\u{2028}\u{2029}\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\
                   \u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";

/// A text with all that is odd, and of 900 KB.
fn odd(name: &str) -> String {
    format!("{name}{ODD}FAKE LOG LINE: all is well {}", "x".repeat(900_000))
}

#[track_caller]
fn assert_plain(shown: impl Display) {
    let text = shown.to_string();
    let bad = text.chars().find(|c| c.is_control() || (ODD.contains(*c) && !c.is_ascii()));
    let length = text.chars().count();
    assert!(bad.is_none() && length < 5000, "{length} characters: {:?}", text.chars().take(300).collect::<String>());
}

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind) {
    assert_eq!(error.kind(), kind);
    assert_plain(error);
    assert_plain(format!("{error:?}"));
    for text in [error.code(), error.message(), error.path(), error.request_id()] {
        assert_plain(text.unwrap_or_default());
    }
}

async fn call(reply: Reply) -> (Error, String) {
    let server = Server::start([reply]).await;
    let recorder = Recorder::default();
    let guard = tracing::subscriber::set_default(recorder.clone());
    let mut request = Request::new(&GET);
    request.path("id", "7");
    let error = server.core().json::<Vec<Decimal>>(request).await.unwrap_err();
    drop(guard);
    (error, recorder.everything())
}

/// Messages keep what they say, without the marks.
#[test]
fn marks_are_left_out_and_the_rest_is_kept() {
    let error = Error::new(ErrorKind::Io, format!("a{ODD}b \u{202e}c"));
    assert_eq!(error.message(), Some("a [31m 31m b c"));
    let long = Error::new(ErrorKind::Io, format!("begin {} end", "ä".repeat(10_000)));
    assert!(long.message().unwrap().starts_with("begin ää") && long.message().unwrap().ends_with("ää end"));
    assert_error(&long, ErrorKind::Io);
}

#[test]
fn column_names() {
    let name = odd("Amount");
    let row = Row::new(Header::new(Record::new(1, [name.as_str()])).into(), Record::new(2, ["much"]));
    let error = row.parse::<Decimal>(name.trim()).unwrap_err();
    assert_error(&error, ErrorKind::Decode);
    let path = error.path().unwrap();
    assert!(path.starts_with("line 2, column `Amount [31m") && path.ends_with("xx`"), "{path}");

    let bytes = [b"\"", name.as_bytes(), b"\"\n\xff\n"].concat();
    let records = Records::from_reader(&bytes[..]).record_limit(2_000_000);
    let error = Table::new(records).next().unwrap().unwrap_err();
    assert_error(&error, ErrorKind::Decode);
    assert!(error.path().unwrap().contains("column `Amount"), "{error}");
}

#[test]
fn resume_tokens() {
    let text = |name: &str| serde_json::json!({"version": 2, "operation": "list", name: odd("a")}).to_string();
    for name in ["unknown", "page", odd("name").as_str()] {
        assert_error(&text(name).parse::<ResumeToken>().unwrap_err(), ErrorKind::InvalidRequest);
    }
    // The text of a token has all of its cursor, escaped.
    let cursor = format!("a{ODD}b\u{1f4b6}");
    let token = serde_json::json!({"version": 2, "operation": "list", "cursor": cursor}).to_string();
    let token: ResumeToken = token.parse().unwrap();
    assert_plain(&token);
    assert_eq!(token.to_string().parse::<ResumeToken>().unwrap(), token);
    assert_eq!(serde_json::from_str::<Value>(&token.to_string()).unwrap()["cursor"], cursor);
}

#[test]
fn settings() {
    let setting = Setting::new(odd("X_A"), "value").at(odd("line 3 of /home/me/"));
    assert_plain(&setting);
    assert_error(&setting.invalid(odd("is not")), ErrorKind::Configuration);
    assert_error(&setting.flag().unwrap_err(), ErrorKind::Configuration);
    assert_plain(Settings::new("X_").at(odd("/home/")).spelled("A"));
    let recorder = Recorder::default();
    let guard = tracing::subscriber::set_default(recorder.clone());
    setting.warn(odd("is unknown"));
    drop(guard);
    let traced = recorder.everything();
    assert!(traced.contains("X_A") && traced.contains("is unknown"), "{traced}");
    assert_plain(traced.lines().find(|line| line.contains("is unknown")).unwrap());

    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("odd\u{202e}\u{1b}[31m");
    std::fs::write(&path, "text").unwrap();
    let environment = Environment::empty().directory(home.path());
    assert_plain(environment.read(&path).unwrap().unwrap().path());
    std::fs::write(&path, b"\xff").unwrap();
    assert_error(&environment.read(&path).unwrap_err(), ErrorKind::Configuration);
}

#[tokio::test]
async fn refusals() {
    let body = |field: &str| format!("{{{:?}: {}}}", field, serde_json::to_string(&odd("no ")[..200_000]).unwrap());
    for field in ["detail", "errorCode", "error", "reason"] {
        let (error, _) = call(json(400, &body(field))).await;
        assert_error(&error, ErrorKind::Api);
        let text = error.code().or(error.message()).unwrap();
        assert!(text.starts_with("no [31m 31m"), "{text}");
    }
    for (content_type, body) in [("text/plain", odd("no")), ("text/html", format!("<title>{}</title>", odd("no")))] {
        let (error, _) = call(answer(500, &[("content-type", content_type)], body.as_bytes())).await;
        assert_error(&error, ErrorKind::Api);
    }
    let id = format!("id\u{202e}\u{2066}{}", "x".repeat(50_000));
    let (error, traced) = call(answer(404, &[("x-request-id", id.as_str())], b"{}")).await;
    assert_error(&error, ErrorKind::Api);
    assert!(traced.contains("idxx") && !traced.contains(['\u{202e}', '\u{2066}']) && traced.len() < 20_000, "{traced}");
}

#[tokio::test]
async fn responses_that_do_not_decode() {
    let key = serde_json::to_string(&odd("key")).unwrap();
    let replies = [
        answer(200, &[("content-type", &format!("text/{}", "x".repeat(50_000)))], b"[]"),
        answer(302, &[("location", &format!("{}://x", "x".repeat(50_000)))], b""),
        json(200, &format!("[{key}]")),
        json(200, &format!("[{{{key}: 1}}]")),
        json(200, &format!("[{}]", "9".repeat(900_000))),
    ];
    for reply in replies {
        let (error, _) = call(reply).await;
        assert_error(&error, error.kind());
    }
    assert_plain(decoding::from_str::<Vec<Decimal>>(&format!("[{key}]")).unwrap_err());
}

#[test]
fn jobs_that_fail() {
    assert_error(&poll::failed("createReport", Some(&odd("out of paper"))), ErrorKind::Api);
}

/// The name by which a job is resumed comes from the service.
#[tokio::test(start_paused = true)]
async fn jobs_that_take_too_long() {
    let core = Core::builder(&support::SERVICE).no_credential().build().unwrap();
    let second = std::time::Duration::from_secs(1);
    let error = poll::Polling::new(second, second)
        .begin()
        .until_ready(&core, &odd("token "), || std::future::ready(Ok(poll::Polled::<()>::Pending(None))))
        .await
        .unwrap_err();
    assert_error(&error, ErrorKind::Timeout);
}
