//! A server on a loopback socket that writes whatever bytes it is told to, and counts what it sees.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
pub(crate) enum Reply {
    /// Writes these bytes and waits for the next request on the same connection.
    Send(Vec<u8>),
    /// Writes these bytes and closes the connection.
    Close(Vec<u8>),
    /// Writes these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Writes these bytes and nothing more, with the connection left open.
    Hang(Vec<u8>),
    /// Writes these bytes, waits, and goes on with the rest.
    Pause(Vec<u8>, Duration, Vec<u8>),
    /// Writes these bytes, and then the others over and over, with pauses, until the client has had enough.
    Endless(Vec<u8>, Vec<u8>, Duration),
}

/// A complete answer.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = head(status, headers, Some(body.len()));
    bytes.extend_from_slice(body);
    bytes
}

/// A complete answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, &[("content-type", "application/json")], body.as_bytes())
}

/// The head of an answer. Without a length the body is chunked.
pub(crate) fn head(status: u16, headers: &[(&str, &str)], content_length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\n");
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    match content_length {
        _ if status == 204 || status == 304 => {}
        Some(length) => head.push_str(&format!("content-length: {length}\r\n")),
        None => head.push_str("transfer-encoding: chunked\r\n"),
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Method, target and version.
    pub(crate) line: String,
    /// Names, in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    /// Which request to this server it is, from 0.
    pub(crate) number: usize,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    handler: Arc<Handler>,
    seen: Arc<Mutex<Vec<Request>>>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    requests: AtomicUsize,
    connections: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    /// What endless answers have come to.
    endless: AtomicU64,
}

impl Server {
    /// Starts a server in the runtime of the caller.
    pub(crate) async fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            handler: Arc::new(handler),
            seen: Arc::default(),
            counts: Arc::default(),
        };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let this = this.clone();
                tokio::spawn(async move {
                    let open = this.counts.open.fetch_add(1, Ordering::SeqCst) + 1;
                    this.counts.most_open.fetch_max(open, Ordering::SeqCst);
                    this.counts.connections.fetch_add(1, Ordering::SeqCst);
                    // Clients that break off are what some tests are about.
                    let _ = this.serve(socket).await;
                    this.counts.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests there were.
    pub(crate) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// How many connections there were at the same time, at most.
    pub(crate) fn most_open(&self) -> usize {
        self.counts.most_open.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// How many connections there are.
    pub(crate) fn open(&self) -> usize {
        self.counts.open.load(Ordering::SeqCst)
    }

    /// How many bytes of endless answers were written.
    pub(crate) fn endless(&self) -> u64 {
        self.counts.endless.load(Ordering::SeqCst)
    }

    /// Keeps a request. More than so many are of no use to any test, and would look like a leak to one.
    fn keep(&self, request: Request) {
        let mut seen = self.seen.lock().unwrap();
        if seen.len() < 1000 {
            seen.push(request);
        }
    }

    async fn serve(&self, mut socket: TcpStream) -> std::io::Result<()> {
        socket.set_nodelay(true)?;
        while let Some(mut request) = read(&mut socket).await? {
            request.number = self.counts.requests.fetch_add(1, Ordering::SeqCst);
            let reply = (self.handler)(&request);
            self.keep(request);
            match reply {
                Reply::Send(bytes) => socket.write_all(&bytes).await?,
                Reply::Close(bytes) => return socket.write_all(&bytes).await,
                Reply::Reset(bytes) => {
                    socket.write_all(&bytes).await?;
                    return socket.set_zero_linger();
                }
                Reply::Hang(bytes) => {
                    socket.write_all(&bytes).await?;
                    socket.read_u8().await?;
                }
                Reply::Pause(begin, pause, rest) => {
                    socket.write_all(&begin).await?;
                    // On the real clock: that of the test may stand still.
                    tokio::task::spawn_blocking(move || std::thread::sleep(pause)).await?;
                    socket.write_all(&rest).await?;
                }
                Reply::Endless(begin, part, pause) => {
                    socket.write_all(&begin).await?;
                    loop {
                        socket.write_all(&part).await?;
                        self.counts.endless.fetch_add(part.len() as u64, Ordering::SeqCst);
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Reads a request, or nothing if the client has closed the connection.
async fn read(socket: &mut TcpStream) -> std::io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = text.split("\r\n").map(str::to_owned);
    let line = lines.next().unwrap_or_default();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    while bytes.len() < end + 4 + length {
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(Request { line, headers, number: 0 }))
}
