//! The memory use of a large CSV. This test is its own program, because the figure covers the whole process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use atlas_billing::csv::InvoiceCsv as _;
use atlas_billing::types::{InvoiceId, OrganizationId};
use atlas_billing::{Client, Decimal};

const ORG: &str = "6aa7ac7ceee65f53e9421ce5";
const SMALL: &str = "6abda280f4c54977656cf2d1";
const LARGE: &str = "6abda280f4c54977656cf2d2";
const HEADER: &str = "Invoice Number,1,\n\nDate,Usage Date,Description,SKU,Unit Price,Quantity,Amount,Tag/env\n";
const ROW: &str = "10/31/2026,10/30/2026,\"M30 server hours, 3 servers\",AWS M30 server,0.18,72,12.96,prod\n";

/// The number of rows in 16 MiB.
const ROWS: usize = 16 * 1024 * 1024 / ROW.len();

/// How much more memory a large body may use than a small one: buffers on both sides of the socket, which belong to
/// this process too, and memory that the allocator keeps.
const SLACK: u64 = 4 * 1024 * 1024;

/// Sends [`ROWS`] rows for the invoice [`LARGE`], and 100 rows for any other.
fn serve(listener: &TcpListener) {
    for socket in listener.incoming() {
        let mut socket = socket.unwrap();
        let mut reader = BufReader::new(socket.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let rows = if line.contains(LARGE) { ROWS } else { 100 };
        while line.trim_end() != "" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        let length = HEADER.len() + rows * ROW.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.atlas.2023-01-01+csv\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{HEADER}"
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut chunk = String::new();
        for _ in 0..100 {
            chunk.write_str(ROW).unwrap();
        }
        for written in (0..rows).step_by(100) {
            socket.write_all(&chunk.as_bytes()[..100.min(rows - written) * ROW.len()]).unwrap();
        }
    }
}

/// The peak memory of this process in bytes: `VmHWM` of proc(5).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

async fn total(client: &Client, invoice: &str) -> (usize, Decimal) {
    let mut rows =
        client.get_invoice_csv(OrganizationId::new(ORG), InvoiceId::new(invoice)).send().await.unwrap().rows();
    let (mut count, mut total) = (0, Decimal::ZERO);
    while let Some(row) = rows.try_next().await.unwrap() {
        assert_eq!(row.tag("env"), Some("prod"));
        total += row.amount().unwrap().unwrap();
        count += 1;
    }
    (count, total)
}

#[tokio::test]
async fn rows_take_the_same_memory_whatever_their_number() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || serve(&listener));
    let client = Client::builder().base_url(url).bearer_token("token").build().unwrap();

    assert_eq!(total(&client, SMALL).await, (100, Decimal::from_cents(1296 * 100)));
    let before = peak();
    let cents = i64::try_from(1296 * ROWS).unwrap();
    assert_eq!(total(&client, LARGE).await, (ROWS, Decimal::from_cents(cents)));
    let grown = peak() - before;
    assert!(grown < SLACK, "{grown} bytes more for {} bytes of CSV", ROWS * ROW.len());
}
