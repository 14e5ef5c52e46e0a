//! An amount divided into parts that add up to it.

use std::fmt;

use bigdecimal::num_bigint::{BigInt, BigUint, Sign};
use bigdecimal::{ToPrimitive, Zero};

use super::compare::Normal;
use super::division::ten_to;
use super::{Decimal, MAX_RESULT_DIGITS};

/// An amount cannot be allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllocateError {
    /// The amount has more decimal places than the parts are to have, so these could not add up to it. Round it first.
    Places {
        /// The places that the parts are to have.
        places: u32,
    },
    /// The weight at this index is negative.
    NegativeWeight(usize),
    /// There are no weights, or all are zero.
    NoWeight,
    /// The amount or the weights have more than 10,000 digits.
    TooLong,
}

impl fmt::Display for AllocateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Places { places } => {
                write!(f, "the amount has more than {places} decimal places: round it before it is allocated")
            }
            Self::NegativeWeight(index) => write!(f, "the weight at index {index} is negative"),
            Self::NoWeight => f.write_str("there is no weight above zero"),
            Self::TooLong => write!(f, "the amount or the weights have more than {MAX_RESULT_DIGITS} digits"),
        }
    }
}

impl std::error::Error for AllocateError {}

impl Decimal {
    /// Divides the amount in proportion to weights, into parts with exactly `places` decimal places that add up to it.
    ///
    /// Each part is its share rounded towards zero. The cents that then remain go, one each, to the parts that lost most by
    /// rounding; among equals, to the first (the largest-remainder method). A part whose weight is zero is zero.
    ///
    /// ```
    /// use cloud_billing_core::Decimal;
    ///
    /// let hours = [Decimal::from(1), Decimal::from(1), Decimal::from(1)];
    /// let parts = Decimal::from_cents(100).allocate(&hours, 2)?;
    /// assert_eq!(parts, [Decimal::from_cents(34), Decimal::from_cents(33), Decimal::from_cents(33)]);
    /// # Ok::<(), cloud_billing_core::value::AllocateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the amount has more decimal places than that, a weight is negative, or none is above zero.
    pub fn allocate(&self, weights: &[Self], places: u32) -> Result<Vec<Self>, AllocateError> {
        let units = self.units(places)?;
        let shares = Shares::of(units.magnitude(), &whole(weights)?)?;
        let part = |units| Self::from_coefficient(BigInt::from_biguint(sign(self), units), -i64::from(places));
        Ok(shares.complete().into_iter().map(part).collect())
    }

    /// The number of units of the last place.
    fn units(&self, places: u32) -> Result<BigInt, AllocateError> {
        let Normal { digits, exponent } = Normal::of(self);
        let power = i128::from(exponent) + i128::from(places);
        if power < 0 {
            return Err(AllocateError::Places { places });
        }
        Ok(digits * power_of_ten(power)?)
    }
}

fn sign(number: &Decimal) -> Sign {
    if number.is_negative() { Sign::Minus } else { Sign::Plus }
}

fn power_of_ten(power: i128) -> Result<BigInt, AllocateError> {
    u32::try_from(power).ok().filter(|power| *power <= MAX_RESULT_DIGITS).map(ten_to).ok_or(AllocateError::TooLong)
}

/// Weights as whole numbers in the same proportion.
fn whole(weights: &[Decimal]) -> Result<Vec<BigUint>, AllocateError> {
    if let Some(index) = weights.iter().position(Decimal::is_negative) {
        return Err(AllocateError::NegativeWeight(index));
    }
    let weights: Vec<Normal> = weights.iter().map(Normal::of).collect();
    let present = weights.iter().filter(|weight| !weight.digits.is_zero());
    let lowest = present.map(|weight| weight.exponent).min().ok_or(AllocateError::NoWeight)?;
    let whole = |Normal { digits, exponent }: Normal| {
        if digits.is_zero() {
            return Ok(BigUint::zero());
        }
        Ok(digits.magnitude() * power_of_ten(i128::from(exponent) - i128::from(lowest))?.magnitude())
    };
    weights.into_iter().map(whole).collect()
}

/// Each weight's share of some units: whole ones, and what is left in fractions of the sum of weights.
struct Shares {
    shares: Vec<(BigUint, BigUint)>,
    left: usize,
}

