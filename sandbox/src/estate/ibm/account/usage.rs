//! Usage records: of the account, a resource group or an organization, by resource, plan and metric.

use std::sync::Arc;

use serde::Serialize;

use super::instance::Instance;
use super::irregular::{Gaps, Quirk, billing_source, discounts};
use super::products::{Metric, Plan, Resource, Used};
use super::{Account, MonthSums, PlanSums, Span};
use crate::answer::{Answer, Denial};
use crate::estate::calendar::Month;
use crate::estate::format::{Micros, double};
use crate::json::{Each, Fields, Object, object, to_json};
use crate::request::Request;

/// The quantity of a metric without steps.
const TINY: f64 = 2.384_185_791_015_625e-7;

/// What usage is reported for. Groups and organizations are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Account,
    Group(u32),
    Organization(u32),
}

/// Costs in millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::estate::ibm) struct Costs {
    pub(in crate::estate::ibm) billable: i64,
    pub(in crate::estate::ibm) billable_rated: i64,
    pub(in crate::estate::ibm) non_billable: i64,
    pub(in crate::estate::ibm) non_billable_rated: i64,
}

/// The fields that name a resource.
pub(super) fn resource_fields(resource: &'static Resource, names: bool) -> Object<impl Fields> {
    object! {
        "resource_id": resource.id,
        "catalog_id"?: resource.in_catalog.then_some(resource.id),
        "resource_name"?: names.then_some(resource.name),
    }
}

/// The price list that applies to a plan.
pub(in crate::estate::ibm) fn pricing_plan_id(plan: &Plan, span: Span) -> Option<String> {
    (plan.billable && !plan.pending).then(|| {
        let region = plan.pricing_region.unwrap_or_default();
        format!("billable:v4:{}:{region}:{}:", plan.id, span.month.start() * 1000)
    })
}

/// The fields that name a plan.
pub(super) fn plan_fields(plan: &'static Plan, names: bool, span: Span) -> Object<impl Fields> {
    object! {
        "plan_id": plan.id,
        "plan_name"?: names.then_some(plan.name),
        "pricing_region"?: plan.pricing_region,
        "pricing_plan_id"?: pricing_plan_id(plan, span),
        "subscription_id"?: plan.subscription,
    }
}

/// A whole number without a point, or a number with decimal places.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::estate::ibm) enum Quantity {
    Whole(i64),
    Fraction(f64),
}

impl Quantity {
    pub(in crate::estate::ibm) fn new(metric: &Metric, hundredths: i64) -> Self {
        match hundredths % 100 {
            _ if metric.step == 0 => Self::Fraction(TINY),
            0 => Self::Whole(hundredths / 100),
            _ => Self::Fraction(double(hundredths, 100)),
        }
    }
}

/// The quantity of a metric as text.
pub(super) fn metric_number(metric: &Metric, hundredths: i64) -> String {
    to_json(&Quantity::new(metric, hundredths))
}

/// The use of a metric, in a record that may be odd.
pub(super) fn metric_usage(metric: &'static Metric, used: Used, names: bool, odd: Option<Quirk>) -> impl Serialize {
    let discounted = odd == Some(Quirk::Discounts);
    let rated = if discounted { 2 * used.cost } else { used.rated };
    object! {
        "metric": metric.id,
        "metric_name"?: names.then_some(metric.name),
        "unit_name"?: names.then_some(metric.unit.1),
        "unit": metric.unit.0,
        "price": metric.price,
        "quantity": Quantity::new(metric, used.quantity),
        "rateable_quantity": Quantity::new(metric, used.rateable),
        "cost": Micros(used.cost),
        "rated_cost"?: (odd != Some(Quirk::NoRatedCost)).then_some(Micros(rated)),
        "non_chargeable"?: metric.non_chargeable.then_some(true),
        // One of the two.
        "discounts"?: (!discounted).then_some(metric.discounts),
        "discounts"?: discounted.then(discounts),
        "volume_discount"?: metric.volume_discount,
        "volume_cost"?: metric.volume_discount.map(|percent| Micros(used.cost * (100 - percent) / 100)),
        "billing_source"?: (odd == Some(Quirk::UnknownFields)).then(billing_source),
    }
}

