//! Exact amounts: dollars, sums, checks.
//!
//! The API has two kinds of amounts: integers of cents, whose names end in `cents`, and decimal dollars. Nothing here
//! uses floating point, and no sum overflows.
//!
//! # The amount owed
//!
//! The vendor documents a formula:
//!
//! > payment owed = `totalBilledCents` × `unitPrice` + `salesTax` − `startingBalanceCents`; invoice owed = the sum over
//! > its payments.
//!
//! It cannot be computed as written, and this crate does not guess:
//!
//! * No object has a `totalBilledCents` or a `salesTax`. The vendor probably means `amountBilledCents` and
//!   `salesTaxCents`.
//! * `startingBalanceCents` belongs to the invoice. With several payments the formula subtracts it several times. Its
//!   description says dollars, its name says cents.
//! * `unitPrice` converts cents to the payment's currency, but all amounts, including the tax, are documented as US
//!   dollars.
//!
//! [`BillingPayment::owed_parts`] returns the parts, for callers who know how to combine them for their invoices.

use cloud_billing_core::value::ParseDecimalError;
use cloud_billing_core::{Decimal, Total};

use crate::types::{BillingInvoice, BillingPayment, InvoiceLineItem, PublicApiUsageDetailsLineItemView};

/// Converts cents to dollars: 1296 is 12.96.
pub const fn dollars(cents: i64) -> Decimal {
    Decimal::from_cents(cents)
}

/// Adds up amounts in cents. The sum is in dollars, with the number of missing amounts.
///
/// ```
/// use atlas_billing::{money, types::BillingInvoice};
///
/// let mut invoices = vec![BillingInvoice::default(); 2];
/// invoices[0].amount_billed_cents = Some(4366);
/// let total = money::total(invoices.iter().map(|invoice| invoice.amount_billed_cents));
/// assert_eq!(total.sum.to_string(), "43.66");
/// assert_eq!(total.missing, 1);
/// assert_eq!(money::cents(&total.sum), Some(4366));
/// ```
pub fn total(cents: impl IntoIterator<Item = Option<i64>>) -> Total {
    cents.into_iter().map(|cents| cents.map(dollars)).collect()
}

/// Converts dollars to cents. `None` if they are not whole cents or do not fit into an `i64`.
pub fn cents(dollars: &Decimal) -> Option<i64> {
    (dollars * &Decimal::from(100)).to_i64()
}

/// The result of comparing a line item's total price with unit price × quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceCheck {
    /// They differ by at most one cent.
    Agrees,
    /// They differ by more than one cent.
    Differs {
        /// Unit price × quantity, in dollars, not rounded.
        computed: Decimal,
        /// The total price, in dollars.
        stated: Decimal,
    },
    /// A value is missing.
    Unknown,
}

/// Compares a total price with unit price × quantity.
///
/// The vendor defines the total as the integer `unitPriceDollars` × `quantity` × 100 and does not document the
/// rounding. So the two agree if they differ by at most one cent, which covers every rounding to whole cents. The
/// formula has no discounts; it is not documented whether the unit price includes them.
pub fn check_price(
    unit_price_dollars: Option<&Decimal>,
    quantity: Option<&Decimal>,
    total_price_cents: Option<i64>,
) -> PriceCheck {
    let (Some(unit_price), Some(quantity), Some(total)) = (unit_price_dollars, quantity, total_price_cents) else {
        return PriceCheck::Unknown;
    };
    let (computed, stated) = (unit_price * quantity, dollars(total));
    if (&computed - &stated).abs() <= Decimal::from_cents(1) {
        PriceCheck::Agrees
    } else {
        PriceCheck::Differs { computed, stated }
    }
}

impl InvoiceLineItem {
    /// Whether the total price equals unit price × quantity within one cent, see [`check_price`].
    pub fn check_price(&self) -> PriceCheck {
        check_price(self.unit_price_dollars.as_ref(), self.quantity.as_ref(), self.total_price_cents)
    }
}

impl PublicApiUsageDetailsLineItemView {
    /// Whether the total price equals unit price × quantity within one cent, see [`check_price`].
    pub fn check_price(&self) -> PriceCheck {
        check_price(self.unit_price_dollars.as_ref(), self.quantity.as_ref(), self.total_price_cents)
    }
}

