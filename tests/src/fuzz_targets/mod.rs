//! The fuzz targets: one for each reader of outside text. A target is a function that takes any bytes and panics if a
//! promise is broken.
//!
//! `cargo fuzz` runs them with coverage (`fuzz/`). The tests run them over their seeds and a bounded number of mutations
//! (`tests/tests/reliability/fuzz.rs`). Targets use the public API alone, as a user does.

mod agree;
mod decode;
mod json;
mod page;
mod runs;
mod seeds;

use std::cell::RefCell;
use std::io::Read;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::auth::{Credential, DigestKey, HeaderMap, HeaderValue, Phase, Reaction, Rejection, Target};
use cloud_billing_core::config::{Environment, Platform};
use cloud_billing_core::csv::{Records, Table};
use cloud_billing_core::{
    BillingMonth, Date, Decimal, DecimalText, Method, ResumeToken, RetryPolicy, Rounding, Timestamp,
};
use ibm_usage_reports::types::AccountId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

pub use self::decode::{DECODED, decode, decode_as};
pub use self::json::json;
pub use self::page::{next, page};
pub use self::runs::{Run, runs, state};
pub use self::seeds::seeds;

/// The name of a target, and the target.
pub type Named = (&'static str, fn(&[u8]));

/// Runs the target of this name.
///
/// # Panics
/// If there is no such target, or if it finds something.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    target.unwrap_or_else(|| panic!("there is no target `{name}`")).1(data);
}

/// All targets.
pub const TARGETS: [Named; 13] = [
    ("decode", decode),
    ("json", json),
    ("page", page),
    ("next", next),
    ("csv", csv),
    ("challenge", challenge),
    ("answer", answer),
    ("cursor", cursor),
    ("credential_file", credential_file),
    ("vcap", vcap),
    ("profile", profile),
    ("values", values),
    ("spec", spec),
];

/// A reader that returns a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

/// The CSV readers, one of them with gzip. The rows must not depend on the sizes of the chunks. The first byte of the
/// input is the chunk size.
pub fn csv(data: &[u8]) {
    let Some((piece, data)) = data.split_first() else { return };
    let rows = |piece: usize| {
        let reader = || Pieces(data, piece);
        let mut rows: Vec<String> = Vec::new();
        let mut keep = |row: String| rows.push(row);
        for record in Records::from_reader(reader()).record_limit(4096) {
            keep(format!("{record:?}"));
        }
        for row in Table::new(Records::from_reader(reader())) {
            keep(format!("{row:?}"));
        }
        let mut invoice = atlas_billing::csv::InvoiceRows::new(Records::from_reader(reader()));
        keep(format!("{:?}", invoice.preamble_blocking().map(atlas_billing::csv::Preamble::billing_period_dates)));
        for row in invoice {
            keep(format!("{row:?}"));
        }
        for row in atlas_billing::csv::UsageRows::new(Records::from_reader(reader())) {
            keep(format!("{row:?}"));
        }
        rows
    };
    let piece = usize::from(*piece).max(1);
    assert_eq!(rows(piece), rows(usize::MAX));
    // The number of rows before an error in damaged gzip data depends on the chunks, but the error itself does not.
    let report = |piece: usize| {
        let rows = ibm_usage_reports::report_file::from_reader(Pieces(data, piece));
        let rows: Result<Vec<_>, _> = rows.collect();
        rows.map(|rows| format!("{rows:?}")).map_err(|error| error.kind())
    };
    assert_eq!(report(piece), report(usize::MAX));
}

