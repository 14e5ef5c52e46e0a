//! A scripted HTTP server on a loopback socket.

#![allow(dead_code, reason = "every test binary uses another part")]

#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub(crate) mod tls;
pub(crate) mod trace;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use cloud_billing_core::{ClientBuilder, Core, Method, Operation, RetryPolicy, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

pub(crate) const SERVICE: Service = Service::new("test-billing", "https://billing.example.com")
    .user_agent("test-billing/1.0")
    .request_id_headers(&["x-request-id", "x-global-transaction-id"]);

pub(crate) const GET: Operation =
    Operation::new("getInvoice", Method::Get, "/v2/invoices/{id}").accept("application/vnd.test+json").success(&[200]);

/// What the server does with one request.
pub(crate) enum Reply {
    /// Writes these bytes and waits for the next request on the same connection.
    Send(Vec<u8>),
    /// Writes these bytes and closes the connection.
    SendAndClose(Vec<u8>),
    /// Writes these bytes and resets the connection.
    SendAndReset(Vec<u8>),
    /// Writes these bytes and nothing more, with the connection left open.
    SendAndHang(Vec<u8>),
}

/// A complete answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Reply {
    answer(status, &[("content-type", "application/json"), ("x-request-id", "req-1")], body.as_bytes())
}

/// A complete answer.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut bytes = head(status, headers, Some(body.len()));
    bytes.extend_from_slice(body);
    Reply::Send(bytes)
}

/// The head of an answer.
pub(crate) fn head(status: u16, headers: &[(&str, &str)], content_length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match content_length {
        _ if status == 204 => {}
        Some(length) => head.push_str(&format!("content-length: {length}\r\n")),
        None => head.push_str("transfer-encoding: chunked\r\n"),
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// An address at which connections are refused, for as long as the socket lives: of a port that is given back, another
/// test's server may be the next owner.
pub(crate) fn refused() -> (TcpSocket, std::net::SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Which connection it came on, counted from 0.
    pub(crate) connection: usize,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What answers a request; `None` closes the connection.
type Handler = dyn Fn(&Received) -> Option<Reply> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    handler: Arc<Handler>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts a server that answers requests by the script, in order.
    pub(crate) async fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        let script: Mutex<VecDeque<Reply>> = Mutex::new(script.into_iter().collect());
        Self::answering(move |_| script.lock().unwrap().pop_front()).await
    }

    /// Starts a server that answers requests by what they are.
    pub(crate) async fn answering(handler: impl Fn(&Received) -> Option<Reply> + Send + Sync + 'static) -> Self {
        trace::keep_on();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            handler: Arc::new(handler),
            received: Arc::default(),
        };
        let this = server.clone();
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((socket, _)) = listener.accept().await else { return };
                tokio::spawn(this.clone().serve(socket, connection));
            }
        });
        server
    }

    /// A client of this server that sends each request once.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Core::builder(&SERVICE).base_url(&self.url).retry(RetryPolicy::none())
    }

    pub(crate) fn core(&self) -> Core {
        self.builder().bearer_token("hush-token").build().unwrap()
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    async fn serve(self, mut socket: TcpStream, connection: usize) {
        while let Some(request) = read_request(&mut socket, connection).await {
            let reply = (self.handler)(&request);
            self.received.lock().unwrap().push(request);
            match reply {
                Some(Reply::Send(bytes)) => socket.write_all(&bytes).await.unwrap(),
                Some(Reply::SendAndClose(bytes)) => {
                    socket.write_all(&bytes).await.unwrap();
                    return;
                }
                Some(Reply::SendAndReset(bytes)) => {
                    socket.write_all(&bytes).await.unwrap();
                    socket.set_zero_linger().unwrap();
                    return;
                }
                Some(Reply::SendAndHang(bytes)) => {
                    socket.write_all(&bytes).await.unwrap();
                    std::future::pending::<()>().await;
                }
                None => return,
            }
        }
    }
}

async fn read_request(socket: &mut TcpStream, connection: usize) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n").map(str::to_owned);
    let line = lines.next().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        })
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        if socket.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { line, headers, body, connection })
}
