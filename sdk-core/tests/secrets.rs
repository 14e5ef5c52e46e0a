//! No secret leaks through errors, `Debug`, traces or logs at any level.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::error::Error as _;
use std::fmt::{Debug, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloud_billing_core::auth::iam::{ApiKey, AssumedProfile, ComputeResource, InstanceIdentity, Profile};
use cloud_billing_core::auth::{ClientCredentials, DigestKey};
use cloud_billing_core::intercept::{Attempt, Body, Call, Interceptor, Outcome, TokenFetch, Wait};
use cloud_billing_core::{ClientBuilder, Core, Error, HttpClient, Method, Operation, Request, RetryPolicy, Secret};
use support::trace::Recorder;
use support::{Received, Reply, SERVICE, Server, answer, head, json};

const TOKEN: &str = "Zq7tokenZq7";
const QUERY: &str = "Zq7queryZq7";
const PATH: &str = "Zq7pathZq7";
const BODY: &str = "Zq7bodyZq7";
const HEADER: &str = "Zq7headerZq7";
const PASSWORD: &str = "Zq7passwordZq7";

/// A part of every secret.
const MARK: &str = "Zq7";

const SEND: Operation = Operation::new("send", Method::Post, "/things/{token}").idempotent();

/// The messages of crates that use `log`.
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

/// Writes down what interceptors see, and adds a header that is a secret.
#[derive(Clone, Default)]
struct Watcher(Arc<Mutex<String>>);

impl Watcher {
    fn see(&self, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{value:?}\n{value:#?}").unwrap();
    }
}

impl Interceptor for Watcher {
    fn before_call(&self, call: &mut Call<'_>) -> Result<(), Error> {
        self.see(call);
        call.set_header("x-gateway-key", HEADER)
    }

    fn after_attempt(&self, _: &mut Call<'_>, attempt: &Attempt<'_>) {
        self.see(&(
            attempt,
            attempt.header("set-cookie"),
            attempt.header("location"),
            attempt.header("www-authenticate"),
        ));
    }

    fn before_wait(&self, _: &mut Call<'_>, wait: &Wait<'_>) {
        self.see(wait);
    }

    fn after_call(&self, call: &mut Call<'_>, outcome: &Outcome<'_>) {
        self.see(&(call.header("authorization"), outcome));
    }

    fn after_body(&self, body: &Body) {
        self.see(body);
    }

    fn after_token(&self, token: &TokenFetch<'_>) {
        self.see(token);
    }
}

/// Everything that could show a secret.
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

/// Sets a credential from the URL of a token endpoint, a token file and a profile.
type With = fn(ClientBuilder, &str, &Path, Profile) -> ClientBuilder;

/// One response for each kind of error, each with a secret where services have put one.
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
        Reply::Close(broken.clone()),
        Reply::Reset(broken.clone()),
        Reply::Hang(broken),
        Reply::Hang(Vec::new()),
        Reply::Reset(Vec::new()),
        Reply::Close(format!("Zq7 {BODY}\r\n\r\n").into_bytes()),
    ]
}

