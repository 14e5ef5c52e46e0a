//! Numeric equality, order and hash.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{ToPrimitive, Zero};

use super::{Decimal, Repr};

/// The one representation of a number: a coefficient without trailing zeros, and zero with exponent 0.
#[derive(PartialEq, Eq)]
pub(super) struct Normal {
    pub(super) digits: BigInt,
    pub(super) exponent: i64,
}

impl Normal {
    pub(super) fn of(number: &Decimal) -> Self {
        let (digits, scale) = number.to_big().normalized().into_bigint_and_scale();
        if digits.is_zero() { Self { digits, exponent: 0 } } else { Self { digits, exponent: -scale } }
    }

    /// The power of ten of the leading digit.
    pub(super) fn leading(&self) -> i64 {
        self.digits.magnitude().to_string().len() as i64 + self.exponent
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Small { coefficient: a, exponent: x }, Repr::Small { coefficient: b, exponent: y }) =
            (&self.0, &other.0)
            && let Some(order) = compare_small(*a, *x, *b, *y)
        {
            return order;
        }
        compare_normal(&Normal::of(self), &Normal::of(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Repr::Small { coefficient, exponent } = self.0 {
            return normal_small(coefficient, exponent.into()).hash(state);
        }
        let Normal { digits, exponent } = Normal::of(self);
        match digits.to_i64() {
            Some(digits) => (digits, exponent).hash(state),
            None => (digits, exponent).hash(state),
        }
    }
}

/// The coefficient without trailing zeros, and its exponent.
fn normal_small(mut coefficient: i64, mut exponent: i64) -> (i64, i64) {
    if coefficient == 0 {
        return (0, 0);
    }
    while coefficient % 10 == 0 {
        coefficient /= 10;
        exponent += 1;
    }
    (coefficient, exponent)
}

/// The order, if it can be told within 128 bits.
fn compare_small(a: i64, x: i16, b: i64, y: i16) -> Option<Ordering> {
    if a.signum() != b.signum() || a == 0 {
        return Some(a.signum().cmp(&b.signum()));
    }
    // 10^19 × i64 fits.
    let raise = |coefficient: i64, by: i32| {
        let power = 10_i128.checked_pow(u32::try_from(by).ok()?).filter(|_| by <= 19)?;
        Some(i128::from(coefficient) * power)
    };
    let by = i32::from(x) - i32::from(y);
    if by >= 0 { Some(raise(a, by)?.cmp(&b.into())) } else { Some(i128::from(a).cmp(&raise(b, -by)?)) }
}

/// The order of any two numbers. Coefficients are brought to one exponent only when the leading digits have the same
/// place, so that a large difference of exponents costs nothing.
fn compare_normal(a: &Normal, b: &Normal) -> Ordering {
    let sign = a.digits.sign();
    if sign != b.digits.sign() || sign == Sign::NoSign {
        return sign.cmp(&b.digits.sign());
    }
    let magnitude = a.leading().cmp(&b.leading()).then_with(|| {
        let common = a.exponent.min(b.exponent);
        let raise = |n: &Normal| {
            // The difference is less than the number of digits of the other.
            let by = u32::try_from(n.exponent - common).unwrap_or(0);
            n.digits.magnitude() * BigInt::from(10).magnitude().pow(by)
        };
        raise(a).cmp(&raise(b))
    });
    if sign == Sign::Minus { magnitude.reverse() } else { magnitude }
}
