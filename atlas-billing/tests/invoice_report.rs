//! FOCUS reports: their states, the download, and the secrecy of its address.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on may panic")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use atlas_billing::invoice_report::{FinishedReport, InvoiceReport, NewInvoiceReport};
use atlas_billing::types::{InvoiceId, InvoiceReportId, OrganizationId};
use atlas_billing::{Client, ErrorKind};
use cloud_billing_core::RetryPolicy;
use support::{CREDENTIAL, Reply, Server, answer, json};

const ORG: &str = "4888442a3354817a7320eb61";
const INVOICE: &str = "6abda280f4c54977656cf2d1";
const REPORT: &str = "6ae86628a422eb14ab2f2d0f";
const CSV: &str = "BilledCost,BillingCurrency\n51.19,USD\n";

const MILLISECOND: Duration = Duration::from_millis(1);

fn state(status: &str, state: &str, more: &str) -> Reply {
    json(status, &format!(r#"{{"reportId":"{REPORT}","invoiceId":"{INVOICE}","state":"{state}"{more}}}"#))
}

fn created() -> Reply {
    state("201 Created", "PENDING", "")
}

fn succeeded(address: &str) -> Reply {
    let more = format!(r#","formatSpecVersion":"1.3","downloadUrl":"{address}","expiresAt":"2026-11-02T10:51:00Z""#);
    state("200 OK", "SUCCEEDED", &more)
}

fn new_report(client: &Client) -> NewInvoiceReport {
    client
        .invoice_report(OrganizationId::new(ORG), InvoiceId::new(INVOICE))
        .first_wait(MILLISECOND)
        .max_wait(MILLISECOND)
}

fn report(server: &Server) -> InvoiceReport {
    InvoiceReport::resume(
        &server.client(),
        OrganizationId::new(ORG),
        InvoiceId::new(INVOICE),
        InvoiceReportId::new(REPORT),
    )
    .first_wait(MILLISECOND)
    .max_wait(MILLISECOND)
}

/// A finished report with a download address on this server, and the server's script after that, which receives the
/// address.
async fn finished(rest: impl FnOnce(&str) -> Vec<Reply>) -> (Server, FinishedReport) {
    let mut server = Server::start_with(|url| {
        let address = format!("{url}/file?sig=hush");
        [vec![succeeded(&address)], rest(&address)].concat()
    });
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    let report =
        InvoiceReport::resume(&client, OrganizationId::new(ORG), InvoiceId::new(INVOICE), InvoiceReportId::new(REPORT))
            .wait()
            .await
            .unwrap();
    assert_eq!(server.requests().len(), 1);
    (server, report)
}

#[tokio::test]
async fn from_the_question_to_the_file() {
    let mut server = Server::start_with(|url| {
        [
            created(),
            state("200 OK", "PENDING", ""),
            state("200 OK", "RUNNING", ""),
            state("200 OK", "RESTING", ""),
            json("200 OK", "{}"),
            succeeded(&format!("{url}/file?sig=hush%2F+%41")),
            answer("200 OK", "text/csv", CSV),
        ]
    });
    let report = new_report(&server.client()).format_spec_version("1.3").run().await.unwrap();
    assert_eq!((report.report_id().as_str(), report.format_spec_version()), (REPORT, Some("1.3")));
    assert!(report.address_expires_at().is_some());
    assert_eq!(report.download().await.unwrap().into_inner().text().await.unwrap(), CSV);

    let requests = server.requests();
    assert_eq!(requests.len(), 7);
    assert_eq!(requests[0].1, r#"{"formatSpecVersion":"1.3","reportFormat":"CSV","reportType":"FOCUS"}"#);
    let download = &requests[6].0;
    assert!(download.starts_with("get /file?sig=hush%2f+%41 http/1.1"), "{download}");
    for (head, _) in &requests[..6] {
        assert!(head.contains(CREDENTIAL));
    }
    for header in ["authorization", "cookie", CREDENTIAL] {
        assert!(!download.contains(header), "{download}");
    }
}

#[tokio::test]
async fn a_failed_report_says_why() {
    let failed = state("200 OK", "FAILED", r#","failureReason":"The invoice is being rewritten.""#);
    let mut server = Server::start([created(), state("200 OK", "RUNNING", ""), failed]);
    let error = new_report(&server.client()).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.to_string(), "getOrgInvoiceReport: refused by the service: The invoice is being rewritten.");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_report_without_a_name_or_an_address_is_an_error() {
    let server = Server::start([json("201 Created", r#"{"state":"PENDING"}"#)]);
    let error = new_report(&server.client()).start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("no report id"), "{error}");

    let server = Server::start([state("200 OK", "SUCCEEDED", "")]);
    let error = report(&server).wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("no download address"), "{error}");
}

#[tokio::test]
async fn the_deadline_names_the_report() {
    let server = Server::start([state("200 OK", "RUNNING", "")]);
    let error = report(&server).deadline(Duration::from_millis(100)).wait().await.unwrap_err();
    assert!(error.is_timeout() && error.source().is_none());
    assert!(error.to_string().contains(REPORT), "{error}");
}

#[tokio::test]
async fn a_broken_connection_is_a_failure() {
    let mut server = Server::start([Reply::Close(String::new())]);
    let error = report(&server).wait().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), server.requests().len()), (ErrorKind::Transport, 5, 5));

    let mut server = Server::start([json("404 X", "{}")]);
    assert_eq!(report(&server).wait().await.unwrap_err().status(), Some(404));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_report_is_resumed_by_its_identifier() {
    let server = Server::start_with(|url| [created(), state("200 OK", "RUNNING", ""), succeeded(url)]);
    let report = new_report(&server.client()).start().await.unwrap();
    assert!(report.poll_once().await.unwrap().is_none());
    let resumed =
        InvoiceReport::resume(&server.client(), OrganizationId::new(ORG), InvoiceId::new(INVOICE), report.report_id());
    assert_eq!(resumed.wait().await.unwrap().report_id().as_str(), REPORT);
}

#[tokio::test]
async fn an_address_that_has_expired_is_renewed_once() {
    let refused = || answer("403 Forbidden", "application/xml", "<Error>Request has expired</Error>");
    let file = || answer("200 OK", "text/csv", CSV);

    let (mut server, report) = finished(|address| vec![refused(), succeeded(address), file()]).await;
    assert_eq!(report.download().await.unwrap().into_inner().text().await.unwrap(), CSV);
    assert_eq!(server.requests().len(), 3);

    let (mut server, report) = finished(|address| vec![refused(), succeeded(address), refused()]).await;
    let error = report.download().await.unwrap_err();
    assert_eq!(error.to_string(), "download: 403 Forbidden: the file store refused the address (request id req-1)");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_download_is_retried() {
    let mut server = Server::start_with(|url| {
        [
            succeeded(url),
            Reply::Close(String::new()),
            answer("503 X", "text/plain", ""),
            answer("200 OK", "text/csv", CSV),
        ]
    });
    let policy = RetryPolicy::new().backoff(MILLISECOND, MILLISECOND);
    let client = server.builder().retry(policy).build().unwrap();
    let report =
        InvoiceReport::resume(&client, OrganizationId::new(ORG), InvoiceId::new(INVOICE), InvoiceReportId::new(REPORT))
            .wait()
            .await
            .unwrap();
    assert_eq!(report.download().await.unwrap().into_inner().text().await.unwrap(), CSV);
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn an_address_that_is_not_safe_is_not_asked() {
    for address in ["http://files.example.com/file?sig=hush", "ftp://127.0.0.1/hush", "hush"] {
        let server = Server::start([succeeded(address)]);
        let error = report(&server).wait().await.unwrap().download().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
}

#[tokio::test]
async fn the_address_is_nowhere_to_be_seen() {
    let refusal = |status| answer(status, "application/xml", "<Error>/file?sig=hush</Error>");
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/file?sig=hush\r\ncontent-length: 0\r\n\r\n";
    for (reply, kind) in [
        (refusal("404 Not Found"), ErrorKind::Api),
        (refusal("500 Internal Server Error"), ErrorKind::Api),
        (Reply::Close(String::new()), ErrorKind::Transport),
        (Reply::Close("nothing like HTTP\r\n\r\n".to_owned()), ErrorKind::Transport),
        (Reply::Send(redirect.to_owned()), ErrorKind::Redirect),
    ] {
        let (_server, report) = finished(|_| vec![reply]).await;
        let error = report.download().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let mut text = format!("{report:?} {error} {error:?} {:?}", error.body());
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!text.contains("hush") && !text.contains("/file"), "{text}");
    }
}
