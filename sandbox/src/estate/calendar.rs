//! Months and days in UTC.

use std::fmt;
use std::time::Duration;

use chrono::{Datelike, NaiveDate};

pub(super) const DAY: u64 = 86_400;

/// A month, as the number of months since the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Month(pub(super) u32);

impl Month {
    pub(super) fn new(year: u32, number: u32) -> Option<Self> {
        (1..=12).contains(&number).then_some(())?;
        (year <= 9999).then_some(Self(year * 12 + number - 1))
    }

    /// The month of a time since the epoch.
    pub(super) fn of(now: Duration) -> Self {
        let date = date(now.as_secs() / DAY);
        Self(date.year().unsigned_abs() * 12 + date.month0())
    }

    /// Reads `yyyy-mm`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (year, number) = text.split_once('-')?;
        Self::new(year.parse().ok()?, number.parse().ok()?)
    }

    /// The month a number of months earlier, but not before January 1970.
    pub(super) fn ago(self, months: u32) -> Self {
        Self(self.0.saturating_sub(months).max(1970 * 12))
    }

    pub(super) const fn year(self) -> u32 {
        self.0 / 12
    }

    /// From 1 to 12.
    pub(super) const fn number(self) -> u32 {
        self.0 % 12 + 1
    }

    pub(super) const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Its first day, counted from the epoch. The epoch itself for months before it.
    pub(super) fn first_day(self) -> u64 {
        let first = NaiveDate::from_ymd_opt(i32::try_from(self.year()).unwrap_or(1970), self.number(), 1);
        u64::try_from(first.unwrap_or_default().to_epoch_days()).unwrap_or_default()
    }

    /// Its first second, counted from the epoch.
    pub(super) fn start(self) -> u64 {
        self.first_day() * DAY
    }

    /// The first second after it.
    pub(super) fn end(self) -> u64 {
        self.next().start()
    }

    pub(super) fn days(self) -> u64 {
        self.next().first_day() - self.first_day()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

/// The date of a day counted from the epoch. Days beyond the range give the last date.
pub(super) fn date(day: u64) -> NaiveDate {
    i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days).unwrap_or(NaiveDate::MAX)
}

/// Reads `yyyy-mm-dd` as a day counted from the epoch. Earlier days give the epoch.
pub(super) fn parse_day(text: &str) -> Option<u64> {
    let date: NaiveDate = text.parse().ok()?;
    Some(u64::try_from(date.to_epoch_days()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        let month = Month::parse("2024-02").unwrap();
        assert_eq!((month.days(), month.start(), month.to_string()), (29, 1_706_745_600, "2024-02".to_owned()));
        assert_eq!(month.end(), Month::parse("2024-03").unwrap().start());
        assert_eq!(Month::of(Duration::from_secs(month.end() - 1)), month);
        assert_eq!(Month::parse("2024-12").map(|month| month.next().to_string()), Some("2025-01".to_owned()));
        assert_eq!(Month::parse("2024-02").map(|month| month.ago(3).to_string()), Some("2023-11".to_owned()));
        assert_eq!(Month::parse("2024-02").map(|month| month.ago(9_999).to_string()), Some("1970-01".to_owned()));
        assert!(["2024-13", "2024-0", "x", "2024", "99999-01"].iter().all(|text| Month::parse(text).is_none()));
    }

    #[test]
    fn days() {
        assert_eq!(parse_day("1970-01-02"), Some(1));
        assert_eq!(parse_day("1969-01-01"), Some(0));
        assert_eq!(parse_day("2023-02-29"), None);
        assert_eq!(date(19_782).to_string(), "2024-02-29");
    }
}
