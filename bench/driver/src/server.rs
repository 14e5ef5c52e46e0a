//! The load source: pages, invoices and CSV over plain HTTP/1.1, with one thread per connection and prepared responses.
//!
//! It answers as fast as possible or with a set latency, counts requests and the largest number in flight, and treats
//! every client the same. It validates nothing; the sandbox does that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// An unsigned JSON Web Token that is valid until 2100 (`iat`, `exp`). IBM's SDKs for Python and Node read its dates.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjAsImV4cCI6NDEwMjQ0NDgwMH0.AAAA";

/// The settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// The total number of records.
    pub(crate) records: usize,
    /// The latency of each response, except for tokens.
    pub(crate) latency: Duration,
    /// The size of the CSV in bytes.
    pub(crate) csv_bytes: u64,
    /// The pause between 64 kB pieces of the CSV.
    pub(crate) drip: Duration,
    /// The connection closes after this many bytes of the CSV.
    pub(crate) cut: Option<u64>,
    /// The latency of token requests.
    pub(crate) token_time: Duration,
    /// The number of token requests that are answered with 503 first.
    pub(crate) token_fail: u64,
}

impl Default for Options {
    fn default() -> Self {
        let none = Duration::ZERO;
        Self {
            records: 20_000,
            latency: none,
            csv_bytes: 64 << 20,
            drip: none,
            cut: None,
            token_time: none,
            token_fail: 0,
        }
    }
}

struct Shared {
    options: Options,
    /// The records of the first pages as JSON text. Later pages repeat them.
    pages: Vec<String>,
    invoices: Vec<String>,
    csv: Vec<u8>,
    requests: AtomicU64,
    now: AtomicU64,
    peak: AtomicU64,
    tokens: AtomicU64,
    /// The number of token requests that will still fail.
    failing: AtomicU64,
    /// How often the token was revoked. After the first time, only the latest token is accepted.
    voided: AtomicU64,
}

/// Serves until the process ends. `ready` receives the address.
pub(crate) fn serve(options: Options, ready: impl FnOnce(&str)) -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let shared = Arc::new(Shared {
        options,
        pages: data::pages(options.records.min(data::DISTINCT_RECORDS)),
        invoices: data::invoices(),
        csv: data::csv_block(),
        requests: AtomicU64::new(0),
        now: AtomicU64::new(0),
        peak: AtomicU64::new(0),
        tokens: AtomicU64::new(0),
        failing: AtomicU64::new(options.token_fail),
        voided: AtomicU64::new(0),
    });
    ready(&format!("http://{}", listener.local_addr()?));
    for connection in listener.incoming() {
        let shared = Arc::clone(&shared);
        // A broken connection is ignored; the client notices it.
        std::thread::spawn(move || connection.and_then(|stream| talk(&shared, stream)));
    }
    Ok(())
}

fn talk(shared: &Shared, mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let (mut length, mut authorization) = (0, String::new());
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            if line.trim_end().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap_or(0);
                } else if name.eq_ignore_ascii_case("authorization") {
                    value.trim().clone_into(&mut authorization);
                }
            }
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new())?;
        let open = answer(shared, &target, &authorization, &mut stream)?;
        if !open {
            return stream.shutdown(Shutdown::Both);
        }
    }
}

/// Answers one request. Returns whether the connection stays open.
fn answer(shared: &Shared, target: &str, authorization: &str, stream: &mut TcpStream) -> std::io::Result<bool> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameter = |name: &str| {
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).and_then(|text| text.parse().ok())
    };
    if path == "/stats" {
        let (requests, peak) = (shared.requests.swap(0, Ordering::SeqCst), shared.peak.swap(0, Ordering::SeqCst));
        let tokens = shared.tokens.swap(0, Ordering::SeqCst);
        return json(stream, &[format!("requests={requests} peak={peak} tokens={tokens}").as_bytes()]);
    }
    if path == "/void" {
        shared.voided.fetch_add(1, Ordering::SeqCst);
        return json(stream, &[b"{}"]);
    }
    if path == "/heal" {
        shared.failing.store(0, Ordering::SeqCst);
        return json(stream, &[b"{}"]);
    }
    let voided = shared.voided.load(Ordering::SeqCst);
    let current = if voided == 0 { TOKEN.to_owned() } else { format!("token-{voided}") };
    if path == "/identity/token" {
        shared.tokens.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(shared.options.token_time);
        if shared.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return refuse(stream, "503 Service Unavailable");
        }
        let until = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs() + 3600;
        let token = format!(
            r#"{{"access_token":"{current}","refresh_token":"none","token_type":"Bearer","expires_in":3600,"expiration":{until}}}"#
        );
        return json(stream, &[token.as_bytes()]);
    }
    shared.requests.fetch_add(1, Ordering::SeqCst);
    if voided > 0 && authorization.strip_prefix("Bearer ") != Some(&current) {
        return refuse(stream, "401 Unauthorized");
    }
    shared.peak.fetch_max(shared.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    std::thread::sleep(shared.options.latency);
    // The request counts as finished when its response begins, because the client may then send the next one.
    shared.now.fetch_sub(1, Ordering::SeqCst);
    if path.ends_with("/csv") {
        return csv(shared, stream);
    }
    if path.contains("/invoices") {
        let number: usize = parameter("pageNum").unwrap_or(1);
        return match shared.invoices.get(number.wrapping_sub(1)) {
            Some(page) => json(stream, &[page.as_bytes()]),
            None => json(stream, &[br#"{"links":[],"results":[],"totalCount":0}"#]),
        };
    }
    if path.contains("/resource_instances/usage/") {
        let number: usize = parameter("_start").unwrap_or(0);
        let last = (number + 1) * data::PAGE >= shared.options.records;
        let (head, tail) = data::around_page(path, number, shared.options.records, last);
        let page = &shared.pages[number % shared.pages.len()];
        return json(stream, &[head.as_bytes(), page.as_bytes(), tail.as_bytes()]);
    }
    json(stream, &[br#"{"account_id":"a","month":"2026-01"}"#])
}

fn json(stream: &mut TcpStream, parts: &[&[u8]]) -> std::io::Result<bool> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut answer =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    answer.reserve(length);
    parts.iter().for_each(|part| answer.extend_from_slice(part));
    stream.write_all(&answer)?;
    Ok(true)
}

fn refuse(stream: &mut TcpStream, status: &str) -> std::io::Result<bool> {
    write!(stream, "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}")?;
    Ok(true)
}

fn csv(shared: &Shared, stream: &mut TcpStream) -> std::io::Result<bool> {
    let total = shared.options.csv_bytes;
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: {total}\r\n\r\n")?;
    let pause = shared.options.drip;
    let piece = if pause.is_zero() { shared.csv.len() } else { 64 << 10 };
    let end = shared.options.cut.unwrap_or(u64::MAX).min(total);
    let mut sent = 0;
    while sent < end {
        // Send complete blocks of complete lines. The last block is cut off.
        let at = usize::try_from(sent % shared.csv.len() as u64).unwrap_or_default();
        let rest = usize::try_from(end - sent).unwrap_or(usize::MAX);
        let upto = shared.csv.len().min(at + piece.min(rest));
        stream.write_all(&shared.csv[at..upto])?;
        sent += (upto - at) as u64;
        std::thread::sleep(pause);
    }
    Ok(end == total)
}
