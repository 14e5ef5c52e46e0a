//! Servers that mean harm, or are broken in ways that look like it. Each case ends in a typed error or in correct data,
//! within the limits of time and memory, and never in a panic. The snapshots are what came of each.

pub(crate) mod bodies;
pub(crate) mod files;
pub(crate) mod heads;
pub(crate) mod pages;
pub(crate) mod requests;
pub(crate) mod tables;
pub(crate) mod tokens;
pub(crate) mod values;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use atlas_billing::Client;
use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::RetryPolicy;

use crate::figures::{self, Figure};
use crate::outcome;
use test_support::server::{Reply, Server};

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";

/// The largest body that the clients of these tests take, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// How much of an invoice a table shows, in characters.
const SHOWN: usize = 120;

/// The longest that an attempt takes in these tests.
const ATTEMPT: Duration = Duration::from_millis(1500);

/// A test that has not ended by then hangs.
const HANG: Duration = Duration::from_secs(60);

/// A client that sends each request once, within narrow limits.
fn atlas(server: &Server) -> Client {
    let builder = Client::builder().base_url(&server.url).bearer_token("hush-token").retry(RetryPolicy::none());
    builder.body_limit(BODY_LIMIT).attempt_timeout(ATTEMPT).idle_timeout(ATTEMPT / 2).build().unwrap()
}

/// A case and the answer that makes it.
struct Case(&'static str, Reply);

/// What a client makes of an invoice that is answered so. The request is sent once.
async fn invoice(reply: Reply) -> String {
    let reply = Mutex::new(Some(reply));
    let server = Server::start(move |_| reply.lock().unwrap().take().expect("one request")).await;
    invoice_of(&server, &atlas(&server)).await
}

async fn invoice_of(server: &Server, client: &Client) -> String {
    let call = client.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send();
    let result = tokio::time::timeout(HANG, call).await.expect("it hangs");
    let text = outcome(result, |invoice| {
        let mut text = serde_json::to_string(&*invoice).unwrap();
        if let Some((end, _)) = text.char_indices().nth(SHOWN) {
            text.truncate(end);
            text.push_str("...");
        }
        text
    });
    assert!(!text.contains("hush"), "{text}");
    text.replace(&server.url, "[service]")
}

/// The cases and what came of them, each with a client of its own.
async fn table(cases: Vec<Case>) -> String {
    let mut table = String::new();
    let count = cases.len();
    for Case(name, reply) in cases {
        writeln!(table, "{name}\n    {}", invoice(reply).await).unwrap();
    }
    figures(count);
    table
}

/// The same for answers that are sound but for their bodies, with one client for all.
async fn table_of_bodies(cases: Vec<Case>) -> String {
    let count = cases.len();
    let (names, replies): (Vec<&str>, VecDeque<Reply>) =
        cases.into_iter().map(|Case(name, reply)| (name, reply)).unzip();
    let replies = Mutex::new(replies);
    let server = Server::start(move |_| replies.lock().unwrap().pop_front().expect("one request a case")).await;
    let client = atlas(&server);
    let mut table = String::new();
    for name in names {
        writeln!(table, "{name}\n    {}", invoice_of(&server, &client).await).unwrap();
    }
    assert_eq!(server.requests(), count);
    figures(count);
    table
}

fn figures(count: usize) {
    figures::add(Figure::Hostile, count);
    figures::say(format!("{count} hostile answers: each a typed error or correct data"));
}

/// Keeps a table beside the others.
macro_rules! assert_table {
    ($name:literal, $table:expr) => {
        insta::with_settings!(
            { prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true },
            { insta::assert_snapshot!($name, $table) }
        )
    };
}

use assert_table;
