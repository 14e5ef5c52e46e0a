//! Every fault of the sandbox against every kind of operation. The snapshot says what came of each.
//!
//! A fault strikes once, so a cell says what a client does by itself: `same` is the very data that a service in order
//! gives, `other` is data as the fault changed it, and else it is the kind of the error; then how many requests it took. A
//! request of an operation that is not idempotent, sent twice, may have had its effect twice: the test counts them.
//!
//! Lists meet it at a page in the middle, and pollers at the response that they wait for.

use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use atlas_billing::invoice_report::FinishedReport;
use atlas_billing::types::{
    ApiPublicUsageDetailsQueryRequest, CostExplorerFilterRequestBody, InvoiceId, OrganizationId,
};
use cloud_billing_core::{Error, RetryPolicy};
use cloud_billing_sandbox::{Cut, Failure, Fault, FaultKind, RetryAfter, Sandbox, Service};
use ibm_usage_reports::BillingMonth;
use ibm_usage_reports::types::{
    AccountId, CreateReportsSnapshotConfigRequest, SnapshotInterval, UpdateReportsSnapshotConfigRequest,
};
use serde_json::Value;

use crate::figures::{self, Figure};
use test_support::trace;

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
const UNPROCESSED: [&str; 8] = [
    "tokens revoked",
    "tokens expired",
    "nonces stale",
    "401",
    "401, token expired",
    "503, Retry-After: 2",
    "429, Retry-After: 2",
    "429, Retry-After: a date",
];

/// Every fault that the sandbox can make.
const ROWS: [Row; 49] = {
    macro_rules! rows {
        ($($name:literal => $fault:expr),* $(,)?) => { [$(Row { name: $name, fault: || $fault }),*] };
    }
    rows! {
        "tokens revoked" => None,
        "tokens expired" => None,
        "nonces stale" => None,
        "connections refused" => None,
        "401, token expired" => Some(Fault::expired_token()),
        "400" => Some(Fault::status(400)),
        "401" => Some(Fault::status(401)),
        "402" => Some(Fault::status(402)),
        "403" => Some(Fault::status(403)),
        "404" => Some(Fault::status(404)),
        "406" => Some(Fault::status(406)),
        "410" => Some(Fault::status(410)),
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
        "an error without a body" => Some(Fault::failure(Failure::new(500).body("application/json", ""))),
        "an error with a code of its own" => Some(Fault::failure(Failure::new(400).code("SNOW"))),
        "another body" => Some(Fault::body("text/plain", "out of order")),
        "gzip" => Some(Fault::gzip()),
        "chunked" => Some(Fault::chunked()),
        "unknown fields" => Some(Fault::unknown_fields()),
        "unknown values" => Some(Fault::unknown_values()),
        "nulls" => Some(Fault::nulls()),
        "numbers in quotes" => Some(Fault::edit(quote_numbers)),
        "every cursor repeated" => Some(Fault::repeat_cursor().always()),
    }
};

/// What an operation gave, as text to compare.
type Outcome<'a> = Pin<Box<dyn Future<Output = Result<String, Error>> + 'a>>;

/// A kind of operation.
struct Column {
    name: &'static str,
    /// The operation of the sandbox that the fault befalls, and at which of its requests.
    operation: &'static str,
    nth: u32,
    /// Whether it may be sent twice.
    idempotent: bool,
    run: fn(&Clients) -> Outcome<'_>,
}

const COLUMNS: [Column; 16] = {
    macro_rules! columns {
        ($($name:literal: $operation:literal $nth:literal, $idempotent:literal, $run:expr;)*) => { [$(Column {
            name: $name,
            operation: $operation,
            nth: $nth,
            idempotent: $idempotent,
            run: |clients| Box::pin($run(clients)),
        }),*] };
    }
    columns! {
        "GET": "get_account_usage" 1, true, get;
        "Digest": "getInvoice" 1, true, by_digest;
        "stream": "getInvoiceCsv" 1, true, csv;
        "search": "searchInvoiceLineItems" 1, true, search;
        "POST": "create_reports_snapshot_config" 1, false, create;
        "PATCH": "update_reports_snapshot_config" 1, false, update;
        "DELETE": "delete_reports_snapshot_config" 1, true, delete;
        "cursors": "get_resource_usage_account" 3, true, by_cursor;
        "numbers": "listInvoices" 2, true, by_number;
        "query": "createCostExplorerProcess" 1, true, query;
        "its poll": "getCostExplorerUsage" 2, true, query;
        "report": "createOrgInvoiceReport" 1, false, report;
        "its poll": "getOrgInvoiceReport" 2, true, report;
        "download": "downloadReport" 1, true, download;
        "IAM token": "iamToken" 1, true, get;
        "OAuth token": "oauthToken" 1, true, csv;
    }
};

struct Clients {
    atlas: atlas_billing::Client,
    digest: atlas_billing::Client,
    ibm: ibm_usage_reports::Client,
}