/// The result of a future that is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// Challenges of HTTP Digest and other schemes, one per line.
pub fn challenge(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(20) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append("www-authenticate", value);
        }
    }
    let key = DigestKey::new("public", "hush-private");
    let target = Target::new(Method::Get, "/api/atlas/v2/orgs?pretty=true");
    match ready(key.rejected(target, Rejection::new(None, &headers))) {
        Ok(Reaction::Renewed) => {
            let header = ready(key.authorization(target.with_phase(Phase::Repeat { rejections: 1, renewals: 1 })))
                .expect("a header")
                .expect("a header");
            assert!(header.as_bytes().starts_with(b"Digest ") && !contains(header.as_bytes(), b"hush"), "{header:?}");
        }
        Ok(_) => {}
        Err(error) => assert!(error.to_string().len() < 2000 && !error.to_string().contains("hush"), "{error}"),
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A server on a loopback socket that sends the same bytes to every client, and its clients.
struct Rig {
    runtime: Runtime,
    bytes: Arc<Mutex<Vec<u8>>>,
    /// The request lines since the bytes were set.
    lines: Arc<Mutex<Vec<String>>>,
    atlas: atlas_billing::Client,
    ibm: ibm_usage_reports::Client,
    enterprise: ibm_enterprise::Client,
}

impl Rig {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (bytes, lines) = (Arc::<Mutex<Vec<u8>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (answer, seen) = (Arc::clone(&bytes), Arc::clone(&lines));
        runtime.spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !contains(&request, b"\r\n\r\n") {
                        if socket.read_buf(&mut request).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
                    seen.lock().expect("the lines").push(line);
                    let answer = answer.lock().expect("the answer").clone();
                    // The client need not read everything.
                    let _ = socket.write_all(&answer).await;
                    let _ = socket.shutdown().await;
                });
            }
        });
        let limit = Duration::from_secs(5);
        let key = atlas_billing::auth::ApiKey::new("public", "hush-private");
        let atlas = atlas_billing::Client::builder().base_url(&url).credential(key).retry(RetryPolicy::none());
        let ibm = ibm_usage_reports::Client::builder().base_url(&url).bearer_token("hush").retry(RetryPolicy::none());
        let atlas = atlas.attempt_timeout(limit).body_limit(64 * 1024).build().expect("a client");
        let ibm = ibm.attempt_timeout(limit).body_limit(64 * 1024).build().expect("a client");
        let enterprise = ibm_enterprise::Client::builder().base_url(&url).bearer_token("hush");
        let enterprise = enterprise.build().expect("a client");
        Self { runtime, bytes, lines, atlas, ibm, enterprise }
    }

    fn answer(&self, bytes: &[u8]) {
        *self.bytes.lock().expect("the answer") = bytes.to_vec();
        self.lines.lock().expect("the lines").clear();
    }
}

thread_local! {
    static RIG: RefCell<Option<Rig>> = const { RefCell::new(None) };
}

fn with_rig(run: impl FnOnce(&Rig)) {
    RIG.with(|rig| run(rig.borrow_mut().get_or_insert_with(Rig::new)));
}

const ORG: &str = "4888442a3354817a7320eb61";

/// A response of a service, byte for byte: headers, `Retry-After`, challenges, quotas, envelope, body. If the input
/// does not begin like a response, it is used as a `Retry-After`.
pub fn answer(data: &[u8]) {
    with_rig(|rig| {
        match data.starts_with(b"HTTP/") {
            true => rig.answer(data),
            false => {
                let value: Vec<u8> = data.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)).collect();
                let head = b"HTTP/1.1 429 X\r\ncontent-length: 0\r\nratelimit-remaining: 0\r\nretry-after: ";
                rig.answer(&[&head[..], &value, b"\r\n\r\n"].concat());
            }
        }
        rig.runtime.block_on(async {
            let call = rig.atlas.list_invoice_pending(OrganizationId::new(ORG)).envelope(true).send();
            if let Err(error) = call.await {
                let text = format!("{error} {error:?}");
                assert!(!text.contains("hush") && text.len() < 10_000, "{text}");
                let _ = (error.retry_after(), error.rate_limit(), error.vendor::<atlas_billing::types::ApiError>());
            }
            if let Ok(body) = rig.atlas.get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(ORG)).send().await {
                let _ = body.into_inner().bytes(64 * 1024).await;
            }
        });
    });
}

/// A link to the next page. The client must not follow it: the next request differs only in the cursor.
pub fn cursor(data: &[u8]) {
    let Ok(href) = std::str::from_utf8(data) else { return };
    let body = serde_json::json!({ "next": { "href": href }, "resources": [] }).to_string();
    let head = format!("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    with_rig(|rig| {
        rig.answer(format!("{head}{body}").as_bytes());
        rig.runtime.block_on(async {
            let month: BillingMonth = "2026-05".parse().expect("a month");
            let mut pages = rig.ibm.get_resource_usage_account(AccountId::new("a"), month).limit(7).pages();
            // All pages are the same, so the third one repeats the cursor of the second.
            for _ in 0..3 {
                let Some(Ok(_)) = pages.next().await else { break };
            }
        });
        for line in rig.lines.lock().expect("the lines").iter() {
            let target = line.strip_prefix("GET /v4/accounts/a/resource_instances/usage/2026-05?");
            let query = target.and_then(|target| target.strip_suffix(" HTTP/1.1"));
            let rest = query.and_then(|query| query.strip_prefix("_limit=7"));
            let fine = rest.is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix("&_start=").is_some_and(|cursor| !cursor.contains(['&', ' ', '#']))
            });
            assert!(fine, "{line}");
        }
    });
}

