//! The Cost Explorer against the lines of the invoices.

use atlas_billing::Client;
use atlas_billing::types::OrganizationId;
use cloud_billing_core::{BillingMonth, Decimal, Error};

use super::finding::{Finding, LATER, Verdict};
use crate::jobs::atlas::{self, CURRENCY};

/// The comparison with what the lines come to.
pub(super) async fn finding(
    client: &Client,
    organization: &OrganizationId,
    month: BillingMonth,
    lines: Option<&Decimal>,
    is_open: bool,
) -> Result<Finding, Error> {
    let explorer: Decimal = atlas::services(client, organization, month, month).await?.values().sum();
    let verdict = match lines {
        None => Verdict::Unknown,
        Some(lines) => verdict(&(&explorer - lines), is_open),
    };
    let currency = CURRENCY.to_owned();
    let (stated, computed) = (lines.cloned(), Some(explorer));
    Ok(Finding { what: "lines and Cost Explorer", stated, computed, verdict, currency })
}

fn verdict(difference: &Decimal, is_open: bool) -> Verdict {
    match () {
        () if difference.is_zero() => Verdict::Agrees,
        () if difference.abs() < Decimal::from_cents(1) => {
            Verdict::Explained("the service computes in floating point".to_owned())
        }
        () if is_open => Verdict::Explained(LATER.to_owned()),
        () => Verdict::Differs(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_a_cent_is_floating_point() {
        let of = |difference: &str, is_open| verdict(&difference.parse().unwrap(), is_open);
        assert_eq!(of("0.00", false), Verdict::Agrees);
        assert!(matches!(of("-0.009999", false), Verdict::Explained(_)));
        assert_eq!(of("0.01", false), Verdict::Differs(String::new()));
        assert_eq!(of("0.01", true), Verdict::Explained(LATER.to_owned()));
    }
}
