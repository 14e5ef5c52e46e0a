//! Whether connections are accepted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

/// The door of one server. While it is shut, connections are refused, as if nothing listened.
#[derive(Debug, Default)]
pub(crate) struct Door {
    asked: Mutex<Vec<Shutting>>,
    word: Notify,
}

/// A request to shut a door.
#[derive(Debug)]
pub(crate) struct Shutting {
    pub(crate) time: Duration,
    done: oneshot::Sender<()>,
}

impl Shutting {
    /// Says that it is shut.
    pub(crate) fn done(self) {
        // Whoever asked may be gone.
        let _ = self.done.send(());
    }
}

impl Door {
    /// Shuts it for a time, and waits until it is shut.
    pub(crate) async fn shut(&self, time: Duration) {
        let (done, shut) = oneshot::channel();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(Shutting { time, done });
        self.word.notify_one();
        // An error means that the server is gone, which is as good as shut.
        let _ = shut.await;
    }

    /// Waits until it is to be shut.
    pub(crate) async fn shutting(&self) -> Shutting {
        loop {
            if let Some(asked) = self.asked.lock().unwrap_or_else(PoisonError::into_inner).pop() {
                return asked;
            }
            self.word.notified().await;
        }
    }
}
