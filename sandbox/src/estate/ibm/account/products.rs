//! The products of IBM Cloud that the estate uses, from `products.json`: resources with their plans and metrics.
//!
//! Quantities are hundredths of a unit and come in steps, chosen so that every cost is a whole number of millionths of a
//! dollar. Sums of any size are then exact, and have few enough digits for clients that read them as floating point.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A service of the catalog.
#[derive(Debug, Deserialize)]
pub(in crate::estate::ibm) struct Resource {
    pub(in crate::estate::ibm) id: &'static str,
    pub(in crate::estate::ibm) name: &'static str,
    /// Whether it has a catalog identifier, which is then the same.
    pub(in crate::estate::ibm) in_catalog: bool,
    /// Its name in a CRN. None for applications of Cloud Foundry, which are in an organization.
    pub(in crate::estate::ibm) service: Option<&'static str>,
    pub(in crate::estate::ibm) plans: Vec<Plan>,
}

/// A plan of a resource.
#[derive(Debug, Deserialize)]
pub(in crate::estate::ibm) struct Plan {
    pub(in crate::estate::ibm) id: &'static str,
    pub(in crate::estate::ibm) name: &'static str,
    pub(in crate::estate::ibm) pricing_region: Option<&'static str>,
    pub(in crate::estate::ibm) billable: bool,
    #[serde(default)]
    pub(in crate::estate::ibm) pending: bool,
    pub(in crate::estate::ibm) subscription: Option<&'static str>,
    pub(in crate::estate::ibm) metrics: Vec<Metric>,
    /// How many of a hundred instances have it.
    pub(in crate::estate::ibm) weight: u64,
}

/// A metric of a plan.
#[derive(Debug, Deserialize)]
pub(in crate::estate::ibm) struct Metric {
    pub(in crate::estate::ibm) id: &'static str,
    pub(in crate::estate::ibm) name: &'static str,
    /// Identifier and name of the unit.
    pub(in crate::estate::ibm) unit: (&'static str, &'static str),
    /// The price as IBM writes it. Usage stays within its first tier.
    pub(in crate::estate::ibm) price: &'static RawValue,
    /// Millionths of a dollar for `per` units in the first tier; zero if it has no price.
    pub(in crate::estate::ibm) micros: i64,
    pub(in crate::estate::ibm) per: i64,
    /// In hundredths of a unit.
    pub(in crate::estate::ibm) step: i64,
    /// In steps a month.
    pub(in crate::estate::ibm) least: i64,
    pub(in crate::estate::ibm) most: i64,
    /// The quantity that is free of charge, in hundredths of a unit.
    #[serde(default)]
    pub(in crate::estate::ibm) free: i64,
    #[serde(default)]
    pub(in crate::estate::ibm) non_chargeable: bool,
    /// The discount as IBM writes it, in a list.
    pub(in crate::estate::ibm) discounts: &'static RawValue,
    /// The discount in tenths of a percent.
    #[serde(default)]
    pub(in crate::estate::ibm) permille: i64,
    /// Percent.
    pub(in crate::estate::ibm) volume_discount: Option<i64>,
}

#[allow(clippy::expect_used, reason = "the file is part of the program")]
static RESOURCES: LazyLock<Vec<Resource>> =
    LazyLock::new(|| serde_json::from_str(include_str!("products.json")).expect("products.json lists resources"));

/// Every plan with its resource, in a fixed order.
pub(in crate::estate::ibm) fn plans() -> impl Iterator<Item = (&'static Resource, &'static Plan)> {
    RESOURCES.iter().flat_map(|resource| resource.plans.iter().map(move |plan| (resource, plan)))
}

/// The usage of a metric and its cost. Quantities are hundredths of a unit, amounts millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::estate::ibm) struct Used {
    pub(in crate::estate::ibm) quantity: i64,
    pub(in crate::estate::ibm) rateable: i64,
    pub(in crate::estate::ibm) rated: i64,
    pub(in crate::estate::ibm) cost: i64,
}

impl Metric {
    /// What a quantity costs.
    pub(in crate::estate::ibm) fn used(&self, quantity: i64) -> Used {
        let rateable = (quantity - self.free).max(0);
        let rated = rateable * self.micros / (100 * self.per);
        Used { quantity, rateable, rated, cost: rated * (1000 - self.permille) / 1000 }
    }
}

impl Used {
    pub(in crate::estate::ibm) fn add(&mut self, other: Self) {
        self.quantity += other.quantity;
        self.rateable += other.rateable;
        self.rated += other.rated;
        self.cost += other.cost;
    }

    pub(in crate::estate::ibm) fn take(&mut self, other: Self) {
        self.quantity -= other.quantity;
        self.rateable -= other.rateable;
        self.rated -= other.rated;
        self.cost -= other.cost;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_step_costs_whole_millionths() {
        for (_, plan) in plans() {
            for metric in &plan.metrics {
                let factor = metric.step * metric.micros;
                assert_eq!(factor % (100 * metric.per), 0, "{} is not exact", metric.id);
                let rated = factor / (100 * metric.per);
                assert_eq!(rated * (1000 - metric.permille) % 1000, 0, "the discount on {} is not exact", metric.id);
                let volume = metric.volume_discount.unwrap_or_default();
                assert_eq!(rated * (100 - volume) % 100, 0, "the volume discount on {} is not exact", metric.id);
                assert!(metric.free % 100 == 0 && metric.least <= metric.most, "{}", metric.id);
            }
        }
    }

    #[test]
    fn prices_and_discounts_are_those_that_are_charged() {
        for metric in plans().flat_map(|(_, plan)| &plan.metrics) {
            let list = |raw: &RawValue| serde_json::from_str::<Vec<Value>>(raw.get()).unwrap();
            let (price, discounts) = (list(metric.price), list(metric.discounts));
            let (tier, discount) = (price.first(), discounts.first());
            let dollars = tier.map_or(0.0, |tier| tier["price"].as_f64().unwrap());
            assert_eq!((dollars * 1e6).round() as i64, metric.micros, "{}", metric.id);
            let units = tier.filter(|tier| tier["tier_model"] == "Granular Tier").map(|tier| &tier["unitQuantity"]);
            let units = units.and_then(Value::as_str).map_or(metric.per, |units| units.parse().unwrap());
            assert_eq!(units, metric.per, "{}", metric.id);
            let percent = discount.map_or(0.0, |discount| discount["discount"].as_f64().unwrap());
            assert_eq!((percent * 10.0).round() as i64, metric.permille, "{}", metric.id);
        }
    }

    #[test]
    fn the_weights_are_percentages() {
        assert_eq!(plans().map(|(_, plan)| plan.weight).sum::<u64>(), 100);
    }
}
