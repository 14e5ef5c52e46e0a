//! How long a response holds the thread that reads it: the longest poll, between two points at which other tasks can run.

use std::pin::pin;
use std::time::{Duration, Instant};

use atlas_billing::Client;
use atlas_billing::csv::Table;
use atlas_billing::types::{InvoiceId, OrganizationId};
use test_support::figures;
use test_support::server::{Reply, Server, answer};

use crate::hostile::bodies::gzip;

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";

/// The length of the bodies, once they are unpacked: just below the body limit, in bytes.
const LENGTH: usize = 63 * 1024 * 1024;

/// Runs a future and measures its longest poll.
async fn longest_poll<F: Future>(future: F) -> (F::Output, Duration) {
    let mut future = pin!(future);
    let mut longest = Duration::ZERO;
    let output = std::future::poll_fn(|cx| {
        let start = Instant::now();
        let poll = future.as_mut().poll(cx);
        longest = longest.max(start.elapsed());
        poll
    })
    .await;
    (output, longest)
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
fn filled(before: &str, part: &str, after: &str) -> String {
    format!("{before}{}{after}", part.repeat((LENGTH - before.len() - after.len()) / part.len()))
}

fn bodies() -> Vec<(&'static str, Way, String)> {
    use Way::{Items, RawPages, Rows, Whole};
    let items = |item: &str| filled(r#"{"links":[],"results":["#, &format!("{item},"), &format!("{item}]}}"));
    let lines = |fields: &str| {
        let line = format!("{{{fields}}}");
        filled(r#"{"lineItems":["#, &format!("{line},"), &format!("{line}]}}"))
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
        ("one large item", Items, filled(r#"{"links":[],"results":[{"id":""#, "x", r#""}]}"#)),
        ("a raw page of small items", RawPages, items("{}")),
        ("a raw page of unknown lists", RawPages, filled("{", r#""a":[0],"#, r#""results":[]}"#)),
        ("rows", Rows, filled("a,b\n", "1,2\n", "")),
        ("rows of blank fields", Rows, filled("a,b\n", ",\n", "")),
        ("blank lines", Rows, filled("a,b\n", "\n", "")),
        ("rows that are no UTF-8", Rows, filled("a,b\n", "\u{fffd},\u{fffd}\n", "")),
        ("a row without end", Rows, filled("a,b\n", "x", "")),
        ("quotes alone", Rows, filled("a,b\n", "\"", "")),
    ]
}

/// The figure of `SECURITY.md`. It takes minutes, and asserts nothing on time, so the gate leaves it to `cargo reliability`.
#[test]
#[ignore = "measures"]
fn longest() {
    // The server has a thread of its own.
    let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (mut most, mut worst, mut count) = (Duration::ZERO, "", 0);
    for (name, way, body) in bodies() {
        assert!(body.len() < 64 * 1024 * 1024, "{name}");
        let kind = if matches!(way, Way::Rows) { "text/csv" } else { "application/json" };
        for packed in [false, true] {
            let reply = match packed {
                false => answer(200, &[("content-type", kind)], body.as_bytes()),
                true => answer(200, &[("content-type", kind), ("content-encoding", "gzip")], &gzip(body.as_bytes())),
            };
            let server = serving.block_on(Server::start(move |_| Reply::Send(reply.clone())));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let (text, longest) = runtime.block_on(async {
                let client = Client::builder().base_url(&server.url).bearer_token("t").build().unwrap();
                longest_poll(way.read(&client)).await
            });
            let how = if packed { "gzip" } else { "plain" };
            figures::say(format!("{name}, {how}: {text}, the longest poll {} ms", longest.as_millis()));
            count += 1;
            if longest > most {
                (most, worst) = (longest, name);
            }
        }
    }
    let build = if cfg!(debug_assertions) { "an unoptimised" } else { "an optimised" };
    figures::state(format!(
        "responses below 64 MiB: {count} kinds hold their thread for at most {:.1} s in {build} build; the worst one is: {worst}",
        most.as_secs_f64()
    ));
}
