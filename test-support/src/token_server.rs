//! A server on a loopback socket that records its requests and answers each one with a token.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Records its requests and answers each one with a token. It runs on a thread of its own.
#[derive(Debug)]
pub struct TokenServer {
    /// Its address, without a trailing slash.
    pub url: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl TokenServer {
    /// Starts a server.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut kept, mut length, mut line) = (String::new(), 0, String::new());
                while reader.read_line(&mut line).unwrap() > 2 {
                    let text = line.trim_end();
                    let (name, value) = text.split_once(": ").unwrap_or((text, ""));
                    match name.to_ascii_lowercase().as_str() {
                        "content-length" => length = value.parse().unwrap(),
                        "authorization" => kept.push_str(&format!("  authorization: {value}\n")),
                        _ if kept.is_empty() => kept = format!("{}\n", text.trim_end_matches(" HTTP/1.1")),
                        _ => {}
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                if length > 0 {
                    kept.push_str(&format!("  {}\n", String::from_utf8(body).unwrap()));
                }
                list.lock().unwrap().push(kept);
                let body = r#"{"access_token":"T","token_type":"Bearer","expires_in":3600,"expiration":4102444800}"#;
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json";
                write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
            }
        });
        Self { url, received }
    }

    /// The requests so far: request lines, `Authorization` headers and bodies.
    ///
    /// # Panics
    /// If the server has panicked.
    #[must_use]
    pub fn received(&self) -> String {
        self.received.lock().unwrap().concat()
    }
}
