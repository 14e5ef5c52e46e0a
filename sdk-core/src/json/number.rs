//! Reads numbers, exactly.

use super::error::JsonError;
use super::reader::Reader;
use super::scan::digits;
use crate::text::excerpt;
use crate::value::Decimal;

/// The most digits that always fit into an `i64`.
const SHORT: usize = 18;

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
    fn number_or(&mut self, expected: &str) -> Result<&'a str, JsonError> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// Reads a number, or a text that holds one.
    pub(super) fn decimal(&mut self) -> Result<Decimal, JsonError> {
        if let Some(number) = self.short_decimal() {
            return Ok(number);
        }
        let start = self.start();
        let parsed = match self.byte() {
            Some(b'"') => self.text()?.parse(),
            _ => self.number_or("a number")?.parse(),
        };
        parsed.map_err(|error: crate::value::ParseDecimalError| self.data(start, error.to_string()))
    }

    /// Reads a number of a few digits without an exponent, which nearly all are.
    #[inline]
    fn short_decimal(&mut self) -> Option<Decimal> {
        let negative = self.peek() == Some(b'-');
        let bytes = self.bytes();
        let start = self.offset() + usize::from(negative);
        let (mut coefficient, mut end) = digits(bytes, start, 0);
        let whole = end - start;
        if whole == 0 || (whole > 1 && bytes.get(start) == Some(&b'0')) {
            return None;
        }
        let mut places = 0;
        if bytes.get(end) == Some(&b'.') {
            let point = end + 1;
            (coefficient, end) = digits(bytes, point, coefficient);
            places = end - point;
            if places == 0 {
                return None;
            }
        }
        if whole + places > SHORT || matches!(bytes.get(end), Some(b'e' | b'E')) {
            return None;
        }
        let coefficient = i64::try_from(coefficient).ok()?;
        let exponent = -i16::try_from(places).ok()?;
        self.advance(end - self.offset());
        Some(Decimal::small(if negative { -coefficient } else { coefficient }, exponent))
    }

    /// Reads an integer. It may be written as a float, such as `42.0`, as some services and proxies do.
    pub(super) fn integer(&mut self) -> Result<i64, JsonError> {
        let start = self.start();
        let text = self.number_or("an integer")?;
        let number = text.parse().ok().or_else(|| text.parse::<Decimal>().ok()?.to_i64());
        number.ok_or_else(|| self.data(start, format!("expected a 64-bit integer, found {}", excerpt(text, 40))))
    }

    /// Reads a float.
    pub(super) fn float(&mut self) -> Result<f64, JsonError> {
        let start = self.start();
        let text = self.number_or("a number")?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.data(start, format!("the number {} is out of range", excerpt(text, 40))))
    }
}
