//! Ctrl-C, and the request of another program to end.

use std::future;

use crate::failure::Failure;

/// Waits until the user interrupts the program, or another program ends it. Where that cannot be noticed, it waits without end.
pub(crate) async fn wait() -> Failure {
    tokio::select! {
        () = interrupted() => Failure::new(130, "interrupted"),
        () = terminated() => Failure::new(143, "terminated"),
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(_) => future::pending().await,
    }
}

/// Other systems have no such signal.
#[cfg(not(unix))]
async fn terminated() {
    future::pending().await
}
