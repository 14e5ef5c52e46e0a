//! What was seen of a list: a cursor that comes again ends it, and signs that it changes while its pages are read.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::mem;

/// Cursors and identifiers are kept as 64-bit hashes under a random key, so that a list of any length takes little memory.
#[derive(Default)]
pub(super) struct Seen {
    key: RandomState,
    cursors: HashSet<u64>,
    /// The number of items of the whole list, as the first page has it.
    total: Option<u64>,
    /// The identifiers of the page before and of this one.
    before: HashSet<u64>,
    here: HashSet<u64>,
    /// The first sign that the list changed.
    pub(super) sign: Option<String>,
}

impl Seen {
    /// Sees the cursor of a page. Returns whether it is new.
    pub(super) fn cursor(&mut self, cursor: &str) -> bool {
        self.cursors.insert(self.key.hash_one(cursor))
    }

    /// Sees the identifier of an item.
    pub(super) fn id(&mut self, id: &str) {
        let id = self.key.hash_one(id);
        if self.before.contains(&id) {
            self.sign.get_or_insert_with(|| "an item came again on the page after its own".to_owned());
        }
        self.here.insert(id);
    }

    /// Sees the end of a page, and the number of items of the whole list, if the page has it.
    pub(super) fn end_of_page(&mut self, total: Option<u64>) {
        self.before = mem::take(&mut self.here);
        let Some(now) = total else { return };
        let first = *self.total.get_or_insert(now);
        if now != first {
            self.sign.get_or_insert_with(|| format!("it had {first} items on the first page and {now} on a later one"));
        }
    }
}