impl Account {
    /// The usage of the account, a resource group or an organization in a month.
    pub(super) fn usage_report(&self, subject: Subject, month: Month, request: &Request<'_>) -> Result<Answer, Denial> {
        let names = request.query.flag("_names").unwrap_or(false);
        let span = self.span(month, request.now);
        let sums = span.map(|span| self.sums(span));
        let sums = sums.as_ref().map(|sums| match subject {
            Subject::Account => &sums.account,
            Subject::Group(group) => &sums.groups[group as usize],
            Subject::Organization(organization) => &sums.organizations[organization as usize],
        });
        let used = sums.into_iter().flat_map(|sums| self.plans.iter().zip(sums)).filter(|(_, sums)| sums.instances > 0);
        let used: Vec<_> = used.collect();
        let by_resource = used.chunk_by(|left, right| left.0.0.id == right.0.0.id);
        let resources = span.map(|span| by_resource.map(move |plans| resource_usage(plans, names, span)));
        let id = request.path_value(1);
        let (group, organization) = match subject {
            Subject::Account => (None, None),
            Subject::Group(group) => (Some((id, self.group_name(group))), None),
            Subject::Organization(organization) => (None, Some((id, self.organization_name(organization)))),
        };
        Ok(Answer::json(&object! {
            "account_id": &self.account,
            "resource_group_id"?: group.as_ref().map(|(id, _)| id),
            "resource_group_name"?: group.as_ref().filter(|_| names).map(|(_, name)| name),
            "organization_id"?: organization.as_ref().map(|(id, _)| id),
            "organization_name"?: organization.as_ref().filter(|_| names).map(|(_, name)| name),
            "pricing_country": self.currency.country,
            "currency_code": self.currency.code,
            "month": month.to_string(),
            "currency_rate": Micros(self.currency.rate),
            "resources": resources.into_iter().flatten().collect::<Vec<_>>(),
        }))
    }

    /// The sums of a month. The first call for a month computes every instance.
    pub(in crate::estate::ibm) fn sums(&self, span: Span) -> Arc<MonthSums> {
        self.sums.get_or(span, || {
            let none = || vec![PlanSums::default(); self.plans.len()];
            let mut sums = MonthSums {
                account: none(),
                groups: self.groups.iter().map(|_| none()).collect(),
                organizations: self.organizations.iter().map(|_| none()).collect(),
                gaps: Gaps::new(self.plans.len()),
            };
            let unlisted = self.unlisted(span);
            for index in 0..self.estate.instances {
                let instance = self.instance(index);
                let one = self.instance_sums(&instance, span);
                sums.account[instance.plan].add(&one);
                self.note(&instance, &one, unlisted, span.month, &mut sums.gaps);
                if let Some(group) = instance.group {
                    sums.groups[group as usize][instance.plan].add(&one);
                }
                if let Some(organization) = instance.organization {
                    sums.organizations[organization as usize][instance.plan].add(&one);
                }
            }
            self.apply_allowance(span, &mut sums.account, &mut sums.gaps);
            Arc::new(sums)
        })
    }

    /// The usage of an instance.
    pub(super) fn instance_sums(&self, instance: &Instance, span: Span) -> PlanSums {
        let mut one = PlanSums { instances: 1, ..PlanSums::default() };
        let metrics = &self.plan_of(instance).1.metrics;
        for (number, (metric, used)) in metrics.iter().zip(&mut one.metrics).enumerate() {
            *used = instance.used(number as u64, metric, span);
        }
        one
    }

    /// The costs of the account in a month.
    pub(in crate::estate::ibm) fn account_costs(&self, span: Span) -> Costs {
        costs(self.plans.iter().zip(&self.sums(span).account).map(|((_, plan), sums)| (*plan, sums)))
    }
}

/// The costs of plans.
pub(in crate::estate::ibm) fn costs<'s>(sums: impl Iterator<Item = (&'static Plan, &'s PlanSums)>) -> Costs {
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

/// A plan with its resource, and its usage.
type PlanUse<'a> = (&'a (&'static Resource, &'static Plan), &'a PlanSums);

/// The usage of the plans of one resource.
fn resource_usage<'a>(plans: &'a [PlanUse<'a>], names: bool, span: Span) -> impl Serialize {
    let costs = costs(plans.iter().map(|((_, plan), sums)| (*plan, *sums)));
    object! {
        ..resource_fields(plans[0].0.0, names),
        "billable_cost": Micros(costs.billable),
        "billable_rated_cost": Micros(costs.billable_rated),
        "non_billable_cost": Micros(costs.non_billable),
        "non_billable_rated_cost": Micros(costs.non_billable_rated),
        "plans": Each(plans.iter().map(move |((_, plan), sums)| plan_usage(plan, sums, names, span))),
        "discounts": [(); 0],
    }
}

fn plan_usage(plan: &'static Plan, sums: &PlanSums, names: bool, span: Span) -> impl Serialize {
    let (cost, rated_cost) = sums.cost(plan);
    let metrics = plan.metrics.iter().zip(&sums.metrics);
    object! {
        ..plan_fields(plan, names, span),
        "billable": plan.billable,
        "cost": Micros(cost),
        "rated_cost": Micros(rated_cost),
        "usage": Each(metrics.map(move |(metric, used)| metric_usage(metric, *used, names, None))),
        "discounts": [(); 0],
        "pending"?: plan.pending.then_some(true),
    }
}
