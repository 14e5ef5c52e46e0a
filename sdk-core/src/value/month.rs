//! Calendar months.

use std::fmt;
use std::iter::FusedIterator;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::Date;
use crate::text::quote;

/// A month of the calendar, as billing periods are named: `2024-07`.
///
/// Years run from 0 to 9999. A one-digit month (`2024-7`) is read, and written with two digits.
///
/// ```
/// use cloud_billing_core::BillingMonth;
///
/// let month: BillingMonth = "2024-01".parse()?;
/// assert_eq!(month.previous().to_string(), "2023-12");
/// assert_eq!(month.last_day().to_string(), "2024-01-31");
/// assert_eq!(BillingMonth::new(2023, 11)?.through(month).count(), 3);
/// # Ok::<(), cloud_billing_core::value::ParseMonthError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillingMonth {
    // The order of the fields makes the derived order chronological.
    year: u16,
    month: u8,
}

/// A text or a pair of numbers is not a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseMonthError {
    /// Fit for a message.
    text: String,
}

impl fmt::Display for ParseMonthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a month of the form yyyy-mm", self.text)
    }
}

impl std::error::Error for ParseMonthError {}

impl BillingMonth {
    /// The first month, 0000-01.
    pub const MIN: Self = Self { year: 0, month: 1 };
    /// The last month, 9999-12.
    pub const MAX: Self = Self { year: 9999, month: 12 };

    /// The month `month` (1 to 12) of `year` (0 to 9999).
    ///
    /// # Errors
    ///
    /// If either is out of range.
    pub fn new(year: i32, month: u32) -> Result<Self, ParseMonthError> {
        let error = || ParseMonthError { text: format!("\"{year}-{month}\"") };
        let year = u16::try_from(year).ok().filter(|year| *year <= Self::MAX.year).ok_or_else(error)?;
        let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month)).ok_or_else(error)?;
        Ok(Self { year, month })
    }

    /// The month that a day lies in.
    ///
    /// # Errors
    ///
    /// If the year is not within 0 to 9999.
    pub fn containing(day: Date) -> Result<Self, ParseMonthError> {
        Self::new(day.year(), day.month())
    }

    /// The year, 0 to 9999.
    pub const fn year(self) -> i32 {
        self.year as i32
    }

    /// The month of the year, 1 to 12.
    pub const fn month(self) -> u32 {
        self.month as u32
    }

    /// The month after this one. After 9999-12 there is none, and the result is 9999-12 itself.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self { year: 9999, month: 12 } => self,
            Self { year, month: 12 } => Self { year: year + 1, month: 1 },
            Self { year, month } => Self { year, month: month + 1 },
        }
    }

    /// The month before this one. Before 0000-01 there is none, and the result is 0000-01 itself.
    #[must_use]
    pub const fn previous(self) -> Self {
        match self {
            Self { year: 0, month: 1 } => self,
            Self { year, month: 1 } => Self { year: year - 1, month: 12 },
            Self { year, month } => Self { year, month: month - 1 },
        }
    }

    /// The months from this one through `last`, both included; none if `last` is earlier.
    pub const fn through(self, last: Self) -> Months {
        Months { first: self.ordinal(), end: last.ordinal() + 1 }
    }

    /// The first day.
    pub fn first_day(self) -> Date {
        // Every month has a first day, and chrono's years go far beyond ours.
        Date::from_naive(NaiveDate::from_ymd_opt(self.year(), self.month(), 1).unwrap_or_default())
    }

    /// The last day.
    pub fn last_day(self) -> Date {
        let first = self.first_day().to_naive();
        // Every month has so many days.
        Date::from_naive(first.with_day(u32::from(first.num_days_in_month())).unwrap_or(first))
    }

    /// Months since 0000-01.
    const fn ordinal(self) -> u32 {
        self.year as u32 * 12 + self.month as u32 - 1
    }

    fn from_ordinal(ordinal: u32) -> Self {
        let year = u16::try_from(ordinal / 12).unwrap_or(Self::MAX.year);
        // A remainder is less than 12.
        Self { year, month: (ordinal % 12) as u8 + 1 }
    }
}

/// The months of a range, from [`BillingMonth::through`].
#[derive(Clone, Debug)]
pub struct Months {
    first: u32,
    end: u32,
}