#[tokio::test]
async fn no_secret_gets_out() {
    // For the HTTP clients below that the runtime does not create.
    #[cfg(feature = "rustls")]
    rustls::crypto::ring::default_provider().install_default().unwrap();
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let (mut seen, watcher) = (Seen::default(), Watcher::default());

    // Responses of every kind, once and with retries.
    let twice = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).max_attempts(2).budget(1000);
    for policy in [RetryPolicy::none(), twice] {
        for reply in replies() {
            let server = Server::start([reply, json(503, "{}")]).await;
            let builder = server.builder().bearer_token(TOKEN).retry(policy).interceptor(watcher.clone());
            let builder = builder.idle_timeout(Duration::from_millis(50)).attempt_timeout(Duration::from_millis(200));
            seen.debug(&builder);
            seen.call(&builder.build().unwrap()).await;
        }
    }

    // Servers that cannot be reached, directly or through a proxy that requires a password.
    let (_socket, refused) = support::refused();
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

    // Credentials of every kind, with token endpoints of every kind, at a service that refuses all of them.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "Zq7crtokenZq7").unwrap();
    let replies: [fn(&Received) -> Reply; 6] = [
        |_| json(200, r#"{"access_token": "Zq7accessZq7", "refresh_token": "Zq7refreshZq7", "expires_in": 3600}"#),
        |_| json(200, r#"{"access_token": ["Zq7accessZq7"]}"#),
        |_| json(400, r#"{"errorCode": "NO", "errorMessage": "no", "context": {"key": "Zq7"}}"#),
        // It repeats what it received, unless that is empty, as from an instance.
        |request| match &request.line {
            line if line.starts_with("PUT") => json(401, "{}"),
            _ => json(401, &format!(r#"{{"error": "no", "error_description": "not {BODY} nor Zq7crtokenZq7"}}"#)),
        },
        |_| answer(302, &[("location", "https://example.com/Zq7?code=Zq7")], b""),
        |_| Reply::Reset(b"HTTP/1.1 200 OK\r\nx: Zq7\r\ncontent-length: 9\r\n\r\nZq7".to_vec()),
    ];
    for reply in replies {
        let tokens = Server::answering(move |request| Some(reply(request))).await;
        let service = Server::answering(|_| {
            Some(answer(401, &[("www-authenticate", "Digest realm=r, nonce=Zq7nonce, opaque=Zq7, qop=auth")], b"{}"))
        })
        .await;
        let url = tokens.url.as_str();
        let id = || Profile::Id("profile".to_owned());
        let with: [With; 6] = [
            |builder, url, _, _| {
                builder.credential(ClientCredentials::new(format!("{url}/token?k={QUERY}"), "id", BODY))
            },
            |builder, _, _, _| builder.credential(DigestKey::new("public", BODY)),
            |builder, url, _, _| builder.credential(ApiKey::new(BODY).url(url).client("id", PASSWORD)),
            |builder, url, _, id| builder.credential(AssumedProfile::new(BODY, id).url(url)),
            |builder, url, file, _| {
                builder.credential(ComputeResource::new().profile_id("profile").token_file(file).url(url))
            },
            |builder, url, _, id| builder.credential(InstanceIdentity::new().profile(id).url(url)),
        ];
        for with in with {
            let builder = with(service.builder().interceptor(watcher.clone()), url, file.path(), id());
            seen.debug(&builder);
            seen.call(&builder.build().unwrap()).await;
        }
    }

    // Invalid settings.
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
    let intercepted = watcher.0.lock().unwrap().clone();
    let logged = LOGGED.lock().unwrap().clone();
    // The collected texts are not empty.
    assert!(
        seen.0.contains("503 Service Unavailable")
            && seen.0.contains("no usable credential")
            && traced.contains("sdk.wait_ms")
            && intercepted.contains("TokenFetch")
            && !logged.is_empty()
    );
    for (what, text) in [("shown", &seen.0), ("traced", &traced), ("intercepted", &intercepted), ("logged", &logged)] {
        for line in text.lines().flat_map(|line| line.split("Entry {")) {
            assert!(!line.contains(MARK), "{what}: {line}");
        }
    }
}

/// Every file in a directory, except build output.
fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != ".git" {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// The snapshots in the text of a test: `@"..."`, `@r"..."`, `@r#"..."#` and so on.
fn inline_snapshots(text: &str) -> impl Iterator<Item = &str> {
    text.split('@').skip(1).filter_map(|rest| {
        let raw = rest.strip_prefix('r').unwrap_or(rest);
        let hashes = raw.bytes().take_while(|b| *b == b'#').count();
        let begun = raw[hashes..].strip_prefix('"')?;
        // An escaped quote, or an `@` in the snapshot, at worst ends it too early.
        Some(begun.split(&format!("\"{}", "#".repeat(hashes))).next().unwrap_or(begun))
    })
}

/// By convention every secret in the tests contains one of two words.
#[test]
fn no_secret_is_in_a_snapshot() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut found);
    let (mut kept, mut inline) = (0, 0);
    for path in found {
        let of = |extension: &str| path.extension().is_some_and(|found| found == extension);
        let clean = |snapshot: &str| {
            let line = snapshot.lines().find(|line| line.contains("hush") || line.contains(MARK));
            assert_eq!(line, None, "{}", path.display());
        };
        if of("snap") {
            kept += 1;
            clean(&std::fs::read_to_string(&path).unwrap());
        } else if of("rs") {
            for snapshot in inline_snapshots(&std::fs::read_to_string(&path).unwrap()) {
                inline += 1;
                clean(snapshot);
            }
        }
    }
    assert!(kept > 0 && inline > 50, "{kept}, {inline}");
}
