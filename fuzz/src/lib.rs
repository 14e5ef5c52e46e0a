//! What is fuzzed: everything that reads text from outside. Each target is a function that takes any bytes, panics if a
//! promise is broken, and returns if it is not.
//!
//! `cargo fuzz` runs them with coverage (`fuzz_targets/`), the tests of the workspace over the seeds and a bounded number
//! of mutations (`tests/tests/reliability/fuzz.rs`, which includes this file). Everything is reached as a user would reach
//! it, through the public API.

use std::cell::RefCell;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cloud_billing_core::auth::{Credential, DigestKey, HeaderMap, HeaderValue, Rejection, Target};
use cloud_billing_core::config::{Environment, Platform};
use cloud_billing_core::csv::{Records, Table};
use cloud_billing_core::{BillingMonth, Continuation, Date, Decimal, DecimalText, Method, RetryPolicy, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

/// The name of a target, and the target.
pub type Named = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Named; 10] = [
    ("decode", decode),
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

/// Whatever is read is written so that it reads the same again.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(data) else { return };
    let text = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&again).expect("and written again"), text, "{value:?}");
}

/// Every type of both services, from any JSON.
pub fn decode(data: &[u8]) {
    use atlas_billing::types as atlas;
    use ibm_usage_reports::types as ibm;

    macro_rules! types {
        ($($type:ty),* $(,)?) => { $(round_trip::<$type>(data);)* };
    }
    types!(
        atlas::AdditionalData,
        atlas::ApiError,
        atlas::ApiPublicUsageDetailsQueryRequest,
        atlas::AssociatedInvoice,
        atlas::AtlasOrganization,
        atlas::BadRequestDetail,
        atlas::BillingInvoice,
        atlas::BillingInvoiceMetadata,
        atlas::BillingPayment,
        atlas::BillingRefund,
        atlas::BillingService,
        atlas::CloudProvider,
        atlas::CostExplorerFilterRequestBody,
        atlas::CostExplorerFilterResponseView,
        atlas::CostExplorerGrouping,
        atlas::CostExplorerQueryResult,
        atlas::CostExplorerUsageRow,
        atlas::FieldViolation,
        atlas::InvoiceLineItem,
        atlas::InvoiceReportFormat,
        atlas::InvoiceReportRequest,
        atlas::InvoiceReportResponse,
        atlas::InvoiceReportState,
        atlas::InvoiceReportType,
        atlas::InvoiceSortField,
        atlas::InvoiceStatus,
        atlas::LineItemSortField,
        atlas::LineItemSortOrder,
        atlas::Link,
        atlas::OrgAssociatedInvoiceResponse,
        atlas::PaginatedApiInvoiceMetadataView,
        atlas::PaginatedApiInvoiceView,
        atlas::PaginatedApiSkuView,
        atlas::PaginatedInvoiceReportView,
        atlas::PaginatedOrganizationView,
        atlas::PaginatedPublicApiUsageDetailsLineItemView,
        atlas::PaymentStatus,
        atlas::PublicApiUsageDetailsLineItemView,
        atlas::ReportGenerationRequest,
        atlas::SkuResponse,
        atlas::SortDirection,
        atlas::UsageDetailsFilterRequest,
        ibm::AccountSummary,
        ibm::AccountType,
        ibm::AccountUsage,
        ibm::CreateReportsSnapshotConfigRequest,
        ibm::Discount,
        ibm::ErrorResponse,
        ibm::InstanceUsage,
        ibm::InstancesUsage,
        ibm::InstancesUsageFirst,
        ibm::InstancesUsageNext,
        ibm::Metric,
        ibm::Offer,
        ibm::OfferCredits,
        ibm::OrgUsage,
        ibm::Plan,
        ibm::PriceTier,
        ibm::ReportType,
        ibm::Resource,
        ibm::ResourceGroupUsage,
        ibm::ResourcesSummary,
        ibm::SnapshotConfig,
        ibm::SnapshotConfigHistoryItem,
        ibm::SnapshotConfigState,
        ibm::SnapshotConfigValidateResponse,
        ibm::SnapshotInterval,
        ibm::SnapshotList,
        ibm::SnapshotListFirst,
        ibm::SnapshotListNext,
        ibm::SnapshotListSnapshotsItem,
        ibm::SnapshotListSnapshotsItemBillingPeriod,
        ibm::SnapshotListSnapshotsItemFilesItem,
        ibm::SnapshotListSnapshotsItemReportTypesItem,
        ibm::SnapshotState,
        ibm::SnapshotVersioning,
        ibm::Subscription,
        ibm::SubscriptionSummary,
        ibm::SubscriptionTerm,
        ibm::SubscriptionTermCredits,
        ibm::SupportSummary,
        ibm::UpdateReportsSnapshotConfigRequest,
        ibm::ValidateReportsSnapshotConfigRequest,
    );
}

/// A reader that gives a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

