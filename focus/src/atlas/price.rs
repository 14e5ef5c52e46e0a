//! Prices that explain a cost: [`Mode::Derived`](crate::Mode::Derived).

use atlas_billing::types::InvoiceLineItem;
use cloud_billing_core::Decimal;

use super::context::given;
use crate::check::as_unit;
use crate::value::Text;

/// A price, and what it is multiplied with.
#[derive(Debug)]
pub(super) struct Price<'r> {
    pub(super) unit_price: &'r Decimal,
    pub(super) quantity: &'r Decimal,
    pub(super) unit: &'r str,
    /// The product, in dollars, not rounded.
    pub(super) cost: Decimal,
}

impl<'r> Price<'r> {
    /// The price of a line, if it explains the line's cost: without a discount, the product differs from it by no more than
    /// rounding to cents does.
    pub(super) fn of(item: &'r InvoiceLineItem) -> Option<Self> {
        let undiscounted = item.discount_cents.is_none() && item.percent_discount.is_none();
        let (unit_price, quantity) = (item.unit_price_dollars.as_ref()?, item.quantity.as_ref()?);
        let (unit, cents) = (given(item.unit.as_deref())?, item.total_price_cents?);
        let cost = unit_price * quantity;
        // Twice the difference, in cents.
        let rest = (&cost - Decimal::from_cents(cents)).abs() * Decimal::from(200);
        let explains = undiscounted && !unit_price.is_negative() && rest <= Decimal::from(1);
        explains.then_some(Self { unit_price, quantity, unit, cost })
    }
}

/// A unit in the format of FOCUS: title case and plural, with time after a hyphen. One that is not known gets capital letters.
pub(super) fn focus_unit(unit: &str) -> Text<'_> {
    let known = UNITS.iter().find(|(api, _)| api.eq_ignore_ascii_case(unit));
    known.map_or_else(|| as_unit(unit), |(_, focus)| Text::Borrowed(focus))
}

/// Units of the API, whatever their case, and those of FOCUS.
static UNITS: &[(&str, &str)] = &[
    ("GB", "GB"),
    ("GB day", "GB-Days"),
    ("GB days", "GB-Days"),
    ("GB hour", "GB-Hours"),
    ("GB hours", "GB-Hours"),
    ("GB month", "GB-Months"),
    ("GB months", "GB-Months"),
    ("TB", "TB"),
    ("day", "Days"),
    ("days", "Days"),
    ("hour", "Hours"),
    ("hours", "Hours"),
    ("server hour", "Server-Hours"),
    ("server hours", "Server-Hours"),
    ("month", "Months"),
    ("months", "Months"),
    ("request", "Requests"),
    ("requests", "Requests"),
    ("token", "Tokens"),
    ("tokens", "Tokens"),
    ("million tokens", "1000000 Tokens"),
    ("credit", "Credits"),
];

#[cfg(test)]
mod tests {
    use cloud_billing_core::json;

    use super::*;

    fn explains(fields: &str) -> bool {
        let json = format!(r#"{{"unit": "hours", {fields}}}"#);
        Price::of(&json::from_str(&json).unwrap()).is_some()
    }

    #[test]
    fn a_price_explains_a_cost_up_to_half_a_cent() {
        for (fields, yes) in [
            (r#""unitPriceDollars": 0.18, "quantity": 72, "totalPriceCents": 1296"#, true),
            (r#""unitPriceDollars": 0.09, "quantity": 10.25, "totalPriceCents": 92"#, true),
            (r#""unitPriceDollars": 0.09, "quantity": 10.25, "totalPriceCents": 93"#, false),
            (r#""unitPriceDollars": 0.005, "quantity": 1, "totalPriceCents": 1"#, true),
            (r#""unitPriceDollars": 0.005, "quantity": 1, "totalPriceCents": 0"#, true),
            (r#""unitPriceDollars": 1, "quantity": 1, "totalPriceCents": 100, "discountCents": 0"#, false),
            (r#""unitPriceDollars": 1, "quantity": 1, "totalPriceCents": 100, "percentDiscount": 0"#, false),
            (r#""unitPriceDollars": -1, "quantity": 1, "totalPriceCents": -100"#, false),
            (r#""unitPriceDollars": 1, "quantity": 1"#, false),
            (r#""unitPriceDollars": 1, "totalPriceCents": 100"#, false),
            (r#""quantity": 1, "totalPriceCents": 100"#, false),
        ] {
            assert_eq!(explains(fields), yes, "{fields}");
        }
        let no_unit = json::from_str(r#"{"unitPriceDollars": 1, "quantity": 1, "totalPriceCents": 100}"#).unwrap();
        assert!(Price::of(&no_unit).is_none());
    }

    #[test]
    fn units() {
        for (api, focus) in [("GB hours", "GB-Hours"), ("gb Hours", "GB-Hours"), ("hours", "Hours"), ("RPU", "RPU")] {
            assert_eq!(focus_unit(api), focus);
        }
    }
}
