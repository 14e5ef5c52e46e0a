//! A synthetic account of IBM Cloud: its state, and which records answer which operation.

mod csv;
mod focus;
mod instance;
mod irregular;
mod listing;
mod products;
mod snapshots;
mod summary;
pub(super) mod usage;

use std::sync::Arc;
use std::time::Duration;

use crate::answer::{Answer, Denial};
use crate::estate::cache::Cache;
use crate::estate::calendar::{DAY, Month};
use crate::estate::config::Estate;
use crate::estate::format::Text;
use crate::examples;
use crate::refusal::Missing;
use crate::request::Request;
use crate::rng::{IdCipher, Rng};
use irregular::{Currency, Gaps};
pub(super) use products::{Metric, Plan, Resource, Used};
use snapshots::Snapshots;
use usage::Subject;

/// How many months of sums are cached. A summary needs up to a year of them.
const CACHED_MONTHS: usize = 16;

/// How many counts of filtered listings are cached.
const CACHED_COUNTS: usize = 4_096;

/// How long after its day usage is reported, in seconds.
const REPORTED_AFTER: u64 = 4 * 3_600;

/// The largest number of metrics of a plan.
const METRICS: usize = 4;

/// An account. Its records follow from the seed, the number of instances and the time.
#[derive(Debug)]
pub(super) struct Account {
    estate: Arc<Estate>,
    rng: Rng,
    cipher: IdCipher,
    currency: Currency,
    /// The first month with usage.
    pub(super) first: Month,
    /// Its identifier.
    pub(super) account: String,
    /// Identifiers of resource groups.
    pub(super) groups: Vec<String>,
    /// Identifiers of Cloud Foundry organizations.
    pub(super) organizations: Vec<String>,
    pub(super) plans: Vec<(&'static Resource, &'static Plan)>,
    /// The number of a plan for each of a hundred values.
    plan_by_weight: Vec<usize>,
    sums: Cache<Span, Arc<MonthSums>>,
    counts: Cache<Filter, u64>,
    snapshots: Snapshots,
}

/// A month, and how many of its days have usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Span {
    pub(super) month: Month,
    days: i64,
    /// The days of the whole month.
    of: i64,
}

/// Which instances are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Filter {
    /// The resource groups of the path and of the query; None is one that does not exist.
    groups: Vec<Option<u32>>,
    /// The organizations of the path and of the query; None is one that does not exist.
    organizations: Vec<Option<u32>>,
    /// The number of an instance. An instance that does not exist has a number that none has.
    instance: Option<u64>,
    resource: Option<String>,
    plan: Option<String>,
    region: Option<String>,
    /// The instance that no listing of the month has.
    unlisted: Option<u64>,
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
    groups: Vec<Vec<PlanSums>>,
    organizations: Vec<Vec<PlanSums>>,
    gaps: Gaps,
}

impl Account {
    /// Answers an operation. An operation without records in the estate is answered with its example.
    ///
    /// # Errors
    ///
    /// If another identifier of the request does not exist, or the request conflicts with the state of the account.
    pub(super) fn answer(self: &Arc<Self>, request: &Request<'_>) -> Result<Answer, Denial> {
        match request.operation.id {
            "get_account_summary" if request.wants_csv() => Ok(self.summary_csv(self.month(request), request)),
            "get_resource_usage_account" if request.wants_csv() => Ok(self.instances_csv(self.month(request), request)),
            "get_resource_usage_account_focus" => self.focus(self.month(request), request),
            "get_account_summary" => self.summary(self.month(request), request.now),
            "get_account_usage" => self.usage_report(Subject::Account, self.month(request), request),
            "get_resource_group_usage" => self.usage_report(self.group(request)?, self.month(request), request),
            "get_org_usage" => self.usage_report(self.organization(request)?, self.month(request), request),
            "get_resource_usage_account" => self.listing(Subject::Account, self.month(request), request),
            "get_resource_usage_resource_group" => self.listing(self.group(request)?, self.month(request), request),
            "get_resource_usage_org" => self.listing(self.organization(request)?, self.month(request), request),
            "create_reports_snapshot_config" => self.snapshots.create(&self.account, request),
            "get_reports_snapshot_config" => self.snapshots.get(&self.account),
            "update_reports_snapshot_config" => self.snapshots.update(&self.account, request),
            "delete_reports_snapshot_config" => self.snapshots.delete(&self.account, request),
            "validate_reports_snapshot_config" => self.snapshots.validate(&self.account, request),
            "get_reports_snapshot" => self.snapshots.list(&self.account, self.rng.at(6), request),
            _ => examples::answer(request),
        }
    }

    /// The month of the path.
    fn month(&self, request: &Request<'_>) -> Month {
        request.path_values.last().and_then(|text| Month::parse(text)).unwrap_or(self.first)
    }

    fn group(&self, request: &Request<'_>) -> Result<Subject, Denial> {
        Ok(Subject::Group(position(&self.groups, "resource group", request.path_value(1))?))
    }

    fn organization(&self, request: &Request<'_>) -> Result<Subject, Denial> {
        Ok(Subject::Organization(position(&self.organizations, "organization", request.path_value(1))?))
    }
}

fn position(ids: &[String], kind: &str, id: &str) -> Result<u32, Denial> {
    let index = ids.iter().position(|known| known == id).and_then(|index| u32::try_from(index).ok());
    index.ok_or_else(|| Denial::not_found(Missing::Other, format!("The account has no {kind} {id}."), &[id]))
}

impl Account {
    pub(super) fn new(estate: Arc<Estate>, number: u32, rng: Rng, current: Month) -> Self {
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
            currency: Currency::of(estate.irregular, number),
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

    /// How many instances it has.
    pub(super) fn instances(&self) -> u64 {
        self.estate.instances
    }

    /// The days of a month that have usage at this time. None for months before the first and after the current one.
    pub(super) fn span(&self, month: Month, now: Duration) -> Option<Span> {
        (month >= self.first && month <= Month::of(now)).then(|| {
            let since = now.as_secs().saturating_sub(month.start() + REPORTED_AFTER);
            let signed = |days: u64| i64::try_from(days).unwrap_or(31);
            Span { month, days: signed((since / DAY).min(month.days())), of: signed(month.days()) }
        })
    }

    fn group_name(&self, group: u32) -> String {
        numbered(&["default", "analytics", "storefront", "platform", "research"], group)
    }

    fn organization_name(&self, organization: u32) -> String {
        numbered(&["web-team", "mobile-team", "data-team"], organization)
    }
}

/// An identifier of 32 hexadecimal digits.
pub(super) fn hex(rng: Rng) -> String {
    let mut text = Text::with_capacity(32);
    text.hex(rng.at(0).value(), 16).hex(rng.at(1).value(), 16);
    text.0
}

/// A name from a list, with a number once the list is used up.
pub(super) fn numbered(names: &[&str], index: u32) -> String {
    let (round, name) = (index as usize / names.len(), names[index as usize % names.len()]);
    if round == 0 { name.to_owned() } else { format!("{name}-{}", round + 1) }
}
