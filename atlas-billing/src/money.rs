//! Exact amounts: dollars, sums, checks.
//!
//! The API has two kinds of amounts: integers of cents, whose names end in `cents`, and decimal dollars. Nothing here
//! uses floating point, and no sum overflows.
//!
//! # Which number is the bill
//!
//! | question | field or method |
//! |---|---|
//! | what was used, before credits and tax | `subtotal_cents`; [`charges_total`](BillingInvoice::charges_total) from the line items |
//! | what the service bills for the period | `amount_billed_cents`, [`billed_dollars`](BillingInvoice::billed_dollars) |
//! | what is to be paid for the period, with credits and tax | [`payable_dollars`](BillingInvoice::payable_dollars) |
//! | what was given as a credit | `credits_cents`; [`credits_total`](BillingInvoice::credits_total) from the line items |
//! | what was paid, and what was paid back | `amount_paid_cents`, [`refunds_total`](BillingInvoice::refunds_total); neither is a charge |
//! | what is still open from earlier | `starting_balance_cents`; no charge of the period |
//! | whether the numbers still grow | [`is_final`](BillingInvoice::is_final) |
//!
//! Linked invoices are bills of other organizations with their own numbers. A program that reads the invoices of each
//! organization has them already.
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

use crate::types::{
    BillingInvoice, BillingInvoiceMetadata, BillingPayment, InvoiceLineItem, InvoiceStatus,
    PublicApiUsageDetailsLineItemView,
};

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

/// The result of comparing a stated amount with the numbers that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceCheck {
    /// They agree. A total price may differ from unit price × quantity by one cent.
    Agrees,
    /// They do not agree.
    Differs {
        /// What was computed, in dollars, not rounded.
        computed: Decimal,
        /// What the service states, in dollars.
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

macro_rules! bills {
    ($($invoice:ty),*) => {$(
        impl $invoice {
            /// Whether the billing period is over: the amounts of a pending invoice still grow. Payments and refunds can come
            /// later in any case. `None` without a status.
            pub fn is_final(&self) -> Option<bool> {
                self.status_name.as_ref().map(|status| *status != InvoiceStatus::Pending)
            }

            /// What the service bills for the period, in dollars: `amountBilledCents`.
            ///
            /// It is described as the cost of the services used. Whether credits and tax are in it is not documented.
            pub fn billed_dollars(&self) -> Option<Decimal> {
                self.amount_billed_cents.map(dollars)
            }

            /// What is to be paid for the period, in dollars: `subtotalCents` less the absolute value of
            /// `creditsCents`, plus `salesTaxCents`. `None` if one of them is missing.
            ///
            /// Neither the starting balance nor payments nor refunds change it. An invoice that was forgiven has it
            /// too. The subtotal has positive line items only. Negative ones that are no credits are not in it;
            /// [`BillingInvoice::line_items_total`] has all line items.
            pub fn payable_dollars(&self) -> Option<Decimal> {
                let credits = dollars(self.credits_cents?).abs();
                Some(dollars(self.subtotal_cents?) - credits + dollars(self.sales_tax_cents?))
            }
        }
    )*};
}

bills!(BillingInvoice, BillingInvoiceMetadata);

impl BillingInvoice {
    /// The sum of the line items' total prices in dollars. Credits are line items and reduce it. Linked invoices are
    /// not included, and neither is tax.
    pub fn line_items_total(&self) -> Total {
        self.lines_total(|_| true)
    }

    /// The sum of the positive line items in dollars: what the service charges before credits and tax.
    pub fn charges_total(&self) -> Total {
        self.lines_total(|cents| cents > 0)
    }

    /// The sum of the negative line items in dollars, such as credits and coupons. It is negative.
    pub fn credits_total(&self) -> Total {
        self.lines_total(|cents| cents < 0)
    }

    /// The sum of the line items with such a price. Those without a price count as missing.
    fn lines_total(&self, keep: impl Fn(i64) -> bool) -> Total {
        let prices = self.line_items.iter().map(|line| line.total_price_cents);
        total(prices.filter(|cents| cents.is_none_or(&keep)))
    }

    /// The sum of the refunds in dollars. A refund gives back a payment, and changes no charge.
    pub fn refunds_total(&self) -> Total {
        total(self.refunds.iter().map(|refund| refund.amount_cents))
    }

    /// Whether `subtotalCents` is the sum of the positive line items, as the vendor documents it.
    pub fn check_subtotal(&self) -> PriceCheck {
        let lines = self.charges_total();
        let (Some(computed), Some(stated)) = (lines.complete(), self.subtotal_cents.map(dollars)) else {
            return PriceCheck::Unknown;
        };
        if *computed == stated {
            PriceCheck::Agrees
        } else {
            PriceCheck::Differs { computed: computed.clone(), stated }
        }
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

    fn invoice(json: &str) -> BillingInvoice {
        cloud_billing_core::json::from_str(json).unwrap()
    }

    #[test]
    fn credits_reduce_what_is_payable_whatever_their_sign() {
        for credits in [1000, -1000] {
            let json = format!(r#"{{"subtotalCents": 1500, "creditsCents": {credits}, "salesTaxCents": 95}}"#);
            assert_eq!(invoice(&json).payable_dollars(), Some(dollars(595)));
            let metadata: BillingInvoiceMetadata = cloud_billing_core::json::from_str(&json).unwrap();
            assert_eq!(metadata.payable_dollars(), Some(dollars(595)));
        }
        for incomplete in [r#"{"subtotalCents": 1, "creditsCents": 0}"#, r#"{"creditsCents": 0, "salesTaxCents": 0}"#] {
            assert_eq!(invoice(incomplete).payable_dollars(), None);
        }
        assert_eq!(invoice(r#"{"amountBilledCents": 1500}"#).billed_dollars(), Some(dollars(1500)));
    }

    #[test]
    fn a_pending_invoice_is_not_final() {
        for (status, is_final) in [("PENDING", false), ("PAID", true), ("FORGIVEN", true), ("LATER", true)] {
            assert_eq!(invoice(&format!(r#"{{"statusName": "{status}"}}"#)).is_final(), Some(is_final));
        }
        assert_eq!(BillingInvoiceMetadata::default().is_final(), None);
    }

    #[test]
    fn line_items_are_charges_and_credits() {
        let mut invoice = invoice(
            r#"{"subtotalCents": 1500, "refunds": [{"amountCents": 100}, {}], "lineItems": [
                {"totalPriceCents": 1200}, {"totalPriceCents": 300}, {"totalPriceCents": 0}, {"totalPriceCents": -1000}]}"#,
        );
        let sum = |total: Total| (total.sum.to_string(), total.missing);
        assert_eq!(sum(invoice.charges_total()), ("15.00".to_owned(), 0));
        assert_eq!(sum(invoice.credits_total()), ("-10.00".to_owned(), 0));
        assert_eq!(sum(invoice.line_items_total()), ("5.00".to_owned(), 0));
        assert_eq!(sum(invoice.refunds_total()), ("1.00".to_owned(), 1));
        assert_eq!(invoice.check_subtotal(), PriceCheck::Agrees);
        invoice.subtotal_cents = Some(1501);
        let differs = PriceCheck::Differs { computed: dollars(1500), stated: dollars(1501) };
        assert_eq!(invoice.check_subtotal(), differs);
        invoice.line_items[3].total_price_cents = None;
        assert_eq!(sum(invoice.credits_total()), ("0".to_owned(), 1));
        assert_eq!(invoice.check_subtotal(), PriceCheck::Unknown);
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
