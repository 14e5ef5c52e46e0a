//! Rows of IBM's own FOCUS export, completed.

use cloud_billing_core::Decimal;

use super::account::{CREDITS_NAME, SUPPORT_NAME};
use super::book::Book;
use super::context::{Context, cost, object, serve, text};
use super::services::{OTHER, SUPPORT, Service, region, unit};
use super::{Error, Mapper, Options, Report, Summary};
use crate::vendor::repair::{Homes, Repair, other};
use crate::{ChargeCategory, ChargeFrequency, Column, Row};

const HOMES: Homes = &[
    (Column::ConsumedQuantity, Column::XQuantity),
    (Column::ConsumedUnit, Column::XUnit),
    (Column::PricingQuantity, Column::XRateableQuantity),
    (Column::PricingUnit, Column::XUnit),
    (Column::PricingCurrency, Column::XPricingCurrency),
];

impl Mapper {
    /// A mapper of the vendor's own FOCUS export, whose rows go to [`complete`](Self::complete). Its rows are not known to name the
    /// resources of the account's report, so what the rows do not explain is one row of the account as a whole.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn of_export(report: &Report, summary: &Summary, options: &Options) -> Result<Self, Error> {
        Self::with(Book::of_account(CREDITS_NAME, report.resources()), report, summary, options)
    }

    /// Completes a row of the vendor's own FOCUS export, read by [`vendor::Header`](crate::vendor::Header), and adds it up.
    ///
    /// What the row has stays. What a column of FOCUS may not have goes to a column of ours. A row of another account or month, or
    /// in another currency, is not added, and the bill is not known to be right.
    pub fn complete<'r>(&'r mut self, row: Row<'r>) -> Row<'r> {
        let mut repair = Repair::new(row, HOMES, unit);
        repair.values();
        // A service has one category, and that of the other rows is ours.
        let service = repair.row.service_name.as_deref().and_then(known);
        repair.categorise(service.map(|service| &service.category));
        let unknown = object(self.unknown.take());
        let base = Row { x_bill_unknown_fields: unknown, ..base(&self.context, &repair.row) };
        let row = repair.fill(base);
        let is_counted = self.context.is_ours(&row);
        self.book.of_account_row().add(row.billed_cost.as_ref().filter(|_| is_counted));
        row
    }
}

/// What the row gets where it has nothing.
fn base<'r>(context: &'r Context, row: &Row<'r>) -> Row<'r> {
    let billed = row.billed_cost.as_ref();
    let is_negative = billed.is_some_and(Decimal::is_negative);
    let guess = if is_negative { ChargeCategory::Adjustment } else { ChargeCategory::Usage };
    let category = row.charge_category.clone().unwrap_or(guess);
    let frequency = match category {
        ChargeCategory::Usage => ChargeFrequency::UsageBased,
        ChargeCategory::Purchase => ChargeFrequency::Recurring,
        _ => ChargeFrequency::OneTime,
    };
    let mut base = context.row("line", category, frequency);
    if let Some(billed) = billed {
        cost(&mut base, billed);
    }
    let service = row.service_name.as_deref().and_then(known).unwrap_or(&OTHER);
    serve(&mut base, Some(CREDITS_NAME), service);
    if let Some(category) = row.service_category.as_ref().filter(|category| **category != service.category) {
        base.service_subcategory = Some(other(category));
    }
    base.region_name = row.region_id.as_deref().map(|id| region(id).to_owned().into());
    if row.region_id.as_deref().is_some_and(|id| id.starts_with("satellite")) {
        base.host_provider_name = Some(text("Not Applicable"));
    }
    base.service_provider_name = row.provider_name.clone().or(base.service_provider_name);
    base
}

/// A service that our rows have, by its name.
fn known(name: &str) -> Option<&'static Service> {
    match name {
        CREDITS_NAME => Some(&OTHER),
        SUPPORT_NAME => Some(&SUPPORT),
        _ => None,
    }
}
