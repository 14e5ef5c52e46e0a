//! A lock that can be taken after a panic.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value behind a lock. No holder of the lock panics in the middle of a change, so the value is sound even after a panic,
/// and poisoning is ignored.
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
