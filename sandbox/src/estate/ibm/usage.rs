//! Usage added up: of the account, of a resource group, of an organization.

use std::sync::Arc;

use super::Ibm;
use super::catalogue::{Metric, Plan, Resource, Used};
use super::instance::{Span, TINY};
use crate::estate::text::Text;

/// More metrics than any plan has.
const METRICS: usize = 4;

/// What the instances of one plan used.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlanSums {
    pub(super) instances: u64,
    metrics: [Used; METRICS],
}

impl PlanSums {
    /// What the plan costs, and would without discounts.
    fn cost(&self, plan: &Plan) -> (i64, i64) {
        let chargeable = plan.metrics.iter().zip(&self.metrics).filter(|(metric, _)| metric.chargeable);
        chargeable.fold((0, 0), |(cost, rated), (_, used)| (cost + used.cost, rated + used.rated))
    }

    fn add(&mut self, other: &Self) {
        self.instances += other.instances;
        for (sum, used) in self.metrics.iter_mut().zip(other.metrics) {
            sum.add(used);
        }
    }
}

/// The sums of every plan.
type Sums = Vec<PlanSums>;

/// The sums of one month.
#[derive(Debug)]
pub(super) struct MonthSums {
    pub(super) account: Sums,
    pub(super) groups: Vec<Sums>,
    pub(super) organizations: Vec<Sums>,
}

/// What something costs in millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Costs {
    pub(super) billable: i64,
    pub(super) billable_rated: i64,
    pub(super) non_billable: i64,
    pub(super) non_billable_rated: i64,
}

impl Ibm {
    /// The sums of a month: one look at each instance, the first time.
    pub(super) fn sums(&self, span: Span) -> Arc<MonthSums> {
        self.sums.get_or(span, || {
            let none = || vec![PlanSums::default(); self.plans.len()];
            let mut sums = MonthSums {
                account: none(),
                groups: self.groups.iter().map(|_| none()).collect(),
                organizations: self.organizations.iter().map(|_| none()).collect(),
            };
            for index in 0..self.estate.instances {
                let instance = self.instance(index);
                let mut one = PlanSums { instances: 1, ..PlanSums::default() };
                let metrics = self.plan_of(&instance).1.metrics;
                for (number, (metric, used)) in metrics.iter().zip(&mut one.metrics).enumerate() {
                    *used = instance.used(number as u64, metric, span);
                }
                sums.groups[instance.group as usize][instance.plan].add(&one);
                if let Some(organization) = instance.organization {
                    sums.organizations[organization as usize][instance.plan].add(&one);
                }
            }
            for group in &sums.groups {
                for (sum, of_group) in sums.account.iter_mut().zip(group) {
                    sum.add(of_group);
                }
            }
            Arc::new(sums)
        })
    }

