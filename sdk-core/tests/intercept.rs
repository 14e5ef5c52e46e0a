//! What interceptors see, and what they can do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloud_billing_core::auth::ClientCredentials;
use cloud_billing_core::intercept::{Attempt, Body, Call, Interceptor, Outcome, TokenFetch, Wait};
use cloud_billing_core::{CallOptions, Core, Error, ErrorKind, Request, Response, RetryPolicy};
use support::{GET, Reply, Server, answer, head, json};

const AT_ONCE: RetryPolicy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).max_attempts(3);

/// Writes down everything, with a name in front.
#[derive(Default)]
struct Diary {
    name: &'static str,
    lines: Arc<Mutex<String>>,
}

impl Diary {
    fn line(&self, text: std::fmt::Arguments<'_>) {
        writeln!(self.lines.lock().unwrap(), "{}{text}", self.name).unwrap();
    }
}

impl Interceptor for Diary {
    fn before_call(&self, call: &mut Call<'_>) -> Result<(), Error> {
        self.line(format_args!("call {} {} ?{} {}", call.operation().id(), call.path(), call.query(), call.host()));
        call.extensions().insert(7_u8);
        call.set_header("x-call", "one")
    }

    fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
        let number = call.attempts();
        self.line(format_args!("attempt {number} {:?} {:?}", call.header("x-call"), call.header("authorization")));
        call.set_header("x-attempt", &number.to_string())
    }

    fn after_attempt(&self, _: &mut Call<'_>, attempt: &Attempt<'_>) {
        let Attempt { status, request_id, .. } = attempt;
        self.line(format_args!(
            "attempted {status:?} {request_id:?} {:?} {:?} {:?}",
            attempt.error_type(),
            attempt.header("content-type"),
            attempt.header("Set-Cookie")
        ));
    }

    fn before_wait(&self, _: &mut Call<'_>, wait: &Wait<'_>) {
        self.line(format_args!("wait throttled={} {:?}", wait.throttled, wait.error.map(Error::kind)));
    }

    fn after_call(&self, call: &mut Call<'_>, outcome: &Outcome<'_>) {
        let Outcome { status, request_id, cancelled, .. } = outcome;
        let kept = call.extensions().remove::<u8>();
        self.line(format_args!(
            "end {status:?} {request_id:?} {:?} cancelled={cancelled} {kept:?}",
            outcome.error_type()
        ));
    }

    fn after_body(&self, body: &Body) {
        let Body { status, bytes, complete, error, .. } = body;
        self.line(format_args!("body {status} {bytes} complete={complete} {error:?}"));
    }

    fn after_token(&self, token: &TokenFetch<'_>) {
        self.line(format_args!("token {} {} {:?}", token.credential, token.background, token.error.map(Error::kind)));
    }
}

async fn get(core: &Core) -> Result<Response<Vec<u8>>, Error> {
    let mut request = Request::new(&GET);
    request.path("id", "7").query("limit", &1);
    core.json(request).await
}

fn watched(server: &Server) -> (Core, Arc<Mutex<String>>) {
    let diary = Diary::default();
    let lines = Arc::clone(&diary.lines);
    (server.builder().bearer_token("hush").retry(AT_ONCE).interceptor(diary).build().unwrap(), lines)
}

