//! Reads a page: its items one by one, and what it says about the next page.

use std::ops::Range;

use flate2::Crc;
use serde_json::Value;

use super::layout::Fields;
use super::token::Taken;
use super::{Layout, Position};
use crate::client::Reply;
use crate::error::Error;
use crate::json::{self, Decode, JsonError, Kind, Lines, Reader};

/// How much of the end of a page is searched for a cursor, in bytes. IBM's cursors have up to 700 characters, and a page has
/// each twice.
const TAIL: usize = 8 * 1024;

/// Reads the items of a page one by one, and the fields that lead to the next page. It holds no text: each method takes the
/// same JSON.
pub(super) struct PageReader {
    layout: Layout,
    /// How far the page has been read.
    at: usize,
    /// How many brackets are open there: two before an item, one after the list, none at the end of the page.
    depth: u8,
    /// The items that were read, without those that are `null`, and where they are.
    count: u64,
    items: Range<usize>,
    /// The place of the next item in the list, and the byte at which the one that was read last begins.
    index: usize,
    item: usize,
    lines: Lines,
    /// The fields that were found. The list is `null` among them.
    fields: Fields,
}

impl PageReader {
    fn new(layout: Layout) -> Self {
        let (lines, fields) = (Lines::default(), Fields::new());
        Self { layout, at: 0, depth: 0, count: 0, items: 0..0, index: 0, item: 0, lines, fields }
    }

    /// Reads a page up to its first item.
    ///
    /// # Errors
    ///
    /// If it is not an object with a list.
    fn open(json: &str, layout: Layout) -> Result<Self, JsonError> {
        let (mut page, mut reader) = (Self::new(layout), Reader::new(json));
        let more = reader.open(b'{')?;
        page.read_fields(&mut reader, more)?;
        Ok(page)
    }

    /// Reads a page up to the first item behind those that were taken. `None` if these have changed.
    ///
    /// # Errors
    ///
    /// If it is not an object with a list, or broken.
    pub(super) fn behind(taken: Taken, json: &str, layout: Layout) -> Result<Option<Self>, JsonError> {
        let mut page = Self::open(json, layout)?;
        while page.count < taken.count && page.skip(json)? {}
        let is_same = taken.count == 0 || page.taken(json) == taken;
        Ok(is_same.then_some(page))
    }

    /// Reads fields, up to the first item or the end of the page.
    fn read_fields(&mut self, reader: &mut Reader<'_>, mut more: bool) -> Result<(), JsonError> {
        while more {
            let key = reader.key()?;
            let is_list = key == self.layout.items;
            let is_kept = is_list || self.layout.next.fields().any(|name| name == key);
            if is_kept && self.fields.contains_key(&*key) {
                return Err(reader.duplicate());
            }
            if is_list {
                self.fields.insert(key.into_owned(), Value::Null);
                self.items = reader.start()..reader.start();
                if !reader.null()? && reader.open(b'[')? {
                    (self.at, self.depth) = (reader.offset(), 2);
                    return Ok(());
                }
            } else if is_kept {
                self.fields.insert(key.into_owned(), Value::decode(reader)?);
            } else {
                reader.skip()?;
            }
            more = reader.separator(b'}')?;
        }
        self.depth = 0;
        reader.end()
    }

    /// Decodes the next item; `None` after the last. An item that does not fit is an error, and the next call returns the
    /// item after it.
    ///
    /// # Errors
    ///
    /// If the item does not fit, or the page is broken.
    pub(super) fn next<T: Decode>(&mut self, json: &str) -> Result<Option<T>, JsonError> {
        match self.read_item(json, T::decode) {
            Err(error) if !error.is_broken() => self.skip(json).and(Err(error)),
            read => read,
        }
    }

    /// Skips an item. Returns whether there was one.
    fn skip(&mut self, json: &str) -> Result<bool, JsonError> {
        Ok(self.read_item(json, Reader::skip)?.is_some())
    }

    /// Reads the next item that is not `null`.
    fn read_item<'a, T>(
        &mut self,
        json: &'a str,
        read: impl Fn(&mut Reader<'a>) -> Result<T, JsonError>,
    ) -> Result<Option<T>, JsonError> {
        let mut reader = Reader::within(json, self.at, self.depth);
        while !self.is_at_end() {
            self.item = reader.offset();
            if reader.null()? {
                self.separator(&mut reader)?;
                continue;
            }
            let item = read(&mut reader)?;
            let end = reader.offset();
            self.separator(&mut reader)?;
            (self.count, self.items.end) = (self.count + 1, end);
            return Ok(Some(item));
        }
        Ok(None)
    }

    fn separator(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if !reader.separator(b']')? {
            self.depth = 1;
        }
        (self.at, self.index) = (reader.offset(), self.index + 1);
        Ok(())
    }

    /// The error for an item that does not fit, which was read last. Its path is found from the item, and its line is
    /// counted on from the error before. So a page with many errors is not read again for each.
    pub(super) fn error(&mut self, reply: &Reply, error: &JsonError) -> Error {
        let (json, at) = (reply.json(), error.offset().saturating_sub(self.item));
        let place = format!("{}[{}]", self.layout.items, self.index.saturating_sub(1));
        let path = json::path(place, json.get(self.item..).unwrap_or_default(), at);
        reply.error_at(error, path, self.lines.place(json, error.offset()))
    }

