//! Numbers and times as text, and the writer of CSV rows.

use chrono::Datelike;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::calendar::{DAY, date};

/// Up to here, a floating-point number is printed with exactly the digits that it was made from.
const LAST_EXACT: u64 = 999_999_999_999_999;

/// Millionths. In JSON it is a number with all its digits, and without a point if it is whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Micros(pub(super) i64);

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1_000_000 == 0 {
            serializer.serialize_i64(self.0 / 1_000_000)
        } else if self.0.unsigned_abs() <= LAST_EXACT {
            serializer.serialize_f64(double(self.0, 1_000_000))
        } else {
            let mut text = Text::default();
            text.decimal(self.0, 6);
            RawValue::from_string(text.0).map_err(S::Error::custom)?.serialize(serializer)
        }
    }
}

/// A number that always has a point, as Atlas writes those that are not integers.
pub(super) fn double(value: i64, unit: i64) -> f64 {
    value as f64 / unit as f64
}

/// A time since the epoch, in UTC: `2026-11-01T03:05:10Z`.
pub(super) fn instant(seconds: u64) -> String {
    let mut text = Text::with_capacity(20);
    text.instant(seconds);
    text.0
}

/// A time since the epoch, in UTC: `2026-11-01T03:05:10.000Z`.
pub(super) fn instant_millis(millis: u64) -> String {
    let mut text = Text::with_capacity(24);
    text.instant(millis / 1000);
    text.0.pop();
    text.raw(".").padded(millis % 1000, 3).raw("Z");
    text.0
}

/// A text that is built from parts.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// Appends a text.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
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

    /// Thousandths with a point, as Atlas writes quantities.
    pub(super) fn quantity(&mut self, thousandths: i64) -> &mut Self {
        self.decimal(thousandths, 3);
        if thousandths % 1_000 == 0 {
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

    /// A number with leading zeros.
    pub(super) fn padded(&mut self, value: u64, digits: usize) -> &mut Self {
        let mut buffer = itoa::Buffer::new();
        let text = buffer.format(value);
        for _ in text.len()..digits {
            self.0.push('0');
        }
        self.raw(text)
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

    /// A day, counted from the epoch: `2026-11-01`.
    pub(super) fn date(&mut self, day: u64) -> &mut Self {
        let date = date(day);
        self.padded(u64::from(date.year().unsigned_abs()), 4).raw("-");
        self.padded(u64::from(date.month()), 2).raw("-").padded(u64::from(date.day()), 2)
    }

    /// A day, counted from the epoch, in US format: `11/01/2026`.
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

    fn written(write: impl FnOnce(&mut Text) -> &mut Text) -> String {
        let mut text = Text::default();
        write(&mut text);
        text.0
    }

    #[test]
    fn numbers() {
        assert_eq!(written(|text| text.decimal(1_250_000, 6)), "1.25");
        assert_eq!(written(|text| text.decimal(-50_000, 6)), "-0.05");
        assert_eq!(written(|text| text.decimal(72_000, 3)), "72");
        assert_eq!(written(|text| text.dollars(-1005)), "-10.05");
        assert_eq!(written(|text| text.dollars(7)), "0.07");
        assert_eq!(written(|text| text.hex(0xabc, 4)), "0abc");
    }

    #[test]
    fn numbers_of_json() {
        let json = |value: i64| crate::json::to_json(&Micros(value));
        assert_eq!([1_250_000, -50_000, 72_000_000, 0].map(json), ["1.25", "-0.05", "72", "0"]);
        assert_eq!(json(123_456_789_012_345), "123456789.012345");
        assert_eq!(json(9_007_199_254_740_991), "9007199254.740991");
    }

    #[test]
    fn texts_and_times() {
        assert_eq!(written(|text| text.cell("a, \"b\"")), "\"a, \"\"b\"\"\"");
        assert_eq!(written(|text| text.instant(951_782_399)), "2000-02-28T23:59:59Z");
        assert_eq!(instant_millis(951_782_399_007), "2000-02-28T23:59:59.007Z");
        assert_eq!(written(|text| text.us_date(11_016)), "02/29/2000");
    }
}
