//! A server of pages that records requests.

use std::sync::Arc;

use cloud_billing_core::{Core, RetryPolicy, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const SERVICE: Service = Service::new("test-billing", "https://billing.example.com");

/// Answers a request target.
pub(crate) type Answer = Arc<dyn Fn(&str) -> (u16, String) + Send + Sync>;

/// A server that answers with a function and can hold responses back until a number of requests have arrived.
pub(crate) struct Server {
    url: String,
    seen: watch::Receiver<Vec<String>>,
    /// How many connections the client has closed in the middle of a request.
    pub(crate) given_up: watch::Receiver<usize>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::holding(answer, |_| 0).await
    }

    /// `hold` returns, by target, how many requests must have arrived before the response is sent.
    pub(crate) async fn holding(
        answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
        hold: impl Fn(&str) -> usize + Send + Sync + 'static,
    ) -> Self {
        Self::serve(answer, hold, None).await
    }

    /// `remaining` is the `RateLimit-Remaining` of every response.
    pub(crate) async fn serve(
        answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
        hold: impl Fn(&str) -> usize + Send + Sync + 'static,
        remaining: Option<u64>,
    ) -> Self {
        let quota = remaining.map(|remaining| format!("ratelimit-remaining: {remaining}\r\n")).unwrap_or_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, seen) = watch::channel(Vec::new());
        let (gone, given_up) = watch::channel(0);
        let (sender, gone, hold) = (Arc::new(sender), Arc::new(gone), Arc::new(hold));
        let answer: Answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (sender, gone, hold, answer) = (sender.clone(), gone.clone(), hold.clone(), answer.clone());
                let quota = quota.clone();
                tokio::spawn(async move {
                    while let Some(target) = read_target(&mut socket).await {
                        sender.send_modify(|seen| seen.push(target.clone()));
                        let enough = hold(&target);
                        let mut seen = sender.subscribe();
                        let held = async { seen.wait_for(|seen| seen.len() >= enough).await.map(drop) };
                        let mut byte = [0];
                        tokio::select! {
                            biased;
                            held = held => held.unwrap(),
                            _ = socket.read(&mut byte) => return gone.send_modify(|count| *count += 1),
                        }
                        let (status, body) = answer(&target);
                        let head = format!(
                            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{quota}content-length: {}\r\n\r\n",
                            body.len()
                        );
                        if socket.write_all(format!("{head}{body}").as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, seen, given_up }
    }

    pub(crate) fn core(&self) -> Core {
        self.core_with(RetryPolicy::none())
    }

    pub(crate) fn core_with(&self, retry: RetryPolicy) -> Core {
        Core::builder(&SERVICE).base_url(&self.url).no_credential().retry(retry).build().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.borrow().clone()
    }

    pub(crate) async fn wait_for(&self, requests: usize) {
        self.seen.clone().wait_for(|seen| seen.len() >= requests).await.unwrap();
    }
}

pub(crate) async fn read_target(socket: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(bytes).unwrap().split(' ').nth(1).map(str::to_owned)
}
