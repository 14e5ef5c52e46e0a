//! Whether a server accepts connections.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

/// Closes the listener of one server for a time. New connections are then refused, as if no process listened.
#[derive(Debug, Default)]
pub(crate) struct ListenerGate {
    pending: Mutex<Vec<Closure>>,
    added: Notify,
}

/// A request to close a listener.
#[derive(Debug)]
pub(crate) struct Closure {
    pub(crate) time: Duration,
    done: oneshot::Sender<()>,
}

impl Closure {
    /// Reports that the listener is closed.
    pub(crate) fn done(self) {
        // The caller may have stopped waiting.
        let _ = self.done.send(());
    }
}

impl ListenerGate {
    /// Closes the listener for a time, and returns as soon as it is closed.
    pub(crate) async fn close(&self, time: Duration) {
        let (done, closed) = oneshot::channel();
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).push(Closure { time, done });
        self.added.notify_one();
        // An error means that the server has ended, so its listener is closed.
        let _ = closed.await;
    }

    /// Waits for a request to close the listener.
    pub(crate) async fn closure(&self) -> Closure {
        loop {
            if let Some(closure) = self.pending.lock().unwrap_or_else(PoisonError::into_inner).pop() {
                return closure;
            }
            self.added.notified().await;
        }
    }
}
