//! Exact sums of usage reports, and which number is the bill.
//!
//! | question | field or method |
//! |---|---|
//! | what is to be paid for a month of an account, before tax | [`AccountSummary::payable_total`]: billable resources, support and its overage, less the credits of offers |
//! | what the account is charged, before credits and tax | [`AccountSummary::charges_total`]: billable resources and support |
//! | which part is for resources | `resources.billable_cost` of the summary, [`AccountUsage::billable_total`], the sum over its resources |
//! | which part can still change | [`AccountUsage::pending_total`] |
//! | what one instance is billed for | [`InstanceUsage::billable_cost`] |
//! | what one plan is billed for | [`Plan::billable_cost`] |
//! | which part credits paid | `used` of offers and subscription terms; no charge |
//! | which part credits did not pay | `subscription.overage`: a part of the billable charges, not added to them |
//!
//! * A cost that is not `billable` is on no bill. The cost of a metric that is `non_chargeable` is for information
//!   only.
//! * `cost` is after discounts, `rated_cost` before them.
//! * Instances can add up to more than their account, because free allowances are applied to the usage of the account.
//!   The report of the account is what is billed.
//! * Tax is in none of these responses.

use cloud_billing_core::{Decimal, Total};

use crate::types::{AccountSummary, AccountUsage, InstanceUsage, Metric, OrgUsage, Plan, ResourceGroupUsage};

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

            /// The part of [`billable_total`](Self::billable_total) that is still pending: charges of classic
            /// infrastructure. They are counted by plan.
            pub fn pending_total(&self) -> Total {
                let plans = self.resources.iter().flat_map(|resource| &resource.plans);
                plans.filter(|plan| plan.pending == Some(true)).map(Plan::billable_cost).collect()
            }
        }
    )*};
}

totals!(AccountUsage, OrgUsage, ResourceGroupUsage);

impl Metric {
    /// What the metric adds to the cost of its plan or instance: its cost, or zero if it is not chargeable. `None` if
    /// the cost is missing.
    pub fn charge(&self) -> Option<Decimal> {
        if self.non_chargeable == Some(true) { Some(Decimal::ZERO) } else { self.cost.clone() }
    }
}

/// The sum of what metrics add.
fn charges(metrics: &[Metric]) -> Total {
    metrics.iter().map(Metric::charge).collect()
}

impl Plan {
    /// What the customer is billed for the plan: its cost, or zero if it is not billable. `None` if the cost or
    /// `billable` is missing.
    pub fn billable_cost(&self) -> Option<Decimal> {
        if self.billable? { self.cost.clone() } else { Some(Decimal::ZERO) }
    }

    /// The sum of what the metrics add to the plan's cost. It may differ from `cost` in the last digits, which the service
    /// computes in floating point.
    pub fn metrics_total(&self) -> Total {
        charges(&self.usage)
    }
}

impl InstanceUsage {
    /// What the account is billed for the instance, in `currency_code`: the sum of its chargeable metrics, and nothing
    /// if the instance is not billable. If `billable` is missing, each metric counts as missing.
    pub fn billable_cost(&self) -> Total {
        self.cost_if(true)
    }

    /// What the instance would cost if it were billable.
    pub fn non_billable_cost(&self) -> Total {
        self.cost_if(false)
    }

    fn cost_if(&self, billable: bool) -> Total {
        match self.billable {
            Some(own) if own == billable => charges(&self.usage),
            Some(_) => Total::default(),
            None => self.usage.iter().map(|_| None::<Decimal>).collect(),
        }
    }
}

impl AccountSummary {
    /// What is to be paid for the month, in `billing_currency_code`: the [charges](Self::charges_total) and the `overage` of
    /// support, less the credits of offers that were used. The rows of FOCUS and `cloudbill bill` have the same sum. It is
    /// before tax. Credits of subscriptions are not subtracted: the account paid for them in advance.
    pub fn payable_total(&self) -> Total {
        let mut total = self.charges_total();
        let overages = self.support.iter().filter_map(|support| support.overage.as_ref());
        overages.for_each(|overage| total.add(Some(overage)));
        for offer in &self.offers {
            let used = offer.credits.as_ref().and_then(|credits| credits.used.as_ref());
            total.add(used.map(|used| -used).as_ref());
        }
        total
    }

    /// What the account is charged for the month, in `billing_currency_code`: the billable cost of its resources, and
    /// the cost of support. Credits pay a part of it. Tax is not in it. `overage` of support is not added, since the
    /// vendor does not say whether `cost` includes it.
    pub fn charges_total(&self) -> Total {
        let resources = self.resources.as_ref().and_then(|resources| resources.billable_cost.as_ref());
        std::iter::once(resources).chain(self.support.iter().map(|support| support.cost.as_ref())).collect()
    }

    /// The credits that were used in the month, in `billing_currency_code`: of offers and of subscriptions.
    pub fn credits_used(&self) -> Total {
        let offers = self.offers.iter().map(|offer| offer.credits.as_ref().and_then(|credits| credits.used.as_ref()));
        let subscriptions = self.subscription.iter().flat_map(|subscription| &subscription.subscriptions);
        let terms = subscriptions.flat_map(|subscription| &subscription.terms);
        offers.chain(terms.map(|term| term.credits.as_ref().and_then(|credits| credits.used.as_ref()))).collect()
    }
}
