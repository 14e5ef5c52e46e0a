//! Irregular accounts: allowances on the account, records that are not listed, and odd fields in records.

use std::collections::BTreeMap;

use serde::Serialize;

use super::instance::Instance;
use super::products::{Metric, Used, plans};
use super::{Account, PlanSums, Span};
use crate::estate::calendar::Month;
use crate::estate::irregular::Irregularity;
use crate::json::object;
use crate::rng::Rng;

/// What is irregular about the totals of a month. Each account has these in turn, month by month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twist {
    None,
    FreeTier,
    MissingRecord,
    /// Both of the above.
    Both,
    Summary,
    Support,
}

const TWISTS: [Twist; 6] =
    [Twist::None, Twist::FreeTier, Twist::MissingRecord, Twist::Summary, Twist::Both, Twist::Support];

/// What is odd about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quirk {
    NoRatedCost,
    /// Of each metric.
    Discounts,
    Tags,
    UnknownFields,
    /// A metric more, which has a cost and is not charged.
    Informational,
    Pending,
}

const QUIRKS: [Quirk; 6] =
    [Quirk::NoRatedCost, Quirk::Discounts, Quirk::Tags, Quirk::UnknownFields, Quirk::Informational, Quirk::Pending];

/// How many quirks a month has. Of every eight records, the first ones have one each.
const QUIRKS_A_MONTH: usize = 3;

/// How many instances are looked at for one whose cost would be missed.
const TRIES: u64 = 16;

/// The cent that a summary is off, in millionths.
const CENT: i64 = 10_000;

/// What is above the flat cost of support, in millionths.
pub(super) const SUPPORT_OVERAGE: i64 = 12_345_678;

/// The tags of an odd record: a key twice, no key, and a value with a colon.
pub(super) const TAGS: &[&str] = &["team:web", "team:data", "temporary", "path:a:b"];

pub(super) const SERVICE_TAGS: &[&str] = &["project::project_id:6b1f0a52-93c7-4d8e-a6f1-07c5e2d49b38"];

/// The currency of an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Currency {
    pub(super) code: &'static str,
    pub(super) country: &'static str,
    /// Millionths of it for a dollar.
    pub(super) rate: i64,
}

impl Currency {
    /// Of irregular accounts, one in three is billed in euros. All amounts are then euros, and have not been converted.
    pub(super) fn of(irregular: bool, number: u32) -> Self {
        if irregular && number % 3 == 1 {
            Self { code: "EUR", country: "DEU", rate: 923_450 }
        } else {
            Self { code: "USD", country: "USA", rate: 1_000_000 }
        }
    }
}

/// What is irregular about the records of a month, collected while its sums are computed.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// By plan: the billable cost of the account less that of the records, in millionths.
    costs: Vec<i64>,
    found: Vec<Irregularity>,
    /// The cost of metrics that are not charged, in millionths.
    informational: i64,
}

/// A field that no spec has.
pub(super) fn billing_source() -> impl Serialize {
    object! { "system": "metering-2", "batch": 417, "flags": ["late", "manual"], }
}

/// The discounts of an odd metric, which halve its cost.
pub(super) fn discounts() -> impl Serialize {
    let discount = |name: &'static str, percent: f64| {
        object! { "ref": format!("Discount-{name}"), "name": name, "display_name": name, "discount": percent, }
    };
    [discount("volume", 20.0), discount("contract", 37.5)]
}

impl Account {
    fn turn(&self, topic: u64, of: usize, month: Month) -> usize {
        (self.rng.at(20).at(topic).below(of as u64) as usize + month.0 as usize) % of
    }

    fn twist(&self, month: Month) -> Twist {
        if self.estate.irregular { TWISTS[self.turn(0, TWISTS.len(), month)] } else { Twist::None }
    }

    fn month_rng(&self, month: Month) -> Rng {
        self.rng.at(21).at(u64::from(month.0))
    }

    /// What is odd about the record of an instance.
    pub(super) fn quirk(&self, index: u64, month: Month) -> Option<Quirk> {
        let place = (index % 8) as usize;
        let odd = self.estate.irregular && place < QUIRKS_A_MONTH;
        odd.then(|| QUIRKS[(self.turn(1, QUIRKS.len(), month) + place) % QUIRKS.len()])
    }

    /// The metric that the record has besides those of its plan.
    pub(super) fn informational(&self, instance: &Instance, month: Month) -> Option<(&'static Metric, Used)> {
        if self.quirk(instance.index, month) != Some(Quirk::Informational) {
            return None;
        }
        let metric = plans().flat_map(|(_, plan)| &plan.metrics).find(|metric| metric.non_chargeable)?;
        let cost = self.month_rng(month).at(instance.index).within(1, 9_999_999);
        Some((metric, Used { quantity: 100, rateable: 100, rated: cost, cost }))
    }

    /// The instance whose record is not listed. It has a cost.
    pub(super) fn unlisted(&self, span: Span) -> Option<u64> {
        if !matches!(self.twist(span.month), Twist::MissingRecord | Twist::Both) {
            return None;
        }
        let rng = self.month_rng(span.month);
        let numbers = (0..TRIES).map(|attempt| rng.at(1).at(attempt).below(self.estate.instances));
        numbers.map(|index| self.instance(index)).find_map(|instance| {
            let plan = self.plan_of(&instance).1;
            (plan.billable && self.instance_sums(&instance, span).cost(plan).0 > 0).then_some(instance.index)
        })
    }

