//! Exact sums of values that may be missing.

use crate::value::Decimal;

/// A sum, and the number of values in it.
///
/// No field of a response is guaranteed. A sum that treats a missing amount as zero looks complete, so this one counts
/// missing values:
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
    /// The exact sum of the present values.
    pub sum: Decimal,
    /// The number of present values.
    pub counted: usize,
    /// The number of missing values.
    pub missing: usize,
}

impl Total {
    /// The sum, or `None` if a value was missing.
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
        values.into_iter().for_each(|value| self.add(value));
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
        values.into_iter().for_each(|value| total.add(value.as_ref()));
        total
    }
}
