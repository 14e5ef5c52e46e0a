//! Every fault of the sandbox against every kind of operation. The snapshot says what came of each.
//!
//! A fault strikes once, so a cell says what a client does by itself: `same` is the very data that a service in order
//! gives, `other` is data as the fault changed it, and else it is the kind of the error; then how many requests it took. A
//! request of an operation that is not idempotent, sent twice, may have had its effect twice: the test counts them.

use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use atlas_billing::types::{ApiPublicUsageDetailsQueryRequest, CostExplorerFilterRequestBody};
use ibm_usage_reports::BillingMonth;
use ibm_usage_reports::types::{
    CreateReportsSnapshotConfigRequest, SnapshotInterval, UpdateReportsSnapshotConfigRequest,
};
use sandbox::{Cut, Failure, Fault, RetryAfter, Sandbox};
use sdk_core::{Error, RetryPolicy};

use crate::trace;

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "5f3c1a2b9d8e7f6a5b4c3d2e";
const ACCOUNT: &str = "987d4cfd77b04e9b9e1a6a0cc8612340";

/// Retries as they are by default, but at once, and as many as there are cells.
const POLICY: RetryPolicy =
    RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).budget(u32::MAX).wait_for_quota(false);

/// A fault; none for those that are the credential's.
struct Row {
    name: &'static str,
    fault: fn() -> Option<Fault>,
}

/// Faults by which the service says that it has not processed the request.
const UNPROCESSED: [&str; 6] = [
    "token revoked",
    "token expired",
    "401, token expired",
    "503, Retry-After: 2",
    "429, Retry-After: 2",
    "429, Retry-After: a date",
];

/// Every fault that the sandbox can make.
const ROWS: [Row; 40] = {
    macro_rules! rows {
        ($($name:literal => $fault:expr),* $(,)?) => { [$(Row { name: $name, fault: || $fault }),*] };
    }
    rows! {
        "token revoked" => None,
        "token expired" => None,
        "401, token expired" => Some(Fault::expired_token()),
        "400" => Some(Fault::status(400)),
        "403" => Some(Fault::status(403)),
        "404" => Some(Fault::status(404)),
        "409" => Some(Fault::status(409)),
        "408" => Some(Fault::status(408)),
        "500" => Some(Fault::status(500)),
        "501" => Some(Fault::status(501)),
        "502, HTML" => Some(Fault::failure(Failure::new(502).body("text/html", "<title>Bad Gateway</title>"))),
        "503" => Some(Fault::status(503)),
        "503, Retry-After: 2" => Some(Fault::failure(Failure::new(503).retry_after(RetryAfter::Seconds(2)))),
        "504" => Some(Fault::status(504)),
        "429" => Some(Fault::status(429)),
        "429, Retry-After: 2" => Some(Fault::failure(Failure::new(429).retry_after(RetryAfter::Seconds(2)))),
        "429, Retry-After: a date" => {
            Some(Fault::failure(Failure::new(429).retry_after(RetryAfter::Date(Duration::from_secs(3)))))
        },
        "429, Retry-After: soon" => {
            Some(Fault::failure(Failure::new(429).retry_after(RetryAfter::Text("soon".to_owned()))))
        },
        "redirect" => Some(Fault::redirect("http://127.0.0.1:9")),
        "latency" => Some(Fault::latency(Duration::from_millis(30))),
        "reset before the head" => Some(Fault::reset(Cut::Start)),
        "reset in the head" => Some(Fault::reset(Cut::Headers)),
        "reset in the body" => Some(Fault::reset(Cut::Body)),
        "closed before the head" => Some(Fault::close(Cut::Start)),
        "closed in the head" => Some(Fault::close(Cut::Headers)),
        "closed in the body" => Some(Fault::close(Cut::Body)),
        "refused from then on" => Some(Fault::refuse(Duration::from_secs(600))),
        "stall before the head" => Some(Fault::stall(Cut::Start)),
        "stall in the head" => Some(Fault::stall(Cut::Headers)),
        "stall in the body" => Some(Fault::stall(Cut::Body)),
        "body cut, framing sound" => Some(Fault::truncate()),
        "garbage" => Some(Fault::garbage()),
        "another content type" => Some(Fault::content_type("text/html")),
        "another body" => Some(Fault::body("text/plain", "out of order")),
        "gzip" => Some(Fault::gzip()),
        "chunked" => Some(Fault::chunked()),
        "unknown fields" => Some(Fault::unknown_fields()),
        "unknown values" => Some(Fault::unknown_values()),
        "nulls" => Some(Fault::nulls()),
        "every cursor repeated" => Some(Fault::repeat_cursor().always()),
    }
};

/// What an operation gave, as text to compare.
type Outcome<'a> = Pin<Box<dyn Future<Output = Result<String, Error>> + 'a>>;

