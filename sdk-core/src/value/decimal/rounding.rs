//! Rounding modes, and whole numbers divided with them.

use std::cmp::Ordering;

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{RoundingMode, Zero};

/// What becomes of digits that are cut off.
///
/// | | 2.5 | 3.5 | -2.5 | 2.4 | -2.6 |
/// |---|---|---|---|---|---|
/// | `HalfEven` | 2 | 4 | -2 | 2 | -3 |
/// | `HalfUp` | 3 | 4 | -3 | 2 | -3 |
/// | `HalfDown` | 2 | 3 | -2 | 2 | -3 |
/// | `Up` | 3 | 4 | -3 | 3 | -3 |
/// | `Down` | 2 | 3 | -2 | 2 | -2 |
/// | `Ceiling` | 3 | 4 | -2 | 3 | -2 |
/// | `Floor` | 2 | 3 | -3 | 2 | -3 |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the nearest number; from the middle to the one whose last digit is even. Also called banker's rounding. Sums of many
    /// rounded numbers stay close to the sum.
    #[default]
    HalfEven,
    /// To the nearest number; from the middle away from zero. What is meant where a law says "commercially".
    HalfUp,
    /// To the nearest number; from the middle towards zero.
    HalfDown,
    /// Away from zero.
    Up,
    /// Towards zero: the digits are cut off.
    Down,
    /// To the greater number.
    Ceiling,
    /// To the smaller number.
    Floor,
}

impl From<Rounding> for RoundingMode {
    fn from(rounding: Rounding) -> Self {
        match rounding {
            Rounding::HalfEven => Self::HalfEven,
            Rounding::HalfUp => Self::HalfUp,
            Rounding::HalfDown => Self::HalfDown,
            Rounding::Up => Self::Up,
            Rounding::Down => Self::Down,
            Rounding::Ceiling => Self::Ceiling,
            Rounding::Floor => Self::Floor,
        }
    }
}

/// The quotient of whole numbers, rounded to a whole number. The divisor is not zero.
pub(super) fn divide(dividend: &BigInt, divisor: &BigInt, rounding: Rounding) -> BigInt {
    let negative = (dividend.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    let (dividend, divisor) = (dividend.magnitude(), divisor.magnitude());
    let (mut quotient, remainder) = (dividend / divisor, dividend % divisor);
    if !remainder.is_zero() {
        // Any digit below the middle, at it or above it stands for what is cut off; and 0 or 1 for an even or odd last digit.
        let cut_off = match (remainder * 2_u32).cmp(divisor) {
            Ordering::Less => 1,
            Ordering::Equal => 5,
            Ordering::Greater => 9,
        };
        let last = u8::from(quotient.bit(0));
        quotient += RoundingMode::from(rounding).round_pair(sign, (last, cut_off), true) - last;
    }
    BigInt::from_biguint(sign, quotient)
}
