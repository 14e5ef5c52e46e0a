//! Organizations, projects and clusters, and the identifiers of all records.

use std::sync::Arc;

use super::products::{Provider, Tier, tiers};
use crate::estate::cache::Cache;
use crate::estate::calendar::Month;
use crate::estate::config::Estate;
use crate::estate::format::Text;
use crate::rng::{IdCipher, Rng};

/// How many organizations share one bill. The first of each group pays for the others.
const GROUP: u32 = 3;

/// One in this many organizations is deleted: it has earlier invoices, and none in the current month.
const DELETED: u32 = 5;

const NAMES: [&str; 12] = [
    "Cedar Analytics",
    "Harbor Data",
    "Juniper Retail",
    "Kestrel Freight",
    "Larch Insurance",
    "Meadow Health",
    "Quarry Games",
    "Reed & Rowan",
    "Sable Robotics",
    "Tern Logistics",
    "Umber Media",
    "Willow Energy",
];
const PROJECTS: [&str; 8] =
    ["storefront", "ledger", "search", "catalog", "billing", "telemetry", "checkout", "reports"];
const STAGES: [&str; 3] = ["prod", "staging", "test"];
const TEAMS: [&str; 4] = ["finance", "web", "data", "platform"];

/// What an identifier identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    Organization(u32),
    /// Organization and number within it.
    Project(u32, u32),
    /// Organization and number within it.
    Cluster(u32, u32),
    Invoice(u32, Month),
    /// Organization, month of the invoice, and attempt.
    Payment(u32, Month, u32),
}

impl Entity {
    /// Its number, if it is an organization.
    pub(super) fn organization(self) -> Option<u32> {
        match self {
            Self::Organization(organization) => Some(organization),
            _ => None,
        }
    }

    /// Organization and number, if it is a project.
    pub(super) fn project(self) -> Option<(u32, u32)> {
        match self {
            Self::Project(organization, index) => Some((organization, index)),
            _ => None,
        }
    }

    /// Organization and number, if it is a cluster.
    pub(super) fn cluster(self) -> Option<(u32, u32)> {
        match self {
            Self::Cluster(organization, index) => Some((organization, index)),
            _ => None,
        }
    }
}

/// The invoice of an organization for a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct InvoiceKey {
    pub(super) organization: u32,
    pub(super) month: Month,
}

/// The sums over the lines of an invoice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) lines: u64,
    /// Of the positive lines, in cents.
    pub(super) subtotal: i64,
    /// Of the credits, in cents, as a positive number.
    pub(super) credits: i64,
    /// Of the other negative lines, in cents, as a negative number. Only irregular invoices have them.
    pub(super) adjustments: i64,
}

/// The synthetic Atlas. Its records follow from the directory, the number of lines and the time.
#[derive(Debug)]
pub(crate) struct Atlas {
    pub(super) directory: Directory,
    /// By invoice, and by how many of its days are on it.
    pub(super) sums: Cache<(InvoiceKey, u64), Sums>,
}

impl Atlas {
    pub(in crate::estate) fn new(estate: Arc<Estate>, rng: Rng, current: Month) -> Self {
        Self { directory: Directory::new(estate, rng, current), sums: Cache::new(4_096) }
    }
}

/// The organizations, projects and clusters.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    pub(super) estate: Arc<Estate>,
    pub(super) rng: Rng,
    cipher: IdCipher,
    /// The first month with invoices.
    pub(super) first: Month,
}

impl Directory {
    pub(super) fn new(estate: Arc<Estate>, rng: Rng, current: Month) -> Self {
        let first = current.ago(estate.months);
        Self { estate, rng, cipher: IdCipher::new(rng.at(1)), first }
    }

    /// Twenty-four hexadecimal digits, as MongoDB object ids have: a time, and the encrypted entity.
    pub(super) fn id(&self, entity: Entity) -> String {
        let (kind, organization, month, index) = match entity {
            Entity::Organization(organization) => (1_u64, organization, 0, 0),
            Entity::Project(organization, index) => (2, organization, 0, index),
            Entity::Cluster(organization, index) => (3, organization, 0, index),
            Entity::Invoice(organization, month) => (4, organization, month.0, 0),
            Entity::Payment(organization, month, attempt) => (5, organization, month.0, attempt),
        };
        let packed = kind << 60 | u64::from(organization) << 40 | u64::from(month) << 24 | u64::from(index);
        let encrypted = self.cipher.encrypt(packed);
        let mut text = Text::with_capacity(24);
        text.hex(0x6200_0000 | encrypted >> 40, 8).hex(encrypted, 16);
        text.0
    }

    /// The entity of an identifier of this estate. It may not exist yet, such as a later invoice.
    pub(super) fn entity(&self, id: &str) -> Option<Entity> {
        let packed = self.cipher.decrypt(u64::from_str_radix(id.get(8..24)?, 16).ok()?);
        let organization = (packed >> 40) as u32 & 0xf_ffff;
        let (month, index) = (Month((packed >> 24) as u32 & 0xffff), packed as u32 & 0xff_ffff);
        let entity = match packed >> 60 {
            1 => Entity::Organization(organization),
            2 => Entity::Project(organization, index),
            3 => Entity::Cluster(organization, index),
            4 => Entity::Invoice(organization, month),
            5 => Entity::Payment(organization, month, index),
            _ => return None,
        };
        let exists = organization < self.estate.organizations
            && match entity {
                Entity::Project(..) => index < self.estate.projects,
                Entity::Cluster(..) => index < self.clusters(),
                _ => true,
            };
        (exists && self.id(entity) == id).then_some(entity)
    }

