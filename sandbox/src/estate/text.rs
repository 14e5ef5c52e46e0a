//! Writing JSON and CSV without a tree in between: what is written here is written a million times.

use super::calendar::{DAY, date};
use chrono::Datelike;

/// A text that grows.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// As it stands.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    pub(super) fn int(&mut self, value: i64) -> &mut Self {
        self.raw(itoa::Buffer::new().format(value))
    }

    /// A decimal of `places` decimal places, without zeros at its end.
    pub(super) fn decimal(&mut self, value: i64, places: u32) -> &mut Self {
        let unit = 10_u64.pow(places);
        let (whole, mut rest) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
        if value < 0 {
            self.0.push('-');
        }
        self.raw(itoa::Buffer::new().format(whole));
        if rest > 0 {
            let mut digits = places as usize;
            while rest.is_multiple_of(10) {
                rest /= 10;
                digits -= 1;
            }
            self.0.push('.');
            self.padded(rest, digits);
        }
        self
    }

    /// A decimal that always has a point, as the numbers of Atlas that are no integers have.
    pub(super) fn double(&mut self, value: i64, places: u32) -> &mut Self {
        self.decimal(value, places);
        if value.unsigned_abs().is_multiple_of(10_u64.pow(places)) {
            self.raw(".0");
        }
        self
    }

    /// Cents as dollars with two decimal places.
    pub(super) fn dollars(&mut self, cents: i64) -> &mut Self {
        if cents < 0 {
            self.0.push('-');
        }
        self.raw(itoa::Buffer::new().format(cents.unsigned_abs() / 100)).raw(".");
        self.padded(cents.unsigned_abs() % 100, 2)
    }

    /// A number with zeros ahead of it.
    pub(super) fn padded(&mut self, value: u64, digits: usize) -> &mut Self {
        let mut buffer = itoa::Buffer::new();
        let text = buffer.format(value);
        for _ in text.len()..digits {
            self.0.push('0');
        }
        self.raw(text)
    }

    /// A string of JSON.
    pub(super) fn string(&mut self, text: &str) -> &mut Self {
        self.0.push('"');
        for char in text.chars() {
            match char {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                char if char < ' ' => self.0.push_str(&format!("\\u{:04x}", u32::from(char))),
                char => self.0.push(char),
            }
        }
        self.0.push('"');
        self
    }

    /// A cell of CSV.
    pub(super) fn cell(&mut self, text: &str) -> &mut Self {
        if text.contains([',', '"', '\n']) {
            self.raw("\"").raw(&text.replace('"', "\"\"")).raw("\"")
        } else {
            self.raw(text)
        }
    }

    /// A time since the epoch, in UTC: `2026-11-01T03:05:10Z`.
    pub(super) fn instant(&mut self, seconds: u64) -> &mut Self {
        let (day, second) = (seconds / DAY, seconds % DAY);
        self.date(day).raw("T");
        self.padded(second / 3_600, 2).raw(":").padded(second / 60 % 60, 2).raw(":").padded(second % 60, 2).raw("Z")
    }

    /// A time since the epoch, with milliseconds: `2026-11-01T03:05:10.000Z`.
    pub(super) fn instant_millis(&mut self, millis: u64) -> &mut Self {
        self.instant(millis / 1000);
        self.0.pop();
        self.raw(".").padded(millis % 1000, 3).raw("Z")
    }

    /// A day, counted from the epoch: `2026-11-01`.
    pub(super) fn date(&mut self, day: u64) -> &mut Self {
        let date = date(day);
        self.padded(u64::from(date.year().unsigned_abs()), 4).raw("-");
        self.padded(u64::from(date.month()), 2).raw("-").padded(u64::from(date.day()), 2)
    }

    /// A day, counted from the epoch, as Americans write it: `11/01/2026`.
    pub(super) fn us_date(&mut self, day: u64) -> &mut Self {
        let date = date(day);
        self.padded(u64::from(date.month()), 2).raw("/").padded(u64::from(date.day()), 2).raw("/");
        self.padded(u64::from(date.year().unsigned_abs()), 4)
    }

    /// Hexadecimal digits: the last `digits` of a value.
    pub(super) fn hex(&mut self, value: u64, digits: u32) -> &mut Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for place in (0..digits).rev() {
            self.0.push(char::from(DIGITS[(value >> (4 * place) & 15) as usize]));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Text) -> &mut Text) -> String {
        let mut text = Text::default();
        write(&mut text);
        text.0
    }

    #[test]
    fn numbers() {
        assert_eq!(text(|text| text.decimal(1_250_000, 6)), "1.25");
        assert_eq!(text(|text| text.decimal(-50_000, 6)), "-0.05");
        assert_eq!(text(|text| text.decimal(72_000, 3)), "72");
        assert_eq!(text(|text| text.double(72_000, 3)), "72.0");
        assert_eq!(text(|text| text.double(0, 3)), "0.0");
        assert_eq!(text(|text| text.dollars(-1005)), "-10.05");
        assert_eq!(text(|text| text.dollars(7)), "0.07");
        assert_eq!(text(|text| text.hex(0xabc, 4)), "0abc");
    }

    #[test]
    fn texts_and_times() {
        assert_eq!(text(|text| text.string("a\"b\\c\n")), r#""a\"b\\c\u000a""#);
        assert_eq!(text(|text| text.cell("a, \"b\"")), "\"a, \"\"b\"\"\"");
        assert_eq!(text(|text| text.instant(951_782_399)), "2000-02-28T23:59:59Z");
        assert_eq!(text(|text| text.instant_millis(951_782_399_007)), "2000-02-28T23:59:59.007Z");
        assert_eq!(text(|text| text.us_date(11_016)), "02/29/2000");
    }
}
