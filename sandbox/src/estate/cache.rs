//! A bounded cache.

use std::collections::HashMap;
use std::hash::Hash;

use crate::lock::Lock;

/// A bounded map of results that are costly to compute. When it is full, it is emptied; results can be computed again.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    capacity: usize,
    results: Lock<HashMap<K, V>>,
}

impl<K, V> Cache<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, results: Lock::new(HashMap::new()) }
    }
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub(super) fn get_or(&self, key: K, compute: impl FnOnce() -> V) -> V {
        if let Some(value) = self.results.lock().get(&key) {
            return value.clone();
        }
        let value = compute();
        let mut results = self.results.lock();
        if results.len() >= self.capacity {
            results.clear();
        }
        results.insert(key, value.clone());
        value
    }
}
