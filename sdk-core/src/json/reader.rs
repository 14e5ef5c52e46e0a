//! Reads a JSON text from front to back: structure, objects and lists.

use std::borrow::Cow;
use std::fmt;

use super::error::{JsonError, Kind};
use super::keys::Keys;
use super::{Decode, Record};

/// How deep objects and arrays may be nested.
const MAX_DEPTH: u8 = 128;

/// The memory that a value may take for each byte of its text. The values of bills take one or two.
const MEMORY_FACTOR: usize = 8;

/// The memory that a value may take besides, however short its text is: 1 MiB.
const BASE_MEMORY: usize = 1024 * 1024;

/// The memory that a value may take whose text has this length.
const fn memory_limit(length: usize) -> usize {
    length.saturating_mul(MEMORY_FACTOR).saturating_add(BASE_MEMORY)
}

/// The bracket that closes an object or list. In ASCII, it is two after the opening one.
const fn closing(opening: u8) -> u8 {
    opening + 2
}

/// A JSON text, and the position up to which it has been read.
///
/// Lists and maps may take 8 bytes of memory for each byte of the text, and 1 MiB besides. Beyond that, decoding fails.
/// Otherwise a small text such as `[{},{},{}]`, repeated, could fill the memory.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
    /// The memory that lists and maps may still take, in bytes.
    memory: usize,
}

impl fmt::Debug for Reader<'_> {
    /// Leaves out the text, which may have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("at", &self.at).field("length", &self.text.len()).finish_non_exhaustive()
    }
}

/// Called with each key of an object; reads its value.
type Entry<'f, 'a> = dyn FnMut(Cow<'a, str>, &mut Reader<'a>) -> Result<(), JsonError> + 'f;

/// A state of a reader to go back to.
#[derive(Clone, Copy)]
pub(crate) struct Checkpoint {
    at: usize,
    depth: u8,
    memory: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of a text.
    pub const fn new(text: &'a str) -> Self {
        Self::within(text, 0, 0)
    }

    /// A reader at position `at`, inside `depth` objects and lists.
    pub(crate) const fn within(text: &'a str, at: usize, depth: u8) -> Self {
        Self { text, at, depth, memory: memory_limit(text.len()) }
    }

    /// The position, in bytes.
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    #[inline]
    pub(crate) const fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The text from a position to the current one.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.slice(start, self.at)
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(crate) const fn checkpoint(&self) -> Checkpoint {
        Checkpoint { at: self.at, depth: self.depth, memory: self.memory }
    }

    pub(crate) const fn reset(&mut self, to: Checkpoint) {
        Checkpoint { at: self.at, depth: self.depth, memory: self.memory } = to;
    }

