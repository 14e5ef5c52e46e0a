//! Instants as RFC 3339 text.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Timelike, Utc};

use super::Date;
use super::compare_by::compare_by;
use crate::text::quote;

/// An instant, as RFC 3339 writes it: `2024-07-01T00:00:00Z`.
///
/// It compares as an instant: `...T00:00:00.000Z` and `...T02:00:00+02:00` are the same. What was read is written back as it was, with its fraction digits (up to nine) and its zone. Without a
/// zone it is UTC.
///
/// Services are not strict about the form, and a bill is not to be lost over it. The forms of ISO 8601 beside RFC 3339's
/// are therefore read as well: a day alone, which is its midnight in UTC, and zones without a colon (`+0200`) or without
/// minutes (`+02`).
///
/// ```
/// use cloud_billing_core::Timestamp;
///
/// let day: Timestamp = "2024-07-01".parse()?;
/// assert_eq!(day, "2024-07-01T02:00:00+0200".parse()?);
/// assert_eq!(day.to_string(), "2024-07-01");
/// # Ok::<(), cloud_billing_core::value::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Timestamp {
    utc: DateTime<Utc>,
    fraction_digits: u8,
    zone: Zone,
}

/// How the zone is written.
#[derive(Clone, Copy)]
enum Zone {
    Z,
    None,
    /// `+02:00`.
    Offset(FixedOffset),
    /// `+0200`.
    Compact(FixedOffset),
    /// `+02`.
    Hours(FixedOffset),
    /// None, and no time of day either.
    Day,
}

impl Zone {
    fn offset(self) -> Option<FixedOffset> {
        match self {
            Self::Offset(offset) | Self::Compact(offset) | Self::Hours(offset) => Some(offset),
            Self::Z | Self::None | Self::Day => None,
        }
    }
}

/// A text is not an instant in any of the forms that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTimestampError {
    /// Fit for a message.
    text: String,
}

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a date and time of RFC 3339 or ISO 8601", self.text)
    }
}

impl std::error::Error for ParseTimestampError {}

impl Timestamp {
    /// The instant, to be written in UTC with as many fraction digits as it needs: 0, 3, 6 or 9.
    fn from_utc(utc: DateTime<Utc>) -> Self {
        let fraction_digits = match utc.nanosecond() {
            0 => 0,
            nanos if nanos % 1_000_000 == 0 => 3,
            nanos if nanos % 1_000 == 0 => 6,
            _ => 9,
        };
        Self { utc, fraction_digits, zone: Zone::Z }
    }

    /// The instant so many milliseconds after 1970-01-01T00:00:00Z, or before it if they are negative. `None` beyond the years
    /// that can be expressed (about 262,000 either way).
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(Self::from_utc)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, cut to whole ones; negative before it.
    pub const fn unix_millis(self) -> i64 {
        self.utc.timestamp_millis()
    }

    /// The day that it lies on, in UTC.
    pub fn date(self) -> Date {
        Date::from_naive(self.utc.date_naive())
    }

    /// The instant of the system's count. `None` beyond the years that can be expressed.
    pub fn from_system_time(time: SystemTime) -> Option<Self> {
        let epoch = DateTime::<Utc>::UNIX_EPOCH;
        let utc = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => epoch.checked_add_signed(TimeDelta::from_std(after).ok()?),
            Err(before) => epoch.checked_sub_signed(TimeDelta::from_std(before.duration()).ok()?),
        };
        utc.map(Self::from_utc)
    }

    /// The instant as the system counts it. `None` if the system cannot express it.
    pub fn to_system_time(self) -> Option<SystemTime> {
        let seconds = self.utc.timestamp();
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let second = if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        second?.checked_add(Duration::from_nanos(self.utc.timestamp_subsec_nanos().into()))
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        parse(text).ok_or_else(|| ParseTimestampError { text: quote(text, 40) })
    }
}

/// `yyyy-mm-dd`, and unless that is all: `T` or a space, `hh:mm:ss`, an optional fraction, and an optional zone.
fn parse(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(field(date, 0, 4, b'-')?).ok()?,
        field(date, 5, 7, b'-')?,
        field(date, 8, 10, b'-')?,
    )?;
    if rest.is_empty() {
        return Some(Timestamp { utc: date.and_time(NaiveTime::MIN).and_utc(), fraction_digits: 0, zone: Zone::Day });
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("", rest),
    };
    if rest.starts_with('.') && fraction.is_empty() {
        return None;
    }

    let (hour, minute, second) = (field(clock, 0, 2, b':')?, field(clock, 3, 5, b':')?, field(clock, 6, 8, b':')?);
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    let time = match second {
        // chrono's form of a leap second.
        60 => NaiveTime::from_hms_nano_opt(hour, minute, 59, 1_000_000_000 + nanos)?,
        _ => NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?,
    };
    let zone = match zone {
        "" => Zone::None,
        "Z" | "z" => Zone::Z,
        offset => parse_offset(offset)?,
    };
    let local = date.and_time(time);
    let utc = match zone.offset() {
        Some(offset) => offset.from_local_datetime(&local).single()?.to_utc(),
        None => local.and_utc(),
    };
    Some(Timestamp { utc, fraction_digits: u8::try_from(fraction.len().min(9)).ok()?, zone })
}

/// The digits of `text[start..end]`, after which the text ends or `separator` stands.
fn field(text: &str, start: usize, end: usize, separator: u8) -> Option<u32> {
    let digits = text.get(start..end)?;
    let follows = text.as_bytes().get(end).is_none_or(|b| *b == separator);
    let number = digits.bytes().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')));
    number.filter(|_| follows)
}