impl Clients {
    fn new(sandbox: &Sandbox) -> Self {
        let (id, secret) = sandbox.atlas_service_account();
        let account = atlas_billing::auth::ServiceAccount::new(id, secret);
        let key = ibm_usage_reports::auth::ApiKey::new(sandbox.ibm_api_key()).url(sandbox.ibm_url());
        let (public, private) = sandbox.atlas_api_key();
        let pair = atlas_billing::auth::ApiKey::new(public, private);
        let atlas = || atlas_billing::Client::builder().base_url(sandbox.atlas_url()).retry(POLICY);
        let ibm = ibm_usage_reports::Client::builder().base_url(sandbox.ibm_url()).retry(POLICY);
        Self {
            atlas: atlas().credential(account).build().unwrap(),
            digest: atlas().credential(pair).build().unwrap(),
            ibm: ibm.credential(key).build().unwrap(),
        }
    }
}

/// As a service does that has changed its mind about a type.
fn quote_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => *value = number.to_string().into(),
        Value::Array(items) => items.iter_mut().for_each(quote_numbers),
        Value::Object(members) => members.values_mut().for_each(quote_numbers),
        _ => {}
    }
}

fn month() -> BillingMonth {
    "2023-05".parse().unwrap()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

async fn get(clients: &Clients) -> Result<String, Error> {
    Ok(json(&*clients.ibm.get_account_usage(AccountId::new(ACCOUNT), month()).send().await?))
}

async fn by_digest(clients: &Clients) -> Result<String, Error> {
    Ok(json(&*clients.digest.get_invoice(OrganizationId::new(ORG), InvoiceId::new(INVOICE)).send().await?))
}

async fn csv(clients: &Clients) -> Result<String, Error> {
    clients
        .atlas
        .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
        .send()
        .await?
        .into_inner()
        .text()
        .await
}

async fn search(clients: &Clients) -> Result<String, Error> {
    let call = clients.atlas.search_invoice_line_items(
        OrganizationId::new(ORG),
        InvoiceId::new(INVOICE),
        ApiPublicUsageDetailsQueryRequest::new(),
    );
    Ok(json(&*call.send().await?))
}

async fn create(clients: &Clients) -> Result<String, Error> {
    let body =
        CreateReportsSnapshotConfigRequest::new(AccountId::new(ACCOUNT), SnapshotInterval::Daily, "bucket", "us-south");
    Ok(json(&clients.ibm.create_reports_snapshot_config(body).send().await?.account_id))
}

async fn update(clients: &Clients) -> Result<String, Error> {
    let body = UpdateReportsSnapshotConfigRequest::new(AccountId::new(ACCOUNT));
    Ok(json(&clients.ibm.update_reports_snapshot_config(body).send().await?.account_id))
}

async fn delete(clients: &Clients) -> Result<String, Error> {
    clients.ibm.delete_reports_snapshot_config(AccountId::new(ACCOUNT)).send().await?;
    Ok("deleted".to_owned())
}

/// A list with cursors, a page at a time, so that the requests can be counted.
async fn by_cursor(clients: &Clients) -> Result<String, Error> {
    let mut usage =
        clients.ibm.get_resource_usage_account(AccountId::new(ACCOUNT), month()).limit(1).items().prefetch(0);
    let mut all = Vec::new();
    while let Some(record) = usage.try_next().await? {
        all.push(record);
    }
    Ok(json(&all))
}

/// A list with page numbers.
async fn by_number(clients: &Clients) -> Result<String, Error> {
    let mut invoices = clients.atlas.list_invoices(OrganizationId::new(ORG)).items_per_page(1).items().prefetch(0);
    let mut all = Vec::new();
    while let Some(invoice) = invoices.try_next().await? {
        all.push(invoice);
    }
    Ok(json(&all))
}

async fn query(clients: &Clients) -> Result<String, Error> {
    let filter = CostExplorerFilterRequestBody::new("2024-01-01".parse().unwrap(), "2024-02-01".parse().unwrap());
    let query = clients
        .atlas
        .cost_explorer(OrganizationId::new(ORG), filter)
        .first_wait(Duration::from_millis(1))
        .max_wait(Duration::from_millis(1));
    Ok(json(&query.run().await?))
}

/// A report that the service has written; not where it lies, which is another place each time.
async fn report(clients: &Clients) -> Result<String, Error> {
    Ok(format!("{:?}", finished(clients).await?.format_spec_version()))
}

async fn finished(clients: &Clients) -> Result<FinishedReport, Error> {
    let report = clients.atlas.invoice_report(OrganizationId::new(ORG), InvoiceId::new(INVOICE));
    report.first_wait(Duration::from_millis(1)).max_wait(Duration::from_millis(1)).run().await
}

async fn download(clients: &Clients) -> Result<String, Error> {
    finished(clients).await?.download().await?.into_inner().text().await
}

async fn start() -> Sandbox {
    let sandbox = Sandbox::builder().cost_explorer_polls(1).report_polls(1);
    sandbox.strict_credentials(true).start().await.unwrap()
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
            // In steps shorter than the silence after which a token fetch is replaced.
            tokio::time::advance(Duration::from_secs(2)).await;
            tokio::time::resume();
        }
    }
}

