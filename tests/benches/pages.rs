//! Serving pages: `cargo bench -p workspace-tests -- [RECORDS]`.
//!
//! Reads a listing of instances over loopback twice per round: once raw, parsing the cursor only, and once with the typed
//! client. The raw run must be several times as fast, so that a client's benchmark does not measure the sandbox. Prints
//! medians and the peak memory of the process, which is sandbox and reader together.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cloud_billing_sandbox::{Estate, Sandbox};
use ibm_usage_reports::Client;
use ibm_usage_reports::types::AccountId;

const ROUNDS: usize = 5;
const PAGE: usize = 200;

fn main() {
    let records = std::env::args().skip(1).find_map(|text| text.parse::<u64>().ok()).unwrap_or(20_000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let estate = Estate::new().instances(records).line_items(records);
    let sandbox = runtime.block_on(Sandbox::builder().estate(estate).kept_requests(0).start()).unwrap();
    let ledger = sandbox.estate().unwrap();
    let (account, months) = (ledger.ibm_account().to_owned(), ledger.months());
    let month = &months[months.len() - 2];
    let target = format!("/v4/accounts/{account}/resource_instances/usage/{month}?_limit={PAGE}&_names=true");
    let client = Client::builder().base_url(sandbox.ibm_url()).bearer_token("token").build().unwrap();

    let mut raw = Vec::new();
    let mut typed = Vec::new();
    let mut bytes = 0;
    let rounds = if records > 200_000 { 1 } else { ROUNDS };
    for _ in 0..rounds {
        let start = Instant::now();
        bytes = read_pages(sandbox.ibm_url(), &target, records);
        raw.push(start.elapsed());
        if records > 200_000 {
            continue;
        }
        let start = Instant::now();
        runtime.block_on(async {
            let mut items = client
                .get_resource_usage_account(AccountId::new(&account), month.parse().unwrap())
                .names(true)
                .limit(200)
                .items();
            let mut seen = 0;
            while items.try_next().await.unwrap().is_some() {
                seen += 1;
            }
            assert_eq!(seen, records);
        });
        typed.push(start.elapsed());
    }
    report("raw pages of instances", &mut raw, records, bytes);
    if !typed.is_empty() {
        report("typed client", &mut typed, records, bytes);
        println!("raw is {:.1} times as fast", typed[rounds / 2].as_secs_f64() / raw[rounds / 2].as_secs_f64());
    }

    let organization = ledger.atlas_organizations().nth(1).unwrap();
    let invoice = ledger.atlas_invoices(&organization).remove(1);
    let path = format!("/api/atlas/v2/orgs/{organization}/invoices/{}", invoice.id);
    let forms = [
        ("lines of an invoice's JSON", path.clone(), "application/vnd.atlas.2023-01-01+json"),
        ("rows of an invoice's CSV", format!("{path}/csv"), "application/vnd.atlas.2023-01-01+csv"),
    ];
    for (what, path, accept) in forms {
        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..rounds {
            let start = Instant::now();
            bytes = stream(sandbox.atlas_url(), &path, accept);
            times.push(start.elapsed());
        }
        report(what, &mut times, invoice.line_items, bytes);
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("no /proc: peak memory unknown"));
}

fn report(what: &str, times: &mut [Duration], records: u64, bytes: u64) {
    times.sort();
    let median = times[times.len() / 2].as_secs_f64();
    println!(
        "{what}: {records} in {:.1} ms, {:.2} us each, {:.0} MB/s",
        median * 1e3,
        median * 1e6 / records as f64,
        bytes as f64 / median / 1e6
    );
}

/// Reads every page, and returns the number of bytes.
fn read_pages(url: &str, target: &str, records: u64) -> u64 {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = BufReader::with_capacity(256 * 1024, TcpStream::connect(host).unwrap());
    let (mut next, mut bytes, mut pages) = (Some(target.to_owned()), 0, 0);
    let mut body = Vec::new();
    while let Some(target) = next {
        ask(stream.get_mut(), host, &target, "application/json");
        body.resize(header(&mut stream, "content-length").unwrap().parse().unwrap(), 0);
        stream.read_exact(&mut body).unwrap();
        bytes += body.len() as u64;
        pages += 1;
        // The links precede the records.
        let head = std::str::from_utf8(&body[..body.len().min(4096)]).unwrap_or_default();
        let href = head.split_once("\"next\":{\"href\":\"").and_then(|(_, rest)| rest.split_once('"'));
        next = href.map(|(href, _)| href.to_owned());
    }
    assert_eq!(pages, records.div_ceil(PAGE as u64));
    bytes
}

/// Reads a body of any length, and returns the number of bytes.
fn stream(url: &str, target: &str, accept: &str) -> u64 {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = BufReader::with_capacity(256 * 1024, TcpStream::connect(host).unwrap());
    ask(stream.get_mut(), host, target, accept);
    let mut bytes = 0;
    if let Some(length) = header(&mut stream, "content-length") {
        return std::io::copy(&mut stream.take(length.parse().unwrap()), &mut std::io::sink()).unwrap();
    }
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let length = u64::from_str_radix(line.trim(), 16).unwrap();
        std::io::copy(&mut stream.by_ref().take(length + 2), &mut std::io::sink()).unwrap();
        bytes += length;
        if length == 0 {
            return bytes;
        }
    }
}

fn ask(stream: &mut TcpStream, host: &str, target: &str, accept: &str) {
    let request =
        format!("GET {target} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer token\r\naccept: {accept}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
}

/// Reads the head of a response, and returns the value of a header.
fn header(stream: &mut impl BufRead, name: &str) -> Option<String> {
    let mut found = None;
    let mut first = true;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(!first || line.starts_with("HTTP/1.1 200"), "{line}");
        first = false;
        if line.trim().is_empty() {
            return found;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix(&format!("{name}:")) {
            found = Some(value.trim().to_owned());
        }
    }
}
