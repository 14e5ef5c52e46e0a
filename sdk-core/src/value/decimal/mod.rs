//! Exact decimal numbers.

mod arithmetic;
mod compare;
mod format;
mod parse;
mod serde;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive, Zero};

pub use parse::ParseDecimalError;
pub(crate) use parse::short_number;

/// An exact decimal number: any JSON number, as it was written.
///
/// Money and quantities must not go through `f64`, which cannot hold 0.1. A `Decimal` keeps every digit and the scale
/// (`42.0` stays `42.0`), takes 16 bytes, and allocates only for numbers beyond 18 digits or so.
///
/// * Comparison and hashing are numeric: `1.0 == 1`.
/// * `+`, `-`, `*`, [`Sum`](std::iter::Sum) are exact. Only [`round`](Self::round) and formatting with a precision round,
///   half to even.
/// * Parsing and decoding take up to 64 digits before the decimal point and 64 after it. That is more than any bill has,
///   and a sum of such numbers takes no longer than reading them, whatever their exponents. Arithmetic has no such bound: a
///   product has the digits of both factors, a sum those between the highest and the lowest place. (Only the exponent is
///   finite, with 64 bits; to exceed it takes fifty squarings in a row.)
///
/// ```
/// use cloud_billing_core::Decimal;
///
/// let price: Decimal = "0.10".parse()?;
/// let total: Decimal = [&price, &price, &price].into_iter().sum();
/// assert_eq!(total, Decimal::from_cents(30));
/// assert_eq!(total.to_string(), "0.30");
/// assert_eq!(format!("{:.1}", total), "0.3");
/// # Ok::<(), cloud_billing_core::value::ParseDecimalError>(())
/// ```
///
/// # Serde
///
/// It is encoded as a JSON number. It is decoded from the text of a JSON number, or of a string that holds one, which
/// only `serde_json` gives: from a type that serde buffers first (an untagged enum, a flattened struct) and from other
/// formats it cannot be decoded.
#[derive(Clone)]
pub struct Decimal(Repr);

/// The number is coefficient × 10^exponent.
#[derive(Clone)]
enum Repr {
    /// Nearly every number there is.
    Small { coefficient: i64, exponent: i16 },
    /// The rest. Never a number that fits `Small`.
    Big(Box<BigDecimal>),
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self::small(0, 0);

    const fn small(coefficient: i64, exponent: i16) -> Self {
        Self(Repr::Small { coefficient, exponent })
    }

    /// A number of hundredths, such as cents of a dollar.
    pub const fn from_cents(cents: i64) -> Self {
        Self::small(cents, -2)
    }

    /// The number coefficient × 10^exponent.
    fn from_parts(coefficient: i128, exponent: i64) -> Self {
        if coefficient == 0 {
            return Self::zero(exponent);
        }
        match (i64::try_from(coefficient), i16::try_from(exponent)) {
            (Ok(coefficient), Ok(exponent)) => Self::small(coefficient, exponent),
            _ => Self::from_big(BigDecimal::new(BigInt::from(coefficient), -exponent)),
        }
    }

    /// Zero, with as many decimal places as the exponent says. It has no other digits to speak of.
    fn zero(exponent: i64) -> Self {
        Self::small(0, i16::try_from(exponent.min(0)).unwrap_or(i16::MIN))
    }

    /// The same number in the smallest representation.
    fn from_big(big: BigDecimal) -> Self {
        let (digits, scale) = big.as_bigint_and_scale();
        if digits.is_zero() {
            return Self::zero(-scale);
        }
        match (digits.to_i64(), i16::try_from(-scale)) {
            (Some(coefficient), Ok(exponent)) => Self::small(coefficient, exponent),
            _ => Self(Repr::Big(Box::new(big))),
        }
    }

    fn to_big(&self) -> BigDecimal {
        match &self.0 {
            Repr::Small { coefficient, exponent } => BigDecimal::new((*coefficient).into(), -i64::from(*exponent)),
            Repr::Big(big) => (**big).clone(),
        }
    }

    /// Whether the number is zero.
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Repr::Small { coefficient, .. } => *coefficient == 0,
            Repr::Big(_) => false,
        }
    }

    /// Whether the number is less than zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small { coefficient, .. } => *coefficient < 0,
            Repr::Big(big) => big.sign() == bigdecimal::num_bigint::Sign::Minus,
        }
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// The number rounded to at most `places` decimal places, half to even. A number that has no more is returned as it
    /// is.
    ///
    /// ```
    /// # use cloud_billing_core::Decimal;
    /// let round = |text: &str| Ok::<_, cloud_billing_core::value::ParseDecimalError>(text.parse::<Decimal>()?.round(2).to_string());
    /// assert_eq!(round("2.345")?, "2.34");
    /// assert_eq!(round("2.355")?, "2.36");
    /// assert_eq!(round("-0.0051")?, "-0.01");
    /// assert_eq!(round("7")?, "7");
    /// # Ok::<(), cloud_billing_core::value::ParseDecimalError>(())
    /// ```
    #[must_use]
    pub fn round(&self, places: u32) -> Self {
        let big = self.to_big();
        if big.fractional_digit_count() <= i64::from(places) {
            return self.clone();
        }
        Self::from_big(big.with_scale_round(places.into(), RoundingMode::HalfEven))
    }

    /// The nearest `f64`; infinite if the number is beyond its range.
    ///
    /// For charts and ratios. Sums of money belong in `Decimal`.
    pub fn to_f64(&self) -> f64 {
        // The standard parser rounds correctly and takes every text that we write, so the fallback is never used.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The number as an integer, if it is one and fits: `42.0` is 42, `42.5` is not.
    pub fn to_i64(&self) -> Option<i64> {
        // `BigDecimal::is_integer` and its conversions would expand a large exponent first.
        let compare::Normal { digits, exponent } = compare::Normal::of(self);
        let power = 10_i64.checked_pow(u32::try_from(exponent).ok()?)?;
        digits.to_i64()?.checked_mul(power)
    }
}

impl Default for Decimal {
    fn default() -> Self {
        Self::ZERO
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Decimal {
            fn from(value: $integer) -> Self {
                Self::small(value.into(), 0)
            }
        }
    )*};
}

from_integer!(i8, i16, i32, i64, u8, u16, u32);

#[cfg(test)]
mod tests;