impl Shares {
    fn of(units: &BigUint, weights: &[BigUint]) -> Result<Self, AllocateError> {
        let sum: BigUint = weights.iter().sum();
        let share = |weight| {
            let product = units * weight;
            (&product / &sum, product % &sum)
        };
        let shares: Vec<_> = weights.iter().map(share).collect();
        let given: BigUint = shares.iter().map(|(units, _)| units).sum();
        // Fewer than there are weights.
        let left = (units - given).to_usize().ok_or(AllocateError::TooLong)?;
        Ok(Self { shares, left })
    }

    /// The whole units, with those that are left given out.
    fn complete(self) -> Vec<BigUint> {
        let mut order: Vec<usize> = (0..self.shares.len()).collect();
        // A stable sort: the first stays first among equals.
        order.sort_by(|a, b| self.shares[*b].1.cmp(&self.shares[*a].1));
        let mut units: Vec<BigUint> = self.shares.into_iter().map(|(units, _)| units).collect();
        for index in order.into_iter().take(self.left) {
            units[index] += 1_u32;
        }
        units
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Rounding;
    use crate::value::decimal::tests::{number, power};

    fn allocate(amount: &str, weights: &[&str], places: u32) -> Result<Vec<String>, AllocateError> {
        let weights: Vec<Decimal> = weights.iter().map(|weight| number(weight)).collect();
        let parts = number(amount).allocate(&weights, places)?;
        Ok(parts.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_is_left_goes_to_those_that_lost_most() {
        for (amount, weights, places, parts) in [
            ("1.00", &["1", "1", "1"][..], 2, &["0.34", "0.33", "0.33"][..]),
            ("-1.00", &["1", "1", "1"], 2, &["-0.34", "-0.33", "-0.33"]),
            // 0.05 × 3/7, 2/7, 2/7 is 2.14, 1.43 and 1.43 cents.
            ("0.05", &["3", "2", "2"], 2, &["0.02", "0.02", "0.01"]),
            ("0.01", &["0.2", "0.5", "0.3"], 2, &["0.00", "0.01", "0.00"]),
            ("10", &["0", "2.5", "0.000", "7.5"], 1, &["0.0", "2.5", "0.0", "7.5"]),
            ("10.500", &["1e-30", "1e30"], 2, &["0.00", "10.50"]),
            ("0", &["1", "2"], 2, &["0.00", "0.00"]),
            ("7", &["123.45"], 0, &["7"]),
            ("1e3", &["1", "2"], 0, &["333", "667"]),
        ] {
            assert_eq!(allocate(amount, weights, places).unwrap(), parts, "{amount}");
        }
    }

    #[test]
    fn what_cannot_be_allocated() {
        let problem = |amount, weights, places| allocate(amount, weights, places).unwrap_err();
        assert_eq!(problem("0.005", &["1"], 2), AllocateError::Places { places: 2 });
        assert_eq!(problem("1", &["1", "-1", "3"], 2), AllocateError::NegativeWeight(1));
        for weights in [&[][..], &["0"], &["0.00", "0"]] {
            assert_eq!(problem("1", weights, 2), AllocateError::NoWeight);
        }
        assert_eq!(problem("1", &["1"], u32::MAX), AllocateError::TooLong);
        let huge = power(i64::MAX / 2);
        assert_eq!(huge.allocate(&[number("1")], 2), Err(AllocateError::TooLong));
        assert_eq!(number("1").allocate(&[huge, number("1")], 2), Err(AllocateError::TooLong));
        assert_eq!(
            problem("0.5", &["1"], 0).to_string(),
            "the amount has more than 0 decimal places: round it before it is allocated"
        );
    }

    proptest! {
        #[test]
        fn no_cent_is_lost(
            cents in any::<i64>(),
            weights in prop::collection::vec("[0-9]{1,6}(\\.[0-9]{1,4})?", 1..30),
            places in 2_u32..6,
        ) {
            let amount = Decimal::from_cents(cents);
            let weights: Vec<Decimal> = weights.iter().map(|weight| number(weight)).collect();
            let sum: Decimal = weights.iter().sum();
            prop_assume!(!sum.is_zero());
            let parts = amount.allocate(&weights, places).unwrap();
            prop_assert_eq!(parts.iter().sum::<Decimal>(), amount.clone());
            for (part, weight) in parts.iter().zip(&weights) {
                // Each part is its share, rounded up or down.
                let share = |rounding| (&amount * weight).checked_div(&sum, places, rounding).unwrap();
                let (down, up) = (share(Rounding::Down), share(Rounding::Up));
                prop_assert!(*part == down || *part == up, "{part} is neither {down} nor {up}");
                prop_assert!(!weight.is_zero() || part.is_zero());
            }
        }
    }
}
