//! Conversions between `Decimal` and the decimal types of other crates, behind features.

#[cfg(feature = "bigdecimal")]
mod big {
    use bigdecimal::BigDecimal;

    use crate::value::Decimal;

    impl From<BigDecimal> for Decimal {
        fn from(number: BigDecimal) -> Self {
            Self::from_big(number)
        }
    }

    impl From<&Decimal> for BigDecimal {
        fn from(number: &Decimal) -> Self {
            number.to_big()
        }
    }

    impl From<Decimal> for BigDecimal {
        fn from(number: Decimal) -> Self {
            number.to_big()
        }
    }
}

#[cfg(feature = "rust_decimal")]
mod fixed {
    use std::fmt;

    use rust_decimal::Decimal as Fixed;

    use crate::text::excerpt;
    use crate::value::Decimal;
    use crate::value::decimal::compare::Normal;
    use bigdecimal::ToPrimitive;

    /// A number does not fit into a `rust_decimal::Decimal`, which has at most 28 decimal places and 96 bits.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct ConvertDecimalError {
        /// Fit for a message.
        text: String,
    }

    impl fmt::Display for ConvertDecimalError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} does not fit into 28 decimal places and 96 bits: round it first", self.text)
        }
    }

    impl std::error::Error for ConvertDecimalError {}

    impl From<Fixed> for Decimal {
        fn from(number: Fixed) -> Self {
            Self::from_parts(number.mantissa(), -i64::from(number.scale()))
        }
    }

    impl TryFrom<&Decimal> for Fixed {
        type Error = ConvertDecimalError;

        /// The same number, with its decimal places if they fit and else without trailing zeros. It is never rounded.
        fn try_from(number: &Decimal) -> Result<Self, ConvertDecimalError> {
            let as_written = fixed(number.to_big().as_bigint_and_scale().0.to_i128(), -number.places());
            let normal = || {
                let Normal { digits, exponent } = Normal::of(number);
                fixed(digits.to_i128(), exponent)
            };
            as_written.or_else(normal).ok_or_else(|| ConvertDecimalError { text: excerpt(&number.to_string(), 60) })
        }
    }

    impl TryFrom<Decimal> for Fixed {
        type Error = ConvertDecimalError;

        /// See the conversion of a reference.
        fn try_from(number: Decimal) -> Result<Self, ConvertDecimalError> {
            (&number).try_into()
        }
    }

    /// The number coefficient × 10^exponent, if it fits.
    fn fixed(coefficient: Option<i128>, exponent: i64) -> Option<Fixed> {
        let coefficient = coefficient?;
        if exponent <= 0 {
            return Fixed::try_from_i128_with_scale(coefficient, u32::try_from(-exponent).ok()?).ok();
        }
        let power = 10_i128.checked_pow(u32::try_from(exponent).ok()?)?;
        Fixed::try_from_i128_with_scale(coefficient.checked_mul(power)?, 0).ok()
    }
}

#[cfg(feature = "rust_decimal")]
pub use fixed::ConvertDecimalError;

#[cfg(test)]
mod tests {
    #[cfg(any(feature = "bigdecimal", feature = "rust_decimal"))]
    use crate::value::decimal::tests::number;

    #[cfg(feature = "bigdecimal")]
    #[test]
    fn big_decimals() {
        use bigdecimal::BigDecimal;

        use crate::value::Decimal;

        for text in ["0.00", "12.50", "-1e60", "0.1234567890123456789012345678901234567890"] {
            let big = BigDecimal::from(&number(text));
            assert_eq!(big, text.parse::<BigDecimal>().unwrap());
            let back = Decimal::from(big.clone());
            assert_eq!((back.to_string(), BigDecimal::from(back)), (number(text).to_string(), big));
        }
    }

    #[cfg(feature = "rust_decimal")]
    #[test]
    fn fixed_decimals() {
        use rust_decimal::Decimal as Fixed;

        use crate::value::Decimal;

        let max = "79228162514264337593543950335";
        for (text, fixed) in [
            ("0.00", "0.00"),
            ("12.50", "12.50"),
            ("-0.0000000000000000000000000001", "-0.0000000000000000000000000001"),
            (max, max),
            ("1e3", "1000"),
            ("-2.5e20", "-250000000000000000000"),
            // The zeros that do not fit are no digits.
            ("1.00000000000000000000000000000000", "1"),
            ("0e-40", "0"),
        ] {
            let converted = Fixed::try_from(&number(text)).unwrap();
            assert_eq!(converted.to_string(), fixed, "{text}");
            assert_eq!(Decimal::from(converted), number(text));
        }
        for text in ["5.551115123125783e-17", "79228162514264337593543950336", "1e29", "1e-29", "1e60"] {
            let error = Fixed::try_from(number(text)).unwrap_err().to_string();
            assert_eq!(error, format!("{text} does not fit into 28 decimal places and 96 bits: round it first"));
        }
    }
}
