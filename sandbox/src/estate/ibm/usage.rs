//! Usage records: of the account, a resource group or an organization, by resource, plan and metric.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::account::{Ibm, MonthSums, PlanSums, Span};
use super::products::{Metric, Plan, Resource, Tier, Used};
use crate::answer::{Answer, Denial};
use crate::estate::calendar::Month;
use crate::estate::format::{double, micros, tenths};
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Costs {
    #[serde(rename = "billable_cost", serialize_with = "micros")]
    pub(super) billable: i64,
    #[serde(rename = "billable_rated_cost", serialize_with = "micros")]
    billable_rated: i64,
    #[serde(rename = "non_billable_cost", serialize_with = "micros")]
    pub(super) non_billable: i64,
    #[serde(rename = "non_billable_rated_cost", serialize_with = "micros")]
    non_billable_rated: i64,
}

#[derive(Serialize)]
struct UsageReport<'a> {
    account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_name: Option<String>,
    pricing_country: &'static str,
    currency_code: &'static str,
    month: String,
    currency_rate: u32,
    resources: Vec<ResourceUsage>,
}

#[derive(Serialize)]
struct ResourceUsage {
    #[serde(flatten)]
    resource: ResourceFields,
    #[serde(flatten)]
    costs: Costs,
    plans: Vec<PlanUsage>,
    discounts: [(); 0],
}

#[derive(Serialize)]
struct PlanUsage {
    #[serde(flatten)]
    plan: PlanFields,
    billable: bool,
    #[serde(serialize_with = "micros")]
    cost: i64,
    #[serde(serialize_with = "micros")]
    rated_cost: i64,
    usage: Vec<MetricUsage>,
    discounts: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<bool>,
}

/// The fields that name a resource.
#[derive(Serialize)]
pub(super) struct ResourceFields {
    resource_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    catalog_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: Option<&'static str>,
}

impl ResourceFields {
    pub(super) fn new(resource: &Resource, names: bool) -> Self {
        Self {
            resource_id: resource.id,
            catalog_id: resource.in_catalog.then_some(resource.id),
            resource_name: names.then_some(resource.name),
        }
    }
}

/// The fields that name a plan.
#[derive(Serialize)]
pub(super) struct PlanFields {
    plan_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_region: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_plan_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_id: Option<&'static str>,
}

impl PlanFields {
    pub(super) fn new(plan: &Plan, names: bool, span: Span) -> Self {
        let pricing_plan_id = (plan.billable && !plan.pending).then(|| {
            let region = plan.pricing_region.unwrap_or_default();
            format!("billable:v4:{}:{region}:{}:", plan.id, span.month.start() * 1000)
        });
        Self {
            plan_id: plan.id,
            plan_name: names.then_some(plan.name),
            pricing_region: plan.pricing_region,
            pricing_plan_id,
            subscription_id: plan.subscription,
        }
    }
}

#[derive(Serialize)]
pub(super) struct MetricUsage {
    metric: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_name: Option<&'static str>,
    unit: &'static str,
    #[serde(serialize_with = "tiers")]
    price: [Option<Tier>; 2],
    quantity: Quantity,
    rateable_quantity: Quantity,
    #[serde(serialize_with = "micros")]
    cost: i64,
    #[serde(serialize_with = "micros")]
    rated_cost: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    non_chargeable: Option<bool>,
    discounts: Vec<DiscountFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_discount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_cost: Option<Micros>,
}

fn tiers<S: Serializer>(tiers: &[Option<Tier>; 2], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(tiers.iter().flatten())
}

/// A whole number without a point, or a number with decimal places.
#[derive(Serialize)]
#[serde(untagged)]
enum Quantity {
    Whole(i64),
    Fraction(f64),
}