/// A kind of operation: the operation of the sandbox that the fault befalls, and whether it may be sent twice.
struct Column {
    name: &'static str,
    operation: &'static str,
    idempotent: bool,
    run: fn(&Clients) -> Outcome<'_>,
}

const COLUMNS: [Column; 10] = [
    Column {
        name: "GET",
        operation: "get_account_usage",
        idempotent: true,
        run: |clients| Box::pin(get(&clients.ibm)),
    },
    Column {
        name: "stream",
        operation: "getInvoiceCsv",
        idempotent: true,
        run: |clients| Box::pin(csv(&clients.atlas)),
    },
    Column {
        name: "search",
        operation: "searchInvoiceLineItems",
        idempotent: true,
        run: |clients| Box::pin(search(&clients.atlas)),
    },
    Column {
        name: "POST",
        operation: "create_reports_snapshot_config",
        idempotent: false,
        run: |clients| Box::pin(create(&clients.ibm)),
    },
    Column {
        name: "PATCH",
        operation: "update_reports_snapshot_config",
        idempotent: false,
        run: |clients| Box::pin(update(&clients.ibm)),
    },
    Column {
        name: "DELETE",
        operation: "delete_reports_snapshot_config",
        idempotent: true,
        run: |clients| Box::pin(delete(&clients.ibm)),
    },
    Column {
        name: "cursors",
        operation: "get_resource_usage_account",
        idempotent: true,
        run: |clients| Box::pin(by_cursor(&clients.ibm)),
    },
    Column {
        name: "numbers",
        operation: "listInvoices",
        idempotent: true,
        run: |clients| Box::pin(by_number(&clients.atlas)),
    },
    Column {
        name: "poller",
        operation: "getCostExplorerUsage",
        idempotent: true,
        run: |clients| Box::pin(query(&clients.atlas)),
    },
    Column { name: "token", operation: "iamToken", idempotent: true, run: |clients| Box::pin(get(&clients.ibm)) },
];

struct Clients {
    atlas: atlas_billing::Client,
    ibm: ibm_usage_reports::Client,
}

impl Clients {
    fn new(sandbox: &Sandbox) -> Self {
        let (id, secret) = sandbox.atlas_service_account();
        let account = atlas_billing::auth::ServiceAccount::new(id, secret);
        let key = ibm_usage_reports::auth::ApiKey::new(sandbox.ibm_api_key()).url(sandbox.ibm_url());
        let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).credential(account);
        let ibm = ibm_usage_reports::Client::builder().base_url(sandbox.ibm_url()).credential(key);
        Self { atlas: atlas.retry(POLICY).build().unwrap(), ibm: ibm.retry(POLICY).build().unwrap() }
    }
}