#[tokio::test]
async fn a_call_from_its_begin_to_its_end() {
    let cookie = [("content-type", "application/json"), ("set-cookie", "hush")];
    let mut broken = head(200, &cookie, Some(100));
    broken.extend_from_slice(b"[1");
    let server = Server::start([answer(429, &cookie, b"{}"), Reply::Close(broken), json(200, "[1]")]).await;
    let (core, lines) = watched(&server);
    get(&core).await.unwrap();
    let received = server.received();
    let sent: Vec<_> = received.iter().map(|request| (request.header("x-call"), request.header("x-attempt"))).collect();
    assert_eq!(sent, [(Some("one"), Some("1")), (Some("one"), Some("2")), (Some("one"), Some("3"))]);
    insta::assert_snapshot!(lines.lock().unwrap(), @r#"
    call getInvoice /v2/invoices/7 ?limit=1 127.0.0.1
    attempt 1 Some("one") None
    attempted Some(429) None Some("429") Some("application/json") None
    body 429 2 complete=true None
    wait throttled=true Some(Api)
    attempt 2 Some("one") None
    attempted Some(200) None None Some("application/json") None
    body 200 2 complete=false Some(Transport)
    wait throttled=false Some(Transport)
    attempt 3 Some("one") None
    attempted Some(200) Some("req-1") None Some("application/json") None
    body 200 3 complete=true None
    end Some(200) Some("req-1") None cancelled=false Some(7)
    "#);
}

#[tokio::test]
async fn a_call_that_fails_and_one_that_is_cancelled() {
    let server = Server::start([json(404, "{}"), Reply::Hang(Vec::new())]).await;
    let (core, lines) = watched(&server);
    get(&core).await.unwrap_err();
    tokio::select! {
        biased;
        () = async { while server.requests() < 2 { tokio::task::yield_now().await } } => {}
        _ = get(&core) => {}
    }
    insta::assert_snapshot!(lines.lock().unwrap(), @r#"
    call getInvoice /v2/invoices/7 ?limit=1 127.0.0.1
    attempt 1 Some("one") None
    attempted Some(404) Some("req-1") Some("404") Some("application/json") None
    body 404 2 complete=true None
    end Some(404) Some("req-1") Some("404") cancelled=false Some(7)
    call getInvoice /v2/invoices/7 ?limit=1 127.0.0.1
    attempt 1 Some("one") None
    end None None Some("cancelled") cancelled=true Some(7)
    "#);
}

#[tokio::test]
async fn a_body_that_is_streamed_ends_after_its_call() {
    let server = Server::start([answer(200, &[], b"four"), answer(200, &[], b"four")]).await;
    let (core, lines) = watched(&server);
    for _ in 0..2 {
        let mut request = Request::new(&GET);
        request.path("id", "7");
        let body = core.bytes(request).await.unwrap();
        if server.received().len() == 1 {
            body.into_inner().text().await.unwrap();
        }
    }
    insta::assert_snapshot!(lines.lock().unwrap(), @r#"
    call getInvoice /v2/invoices/7 ? 127.0.0.1
    attempt 1 Some("one") None
    attempted Some(200) None None None None
    end Some(200) None None cancelled=false Some(7)
    body 200 4 complete=true None
    call getInvoice /v2/invoices/7 ? 127.0.0.1
    attempt 1 Some("one") None
    attempted Some(200) None None None None
    end Some(200) None None cancelled=false Some(7)
    body 200 0 complete=false None
    "#);
}

/// Refuses what it is told to.
struct Refuse(fn(u32) -> Option<Error>);

impl Interceptor for Refuse {
    fn before_call(&self, call: &mut Call<'_>) -> Result<(), Error> {
        (self.0)(call.attempts()).map_or(Ok(()), Err)
    }

    fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
        (self.0)(call.attempts()).map_or(Ok(()), Err)
    }
}

#[tokio::test]
async fn a_call_can_be_refused() {
    let server = Server::start([]).await;
    let refuse = |attempts| (attempts == 0).then(|| Error::new(ErrorKind::InvalidRequest, "not at night"));
    let core = server.builder().no_credential().retry(AT_ONCE).interceptor(Refuse(refuse)).build().unwrap();
    let error = get(&core).await.unwrap_err();
    assert_eq!(error.to_string(), "getInvoice: invalid request: not at night");
    assert!(server.received().is_empty());
}

/// The second attempt fails without a request, as if the service had answered so.
#[tokio::test]
async fn a_fault_is_injected_into_an_attempt() {
    let server = Server::start([json(500, "{}"), json(200, "[1]")]).await;
    let refuse = |attempts| (attempts == 2).then(|| Error::new(ErrorKind::Api, "injected").with_status(503));
    let core = server.builder().no_credential().retry(AT_ONCE).interceptor(Refuse(refuse)).build().unwrap();
    get(&core).await.unwrap();
    assert_eq!(server.received().len(), 2);
    // A fault that is not retried ends the call, and so does the last of all attempts.
    let refuse = |attempts| (attempts > 0).then(|| Error::new(ErrorKind::Api, "injected").with_status(403));
    let core = server.builder().no_credential().retry(AT_ONCE).interceptor(Refuse(refuse)).build().unwrap();
    let error = get(&core).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(403), 1));
}

