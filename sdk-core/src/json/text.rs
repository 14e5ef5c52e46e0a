//! Reads texts: strings of JSON.

use std::borrow::Cow;

use super::error::JsonError;
use super::reader::Reader;
use super::scan::plain_end;

/// Stands in a text for a byte that is not UTF-8: the control character "substitute". JSON allows no control characters, so
/// this one cannot be meant. A text with it is refused where it is decoded, and ignored where it is skipped.
pub(crate) const NOT_UTF8: u8 = 0x1a;

impl<'a> Reader<'a> {
    /// Reads a text without escapes, if that comes next.
    #[inline]
    pub(super) fn plain_text(&mut self) -> Option<&'a str> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.offset() + 1;
        let end = plain_end(self.bytes(), start);
        if self.bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.advance(end + 1 - self.offset());
        Some(self.slice(start, end))
    }

    /// Reads a text. It is borrowed unless it has escapes.
    ///
    /// # Errors
    ///
    /// If the value is not a text.
    #[inline]
    pub fn text(&mut self) -> Result<Cow<'a, str>, JsonError> {
        match self.plain_text() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.escaped_text().map(Cow::Owned),
        }
    }

    /// Reads a text that has escapes.
    #[cold]
    #[inline(never)]
    pub(super) fn escaped_text(&mut self) -> Result<String, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a text"));
        }
        self.advance(1);
        let mut text = String::new();
        loop {
            let start = self.offset();
            let end = plain_end(self.bytes(), start);
            text.push_str(self.slice(start, end));
            self.advance(end - start);
            match self.byte() {
                Some(b'"') => {
                    self.advance(1);
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(NOT_UTF8) => return Err(self.not_utf8()),
                Some(_) => return Err(self.syntax("no control character in a text")),
                None => return Err(self.syntax("the end of a text")),
            }
        }
    }

    fn not_utf8(&self) -> JsonError {
        self.data(self.offset(), "a text is not UTF-8")
    }

    /// Reads an escape: a backslash and what follows it.
    fn escape(&mut self) -> Result<char, JsonError> {
        let plain = match self.bytes().get(self.offset() + 1) {
            Some(b'u') => return self.unicode_escape(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
            Some(&NOT_UTF8) => return Err(self.not_utf8()),
            _ => return Err(self.syntax("an escape")),
        };
        self.advance(2);
        Ok(plain)
    }

    /// Reads `\uXXXX`, and the second one of a pair of surrogates.
    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let start = self.offset();
        let mut code = self.code_unit()?;
        if (0xd800..0xdc00).contains(&code) && self.starts_with(b"\\u") {
            let low = self.code_unit()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(self.data(start, "half a character"));
            }
            code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        char::from_u32(code).ok_or_else(|| self.data(start, "half a character"))
    }

    /// Reads `\uXXXX` as a UTF-16 code unit.
    fn code_unit(&mut self) -> Result<u32, JsonError> {
        let digits = self.bytes().get(self.offset() + 2..self.offset() + 6).unwrap_or_default();
        let code = digits.iter().try_fold(0, |code, byte| Some(code * 16 + char::from(*byte).to_digit(16)?));
        let code = code.filter(|_| digits.len() == 4).ok_or_else(|| self.syntax("four hexadecimal digits"))?;
        self.advance(6);
        Ok(code)
    }

    #[inline]
    pub(super) fn skip_text(&mut self) -> Result<(), JsonError> {
        if self.plain_text().is_some() { Ok(()) } else { self.skip_escaped_text() }
    }

    #[cold]
    #[inline(never)]
    fn skip_escaped_text(&mut self) -> Result<(), JsonError> {
        self.advance(1);
        loop {
            let end = plain_end(self.bytes(), self.offset());
            self.advance(end - self.offset());
            match self.byte() {
                Some(b'"') => {
                    self.advance(1);
                    return Ok(());
                }
                // The half of a surrogate pair does no harm in a text that is skipped.
                Some(b'\\') => match self.bytes().get(end + 1) {
                    Some(b'u') => drop(self.code_unit()?),
                    Some(&NOT_UTF8) => self.advance(1),
                    _ => drop(self.escape()?),
                },
                Some(NOT_UTF8) => self.advance(1),
                Some(_) => return Err(self.syntax("no control character in a text")),
                None => return Err(self.syntax("the end of a text")),
            }
        }
    }
}
