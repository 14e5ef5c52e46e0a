//! Ctrl-C.

use std::future;

/// Waits until the user interrupts the program. Where that cannot be noticed, it waits without end.
pub(crate) async fn wait() {
    if tokio::signal::ctrl_c().await.is_err() {
        future::pending::<()>().await;
    }
}
