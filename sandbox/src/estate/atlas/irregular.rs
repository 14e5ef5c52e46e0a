//! Irregular invoices: headers that differ from their lines, additional lines, and changes after the closing.

use std::time::{Duration, UNIX_EPOCH};

use super::directory::{Directory, InvoiceKey, Sums};
use super::extra::{Extra, ExtraKind};
use super::invoice::{Header, Invoice, POSTED_AFTER, Status};
use crate::estate::calendar::{DAY, Month};
use crate::estate::irregular::Irregularity;
use crate::rng::Rng;

/// Invoices of less than a dollar are regular, so that no amount here is more than the subtotal.
const LEAST: i64 = 100;

/// What is irregular about a header. Each organization has these in turn, month by month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Twist {
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
    twist: Twist,
    extras: [Option<Extra>; 3],
    /// The amount of the twist.
    cents: i64,
    /// Whether the invoice has changed after it was closed.
    changed: bool,
    rng: Rng,
}

/// When an invoice changes after it was closed, in seconds since the epoch.
fn changes_at(month: Month) -> u64 {
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

impl Invoice {
    /// What the header asks for less what the lines, the tax and the credits of the header alone add up to. None if the header
    /// lacks a field.
    pub(super) fn difference(&self) -> Option<i64> {
        let (subtotal, credits) = (self.header.subtotal?, self.header.credits?.abs());
        let Sums { subtotal: charges, credits: in_lines, adjustments, .. } = self.sums;
        let rows = charges - in_lines + adjustments + self.tax - (credits - in_lines).max(0);
        Some(subtotal - credits + self.tax - rows)
    }

    pub(super) fn irregularities(&self) -> Vec<Irregularity> {
        let Some(odd) = self.odd else { return Vec::new() };
        let twist = self.twist(&odd);
        let repeated = self.header.credits.map_or(0, |credits| credits.abs().min(self.sums.credits));
        let credits = (repeated > 0).then_some(Irregularity::CreditLines { cents: repeated });
        let negative = self.header.credits.is_some_and(|credits| credits < 0).then_some(Irregularity::NegativeCredits);
        let tax = (self.tax > 0).then_some(Irregularity::SalesTax { cents: self.tax });
        let refund = self.refund.map(|cents| Irregularity::Refund { cents });
        let lines = odd.extras().filter_map(Extra::irregularity);
        [twist, credits, negative, tax, refund].into_iter().flatten().chain(lines).collect()
    }

    /// What the header has that is not seen elsewhere.
    fn twist(&self, odd: &Odd) -> Option<Irregularity> {
        let cents = odd.cents;
        let is_closed = self.status != Status::Pending;
        match odd.twist {
            Twist::Differs => Some(Irregularity::HeaderDiffers {
                cents: self.header.subtotal.unwrap_or_default() - self.sums.subtotal,
            }),
            Twist::Credits => Some(Irregularity::HeaderCredits { cents }),
            Twist::CreditsShort => Some(Irregularity::CreditsShort { cents }),
            Twist::PartPayment => (self.paid > 0)
                .then_some(Irregularity::PartPayment { open_cents: self.header.due + self.tax - self.paid }),
            Twist::ConfirmedAdjustment => Some(Irregularity::Adjustment { cents: -cents, confirmed: true }),
            Twist::Adjustment => Some(Irregularity::Adjustment { cents: -cents, confirmed: false }),
            Twist::Changes => is_closed.then(|| {
                let at = UNIX_EPOCH + Duration::from_secs(changes_at(self.key.month));
                Irregularity::ChangesAfterClosing { at, cents }
            }),
            Twist::NoSubtotal => Some(Irregularity::NoSubtotal),
            Twist::NoCredits => Some(Irregularity::NoCredits),
            // Taxes and refunds are seen in the invoice.
            Twist::None | Twist::Tax | Twist::Refund => None,
        }
    }
}

impl Extra {
    fn irregularity(self) -> Option<Irregularity> {
        let cents = self.cents;
        match self.kind {
            // These go with the header.
            ExtraKind::Credit | ExtraKind::Adjustment | ExtraKind::Changing => None,
            ExtraKind::Late => Some(Irregularity::LateLine { cents }),
            ExtraKind::EqualDates => Some(Irregularity::EqualDates { cents }),
            ExtraKind::ReversedDates => Some(Irregularity::ReversedDates { cents }),
            ExtraKind::Discounted => Some(Irregularity::Discount { cents: self.discount() }),
            ExtraKind::OddTags => Some(Irregularity::OddTags),
            ExtraKind::NoTags => Some(Irregularity::NoTags),
            ExtraKind::UnknownFields => Some(Irregularity::UnknownFields),
            ExtraKind::MinimumCharge => Some(Irregularity::MinimumCharge { cents }),
            ExtraKind::Support => Some(Irregularity::Support { cents }),
            ExtraKind::Voyage => Some(Irregularity::Voyage { cents }),
            ExtraKind::App => Some(Irregularity::AppServices { cents }),
            ExtraKind::NoProvider => Some(Irregularity::NoCloudProvider),
        }
    }
}
