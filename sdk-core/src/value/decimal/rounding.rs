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

impl Rounding {
    /// Whether a quotient with a remainder is rounded away from zero. `half` compares twice the remainder with the divisor.
    fn is_away(self, negative: bool, odd: bool, half: Ordering) -> bool {
        match self {
            Self::HalfEven => half.is_gt() || (half.is_eq() && odd),
            Self::HalfUp => half.is_ge(),
            Self::HalfDown => half.is_gt(),
            Self::Up => true,
            Self::Down => false,
            Self::Ceiling => !negative,
            Self::Floor => negative,
        }
    }
}

/// The quotient of whole numbers, rounded to a whole number. The divisor is not zero.
pub(super) fn divide(dividend: &BigInt, divisor: &BigInt, rounding: Rounding) -> BigInt {
    let negative = (dividend.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
    let (dividend, divisor) = (dividend.magnitude(), divisor.magnitude());
    let (mut quotient, remainder) = (dividend / divisor, dividend % divisor);
    if !remainder.is_zero() {
        let half = (remainder * 2_u32).cmp(divisor);
        if rounding.is_away(negative, quotient.bit(0), half) {
            quotient += 1_u32;
        }
    }
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_biguint(sign, quotient)
}
