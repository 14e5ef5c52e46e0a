//! The three responses for pending invoices, and the errors.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::io::{Read, Write};
use std::net::TcpListener;

use atlas_billing::csv::InvoiceCsv as _;
use atlas_billing::types::{InvoiceId, OrganizationId};
use atlas_billing::{Client, ErrorKind};

const ORG: &str = "6aa7ac7ceee65f53e9421ce5";

/// A client of a server that sends one response and closes the connection.
fn client(status: u16, body: &str, announced: usize) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {announced}\r\nconnection: close\r\n\r\n{body}"
    );
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            let length = socket.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..length]);
        }
        socket.write_all(answer.as_bytes()).unwrap();
    });
    Client::builder().base_url(url).bearer_token("token").build().unwrap()
}

fn answering(status: u16, body: &str) -> Client {
    client(status, body, body.len())
}

#[tokio::test]
async fn every_shape_is_a_list() {
    for (status, body, ids) in [
        (200, r#"{"results": [{"id": "a"}, {"id": "b"}], "totalCount": 2}"#, vec!["a", "b"]),
        (200, r#"{"id": "a", "statusName": "PENDING", "lineItems": []}"#, vec!["a"]),
        (200, r#"{"results": []}"#, vec![]),
        (404, r#"{"error": 404, "errorCode": "PENDING_INVOICE_NOT_FOUND", "reason": "Not Found"}"#, vec![]),
    ] {
        let invoices = answering(status, body).pending_invoices(OrganizationId::new(ORG)).await.unwrap();
        let found: Vec<&str> = invoices.iter().filter_map(|invoice| invoice.id.as_deref()).collect();
        assert_eq!(found, ids, "{body}");
    }
}

#[tokio::test]
async fn any_other_refusal_is_an_error() {
    for (status, code) in [(404, "RESOURCE_NOT_FOUND"), (403, "PENDING_INVOICE_NOT_FOUND")] {
        let body = format!(r#"{{"error": {status}, "errorCode": "{code}"}}"#);
        let error = answering(status, &body).pending_invoices(OrganizationId::new(ORG)).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some(code)));
    }
}

#[tokio::test]
async fn an_invoice_cut_short_ends_in_an_error() {
    let csv = "Invoice Number,7,\nDate,Amount\n11/01/2026,12.96\n11/01/2026,1";
    let response = client(200, csv, 1000)
        .get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new("6abda280f4c54977656cf2d1"))
        .send()
        .await
        .unwrap();
    let mut rows = response.rows();
    assert!(rows.try_next().await.unwrap().unwrap().amount().unwrap().is_some());
    let error = rows.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains(&format!("{} of 1000 bytes", csv.len())), "{error}");
    assert!(rows.try_next().await.unwrap().is_none());
}