    /// What the account need not pay of its usage of a metric: plan, metric, and how much.
    fn allowance(&self, span: Span, account: &[PlanSums]) -> Option<(usize, usize, Used)> {
        if !matches!(self.twist(span.month), Twist::FreeTier | Twist::Both) {
            return None;
        }
        let rng = self.month_rng(span.month).at(2);
        let start = rng.at(0).below(self.plans.len() as u64) as usize;
        let plans = (0..self.plans.len()).map(|plan| (start + plan) % self.plans.len());
        let billable = plans.filter(|plan| self.plans[*plan].1.billable);
        billable.flat_map(|plan| (0..self.plans[plan].1.metrics.len()).map(move |metric| (plan, metric))).find_map(
            |(plan, number)| {
                let metric = &self.plans[plan].1.metrics[number];
                let steps = rng.at(1).within(1, metric.most / 20 + 1);
                let free = Used { quantity: 0, ..metric.used(steps * metric.step) };
                let fits = free.cost > 0 && free.cost <= account[plan].metrics[number].cost;
                (fits && metric.free == 0 && !metric.non_chargeable).then_some((plan, number, free))
            },
        )
    }

    /// Takes the allowance off the sums of the account, and completes what was found in the records.
    pub(super) fn apply_allowance(&self, span: Span, account: &mut [PlanSums], gaps: &mut Gaps) {
        let Some((plan, metric, free)) = self.allowance(span, account) else { return };
        account[plan].metrics[metric].take(free);
        gaps.add(plan, -free.cost);
        let resource_id = self.plans[plan].0.id.to_owned();
        gaps.found.push(Irregularity::FreeTier { resource_id, micros: free.cost });
    }

    /// Notes what is irregular about the record of an instance with these sums.
    pub(super) fn note(
        &self,
        instance: &Instance,
        sums: &PlanSums,
        unlisted: Option<u64>,
        month: Month,
        gaps: &mut Gaps,
    ) {
        if !self.estate.irregular {
            return;
        }
        let (resource, plan) = self.plan_of(instance);
        if unlisted == Some(instance.index) {
            let micros = sums.cost(plan).0;
            gaps.add(instance.plan, micros);
            return gaps.found.push(Irregularity::MissingRecord { resource_id: resource.id.to_owned(), micros });
        }
        let own = plan.metrics.iter().zip(sums.metrics).filter(|(metric, _)| metric.non_chargeable);
        let more = self.informational(instance, month).map(|(_, used)| used);
        gaps.informational += own.map(|(_, used)| used).chain(more).map(|used| used.cost).sum::<i64>();
        let quirk = self.quirk(instance.index, month);
        gaps.see(quirk.and_then(Quirk::irregularity));
        gaps.see(plan.pending.then_some(Irregularity::Pending));
        gaps.see(instance.is_in_space().then_some(Irregularity::CloudFoundry));
        gaps.see(instance.is_satellite().then_some(Irregularity::Satellite));
    }

    /// By how much the summary is off, in millionths.
    pub(super) fn summary_off(&self, month: Month, billable: i64) -> i64 {
        match self.twist(month) {
            _ if billable == 0 => 0,
            Twist::Summary if self.month_rng(month).at(3).one_in(2) => CENT,
            Twist::Summary => -CENT,
            _ => 0,
        }
    }

    /// Whether the summary has a support plan with overage, and two offers.
    pub(super) fn has_more_support(&self, month: Month) -> bool {
        self.twist(month) == Twist::Support
    }

    /// What is irregular about a month.
    pub(in crate::estate::ibm) fn irregularities(&self, span: Span) -> Vec<Irregularity> {
        if !self.estate.irregular {
            return Vec::new();
        }
        let (sums, costs) = (self.sums(span), self.account_costs(span));
        let Currency { code, .. } = self.currency;
        let some = |micros: i64| (micros != 0).then_some(micros);
        let more = self.has_more_support(span.month);
        let of_account = [
            some(self.summary_off(span.month, costs.billable)).map(|micros| Irregularity::SummaryDiffers { micros }),
            some(costs.non_billable).map(|micros| Irregularity::NotBillable { micros }),
            some(sums.gaps.informational).map(|micros| Irregularity::Informational { micros }),
            some(self.offer_used(costs.billable)).map(|micros| Irregularity::OfferCredits { micros }),
            more.then_some(Irregularity::SupportOverage { micros: SUPPORT_OVERAGE }),
            (code != "USD").then_some(Irregularity::OtherCurrency { code }),
        ];
        sums.gaps.found.iter().cloned().chain(of_account.into_iter().flatten()).collect()
    }

    /// By resource: the billable cost of the account less that of the records, in millionths, if they differ.
    pub(in crate::estate::ibm) fn differences(&self, span: Span) -> BTreeMap<String, i64> {
        let mut differences = BTreeMap::new();
        for ((resource, _), cost) in self.plans.iter().zip(&self.sums(span).gaps.costs) {
            *differences.entry(resource.id.to_owned()).or_insert(0) += cost;
        }
        differences.retain(|_, cost| *cost != 0);
        differences
    }
}

impl Gaps {
    pub(super) fn new(plans: usize) -> Self {
        Self { costs: vec![0; plans], ..Self::default() }
    }

    fn add(&mut self, plan: usize, micros: i64) {
        self.costs[plan] += micros;
    }

    fn see(&mut self, irregularity: Option<Irregularity>) {
        if let Some(irregularity) = irregularity.filter(|it| !self.found.contains(it)) {
            self.found.push(irregularity);
        }
    }
}

impl Quirk {
    /// None if its amount is told otherwise.
    const fn irregularity(self) -> Option<Irregularity> {
        match self {
            Self::NoRatedCost => Some(Irregularity::NoRatedCost),
            Self::Discounts => Some(Irregularity::SeveralDiscounts),
            Self::Tags => Some(Irregularity::OddTags),
            Self::UnknownFields => Some(Irregularity::UnknownFields),
            Self::Informational => None,
            Self::Pending => Some(Irregularity::Pending),
        }
    }
}