fn month() -> BillingMonth {
    "2023-05".parse().unwrap()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

async fn get(ibm: &ibm_usage_reports::Client) -> Result<String, Error> {
    Ok(json(&*ibm.get_account_usage(ACCOUNT, month()).send().await?))
}

async fn csv(atlas: &atlas_billing::Client) -> Result<String, Error> {
    atlas.get_invoice_csv(ORG, INVOICE).send().await?.into_inner().text().await
}

async fn search(atlas: &atlas_billing::Client) -> Result<String, Error> {
    let call = atlas.search_invoice_line_items(ORG, INVOICE, ApiPublicUsageDetailsQueryRequest::new());
    Ok(json(&*call.send().await?))
}

async fn create(ibm: &ibm_usage_reports::Client) -> Result<String, Error> {
    let body = CreateReportsSnapshotConfigRequest::new(ACCOUNT, SnapshotInterval::Daily, "bucket", "us-south");
    Ok(json(&ibm.create_reports_snapshot_config(body).send().await?.account_id))
}

async fn update(ibm: &ibm_usage_reports::Client) -> Result<String, Error> {
    let body = UpdateReportsSnapshotConfigRequest::new(ACCOUNT);
    Ok(json(&ibm.update_reports_snapshot_config(body).send().await?.account_id))
}

async fn delete(ibm: &ibm_usage_reports::Client) -> Result<String, Error> {
    ibm.delete_reports_snapshot_config(ACCOUNT).send().await?;
    Ok("deleted".to_owned())
}

/// A walk by cursors, a page at a time, so that the requests can be counted.
async fn by_cursor(ibm: &ibm_usage_reports::Client) -> Result<String, Error> {
    let mut usage = ibm.get_resource_usage_account(ACCOUNT, month()).limit(1).items().prefetch(0);
    let mut all = Vec::new();
    while let Some(record) = usage.try_next().await? {
        all.push(record);
    }
    Ok(json(&all))
}

/// A walk by page numbers.
async fn by_number(atlas: &atlas_billing::Client) -> Result<String, Error> {
    let mut invoices = atlas.list_invoices(ORG).items_per_page(1).items().prefetch(0);
    let mut all = Vec::new();
    while let Some(invoice) = invoices.try_next().await? {
        all.push(invoice);
    }
    Ok(json(&all))
}

async fn query(atlas: &atlas_billing::Client) -> Result<String, Error> {
    let filter = CostExplorerFilterRequestBody::new("2024-01-01".parse().unwrap(), "2024-02-01".parse().unwrap());
    let query =
        atlas.cost_explorer(ORG, filter).first_wait(Duration::from_millis(1)).max_wait(Duration::from_millis(1));
    Ok(json(&query.run().await?))
}

async fn start() -> Sandbox {
    Sandbox::builder().cost_explorer_polls(1).strict_credentials(true).start().await.unwrap()
}

/// How many requests of an operation the sandbox has had, and whether a fault struck one.
fn requests(sandbox: &Sandbox, operation: &str) -> (usize, bool) {
    let requests = sandbox.requests();
    let own: Vec<_> = requests.iter().filter(|request| request.operation.as_deref() == Some(operation)).collect();
    (own.len(), own.iter().any(|request| !request.faults.is_empty()))
}

/// Runs a call whose answer never comes to an end: once the request is with the sandbox, time passes, until it is given up.
async fn outlast(sandbox: &Sandbox, operation: &str, call: Outcome<'_>) -> Result<String, Error> {
    let mut call = call;
    let mut stalled = None;
    loop {
        tokio::select! {
            result = &mut call => return result,
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
        }
        let (requests, struck) = requests(sandbox, operation);
        if struck && *stalled.get_or_insert(requests) == requests {
            tokio::time::pause();
            tokio::time::advance(Duration::from_secs(5)).await;
            tokio::time::resume();
        }
    }
}

/// A cell: the result, and how many requests of the operation it took.
async fn cell(sandbox: &Sandbox, row: &Row, column: &Column, shared: &Clients) -> (Result<String, Error>, usize) {
    // One that refuses connections is of no use afterwards.
    let lost = if row.name.starts_with("refused") { Some(start().await) } else { None };
    let sandbox = lost.as_ref().unwrap_or(sandbox);
    // A client that has a token does not ask for one.
    let own = (column.name == "token" || lost.is_some()).then(|| Clients::new(sandbox));
    let clients = own.as_ref().unwrap_or(shared);
    match row.name {
        "token revoked" => sandbox.revoke_all(),
        "token expired" => sandbox.expire_tokens(),
        _ => {}
    }
    sandbox.clear_requests();
    let fault = (row.fault)();
    let strikes = fault.is_some();
    if let Some(fault) = fault {
        sandbox.inject(fault.on(column.operation));
    }
    let result = if row.name.starts_with("stall") {
        outlast(sandbox, column.operation, (column.run)(clients)).await
    } else {
        // Waits that the service asks for pass at once.
        trace::simulate((column.run)(clients)).await.0
    };
    sandbox.clear_faults();
    let (requests, struck) = requests(sandbox, column.operation);
    assert_eq!(struck, strikes, "{} and {}", row.name, column.name);
    (result, requests)
}

#[tokio::test]
async fn every_fault_against_every_kind_of_operation() {
    trace::keep_on();
    let sandbox = start().await;
    let clients = Clients::new(&sandbox);
    let mut sound = Vec::new();
    for column in &COLUMNS {
        sandbox.clear_requests();
        let data = (column.run)(&clients).await.unwrap();
        sound.push((data, requests(&sandbox, column.operation).0));
    }

    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let mut table = format!("| fault | {} |\n|---{}|\n", names.join(" | "), "|---".repeat(COLUMNS.len()));
    let (mut cells, mut survived) = (0, 0);
    for row in &ROWS {
        write!(table, "| {} |", row.name).unwrap();
        for (column, (data, usual)) in COLUMNS.iter().zip(&sound) {
            let (result, requests) = cell(&sandbox, row, column, &clients).await;
            cells += 1;
            survived += usize::from(result.is_ok());
            if !column.idempotent && !UNPROCESSED.contains(&row.name) {
                assert_eq!(requests, *usual, "{}: {} was sent twice", row.name, column.name);
            }
            let text = match result {
                Ok(found) if found == *data => "same".to_owned(),
                Ok(_) => "other".to_owned(),
                Err(error) => format!("{:?}", error.kind()),
            };
            write!(table, " {text} {requests} |").unwrap();
        }
        table.push('\n');
        if row.name.starts_with("token") {
            // What follows begins with tokens in order.
            let _tokens = (get(&clients.ibm).await.unwrap(), csv(&clients.atlas).await.unwrap());
        }
    }
    println!("reliability: {cells} faults by operation: {survived} survived, {} typed errors", cells - survived);
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("matrix", table);
    });
}