#[tokio::test]
async fn interceptors_run_in_order_and_back() {
    let server = Server::start([json(200, "[1]")]).await;
    let lines = Arc::new(Mutex::new(String::new()));
    let diary = |name| Diary { name, lines: Arc::clone(&lines) };
    let builder = server.builder().bearer_token("hush").interceptor(diary("A ")).interceptor(diary("B "));
    get(&builder.build().unwrap()).await.unwrap();
    let order: Vec<String> = lines.lock().unwrap().lines().map(|line| line.chars().take(6).collect()).collect();
    assert_eq!(
        order,
        ["A call", "B call", "A atte", "B atte", "B atte", "A atte", "B body", "A body", "B end ", "A end "]
    );
}

#[tokio::test]
async fn no_credential_is_seen_and_none_can_be_set() {
    struct Thief;
    impl Interceptor for Thief {
        fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
            assert_eq!(call.header("authorization"), None);
            assert!(!format!("{call:?}").contains("hush"), "{call:?}");
            call.set_header("Authorization", "stolen")
        }
    }
    let server = Server::start([]).await;
    let core = server.builder().bearer_token("hush").interceptor(Thief).build().unwrap();
    let error = get(&core).await.unwrap_err();
    assert!(error.to_string().contains("the header `authorization` is set by the client itself"), "{error}");
}

/// The address of a download is a secret, and belongs to another service.
#[tokio::test]
async fn a_download_shows_no_address_and_takes_no_header() {
    let server = Server::start([answer(200, &[], b"file")]).await;
    let (core, lines) = watched(&server);
    let address = format!("{}/hush?signature=hush", server.url);
    core.download(&address.into()).await.unwrap().into_inner().text().await.unwrap();
    let lines = lines.lock().unwrap();
    assert!(lines.contains("call download /{file} ? 127.0.0.1") && !lines.contains("hush"), "{lines}");
    assert_eq!(server.received()[0].header("x-call"), None);
}

#[tokio::test]
async fn token_fetches_are_told() {
    let tokens = Server::start([json(200, r#"{"access_token": "hush", "expires_in": 3600}"#), json(400, "{}")]).await;
    let server = Server::start([json(200, "[1]"), json(401, "{}")]).await;
    let diary = Diary::default();
    let lines = Arc::clone(&diary.lines);
    let account = ClientCredentials::new(format!("{}/token", tokens.url), "id", "hush-secret");
    let core = server.builder().credential(account).interceptor(diary).build().unwrap();
    get(&core).await.unwrap();
    get(&core).await.unwrap_err();
    let lines = lines.lock().unwrap();
    let told: Vec<&str> = lines.lines().filter(|line| line.starts_with("token")).collect();
    assert_eq!(told, ["token client credentials false None", "token client credentials false Some(Credential)"]);
    assert!(!lines.contains("hush"), "{lines}");
}

/// Headers of the call are there for interceptors, which may replace them.
#[tokio::test]
async fn the_headers_of_a_call_come_first() {
    let server = Server::start([json(200, "[1]")]).await;
    let (core, _) = watched(&server);
    let core = core.with_options(CallOptions::new().header("x-call", "mine").header("x-more", "more"));
    get(&core).await.unwrap();
    assert_eq!(server.received()[0].header("x-call"), Some("one"));
    assert_eq!(server.received()[0].header("x-more"), Some("more"));
}

/// A refusal that repeats the token in a header or in the request id shows neither.
#[tokio::test]
async fn what_a_service_repeats_is_not_shown_to_interceptors() {
    let token = "hush-token-of-many-letters";
    let echo = [("content-type", token), ("x-request-id", token)];
    let server = Server::start([answer(403, &echo, token.as_bytes())]).await;
    let diary = Diary::default();
    let lines = Arc::clone(&diary.lines);
    let core = server.builder().bearer_token(token).interceptor(diary).build().unwrap();
    get(&core).await.unwrap_err();
    let lines = lines.lock().unwrap();
    assert!(lines.contains("attempted Some(403) None") && !lines.contains("hush"), "{lines}");
}

/// Panics wherever it is called.
struct Panics;

impl Interceptor for Panics {
    fn before_attempt(&self, _: &mut Call<'_>) -> Result<(), Error> {
        panic!("the first")
    }

    fn after_call(&self, _: &mut Call<'_>, _: &Outcome<'_>) {
        panic!("the second")
    }
}

/// A second panic, while the first is on its way, does not end the process.
#[tokio::test]
async fn an_interceptor_that_panics_twice_ends_its_call_alone() {
    let server = Server::start([]).await;
    let core = server.builder().no_credential().interceptor(Panics).build().unwrap();
    let call = tokio::spawn(async move { get(&core).await.map(drop) });
    assert!(call.await.unwrap_err().is_panic());
}
