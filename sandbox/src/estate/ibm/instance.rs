//! Resource instances, computed from their numbers.

use std::ops::Range;

use super::Ibm;
use super::catalogue::{Metric, Plan, Resource, Used};
use crate::dice::Dice;
use crate::estate::calendar::Month;
use crate::estate::text::Text;

const REGIONS: [&str; 4] = ["us-south", "us-east", "eu-de", "eu-gb"];
const NAMES: [&str; 8] = ["archive", "orders", "assets", "reports", "sessions", "events", "models", "ledger"];
const TAGS: [&str; 4] = ["[]", "[\"env:prod\"]", "[\"env:prod\",\"cost-center:1042\"]", "[\"temporary\"]"];

/// The quantity of a metric without steps.
pub(super) const TINY: &str = "2.384185791015625e-7";

/// An instance. What it is does not change; what it uses depends on the month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) index: u64,
    /// Its number among [`plans`](super::catalogue::plans).
    pub(super) plan: usize,
    pub(super) group: u32,
    /// Applications of Cloud Foundry are in an organization.
    pub(super) organization: Option<u32>,
    pub(super) region: &'static str,
    dice: Dice,
}

/// A month, and how much of it has been used: its days so far, and all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Span {
    pub(super) month: Month,
    pub(super) days: i64,
    pub(super) of: i64,
}

impl Ibm {
    pub(super) fn instance(&self, index: u64) -> Instance {
        let dice = self.dice.at(1).at(index);
        let plan = self.plan_by_weight[dice.below(100) as usize];
        let (resource, _) = self.plans[plan];
        let organization = resource.service.is_none().then(|| dice.at(2).below(self.organizations.len() as u64) as u32);
        Instance {
            index,
            plan,
            group: dice.at(1).below(self.groups.len() as u64) as u32,
            organization,
            region: dice.at(3).pick(&REGIONS),
            dice,
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
        let sealed = u64::from_str_radix(&format!("{high}{low}"), 16).ok()?;
        let index = self.seal.open(sealed);
        let matches = || {
            let mut text = Text::default();
            self.write_id(&mut text, &self.instance(index));
            text.0 == id
        };
        (index < self.estate.instances && matches()).then_some(index)
    }

    pub(super) fn write_id(&self, text: &mut Text, instance: &Instance) {
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
        let (sealed, chance) = (self.seal.seal(instance.index), instance.dice.at(4).value());
        text.hex(sealed >> 32, 8).raw("-").hex(sealed >> 16, 4).raw("-4").hex(chance, 3).raw("-a").hex(chance >> 12, 3);
        text.raw("-").hex(sealed, 4).hex(chance >> 24, 8).raw(end);
    }

    pub(super) fn write_name(&self, text: &mut Text, instance: &Instance) {
        text.raw(instance.dice.at(5).pick(&NAMES)).raw("-").int(i64::try_from(instance.index).unwrap_or(i64::MAX));
    }
}

impl Instance {
    pub(super) fn tags(&self) -> &'static str {
        self.dice.at(6).pick(&TAGS)
    }

    /// In milliseconds since the epoch: some time in 2020 to 2022.
    pub(super) fn created(&self) -> u64 {
        const TIMES: Range<u64> = 1_577_836_800_000..1_672_531_200_000;
        TIMES.start + self.dice.at(7).below(TIMES.end - TIMES.start)
    }

    /// What it used of the metric of a number. Grows from day to day in the current month.
    pub(super) fn used(&self, number: u64, metric: &Metric, span: Span) -> Used {
        let steps = self.dice.at(8).at(u64::from(span.month.0)).at(number).within(metric.least, metric.most);
        metric.used(steps * span.days / span.of * metric.step)
    }
}
