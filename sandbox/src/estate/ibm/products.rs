//! The products of IBM Cloud that the estate uses: resources with their plans and metrics.
//!
//! Quantities are hundredths of a unit and come in steps, chosen so that every cost is a whole number of millionths of a
//! dollar. Sums of any size are then exact, and have few enough digits for clients that read them as floating point.

use serde::Serialize;

use crate::estate::format::{micros, text};

/// A service of the catalog.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Whether it has a catalog identifier, which is then the same.
    pub(super) in_catalog: bool,
    /// What a CRN calls it. None for applications of Cloud Foundry, which are in an organization.
    pub(super) service: Option<&'static str>,
    pub(super) plans: &'static [Plan],
}

/// A plan of a resource.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) pricing_region: Option<&'static str>,
    pub(super) billable: bool,
    pub(super) pending: bool,
    pub(super) subscription: Option<&'static str>,
    pub(super) metrics: &'static [Metric],
    /// How many of a hundred instances have it.
    pub(super) weight: u64,
}

/// A metric of a plan.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) unit_name: &'static str,
    /// The tiers. Usage stays within the first.
    pub(super) price: [Option<Tier>; 2],
    /// Millionths of a dollar for `per` units, in the first tier.
    pub(super) micros: i64,
    pub(super) per: i64,
    /// In hundredths of a unit.
    pub(super) step: i64,
    /// In steps a month.
    pub(super) least: i64,
    pub(super) most: i64,
    /// What is not charged for, in hundredths of a unit.
    pub(super) free: i64,
    pub(super) chargeable: bool,
    pub(super) discount: Option<Discount>,
    /// Percent.
    pub(super) volume_discount: Option<i64>,
}

/// A tier of a price, as IBM writes it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Tier {
    #[serde(rename = "unitQuantity", serialize_with = "text")]
    unit_quantity: i64,
    tier_model: &'static str,
    /// In millionths of a dollar.
    #[serde(serialize_with = "micros")]
    price: i64,
    #[serde(serialize_with = "text")]
    quantity_tier: i64,
}

/// The only tier of a price, for a number of units.
const fn granular(unit_quantity: i64, price: i64) -> [Option<Tier>; 2] {
    [Some(Tier { unit_quantity, tier_model: "Granular Tier", price, quantity_tier: 1 }), None]
}

/// Two tiers: a price for quantities up to a bound, and one for all others.
const fn steps(price: i64, bound: i64, other_price: i64) -> [Option<Tier>; 2] {
    let step = Tier { unit_quantity: 1, tier_model: "Step Tier", price, quantity_tier: bound };
    [Some(step), Some(Tier { price: other_price, quantity_tier: 999_999_999, ..step })]
}

/// A discount on the price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Discount {
    pub(super) reference: &'static str,
    pub(super) name: &'static str,
    /// Tenths of a percent.
    pub(super) permille: i64,
}

impl Discount {
    const fn new(reference: &'static str, name: &'static str, permille: i64) -> Self {
        Self { reference, name, permille }
    }
}

const STORAGE: Discount = Discount::new("Discount-29bec083-5b90-43a2-b0a0-e2471d6a9153", "Storage promotion", 100);
const COMMITTED: Discount = Discount::new("Discount-d8bd4d81-917e-4865-a1f7-63bd13ba1827", "Committed use", 150);
const RUNTIME: Discount = Discount::new("Discount-adaecd8b-243e-40ab-a257-7ed2f47e2623", "Runtime promotion", 100);
const SECURITY: Discount = Discount::new("Discount-dea47fbb-656c-4e3d-87df-59cb43fd889b", "Security bundle", 5);

/// Identifier and name of a unit.
type Unit = (&'static str, &'static str);

const HOURS: Unit = ("HOUR", "Hour");
const GIGABYTES: Unit = ("GIGABYTE", "Gigabyte");
const CALLS: Unit = ("API_CALLS", "API calls");

