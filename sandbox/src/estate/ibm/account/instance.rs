//! Resource instances, computed from their numbers.

use std::ops::Range;

use super::products::{Metric, Plan, Resource, Used};
use super::{Account, Span};
use crate::estate::format::Text;
use crate::rng::Rng;

const REGIONS: [&str; 4] = ["us-south", "us-east", "eu-de", "eu-gb"];
/// A region of the customer's own, in irregular estates.
const SATELLITE: &str = "satellite-plant-7";
const NAMES: [&str; 8] = ["archive", "orders", "assets", "reports", "sessions", "events", "models", "ledger"];
const TAGS: [&[&str]; 4] = [&[], &["env:prod"], &["env:prod", "cost-center:1042"], &["temporary"]];

/// An instance. Its usage depends on the month; everything else about it is fixed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) index: u64,
    /// Its number among [`plans`](super::products::plans).
    pub(super) plan: usize,
    /// None for applications of Cloud Foundry in an irregular estate.
    pub(super) group: Option<u32>,
    /// Applications of Cloud Foundry are in an organization.
    pub(super) organization: Option<u32>,
    pub(super) region: &'static str,
    rng: Rng,
}

impl Account {
    pub(super) fn instance(&self, index: u64) -> Instance {
        let rng = self.rng.at(1).at(index);
        let plan = self.plan_by_weight[rng.below(100) as usize];
        let (resource, _) = self.plans[plan];
        let organization = resource.service.is_none().then(|| rng.at(2).below(self.organizations.len() as u64) as u32);
        let irregular = self.estate.irregular;
        let region = if irregular && rng.at(9).one_in(16) { SATELLITE } else { rng.at(3).pick(&REGIONS) };
        Instance {
            index,
            plan,
            group: (!irregular || organization.is_none()).then(|| rng.at(1).below(self.groups.len() as u64) as u32),
            organization,
            region,
            rng,
        }
    }

    pub(super) fn plan_of(&self, instance: &Instance) -> (&'static Resource, &'static Plan) {
        self.plans[instance.plan]
    }

    /// The number of the instance with an identifier.
    pub(super) fn instance_of(&self, id: &str) -> Option<u64> {
        let uuid = match id.strip_prefix("cloud-foundry-application:") {
            Some(uuid) => uuid,
            None => id.rsplit(':').nth(2)?,
        };
        let digits: String = uuid.chars().filter(|char| *char != '-').collect();
        let (high, low) = (digits.get(..12)?, digits.get(20..24)?);
        let encrypted = u64::from_str_radix(&format!("{high}{low}"), 16).ok()?;
        let index = self.cipher.decrypt(encrypted);
        (index < self.estate.instances && self.instance_id(&self.instance(index)) == id).then_some(index)
    }

    pub(super) fn instance_id(&self, instance: &Instance) -> String {
        let mut text = Text::with_capacity(160);
        let end = match self.plan_of(instance).0.service {
            Some(service) => {
                text.raw("crn:v1:bluemix:public:").raw(service).raw(":").raw(instance.region);
                text.raw(":a/").raw(&self.account).raw(":");
                "::"
            }
            None => {
                text.raw("cloud-foundry-application:");
                ""
            }
        };
        let (encrypted, random) = (self.cipher.encrypt(instance.index), instance.rng.at(4).value());
        text.hex(encrypted >> 32, 8)
            .raw("-")
            .hex(encrypted >> 16, 4)
            .raw("-4")
            .hex(random, 3)
            .raw("-a")
            .hex(random >> 12, 3);
        text.raw("-").hex(encrypted, 4).hex(random >> 24, 8).raw(end);
        text.0
    }
}

impl Instance {
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.rng.at(5).pick(&NAMES), self.index)
    }

    /// Whether it is in a space, and in no resource group.
    pub(super) const fn is_in_space(&self) -> bool {
        self.group.is_none()
    }

    pub(super) fn is_satellite(&self) -> bool {
        self.region == SATELLITE
    }

    pub(super) fn tags(&self) -> &'static [&'static str] {
        self.rng.at(6).pick(&TAGS)
    }

    /// In milliseconds since the epoch: some time in 2020 to 2022.
    pub(super) fn created(&self) -> u64 {
        const TIMES: Range<u64> = 1_577_836_800_000..1_672_531_200_000;
        TIMES.start + self.rng.at(7).below(TIMES.end - TIMES.start)
    }

    /// Its usage of a metric, which is the one with this number in its plan. It grows daily in the current month.
    pub(super) fn used(&self, number: u64, metric: &Metric, span: Span) -> Used {
        let steps = self.rng.at(8).at(u64::from(span.month.0)).at(number).within(metric.least, metric.most);
        metric.used(steps * span.days / span.of * metric.step)
    }
}
