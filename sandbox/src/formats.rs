//! The formats of the specs.

/// What is wrong with an integer of a format, if anything is.
pub(crate) fn integer_problem(format: &str, value: i64) -> Option<String> {
    let (fits, description) = match format {
        "int32" => (i32::try_from(value).is_ok(), "a 32-bit integer"),
        "epoch-millis" => {
            let years = -62_167_219_200_000..=253_402_300_799_999;
            (years.contains(&value), "a count of milliseconds in the years 0000 to 9999")
        }
        _ => return None,
    };
    (!fits).then(|| format!("{value} is not {description}"))
}

/// What a text of a format has to be, if it is not that.
pub(crate) fn text_problem(format: &str, text: &str) -> Option<&'static str> {
    let (fits, description) = match format {
        "date" => (is_date(text), "a date of the form yyyy-mm-dd"),
        "date-time" => (is_date_time(text), "a date and time of RFC 3339"),
        "billing-month" => (is_month(text), "a month of the form yyyy-mm"),
        "decimal" => (is_decimal(text), "a decimal number"),
        _ => return None,
    };
    (!fits).then_some(description)
}

/// Whether integers of a format are checked.
#[cfg(test)]
pub(crate) fn is_integer_format(format: &str) -> bool {
    ["", "int32", "int64", "epoch-millis"].contains(&format)
}

/// Whether texts of a format are checked.
#[cfg(test)]
pub(crate) fn is_text_format(format: &str) -> bool {
    ["", "date", "date-time", "billing-month", "decimal", "password"].contains(&format)
}

/// The number of exactly `width` digits.
fn digits(text: &str, width: usize) -> Option<u32> {
    let well_formed = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| text.parse().ok()).flatten()
}

fn is_month(text: &str) -> bool {
    let Some((year, month)) = text.split_once('-') else { return false };
    digits(year, 4).is_some() && digits(month, 2).is_some_and(|month| (1..=12).contains(&month))
}

fn is_date(text: &str) -> bool {
    let Some((month_text, day)) = text.rsplit_once('-') else { return false };
    let Some((year, month)) = month_text.split_once('-') else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once(['T', 't']) else { return false };
    let Some(zone_start) = rest.find(['Z', 'z', '+', '-']) else { return false };
    let (time, zone) = rest.split_at(zone_start);
    let zone_fits = match zone.split_at(1) {
        ("Z" | "z", "") => true,
        ("+" | "-", offset) => is_clock(offset, &[23, 59]),
        _ => false,
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let fraction_fits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    // A leap second is the 60th.
    is_date(date) && is_clock(clock, &[23, 59, 60]) && fraction_fits && zone_fits
}

/// Whether the text is pairs of digits between colons, none greater than its limit.
fn is_clock(text: &str, limits: &[u32]) -> bool {
    let mut parts = text.split(':');
    let fits = limits.iter().all(|limit| parts.next().and_then(|part| digits(part, 2)).is_some_and(|n| n <= *limit));
    fits && parts.next().is_none()
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    [whole, fraction, exponent].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        for (text, fits) in
            [("2023-05", true), ("2023-12", true), ("2023-5", false), ("2023-13", false), ("2023-00", false)]
        {
            assert_eq!(is_month(text), fits, "{text}");
        }
    }

    #[test]
    fn dates() {
        for text in ["2026-10-01", "2024-02-29", "2000-02-29"] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "",
            "2026-10",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-10-1",
            "2026-10-00",
            "26-10-01",
            "2026-10-01T",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn date_times() {
        for text in ["2026-10-01T00:00:00Z", "2026-10-01t23:59:60.123456789+05:30", "2016-12-31T23:59:60Z"] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "2026-10-01",
            "2026-10-01T00:00:00",
            "2026-10-01T24:00:00Z",
            "2026-10-01T00:00Z",
            "2026-10-01T00:00:00.Z",
            "2026-10-01T00:00:00+0530",
            "2026-10-01T00:00:00ZZ",
            "2026-10-01 00:00:00Z",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
    }

    #[test]
    fn decimals() {
        for text in ["0", "-12.50", "6.035e-07", "1E3"] {
            assert!(is_decimal(text), "{text}");
        }
        for text in ["", "-", "1.", ".5", "+1", "1e", "NaN", "1,5"] {
            assert!(!is_decimal(text), "{text}");
        }
    }

    #[test]
    fn integers() {
        assert_eq!(integer_problem("int32", 2_147_483_647), None);
        assert_eq!(integer_problem("int32", 2_147_483_648).as_deref(), Some("2147483648 is not a 32-bit integer"));
        assert_eq!(integer_problem("epoch-millis", 1_684_108_800_000), None);
        assert!(integer_problem("epoch-millis", i64::MAX).is_some());
    }
}