    pub(super) fn costs<'s>(&self, sums: impl Iterator<Item = (&'static Plan, &'s PlanSums)>) -> Costs {
        sums.fold(Costs::default(), |mut costs, (plan, sums)| {
            let (cost, rated) = sums.cost(plan);
            if plan.billable {
                costs.billable += cost;
                costs.billable_rated += rated;
            } else {
                costs.non_billable += cost;
                costs.non_billable_rated += rated;
            }
            costs
        })
    }

    /// Resources, plans and metrics that something was used of, in the order of the catalogue.
    pub(super) fn write_resources(&self, text: &mut Text, sums: &[PlanSums], names: bool, span: Span) {
        text.raw("\"resources\":[");
        let used: Vec<_> = self.plans.iter().zip(sums).filter(|(_, sums)| sums.instances > 0).collect();
        for (index, plans) in used.chunk_by(|left, right| left.0.0.id == right.0.0.id).enumerate() {
            text.raw(if index > 0 { ",{" } else { "{" });
            let resource = plans[0].0.0;
            write_resource(text, resource, names);
            let costs = self.costs(plans.iter().map(|((_, plan), sums)| (*plan, *sums)));
            text.raw(",\"billable_cost\":").decimal(costs.billable, 6);
            text.raw(",\"billable_rated_cost\":").decimal(costs.billable_rated, 6);
            text.raw(",\"non_billable_cost\":").decimal(costs.non_billable, 6);
            text.raw(",\"non_billable_rated_cost\":").decimal(costs.non_billable_rated, 6);
            text.raw(",\"plans\":[");
            for (index, ((_, plan), sums)) in plans.iter().enumerate() {
                text.raw(if index > 0 { ",{" } else { "{" });
                self.write_plan(text, plan, names, span);
                let (cost, rated) = sums.cost(plan);
                text.raw(",\"billable\":").raw(if plan.billable { "true" } else { "false" });
                text.raw(",\"cost\":").decimal(cost, 6).raw(",\"rated_cost\":").decimal(rated, 6).raw(",\"usage\":[");
                for (index, (metric, used)) in plan.metrics.iter().zip(&sums.metrics).enumerate() {
                    text.raw(if index > 0 { "," } else { "" });
                    write_metric(text, metric, *used, names);
                }
                text.raw("],\"discounts\":[]").raw(if plan.pending { ",\"pending\":true}" } else { "}" });
            }
            text.raw("],\"discounts\":[]}");
        }
        text.raw("]");
    }

    pub(super) fn write_plan(&self, text: &mut Text, plan: &Plan, names: bool, span: Span) {
        text.raw("\"plan_id\":\"").raw(plan.id).raw("\"");
        if names {
            text.raw(",\"plan_name\":\"").raw(plan.name).raw("\"");
        }
        if let Some(region) = plan.pricing_region {
            text.raw(",\"pricing_region\":\"").raw(region).raw("\"");
        }
        if plan.billable && !plan.pending {
            text.raw(",\"pricing_plan_id\":\"billable:v4:").raw(plan.id).raw(":");
            text.raw(plan.pricing_region.unwrap_or_default()).raw(":");
            text.int(i64::try_from(span.month.start() * 1000).unwrap_or_default()).raw(":\"");
        }
        if let Some(subscription) = plan.subscription {
            text.raw(",\"subscription_id\":\"").raw(subscription).raw("\"");
        }
    }
}

pub(super) fn write_resource(text: &mut Text, resource: &Resource, names: bool) {
    text.raw("\"resource_id\":\"").raw(resource.id).raw("\"");
    if resource.in_catalog {
        text.raw(",\"catalog_id\":\"").raw(resource.id).raw("\"");
    }
    if names {
        text.raw(",\"resource_name\":\"").raw(resource.name).raw("\"");
    }
}

pub(super) fn write_metric(text: &mut Text, metric: &Metric, used: Used, names: bool) {
    text.raw("{\"metric\":\"").raw(metric.id).raw("\"");
    if names {
        text.raw(",\"metric_name\":\"").raw(metric.name).raw("\",\"unit_name\":\"").raw(metric.unit_name).raw("\"");
    }
    text.raw(",\"unit\":\"").raw(metric.unit).raw("\",\"price\":").raw(metric.price).raw(",\"quantity\":");
    if metric.step == 0 {
        text.raw(TINY).raw(",\"rateable_quantity\":").raw(TINY);
    } else {
        text.decimal(used.quantity, 2).raw(",\"rateable_quantity\":").decimal(used.rateable, 2);
    }
    text.raw(",\"cost\":").decimal(used.cost, 6).raw(",\"rated_cost\":").decimal(used.rated, 6);
    if !metric.chargeable {
        text.raw(",\"non_chargeable\":true");
    }
    text.raw(",\"discounts\":[");
    if let Some(discount) = metric.discount {
        text.raw("{\"ref\":\"").raw(discount.reference).raw("\",\"name\":\"").raw(discount.name);
        text.raw("\",\"display_name\":\"").raw(discount.name).raw("\",\"discount\":").decimal(discount.permille, 1);
        text.raw("}");
    }
    text.raw("]");
    if let Some(percent) = metric.volume_discount {
        text.raw(",\"volume_discount\":").int(percent);
        text.raw(",\"volume_cost\":").decimal(used.cost * (100 - percent) / 100, 6);
    }
    text.raw("}");
}