/// The CSV readers, and gzip under one of them. Rows are the same however the bytes arrive. The first byte says how many
/// at a time.
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
    // How many rows come before compressed data is found to be damaged depends on how it arrives; that it is, does not.
    let report = |piece: usize| {
        let rows = ibm_usage_reports::report_file::from_reader(Pieces(data, piece));
        let rows: Result<Vec<_>, _> = rows.collect();
        rows.map(|rows| format!("{rows:?}")).map_err(|error| error.kind())
    };
    assert_eq!(report(piece), report(usize::MAX));
}

/// The result of a future that waits for nothing.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// Challenges of HTTP Digest, and others, one a line.
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
        Ok(true) => {
            let header = ready(key.authorization(target.with_repeated(true))).expect("a header").expect("a header");
            assert!(header.as_bytes().starts_with(b"Digest ") && !contains(header.as_bytes(), b"hush"), "{header:?}");
        }
        Ok(false) => {}
        Err(error) => assert!(error.to_string().len() < 2000 && !error.to_string().contains("hush"), "{error}"),
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A server on a loopback socket that writes the same bytes to everyone, and clients of it.
struct Rig {
    runtime: Runtime,
    bytes: Arc<Mutex<Vec<u8>>>,
    /// The request lines since the bytes were set.
    lines: Arc<Mutex<Vec<String>>>,
    atlas: atlas_billing::Client,
    ibm: ibm_usage_reports::Client,
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
                    // The client need not want all of it.
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
        Self { runtime, bytes, lines, atlas, ibm }
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

/// The answer of a service, byte for byte: head, `Retry-After`, challenges, quotas, envelope, body. If the input does not
/// begin like an answer, it is the `Retry-After` of one.
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
            let call = rig.atlas.list_invoice_pending(ORG).envelope(true).send();
            if let Err(error) = call.await {
                let text = format!("{error} {error:?}");
                assert!(!text.contains("hush") && text.len() < 10_000, "{text}");
                let _ = (error.retry_after(), error.rate_limit(), error.vendor::<atlas_billing::types::ApiError>());
            }
            if let Ok(body) = rig.atlas.get_invoice_csv(ORG, ORG).send().await {
                let _ = body.into_inner().bytes(64 * 1024).await;
            }
        });
    });
}

