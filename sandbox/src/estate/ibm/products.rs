//! The products of IBM Cloud that the estate uses, from `products.json`: resources with their plans and metrics.
//!
//! Quantities are hundredths of a unit and come in steps, chosen so that every cost is a whole number of millionths of a
//! dollar. Sums of any size are then exact, and have few enough digits for clients that read them as floating point.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::estate::format::micros;
use crate::json::object;

/// A service of the catalog.
#[derive(Debug, Deserialize)]
pub(super) struct Resource {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Whether it has a catalog identifier, which is then the same.
    pub(super) in_catalog: bool,
    /// Its name in a CRN. None for applications of Cloud Foundry, which are in an organization.
    pub(super) service: Option<&'static str>,
    pub(super) plans: Vec<Plan>,
}

/// A plan of a resource.
#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) pricing_region: Option<&'static str>,
    pub(super) billable: bool,
    #[serde(default)]
    pub(super) pending: bool,
    pub(super) subscription: Option<&'static str>,
    pub(super) metrics: Vec<Metric>,
    /// How many of a hundred instances have it.
    pub(super) weight: u64,
}

/// A metric of a plan.
#[derive(Debug, Deserialize)]
pub(super) struct Metric {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Identifier and name of the unit.
    pub(super) unit: (&'static str, &'static str),
    /// Millionths of a dollar for `per` units; zero if it has no price.
    pub(super) micros: i64,
    pub(super) per: i64,
    /// The price of large quantities, which the estate does not reach.
    pub(super) second_tier: Option<SecondTier>,
    /// In hundredths of a unit.
    pub(super) step: i64,
    /// In steps a month.
    pub(super) least: i64,
    pub(super) most: i64,
    /// The quantity that is free of charge, in hundredths of a unit.
    #[serde(default)]
    pub(super) free: i64,
    #[serde(default)]
    pub(super) non_chargeable: bool,
    pub(super) discount: Option<Discount>,
    /// Percent.
    pub(super) volume_discount: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SecondTier {
    above: i64,
    micros: i64,
}

/// A discount on the price.
#[derive(Debug, Deserialize)]
pub(super) struct Discount {
    pub(super) reference: &'static str,
    pub(super) name: &'static str,
    /// Tenths of a percent.
    pub(super) permille: i64,
}

#[allow(clippy::expect_used, reason = "the file is part of the program")]
static RESOURCES: LazyLock<Vec<Resource>> =
    LazyLock::new(|| serde_json::from_str(include_str!("products.json")).expect("products.json lists resources"));

/// Every plan with its resource, in a fixed order.
pub(super) fn plans() -> impl Iterator<Item = (&'static Resource, &'static Plan)> {
    RESOURCES.iter().flat_map(|resource| resource.plans.iter().map(move |plan| (resource, plan)))
}

/// How much of a metric was used, and what it costs. Quantities are hundredths, amounts millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) quantity: i64,
    pub(super) rateable: i64,
    pub(super) rated: i64,
    pub(super) cost: i64,
}

impl Metric {
    /// What a quantity costs.
    pub(super) fn used(&self, quantity: i64) -> Used {
        let rateable = (quantity - self.free).max(0);
        let rated = rateable * self.micros / (100 * self.per);
        let permille = self.discount.as_ref().map_or(0, |discount| discount.permille);
        Used { quantity, rateable, rated, cost: rated * (1000 - permille) / 1000 }
    }

    /// The tiers of the price.
    pub(super) fn tiers(&self) -> impl Serialize {
        let tier = |unit_quantity: i64, tier_model, price, quantity_tier: i64| {
            object! {
                "unitQuantity": unit_quantity.to_string(),
                "tier_model": tier_model,
                "price": micros(price),
                "quantity_tier": quantity_tier.to_string(),
            }
        };
        match &self.second_tier {
            None if self.micros == 0 => Vec::new(),
            None => vec![tier(self.per, "Granular Tier", self.micros, 1)],
            Some(second) => {
                vec![tier(1, "Step Tier", self.micros, second.above), tier(1, "Step Tier", second.micros, 999_999_999)]
            }
        }
    }
}

impl Used {
    pub(super) fn add(&mut self, other: Self) {
        self.quantity += other.quantity;
        self.rateable += other.rateable;
        self.rated += other.rated;
        self.cost += other.cost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_costs_whole_millionths() {
        for (_, plan) in plans() {
            for metric in &plan.metrics {
                let permille = metric.discount.as_ref().map_or(0, |discount| discount.permille);
                let factor = metric.step * metric.micros;
                assert_eq!(factor % (100 * metric.per), 0, "{} is not exact", metric.id);
                let rated = factor / (100 * metric.per);
                assert_eq!(rated * (1000 - permille) % 1000, 0, "the discount on {} is not exact", metric.id);
                let volume = metric.volume_discount.unwrap_or_default();
                assert_eq!(rated * (100 - volume) % 100, 0, "the volume discount on {} is not exact", metric.id);
                assert!(metric.free % 100 == 0 && metric.least <= metric.most, "{}", metric.id);
            }
        }
    }

    #[test]
    fn the_weights_are_percentages() {
        assert_eq!(plans().map(|(_, plan)| plan.weight).sum::<u64>(), 100);
    }
}
