//! Exact arithmetic.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use super::{Decimal, Repr};

impl Decimal {
    /// The sum, computed in 128 bits where that is exact.
    fn plus(&self, other: &Self) -> Self {
        if let (Repr::Small { coefficient: a, exponent: x }, Repr::Small { coefficient: b, exponent: y }) =
            (&self.0, &other.0)
        {
            let (high, low) = if x >= y { ((*a, *x), (*b, *y)) } else { ((*b, *y), (*a, *x)) };
            let by = i32::from(high.1) - i32::from(low.1);
            // 10^18 × i64 leaves room for the addition.
            if let Some(power) = u32::try_from(by).ok().filter(|by| *by <= 18).map(|by| 10_i128.pow(by)) {
                return Self::from_parts(i128::from(high.0) * power + i128::from(low.0), low.1.into());
            }
            // Adding zero must not expand a number to the scale of the zero.
            if *b == 0 {
                return self.clone();
            }
            if *a == 0 {
                return other.clone();
            }
        }
        Self::from_big(self.to_big() + other.to_big())
    }

    fn times(&self, other: &Self) -> Self {
        Self::from_big(self.to_big() * other.to_big())
    }

    fn negated(&self) -> Self {
        match &self.0 {
            Repr::Small { coefficient, exponent } => Self::from_parts(-i128::from(*coefficient), (*exponent).into()),
            Repr::Big(big) => Self::from_big(-(**big).clone()),
        }
    }
}

/// Implements an operator for values and references in all four combinations.
macro_rules! operator {
    ($trait:ident, $method:ident, |$a:ident, $b:ident| $result:expr) => {
        operator!(@ $trait, $method, Decimal, Decimal, |$a, $b| $result);
        operator!(@ $trait, $method, Decimal, &Decimal, |$a, $b| $result);
        operator!(@ $trait, $method, &Decimal, Decimal, |$a, $b| $result);
        operator!(@ $trait, $method, &Decimal, &Decimal, |$a, $b| $result);
    };
    (@ $trait:ident, $method:ident, $left:ty, $right:ty, |$a:ident, $b:ident| $result:expr) => {
        impl $trait<$right> for $left {
            type Output = Decimal;

            fn $method(self, other: $right) -> Decimal {
                let ($a, $b) = (&self, &other);
                $result
            }
        }
    };
}

operator!(Add, add, |a, b| a.plus(b));
operator!(Sub, sub, |a, b| a.plus(&b.negated()));
operator!(Mul, mul, |a, b| a.times(b));

impl Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        self.negated()
    }
}

impl Neg for &Decimal {
    type Output = Decimal;

    fn neg(self) -> Decimal {
        self.negated()
    }
}

macro_rules! assign {
    ($($trait:ident, $method:ident, |$a:ident, $b:ident| $result:expr;)*) => {$(
        impl $trait for Decimal {
            fn $method(&mut self, other: Self) {
                let ($a, $b) = (&*self, &other);
                *self = $result;
            }
        }

        impl $trait<&Self> for Decimal {
            fn $method(&mut self, other: &Self) {
                let ($a, $b) = (&*self, other);
                *self = $result;
            }
        }
    )*};
}

assign! {
    AddAssign, add_assign, |a, b| a.plus(b);
    SubAssign, sub_assign, |a, b| a.plus(&b.negated());
    MulAssign, mul_assign, |a, b| a.times(b);
}

impl Sum for Decimal {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, |sum, number| sum + number)
    }
}

impl<'a> Sum<&'a Self> for Decimal {
    fn sum<I: Iterator<Item = &'a Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, |sum, number| sum + number)
    }
}