/// A link to the next page. It is never followed: the next request is the same but for the cursor.
pub fn cursor(data: &[u8]) {
    let Ok(href) = std::str::from_utf8(data) else { return };
    let body = serde_json::json!({ "next": { "href": href }, "resources": [] }).to_string();
    let head = format!("HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    with_rig(|rig| {
        rig.answer(format!("{head}{body}").as_bytes());
        rig.runtime.block_on(async {
            let month: BillingMonth = "2026-05".parse().expect("a month");
            let mut pages = rig.ibm.get_resource_usage_account("a", month).limit(7).pages();
            // All pages are the same, so the third would have the cursor of the second.
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

/// A refusal of a configuration is one line.
fn configured(outcome: Result<(), cloud_billing_core::Error>) {
    if let Err(error) = outcome {
        let text = error.to_string();
        assert!(!text.contains('\n'), "{text}");
    }
}

/// Numbers, instants, months, days, continuations: what is read is printed so that it reads the same again, and numbers
/// can be calculated with.
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
    if let Ok(here) = text.parse::<Continuation>() {
        assert_eq!(here.to_string().parse::<Continuation>().expect("a continuation"), here);
    }
}

/// A spec: it becomes a client, or diagnostics that say what to do. Those of the stages behind the rules say that a rule
/// is missing.
pub fn spec(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let source = codegen::Source { file: "fuzz.yaml", text, command: "cargo fuzz" };
    match codegen::generate(source) {
        Ok(client) => assert!(!client.files.is_empty() && codegen::lint(source).is_ok()),
        Err(diagnostics) => {
            for finding in diagnostics.iter() {
                assert!(!finding.help.is_empty(), "{diagnostics}");
                assert!(!matches!(finding.rule, "engine" | "harvest" | "emit"), "{diagnostics}");
            }
        }
    }
}

/// The files below a directory whose names end so.
fn files(directory: &str, suffix: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(directory);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let paths = paths.into_iter().filter(|path| path.to_string_lossy().ends_with(suffix));
    paths.map(|path| std::fs::read(path).expect("a file")).collect()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// What a target begins with: the payloads that the vendors document, the examples and the small specs of this workspace,
/// and every input that has ever broken it (`finds/<target>`).
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let payloads =
        || [files("tests/payloads/atlas-billing", ".json"), files("tests/payloads/ibm-usage-reports", ".json")];
    let mut seeds = match target {
        "decode" => payloads().concat(),
        "csv" => {
            let prefixed = |file: Vec<u8>| [b"\x05".to_vec(), file].concat();
            let mut seeds: Vec<_> = files("tests/payloads/atlas-billing", ".csv").into_iter().map(prefixed).collect();
            seeds.extend(texts(&[
                "\x01a,b\n\"1\",2\n",
                "\x02\u{feff}a,b\r\n1,\"x\"\"y\"\r\n",
                "\x03Date,Amount\n,,,\n\"",
                "\x07\n\n\n",
            ]));
            seeds.push(
                b"\x04\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xd4\x49\xe2\x02\x00\xb7\x4c\x46\x1f\x04\x00\x00\x00"
                    .to_vec(),
            );
            seeds
        }
        "challenge" => texts(&[
            r#"Digest realm="MMS Public API", domain="", nonce="abc", algorithm=MD5, qop="auth", stale=false"#,
            r#"Digest realm="r", nonce="n\"x", qop="auth-int, auth", algorithm=SHA-256-sess, opaque="o", userhash=true"#,
            "Basic realm=\"x\", Digest realm=r,nonce=n,qop=auth\nBearer error=\"invalid_token\"",
            "Negotiate abc==, Digest nonce=n, charset=UTF-8",
        ]),
        "answer" => {
            let mut seeds = texts(&[
                "120",
                "Fri, 31 Dec 1999 23:59:59 GMT",
                "Friday, 31-Dec-99 23:59:59 GMT",
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"status\":200,\"content\":{\"statusName\":\"PENDING\"}}",
                "HTTP/1.1 200 OK\r\ncontent-length: 35\r\n\r\n{\"status\":404,\"content\":{\"error\":404}}",
                "HTTP/1.1 401 X\r\nwww-authenticate: Digest realm=r, nonce=n, qop=auth\r\ncontent-length: 2\r\n\r\n{}",
                "HTTP/1.1 302 Found\r\nlocation: https://example.com/?x=y\r\n\r\n",
                "HTTP/1.1 503 X\r\nretry-after: Fri, 31 Dec 2027 23:59:59 GMT\r\ndate: Fri, 31 Dec 2027 23:59:50 GMT\r\n\r\n<html><title>x</title>",
                "HTTP/1.1 429 X\r\nratelimit-limit: 5\r\nratelimit-remaining: 0\r\nratelimit-reset: 9\r\n\r\n{\"errorCode\":\"RATE_LIMITED\",\"detail\":\"x\"}",
                "HTTP/1.1 102 P\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            ]);
            seeds.push(
                b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xd4\x49\xe2\x02\x00\xb7\x4c\x46\x1f\x04\x00\x00\x00"
                    .to_vec(),
            );
            seeds
        }
        "cursor" => texts(&[
            "https://billing.cloud.ibm.com/v4/accounts/a/resource_instances/usage/2026-05?_limit=7&_start=abc%2B1",
            "/v4/accounts/a?_start=x&_start=y#z",
            "?_start=%00%ff%zz&a=b",
            "https://user:pass@evil.example.com:99999/?_start=",
            "_start=+a b",
        ]),
        "credential_file" => texts(&[
            "USAGE_REPORTS_APIKEY=abc\nUSAGE_REPORTS_URL=https://example.com\n# x\n",
            "USAGE_REPORTS_AUTH_TYPE=iamAssume\r\nUSAGE_REPORTS_APIKEY=a\r\nUSAGE_REPORTS_IAM_PROFILE_ID=p\r\n",
            "\u{feff}export USAGE_REPORTS_APIKEY=a\nUSAGE_REPORTS_MAX_RETRIES=4\nUSAGE_REPORTS_RETRY_INTERVAL=0.5\n",
            "USAGE_REPORTS_DISABLE_SSL=true\nUSAGE_REPORTSX_URL = b\nUSAGE_REPORTS_AUTH_TYPE=vpc",
        ]),
        "vcap" => texts(&[
            r#"{"usage_reports":[{"name":"usage_reports","credentials":{"apikey":"k","url":"https://example.com"}}]}"#,
            r#"{"x":[{"name":"usage_reports","credentials":{"username":"u","password":"p"}}],"y":3}"#,
            r#"{"usage_reports":[{"credentials":{"iam_apikey":1,"AUTH_TYPE":"noAuth","DISABLE_SSL":true}}]}"#,
        ]),
        "profile" => texts(&[
            "[default]\nclient_id = \"a\"\nclient_secret = \"b\"\nservice = \"cloud\"\n",
            "telemetry_enabled = true\n[default]\npublic_api_key = \"a\"\nprivate_api_key = \"b\"\nops_manager_url = \"https://x\"\n",
            "[default]\nauth_type = \"user_account\"\naccess_token = 'x'\nservice = 'cloudgov'\n",
        ]),
        "values" => texts(&[
            "0",
            "-12.50",
            ".5",
            "1e-7",
            "1E+4096",
            "9223372036854775808",
            "-0.00",
            "5.551115123125783e-17",
            "2026-05",
            "2026-02-28T23:59:60Z",
            "2023-05-01T00:00:00.000+0530",
            "2024-02-29",
            "+5",
            "0e4096",
            r#"{"operation":"list","cursor":"a","taken":3}"#,
            r#"{"operation":"list","page":7}"#,
        ]),
        "spec" => [files("codegen/tests/corpus/good", ".yaml"), files("codegen/tests/corpus/bad", ".yaml")].concat(),
        _ => Vec::new(),
    };
    let finds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/finds").join(target);
    if finds.is_dir() {
        seeds.extend(files(&format!("fuzz/finds/{target}"), ""));
    }
    seeds
}
