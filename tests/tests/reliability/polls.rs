//! How long a response holds the thread that reads it: the longest time between two points at which other tasks can run.

use std::pin::pin;
use std::time::{Duration, Instant};

use atlas_billing::Client;
use atlas_billing::csv::Table;
use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::RetryPolicy;
use test_support::figures::{self, Figure};
use test_support::server::{Reply, Server, answer};

use crate::hostile::bodies::gzip;

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";

/// The length of the bodies, once they are unpacked: just below the body limit, in bytes.
const LENGTH: usize = 63 * 1024 * 1024;

/// Runs a future, and measures how long another task that is always ready has to wait for its turn at most. So long the thread
/// was held: by the future itself, by the connection below it, or both.
async fn longest_wait<F: Future>(future: F) -> (F::Output, Duration) {
    let mut future = pin!(future);
    let (mut longest, mut last) = (Duration::ZERO, Instant::now());
    let waiting = async {
        loop {
            tokio::task::yield_now().await;
            longest = longest.max(last.elapsed());
            last = Instant::now();
        }
    };
    let output = tokio::select! {
        output = &mut future => output,
        () = waiting => unreachable!("it waits for ever"),
    };
    (output, longest.max(last.elapsed()))
}

/// How a body is read.
#[derive(Clone, Copy)]
enum Way {
    Whole,
    Items,
    RawPages,
    Rows,
}

impl Way {
    /// Reads to the end, whatever comes.
    async fn read(self, client: &Client) -> String {
        let mut count = 0_usize;
        match self {
            Self::Whole => match client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await {
                Ok(_) => {}
                Err(error) => return format!("{:?}", error.kind()),
            },
            Self::Items => {
                let mut items = client.list_invoices(OrganizationId::new(ORG)).items().prefetch(0);
                while let Some(item) = items.next().await {
                    count += usize::from(item.is_ok());
                }
            }
            Self::RawPages => {
                let mut pages = client.list_invoices(OrganizationId::new(ORG)).pages().prefetch(0).raw();
                while let Some(page) = pages.next().await {
                    count += usize::from(page.is_ok());
                }
            }
            Self::Rows => {
                let body = client
                    .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
                    .send()
                    .await
                    .unwrap()
                    .into_inner();
                let mut rows = Table::new(body.gzip_csv_records());
                loop {
                    match rows.try_next().await {
                        Ok(Some(_)) => count += 1,
                        Ok(None) => break,
                        Err(_) => {}
                    }
                }
            }
        }
        format!("{count} read")
    }
}

/// A body of the full length: the same part again and again.
fn filled(before: &str, part: impl AsRef<[u8]>, after: &str) -> Vec<u8> {
    let part = part.as_ref();
    let times = (LENGTH - before.len() - after.len()) / part.len();
    [before.as_bytes(), &part.repeat(times), after.as_bytes()].concat()
}

