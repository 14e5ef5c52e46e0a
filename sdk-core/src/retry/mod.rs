//! Trying again: when, how often, and after how long.

mod backoff;

pub(crate) use backoff::Backoff;
