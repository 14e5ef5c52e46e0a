//! Calendar days.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::text::quote;

/// A calendar day, written `yyyy-mm-dd`.
///
/// ```
/// use cloud_billing_core::Date;
///
/// let day: Date = "2024-02-28".parse()?;
/// assert_eq!((day.year(), day.month(), day.day()), (2024, 2, 28));
/// assert_eq!(day.plus_days(2), Some(Date::new(2024, 3, 1)?));
/// # Ok::<(), cloud_billing_core::value::ParseDateError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

/// A text or a triple of numbers is not a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDateError {
    /// Fit for a message.
    text: String,
}

impl fmt::Display for ParseDateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a day of the form yyyy-mm-dd", self.text)
    }
}

impl std::error::Error for ParseDateError {}

impl Date {
    /// The day `day` (from 1) of the month `month` (1 to 12) of `year`.
    ///
    /// # Errors
    ///
    /// If there is no such day.
    pub fn new(year: i32, month: u32, day: u32) -> Result<Self, ParseDateError> {
        let date = NaiveDate::from_ymd_opt(year, month, day);
        date.map(Self).ok_or_else(|| ParseDateError { text: format!("\"{year}-{month}-{day}\"") })
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month of the year, 1 to 12.
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u32 {
        self.0.day()
    }

    /// The day so many days later, or earlier if they are negative. `None` beyond the years that can be written.
    pub fn plus_days(self, days: i64) -> Option<Self> {
        self.0.checked_add_signed(TimeDelta::try_days(days)?).map(Self)
    }

    /// How many days it is after another one; negative if it is before that.
    pub fn days_since(self, other: Self) -> i64 {
        self.0.signed_duration_since(other.0).num_days()
    }

    pub(super) const fn from_naive(date: NaiveDate) -> Self {
        Self(date)
    }

    pub(super) const fn to_naive(self) -> NaiveDate {
        self.0
    }
}

impl FromStr for Date {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, ParseDateError> {
        text.parse().map(Self).map_err(|_| ParseDateError { text: quote(text, 40) })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_json() {
        let day: Date = "2024-07-01".parse().unwrap();
        assert_eq!((day.to_string(), format!("{day:?}")), ("2024-07-01".to_owned(), "2024-07-01".to_owned()));
        assert_eq!(format!("{day:>12}"), "  2024-07-01");
        assert_eq!(serde_json::to_string(&day).unwrap(), r#""2024-07-01""#);
        assert_eq!(serde_json::from_str::<Date>(r#""2024-07-01""#).unwrap(), day);
        for text in ["", "2024-07", "2024-02-30", "2024-13-01", "yesterday"] {
            let error = text.parse::<Date>().unwrap_err().to_string();
            assert_eq!(error, format!("\"{text}\" is not a day of the form yyyy-mm-dd"));
        }
        assert!(Date::new(2023, 2, 29).is_err());
    }

    #[test]
    fn days_are_counted() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(day("2024-03-01").plus_days(-1), Some(day("2024-02-29")));
        assert_eq!(day("2024-03-01").days_since(day("2024-01-01")), 60);
        assert_eq!(day("2024-01-01").days_since(day("2024-03-01")), -60);
        assert_eq!(day("2024-01-01").plus_days(i64::MAX), None);
        assert_eq!(day("2024-01-01").plus_days(i64::MIN), None);
        assert!(day("2024-01-02") > day("2024-01-01"));
    }
}