/// `+hh:mm`, `+hhmm` or `+hh`, and the same with `-`.
fn parse_offset(text: &str) -> Option<Zone> {
    let (sign, clock) = text.split_at_checked(1)?;
    let pair = |from: usize| clock.get(from..from + 2).and_then(|digits| field(digits, 0, 2, b':'));
    let (form, minutes): (fn(FixedOffset) -> Zone, _) = match clock.len() {
        5 if clock.as_bytes()[2] == b':' => (Zone::Offset, pair(3)?),
        4 => (Zone::Compact, pair(2)?),
        2 => (Zone::Hours, 0),
        _ => return None,
    };
    let hours = pair(0)?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    let offset = match sign {
        "+" => FixedOffset::east_opt(seconds)?,
        "-" => FixedOffset::west_opt(seconds)?,
        _ => return None,
    };
    Some(form(offset))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = match self.zone.offset() {
            Some(offset) => self.utc.with_timezone(&offset).naive_local(),
            None => self.utc.naive_utc(),
        };
        let mut text = local.and_utc().to_rfc3339_opts(SecondsFormat::Nanos, true);
        // Nanoseconds and `Z`: nine digits, of which as many stay as are wanted, with the point only if any do.
        let digits = usize::from(self.fraction_digits);
        let cut = if digits == 0 { 11 } else { 10 - digits };
        text.truncate(text.len() - cut);
        match self.zone {
            Zone::Z => text.push('Z'),
            Zone::None => {}
            Zone::Offset(offset) => text.push_str(&offset.to_string()),
            Zone::Compact(offset) => text.push_str(&offset.to_string().replace(':', "")),
            Zone::Hours(offset) => text.extend(offset.to_string().chars().take(3)),
            // `yyyy-mm-dd`: years have four digits, since no text with others is read as a day.
            Zone::Day => text.truncate(10),
        }
        f.pad(&text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

compare_by!(Timestamp, utc);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn text_round_trips() {
        for text in [
            "2024-07-01T00:00:00Z",
            "2024-07-01T00:00:00.000Z",
            "2024-07-01T00:00:00.120Z",
            "2024-07-01T23:59:59.123456789Z",
            "2024-07-01T00:00:00",
            "2024-07-01T00:00:00.5",
            "2024-07-01T02:00:00+02:00",
            "2024-06-30T19:30:00.00-04:30",
            "2024-07-01T00:00:00+00:00",
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.25Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "2024-07-01",
            "2024-07-01T02:00:00+0200",
            "2024-06-30T19:30:00.00-0430",
            "2024-07-01T00:00:00-02",
            "2024-07-01T00:00:00+0000",
        ] {
            assert_eq!(at(text).to_string(), text);
            let json = format!("\"{text}\"");
            let decoded: Timestamp = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&decoded).unwrap(), json);
        }
    }

    #[test]
    fn instants_compare() {
        assert_eq!(at("2024-07-01T00:00:00"), at("2024-07-01T02:00:00.000+02:00"));
        for text in ["2024-07-01", "2024-07-01T02:00:00+0200", "2024-07-01T02:00:00+02", "2024-06-30T19:30:00-0430"] {
            assert_eq!(at(text), at("2024-07-01T00:00:00Z"), "{text}");
        }
        assert_eq!(at("2024-07-01 00:00:00z").to_string(), "2024-07-01T00:00:00Z");
        assert!(at("2024-07-01T00:00:00.001Z") > at("2024-07-01T00:00:00Z"));
        assert_eq!(at("2024-07-01T00:00:00.5Z").unix_millis(), 1_719_792_000_500);
        assert_eq!(at("2024-07-01T00:00:00+02:00").date().to_string(), "2024-06-30");
    }

    #[test]
    fn from_utc_writes_what_it_needs() {
        let second = DateTime::from_timestamp(1_719_792_000, 0).unwrap();
        assert_eq!(Timestamp::from_utc(second).to_string(), "2024-07-01T00:00:00Z");
        let milli = DateTime::from_timestamp(1_719_792_000, 5_000_000).unwrap();
        assert_eq!(Timestamp::from_utc(milli).to_string(), "2024-07-01T00:00:00.005Z");
    }

    #[test]
    fn the_systems_time_and_back() {
        for text in ["2024-07-01T00:00:00.123456789Z", "1969-12-31T23:59:59.5Z", "0001-01-01T00:00:00Z"] {
            let instant = at(text);
            let system = instant.to_system_time().unwrap();
            assert_eq!(Timestamp::from_system_time(system), Some(instant), "{text}");
        }
        let far = UNIX_EPOCH.checked_add(Duration::from_secs(1 << 60));
        assert_eq!(far.and_then(Timestamp::from_system_time), None);
    }

    #[test]
    fn what_is_no_timestamp() {
        for text in [
            "",
            "2024-07-01T",
            "2024-07",
            "2024-07-01T00:00Z",
            "2024-07-01T00:00:00.Z",
            "2024-07-01T00:00:00+020",
            "2024-07-01T00:00:00+2400",
            "2024-07-01T00:00:00+02é",
            "2024-07-01T00:00:00+é0é",
            "2024-07-01T00:00:00+02-00",
            "2024-07-01T00:00:00+24:00",
            "2024-07-01T00:00:00 Z",
            "2024-02-30T00:00:00Z",
            "2024-07-01T24:00:00Z",
            "2024/07/01T00:00:00Z",
            "+024-07-01T00:00:00Z",
            "2024-07-01T00:00:00Zé",
            "2024-07-0éT00:00:00Z",
            "never",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn digits_beyond_nanoseconds_are_dropped() {
        assert_eq!(at("2024-07-01T00:00:00.1234567891Z").to_string(), "2024-07-01T00:00:00.123456789Z");
    }
}
