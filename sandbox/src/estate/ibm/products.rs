//! The products of IBM Cloud that the estate uses: resources with their plans and metrics.
//!
//! Quantities are hundredths of a unit and come in steps, chosen so that every cost is a whole number of millionths of a
//! dollar. Sums of any size are then exact, and have few enough digits for clients that read them as floating point.

use serde::Serialize;

use crate::estate::format::micros;

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
    pub(super) price: &'static [Tier],
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
#[derive(Debug, Serialize)]
pub(super) struct Tier {
    #[serde(rename = "unitQuantity")]
    unit_quantity: &'static str,
    tier_model: &'static str,
    /// In millionths of a dollar.
    #[serde(serialize_with = "micros")]
    price: i64,
    quantity_tier: &'static str,
}

/// The only tier of a price, for a number of units.
const fn granular(unit_quantity: &'static str, price: i64) -> Tier {
    Tier { unit_quantity, tier_model: "Granular Tier", price, quantity_tier: "1" }
}

/// A tier for quantities up to a bound.
const fn step(price: i64, quantity_tier: &'static str) -> Tier {
    Tier { unit_quantity: "1", tier_model: "Step Tier", price, quantity_tier }
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

const METRIC: Metric = Metric {
    id: "",
    name: "",
    unit: "HOUR",
    unit_name: "Hour",
    price: &[],
    micros: 0,
    per: 1,
    step: 1,
    least: 0,
    most: 0,
    free: 0,
    chargeable: true,
    discount: None,
    volume_discount: None,
};

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

const GIGABYTE: Metric = Metric { unit: "GIGABYTE", unit_name: "Gigabyte", ..METRIC };
const CALLS: Metric = Metric { unit: "API_CALLS", unit_name: "API calls", ..METRIC };

const STORED: Metric = Metric {
    id: "STANDARD_STORAGE",
    name: "Standard storage",
    price: &[step(25_000, "499999"), step(22_500, "999999999")],
    micros: 25_000,
    ..GIGABYTE
};

pub(super) static RESOURCES: [Resource; 8] = [
    Resource {
        id: "dff97f5c-bc5e-4455-b470-411c3edbe49c",
        name: "Cloud Object Storage",
        service: Some("cloud-object-storage"),
        plans: &[
            Plan {
                id: "744bfc56-d12c-4866-88d5-dac9139e0e5d",
                metrics: &[
                    Metric { least: 10, most: 400_000, discount: Some(STORAGE), ..STORED },
                    Metric {
                        id: "STANDARD_CLASS_A_CALLS",
                        name: "Standard Class A calls",
                        price: &[granular("1000", 5_000)],
                        micros: 5_000,
                        per: 1_000,
                        step: 1_000,
                        most: 20_000,
                        ..CALLS
                    },
                    Metric {
                        id: "STANDARD_CLASS_B_CALLS",
                        name: "Standard Class B calls",
                        price: &[granular("10000", 4_000)],
                        micros: 4_000,
                        per: 10_000,
                        step: 10_000,
                        most: 40_000,
                        ..CALLS
                    },
                    Metric {
                        id: "STANDARD_BANDWIDTH",
                        name: "Standard bandwidth",
                        price: &[step(90_000, "50000"), step(70_000, "999999999")],
                        micros: 90_000,
                        most: 50_000,
                        ..GIGABYTE
                    },
                ],
                weight: 30,
                ..PLAN
            },
            Plan {
                id: "e6c3f18a-2d07-4b95-9a41-70bd58ec2f36",
                name: "Lite",
                pricing_region: Some("global"),
                billable: false,
                metrics: &[
                    Metric { most: 2_500, ..STORED },
                    // Tiny, and free of charge.
                    Metric { id: "INDEX_STORAGE", name: "Index storage", step: 0, chargeable: false, ..GIGABYTE },
                ],
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
                Metric {
                    id: "WORKER_HOURS",
                    name: "Worker node hours",
                    price: &[granular("1", 200_000)],
                    micros: 200_000,
                    least: 72_000,
                    most: 450_000,
                    discount: Some(COMMITTED),
                    ..METRIC
                },
                Metric {
                    id: "LOAD_BALANCER_HOURS",
                    name: "Load balancer hours",
                    price: &[granular("1", 25_000)],
                    micros: 25_000,
                    step: 100,
                    most: 1_488,
                    chargeable: false,
                    ..METRIC
                },
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
                id: "INSTANCE_HOURS",
                name: "Instance hours",
                price: &[granular("1", 96_000)],
                micros: 96_000,
                least: 2_400,
                most: 148_800,
                volume_discount: Some(5),
                ..METRIC
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
                Metric {
                    id: "GIGABYTE_MONTHS_DISK",
                    name: "Disk",
                    unit: "GIGABYTE_MONTH",
                    unit_name: "Gigabyte month",
                    price: &[granular("1", 580_000)],
                    micros: 580_000,
                    step: 100,
                    least: 10,
                    most: 200,
                    ..METRIC
                },
                Metric {
                    id: "GIGABYTE_HOURS_RAM",
                    name: "Memory",
                    unit: "GIGABYTE_HOUR",
                    unit_name: "Gigabyte hour",
                    price: &[granular("1", 40_000)],
                    micros: 40_000,
                    least: 74_400,
                    most: 1_200_000,
                    ..METRIC
                },
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
            metrics: &[Metric {
                id: "GB_HOURS_PER_MONTH",
                name: "Memory of applications",
                unit: "GB-HOURS",
                unit_name: "Gigabyte hour",
                price: &[granular("100", 7_320_000)],
                micros: 7_320_000,
                per: 100,
                step: 10,
                most: 15_000,
                discount: Some(RUNTIME),
                ..METRIC
            }],
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
                id: "KEY_VERSIONS",
                name: "Key versions",
                unit: "KEY_VERSION",
                unit_name: "Key version",
                price: &[granular("1", 1_000_000)],
                micros: 1_000_000,
                step: 100,
                most: 40,
                free: 500,
                discount: Some(SECURITY),
                ..METRIC
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
            metrics: &[Metric {
                id: "CAPACITY_UNIT_HOURS",
                name: "Capacity unit hours",
                unit: "CAPACITY_UNIT_HOUR",
                unit_name: "Capacity unit hour",
                price: &[granular("1", 500_000)],
                micros: 500_000,
                most: 2_000,
                ..METRIC
            }],
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
            metrics: &[Metric {
                id: "STORAGE_MONTHLY_FEE",
                name: "Monthly fee",
                unit: "ITEM",
                unit_name: "Item",
                price: &[granular("1", 35_000_000)],
                micros: 35_000_000,
                step: 100,
                least: 1,
                most: 4,
                ..METRIC
            }],
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
