//! Reads numbers as text, and floats.

use super::error::JsonError;
use super::reader::Reader;
use super::scan::digits;
use crate::text::excerpt;

impl<'a> Reader<'a> {
    /// Reads a number and returns its text.
    pub(super) fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.offset();
        if self.byte() == Some(b'-') {
            self.advance(1);
        }
        if self.byte() == Some(b'0') {
            self.advance(1);
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.advance(1);
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.advance(1);
            if let Some(b'+' | b'-') = self.byte() {
                self.advance(1);
            }
            self.digits()?;
        }
        match self.byte() {
            Some(b'0'..=b'9') => Err(self.syntax("no digit after a leading zero")),
            _ => Ok(self.since(start)),
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let (_, end) = digits(self.bytes(), self.offset(), 0);
        if end == self.offset() {
            return Err(self.syntax("a digit"));
        }
        self.advance(end - self.offset());
        Ok(())
    }

    /// Reads the text of a number if that comes next.
    pub(crate) fn number_or(&mut self, expected: &str) -> Result<&'a str, JsonError> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// Reads a float.
    pub(super) fn float(&mut self) -> Result<f64, JsonError> {
        let start = self.start();
        let text = self.number_or("a number")?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.data(start, format!("the number {} is out of range", excerpt(text, 40))))
    }
}
