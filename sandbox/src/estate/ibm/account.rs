//! The state of the IBM Cloud account: its identifiers, and caches of what is costly to add up.

use std::sync::Arc;
use std::time::Duration;

use super::products::{self, Plan, Resource, Used};
use super::snapshots::Snapshots;
use crate::estate::cache::Cache;
use crate::estate::calendar::{DAY, Month};
use crate::estate::config::Estate;
use crate::estate::format::Text;
use crate::rng::{IdCipher, Rng};

/// How many months of sums are cached. A summary needs up to a year of them.
const CACHED_MONTHS: usize = 16;

/// How many counts of filtered listings are cached.
const CACHED_COUNTS: usize = 4_096;

/// How long after its day usage is reported, in seconds.
const REPORTED_AFTER: u64 = 4 * 3_600;

/// The largest number of metrics of a plan.
const METRICS: usize = 4;

/// The IBM Cloud account. Its records follow from the seed, the number of instances and the time.
#[derive(Debug)]
pub(crate) struct Ibm {
    pub(super) estate: Arc<Estate>,
    pub(super) rng: Rng,
    pub(super) cipher: IdCipher,
    /// The first month with usage.
    pub(super) first: Month,
    pub(super) account: String,
    /// Identifiers of resource groups.
    pub(super) groups: Vec<String>,
    /// Identifiers of Cloud Foundry organizations.
    pub(super) organizations: Vec<String>,
    pub(super) plans: Vec<(&'static Resource, &'static Plan)>,
    /// The number of a plan for each of a hundred values.
    pub(super) plan_by_weight: Vec<usize>,
    pub(super) sums: Cache<Span, Arc<MonthSums>>,
    pub(super) counts: Cache<Filter, u64>,
    pub(super) snapshots: Snapshots,
}

/// A month, and how many of its days have usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Span {
    pub(super) month: Month,
    pub(super) days: i64,
    /// The days of the whole month.
    pub(super) of: i64,
}

/// Which instances are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Filter {
    /// The resource groups of the path and of the query; None is one that does not exist.
    pub(super) groups: Vec<Option<u32>>,
    /// The organizations of the path and of the query; None is one that does not exist.
    pub(super) organizations: Vec<Option<u32>>,
    /// The number of an instance. An instance that does not exist has a number that none has.
    pub(super) instance: Option<u64>,
    pub(super) resource: Option<String>,
    pub(super) plan: Option<String>,
    pub(super) region: Option<String>,
}

/// The usage of all instances of a plan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlanSums {
    pub(super) instances: u64,
    pub(super) metrics: [Used; METRICS],
}

impl PlanSums {
    /// The cost of a plan in millionths of a dollar, with and without discounts.
    pub(super) fn cost(&self, plan: &Plan) -> (i64, i64) {
        let chargeable = plan.metrics.iter().zip(&self.metrics).filter(|(metric, _)| !metric.non_chargeable);
        chargeable.fold((0, 0), |(cost, rated), (_, used)| (cost + used.cost, rated + used.rated))
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.instances += other.instances;
        for (sum, used) in self.metrics.iter_mut().zip(other.metrics) {
            sum.add(used);
        }
    }
}

/// The sums of one month, each by plan.
#[derive(Debug)]
pub(super) struct MonthSums {
    pub(super) account: Vec<PlanSums>,
    pub(super) groups: Vec<Vec<PlanSums>>,
    pub(super) organizations: Vec<Vec<PlanSums>>,
}

impl Ibm {
    pub(in crate::estate) fn new(estate: Arc<Estate>, rng: Rng, current: Month) -> Self {
        let first = current.ago(estate.months);
        let groups = (0..estate.resource_groups).map(|index| hex(rng.at(2).at(u64::from(index))));
        let organizations = (0..estate.ibm_organizations).map(|index| {
            let digits = hex(rng.at(3).at(u64::from(index)));
            let (a, b, c, d, e) = (&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..]);
            format!("us-south:{a}-{b}-4{c}-a{d}-{e}")
        });
        let plans: Vec<_> = products::plans().collect();
        let weights = plans.iter().enumerate();
        let plan_by_weight = weights.flat_map(|(index, (_, plan))| (0..plan.weight).map(move |_| index)).collect();
        Self {
            account: hex(rng.at(4)),
            groups: groups.collect(),
            organizations: organizations.collect(),
            cipher: IdCipher::new(rng.at(5)),
            snapshots: Snapshots::new(estate.snapshot_config, first),
            sums: Cache::new(CACHED_MONTHS),
            counts: Cache::new(CACHED_COUNTS),
            estate,
            rng,
            first,
            plans,
            plan_by_weight,
        }
    }

    /// The part of a month that has usage at this time. None before the first month and after the current one.
    pub(super) fn span(&self, month: Month, now: Duration) -> Option<Span> {
        (month >= self.first && month <= Month::of(now)).then(|| {
            let since = now.as_secs().saturating_sub(month.start() + REPORTED_AFTER);
            let signed = |days: u64| i64::try_from(days).unwrap_or(31);
            Span { month, days: signed((since / DAY).min(month.days())), of: signed(month.days()) }
        })
    }

    pub(super) fn group_name(&self, group: u32) -> String {
        numbered(&["default", "analytics", "storefront", "platform", "research"], group)
    }

    pub(super) fn organization_name(&self, organization: u32) -> String {
        numbered(&["web-team", "mobile-team", "data-team"], organization)
    }
}

/// An identifier of 32 hexadecimal digits.
fn hex(rng: Rng) -> String {
    let mut text = Text::with_capacity(32);
    text.hex(rng.at(0).value(), 16).hex(rng.at(1).value(), 16);
    text.0
}

/// A name from a list, with a number once the list is used up.
fn numbered(names: &[&str], index: u32) -> String {
    let (round, name) = (index as usize / names.len(), names[index as usize % names.len()]);
    if round == 0 { name.to_owned() } else { format!("{name}-{}", round + 1) }
}
