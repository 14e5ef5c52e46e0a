//! Irregular invoices: headers that differ from their lines, additional lines, and changes after the closing.

use std::time::Duration;

use super::directory::{Directory, InvoiceKey, Sums};
use super::extra::{Extra, ExtraKind};
use super::header::{Header, POSTED_AFTER, Status};
use crate::estate::calendar::{DAY, Month};
use crate::rng::Rng;

/// Invoices of less than a dollar are regular, so that no amount here is more than the subtotal.
const LEAST: i64 = 100;

/// What is irregular about a header. Each organization has these in turn, month by month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    None,
    Differs,
    Credits,
    CreditsShort,
    Tax,
    PartPayment,
    Refund,
    ConfirmedAdjustment,
    Adjustment,
    Changes,
    NoSubtotal,
    NoCredits,
}

const TWISTS: [Twist; 12] = [
    Twist::None,
    Twist::Differs,
    Twist::Credits,
    Twist::CreditsShort,
    Twist::Tax,
    Twist::PartPayment,
    Twist::Refund,
    Twist::ConfirmedAdjustment,
    Twist::Adjustment,
    Twist::Changes,
    Twist::NoSubtotal,
    Twist::NoCredits,
];

/// The additional lines, of which an invoice has two that are half a turn apart.
const LINES: [ExtraKind; 12] = [
    ExtraKind::Late,
    ExtraKind::EqualDates,
    ExtraKind::ReversedDates,
    ExtraKind::Discounted,
    ExtraKind::OddTags,
    ExtraKind::NoTags,
    ExtraKind::UnknownFields,
    ExtraKind::MinimumCharge,
    ExtraKind::Support,
    ExtraKind::Voyage,
    ExtraKind::App,
    ExtraKind::NoProvider,
];

/// What is irregular about an invoice at a point in time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Odd {
    pub(super) twist: Twist,
    extras: [Option<Extra>; 3],
    /// The amount of the twist.
    pub(super) cents: i64,
    /// Whether the invoice has changed after it was closed.
    changed: bool,
    rng: Rng,
}

/// When an invoice changes after it was closed, in seconds since the epoch.
pub(super) fn changes_at(month: Month) -> u64 {
    month.end() + POSTED_AFTER + DAY
}

impl Directory {
    /// What is irregular about an invoice with these sums, if anything is.
    pub(super) fn odd(&self, key: InvoiceKey, sums: Sums, now: Duration) -> Option<Odd> {
        if !self.estate.irregular || sums.subtotal < LEAST {
            return None;
        }
        let (rng, of) = (self.month_rng(key, 20), self.rng_of(key.organization).at(20));
        let turn = |topic: u64| (of.at(topic).below(12) as usize + key.month.0 as usize) % 12;
        let line = turn(1);
        let mut odd = Odd {
            twist: TWISTS[turn(0)],
            extras: [None, Some(extra(rng.at(1), LINES[line])), Some(extra(rng.at(2), LINES[(line + 6) % 12]))],
            cents: rng.at(3).within(1, LEAST - 1),
            changed: now.as_secs() >= changes_at(key.month),
            rng,
        };
        odd.extras[0] = odd.twist_line();
        Some(odd)
    }
}

fn extra(rng: Rng, kind: ExtraKind) -> Extra {
    Extra { kind, cents: 7 * rng.within(10, 100) }
}

impl Odd {
    /// The line that goes with the header.
    fn twist_line(&self) -> Option<Extra> {
        let line = |kind, cents| Some(Extra { kind, cents });
        match self.twist {
            Twist::CreditsShort => line(ExtraKind::Credit, -self.cents),
            Twist::ConfirmedAdjustment | Twist::Adjustment => line(ExtraKind::Adjustment, -self.cents),
            Twist::Changes => line(ExtraKind::Changing, LEAST + self.change()),
            _ => None,
        }
    }

    /// How much the invoice has changed so far.
    fn change(&self) -> i64 {
        if self.twist == Twist::Changes && self.changed { self.cents } else { 0 }
    }

    /// The additional lines.
    pub(super) fn extras(&self) -> impl Iterator<Item = Extra> + use<> {
        self.extras.into_iter().flatten()
    }

    /// Whether lines say whose cloud they are on.
    pub(super) fn with_provider(&self) -> bool {
        self.extras().all(|extra| extra.kind != ExtraKind::NoProvider)
    }

    pub(super) fn has_unknown_fields(&self) -> bool {
        self.extras().any(|extra| extra.kind == ExtraKind::UnknownFields)
    }

    /// The sums with the additional lines.
    pub(super) fn sums(&self, mut sums: Sums) -> Sums {
        for Extra { kind, cents } in self.extras() {
            sums.lines += 1;
            match kind {
                ExtraKind::Credit => sums.credits -= cents,
                ExtraKind::Adjustment => sums.adjustments += cents,
                _ => sums.subtotal += cents,
            }
        }
        sums
    }

    /// What the header says about these sums, before tax.
    pub(super) fn header(&self, sums: Sums) -> Header {
        let of = |twist: Twist| if self.twist == twist { self.cents } else { 0 };
        let differs = if self.rng.at(4).one_in(2) { of(Twist::Differs) } else { -of(Twist::Differs) };
        let subtotal = sums.subtotal + differs;
        let credits = sums.credits + of(Twist::Credits) - of(Twist::CreditsShort);
        let due = subtotal - credits - of(Twist::Adjustment) - self.change();
        let signed = if self.rng.at(5).one_in(2) { -credits } else { credits };
        Header {
            subtotal: (self.twist != Twist::NoSubtotal).then_some(subtotal),
            credits: (self.twist != Twist::NoCredits).then_some(signed),
            billed: if matches!(self.twist, Twist::Adjustment | Twist::ConfirmedAdjustment) { due } else { subtotal },
            due,
        }
    }

    /// The tax if this is about it: 8.875 percent, at least a cent.
    pub(super) fn tax(&self, due: i64) -> Option<i64> {
        (self.twist == Twist::Tax).then(|| ((due * 8_875 + 50_000) / 100_000).max(1))
    }

    /// Whether tax is part of the amount billed.
    pub(super) fn bills_tax(&self) -> bool {
        matches!(self.twist, Twist::Adjustment | Twist::ConfirmedAdjustment)
    }

    /// The final status, if this is about payments.
    pub(super) fn outcome(&self) -> Option<Status> {
        match self.twist {
            Twist::PartPayment if self.leaves_open() => Some(Status::Invoiced),
            Twist::PartPayment | Twist::Refund | Twist::Changes => Some(Status::Paid),
            _ => None,
        }
    }

    fn leaves_open(&self) -> bool {
        self.rng.at(6).one_in(2)
    }

    pub(super) fn is_refunded(&self) -> bool {
        self.twist == Twist::Refund
    }

    /// What the first payment is of, if it is of a part.
    pub(super) fn first_part(&self, amount: i64) -> Option<i64> {
        (self.twist == Twist::PartPayment).then_some(amount - amount / 3)
    }

    /// The amount paid of an amount due.
    pub(super) fn paid(&self, amount: i64) -> i64 {
        self.first_part(amount).filter(|_| self.leaves_open()).unwrap_or(amount)
    }

    /// When the invoice was changed, if it was.
    pub(super) fn changed_at(&self, month: Month) -> Option<u64> {
        (self.twist == Twist::Changes && self.changed).then(|| changes_at(month))
    }
}
