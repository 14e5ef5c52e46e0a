//! Integers and floats.

use bigdecimal::ToPrimitive;
use bigdecimal::num_bigint::BigInt;

use super::compare::Normal;
use super::{Decimal, ParseDecimalError};
use crate::json::float_text;

impl Decimal {
    /// The nearest `f64`; infinite if the number is beyond its range.
    ///
    /// For charts and ratios. Sums of money belong in `Decimal`.
    pub fn to_f64(&self) -> f64 {
        // The standard parser rounds correctly and takes every text that we write, so the fallback is never used.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The `f64` that a reader can tell to be this number: it has at most 15 digits.
    pub(in crate::value) fn to_exact_f64(&self) -> Option<f64> {
        let float = self.to_f64();
        (float_text(float)?.parse::<Self>().ok()? == *self).then_some(float)
    }

    /// The number as an integer, if it is one and fits: `42.0` is 42, `42.5` is not.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_i128()?.try_into().ok()
    }

    /// The number as an integer, if it is one and fits: `42.0` is 42, `42.5` is not.
    pub fn to_i128(&self) -> Option<i128> {
        // `BigDecimal::is_integer` and its conversions would expand a large exponent first.
        let Normal { digits, exponent } = Normal::of(self);
        let power = 10_i128.checked_pow(u32::try_from(exponent).ok()?)?;
        digits.to_i128()?.checked_mul(power)
    }
}

macro_rules! from_small {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Decimal {
            fn from(value: $integer) -> Self {
                Self::small(value.into(), 0)
            }
        }
    )*};
}

macro_rules! from_large {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Decimal {
            fn from(value: $integer) -> Self {
                Self::from_coefficient(BigInt::from(value), 0)
            }
        }
    )*};
}

macro_rules! from_float {
    ($($float:ty),*) => {$(
        impl TryFrom<$float> for Decimal {
            type Error = ParseDecimalError;

            /// The shortest number that reads back as this float, which is what `{}` prints: `0.1` is 0.1, although the float
            /// next to it is 0.1000000000000000055.... NaN, the infinities and floats beyond what can be parsed are errors.
            fn try_from(value: $float) -> Result<Self, ParseDecimalError> {
                format!("{value:e}").parse()
            }
        }
    )*};
}

from_small!(i8, i16, i32, i64, u8, u16, u32);
from_large!(u64, i128, u128, usize, isize);
from_float!(f32, f64);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::decimal::tests::{is_small, number};

    #[test]
    fn integers_of_128_bits() {
        assert_eq!(number("170141183460469231731687303715884105727.0").to_i128(), Some(i128::MAX));
        assert_eq!(number("170141183460469231731687303715884105728").to_i128(), None);
        assert_eq!(number("1e38").to_i128(), Some(10_i128.pow(38)));
        assert_eq!(number("0.5").to_i128(), None);
    }

    #[test]
    fn integers_of_all_sizes() {
        assert_eq!(Decimal::from(u64::MAX).to_string(), "18446744073709551615");
        assert_eq!(Decimal::from(u128::MAX).to_string(), "340282366920938463463374607431768211455");
        assert_eq!(Decimal::from(i128::MIN).to_string(), "-170141183460469231731687303715884105728");
        assert_eq!(Decimal::from(usize::MAX), Decimal::from(usize::MAX as u64));
        assert_eq!(
            (Decimal::from(isize::MIN), Decimal::from(u64::MIN)),
            (Decimal::from(isize::MIN as i64), Decimal::ZERO)
        );
        assert!(is_small(&Decimal::from(7_u128)));
    }

    #[test]
    fn floats_become_the_number_that_they_print() {
        for (float, text) in [
            (0.1, "0.1"),
            (-12.5, "-12.5"),
            (42.0, "42"),
            (-0.0, "0"),
            (1e21, "1e21"),
            (1e-40, "1e-40"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] {
            assert_eq!(Decimal::try_from(float).unwrap().to_string(), text);
        }
        assert_eq!(Decimal::try_from(0.1_f32).unwrap().to_string(), "0.1");
        for (float, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
            assert_eq!(
                Decimal::try_from(float).unwrap_err().to_string(),
                format!("\"{name}\" is not a decimal number")
            );
        }
        let error = Decimal::try_from(1e64_f64).unwrap_err().to_string();
        assert_eq!(error, "the number \"1e64\" has more than 64 digits before or after the decimal point");
    }

    proptest! {
        #[test]
        fn a_float_and_back(digits in any::<i64>(), exponent in -40..40) {
            let value: f64 = format!("{digits}e{exponent}").parse().unwrap();
            prop_assert_eq!(Decimal::try_from(value).unwrap().to_f64(), value);
        }
    }
}
