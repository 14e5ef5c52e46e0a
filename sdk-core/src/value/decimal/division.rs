//! Division and percentages.

use bigdecimal::Signed;
use bigdecimal::num_bigint::BigInt;

use super::compare::Normal;
use super::rounding::{self, Rounding};
use super::{Decimal, MAX_RESULT_DIGITS};

impl Decimal {
    /// The quotient, with exactly `places` decimal places. `None` if the divisor is zero, or the quotient would have more than
    /// 10,000 digits.
    ///
    /// A quotient may have digits without end, so there is no `/`.
    ///
    /// ```
    /// use cloud_billing_core::{Decimal, Rounding};
    ///
    /// let (cost, days) = (Decimal::from_cents(100_00), Decimal::from(30));
    /// let a_day = cost.checked_div(&days, 2, Rounding::HalfEven);
    /// assert_eq!(a_day, Some(Decimal::from_cents(3_33)));
    /// assert_eq!(cost.checked_div(&Decimal::ZERO, 2, Rounding::HalfEven), None);
    /// ```
    pub fn checked_div(&self, divisor: &Self, places: u32, rounding: Rounding) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        if self.is_zero() {
            return (places <= MAX_RESULT_DIGITS).then(|| Self::zero(-i64::from(places)));
        }
        let (dividend, divisor) = (Normal::of(self), Normal::of(divisor));
        let difference = |dividend: i64, divisor: i64| i128::from(dividend) - i128::from(divisor) + i128::from(places);
        // As many digits as the quotient has, or one more.
        let digits = difference(dividend.leading(), divisor.leading()) + 1;
        if digits > MAX_RESULT_DIGITS.into() {
            return None;
        }
        let shift = difference(dividend.exponent, divisor.exponent);
        let (dividend, divisor) = match u32::try_from(shift.unsigned_abs()) {
            // Less than a tenth of the last place: any such number is rounded alike.
            _ if digits < 0 => (dividend.digits.signum(), divisor.digits.signum() * 10),
            Ok(power) if shift >= 0 => (dividend.digits * ten_to(power), divisor.digits),
            Ok(power) => (dividend.digits, divisor.digits * ten_to(power)),
            Err(_) => return None,
        };
        let quotient = rounding::divide(&dividend, &divisor, rounding);
        Some(Self::from_coefficient(quotient, -i64::from(places)))
    }

    /// That many percent of an amount, exactly.
    ///
    /// ```
    /// use cloud_billing_core::Decimal;
    ///
    /// let (rate, net) = (Decimal::from(19), Decimal::from_cents(12_50));
    /// assert_eq!(rate.percent_of(&net), "2.375".parse()?);
    /// # Ok::<(), cloud_billing_core::value::ParseDecimalError>(())
    /// ```
    #[must_use]
    pub fn percent_of(&self, amount: &Self) -> Self {
        self * amount * Self::from_cents(1)
    }

    /// How many percent of a whole the number is, with exactly `places` decimal places. `None` if the whole is zero.
    ///
    /// ```
    /// use cloud_billing_core::{Decimal, Rounding};
    ///
    /// let (part, whole) = (Decimal::from(2), Decimal::from(3));
    /// assert_eq!(part.as_percent_of(&whole, 1, Rounding::HalfEven), Some("66.7".parse()?));
    /// # Ok::<(), cloud_billing_core::value::ParseDecimalError>(())
    /// ```
    pub fn as_percent_of(&self, whole: &Self, places: u32, rounding: Rounding) -> Option<Self> {
        (self * Self::from(100)).checked_div(whole, places, rounding)
    }
}

