//! Whether connections are accepted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// The door of one server. While it is shut, connections are refused, as if nothing listened.
#[derive(Debug, Default)]
pub(crate) struct Door {
    shut: Mutex<Option<Duration>>,
    word: Notify,
}

impl Door {
    /// Shuts it for a time.
    pub(crate) fn shut(&self, time: Duration) {
        *self.shut.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
        self.word.notify_one();
    }

    /// Waits until it is to be shut, and says for how long.
    pub(crate) async fn shutting(&self) -> Duration {
        loop {
            if let Some(time) = self.shut.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return time;
            }
            self.word.notified().await;
        }
    }
}
