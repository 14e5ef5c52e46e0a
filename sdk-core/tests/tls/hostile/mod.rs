//! Servers that mean harm, below HTTP/1: in the TLS handshake, in the records after it, and in the frames of HTTP/2. Each
//! case ends in a typed error or in correct data, within the limits of time and memory. The snapshots are what came of each.

mod certificates;
mod handshakes;
mod http2;
mod records;

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloud_billing_core::{ClientBuilder, Core, Method, Operation, Request, RetryPolicy};
use test_support::figures::{self, Figure};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};

use crate::support::SERVICE;

const CSV: Operation = Operation::new("getCsv", Method::Get, "/csv").accept("text/csv").success(&[200]);

/// The largest body that the clients of these tests take, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// After this time a server that is expected to stall is given up.
const STALL: Duration = Duration::from_millis(500);

/// A call that has not ended by then hangs.
const HANG: Duration = Duration::from_secs(60);

/// What a server does after its bytes.
#[derive(Clone)]
enum Then {
    /// Leaves the connection open and reads on.
    Open,
    /// Closes the connection as it is.
    Close,
    /// Says that it closes the connection, and closes it.
    End,
    /// Writes these bytes again and again.
    Endless(Vec<u8>),
    /// The same, without reading what the client says.
    Deaf(Vec<u8>),
}

/// Writes the bytes, and does what comes then.
async fn play(stream: impl AsyncRead + AsyncWrite, bytes: &[u8], then: Then) -> std::io::Result<()> {
    let (mut reader, mut writer) = split(stream);
    writer.write_all(bytes).await?;
    let mut sink = tokio::io::sink();
    let part = match then {
        Then::Open => return tokio::io::copy(&mut reader, &mut sink).await.map(drop),
        Then::Close => return Ok(()),
        Then::End => return writer.shutdown().await,
        Then::Deaf(part) => loop {
            writer.write_all(&part).await?;
        },
        Then::Endless(part) => part,
    };
    let flood = async {
        loop {
            if let Err(error) = writer.write_all(&part).await {
                break error;
            }
        }
    };
    tokio::select! {
        error = flood => Err(error),
        copied = tokio::io::copy(&mut reader, &mut sink) => copied.map(drop),
    }
}

/// What a client makes of a server that is asked for a table, whose bytes are taken as they come.
async fn outcome(builder: ClientBuilder, stalls: bool) -> String {
    outcome_of(builder, stalls, Request::new(&CSV)).await
}

async fn outcome_of(builder: ClientBuilder, stalls: bool, request: Request) -> String {
    let builder = builder.no_credential().body_limit(BODY_LIMIT).idle_timeout(STALL);
    let core = if stalls { builder.attempt_timeout(STALL) } else { builder }.build().unwrap();
    let call = async { core.bytes(request).await?.into_inner().bytes(BODY_LIMIT).await };
    match tokio::time::timeout(HANG, call).await.unwrap() {
        Ok(body) => format!("ok: {:?}", String::from_utf8_lossy(&body)),
        Err(error) => format!("{:?}: {error}", error.kind()),
    }
}

/// Keeps a table beside the others.
fn assert_table(name: &str, table: &str) {
    insta::with_settings!(
        { prepend_module_to_snapshot => false, snapshot_path => "../snapshots", omit_expression => true },
        { insta::assert_snapshot!(name, table) }
    );
}

/// The same for what depends on the TLS library.
fn assert_table_of_library(name: &str, table: &str) {
    let library = if cfg!(feature = "native-tls") { "native" } else { "rustls" };
    assert_table(&format!("{name}-{library}"), table);
}
