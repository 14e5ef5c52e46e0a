//! The keys of an object type.

use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

/// The keys of a [`Record`](super::Record), and in which order they came in the object before.
///
/// A service writes the fields of its objects in the same order each time. So the key that came next last time is tried
/// first: one comparison instead of a lookup. This makes decoding about a third cheaper. The order is the only thing that is
/// remembered.
#[derive(Debug)]
pub struct Keys {
    /// Each key as it is written: with quotes and a colon.
    tokens: &'static [&'static str],
    /// The indexes of the keys, sorted by length.
    by_length: &'static [u16],
    /// For the start of an object and for each key: the index of the key that came next.
    next: &'static [AtomicU16],
}

impl Keys {
    /// `by_length` is [`by_length`](Self::by_length) of the tokens, and `next` has one more entry than they are.
    pub const fn new(tokens: &'static [&'static str], by_length: &'static [u16], next: &'static [AtomicU16]) -> Self {
        assert!(by_length.len() == tokens.len() && next.len() == tokens.len() + 1, "an entry for each key");
        Self { tokens, by_length, next }
    }

    /// The indexes of tokens, sorted by their length.
    pub const fn by_length<const N: usize>(tokens: [&str; N]) -> [u16; N] {
        assert!(N < u16::MAX as usize, "too many keys");
        let mut sorted = [0; N];
        let mut count = 0;
        while count < N {
            let mut at = count;
            while at > 0 && tokens[sorted[at - 1] as usize].len() > tokens[count].len() {
                sorted[at] = sorted[at - 1];
                at -= 1;
            }
            sorted[at] = count as u16;
            count += 1;
        }
        sorted
    }

    /// The key that is expected at a place: its index and its token. `after` is 0 at the start of the object, else 1 + the index of
    /// the key before.
    #[inline]
    pub(super) fn expected(&self, after: usize) -> Option<(usize, &'static [u8])> {
        let index = usize::from(self.next.get(after)?.load(Relaxed));
        Some((index, self.tokens.get(index)?.as_bytes()))
    }

    /// The index of a key. It is what will be expected in its place.
    pub(super) fn find(&self, key: &str, after: usize) -> Option<usize> {
        let index = self.position(key)?;
        if let Some(next) = self.next.get(after) {
            next.store(index, Relaxed);
        }
        Some(index.into())
    }

    fn position(&self, key: &str) -> Option<u16> {
        // The token has two quotes and a colon more.
        let length = key.len() + 3;
        let token = |index: u16| self.tokens.get(usize::from(index)).copied().unwrap_or_default();
        let first = self.by_length.partition_point(|index| token(*index).len() < length);
        let candidates = self.by_length.get(first..)?.iter().take_while(|index| token(**index).len() == length);
        candidates.copied().find(|index| token(*index).get(1..length - 2) == Some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_length_and_text() {
        const TOKENS: [&str; 5] = ["\"ccc\":", "\"a\":", "\"bb\":", "\"ddd\":", "\"\":"];
        static BY_LENGTH: [u16; 5] = Keys::by_length(TOKENS);
        static NEXT: [AtomicU16; 6] = [const { AtomicU16::new(0) }; 6];
        let keys = Keys::new(&TOKENS, &BY_LENGTH, &NEXT);
        for (index, key) in ["ccc", "a", "bb", "ddd", ""].into_iter().enumerate() {
            assert_eq!(keys.find(key, 0), Some(index));
            assert_eq!(keys.expected(0), Some((index, TOKENS[index].as_bytes())));
        }
        for key in ["b", "cc", "dddd", "eee", "\"a", "ä"] {
            assert_eq!(keys.find(key, 0), None, "{key}");
        }
    }
}
