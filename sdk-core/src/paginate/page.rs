//! A page as it arrived, and reading its items one by one.

use std::ops::Range;

use flate2::Crc;

use super::layout::Found;
use super::token::Taken;
use super::{Layout, Position};
use crate::client::Reply;
use crate::error::Error;
use crate::json::{self, Decode, JsonError, Kind, Lines, Reader};

/// Reads the items of a page one by one, and the fields that lead to the next page. It holds no text: each method takes the
/// same JSON.
pub(super) struct PageReader {
    layout: Layout,
    /// How far the page has been read.
    at: usize,
    state: State,
    /// The items that were read, without those that are `null`, and where they are.
    count: u64,
    items: Range<usize>,
    /// The place of the next item in the list, and the byte at which the one that was read last begins.
    index: usize,
    item: usize,
    lines: Lines,
    found: Found,
}

#[derive(PartialEq, Eq)]
enum State {
    /// Before an item.
    Items,
    /// After the list.
    Rest,
    /// At the end of the page.
    End,
}

impl PageReader {
    /// Reads a page up to its first item.
    ///
    /// # Errors
    ///
    /// If it is not an object with a list.
    pub(super) fn open(json: &str, layout: Layout) -> Result<Self, JsonError> {
        let found = Found::new(layout.next);
        let (state, items, lines) = (State::End, 0..0, Lines::default());
        let mut page = Self { layout, at: 0, state, count: 0, items, index: 0, item: 0, lines, found };
        let mut reader = Reader::new(json);
        let more = reader.open(b'{')?;
        page.fields(&mut reader, more)?;
        Ok(page)
    }

    /// Reads fields, up to the first item or the end of the page.
    fn fields(&mut self, reader: &mut Reader<'_>, mut more: bool) -> Result<(), JsonError> {
        while more {
            let key = reader.key()?;
            let is_new = if key == self.layout.items {
                let is_new = self.items.start == 0;
                self.items = reader.start()..reader.start();
                if is_new && !reader.null()? && reader.open(b'[')? {
                    (self.at, self.state) = (reader.offset(), State::Items);
                    return Ok(());
                }
                is_new
            } else if self.found.wants(&key) {
                self.found.insert(key, Decode::decode(reader)?)
            } else {
                reader.skip()?;
                true
            };
            if !is_new {
                return Err(reader.duplicate());
            }
            more = reader.separator(b'}')?;
        }
        self.state = State::End;
        reader.end()
    }

    /// Decodes the next item; `None` after the last. An item that does not fit is an error, and the next call returns the
    /// item after it.
    ///
    /// # Errors
    ///
    /// If the item does not fit, or the page is broken.
    pub(super) fn next<T: Decode>(&mut self, json: &str) -> Result<Option<T>, JsonError> {
        let Some(mut reader) = self.before_item(json)? else { return Ok(None) };
        match T::decode(&mut reader) {
            Ok(item) => self.after_item(&mut reader).map(|()| Some(item)),
            Err(error) if error.is_broken() => Err(error),
            Err(error) => self.skip(json).and(Err(error)),
        }
    }

    /// Skips an item. Returns whether there was one.
    pub(super) fn skip(&mut self, json: &str) -> Result<bool, JsonError> {
        let Some(mut reader) = self.before_item(json)? else { return Ok(false) };
        reader.skip()?;
        self.after_item(&mut reader).map(|()| true)
    }

