//! The products of Atlas, from `products.json`: kinds of lines with their SKUs, prices and units.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::rng::Rng;

/// A cloud. SKUs in `products.json` are in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    Aws,
    Gcp,
    Azure,
    Atlas,
}

impl Provider {
    pub(super) const CLOUDS: [Self; 3] = [Self::Aws, Self::Gcp, Self::Azure];

    pub(super) const fn name(self) -> &'static str {
        ["AWS", "GCP", "AZURE", "ATLAS"][self as usize]
    }

    pub(super) const fn region(self) -> &'static str {
        ["EU_WEST_1", "EUROPE_WEST_3", "EUROPE_NORTH", ""][self as usize]
    }
}

/// Identifier and description.
pub(super) type Sku = (&'static str, &'static str);

/// A size of servers.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Tier {
    name: &'static str,
    /// By cloud.
    skus: [Sku; 3],
    /// For a server and hour, in millionths of a dollar before discounts.
    price: i64,
}

/// The common properties of the lines of a kind. SKU, description and price of servers depend on the tier instead.
#[derive(Debug, Deserialize)]
pub(super) struct Product {
    /// The service, as Cost Explorer and search filters name it.
    pub(super) service: &'static str,
    pub(super) unit: &'static str,
    description: &'static str,
    /// Whether it is charged to a cluster, and not to a project as a whole or to the organization.
    pub(super) has_cluster: bool,
    /// Of a unit, in millionths of a dollar.
    price: i64,
    /// The quantities of a day are from `least` to `most` steps, of `step` thousandths of a unit each.
    step: i64,
    least: i64,
    most: i64,
    /// One in this many lines has the tiniest quantity.
    tiny_one_in: Option<u64>,
    /// One for each cloud, or one for all.
    skus: Vec<Sku>,
}

#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Products {
    tiers: Vec<Tier>,
    /// In the order of [`LineKind`].
    kinds: Vec<Product>,
}

#[allow(clippy::expect_used, reason = "the file is part of the program")]
static PRODUCTS: LazyLock<Products> =
    LazyLock::new(|| serde_json::from_str(include_str!("products.json")).expect("products.json lists products"));

/// The sizes of servers, the smallest first.
pub(super) fn tiers() -> &'static [Tier] {
    &PRODUCTS.tiers
}

/// The services, in the order of results.
pub(super) const SERVICES: [&str; 7] =
    ["Clusters", "Storage", "Data Transfer", "Backup", "AI Model APIs", "App Services", "Credits"];

/// What a line charges for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    Instance,
    Storage,
    Internet,
    OtherRegion,
    Snapshot,
    PointInTime,
    Embedding,
    App,
    /// The free cluster of a month that costs nothing.
    Free,
    Credit,
}

impl LineKind {
    /// The kinds that a cluster and its project are charged for each day, in turn.
    pub(super) const USAGE: [Self; 8] = [
        Self::Instance,
        Self::Storage,
        Self::Internet,
        Self::OtherRegion,
        Self::Snapshot,
        Self::PointInTime,
        Self::Embedding,
        Self::App,
    ];

    pub(super) fn product(self) -> &'static Product {
        &PRODUCTS.kinds[self as usize]
    }

    /// The place of its service in [`SERVICES`].
    pub(super) fn service_index(self) -> usize {
        SERVICES.iter().position(|service| *service == self.product().service).unwrap_or_default()
    }

    /// The price of a unit in millionths of a dollar. The price of a credit depends on the invoice.
    pub(super) fn price(self, tier: Tier) -> i64 {
        if self == Self::Instance { tier.price } else { self.product().price }
    }

    /// The quantity of a day, in thousandths of a unit. None stands for the tiniest quantity.
    pub(super) fn quantity(self, rng: Rng) -> Option<i64> {
        let Product { step, least, most, tiny_one_in, .. } = self.product();
        let is_tiny = tiny_one_in.is_some_and(|n| rng.one_in(n));
        (!is_tiny).then(|| rng.within(*least, *most) * step)
    }

    pub(super) fn sku(self, provider: Provider, tier: Tier) -> Sku {
        let skus = if self == Self::Instance { &tier.skus } else { self.product().skus.as_slice() };
        skus.get(provider as usize).or(skus.last()).copied().unwrap_or_default()
    }

    /// The description of a line.
    pub(super) fn description(self, tier: Tier) -> &'static str {
        if self == Self::Instance { tier.name } else { self.product().description }
    }
}

/// Every SKU that the estate charges for, in a fixed order.
pub(super) fn skus() -> Vec<Sku> {
    let mut all = Vec::new();
    for provider in Provider::CLOUDS {
        all.extend(tiers().iter().map(|tier| tier.skus[provider as usize]));
        all.extend(LineKind::USAGE[1..6].iter().map(|kind| kind.sku(provider, tiers()[0])));
    }
    let others = [LineKind::Embedding, LineKind::App, LineKind::Free, LineKind::Credit];
    all.extend(others.iter().map(|kind| kind.sku(Provider::Atlas, tiers()[0])));
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sku_is_listed_once() {
        let skus = skus();
        let ids: BTreeSet<_> = skus.iter().map(|(id, _)| id).collect();
        assert_eq!((skus.len(), ids.len()), (34, 34));
        for provider in Provider::CLOUDS {
            for (kind, tier) in LineKind::USAGE.iter().flat_map(|kind| tiers().iter().map(move |tier| (kind, tier))) {
                assert!(skus.contains(&kind.sku(provider, *tier)));
            }
        }
    }

    /// Prices of servers stay exact in millionths of a dollar under every discount.
    #[test]
    fn discounted_prices_are_exact() {
        assert!(tiers().iter().all(|tier| tier.price % 100 == 0));
    }
}
