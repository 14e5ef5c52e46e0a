//! The products of Atlas: kinds of lines with their SKUs, prices and units.

use crate::rng::Rng;

/// A cloud. The order is that of the SKU tables below.
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

/// A size of servers, with its price per server and hour in millionths of a dollar, before discounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tier {
    pub(super) name: &'static str,
    /// By cloud.
    skus: [Sku; 3],
    pub(super) price: i64,
}

/// Identifier and description.
pub(super) type Sku = (&'static str, &'static str);

/// A tier by the name of its size.
macro_rules! tier {
    ($size:literal, $price:literal) => {
        Tier {
            name: concat!($size, " server hours, 3 servers"),
            skus: [
                (concat!("ATLAS_AWS_INSTANCE_", $size), concat!("AWS ", $size, " server")),
                (concat!("ATLAS_GCP_INSTANCE_", $size), concat!("GCP ", $size, " server")),
                (concat!("ATLAS_AZURE_INSTANCE_", $size), concat!("Azure ", $size, " server")),
            ],
            price: $price,
        }
    };
}

pub(super) const TIERS: [Tier; 5] =
    [tier!("M10", 27_000), tier!("M20", 70_000), tier!("M30", 180_000), tier!("M40", 400_000), tier!("M50", 700_000)];

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

    /// The service, as Cost Explorer and search filters name it.
    pub(super) const fn service(self) -> &'static str {
        Self::SERVICES[self.service_index()]
    }

    /// The services, in the order of results.
    pub(super) const SERVICES: [&'static str; 7] =
        ["Clusters", "Storage", "Data Transfer", "Backup", "AI Model APIs", "App Services", "Credits"];

    /// Its place in [`SERVICES`](Self::SERVICES).
    pub(super) const fn service_index(self) -> usize {
        match self {
            Self::Instance | Self::Free => 0,
            Self::Storage => 1,
            Self::Internet | Self::OtherRegion => 2,
            Self::Snapshot | Self::PointInTime => 3,
            Self::Embedding => 4,
            Self::App => 5,
            Self::Credit => 6,
        }
    }

    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::Instance | Self::Free => "server hours",
            Self::Storage => "GB hours",
            Self::Internet | Self::OtherRegion => "GB",
            Self::Snapshot | Self::PointInTime => "GB days",
            Self::Embedding => "million tokens",
            Self::App => "hours",
            Self::Credit => "credit",
        }
    }

    /// Whether it is charged to a cluster, and not to a project as a whole or to the organization.
    pub(super) const fn has_cluster(self) -> bool {
        !matches!(self, Self::Embedding | Self::App | Self::Credit)
    }

    /// The price of a unit in millionths of a dollar. That of servers depends on their tier, that of a credit on what it
    /// is set against.
    pub(super) const fn price(self, tier: Tier) -> i64 {
        match self {
            Self::Instance => tier.price,
            Self::Storage => 108,
            Self::Internet => 90_000,
            Self::OtherRegion | Self::Embedding | Self::App => 20_000,
            Self::Snapshot => 4_600,
            Self::PointInTime => 6_700,
            Self::Free | Self::Credit => 0,
        }
    }

    /// The quantity of a day, in thousandths of a unit. None stands for the tiniest quantity.
    pub(super) fn quantity(self, rng: Rng) -> Option<i64> {
        match self {
            Self::Instance | Self::Free => Some(72_000),
            Self::Storage => Some(rng.within(1, 64) * 10 * 24_000),
            Self::Internet => Some(rng.within(1, 40_000)),
            Self::OtherRegion if rng.one_in(4) => None,
            Self::OtherRegion => Some(rng.within(1, 5_000)),
            Self::Snapshot => Some(rng.within(1, 800) * 250),
            Self::PointInTime => Some(rng.within(1, 80) * 250),
            Self::Embedding => Some(rng.within(0, 600) * 100),
            Self::App => Some(rng.within(1, 240) * 100),
            Self::Credit => Some(1_000),
        }
    }

    pub(super) fn sku(self, provider: Provider, tier: Tier) -> Sku {
        let cloud = (provider as usize).min(2);
        match self {
            Self::Instance => tier.skus[cloud],
            Self::Storage => [
                ("ATLAS_AWS_STORAGE_STANDARD_GP3", "AWS gp3 storage"),
                ("ATLAS_GCP_STORAGE_SSD", "GCP SSD storage"),
                ("ATLAS_AZURE_STANDARD_STORAGE", "Azure storage"),
            ][cloud],
            Self::Internet => [
                ("ATLAS_AWS_DATA_TRANSFER_INTERNET", "AWS transfer to the internet"),
                ("ATLAS_GCP_DATA_TRANSFER_INTERNET", "GCP transfer to the internet"),
                ("ATLAS_AZURE_DATA_TRANSFER", "Azure transfer to the internet"),
            ][cloud],
            Self::OtherRegion => [
                ("ATLAS_AWS_DATA_TRANSFER_DIFFERENT_REGION", "AWS transfer to another region"),
                ("ATLAS_GCP_DATA_TRANSFER_INTER_REGION", "GCP transfer to another region"),
                ("ATLAS_AZURE_DATA_TRANSFER_INTER_REGION_INTRA_CONTINENT", "Azure transfer to another region"),
            ][cloud],
            Self::Snapshot => [
                ("ATLAS_AWS_BACKUP_SNAPSHOT_STORAGE", "AWS snapshot storage"),
                ("ATLAS_GCP_BACKUP_SNAPSHOT_STORAGE", "GCP snapshot storage"),
                ("ATLAS_AZURE_BACKUP_SNAPSHOT_STORAGE", "Azure snapshot storage"),
            ][cloud],
            Self::PointInTime => [
                ("ATLAS_NDS_AWS_PIT_RESTORE_STORAGE", "AWS storage for point-in-time restores"),
                ("ATLAS_NDS_GCP_PIT_RESTORE_STORAGE", "GCP storage for point-in-time restores"),
                ("ATLAS_NDS_AZURE_PIT_RESTORE_STORAGE", "Azure storage for point-in-time restores"),
            ][cloud],
            Self::Embedding => ("VOYAGE_EMBEDDING_4_TEXT_LITE_API", "Voyage 4 lite text embeddings"),
            Self::App => ("REALM_APP_COMPUTE", "App Services compute"),
            Self::Free => ("ATLAS_INSTANCE_M0", "Free cluster"),
            Self::Credit => ("CREDIT", "Credit"),
        }
    }

    /// The description of a line.
    pub(super) const fn description(self, tier: Tier) -> &'static str {
        match self {
            Self::Instance => tier.name,
            Self::Storage => "Storage provisioned",
            Self::Internet => "Data sent to the internet",
            Self::OtherRegion => "Data sent to another region",
            Self::Snapshot => "Snapshots kept",
            Self::PointInTime => "Point-in-time restores kept ready",
            Self::Embedding => "Tokens embedded",
            Self::App => "Application compute",
            Self::Free => "Free cluster",
            Self::Credit => "Credit applied",
        }
    }
}

/// Every SKU that the estate charges for, in a fixed order.
pub(super) fn skus() -> Vec<Sku> {
    let mut all = Vec::new();
    for provider in Provider::CLOUDS {
        all.extend(TIERS.iter().map(|tier| tier.skus[provider as usize]));
        all.extend(LineKind::USAGE[1..6].iter().map(|kind| kind.sku(provider, TIERS[0])));
    }
    let others = [LineKind::Embedding, LineKind::App, LineKind::Free, LineKind::Credit];
    all.extend(others.iter().map(|kind| kind.sku(Provider::Atlas, TIERS[0])));
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
            for (kind, tier) in LineKind::USAGE.iter().flat_map(|kind| TIERS.iter().map(move |tier| (kind, tier))) {
                assert!(skus.contains(&kind.sku(provider, *tier)));
            }
        }
    }

    /// Prices of servers stay exact in millionths of a dollar under every discount.
    #[test]
    fn discounted_prices_are_exact() {
        assert!(TIERS.iter().all(|tier| tier.price % 100 == 0));
    }
}
