//! The header of an invoice: its status and what it asks for.

use super::directory::Sums;

/// How long after its day usage is on the invoice, in seconds.
pub(super) const POSTED_AFTER: u64 = 4 * 3_600;

/// The status of an invoice, as Atlas names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    Closed,
    Forgiven,
    Failed,
    Paid,
    Free,
    Prepaid,
    Invoiced,
}

impl Status {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Closed => "CLOSED",
            Self::Forgiven => "FORGIVEN",
            Self::Failed => "FAILED",
            Self::Paid => "PAID",
            Self::Free => "FREE",
            Self::Prepaid => "PREPAID",
            Self::Invoiced => "INVOICED",
        }
    }

    /// Whether the amount due was paid.
    pub(super) const fn is_settled(self) -> bool {
        matches!(self, Self::Paid | Self::Prepaid)
    }

    /// Whether there is a payment.
    pub(super) const fn is_charged(self) -> bool {
        !matches!(self, Self::Pending | Self::Closed | Self::Free)
    }
}

/// What the header of an invoice says, in cents. A field that is None is not there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) subtotal: Option<i64>,
    pub(super) credits: Option<i64>,
    pub(super) billed: i64,
    /// The amount due, without tax.
    pub(super) due: i64,
}

impl Header {
    pub(super) const fn of(sums: Sums) -> Self {
        Self {
            subtotal: Some(sums.subtotal),
            credits: Some(sums.credits),
            billed: sums.subtotal,
            due: sums.subtotal - sums.credits,
        }
    }
}
