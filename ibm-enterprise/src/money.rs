//! Exact sums of usage reports.
//!
//! The bill of an entity and a billing unit is `billable_cost` of its report, after discounts and before credits and
//! tax. `billable_total()` is the same from the resources. Costs that are not billable are on no bill. The report of a
//! group or enterprise already has the sums of its accounts: add up the accounts or take the report, never both.

use cloud_billing_core::{Decimal, Total};

use crate::types::{PlanUsage, ResourceUsageReport};

impl ResourceUsageReport {
    /// The sum of the resources' billable costs in `currency_code`, with the number of resources without one.
    pub fn billable_total(&self) -> Total {
        self.resources.iter().map(|resource| resource.billable_cost.as_ref()).collect()
    }

    /// The sum of the resources' non-billable costs in `currency_code`, with the number of resources without one.
    pub fn non_billable_total(&self) -> Total {
        self.resources.iter().map(|resource| resource.non_billable_cost.as_ref()).collect()
    }
}

impl PlanUsage {
    /// What is billed for the plan, in the report's `currency_code`: its cost, or zero if it is not billable. `None` if
    /// the cost or `billable` is missing.
    pub fn billable_cost(&self) -> Option<Decimal> {
        if self.billable? { self.cost.clone() } else { Some(Decimal::ZERO) }
    }
}
