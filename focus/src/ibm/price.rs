//! Prices and quantities in FOCUS's own columns, where the source says enough to be sure of them.

use cloud_billing_core::{Decimal, Lenient, Rounding, json};
use ibm_usage_reports::types::{Metric, PriceTier};

use super::context::words;
use super::record::{List, Meter};
use super::services::unit;
use super::view::{Record, some};
use crate::value::Text;
use crate::{PricingCategory, Row};

/// The most decimal places of a quotient: as many as a price or a quantity of a bill can have.
const PLACES: u32 = 24;

/// The price of a metric.
struct Price<'m> {
    list: Decimal,
    contracted: Decimal,
    quantity: Decimal,
    unit: Text<'m>,
}

/// Puts the price of a metric into its row, if it is billed, has a single tier, and price times quantity is its cost exactly.
/// Else the row stays as it is: an id of a price needs its prices.
pub(super) fn derive<'m>(row: &mut Row<'m>, record: &Record<'m>, meter: &'m Meter) {
    let metric = &meter.kept.record;
    let Some(price) = price(row, metric, meter) else { return };
    let Some(id) = price_id(row, record) else { return };
    row.pricing_category = Some(category(row, metric));
    row.sku_price_id = Some(id);
    row.x_sku_price_id_derived = Some(true);
    row.list_unit_price = Some(price.list);
    row.contracted_unit_price = Some(price.contracted);
    row.pricing_quantity = Some(price.quantity);
    row.pricing_unit = Some(price.unit);
    if let (Some(quantity), Some(name)) = (&metric.quantity, some(&metric.unit)) {
        row.consumed_quantity = Some(quantity.clone());
        row.consumed_unit = Some(unit(name));
    }
}

fn price<'m>(row: &Row<'m>, metric: &'m Metric, meter: &Meter) -> Option<Price<'m>> {
    if row.x_billable != Some(true) || row.x_non_chargeable == Some(true) {
        return None;
    }
    let tier = single(meter.prices.as_ref()?)?;
    let list = tier.price.filter(|price| !price.is_negative())?;
    let count = tier.unit_quantity?.into_decimal();
    let quantity = exact(metric.rateable_quantity.as_ref()?, &count)?;
    let rated = metric.rated_cost.as_ref()?;
    let cost = metric.cost.as_ref()?;
    let contracted = if cost == rated { list.clone() } else { exact(cost, &quantity)? };
    let fits = &list * &quantity == *rated && !contracted.is_negative();
    fits.then(|| Some(Price { list, contracted, quantity, unit: pricing_unit(&count, some(&metric.unit)?) }))?
}

/// The tier of a price list that has one.
fn single(prices: &List) -> Option<PriceTier> {
    #[derive(Default)]
    struct Tiers {
        elements: Vec<Lenient<PriceTier>>,
    }
    cloud_billing_core::record! { Tiers { elements: "Elements", } }

    let tiers: Tiers = json::from_str(prices.object()?).ok()?;
    let [tier] = <[_; 1]>::try_from(tiers.elements).ok()?;
    tier.into_known()
}

/// The quotient, if it has an end.
fn exact(dividend: &Decimal, divisor: &Decimal) -> Option<Decimal> {
    if *divisor == Decimal::from(1) {
        return Some(dividend.clone());
    }
    let is_exact = |quotient: &Decimal| &(quotient * divisor) == dividend;
    let longest = dividend.checked_div(divisor, PLACES, Rounding::HalfEven).filter(is_exact)?;
    // Without the zeros at its end.
    (0..PLACES).map(|places| longest.round(places)).find(is_exact).or(Some(longest))
}

/// A unit, and how many of it a price is for.
fn pricing_unit<'m>(count: &Decimal, name: &'m str) -> Text<'m> {
    let name = unit(name);
    if *count == Decimal::from(1) { name } else { Text::Owned(format!("{count} {name}")) }
}

fn price_id<'m>(row: &Row<'m>, record: &Record<'m>) -> Option<Text<'m>> {
    let metric = row.x_metric.as_deref()?;
    let id = words(
        "/",
        [Some(record.plan_id?), Some(metric), row.x_pricing_country.as_deref(), row.x_pricing_region.as_deref()],
    );
    id.map(|id| Text::Owned(id.into_owned()))
}

fn category(row: &Row<'_>, metric: &Metric) -> PricingCategory {
    let volume = metric.volume_discount.as_ref().is_some_and(|discount| !discount.is_zero() && !discount.is_negative());
    if volume || row.x_discounts.is_some() { PricingCategory::Other } else { PricingCategory::Standard }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_quotient_is_exact_or_none() {
        assert_eq!(exact(&decimal("350.4475714583333"), &decimal("100")).unwrap().to_string(), "3.504475714583333");
        assert_eq!(exact(&decimal("35"), &decimal("10")).unwrap().to_string(), "3.5");
        assert_eq!(exact(&decimal("1"), &decimal("3")), None);
        assert_eq!(exact(&decimal("1"), &Decimal::ZERO), None);
    }

    #[test]
    fn a_unit_says_how_many() {
        assert_eq!(pricing_unit(&decimal("1.000"), "GIGABYTE"), "GB");
        assert_eq!(pricing_unit(&decimal("1000"), "API_CALLS"), "1000 API Calls");
    }
}
