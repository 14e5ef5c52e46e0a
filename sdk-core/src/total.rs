//! Exact sums of values that may be missing.

use crate::value::Decimal;

/// A sum, and how many values made it.
///
/// Services promise no field. A sum that takes a missing amount for zero looks like any other, so this one counts them:
///
/// ```
/// use cloud_billing_core::{Decimal, Total};
///
/// let total: Total = [Some(Decimal::from_cents(1296)), None, Some(Decimal::from_cents(-1000))].into_iter().collect();
/// assert_eq!(total.sum, Decimal::from_cents(296));
/// assert_eq!((total.counted, total.missing), (2, 1));
/// assert_eq!(total.complete(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Total {
    /// The sum of the values that were there, exact whatever its size.
    pub sum: Decimal,
    /// How many values were there.
    pub counted: usize,
    /// How many were missing.
    pub missing: usize,
}

impl Total {
    /// The sum, if no value was missing.
    pub fn complete(&self) -> Option<&Decimal> {
        (self.missing == 0).then_some(&self.sum)
    }

    /// Adds a value.
    pub fn add(&mut self, value: Option<&Decimal>) {
        match value {
            Some(value) => {
                self.sum = &self.sum + value;
                self.counted += 1;
            }
            None => self.missing += 1,
        }
    }
}

impl<'a> Extend<Option<&'a Decimal>> for Total {
    fn extend<I: IntoIterator<Item = Option<&'a Decimal>>>(&mut self, values: I) {
        for value in values {
            self.add(value);
        }
    }
}

impl<'a> FromIterator<Option<&'a Decimal>> for Total {
    fn from_iter<I: IntoIterator<Item = Option<&'a Decimal>>>(values: I) -> Self {
        let mut total = Self::default();
        total.extend(values);
        total
    }
}

impl FromIterator<Option<Decimal>> for Total {
    fn from_iter<I: IntoIterator<Item = Option<Decimal>>>(values: I) -> Self {
        let mut total = Self::default();
        for value in values {
            total.add(value.as_ref());
        }
        total
    }
}
