//! Results that are kept, up to a number of them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// A bounded map of results that are costly to compute. When it is full, all are forgotten: they can be had again.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    room: usize,
    kept: Mutex<HashMap<K, V>>,
}

impl<K, V> Cache<K, V> {
    pub(super) fn new(room: usize) -> Self {
        Self { room, kept: Mutex::new(HashMap::new()) }
    }
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub(super) fn get_or(&self, key: K, compute: impl FnOnce() -> V) -> V {
        // No change is ever half done, so a panic elsewhere leaves the map sound.
        if let Some(value) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return value.clone();
        }
        let value = compute();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.room {
            kept.clear();
        }
        kept.insert(key, value.clone());
        value
    }
}