    pub(super) fn organization(&self, id: &str) -> Option<u32> {
        self.entity(id)?.organization()
    }

    /// How many clusters an organization has.
    pub(super) fn clusters(&self) -> u32 {
        self.estate.projects.saturating_mul(self.estate.clusters)
    }

    /// The organizations whose invoices are linked to those of this one.
    pub(super) fn linked(&self, organization: u32) -> std::ops::Range<u32> {
        if organization.is_multiple_of(GROUP) {
            organization + 1..organization.saturating_add(GROUP).min(self.estate.organizations)
        } else {
            0..0
        }
    }

    pub(super) fn is_deleted(&self, organization: u32) -> bool {
        organization % DELETED == DELETED - 1
    }

    pub(super) fn name(&self, organization: u32) -> String {
        let (round, name) = (organization / NAMES.len() as u32, NAMES[organization as usize % NAMES.len()]);
        if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) }
    }

    pub(super) fn rng_of(&self, organization: u32) -> Rng {
        self.rng.at(2).at(u64::from(organization))
    }

    /// The project of a cluster.
    pub(super) fn project_of(&self, cluster: u32) -> u32 {
        cluster / self.estate.clusters.max(1)
    }

    pub(super) fn project_name(&self, organization: u32, project: u32) -> String {
        let stage = self.rng_of(organization).at(3).at(u64::from(project)).pick(&STAGES);
        let mut text = Text::with_capacity(32);
        text.raw(PROJECTS[project as usize % PROJECTS.len()]).raw("-").raw(stage);
        if project as usize >= PROJECTS.len() {
            text.raw("-").padded(u64::from(project), 1);
        }
        text.0
    }

    pub(super) fn cluster(&self, organization: u32, index: u32) -> Cluster {
        let rng = self.rng_of(organization).at(4).at(u64::from(index));
        let discount = [0, 0, 0, 10, 25];
        Cluster {
            organization,
            index,
            project: self.project_of(index),
            provider: rng.at(0).pick(&Provider::CLOUDS),
            tier: rng.at(1).pick(tiers()),
            percent_discount: rng.at(2).pick(&discount),
            rng,
        }
    }
}

/// A cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cluster {
    pub(super) organization: u32,
    pub(super) index: u32,
    pub(super) project: u32,
    pub(super) provider: Provider,
    pub(super) tier: Tier,
    /// The discount on its servers.
    pub(super) percent_discount: i64,
    rng: Rng,
}

impl Cluster {
    pub(super) fn name(&self) -> String {
        let mut text = Text::with_capacity(16);
        text.raw(["orders", "main", "events", "cache", "archive"][self.index as usize % 5]);
        text.raw("-").padded(u64::from(self.index) + 1, 1);
        text.0
    }

    pub(super) fn replica_set(&self) -> String {
        let mut text = Text::with_capacity(24);
        text.raw("atlas-").hex(self.rng.at(3).value(), 6).raw("-shard-0");
        text.0
    }

    pub(super) fn stage(&self) -> &'static str {
        self.rng.at(4).pick(&STAGES)
    }

    /// One team, or two.
    pub(super) fn teams(&self) -> &'static [&'static str] {
        let first = self.rng.at(5).below(3) as usize;
        &TEAMS[first..first + 1 + usize::from(self.rng.at(6).one_in(4))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(seed: u64) -> Directory {
        let estate = Arc::new(Estate::new().organizations(7).projects(3).clusters(2));
        Directory::new(estate, Rng::new(seed), Month::new(2026, 11).unwrap())
    }

    #[test]
    fn identifiers_say_what_they_stand_for() {
        let directory = directory(1);
        let month = Month::new(2026, 10).unwrap();
        for entity in [
            Entity::Organization(6),
            Entity::Project(1, 2),
            Entity::Cluster(2, 5),
            Entity::Invoice(3, month),
            Entity::Payment(3, month, 1),
        ] {
            let id = directory.id(entity);
            assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
            assert_eq!(directory.entity(&id), Some(entity));
        }
    }

    #[test]
    fn identifiers_of_others_stand_for_noentity() {
        let (ours, theirs) = (directory(1), directory(2));
        assert_eq!(ours.entity(&theirs.id(Entity::Organization(0))), None);
        assert_eq!(ours.entity(&ours.id(Entity::Organization(7))), None);
        assert_eq!(ours.entity(&ours.id(Entity::Cluster(0, 6))), None);
        assert!(["", "0", "zz", &"f".repeat(24), &"é".repeat(12)].iter().all(|id| ours.entity(id).is_none()));
    }

    #[test]
    fn the_first_of_three_pays_for_the_others() {
        let directory = directory(1);
        assert_eq!([0, 1, 3, 6].map(|organization| directory.linked(organization)), [1..3, 0..0, 4..6, 7..7]);
    }
}
