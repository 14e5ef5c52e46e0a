//! Rows of MongoDB's own FOCUS report, completed.

use std::borrow::Cow;

use cloud_billing_core::Decimal;

use super::Mapper;
use super::context::{NO_HOST, borrowed};
use super::price::focus_unit;
use super::service::{AI, ATLAS, SUPPORT, Service};
use super::sku::Sku;
use crate::value::Text;
use crate::vendor::repair::{Homes, Repair, other};
use crate::{ChargeCategory, ChargeFrequency, Column, Row, ServiceSubcategory};

const HOMES: Homes = &[
    (Column::ConsumedQuantity, Column::XQuantity),
    (Column::ConsumedUnit, Column::XUnit),
    (Column::PricingQuantity, Column::XQuantity),
    (Column::PricingUnit, Column::XUnit),
    (Column::ChargePeriodStart, Column::XLineStart),
    (Column::ChargePeriodEnd, Column::XLineEnd),
    (Column::PricingCurrency, Column::XPricingCurrency),
];

impl<'i> Mapper<'i> {
    /// Completes a row of the vendor's own FOCUS report on the invoice, read by [`vendor::Header`](crate::vendor::Header), and adds
    /// it to the sums. [`finish`](Self::finish) then has the tax, the credits and what else the report leaves out.
    ///
    /// What the row has stays. What a column of FOCUS may not have goes to a column of ours. A row of another organization or
    /// invoice, or in another currency than US dollars, is not added, and the invoice is not known to be right.
    ///
    /// The rows of an invoice are either all of its lines, by [`row`](Self::row), or all of the report.
    pub fn complete<'r>(&mut self, row: Row<'r>) -> Row<'r>
    where
        'i: 'r,
    {
        let mut repair = Repair::new(row, HOMES, focus_unit);
        repair.values();
        let sku = self.sku(&repair.row);
        // A service has one category, and that of the other rows is ours.
        let service = repair.row.service_name.as_deref().and_then(known);
        repair.categorise(service.map(|service| &service.category));
        self.odd_periods += u64::from(repair.row.charge_period_start.is_none());
        let unknown = self.bill_unknown();
        let base = Row { x_bill_unknown_fields: unknown, ..self.base(&repair.row, sku) };
        let row = repair.fill(base);
        self.add(&row);
        row
    }

    fn sku(&mut self, row: &Row<'_>) -> Sku {
        let id = row.x_atlas_sku.as_deref().or(row.sku_id.as_deref());
        id.map_or(Sku::NONE, |id| self.skus.get(id))
    }

    fn add(&mut self, row: &Row<'_>) {
        let cost = row.billed_cost.as_ref().filter(|_| self.context.is_ours(row));
        self.sums.add(row.charge_category.as_ref().unwrap_or(&ChargeCategory::Usage), cost);
        if self.issuer.is_none() {
            self.issuer = row.invoice_issuer_name.as_deref().map(str::to_owned);
        }
    }

    /// What the row gets where it has nothing.
    fn base<'r>(&self, row: &Row<'r>, sku: Sku) -> Row<'r>
    where
        'i: 'r,
    {
        let cost = row.billed_cost.clone();
        let is_negative = cost.as_ref().is_some_and(Decimal::is_negative);
        let category = row.charge_category.clone().unwrap_or_else(|| sku.kind.category(is_negative));
        let service = row.service_name.as_deref().and_then(known).unwrap_or(sku.service);
        let project = row.sub_account_id.as_deref();
        let resource = row.resource_name.as_deref();
        Row {
            charge_frequency: Some(frequency(&category, sku.frequency)),
            host_provider_name: borrowed(sku.host.unwrap_or(NO_HOST)),
            resource_id: resource.map(|name| resource_id(project, name)),
            resource_type: resource.and(borrowed("Cluster")),
            service_category: Some(service.category.clone()),
            service_name: borrowed(service.name),
            service_subcategory: Some(subcategory(row, service)),
            sku_meter: sku.meter.filter(|_| row.sku_id.is_some()),
            sub_account_type: project.and(borrowed("Project")),
            x_host_provider_derived: (row.host_provider_name.is_none() && sku.host.is_some()).then_some(true),
            x_resource_id_derived: (row.resource_id.is_none() && resource.is_some()).then_some(true),
            x_row_kind: borrowed("line"),
            ..self.context.row(category, cost)
        }
    }
}

fn resource_id<'r>(project: Option<&str>, name: &str) -> Text<'r> {
    Cow::Owned(project.map_or_else(|| name.to_owned(), |project| format!("{project}/{name}")))
}

/// A service that our rows have, by its name.
fn known(name: &str) -> Option<&'static Service> {
    [&ATLAS, &SUPPORT, &AI].into_iter().find(|service| service.name == name)
}

fn subcategory(row: &Row<'_>, service: &Service) -> ServiceSubcategory {
    match &row.service_category {
        Some(category) if *category != service.category => other(category),
        _ => service.subcategory.clone(),
    }
}

fn frequency(category: &ChargeCategory, of_sku: ChargeFrequency) -> ChargeFrequency {
    match (category, of_sku) {
        (ChargeCategory::Usage, of_sku) => of_sku,
        (ChargeCategory::Purchase, ChargeFrequency::OneTime) => ChargeFrequency::OneTime,
        (ChargeCategory::Purchase, _) => ChargeFrequency::Recurring,
        _ => ChargeFrequency::OneTime,
    }
}
