//! Notices that a list with numbered pages changes while its pages are read.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::mem;

/// What was seen of a list, and the first sign that it changed.
#[derive(Default)]
pub(super) struct Changes {
    /// The number of items of the whole list, as the first page has it.
    total: Option<u64>,
    /// The identifiers of the page before and of this one, as 64-bit hashes under a random key.
    before: HashSet<u64>,
    here: HashSet<u64>,
    key: RandomState,
    sign: Option<String>,
}

impl Changes {
    /// Sees the number of items of the whole list, as a page has it.
    pub(super) fn total(&mut self, total: Option<u64>) {
        let Some(now) = total else { return };
        let first = *self.total.get_or_insert(now);
        if now != first {
            self.sign.get_or_insert_with(|| format!("it had {first} items on the first page and {now} on a later one"));
        }
    }

    /// Sees the identifier of an item.
    pub(super) fn id(&mut self, id: &str) {
        let id = self.key.hash_one(id);
        if self.before.contains(&id) {
            self.sign.get_or_insert_with(|| "an item came again on the page after its own".to_owned());
        }
        self.here.insert(id);
    }

    /// Goes on to the next page.
    pub(super) fn next_page(&mut self) {
        self.before = mem::take(&mut self.here);
    }

    /// The first sign of a change, once.
    pub(super) fn take_sign(&mut self) -> Option<String> {
        self.sign.take()
    }
}
