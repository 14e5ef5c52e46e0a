//! A metric as a row.

use cloud_billing_core::Decimal;
use ibm_usage_reports::types::{InstanceUsage, Metric};

use super::context::{Context, cost, serve, text, words};
use super::price;
use super::record::{Instance, List, Meter, join};
use super::services::{Service, region};
use super::view::{Record, some};
use crate::value::{Json, Text};
use crate::{ChargeCategory, ChargeFrequency, Mode, Row};

/// The row of a metric of a record.
pub(super) fn row<'m>(context: &'m Context, record: &Record<'m>, meter: &'m Meter) -> Row<'m> {
    let mut row = context.row("metric", ChargeCategory::Usage, ChargeFrequency::UsageBased);
    let metric = &meter.kept.record;
    costs(&mut row, record.billable, metric);
    measure(&mut row, metric);
    lists(&mut row, record, meter);
    plan(&mut row, context, record);
    names(&mut row, record, metric);
    if let Some(instance) = record.instance {
        place(&mut row, instance.usage());
        ids(&mut row, instance);
    }
    if context.mode == Mode::Derived {
        price::derive(&mut row, record, meter);
    }
    row
}

/// What is billed for a metric. `None` if its cost is missing, or it is not said whether it is billed.
fn charge(billable: Option<bool>, metric: &Metric) -> Option<Decimal> {
    if metric.non_chargeable == Some(true) || billable == Some(false) {
        Some(Decimal::ZERO)
    } else {
        billable.and(metric.charge())
    }
}

/// Whether the cost of a metric is on the bill.
fn is_billed(billable: Option<bool>, metric: &Metric) -> bool {
    billable == Some(true) && metric.non_chargeable != Some(true)
}

fn costs(row: &mut Row<'_>, billable: Option<bool>, metric: &Metric) {
    let charge = charge(billable, metric);
    if let Some(charge) = &charge {
        cost(row, charge);
    }
    if is_billed(billable, metric) {
        row.x_list_cost_assumed = (metric.rated_cost.is_none() && charge.is_some()).then_some(true);
        row.list_cost = metric.rated_cost.clone().or(charge);
    } else {
        row.x_informational_cost.clone_from(&metric.cost);
        row.x_informational_list_cost.clone_from(&metric.rated_cost);
    }
    row.x_billable = billable;
    row.x_non_chargeable = metric.non_chargeable;
    row.x_volume_cost.clone_from(&metric.volume_cost);
    row.x_volume_discount.clone_from(&metric.volume_discount);
}

fn measure<'m>(row: &mut Row<'m>, metric: &'m Metric) {
    row.x_metric = some(&metric.metric).map(text);
    row.sku_meter.clone_from(&row.x_metric);
    row.x_quantity.clone_from(&metric.quantity);
    row.x_rateable_quantity.clone_from(&metric.rateable_quantity);
    row.x_unit = some(&metric.unit).map(text);
    row.x_unit_name = some(&metric.unit_name).map(text);
}

fn lists<'m>(row: &mut Row<'m>, record: &Record<'m>, meter: &'m Meter) {
    row.x_price_tiers = meter.prices.as_ref().and_then(List::object).map(|object| Json(text(object)));
    row.x_discounts = discounts(record, meter).map(Json);
    let unknown = meter.kept.unknown().map(|fields| format!("\"usage\":{fields}"));
    if unknown.is_some() || record.unknown.is_some() {
        row.x_unknown_fields =
            join(unknown.into_iter().collect(), record.unknown.as_deref()).map(|object| Json(Text::Owned(object)));
    }
}

/// The discounts of a metric, and those of its plan and resource.
fn discounts<'m>(record: &Record<'m>, meter: &'m Meter) -> Option<Text<'m>> {
    let own = meter.discounts.as_ref().and_then(List::object);
    match &record.discounts {
        None => own.map(text),
        Some(outer) => own
            .and_then(|own| join(vec![own.get(1..own.len() - 1)?.to_owned()], Some(outer)))
            .or_else(|| Some(outer.clone()))
            .map(Text::Owned),
    }
}

fn plan<'m>(row: &mut Row<'m>, context: &'m Context, record: &Record<'m>) {
    row.x_plan_id = record.plan_id.map(text);
    row.x_plan_name = record.plan_name.map(text);
    row.x_pricing_plan_id = record.pricing_plan_id.map(text);
    row.x_pricing_country = record.pricing_country.or(context.country.as_deref()).map(text);
    row.x_pricing_region = record.pricing_region.map(text);
    row.x_subscription_id = record.subscription_id.map(text);
    row.x_currency_rate = record.currency_rate.or(context.rate.as_ref()).cloned();
    row.x_catalog_id = record.catalog_id.map(text);
    row.x_pending = record.pending;
}

fn names<'m>(row: &mut Row<'m>, record: &Record<'m>, metric: &'m Metric) {
    let service = record.resource_name.or(record.resource_id);
    serve(row, service, Service::of(record.resource_id));
    let measured = some(&metric.metric_name).or(some(&metric.metric));
    row.charge_description = words(" / ", [service, record.plan_name.or(record.plan_id), measured]);
    row.sku_id = words("/", [record.plan_id, some(&metric.metric), None]);
}

/// Where an instance is.
fn place<'m>(row: &mut Row<'m>, usage: &'m InstanceUsage) {
    let place = some(&usage.region);
    row.region_id = place.map(text);
    row.region_name = place.map(|id| text(region(id)));
    if place.is_some_and(|id| id.starts_with("satellite")) {
        row.host_provider_name = Some(text("Not Applicable"));
    }
    let group = some(&usage.resource_group_id);
    let organization = some(&usage.organization_id);
    let (id, name, kind) = match group {
        Some(_) => (group, &usage.resource_group_name, "Resource Group"),
        None => (organization, &usage.organization_name, "Cloud Foundry Organization"),
    };
    if id.is_some() {
        row.sub_account_id = id.map(text);
        row.sub_account_name = some(name).map(text);
        row.sub_account_type = Some(text(kind));
    }
    row.x_organization_id = organization.map(text);
    row.x_organization_name = some(&usage.organization_name).map(text);
    row.x_space_id = some(&usage.space_id).map(text);
    row.x_space_name = some(&usage.space_name).map(text);
}

/// Which instance it is.
fn ids<'m>(row: &mut Row<'m>, instance: &'m Instance) {
    let usage = instance.usage();
    row.resource_id = some(&usage.resource_instance_id).map(text);
    if row.resource_id.is_some() {
        row.resource_name = some(&usage.resource_instance_name).map(text);
        row.resource_type = some(&usage.resource_id).map(text);
    }
    row.tags = instance.tags.flat.as_deref().map(|tags| Json(text(tags)));
    row.x_tags_raw = instance.tags.raw.as_deref().map(|tags| Json(text(tags)));
    row.x_billing_country = some(&usage.billing_country).map(text);
    row.x_consumer_id = some(&usage.consumer_id).map(text);
    row.x_parent_resource_instance_id = some(&usage.parent_resource_instance_id).map(text);
    row.x_created_at = usage.created_at.known().copied();
    row.x_deleted_at = usage.deleted_at.known().copied();
}