/// A metric with a price for a number of units.
const fn metric(id: &'static str, name: &'static str, unit: Unit, micros: i64, per: i64) -> Metric {
    Metric {
        id,
        name,
        unit: unit.0,
        unit_name: unit.1,
        price: granular(per, micros),
        micros,
        per,
        step: 1,
        least: 0,
        most: 0,
        free: 0,
        chargeable: true,
        discount: None,
        volume_discount: None,
    }
}

impl Metric {
    /// Quantities from `least` to `most` steps a month, of `step` hundredths of a unit each.
    const fn used_in(self, step: i64, least: i64, most: i64) -> Self {
        Self { step, least, most, ..self }
    }

    const fn with_discount(self, discount: Discount) -> Self {
        Self { discount: Some(discount), ..self }
    }

    /// Not charged for.
    const fn free_of_charge(self) -> Self {
        Self { chargeable: false, ..self }
    }
}

const PLAN: Plan = Plan {
    id: "",
    name: "Standard",
    pricing_region: Some("us-south"),
    billable: true,
    pending: false,
    subscription: None,
    metrics: &[],
    weight: 0,
};

const RESOURCE: Resource = Resource { id: "", name: "", in_catalog: true, service: None, plans: &[] };

const STORED: Metric = Metric {
    price: steps(25_000, 499_999, 22_500),
    ..metric("STANDARD_STORAGE", "Standard storage", GIGABYTES, 25_000, 1)
};
const BANDWIDTH: Metric = Metric {
    price: steps(90_000, 50_000, 70_000),
    ..metric("STANDARD_BANDWIDTH", "Standard bandwidth", GIGABYTES, 90_000, 1)
};
/// Tiny quantities without a price.
const INDEX: Metric = Metric { price: [None; 2], ..metric("INDEX_STORAGE", "Index storage", GIGABYTES, 0, 1) };

