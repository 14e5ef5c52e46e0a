//! What is irregular about a bill of an irregular estate.

use std::time::SystemTime;

/// What is irregular about an invoice or the month of an account, for [`Estate::irregular`](crate::Estate::irregular). Amounts
/// are cents for Atlas. A bill may have several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Irregularity {
    /// Atlas: `subtotalCents` is so much more than the positive lines, and nothing says why.
    HeaderDiffers {
        /// Negative if it is less.
        cents: i64,
    },
    /// Atlas: lines of the SKU `CREDIT`, which `creditsCents` repeats.
    CreditLines {
        /// How much is both in the lines and in the header, as a positive number.
        cents: i64,
    },
    /// Atlas: `creditsCents` is so much more than the credits among the lines.
    HeaderCredits {
        /// A positive number.
        cents: i64,
    },
    /// Atlas: `creditsCents` is so much less than the credits among the lines.
    CreditsShort {
        /// A positive number.
        cents: i64,
    },
    /// Atlas: `creditsCents` is a negative number. It means the same as a positive one.
    NegativeCredits,
    /// Atlas: there is sales tax. Other estates have it too.
    SalesTax {
        /// The tax.
        cents: i64,
    },
    /// Atlas: a part of a payment was refunded. Other estates have it too.
    Refund {
        /// A positive number.
        cents: i64,
    },
    /// Atlas: the first payment is of a part.
    PartPayment {
        /// What is not yet paid: zero if a second payment is of the rest.
        open_cents: i64,
    },
    /// Atlas: a negative line that is no credit. `subtotalCents` is the sum of the positive lines only.
    Adjustment {
        /// A negative number.
        cents: i64,
        /// Whether `amountBilledCents` and the payments confirm the subtotal less credits, plus tax. If not, they are lower by
        /// the adjustment.
        confirmed: bool,
    },
    /// Atlas: a line and the header of the closed invoice change at an instant, and so does `updated`. It is in the ledger from
    /// the closing on.
    ChangesAfterClosing {
        /// From then on, the amounts are others.
        at: SystemTime,
        /// What is added to the line and the subtotal.
        cents: i64,
    },
    /// Atlas: there is no `subtotalCents`.
    NoSubtotal,
    /// Atlas: there is no `creditsCents`.
    NoCredits,
    /// Atlas: a line's days of use are in an earlier month.
    LateLine,
    /// Atlas: a line ends when it starts.
    EqualDates,
    /// Atlas: a line ends before it starts.
    ReversedDates,
    /// A discount that is not a whole percentage. Atlas: on a line.
    Discount {
        /// What it takes off. The line's total is net of it.
        cents: i64,
    },
    /// A tag with several values, and one with none.
    OddTags,
    /// Atlas: a line without `tags`.
    NoTags,
    /// Fields that the spec does not have, with an object as their value. Atlas: `billingSource` in the header and in a line.
    UnknownFields,
    /// Atlas: a line of the SKU `MINIMUM_CHARGE`, without project and cluster.
    MinimumCharge,
    /// Atlas: a line of the SKU `ATLAS_SUPPORT`, without project and cluster.
    Support,
    /// Atlas: a line of a SKU of `VOYAGE_*`, with a project and without a cluster.
    Voyage,
    /// Atlas: a line of App Services, with `stitchAppName` and without a cluster.
    AppServices,
    /// Atlas: an older bill, whose lines have no `cloudProvider`.
    NoCloudProvider,
}
