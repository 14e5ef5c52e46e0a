//! Organizations with their projects and clusters, and the identifiers of everything.

use std::sync::Arc;

use super::catalogue::{Provider, TIERS, Tier};
use crate::dice::{Dice, Seal};
use crate::estate::Estate;
use crate::estate::calendar::Month;
use crate::estate::text::Text;

/// How many organizations share one bill: the first of each such group pays for the others.
const GROUP: u32 = 3;

/// Every so many organizations one is deleted: it has a past, and no current month.
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

/// What an identifier stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Organization(u32),
    /// Organization and number within it.
    Project(u32, u32),
    /// Organization and number within it.
    Cluster(u32, u32),
    Invoice(u32, Month),
    /// Organization, month of the invoice, and attempt.
    Payment(u32, Month, u32),
}

impl Thing {
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

/// The fixed part of the estate: who there is.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    pub(super) estate: Arc<Estate>,
    pub(super) dice: Dice,
    seal: Seal,
    /// The first month that there are invoices of.
    pub(super) first: Month,
}

impl Directory {
    pub(super) fn new(estate: Arc<Estate>, dice: Dice, current: Month) -> Self {
        let first = current.ago(estate.months);
        Self { estate, dice, seal: Seal::new(dice.at(1)), first }
    }

    /// Twenty-four hexadecimal digits: a time in seconds, and what is meant, sealed.
    pub(super) fn id(&self, thing: Thing) -> String {
        let mut text = Text::with_capacity(24);
        self.write_id(&mut text, thing);
        text.0
    }

    pub(super) fn write_id(&self, text: &mut Text, thing: Thing) {
        let (kind, organization, month, index) = match thing {
            Thing::Organization(organization) => (1_u64, organization, 0, 0),
            Thing::Project(organization, index) => (2, organization, 0, index),
            Thing::Cluster(organization, index) => (3, organization, 0, index),
            Thing::Invoice(organization, month) => (4, organization, month.0, 0),
            Thing::Payment(organization, month, attempt) => (5, organization, month.0, attempt),
        };
        let packed = kind << 60 | u64::from(organization) << 40 | u64::from(month) << 24 | u64::from(index);
        let sealed = self.seal.seal(packed);
        text.hex(0x6200_0000 | sealed >> 40, 8).hex(sealed, 16);
    }

    /// What an identifier stands for, if it is one of this estate. Whether it exists yet is another matter.
    pub(super) fn thing(&self, id: &str) -> Option<Thing> {
        let packed = self.seal.open(u64::from_str_radix(id.get(8..24)?, 16).ok()?);
        let organization = (packed >> 40) as u32 & 0xf_ffff;
        let (month, index) = (Month((packed >> 24) as u32 & 0xffff), packed as u32 & 0xff_ffff);
        let thing = match packed >> 60 {
            1 => Thing::Organization(organization),
            2 => Thing::Project(organization, index),
            3 => Thing::Cluster(organization, index),
            4 => Thing::Invoice(organization, month),
            5 => Thing::Payment(organization, month, index),
            _ => return None,
        };
        let exists = organization < self.estate.organizations
            && match thing {
                Thing::Project(..) => index < self.estate.projects,
                Thing::Cluster(..) => index < self.clusters(),
                _ => true,
            };
        (exists && self.id(thing) == id).then_some(thing)
    }

    pub(super) fn organization(&self, id: &str) -> Option<u32> {
        match self.thing(id)? {
            Thing::Organization(organization) => Some(organization),
            _ => None,
        }
    }

    /// How many clusters an organization has.
    pub(super) fn clusters(&self) -> u32 {
        self.estate.projects.saturating_mul(self.estate.clusters)
    }

    /// The organizations whose invoices are part of this one's.
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

    pub(super) fn dice_of(&self, organization: u32) -> Dice {
        self.dice.at(2).at(u64::from(organization))
    }

    /// The project that a cluster is in.
    pub(super) fn project_of(&self, cluster: u32) -> u32 {
        cluster / self.estate.clusters.max(1)
    }

    pub(super) fn write_project_name(&self, text: &mut Text, organization: u32, project: u32) {
        let dice = self.dice_of(organization).at(3).at(u64::from(project));
        text.raw(PROJECTS[project as usize % PROJECTS.len()]).raw("-").raw(dice.pick(&STAGES));
        if project as usize >= PROJECTS.len() {
            text.raw("-").int(i64::from(project));
        }
    }

    pub(super) fn cluster(&self, organization: u32, index: u32) -> Cluster {
        let dice = self.dice_of(organization).at(4).at(u64::from(index));
        let discount = [0, 0, 0, 10, 25];
        Cluster {
            organization,
            index,
            project: self.project_of(index),
            provider: dice.at(0).pick(&Provider::CLOUDS),
            tier: dice.at(1).pick(&TIERS),
            percent_discount: dice.at(2).pick(&discount),
            dice,
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
    /// On its servers.
    pub(super) percent_discount: i64,
    dice: Dice,
}

impl Cluster {
    pub(super) fn write_name(&self, text: &mut Text) {
        text.raw(["orders", "main", "events", "cache", "archive"][self.index as usize % 5]);
        text.raw("-").int(i64::from(self.index) + 1);
    }

    pub(super) fn write_replica_set(&self, text: &mut Text) {
        text.raw("atlas-").hex(self.dice.at(3).value(), 6).raw("-shard-0");
    }

    pub(super) fn stage(&self) -> &'static str {
        self.dice.at(4).pick(&STAGES)
    }

    /// One team, or two.
    pub(super) fn teams(&self) -> &'static [&'static str] {
        let first = self.dice.at(5).below(3) as usize;
        &TEAMS[first..first + 1 + usize::from(self.dice.at(6).one_in(4))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(seed: u64) -> Directory {
        let estate = Arc::new(Estate::new().organizations(7).projects(3).clusters(2));
        Directory::new(estate, Dice::new(seed), Month::new(2026, 11).unwrap())
    }

    #[test]
    fn identifiers_say_what_they_stand_for() {
        let directory = directory(1);
        let month = Month::new(2026, 10).unwrap();
        for thing in [
            Thing::Organization(6),
            Thing::Project(1, 2),
            Thing::Cluster(2, 5),
            Thing::Invoice(3, month),
            Thing::Payment(3, month, 1),
        ] {
            let id = directory.id(thing);
            assert!(id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
            assert_eq!(directory.thing(&id), Some(thing));
        }
    }

    #[test]
    fn identifiers_of_others_stand_for_nothing() {
        let (ours, theirs) = (directory(1), directory(2));
        assert_eq!(ours.thing(&theirs.id(Thing::Organization(0))), None);
        assert_eq!(ours.thing(&ours.id(Thing::Organization(7))), None);
        assert_eq!(ours.thing(&ours.id(Thing::Cluster(0, 6))), None);
        assert!(["", "0", "zz", &"f".repeat(24), &"é".repeat(12)].iter().all(|id| ours.thing(id).is_none()));
    }

    #[test]
    fn the_first_of_three_pays_for_the_others() {
        let directory = directory(1);
        assert_eq!([0, 1, 3, 6].map(|organization| directory.linked(organization)), [1..3, 0..0, 4..6, 7..7]);
    }
}