impl Iterator for Months {
    type Item = BillingMonth;

    fn next(&mut self) -> Option<BillingMonth> {
        (self.first < self.end).then(|| {
            self.first += 1;
            BillingMonth::from_ordinal(self.first - 1)
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.saturating_sub(self.first) as usize;
        (left, Some(left))
    }
}

impl DoubleEndedIterator for Months {
    fn next_back(&mut self) -> Option<BillingMonth> {
        (self.first < self.end).then(|| {
            self.end -= 1;
            BillingMonth::from_ordinal(self.end)
        })
    }
}

impl ExactSizeIterator for Months {}

impl FusedIterator for Months {}

impl fmt::Display for BillingMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}", self.year, self.month))
    }
}

impl fmt::Debug for BillingMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BillingMonth({self})")
    }
}

impl FromStr for BillingMonth {
    type Err = ParseMonthError;

    fn from_str(text: &str) -> Result<Self, ParseMonthError> {
        parse(text).ok_or_else(|| ParseMonthError { text: quote(text, 40) })
    }
}

fn parse(text: &str) -> Option<BillingMonth> {
    let (year, month) = text.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || !(1..=2).contains(&month.len()) || !digits(year) || !digits(month) {
        return None;
    }
    BillingMonth::new(year.parse().ok()?, month.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> BillingMonth {
        text.parse().unwrap()
    }

    #[test]
    fn text_and_json() {
        assert_eq!(month("2024-7"), BillingMonth::new(2024, 7).unwrap());
        assert_eq!(month("2024-07").to_string(), "2024-07");
        assert_eq!(serde_json::to_string(&month("2024-7")).unwrap(), r#""2024-07""#);
        assert_eq!(serde_json::from_str::<BillingMonth>(r#""2023-06""#).unwrap(), month("2023-06"));
        assert_eq!(format!("{:?} {:>9}", month("0001-01"), month("2024-07")), "BillingMonth(0001-01)   2024-07");
    }

    #[test]
    fn what_is_no_month() {
        for text in [
            "",
            "2024",
            "2024-",
            "2024-00",
            "2024-13",
            "2024-007",
            "24-07",
            "2024-07-01",
            "2024-+7",
            "+024-07",
            "٢٠٢٤-07",
        ] {
            let error = text.parse::<BillingMonth>().unwrap_err();
            assert_eq!(error.to_string(), format!("{text:?} is not a month of the form yyyy-mm"));
        }
        assert!(BillingMonth::new(-1, 1).is_err());
        assert!(BillingMonth::new(10_000, 1).is_err());
    }

    #[test]
    fn neighbours() {
        assert_eq!(month("2023-12").next(), month("2024-01"));
        assert_eq!(month("2024-01").previous(), month("2023-12"));
        assert_eq!(BillingMonth::MAX.next(), BillingMonth::MAX);
        assert_eq!(BillingMonth::MIN.previous(), BillingMonth::MIN);
        assert!(month("2023-12") < month("2024-01"));
    }

    #[test]
    fn ranges() {
        let months: Vec<_> = month("2023-11").through(month("2024-02")).map(|m| m.to_string()).collect();
        assert_eq!(months, ["2023-11", "2023-12", "2024-01", "2024-02"]);
        let back: Vec<_> = month("2023-12").through(month("2024-01")).rev().map(|m| m.to_string()).collect();
        assert_eq!(back, ["2024-01", "2023-12"]);
        assert_eq!(month("2024-02").through(month("2024-01")).len(), 0);
        assert_eq!(BillingMonth::MIN.through(BillingMonth::MAX).len(), 120_000);
        assert_eq!(BillingMonth::MIN.through(BillingMonth::MAX).next_back(), Some(BillingMonth::MAX));
    }

    #[test]
    fn days() {
        assert_eq!(month("2024-02").last_day().to_string(), "2024-02-29");
        assert_eq!(month("2023-02").last_day().to_string(), "2023-02-28");
        assert_eq!(month("2023-12").first_day().to_string(), "2023-12-01");
        assert_eq!(BillingMonth::MAX.last_day().to_string(), "9999-12-31");
        assert_eq!(BillingMonth::MIN.first_day().year(), 0);
        assert_eq!(BillingMonth::containing(month("2024-02").last_day()).unwrap(), month("2024-02"));
    }
}
