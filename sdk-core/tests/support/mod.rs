//! Clients of servers on loopback sockets.

#![allow(dead_code, unused_imports, reason = "every test binary uses another part")]

#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub(crate) mod tls;

use std::ops::Deref;

use cloud_billing_core::{ClientBuilder, Core, Method, Operation, RetryPolicy, Service};
pub(crate) use test_support::server::{Reply, Request as Received, head};
pub(crate) use test_support::trace;
use tokio::net::TcpSocket;

pub(crate) const SERVICE: Service = Service::new("test-billing", "https://billing.example.com")
    .user_agent("test-billing/1.0")
    .request_id_headers(&["x-request-id", "x-global-transaction-id"]);

pub(crate) const GET: Operation =
    Operation::new("getInvoice", Method::Get, "/v2/invoices/{id}").accept("application/vnd.test+json").success(&[200]);

/// A complete response with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Reply {
    answer(status, &[("content-type", "application/json"), ("x-request-id", "req-1")], body.as_bytes())
}

/// A complete response.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    Reply::Send(test_support::server::answer(status, headers, body))
}

/// An address that refuses connections while the socket lives. A released port could be reused by the server of another
/// test.
pub(crate) fn refused() -> (TcpSocket, std::net::SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A server, and clients of it.
#[derive(Clone)]
pub(crate) struct Server(test_support::server::Server);

impl Deref for Server {
    type Target = test_support::server::Server;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Server {
    /// Starts a server that answers requests by a script, in order.
    pub(crate) async fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        trace::keep_on();
        Self(test_support::server::Server::scripted(script).await)
    }

    /// Starts a server that answers each request by a function. `None` closes the connection.
    pub(crate) async fn answering(handler: impl Fn(&Received) -> Option<Reply> + Send + Sync + 'static) -> Self {
        trace::keep_on();
        Self(test_support::server::Server::answering(handler).await)
    }

    /// A client of this server without retries.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Core::builder(&SERVICE).base_url(&self.url).retry(RetryPolicy::none())
    }

    pub(crate) fn core(&self) -> Core {
        self.builder().bearer_token("hush-token").build().unwrap()
    }
}
