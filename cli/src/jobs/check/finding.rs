//! What came of comparing two numbers.

use cloud_billing_core::Decimal;
use cloud_billing_focus::reconcile::{Check, FREE_TIER_OR_ROUNDING, Reconciliation, Status};

/// Why the figures of a month that is not over differ.
pub(super) const LATER: &str = "the month is not over, and its figures are not updated at once";

/// Where no row can say why the items are not the bill.
const UNEXPLAINED: &str = "nothing in the bill says why";

/// What a vendor's free allowances and its arithmetic explain.
const EXPLAINED: [(&str, &str); 1] =
    [(FREE_TIER_OR_ROUNDING, "free allowances apply to the account as a whole, and the service rounds")];

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Agrees,
    /// They differ for a reason that is no mistake.
    Explained(String),
    /// They differ, and something else decides whether that is a mistake.
    Noted,
    /// They differ, for a reason if one is known.
    Differs(String),
    /// A number is missing.
    Unknown,
    /// It is over the limit.
    Over,
}

impl Verdict {
    /// The verdict in a word, and its reason.
    pub(super) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Agrees => ("agrees", ""),
            Self::Explained(reason) => ("explained", reason),
            Self::Noted => ("noted", ""),
            Self::Differs(reason) => ("differs", reason),
            Self::Unknown => ("unknown", "an amount is missing"),
            Self::Over => ("over", ""),
        }
    }
}

/// Two numbers that should be the same.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) what: &'static str,
    pub(super) stated: Option<Decimal>,
    pub(super) computed: Option<Decimal>,
    pub(super) verdict: Verdict,
    pub(super) currency: String,
}

impl Finding {
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.verdict, Verdict::Differs(_) | Verdict::Over)
    }
}

/// Whether the items of a bill add up to it, and the comparisons behind that.
pub(super) fn of_bill<'r>(
    bill: &Reconciliation,
    reasons: impl Iterator<Item = &'r str>,
    is_open: bool,
) -> impl Iterator<Item = Finding> {
    let computed = bill.expected.as_ref().zip(bill.residue.as_ref()).map(|(expected, residue)| expected - residue);
    let whole = Finding {
        what: "bill and items",
        stated: bill.expected.clone(),
        computed,
        verdict: verdict(bill.status, reasons, is_open),
        currency: bill.currency.clone(),
    };
    let parts = bill.checks.iter().map(|check| of_check(check, &bill.currency));
    std::iter::once(whole).chain(parts.collect::<Vec<_>>())
}

fn verdict<'r>(status: Status, reasons: impl Iterator<Item = &'r str>, is_open: bool) -> Verdict {
    let mut reasons: Vec<&str> = reasons.collect();
    reasons.sort_unstable();
    reasons.dedup();
    let explained = |reason: &&str| EXPLAINED.iter().find(|(name, _)| name == reason).map(|(_, text)| *text);
    match status {
        Status::Exact => Verdict::Agrees,
        Status::Unknown if reasons.iter().all(|it| explained(it).is_some()) => Verdict::Unknown,
        Status::Residue if reasons.iter().all(|it| explained(it).is_some()) => {
            Verdict::Explained(reasons.iter().filter_map(explained).collect::<Vec<_>>().join(", "))
        }
        _ if is_open => Verdict::Explained(LATER.to_owned()),
        _ if reasons.is_empty() => Verdict::Differs(UNEXPLAINED.to_owned()),
        _ => Verdict::Differs(reasons.join(", ")),
    }
}

fn of_check(check: &Check, currency: &str) -> Finding {
    let verdict = match check.reason {
        _ if check.agrees() => Verdict::Agrees,
        _ if check.stated.is_none() || check.computed.is_none() => Verdict::Unknown,
        Some(reason) => Verdict::Explained(reason.to_owned()),
        None => Verdict::Noted,
    };
    let (stated, computed) = (check.stated.clone(), check.computed.clone());
    Finding { what: check.name, stated, computed, verdict, currency: currency.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_fails_unless_it_is_explained() {
        let of = |status, reasons: &[&str], is_open| verdict(status, reasons.iter().copied(), is_open);
        assert_eq!(of(Status::Exact, &[], false), Verdict::Agrees);
        assert_eq!(of(Status::Unknown, &[], false), Verdict::Unknown);
        assert_eq!(of(Status::Unknown, &["free-tier-or-rounding"], false), Verdict::Unknown);
        assert_eq!(of(Status::Unknown, &["cost-missing"], false), Verdict::Differs("cost-missing".to_owned()));
        assert_eq!(of(Status::Unexplained, &[], false), Verdict::Differs(UNEXPLAINED.to_owned()));
        assert_eq!(of(Status::Unexplained, &[], true), Verdict::Explained(LATER.to_owned()));
        assert_eq!(of(Status::Residue, &["header-differs"], false), Verdict::Differs("header-differs".to_owned()));
        assert!(matches!(of(Status::Residue, &["free-tier-or-rounding"], false), Verdict::Explained(_)));
        let both = ["free-tier-or-rounding", "cost-missing"];
        assert_eq!(
            of(Status::Residue, &both, false),
            Verdict::Differs("cost-missing, free-tier-or-rounding".to_owned())
        );
    }
}