pub(super) static RESOURCES: [Resource; 8] = [
    Resource {
        id: "dff97f5c-bc5e-4455-b470-411c3edbe49c",
        name: "Cloud Object Storage",
        service: Some("cloud-object-storage"),
        plans: &[
            Plan {
                id: "744bfc56-d12c-4866-88d5-dac9139e0e5d",
                metrics: &[
                    STORED.used_in(1, 10, 400_000).with_discount(STORAGE),
                    metric("STANDARD_CLASS_A_CALLS", "Standard Class A calls", CALLS, 5_000, 1_000)
                        .used_in(1_000, 0, 20_000),
                    metric("STANDARD_CLASS_B_CALLS", "Standard Class B calls", CALLS, 4_000, 10_000)
                        .used_in(10_000, 0, 40_000),
                    BANDWIDTH.used_in(1, 0, 50_000),
                ],
                weight: 30,
                ..PLAN
            },
            Plan {
                id: "e6c3f18a-2d07-4b95-9a41-70bd58ec2f36",
                name: "Lite",
                pricing_region: Some("global"),
                billable: false,
                metrics: &[STORED.used_in(1, 0, 2_500), INDEX.used_in(0, 0, 0).free_of_charge()],
                weight: 8,
                ..PLAN
            },
        ],
        ..RESOURCE
    },
    Resource {
        id: "containers-kubernetes",
        name: "Kubernetes Service",
        service: Some("containers-kubernetes"),
        plans: &[Plan {
            id: "5d1f0c3a-8b27-4e69-a0d4-7c52e9136bf8",
            name: "Standard cluster",
            subscription: Some("c84d6ea2-75b1-4039-9f6e-5f1be07c93d2:1672531200000"),
            metrics: &[
                metric("WORKER_HOURS", "Worker node hours", HOURS, 200_000, 1)
                    .used_in(1, 72_000, 450_000)
                    .with_discount(COMMITTED),
                metric("LOAD_BALANCER_HOURS", "Load balancer hours", HOURS, 25_000, 1)
                    .used_in(100, 0, 1_488)
                    .free_of_charge(),
            ],
            weight: 10,
            ..PLAN
        }],
        ..RESOURCE
    },
    Resource {
        id: "is.instance",
        name: "Virtual Server for VPC",
        service: Some("is"),
        plans: &[Plan {
            id: "a3c9e471-06db-4f52-8e1b-d94720f5b6c3",
            name: "Generation 2 instance",
            pricing_region: Some("us"),
            metrics: &[Metric {
                volume_discount: Some(5),
                ..metric("INSTANCE_HOURS", "Instance hours", HOURS, 96_000, 1).used_in(1, 2_400, 148_800)
            }],
            weight: 22,
            ..PLAN
        }],
        ..RESOURCE
    },
    Resource {
        id: "databases-for-postgresql",
        name: "Databases for PostgreSQL",
        service: Some("databases-for-postgresql"),
        plans: &[Plan {
            id: "0f7b25d8-e1a4-4c96-b3d0-682ce97f41a5",
            metrics: &[
                metric("GIGABYTE_MONTHS_DISK", "Disk", ("GIGABYTE_MONTH", "Gigabyte month"), 580_000, 1)
                    .used_in(100, 10, 200),
                metric("GIGABYTE_HOURS_RAM", "Memory", ("GIGABYTE_HOUR", "Gigabyte hour"), 40_000, 1)
                    .used_in(1, 74_400, 1_200_000),
            ],
            weight: 10,
            ..PLAN
        }],
        ..RESOURCE
    },
    Resource {
        id: "sdk-for-nodejs",
        name: "Node.js runtime",
        in_catalog: false,
        plans: &[Plan {
            id: "04082014.ibm.node.default",
            name: "Default",
            pricing_region: None,
            metrics: &[metric(
                "GB_HOURS_PER_MONTH",
                "Memory of applications",
                ("GB-HOURS", "Gigabyte hour"),
                7_320_000,
                100,
            )
            .used_in(10, 0, 15_000)
            .with_discount(RUNTIME)],
            weight: 10,
            ..PLAN
        }],
        ..RESOURCE
    },
    Resource {
        id: "kms",
        name: "Key Protect",
        service: Some("kms"),
        plans: &[Plan {
            id: "c84d6ea2-75b1-4039-9f6e-1d20b7a3f85c",
            name: "Tiered pricing",
            metrics: &[Metric {
                free: 500,
                ..metric("KEY_VERSIONS", "Key versions", ("KEY_VERSION", "Key version"), 1_000_000, 1)
                    .used_in(100, 0, 40)
                    .with_discount(SECURITY)
            }],
            weight: 5,
            ..PLAN
        }],
        ..RESOURCE
    },
    Resource {
        id: "f2a80d53-96c7-4be1-8d24-3b75e01fc9a6",
        name: "Machine Learning",
        service: Some("pm-20"),
        plans: &[Plan {
            id: "91e6b0f7-4c3d-48a2-a57e-e05f82d1c694",
            name: "Lite",
            billable: false,
            metrics: &[metric(
                "CAPACITY_UNIT_HOURS",
                "Capacity unit hours",
                ("CAPACITY_UNIT_HOUR", "Capacity unit hour"),
                500_000,
                1,
            )
            .used_in(1, 0, 2_000)],
            weight: 3,
            ..PLAN
        }],
        ..RESOURCE
    },
    Resource {
        id: "block-storage-classic",
        name: "Block Storage (classic)",
        in_catalog: false,
        service: Some("block-storage"),
        plans: &[Plan {
            id: "block-storage-endurance",
            name: "Endurance",
            pricing_region: None,
            pending: true,
            metrics: &[metric("STORAGE_MONTHLY_FEE", "Monthly fee", ("ITEM", "Item"), 35_000_000, 1).used_in(100, 1, 4)],
            weight: 2,
            ..PLAN
        }],
    },
];

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
        let permille = self.discount.map_or(0, |discount| discount.permille);
        Used { quantity, rateable, rated, cost: rated * (1000 - permille) / 1000 }
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
            for metric in plan.metrics {
                let permille = metric.discount.map_or(0, |discount| discount.permille);
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