fn bodies() -> Vec<(&'static str, Way, Vec<u8>)> {
    use Way::{Items, RawPages, Rows, Whole};
    let items =
        |item: &str| filled(r#"{"links":[{"rel":"self"}],"results":["#, format!("{item},"), &format!("{item}]}}"));
    let lines = |fields: &str| {
        let line = format!("{{{fields}}}");
        filled(r#"{"lineItems":["#, format!("{line},"), &format!("{line}]}}"))
    };
    vec![
        ("one text", Whole, filled(r#"{"id":""#, "x", r#""}"#)),
        ("one text of escapes", Whole, filled(r#"{"id":""#, r"\u00e4", r#""}"#)),
        ("one text in an unknown field", Whole, filled(r#"{"x":""#, "x", r#""}"#)),
        ("one number", Whole, filled(r#"{"subtotalCents":"#, "9", "}")),
        ("lists that are never closed", Whole, filled(r#"{"x":"#, "[", "")),
        ("lists in a list", Whole, filled(r#"{"x":["#, "[],", "0]}")),
        ("unknown fields", Whole, filled("{", r#""x":0,"#, r#""y":0}"#)),
        ("white space", Whole, filled("{", " ", "}")),
        (
            "line items",
            Whole,
            lines(r#""sku":"a","unitPriceDollars":1.5,"totalPriceCents":1,"note":"aaaaaaaaaaaaaaaaaaaaaaaa""#),
        ),
        (
            "line items with odd dates",
            Whole,
            lines(r#""startDate":"","endDate":{},"created":[],"note":"aaaaaaaaaaaaaaaaaaaaaaaa""#),
        ),
        ("empty line items", Whole, lines("")),
        ("small items, one by one", Items, items("{}")),
        ("items that do not fit, one by one", Items, items("7")),
        ("one large item", Items, filled(r#"{"links":[{"rel":"self"}],"results":[{"id":""#, "x", r#""}]}"#)),
        ("a raw page of small items", RawPages, items("{}")),
        ("a raw page of unknown lists", RawPages, filled("{", r#""a":[0],"#, r#""results":[]}"#)),
        ("rows", Rows, filled("a,b\n", "1,2\n", "")),
        ("rows of blank fields", Rows, filled("a,b\n", ",\n", "")),
        ("blank lines", Rows, filled("a,b\n", "\n", "")),
        ("rows that are not UTF-8", Rows, filled("a,b\n", b"\xff,\xff\n", "")),
        ("a row without end", Rows, filled("a,b\n", "x", "")),
        ("quotes alone", Rows, filled("a,b\n", "\"", "")),
    ]
}

/// Responses of the full length in the framing of HTTP/1.
fn framings() -> Vec<(&'static str, Vec<u8>)> {
    let chunked = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    vec![
        ("blank lines before the head", filled("", "\r\n", "HTTP/1.1 200 X\r\n\r\n{}")),
        ("early hints", filled("", "HTTP/1.1 103 X\r\n\r\n", "HTTP/1.1 200 X\r\n\r\n{}")),
        ("a header", filled("HTTP/1.1 200 X\r\nx: ", "y", "\r\n\r\n{}")),
        ("chunks of a byte", filled(chunked, "1\r\n \r\n", "2\r\n{}\r\n0\r\n\r\n")),
        ("an extension of a chunk", filled(&format!("{chunked}2;"), "x", "\r\n{}\r\n0\r\n\r\n")),
        ("trailers", filled(&format!("{chunked}2\r\n{{}}\r\n0\r\n"), "x: y\r\n", "\r\n")),
    ]
}

/// What the responses are, how they are read, and their bytes.
fn responses() -> impl Iterator<Item = (String, Way, Vec<u8>)> {
    let of_bodies = bodies().into_iter().flat_map(|(name, way, body)| {
        let kind = if matches!(way, Way::Rows) { "text/csv" } else { "application/json" };
        let plain = answer(200, &[("content-type", kind)], &body);
        let packed = answer(200, &[("content-type", kind), ("content-encoding", "gzip")], &gzip(&body));
        [(name.to_owned(), way, plain), (format!("{name}, in gzip"), way, packed)]
    });
    of_bodies.chain(framings().into_iter().map(|(name, bytes)| (name.to_owned(), Way::Whole, bytes)))
}

/// The figure of `SECURITY.md`. It takes minutes, and asserts nothing on time, so the gate leaves it to `cargo reliability`.
#[test]
#[ignore = "measures"]
fn longest() {
    // The server has a thread of its own.
    let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (mut most, mut worst, mut count) = (Duration::ZERO, String::new(), 0);
    for (name, way, bytes) in responses() {
        let server = serving.block_on(Server::start(move |_| Reply::Close(bytes.clone())));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (text, longest) = runtime.block_on(async {
            let builder = Client::builder().base_url(&server.url).bearer_token("t").retry(RetryPolicy::none());
            longest_wait(way.read(&builder.build().unwrap())).await
        });
        figures::say(format!("{name}: {text}, other tasks wait {} ms at most", longest.as_millis()));
        count += 1;
        if longest > most {
            (most, worst) = (longest, name);
        }
    }
    figures::add(Figure::Hostile, count);
    let build = if cfg!(debug_assertions) { "an unoptimised" } else { "an optimised" };
    figures::state(format!(
        "responses below 64 MiB: {count} kinds hold their thread for at most {:.1} s in {build} build; the worst one is {worst}",
        most.as_secs_f64()
    ));
}