    /// Reads the rest of the page.
    pub(super) fn finish(&mut self, json: &str) -> Result<(), JsonError> {
        while self.skip(json)? {}
        if self.depth == 1 {
            let mut reader = Reader::within(json, self.at, self.depth);
            let more = reader.separator(b'}')?;
            self.read_fields(&mut reader, more)?;
        }
        Ok(())
    }

    /// Whether all items have been read.
    pub(super) fn is_at_end(&self) -> bool {
        self.depth < 2
    }

    /// The items that were read: their number and a checksum.
    pub(super) fn taken(&self, json: &str) -> Taken {
        let mut crc = Crc::new();
        crc.update(json.as_bytes().get(self.items.clone()).unwrap_or_default());
        Taken { count: self.count, digest: crc.sum() }
    }
}

/// What a page says about its list: the next page, or why its cursor cannot be used; and the number of items of the whole list.
type Following = (Result<Option<Position>, String>, Option<u64>);

/// Reads no more of a page than is needed to know which page comes next: its end, then its beginning and an item, then all of it.
///
/// # Errors
///
/// If the page is broken or has no list, as far as it was read.
pub(super) fn following(
    json: &str,
    layout: Layout,
    page: &Position,
    size: Option<u64>,
) -> Result<Following, JsonError> {
    let next = layout.next;
    let (mut fields, mut count) = (fields_at_end(json, layout).unwrap_or_default(), 0);
    if !next.leads_on(&fields, page, count) {
        if !json.trim_ascii_end().ends_with('}') {
            return Err(JsonError::new(Kind::End, json.len(), "the page breaks off"));
        }
        let mut reader = PageReader::open(json, layout)?;
        reader.skip(json)?;
        fields.extend(reader.fields.clone());
        count = reader.count;
        if !next.leads_on(&fields, page, count) {
            reader.finish(json)?;
            (fields, count) = (reader.fields, reader.count);
        }
    }
    Ok((next.position(&fields, page, count, size), next.total(&fields)))
}

/// The fields at the end of a page, from the cursor or the total on, which services write last. This saves a look at the
/// whole page.
fn fields_at_end(json: &str, layout: Layout) -> Option<Fields> {
    let key = format!("\"{}\"", layout.next.fields().last()?);
    let tail = (json.len().saturating_sub(TAIL)..).find(|at| json.is_char_boundary(*at))?;
    let start = tail + json[tail..].rfind(&key)?;
    let mut page = PageReader::new(layout);
    // If this is in an object within the page, more follows the end of that.
    page.read_fields(&mut Reader::within(json, start, 1), true).ok()?;
    (page.is_at_end() && !json[..start].ends_with('\\')).then_some(page.fields)
}

/// Checks that a page has no field twice that leads to the next page. It is read only if its text could have one.
///
/// # Errors
///
/// If it has, or the page is broken.
pub(super) fn check_fields(json: &str, layout: Layout) -> Result<(), JsonError> {
    let may_repeat = |name| json.matches(&format!("\"{name}\"")).nth(1).is_some();
    // A key may have escapes.
    if json.contains("\\u") || layout.next.fields().any(may_repeat) {
        PageReader::open(json, layout)?.finish(json)?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::super::Next;
    use super::*;

    fn at_end(page: &str) -> Option<String> {
        let next = Next::Cursor { parameter: "_start", href: &["next", "href"], token: &["next", "offset"] };
        let fields = fields_at_end(page, Layout { items: "items", next })?;
        match next.position(&fields, &Position::First, 1, None).ok()?? {
            Position::Cursor(cursor) => Some(cursor),
            _ => None,
        }
    }

    #[test]
    fn the_cursor_at_the_end_of_a_page() {
        let long = format!(r#"{{"items":["{}"],"next":{{"offset":"a"}}}}"#, "ä".repeat(TAIL));
        for (page, found) in [
            (r#"{"items":[1],"next":{"href":"/v4?_limit=2&_start=a%2Fb","offset":"c"}}"#, Some("a/b")),
            (r#"{"items":[1],"next":{"href":"/v4?_limit=2","offset":"c"},"count":1}"#, Some("c")),
            (r#"{ "items" : [ ] , "next" : { "offset" : "\u0061" , "more" : [ {} ] } } "#, Some("a")),
            (r#"{"items":[{"next":{"offset":"no"}}],"next":{"href":null,"offset":"c"}}"#, Some("c")),
            // The beginning of the page is read next.
            (r#"{"next":{"offset":"c"},"items":[1]}"#, None),
            (&long, Some("a")),
        ] {
            assert_eq!(at_end(page).as_deref(), found, "{page}");
        }
    }

    #[test]
    fn what_is_no_cursor_of_the_page() {
        let far = format!(r#"{{"next":{{"offset":"a"}},"items":["{}"]}}"#, "x".repeat(2 * TAIL));
        for page in [
            r#"{"items":[{"next":{"offset":"no"}}]}"#,
            r#"{"items":{"next":{"offset":"no"}}}"#,
            r#"{"items":["next"]}"#,
            r#"{"items":"next"}"#,
            r#"{"next":null}"#,
            r#"{"next":{}}"#,
            r#"{"next":{"offset":7}}"#,
            r#"{"next":"c"}"#,
            r#"{"next":["c"]}"#,
            r#"{"a\"next":{"offset":"no"}}"#,
            r#"{"items":[1],"next":{"offset":"cut"}"#,
            r#"{"items":[1],"next":{"off"#,
            "\"next\"",
            "next",
            "",
            &far,
        ] {
            assert_eq!(at_end(page), None, "{page}");
        }
    }
}