/// A cell: the result, and how many requests of the operation it took.
async fn cell(sandbox: &Sandbox, row: &Row, column: &Column, shared: &Clients) -> (Result<String, Error>, usize) {
    // One that refuses connections is of no use afterwards.
    let lost = if row.name.contains("refused") { Some(start().await) } else { None };
    let sandbox = lost.as_ref().unwrap_or(sandbox);
    // A client that has a token does not ask for one.
    let own = (column.name.ends_with("token") || lost.is_some()).then(|| Clients::new(sandbox));
    let clients = own.as_ref().unwrap_or(shared);
    match row.name {
        "tokens revoked" => sandbox.revoke_all(),
        "tokens expired" => sandbox.expire_tokens(),
        "nonces stale" => sandbox.expire_nonces(),
        "connections refused" => {
            for service in Service::ALL {
                sandbox.refuse_connections(service, Duration::from_secs(600)).await;
            }
        }
        _ => {}
    }
    sandbox.clear_requests();
    let fault = (row.fault)();
    let strikes = fault.is_some();
    if let Some(fault) = fault {
        let fault = if row.name.starts_with("every") { fault } else { fault.nth(column.nth) };
        sandbox.inject(fault.on(column.operation)).unwrap();
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
pub(crate) async fn every_fault_against_every_kind_of_operation() {
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
                assert!(requests <= *usual, "{}: {} was sent twice", row.name, column.name);
            }
            let text = match result {
                Ok(found) if found == *data => "same".to_owned(),
                Ok(_) => "other".to_owned(),
                Err(error) => format!("{:?}", error.kind()),
            };
            write!(table, " {text} {requests} |").unwrap();
        }
        table.push('\n');
        // What follows begins with tokens and a nonce in order.
        for renew in [get(&clients).await, csv(&clients).await, by_digest(&clients).await] {
            renew.unwrap();
        }
    }
    figures::add(Figure::Faults, cells);
    figures::add(Figure::Survived, survived);
    figures::say(format!("{cells} faults by operation: {survived} survived, {} typed errors", cells - survived));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("matrix", table);
    });
}

macro_rules! kinds {
    ($($kind:pat => $row:literal,)*) => {
        /// The row of a kind of fault. A new kind does not compile until it is here.
        const fn row_of(kind: FaultKind) -> &'static str {
            match kind { $($kind => $row,)* }
        }

        /// The rows that [`row_of`] names.
        const NAMED: &[&str] = &[$($row),*];
    };
}

kinds! {
    FaultKind::Latency => "latency",
    FaultKind::Status => "500",
    FaultKind::ErrorCode => "an error with a code of its own",
    FaultKind::ErrorBody => "an error without a body",
    FaultKind::RetryAfterSeconds => "429, Retry-After: 2",
    FaultKind::RetryAfterDate => "429, Retry-After: a date",
    FaultKind::RetryAfterText => "429, Retry-After: soon",
    FaultKind::Redirect => "redirect",
    FaultKind::Reset(Cut::Start) => "reset before the head",
    FaultKind::Reset(Cut::Headers) => "reset in the head",
    FaultKind::Reset(Cut::Body) => "reset in the body",
    FaultKind::Close(Cut::Start) => "closed before the head",
    FaultKind::Close(Cut::Headers) => "closed in the head",
    FaultKind::Close(Cut::Body) => "closed in the body",
    FaultKind::Stall(Cut::Start) => "stall before the head",
    FaultKind::Stall(Cut::Headers) => "stall in the head",
    FaultKind::Stall(Cut::Body) => "stall in the body",
    FaultKind::Truncate => "body cut, framing sound",
    FaultKind::Body => "garbage",
    FaultKind::ContentType => "another content type",
    FaultKind::Gzip => "gzip",
    FaultKind::Chunked => "chunked",
    FaultKind::ExpiredToken => "401, token expired",
    FaultKind::Refuse => "refused from then on",
    FaultKind::UnknownFields => "unknown fields",
    FaultKind::UnknownValues => "unknown values",
    FaultKind::Nulls => "nulls",
    FaultKind::Edit => "numbers in quotes",
    FaultKind::RepeatCursor => "every cursor repeated",
}

/// Each kind of fault that the sandbox can make is in a row.
#[test]
pub(crate) fn no_fault_of_the_sandbox_is_missing() {
    for name in NAMED {
        let row = ROWS.iter().find(|row| row.name == *name).unwrap_or_else(|| panic!("there is no row {name}"));
        let fault = (row.fault)().unwrap_or_else(|| panic!("{name} has no fault"));
        assert_eq!(row_of(fault.kind()), *name);
    }
}