/// A directory for the files of this process.
fn directory() -> PathBuf {
    thread_local! {
        static DIRECTORY: tempfile::TempDir = tempfile::tempdir().expect("a directory");
    }
    DIRECTORY.with(|directory| directory.path().to_owned())
}

/// IBM's credential file.
pub fn credential_file(data: &[u8]) {
    let path = directory().join("ibm-credentials.env");
    std::fs::write(&path, data).expect("a file");
    let environment = Environment::empty().variable("IBM_CREDENTIALS_FILE", path.display().to_string());
    configured(ibm_usage_reports::Client::builder_from_environment(&environment).map(drop));
}

/// `VCAP_SERVICES`.
pub fn vcap(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let environment = Environment::empty().variable("VCAP_SERVICES", text);
    configured(ibm_usage_reports::Client::builder_from_environment(&environment).map(drop));
}

/// The profiles of the Atlas CLI.
pub fn profile(data: &[u8]) {
    let folder = directory().join("atlascli");
    std::fs::create_dir_all(&folder).expect("a directory");
    std::fs::write(folder.join("config.toml"), data).expect("a file");
    let environment = Environment::empty()
        .home(directory())
        .platform(Platform::Unix)
        .variable("XDG_CONFIG_HOME", directory().display().to_string());
    configured(atlas_billing::Client::builder_from_environment(&environment).map(drop));
}

/// An error of a configuration has one line.
fn configured(outcome: Result<(), cloud_billing_core::Error>) {
    if let Err(error) = outcome {
        let text = error.to_string();
        assert!(!text.contains('\n'), "{text}");
    }
}

/// Numbers, instants, months, days, resume positions: a parsed value must parse to the same value after it was printed.
/// Arithmetic on numbers must not panic.
pub fn values(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(number) = text.parse::<Decimal>() {
        assert_eq!(number.to_string().parse().as_ref(), Ok(&number));
        assert_eq!(&number + &-&number, Decimal::ZERO);
        assert_eq!(&(&number + &number) - &number, number);
        let square = &number * &number;
        assert!(!square.is_negative() && square.cmp(&square).is_eq());
        let rounded = number.round(2);
        assert_eq!(rounded.round(2), rounded);
        assert_eq!(format!("{number:.2}"), format!("{rounded:.2}"));
        let _ = (number.to_f64(), number.to_i64(), number.abs());
        shares(&number);
    }
    if let Ok(number) = text.parse::<DecimalText>() {
        assert_eq!(number.to_string(), text);
    }
    if let Ok(month) = text.parse::<BillingMonth>() {
        assert_eq!(month.to_string().parse::<BillingMonth>().expect("a month"), month);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        assert_eq!(instant.to_string().parse::<Timestamp>().expect("an instant"), instant);
    }
    if let Ok(day) = text.parse::<Date>() {
        assert_eq!(day.to_string().parse::<Date>().expect("a day"), day);
    }
    if let Ok(here) = text.parse::<ResumeToken>() {
        assert_eq!(here.to_string().parse::<ResumeToken>().expect("a resume token"), here);
    }
}

/// Quotients are rounded as they are asked to be, and no cent of a total is lost.
fn shares(number: &Decimal) {
    let (three, cent) = (Decimal::from(3), Decimal::from_cents(1));
    let third = |rounding| number.checked_div(&three, 2, rounding);
    if let (Some(floor), Some(ceiling)) = (third(Rounding::Floor), third(Rounding::Ceiling)) {
        assert!(&floor * &three <= *number && *number <= &ceiling * &three && &ceiling - &floor <= cent);
    }
    let total = number.round(2);
    if let Ok(parts) = total.allocate(&[Decimal::from(2), number.abs(), Decimal::ZERO], 2) {
        assert_eq!(parts.iter().sum::<Decimal>(), total);
    }
    if let Ok(float) = Decimal::try_from(number.to_f64()) {
        assert_eq!(Decimal::try_from(float.to_f64()).as_ref(), Ok(&float));
    }
}

/// A spec must become a client or end in diagnostics with a remedy. A diagnostic from a stage after lint means that a
/// rule is missing.
pub fn spec(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let source = codegen::Source { file: "fuzz.yaml", text, command: "cargo fuzz" };
    match codegen::generate(source) {
        Ok(client) => assert!(!client.files.is_empty() && codegen::lint(source).is_ok()),
        Err(diagnostics) => {
            for finding in diagnostics.iter() {
                assert!(!finding.help.is_empty(), "{diagnostics}");
                assert!(!matches!(finding.rule, "model" | "engine" | "emit"), "{diagnostics}");
            }
        }
    }
}
