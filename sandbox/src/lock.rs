//! A lock that a panic does not close.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value behind a lock. No change of these values is half done when a panic could occur, so after a panic of another
/// thread the value is still sound, and the lock goes on working.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
