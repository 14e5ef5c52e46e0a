//! Exact amounts: dollars, sums, checks.
//!
//! Amounts in the API are of two kinds: integers of cents, whose names end in `cents`, and decimal dollars. Nothing here
//! goes through floating point, and no sum overflows.
//!
//! # What is owed
//!
//! The vendor's text gives a formula:
//!
//! > payment owed = `totalBilledCents` × `unitPrice` + `salesTax` − `startingBalanceCents`; invoice owed = the sum over
//! > its payments.
//!
//! It cannot be computed as it stands, and this crate does not guess:
//!
//! * No object has a `totalBilledCents` or a `salesTax`. `amountBilledCents` and `salesTaxCents` are likely meant.
//! * `startingBalanceCents` belongs to the invoice. With several payments the formula takes it off several times. Its text
//!   says dollars, its name cents.
//! * `unitPrice` is a multiplier from cents to the payment's currency, while every amount is said to be US dollars, the
//!   tax included.
//!
//! [`BillingPayment::owed_parts`] gives the parts, and who knows more about their own invoices can put them together.

use cloud_billing_core::value::ParseDecimalError;
use cloud_billing_core::{Decimal, Total};

use crate::types::{BillingInvoice, BillingPayment, InvoiceLineItem, PublicApiUsageDetailsLineItemView};

/// Cents as dollars: 1296 is 12.96.
pub const fn dollars(cents: i64) -> Decimal {
    Decimal::from_cents(cents)
}

/// The sum of amounts in cents, in dollars, with the number of those that are missing.
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

/// Dollars as cents. `None` if they are not whole cents, or more than an `i64` holds.
pub fn cents(dollars: &Decimal) -> Option<i64> {
    (dollars * &Decimal::from(100)).to_i64()
}

/// What a line item's price is, compared with what its parts make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceCheck {
    /// The two are at most one cent apart.
    Agrees,
    /// They are further apart.
    Differs {
        /// Unit price × quantity, in dollars, not rounded.
        computed: Decimal,
        /// The total price, in dollars.
        stated: Decimal,
    },
    /// A part is missing.
    Unknown,
}

/// Compares a total price with unit price × quantity.
///
/// The vendor defines the total as `unitPriceDollars` × `quantity` × 100, as an integer, and does not say how it is rounded.
/// So the two agree if they are at most one cent apart, which holds for every rounding to whole cents. Discounts are not in
/// the formula: whether the unit price is net of them is not documented.
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
    /// Whether the total price is what unit price and quantity make, within one cent: see [`check_price`].
    pub fn check_price(&self) -> PriceCheck {
        check_price(self.unit_price_dollars.as_ref(), self.quantity.as_ref(), self.total_price_cents)
    }
}

impl PublicApiUsageDetailsLineItemView {
    /// Whether the total price is what unit price and quantity make, within one cent: see [`check_price`].
    pub fn check_price(&self) -> PriceCheck {
        check_price(self.unit_price_dollars.as_ref(), self.quantity.as_ref(), self.total_price_cents)
    }
}

impl BillingInvoice {
    /// The sum of the line items' total prices, in dollars: charges and, since credits are line items, what they take off.
    /// Those of linked invoices are not in it.
    pub fn line_items_total(&self) -> Total {
        total(self.line_items.iter().map(|line| line.total_price_cents))
    }
}

/// The parts of the vendor's formula that a payment has; see the [module](self)'s documentation for why there is no result.
///
/// What the formula takes off, `starting_balance_cents`, is on the invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwedParts {
    /// `amountBilledCents`, in dollars.
    pub amount_billed: Option<Decimal>,
    /// `unitPrice`, the multiplier on the amount billed.
    pub unit_price: Option<Decimal>,
    /// `salesTaxCents`, in dollars.
    pub sales_tax: Option<Decimal>,
}

impl BillingPayment {
    /// The parts of the vendor's formula for the amount owed.
    ///
    /// # Errors
    ///
    /// If `unit_price` is there and not a decimal number.
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
        serde_json::from_str::<InvoiceLineItem>(&json).unwrap().check_price()
    }

    #[test]
    fn a_price_agrees_within_a_cent() {
        assert_eq!(line("0.18", "72", 1296), PriceCheck::Agrees);
        // 0.9225: down, to the nearest, up.
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
        let payment: BillingPayment = serde_json::from_str(json).unwrap();
        let parts = payment.owed_parts().unwrap();
        assert_eq!(parts.amount_billed, Some(Decimal::from(10)));
        assert_eq!(parts.unit_price, Some("1.25".parse().unwrap()));
        assert_eq!(parts.sales_tax, Some(dollars(7)));
        assert!(BillingPayment::default().owed_parts().unwrap().unit_price.is_none());
        // The vendor's own example.
        let payment: BillingPayment = serde_json::from_str(r#"{"unitPrice": "string"}"#).unwrap();
        assert!(payment.owed_parts().is_err());
    }
}
