//! Records that have been taken, so that one that is listed twice is noticed.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use ibm_usage_reports::types::{InstanceUsage, Metric};

use super::record::Instance;
use super::view::some;

/// Whether usage of a record was there before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Repeated {
    #[default]
    No,
    /// A record has a metric twice, or it is not said which instance or plan it is of.
    Maybe,
    /// There was another record of the same metric of the same instance.
    Yes,
}

/// Hashes of what identifies usage: 9 to 18 bytes of memory for each, two for each metric that costs something.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen(HashSet<u64>);

impl Seen {
    /// Takes a record. Quantities and costs do not count: they grow while a list is read.
    pub(super) fn take(&mut self, instance: &Instance) -> Repeated {
        let usage = instance.usage();
        let metrics = || instance.meters().iter().map(|meter| &meter.kept.record).filter(|metric| costs(usage, metric));
        let of_plan = |plan| metrics().map(move |metric| hash(usage, metric, plan));
        let plan = some(&usage.plan_id);
        let (own, any): (Vec<_>, Vec<_>) = (of_plan(Some(plan)).collect(), of_plan(None).collect());
        let without = of_plan(Some(None)).any(|hash| self.0.contains(&hash));
        let before = own.iter().any(|hash| self.0.contains(hash));
        let before_of_any_plan = plan.is_none() && any.iter().any(|hash| self.0.contains(hash));
        let inserted = own.iter().filter(|hash| self.0.insert(**hash)).count();
        self.0.extend(any);
        match () {
            () if before && usage.resource_instance_id.is_some() => Repeated::Yes,
            () if before || without || before_of_any_plan || inserted < own.len() => Repeated::Maybe,
            () => Repeated::No,
        }
    }
}

/// Whether a metric adds to the bill. Any other can be there as often as it likes.
fn costs(usage: &InstanceUsage, metric: &Metric) -> bool {
    let is_billed = usage.billable != Some(false) && metric.non_chargeable != Some(true);
    is_billed && metric.charge().is_some_and(|charge| !charge.is_zero())
}

/// The hash of a metric of an instance in a plan. `None` is any plan, `Some(None)` one that is not said.
fn hash(usage: &InstanceUsage, metric: &Metric, plan: Option<Option<&str>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match some(&usage.resource_instance_id) {
        Some(id) => id.to_ascii_lowercase().hash(&mut hasher),
        None => (&usage.resource_instance_name, &usage.resource_group_id, &usage.region).hash(&mut hasher),
    }
    (&usage.resource_id, &usage.pricing_plan_id, &usage.pricing_region, usage.billable, usage.pending)
        .hash(&mut hasher);
    (&metric.metric, &metric.unit, plan).hash(&mut hasher);
    hasher.finish()
}