impl Quantity {
    fn new(hundredths: i64) -> Self {
        match hundredths % 100 {
            0 => Self::Whole(hundredths / 100),
            _ => Self::Fraction(double(hundredths, 100)),
        }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct Micros(#[serde(serialize_with = "micros")] i64);

#[derive(Serialize)]
struct DiscountFields {
    r#ref: &'static str,
    name: &'static str,
    display_name: &'static str,
    #[serde(rename = "discount", serialize_with = "tenths")]
    permille: i64,
}

impl MetricUsage {
    pub(super) fn new(metric: &'static Metric, used: Used, names: bool) -> Self {
        let tiny = |hundredths| match metric.step {
            0 => Quantity::Fraction(TINY),
            _ => Quantity::new(hundredths),
        };
        let discount = metric.discount.map(|discount| DiscountFields {
            r#ref: discount.reference,
            name: discount.name,
            display_name: discount.name,
            permille: discount.permille,
        });
        Self {
            metric: metric.id,
            metric_name: names.then_some(metric.name),
            unit_name: names.then_some(metric.unit_name),
            unit: metric.unit,
            price: metric.price,
            quantity: tiny(used.quantity),
            rateable_quantity: tiny(used.rateable),
            cost: used.cost,
            rated_cost: used.rated,
            non_chargeable: (!metric.chargeable).then_some(true),
            discounts: discount.into_iter().collect(),
            volume_discount: metric.volume_discount,
            volume_cost: metric.volume_discount.map(|percent| Micros(used.cost * (100 - percent) / 100)),
        }
    }
}

impl Ibm {
    /// The usage of the account, a resource group or an organization in a month.
    pub(super) fn usage_report(&self, subject: Subject, month: Month, request: &Request<'_>) -> Result<Answer, Denial> {
        let names = request.query.flag("_names").unwrap_or(false);
        let resources = self.span(month, request.now).map(|span| {
            let sums = self.sums(span);
            let sums = match subject {
                Subject::Account => &sums.account,
                Subject::Group(group) => &sums.groups[group as usize],
                Subject::Organization(organization) => &sums.organizations[organization as usize],
            };
            self.resources(sums, names, span)
        });
        let mut report = UsageReport {
            account_id: &self.account,
            resource_group_id: None,
            resource_group_name: None,
            organization_id: None,
            organization_name: None,
            pricing_country: "USA",
            currency_code: "USD",
            month: month.to_string(),
            currency_rate: 1,
            resources: resources.unwrap_or_default(),
        };
        match subject {
            Subject::Account => {}
            Subject::Group(group) => {
                report.resource_group_id = Some(request.path_value(1));
                report.resource_group_name = names.then(|| self.group_name(group));
            }
            Subject::Organization(organization) => {
                report.organization_id = Some(request.path_value(1));
                report.organization_name = names.then(|| self.organization_name(organization));
            }
        }
        Ok(Answer::json(&report))
    }

    /// The resources, plans and metrics with usage, in the order of the products.
    fn resources(&self, sums: &[PlanSums], names: bool, span: Span) -> Vec<ResourceUsage> {
        let used: Vec<_> = self.plans.iter().zip(sums).filter(|(_, sums)| sums.instances > 0).collect();
        let by_resource = used.chunk_by(|left, right| left.0.0.id == right.0.0.id);
        by_resource
            .map(|plans| ResourceUsage {
                resource: ResourceFields::new(plans[0].0.0, names),
                costs: costs(plans.iter().map(|((_, plan), sums)| (*plan, *sums))),
                plans: plans.iter().map(|((_, plan), sums)| plan_usage(plan, sums, names, span)).collect(),
                discounts: [],
            })
            .collect()
    }

    /// The sums of a month. The first call for a month computes every instance.
    fn sums(&self, span: Span) -> Arc<MonthSums> {
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

    /// The costs of the account in a month.
    pub(super) fn account_costs(&self, span: Span) -> Costs {
        costs(self.plans.iter().zip(&self.sums(span).account).map(|((_, plan), sums)| (*plan, sums)))
    }
}

fn costs<'s>(sums: impl Iterator<Item = (&'static Plan, &'s PlanSums)>) -> Costs {
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

fn plan_usage(plan: &'static Plan, sums: &PlanSums, names: bool, span: Span) -> PlanUsage {
    let (cost, rated_cost) = sums.cost(plan);
    let metrics = plan.metrics.iter().zip(&sums.metrics);
    PlanUsage {
        plan: PlanFields::new(plan, names, span),
        billable: plan.billable,
        cost,
        rated_cost,
        usage: metrics.map(|(metric, used)| MetricUsage::new(metric, *used, names)).collect(),
        discounts: [],
        pending: plan.pending.then_some(true),
    }
}
