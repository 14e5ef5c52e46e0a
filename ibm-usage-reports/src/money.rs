//! Exact sums of usage reports.

use cloud_billing_core::Total;

use crate::types::{AccountUsage, OrgUsage, ResourceGroupUsage};

macro_rules! totals {
    ($($report:ty),*) => {$(
        impl $report {
            /// The sum of the resources' billable costs in the report's `currency_code`, with the number of resources
            /// without one.
            pub fn billable_total(&self) -> Total {
                self.resources.iter().map(|resource| resource.billable_cost.as_ref()).collect()
            }

            /// The sum of the resources' non-billable costs in the report's `currency_code`, with the number of
            /// resources without one.
            pub fn non_billable_total(&self) -> Total {
                self.resources.iter().map(|resource| resource.non_billable_cost.as_ref()).collect()
            }
        }
    )*};
}

totals!(AccountUsage, OrgUsage, ResourceGroupUsage);