impl BillingInvoice {
    /// The sum of the line items' total prices in dollars. Credits are line items and reduce it. Linked invoices are
    /// not included.
    pub fn line_items_total(&self) -> Total {
        total(self.line_items.iter().map(|line| line.total_price_cents))
    }
}

/// The parts of the vendor's formula that a payment contains. The documentation of the [module](self) explains why
/// there is no result.
///
/// The amount that the formula subtracts, `starting_balance_cents`, is a field of the invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwedParts {
    /// `amountBilledCents`, in dollars.
    pub amount_billed: Option<Decimal>,
    /// `unitPrice`, the factor for the amount billed.
    pub unit_price: Option<Decimal>,
    /// `salesTaxCents`, in dollars.
    pub sales_tax: Option<Decimal>,
}

impl BillingPayment {
    /// The parts of the vendor's formula for the amount owed.
    ///
    /// # Errors
    ///
    /// Returns an error if `unit_price` is set and not a decimal number.
    pub fn owed_parts(&self) -> Result<OwedParts, ParseDecimalError> {
        Ok(OwedParts {
            amount_billed: self.amount_billed_cents.map(dollars),
            unit_price: self.unit_price.as_deref().map(str::parse).transpose()?,
            sales_tax: self.sales_tax_cents.map(dollars),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(unit_price: &str, quantity: &str, total_price_cents: i64) -> PriceCheck {
        let json = format!(
            r#"{{"unitPriceDollars": {unit_price}, "quantity": {quantity}, "totalPriceCents": {total_price_cents}}}"#
        );
        cloud_billing_core::json::from_str::<InvoiceLineItem>(&json).unwrap().check_price()
    }

    #[test]
    fn a_price_agrees_within_a_cent() {
        assert_eq!(line("0.18", "72", 1296), PriceCheck::Agrees);
        // 0.9225: rounded down, to nearest, and up.
        for cents in [92, 93] {
            assert_eq!(line("0.09", "10.25", cents), PriceCheck::Agrees, "{cents}");
        }
        assert_eq!(line("1.00", "1", 101), PriceCheck::Agrees);
        assert_eq!(line("-10", "1", -1000), PriceCheck::Agrees);
        assert_eq!(line("0.0046", "6.035e-07", 0), PriceCheck::Agrees);
        assert_eq!(
            line("1.00", "1", 102),
            PriceCheck::Differs { computed: Decimal::from(1), stated: Decimal::from_cents(102) }
        );
        assert_eq!(InvoiceLineItem::default().check_price(), PriceCheck::Unknown);
    }

    #[test]
    fn sums_do_not_overflow() {
        let total = total([Some(i64::MAX), Some(i64::MAX), None, Some(-1)]);
        assert_eq!(total.sum.to_string(), "184467440737095516.13");
        assert_eq!((total.counted, total.missing), (3, 1));
        assert_eq!(cents(&total.sum), None);
        assert_eq!(cents(&"0.125".parse().unwrap()), None);
        assert_eq!(cents(&"-0.10".parse().unwrap()), Some(-10));
        assert_eq!(cents(&dollars(i64::MIN)), Some(i64::MIN));
    }

    #[test]
    fn the_parts_of_what_is_owed() {
        let json = r#"{"amountBilledCents": 1000, "unitPrice": "1.25", "salesTaxCents": 7}"#;
        let payment: BillingPayment = cloud_billing_core::json::from_str(json).unwrap();
        let parts = payment.owed_parts().unwrap();
        assert_eq!(parts.amount_billed, Some(Decimal::from(10)));
        assert_eq!(parts.unit_price, Some("1.25".parse().unwrap()));
        assert_eq!(parts.sales_tax, Some(dollars(7)));
        assert!(BillingPayment::default().owed_parts().unwrap().unit_price.is_none());
        // The vendor's own example.
        let payment: BillingPayment = cloud_billing_core::json::from_str(r#"{"unitPrice": "string"}"#).unwrap();
        assert!(payment.owed_parts().is_err());
    }
}
