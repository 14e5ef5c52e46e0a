//! No secret gets out: not through errors, not through `Debug`, and not through what anybody traces or logs at any level.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::error::Error as _;
use std::fmt::{Debug, Write};
use std::sync::Mutex;
use std::time::Duration;

use sdk_core::{Core, Error, HttpClient, Method, Operation, Request, RetryPolicy, Secret};
use support::trace::Recorder;
use support::{Reply, SERVICE, Server, answer, head, json};

const TOKEN: &str = "Zq7tokenZq7";
const QUERY: &str = "Zq7queryZq7";
const PATH: &str = "Zq7pathZq7";
const BODY: &str = "Zq7bodyZq7";
const HEADER: &str = "Zq7headerZq7";
const PASSWORD: &str = "Zq7passwordZq7";

/// A part of each of them.
const MARK: &str = "Zq7";

const SEND: Operation = Operation::new("send", Method::Post, "/things/{token}").idempotent();

/// What crates that use `log` have logged.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        writeln!(LOGGED.lock().unwrap(), "{}: {}", record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

/// Everything that could be seen.
#[derive(Default)]
struct Seen(String);

impl Seen {
    fn debug(&mut self, value: &dyn Debug) {
        write!(self.0, "{value:?}\n{value:#?}\n").unwrap();
    }

    fn error(&mut self, error: &Error) {
        write!(self.0, "{error}\n{error:#}\n{error:?}\n{error:#?}\n").unwrap();
        let mut cause = error.source();
        while let Some(error) = cause {
            write!(self.0, "{error}\n{error:#}\n{error:?}\n{error:#?}\n").unwrap();
            cause = error.source();
        }
    }

    async fn call(&mut self, core: &Core) {
        self.debug(core);
        let mut request = Request::new(&SEND);
        request.path("token", PATH).query("token", QUERY).header("x-token", HEADER);
        request.json(&serde_json::json!({"password": BODY}));
        self.debug(&request);
        match core.json::<Vec<u8>>(request).await {
            Ok(response) => self.debug(&response),
            Err(error) => self.error(&error),
        }
    }
}

/// One answer of each kind that leads to an error, each with a secret where services have been seen to put one.
fn replies() -> Vec<Reply> {
    let cookie = ("set-cookie", "session=Zq7cookieZq7");
    let mut broken = head(200, &[cookie], Some(100));
    broken.extend_from_slice(BODY.as_bytes());
    vec![
        answer(200, &[cookie], b"[1]"),
        answer(302, &[cookie, ("location", "https://example.com/Zq7path?state=Zq7state#Zq7")], b""),
        answer(302, &[cookie, ("location", "/Zq7path?state=Zq7state#Zq7")], b""),
        answer(401, &[cookie, ("www-authenticate", "Digest nonce=Zq7nonce")], b"{}"),
        answer(404, &[cookie], br#"{"detail": "No such thing.", "parameters": ["Zq7", {"token": "Zq7"}]}"#),
        answer(503, &[cookie, ("retry-after", "Zq7")], b"{}"),
        answer(200, &[cookie], br#"{"access_token": "Zq7token"}"#),
        answer(200, &[("content-type", "application/gzip")], BODY.as_bytes()),
        answer(200, &[("content-encoding", "gzip")], BODY.as_bytes()),
        answer(200, &[cookie], br#"["#),
        answer(204, &[cookie], b""),
        Reply::SendAndClose(broken.clone()),
        Reply::SendAndReset(broken.clone()),
        Reply::SendAndHang(broken),
        Reply::SendAndHang(Vec::new()),
        Reply::SendAndReset(Vec::new()),
        Reply::SendAndClose(format!("Zq7 {BODY}\r\n\r\n").into_bytes()),
    ]
}

#[tokio::test]
async fn no_secret_gets_out() {
    // For the HTTP clients below that are not the runtime's own.
    #[cfg(feature = "rustls")]
    rustls::crypto::ring::default_provider().install_default().unwrap();
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let mut seen = Seen::default();

    // Answers of every kind, sent once and with retries.
    let twice = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).max_attempts(2).budget(1000);
    for policy in [RetryPolicy::none(), twice] {
        for reply in replies() {
            let server = Server::start([reply, json(503, "{}")]).await;
            let builder = server.builder().bearer_token(TOKEN).retry(policy);
            let builder = builder.idle_timeout(Duration::from_millis(50)).attempt_timeout(Duration::from_millis(200));
            seen.debug(&builder);
            seen.call(&builder.build().unwrap()).await;
        }
    }

    // Servers that cannot be reached, directly or through a proxy that wants a password.
    let refused = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let builder = || Core::builder(&SERVICE).bearer_token(TOKEN).retry(twice);
    seen.call(&builder().base_url(format!("http://{refused}")).build().unwrap()).await;
    seen.call(&builder().base_url(format!("https://{refused}")).build().unwrap()).await;
    let proxy = Server::start([answer(407, &[], b""), answer(407, &[], b"")]).await;
    for proxy in [format!("http://user:{PASSWORD}@{refused}"), proxy.url.replace("//", &format!("//user:{PASSWORD}@"))]
    {
        for service in ["http://billing.invalid", "https://billing.invalid"] {
            let http = reqwest::Client::builder().proxy(reqwest::Proxy::all(&proxy).unwrap());
            let http = HttpClient::from(http.build().unwrap());
            seen.debug(&http);
            let builder = builder().base_url(service).allow_plain_http().http_client(http);
            seen.debug(&builder);
            seen.call(&builder.build().unwrap()).await;
        }
    }

    // Settings that are refused.
    for url in [
        format!("https://user:{PASSWORD}@example.com"),
        format!("https://{PASSWORD}@example.com"),
        format!("https://example.com?key={PASSWORD}"),
        format!("https://example.com#{PASSWORD}"),
        format!("https://user:{PASSWORD}@"),
        format!("ftp://user:{PASSWORD}@example.com"),
        format!("user:{PASSWORD}@example.com"),
    ] {
        let builder = builder().base_url(url);
        seen.debug(&builder);
        seen.error(&builder.build().unwrap_err());
    }
    for token in [format!("{TOKEN}\r\nx: y"), format!("{TOKEN}\0")] {
        let secret = Secret::new(token);
        seen.debug(&secret);
        let server = Server::start([]).await;
        let core = server.builder().bearer_token(secret).build().unwrap();
        seen.call(&core).await;
    }
    let builder = builder().user_agent_suffix(format!("app\n{PASSWORD}"));
    seen.error(&builder.build().unwrap_err());

    let traced = recorder.everything();
    let logged = LOGGED.lock().unwrap().clone();
    // The nets are not empty.
    assert!(seen.0.contains("503 Service Unavailable") && traced.contains("sdk.wait_ms") && !logged.is_empty());
    for (what, text) in [("shown", &seen.0), ("traced", &traced), ("logged", &logged)] {
        for line in text.lines().flat_map(|line| line.split("Entry {")) {
            assert!(!line.contains(MARK), "{what}: {line}");
        }
    }
}