    // ---- tokens

    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    /// Skips white space and returns the byte after it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(b' ' | b'\n' | b'\r' | b'\t') => self.peek_after_space(),
            byte => byte,
        }
    }

    #[cold]
    #[inline(never)]
    fn peek_after_space(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    #[inline]
    pub(super) fn starts_with(&self, token: &[u8]) -> bool {
        self.bytes().get(self.at..).is_some_and(|rest| rest.starts_with(token))
    }

    /// Reads a literal: `null`, `true` or `false`.
    #[inline]
    pub(super) fn literal(&mut self, literal: &str) -> Result<(), JsonError> {
        if !self.starts_with(literal.as_bytes()) {
            return Err(self.syntax(literal));
        }
        self.at += literal.len();
        Ok(())
    }

    /// Reads `null` if that comes next. Returns whether it did.
    ///
    /// # Errors
    ///
    /// If the text is not JSON.
    #[inline]
    pub fn null(&mut self) -> Result<bool, JsonError> {
        if self.peek() == Some(b'n') { self.literal("null").map(|()| true) } else { Ok(false) }
    }

    /// Checks that only white space is left.
    ///
    /// # Errors
    ///
    /// If more is left.
    pub fn end(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(JsonError::new(Kind::Syntax, self.at, "expected the end of the text")),
        }
    }

    // ---- errors

    /// The text is not JSON here, or it ends.
    #[cold]
    #[inline(never)]
    pub(super) fn syntax(&self, expected: &str) -> JsonError {
        match self.byte() {
            None => JsonError::new(Kind::End, self.at, format!("expected {expected}, found the end of the text")),
            Some(_) => JsonError::new(Kind::Syntax, self.at, format!("expected {expected}")),
        }
    }

    /// The value that comes next does not have the expected type, or is not JSON.
    #[cold]
    #[inline(never)]
    pub(crate) fn unexpected(&self, expected: &str) -> JsonError {
        let found = match self.byte() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "a text",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            Some(b'-' | b'0'..=b'9') => "a number",
            _ => return self.syntax("a value"),
        };
        self.data(self.at, format!("expected {expected}, found {found}"))
    }

    /// The value at a position is not the expected one.
    #[cold]
    #[inline(never)]
    pub(crate) fn data(&self, at: usize, message: impl Into<String>) -> JsonError {
        JsonError::new(Kind::Data, at, message)
    }

    // ---- memory and depth

    /// Counts memory that a value is about to take.
    #[inline]
    pub(super) fn allocate(&mut self, bytes: usize) -> Result<(), JsonError> {
        match self.memory.checked_sub(bytes) {
            Some(left) => self.memory = left,
            None => return Err(self.too_large()),
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn too_large(&self) -> JsonError {
        let length = self.text.len();
        let limit = memory_limit(length);
        let message = format!("decoding this text of {length} bytes takes more than {limit} bytes of memory");
        JsonError::new(Kind::Memory, self.at, message)
    }

    #[inline]
    fn enter(&mut self) -> Result<(), JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(self.data(self.at, format!("nested more than {MAX_DEPTH} levels deep")));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    #[inline]
    const fn leave(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    // ---- objects and lists

    /// Reads an object as a new record.
    ///
    /// # Errors
    ///
    /// Those of [`object`](Self::object).
    pub fn record<T: Record + Default>(&mut self) -> Result<T, JsonError> {
        let mut record = T::default();
        self.object(&mut record)?;
        Ok(record)
    }

    /// Reads an object as the last record of a list.
    #[doc(hidden)]
    pub fn record_onto<T: Record + Default>(&mut self, list: &mut Vec<T>) -> Result<(), JsonError> {
        list.push(T::default());
        match list.last_mut() {
            Some(record) => self.object(record),
            None => Ok(()),
        }
    }

    /// Reads an object into a record.
    ///
    /// # Errors
    ///
    /// If the value is not an object, or one of its fields does not have the expected type.
    pub fn object(&mut self, record: &mut dyn Record) -> Result<(), JsonError> {
        if !self.open(b'{')? {
            return Ok(());
        }
        let keys = record.keys();
        let mut after = 0;
        loop {
            match self.known_key(keys, after)? {
                Ok(index) => {
                    after = index + 1;
                    record.field(index, self)?;
                }
                Err(name) => record.unknown(&name, self)?,
            }
            if !self.separator(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads a key, and returns its index among the keys, or its text if it is not one of them.
    #[inline]
    fn known_key(&mut self, keys: &Keys, after: usize) -> Result<Result<usize, Cow<'a, str>>, JsonError> {
        if let Some((index, token)) = keys.expected(after)
            && self.starts_with(token)
        {
            self.at += token.len();
            return Ok(Ok(index));
        }
        self.other_key(keys, after)
    }

    #[inline(never)]
    fn other_key(&mut self, keys: &Keys, after: usize) -> Result<Result<usize, Cow<'a, str>>, JsonError> {
        let key = self.key()?;
        Ok(keys.find(&key, after).ok_or(key))
    }

    /// Reads a key and the colon after it.
    pub(crate) fn key(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.key_start()?;
        let key = self.text()?;
        self.colon()?;
        Ok(key)
    }

    /// Checks that a key comes next.
    fn key_start(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'"') { Ok(()) } else { Err(self.syntax("a key")) }
    }

    fn colon(&mut self) -> Result<(), JsonError> {
        if self.peek() != Some(b':') {
            return Err(self.syntax("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads an object. `entry` reads each value.
    pub(crate) fn entries(&mut self, entry: &mut Entry<'_, 'a>) -> Result<(), JsonError> {
        let mut more = self.open(b'{')?;
        while more {
            let key = self.key()?;
            entry(key, self)?;
            more = self.separator(b'}')?;
        }
        Ok(())
    }

    /// Reads a list. `element` reads each element.
    pub(crate) fn list(
        &mut self,
        element: &mut dyn FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        let mut more = self.open(b'[')?;
        while more {
            element(self)?;
            more = self.separator(b']')?;
        }
        Ok(())
    }

    /// Reads the start of an object or list. Returns whether it has an entry; an empty one is read to its end.
    #[inline]
    pub(crate) fn open(&mut self, opening: u8) -> Result<bool, JsonError> {
        if self.peek() != Some(opening) {
            return Err(self.unexpected(if opening == b'{' { "an object" } else { "a list" }));
        }
        self.enter()?;
        let empty = self.peek() == Some(closing(opening));
        if empty {
            self.leave();
        }
        Ok(!empty)
    }

    /// Reads what follows an entry: a comma, or the closing bracket. Returns whether it was the comma.
    #[inline]
    pub(crate) fn separator(&mut self, closing: u8) -> Result<bool, JsonError> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(byte) if byte == closing => {
                self.leave();
                Ok(false)
            }
            _ => Err(self.no_separator(closing)),
        }
    }

    #[cold]
    #[inline(never)]
    fn no_separator(&self, closing: u8) -> JsonError {
        self.syntax(if closing == b'}' { "`,` or `}`" } else { "`,` or `]`" })
    }

    // ---- values

    /// Reads the value of a field.
    ///
    /// # Errors
    ///
    /// If it does not have the expected type, or the object has the field already.
    #[inline]
    pub fn field<T: Decode>(&mut self, into: &mut T) -> Result<(), JsonError> {
        if into.is_decoded() {
            return Err(self.duplicate());
        }
        into.decode_into(self)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn duplicate(&self) -> JsonError {
        self.data(self.at, "the object has this field twice")
    }

    /// The error for an object, which starts at `start`, without a field that it must have.
    #[doc(hidden)]
    #[cold]
    pub fn missing(&self, start: usize, key: &str) -> JsonError {
        self.data(start, format!("the object has no field `{key}`"))
    }

    /// The position of the value that comes next.
    #[doc(hidden)]
    pub fn start(&mut self) -> usize {
        self.peek();
        self.at
    }

    /// Skips a value, and returns its text.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub fn raw(&mut self) -> Result<&'a str, JsonError> {
        let start = self.start();
        self.skip()?;
        Ok(self.since(start))
    }

    /// Skips a value, however deep it is nested.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        // The closing brackets of the objects and lists that are open.
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => self.skip_text()?,
                Some(b'-' | b'0'..=b'9') => drop(self.number()?),
                Some(b't') => self.literal("true")?,
                Some(b'f') => self.literal("false")?,
                Some(b'n') => self.literal("null")?,
                Some(opening @ (b'{' | b'[')) => {
                    self.at += 1;
                    let closing = closing(opening);
                    open.push(closing);
                    if self.peek() != Some(closing) {
                        self.skip_key(closing)?;
                        continue;
                    }
                }
                _ => return Err(self.syntax("a value")),
            }
            if !self.skip_separators(&mut open)? {
                return Ok(());
            }
        }
    }

    /// Skips closing brackets, and the comma after them. Returns whether another value follows.
    fn skip_separators(&mut self, open: &mut Vec<u8>) -> Result<bool, JsonError> {
        while let Some(closing) = open.last().copied() {
            match self.peek() {
                Some(byte) if byte == closing => drop(open.pop()),
                Some(b',') => {
                    self.at += 1;
                    return self.skip_key(closing).map(|()| true);
                }
                _ => return Err(self.no_separator(closing)),
            }
            self.at += 1;
        }
        Ok(false)
    }

    /// Skips a key and its colon, if the value is in an object.
    fn skip_key(&mut self, closing: u8) -> Result<(), JsonError> {
        if closing == b']' {
            return Ok(());
        }
        self.key_start()?;
        self.skip_text()?;
        self.colon()
    }
}
