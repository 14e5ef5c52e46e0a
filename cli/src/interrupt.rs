//! Ctrl-C.

use std::future;

/// Waits until the user interrupts the program. If signals cannot be received, it waits for ever.
pub(crate) async fn wait() {
    if tokio::signal::ctrl_c().await.is_err() {
        future::pending::<()>().await;
    }
}