    /// A reader before the next item that is not `null`.
    fn before_item<'a>(&mut self, json: &'a str) -> Result<Option<Reader<'a>>, JsonError> {
        while self.state == State::Items {
            let mut reader = Reader::within(json, self.at, 2);
            self.item = self.at;
            if !reader.null()? {
                return Ok(Some(reader));
            }
            self.separator(&mut reader)?;
        }
        Ok(None)
    }

    fn after_item(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        let end = reader.offset();
        self.separator(reader)?;
        (self.count, self.items.end) = (self.count + 1, end);
        Ok(())
    }

    fn separator(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if !reader.separator(b']')? {
            self.state = State::Rest;
        }
        (self.at, self.index) = (reader.offset(), self.index + 1);
        Ok(())
    }

    /// The error for an item that does not fit, which was read last. Its path is found from the item, and its line is
    /// counted on from the error before. So a page with many errors is not read again for each.
    pub(super) fn error(&mut self, reply: &Reply, error: &JsonError) -> Error {
        let json = reply.json();
        let mut path = format!("{}[{}]", self.layout.items, self.index.saturating_sub(1));
        let item = json.get(self.item..).unwrap_or_default();
        if let Some(rest) = json::path(item, error.offset().saturating_sub(self.item)) {
            path.extend((!rest.starts_with('[')).then_some('.'));
            path.push_str(&rest);
        }
        reply.error_at(error, Some(path), self.lines.place(json, error.offset()))
    }

    /// Reads the rest of the page.
    pub(super) fn finish(&mut self, json: &str) -> Result<(), JsonError> {
        while self.skip(json)? {}
        if self.state == State::Rest {
            let mut reader = Reader::within(json, self.at, 1);
            let more = reader.separator(b'}')?;
            self.fields(&mut reader, more)?;
        }
        Ok(())
    }

    /// Whether all items have been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.state != State::Items
    }

    /// The items that were read: their number and a checksum.
    pub(super) fn taken(&self, json: &str) -> Taken {
        let mut crc = Crc::new();
        crc.update(json.as_bytes().get(self.items.clone()).unwrap_or_default());
        Taken { count: self.count, digest: crc.sum() }
    }
}

/// What a page says about its list.
pub(super) struct Following {
    /// The next page; `None` after the last. The error says why the cursor cannot be used; it ends pagination after this page.
    pub(super) next: Result<Option<Position>, String>,
    /// The number of items of the whole list, if the page has it.
    pub(super) total: Option<u64>,
}

impl Following {
    /// Reads no more of the page than is needed.
    ///
    /// # Errors
    ///
    /// If the page is broken or has no list, as far as it was read.
    pub(super) fn read(json: &str, layout: Layout, page: &Position, size: Option<u64>) -> Result<Self, JsonError> {
        let at_end = Found::at_end(layout.next, json);
        if let Some(next @ Ok(Some(_))) = at_end.as_ref().map(|found| found.position(page, 0, None)) {
            return Ok(Self { next, total: None });
        }
        if !json.trim_ascii_end().ends_with('}') {
            return Err(JsonError::new(Kind::End, json.len(), "the page breaks off"));
        }
        let total = at_end.and_then(|found| found.total());
        let mut reader = PageReader::open(json, layout)?;
        if !reader.skip(json)? || !reader.found.is_decisive() || (total.is_none() && layout.next.has_total()) {
            reader.finish(json)?;
        }
        let next = reader.found.position(page, reader.count, size);
        Ok(Self { next, total: total.or_else(|| reader.found.total()) })
    }
}

/// Checks that a page has no field twice that leads to the next page. It is read only if its text could have one.
///
/// # Errors
///
/// If it has, or the page is broken.
pub(super) fn check_fields(json: &str, layout: Layout) -> Result<(), JsonError> {
    let may_repeat = |name: &str| {
        let key = format!("\"{name}\"");
        json.rfind(&key).is_some_and(|last| json[..last].contains(&key))
    };
    let [name, other] = layout.next.fields();
    // A key may have escapes.
    if json.contains("\\u") || may_repeat(name) || (other != name && may_repeat(other)) {
        PageReader::open(json, layout)?.finish(json)?;
    }
    Ok(())
}

/// The error for a page that is not JSON or has no list. A page that is not JSON counts as truncated, so that it is fetched
/// again.
pub(super) fn unreadable(page: &Reply, error: &JsonError) -> Error {
    page.error(error).with_truncated(error.is_broken())
}

/// Decodes the items of a page as [`Items`](super::Items) does. For benches.
///
/// # Errors
///
/// If the page is broken, or an item does not fit.
pub fn each_item<T: Decode>(json: &str, layout: Layout, mut each: impl FnMut(T)) -> Result<(), JsonError> {
    let mut page = PageReader::open(json, layout)?;
    while let Some(item) = page.next(json)? {
        each(item);
    }
    page.finish(json)
}
