//! Exact decimal numbers.

mod allocate;
mod arithmetic;
mod compare;
mod convert;
mod division;
mod format;
#[cfg(any(feature = "bigdecimal", feature = "rust_decimal"))]
mod interop;
mod parse;
mod rounding;
mod serde;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, ToPrimitive, Zero};

pub use allocate::AllocateError;
#[cfg(feature = "rust_decimal")]
pub use interop::ConvertDecimalError;
pub use parse::ParseDecimalError;
pub(crate) use parse::short_number;
pub use rounding::Rounding;

/// An exact decimal number: any JSON number, as it was written.
///
/// Money and quantities must not go through `f64`, which cannot hold 0.1. A `Decimal` keeps every digit and the scale
/// (`42.0` stays `42.0`), takes 16 bytes, and allocates only for numbers beyond 18 digits or so.
///
/// * Comparison and hashing are numeric: `1.0 == 1`.
/// * `+`, `-`, `*`, [`Sum`](std::iter::Sum), [`percent_of`](Self::percent_of) and [`allocate`](Self::allocate) are exact.
///   [`checked_div`](Self::checked_div), [`as_percent_of`](Self::as_percent_of), [`round_with`](Self::round_with) round as they
///   are told ([`Rounding`]); [`round`](Self::round) and formatting with a precision round half to even.
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
/// | format | written as | read from |
/// |---|---|---|
/// | JSON text, by `serde_json` | number, all digits | number or text, all digits |
/// | any other, `serde_json::Value` too | text, all digits | text, all digits; number, if it is sure to be exact |
///
/// A format that reads numbers as floats holds 15 digits of them; a number with more is an error. So do serde's flattened
/// fields, untagged and internally tagged enums, also in JSON text. A [`Value`](serde_json::Value) rounds a number when it is
/// made from text, which nobody can see afterwards. The adapters [`as_text`](crate::value::as_text),
/// [`as_number`](crate::value::as_number) and [`as_float_lossy`](crate::value::as_float_lossy) write a field otherwise.
#[derive(Clone)]
pub struct Decimal(Repr);

/// The most digits of a quotient, or of what an amount is allocated by: more than parsed numbers lead to, and little enough to
/// compute with.
const MAX_RESULT_DIGITS: u32 = 10_000;

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
            _ => Self::from_coefficient(BigInt::from(coefficient), exponent),
        }
    }

    /// The number coefficient × 10^exponent.
    fn from_coefficient(coefficient: BigInt, exponent: i64) -> Self {
        Self::from_big(BigDecimal::new(coefficient, -exponent))
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
        self.round_with(places, Rounding::HalfEven)
    }

    /// The number rounded to at most `places` decimal places. A number that has no more is returned as it is.
    ///
    /// ```
    /// use cloud_billing_core::{Decimal, Rounding};
    ///
    /// let price: Decimal = "0.125".parse()?;
    /// assert_eq!(price.round_with(2, Rounding::HalfUp), Decimal::from_cents(13));
    /// # Ok::<(), cloud_billing_core::value::ParseDecimalError>(())
    /// ```
    #[must_use]
    pub fn round_with(&self, places: u32, rounding: Rounding) -> Self {
        if self.places() <= places.into() {
            return self.clone();
        }
        Self::from_big(self.to_big().with_scale_round(places.into(), rounding.into()))
    }

    /// The number of decimal places, trailing zeros included.
    pub(in crate::value) fn places(&self) -> i64 {
        match &self.0 {
            Repr::Small { exponent, .. } => -i64::from(*exponent),
            Repr::Big(big) => big.fractional_digit_count(),
        }
    }
}

impl Default for Decimal {
    fn default() -> Self {
        Self::ZERO
    }
}

#[cfg(test)]
mod tests;
