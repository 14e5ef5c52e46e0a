//! Parses the numbers and dates in CSV cells.

use cloud_billing_core::{Date, Decimal};

/// Parses a number: the format of [`Decimal`], and two spreadsheet formats that are unambiguous.
///
/// * A dollar sign in front of the number, on either side of a minus: `$12.96`, `-$10.00`, `$-10.00`.
/// * Commas between groups of three digits, if there is also a decimal point or more than one comma: `1,234.50`,
///   `1,234,567`. `1,234` alone is rejected, because it may be a decimal comma.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let Some(rest) = rest.strip_prefix('$') else {
        return plain_or_grouped(sign, rest);
    };
    match rest.strip_prefix('-') {
        Some(rest) if sign.is_empty() => plain_or_grouped("-", rest),
        _ => plain_or_grouped(sign, rest),
    }
}

/// Parses a number without dollar sign. Its sign is separate.
fn plain_or_grouped(sign: &str, text: &str) -> Option<Decimal> {
    // A second sign is invalid.
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || (c == '+' && sign.is_empty())) {
        return None;
    }
    if !text.contains(',') {
        return format!("{sign}{text}").parse().ok();
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let groups: Vec<&str> = whole.split(',').collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3)
        && groups.iter().all(|group| digits(group))
        && fraction.is_none_or(digits);
    if !grouped || (fraction.is_none() && groups.len() == 2) {
        return None;
    }
    format!("{sign}{}.{}", groups.concat(), fraction.unwrap_or("0")).parse().ok()
}

/// Parses a date of the invoice table: `MM/DD/YYYY`.
pub(super) fn us_date(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(digits(year)?.try_into().ok()?, digits(month)?, digits(day)?).ok()
}

/// A number of one to four digits, without a sign.
fn digits(text: &str) -> Option<u32> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// Parses a date of the preamble: `June 1, 2024`. Month names are English.
pub(super) fn long_date(text: &str) -> Option<Date> {
    let (month, rest) = text.trim().split_once(' ')?;
    let (day, year) = rest.split_once(',')?;
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = MONTHS.iter().zip(1..).find(|(name, _)| name.eq_ignore_ascii_case(month))?.1;
    Date::new(digits(year.trim())?.try_into().ok()?, month, digits(day.trim())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_mean_one_thing() {
        for (text, value) in [
            ("12.96", "12.96"),
            ("-10.00", "-10.00"),
            ("+5", "5"),
            (".5", "0.5"),
            ("6.035e-07", "0.0000006035"),
            ("$12.96", "12.96"),
            ("-$10.00", "-10.00"),
            ("$-10.00", "-10.00"),
            ("1,234.50", "1234.50"),
            ("$1,234,567", "1234567"),
            ("-1,234,567.89", "-1234567.89"),
        ] {
            assert_eq!(number(text), Some(value.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn numbers_that_do_not() {
        for text in [
            "",
            "$",
            "-",
            "--1",
            "-$-1",
            "+$5",
            "-+1",
            "1,234",
            "12,34.5",
            "1,2345.0",
            ",123.0",
            "1.234,50",
            "1,234.5,6",
            "(10.00)",
            "€5",
            "1 234.50",
            "NaN",
            "$$1",
            "1,234e5",
            "1,234.e5",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn dates() {
        let day = |year, month, day| Date::new(year, month, day).ok();
        assert_eq!(us_date("10/31/2026"), day(2026, 10, 31));
        assert_eq!(us_date("1/2/2026"), day(2026, 1, 2));
        for text in ["31/10/2026", "10/31/26", "2026-10-31", "10/31/2026/1", "+1/2/2026", "", "//"] {
            assert_eq!(us_date(text), None, "{text}");
        }
        assert_eq!(long_date(" June 1, 2024 "), day(2024, 6, 1));
        for text in ["June 31, 2024", "Juni 1, 2024", "June 1 2024", "June +1, 2024", "June 1, +2024", "", "1, 2"] {
            assert_eq!(long_date(text), None, "{text}");
        }
    }
}
