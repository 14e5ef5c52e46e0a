//! What the records of both reports have in common.

use std::fmt::Display;

use cloud_billing_core::Decimal;

use super::record::{Instance, Meter, PlanUsage, join};

/// A record whose metrics become rows: an [`Instance`], or a [`PlanUsage`].
#[derive(Clone, Debug, Default)]
pub struct Record<'r> {
    pub(super) instance: Option<&'r Instance>,
    pub(super) meters: &'r [Meter],
    pub(super) resource_id: Option<&'r str>,
    pub(super) resource_name: Option<&'r str>,
    pub(super) catalog_id: Option<&'r str>,
    pub(super) plan_id: Option<&'r str>,
    pub(super) plan_name: Option<&'r str>,
    pub(super) pricing_plan_id: Option<&'r str>,
    pub(super) pricing_country: Option<&'r str>,
    pub(super) pricing_region: Option<&'r str>,
    pub(super) subscription_id: Option<&'r str>,
    pub(super) currency_rate: Option<&'r Decimal>,
    pub(super) billable: Option<bool>,
    pub(super) pending: Option<bool>,
    /// Discounts beside those of the metrics, as a JSON object.
    pub(super) discounts: Option<String>,
    /// Unknown fields beside those of the metrics, as a JSON object.
    pub(super) unknown: Option<String>,
}

/// A text, unless there is none in it.
pub(super) fn some<T: AsRef<str>>(text: &Option<T>) -> Option<&str> {
    text.as_ref().map(AsRef::as_ref).filter(|text| !text.is_empty())
}

impl<'r> From<&'r Instance> for Record<'r> {
    fn from(instance: &'r Instance) -> Self {
        let usage = instance.usage();
        Self {
            instance: Some(instance),
            meters: instance.meters(),
            resource_id: some(&usage.resource_id),
            resource_name: some(&usage.resource_name),
            catalog_id: some(&usage.catalog_id),
            plan_id: some(&usage.plan_id),
            plan_name: some(&usage.plan_name),
            pricing_plan_id: some(&usage.pricing_plan_id),
            pricing_country: some(&usage.pricing_country),
            pricing_region: some(&usage.pricing_region),
            subscription_id: some(&usage.subscription_id),
            currency_rate: usage.currency_rate.as_ref(),
            billable: usage.billable,
            pending: usage.pending,
            discounts: None,
            unknown: instance.unknown(),
        }
    }
}

impl<'r> From<PlanUsage<'r>> for Record<'r> {
    fn from(usage: PlanUsage<'r>) -> Self {
        let (resource, plan) = (usage.resource(), usage.plan());
        Self {
            instance: None,
            meters: usage.meters(),
            resource_id: some(&resource.resource_id),
            resource_name: some(&resource.resource_name),
            catalog_id: some(&resource.catalog_id),
            plan_id: some(&plan.plan_id),
            plan_name: some(&plan.plan_name),
            pricing_plan_id: some(&plan.pricing_plan_id),
            pricing_country: None,
            pricing_region: some(&plan.pricing_region),
            subscription_id: some(&plan.subscription_id),
            currency_rate: None,
            billable: plan.billable,
            pending: plan.pending,
            discounts: discounts(&usage),
            unknown: usage.unknown(),
        }
    }
}

/// The discounts of a plan and its resource.
fn discounts(usage: &PlanUsage<'_>) -> Option<String> {
    let lists = [("x_Plan", &usage.plan().discounts), ("x_Resource", &usage.resource().discounts)];
    let lists = lists.iter().filter(|(_, list)| !list.is_empty());
    let members = lists.filter_map(|(key, list)| Some(format!("\"{key}\":{}", serde_json::to_string(list).ok()?)));
    join(members.collect(), None)
}

impl Record<'_> {
    /// What a mistake in the record is told by.
    pub(super) fn name(&self) -> impl Display {
        let id = self.instance.and_then(|instance| some(&instance.usage().resource_instance_id));
        match id.or(self.resource_id) {
            Some(id) => format!("the record of `{}`", id.escape_default()),
            None => "a record without an id".to_owned(),
        }
    }
}
