//! Exact sums of usage reports.

use cloud_billing_core::Total;

use crate::types::ResourceUsageReport;

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
