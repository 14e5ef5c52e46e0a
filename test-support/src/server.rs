//! A server on a loopback socket that writes the bytes of a script or a function, and records its requests.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Writes these bytes and waits for the next request on the same connection.
    Send(Vec<u8>),
    /// Writes these bytes and closes the connection.
    Close(Vec<u8>),
    /// Writes these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Writes these bytes and nothing more, and leaves the connection open.
    Hang(Vec<u8>),
    /// Writes these bytes, waits, and writes the rest.
    Pause(Vec<u8>, Duration, Vec<u8>),
    /// Writes these bytes, and then the others again and again, with pauses, until the client closes the connection.
    Endless(Vec<u8>, Vec<u8>, Duration),
}

/// A complete response.
#[must_use]
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = head(status, headers, Some(body.len()));
    bytes.extend_from_slice(body);
    bytes
}

/// A complete response with a JSON body.
#[must_use]
pub fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, &[("content-type", "application/json")], body.as_bytes())
}

/// The head of a response. Without a length the body is chunked.
#[must_use]
pub fn head(status: u16, headers: &[(&str, &str)], content_length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    match content_length {
        _ if status == 204 || status == 304 => {}
        Some(length) => drop(write!(head, "content-length: {length}\r\n")),
        None => head.push_str("transfer-encoding: chunked\r\n"),
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method, target and version.
    pub line: String,
    /// Names, in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The number of its connection, counted from 0.
    pub connection: usize,
    /// Its own number among the requests to this server, counted from 0.
    pub number: usize,
}

impl Request {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Path and query.
    #[must_use]
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

/// The function that answers a request. `None` closes the connection.
type Handler = dyn Fn(&Request) -> Option<Reply> + Send + Sync;

/// The server. It runs in the runtime of its caller, and its clones are the same server.
#[derive(Clone)]
pub struct Server {
    /// Its address, without a trailing slash.
    pub url: String,
    handler: Arc<Handler>,
    received: Arc<Mutex<Vec<Request>>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicUsize,
    connections: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
    /// Bytes of endless responses.
    endless: AtomicU64,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Server {
    /// Starts a server that answers requests by a script, in order, and closes the connection at its end.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn scripted(script: impl IntoIterator<Item = Reply>) -> Self {
        let script: Mutex<VecDeque<Reply>> = Mutex::new(script.into_iter().collect());
        Self::answering(move |_| script.lock().unwrap().pop_front()).await
    }

    /// Starts a server that answers each request by a function.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::answering(move |request| Some(handler(request))).await
    }

    /// Starts a server that answers each request by a function, and closes the connection where the function returns `None`.
    ///
    /// # Panics
    /// If no port is free.
    pub async fn answering(handler: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            handler: Arc::new(handler),
            received: Arc::default(),
            counts: Arc::default(),
        };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let this = this.clone();
                tokio::spawn(async move {
                    let open = this.counts.open.fetch_add(1, Ordering::SeqCst) + 1;
                    this.counts.most_open.fetch_max(open, Ordering::SeqCst);
                    let connection = this.counts.connections.fetch_add(1, Ordering::SeqCst);
                    // A client may close a connection early: some tests are about that.
                    let _ = this.serve(socket, connection).await;
                    this.counts.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    /// The requests so far, at most a thousand.
    ///
    /// # Panics
    /// If a test has panicked meanwhile.
    #[must_use]
    pub fn received(&self) -> Vec<Request> {
        self.received.lock().unwrap().clone()
    }

    /// The number of requests so far.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// The greatest number of connections that were open at the same time.
    #[must_use]
    pub fn most_open(&self) -> usize {
        self.counts.most_open.load(Ordering::SeqCst)
    }

    /// The number of connections so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    /// The number of open connections.
    #[must_use]
    pub fn open(&self) -> usize {
        self.counts.open.load(Ordering::SeqCst)
    }

    /// The number of bytes of endless responses so far.
    #[must_use]
    pub fn endless(&self) -> u64 {
        self.counts.endless.load(Ordering::SeqCst)
    }

    /// Records a request. No test reads more than a thousand, and one measures the memory of the process.
    fn record(&self, request: Request) {
        let mut received = self.received.lock().unwrap();
        if received.len() < 1000 {
            received.push(request);
        }
    }

    async fn serve(&self, mut socket: TcpStream, connection: usize) -> std::io::Result<()> {
        socket.set_nodelay(true)?;
        while let Some(mut request) = read(&mut socket).await? {
            request.number = self.counts.requests.fetch_add(1, Ordering::SeqCst);
            request.connection = connection;
            let reply = (self.handler)(&request);
            self.record(request);
            let Some(reply) = reply else { return Ok(()) };
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
                    // By the real clock: the one of the test may be stopped.
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
    let body = bytes[end + 4..].to_vec();
    Ok(Some(Request { line, headers, body, connection: 0, number: 0 }))
}