/// A power of ten.
pub(super) fn ten_to(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;
    use crate::value::decimal::tests::{fraction, number, power, texts};

    const ALL: [Rounding; 7] = [
        Rounding::HalfEven,
        Rounding::HalfUp,
        Rounding::HalfDown,
        Rounding::Up,
        Rounding::Down,
        Rounding::Ceiling,
        Rounding::Floor,
    ];

    #[test]
    fn each_mode_rounds_as_its_table_says() {
        for (text, expected) in [
            ("2.5", ["2", "3", "2", "3", "2", "3", "2"]),
            ("3.5", ["4", "4", "3", "4", "3", "4", "3"]),
            ("-2.5", ["-2", "-3", "-2", "-3", "-2", "-2", "-3"]),
            ("2.4", ["2", "2", "2", "3", "2", "3", "2"]),
            ("-2.6", ["-3", "-3", "-3", "-3", "-2", "-2", "-3"]),
            ("2.500000000000000000000000000001", ["3", "3", "3", "3", "2", "3", "2"]),
            ("-0.4", ["0", "0", "0", "-1", "0", "0", "-1"]),
            ("7", ["7"; 7]),
        ] {
            let rounded = ALL.map(|rounding| number(text).round_with(0, rounding).to_string());
            assert_eq!(rounded, expected, "{text}");
            // Division by one rounds alike.
            let divided = ALL.map(|mode| number(text).checked_div(&Decimal::from(1), 0, mode).unwrap().to_string());
            assert_eq!(divided, expected, "{text}");
        }
    }

    #[test]
    fn quotients() {
        for (dividend, divisor, places, quotient) in [
            ("100", "30", 2, "3.33"),
            ("-100", "30", 4, "-3.3333"),
            ("10", "-4", 0, "-2"),
            ("14", "-4", 0, "-4"),
            ("1", "8", 3, "0.125"),
            ("1", "8", 5, "0.12500"),
            ("0", "8", 2, "0.00"),
            ("0", "-1e60", 2, "0.00"),
            ("1e60", "1e60", 0, "1"),
            ("1e-60", "1e60", 2, "0.00"),
            ("5", "1000", 2, "0.00"),
            ("5.0000000000000000000000001", "1000", 2, "0.01"),
            ("123456789012345678901234567890", "3", 1, "41152263004115226300411522630.0"),
        ] {
            let result = number(dividend).checked_div(&number(divisor), places, Rounding::HalfEven).unwrap();
            assert_eq!(result.to_string(), quotient, "{dividend} / {divisor}");
        }
        // However small it is, it is rounded up.
        let tiny = power(-4096).checked_div(&-power(4096), 2, Rounding::Up).unwrap();
        assert_eq!(tiny.to_string(), "-0.01");
        assert_eq!(power(4096).checked_div(&power(-4096), 0, Rounding::Up), Some(power(8192)));
    }

    #[test]
    fn what_has_no_quotient() {
        for zero in ["0", "0.00", "0e60"] {
            for dividend in ["0", "1", "-1e30"] {
                assert_eq!(number(dividend).checked_div(&number(zero), 2, Rounding::Up), None);
                assert_eq!(number(dividend).as_percent_of(&number(zero), 2, Rounding::Up), None);
            }
        }
        // A million digits are none that anybody asked for.
        for dividend in ["0", "1"] {
            assert_eq!(number(dividend).checked_div(&number("3"), u32::MAX, Rounding::Up), None);
        }
        let huge = power(i64::MAX / 2);
        let tiny = number("1").checked_div(&huge, 2, Rounding::HalfEven).unwrap();
        assert!(tiny.is_zero());
        assert_eq!(huge.checked_div(&number("7"), 2, Rounding::HalfEven), None);
        assert_eq!(huge.checked_div(&huge, 2, Rounding::HalfEven), Some(number("1")));
    }

    #[test]
    fn percentages() {
        assert_eq!(number("7.25").percent_of(&number("200")).to_string(), "14.5000");
        assert_eq!(number("-10").percent_of(&number("0.10")), number("-0.01"));
        let share = |part: &str, whole: &str| number(part).as_percent_of(&number(whole), 2, Rounding::HalfUp).unwrap();
        assert_eq!(share("1", "8").to_string(), "12.50");
        assert_eq!(share("-1", "3").to_string(), "-33.33");
    }

    proptest! {
        #[test]
        fn a_quotient_is_within_one_unit_of_the_fraction(a in texts(), b in texts(), places in 0_u32..30) {
            prop_assume!(!number(&b).is_zero());
            let exact = fraction(&a) / fraction(&b);
            let unit = fraction(&format!("1e-{places}"));
            for rounding in ALL {
                let quotient = number(&a).checked_div(&number(&b), places, rounding).unwrap();
                let written = quotient.to_big();
                prop_assert_eq!(written.fractional_digit_count(), i64::from(places));
                let error = fraction(&quotient.to_string()) - &exact;
                prop_assert!(is_rounded(rounding, &error, &unit, &exact), "{a} / {b} = {quotient}, {rounding:?}");
            }
        }
    }

    /// Whether an error is one that this mode makes. Which way the middle goes is seen elsewhere.
    fn is_rounded(rounding: Rounding, error: &BigRational, unit: &BigRational, exact: &BigRational) -> bool {
        let zero = BigRational::from(BigInt::from(0));
        let half = unit / BigInt::from(2);
        let away = if *exact < zero { -error } else { error.clone() };
        let within = -unit < *error && error < unit;
        within
            && match rounding {
                Rounding::HalfEven | Rounding::HalfUp | Rounding::HalfDown => -&half <= away && away <= half,
                Rounding::Up => away >= zero,
                Rounding::Down => away <= zero,
                Rounding::Ceiling => *error >= zero,
                Rounding::Floor => *error <= zero,
            }
    }
}
