//! A server on a loopback socket that sends scripted bytes.

#![allow(dead_code, reason = "every test binary uses another part")]

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use atlas_billing::{Client, ClientBuilder};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

pub(crate) const CREDENTIAL: &str = "hush-credential";

/// The server's reaction to one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Sends these bytes and waits for the next request on the same connection.
    Send(String),
    /// Sends these bytes and closes the connection.
    Close(String),
    /// Sends these bytes and nothing more, until the client closes the connection.
    Hang(String),
}

/// A complete response.
pub(crate) fn answer(status: &str, content_type: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Send(format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nx-request-id: req-1\r\n\r\n{body}"
    ))
}

/// A complete response with a JSON body.
pub(crate) fn json(status: &str, body: &str) -> Reply {
    answer(status, "application/json", body)
}

/// An event on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The headers of a request in lower case, and its body.
    Request { head: String, body: String },
    /// The client closed a connection while it waited for a response.
    GivenUp,
}

pub(crate) struct Server {
    pub(crate) url: String,
    events: UnboundedReceiver<Event>,
}

impl Server {
    /// Starts a server that answers requests with the script, in order. The last reply answers all further requests.
    pub(crate) fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::listen(listener, script)
    }

    /// Starts a server whose script needs its URL.
    pub(crate) fn start_with<S: IntoIterator<Item = Reply>>(script: impl FnOnce(&str) -> S) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let script = script(&url(&listener));
        Self::listen(listener, script)
    }

    fn listen(listener: TcpListener, script: impl IntoIterator<Item = Reply>) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let url = url(&listener);
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (script, sender) = (Arc::clone(&script), sender.clone());
                thread::spawn(move || serve(socket, &script, &sender));
            }
        });
        Self { url, events }
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder().base_url(&self.url).bearer_token(CREDENTIAL)
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// Waits for the next event.
    pub(crate) async fn event(&mut self) -> Event {
        self.events.recv().await.unwrap()
    }

    /// Returns the requests so far, headers and body.
    pub(crate) fn requests(&mut self) -> Vec<(String, String)> {
        let mut requests = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            if let Event::Request { head, body } = event {
                requests.push((head, body));
            }
        }
        requests
    }
}

fn url(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}

fn serve(mut socket: TcpStream, script: &Mutex<VecDeque<Reply>>, events: &UnboundedSender<Event>) {
    while let Some(request) = read(&mut socket) {
        // The test may have ended.
        let _ = events.send(request);
        let reply = {
            let mut script = script.lock().unwrap();
            if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
        };
        let (Reply::Send(bytes) | Reply::Close(bytes) | Reply::Hang(bytes)) = reply.as_ref().unwrap();
        if socket.write_all(bytes.as_bytes()).is_err() {
            return;
        }
        match reply.unwrap() {
            Reply::Send(_) => {}
            Reply::Close(_) => return,
            Reply::Hang(_) => {
                let _ = socket.read(&mut [0]);
                let _ = events.send(Event::GivenUp);
                return;
            }
        }
    }
}

fn read(socket: &mut TcpStream) -> Option<Event> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some(Event::Request { head, body: String::from_utf8(bytes[end + 4..].to_vec()).unwrap() });
            }
        }
        match socket.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}
