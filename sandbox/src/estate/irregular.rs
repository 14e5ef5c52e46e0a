//! What is irregular about a bill of an irregular estate.

use std::time::SystemTime;

/// What is irregular about an invoice or the month of an account, for [`Estate::irregular`](crate::Estate::irregular). Amounts
/// are cents for Atlas, and millionths of the currency for IBM. A bill may have several.
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
    LateLine {
        /// The line's total.
        cents: i64,
    },
    /// Atlas: a line ends when it starts.
    EqualDates {
        /// The line's total.
        cents: i64,
    },
    /// Atlas: a line ends before it starts.
    ReversedDates {
        /// The line's total.
        cents: i64,
    },
    /// Atlas: a line with a discount that is not a whole percentage.
    Discount {
        /// What it takes off. The line's total is net of it.
        cents: i64,
    },
    /// Tags with several values. Atlas: on a line, beside a key without values. IBM: on records, beside one without a colon and one
    /// with two, and service tags.
    OddTags,
    /// Atlas: a line without `tags`.
    NoTags,
    /// Fields that the spec does not have, with an object as their value. Atlas: `billingSource` in the
    /// header and in a line. IBM: `billing_source` in records and their metrics.
    UnknownFields,
    /// Atlas: a line of the SKU `MINIMUM_CHARGE`, without project and cluster.
    MinimumCharge {
        /// The line's total.
        cents: i64,
    },
    /// Atlas: a line of the SKU `ATLAS_SUPPORT`, without project and cluster.
    Support {
        /// The line's total.
        cents: i64,
    },
    /// Atlas: a line of a SKU of `VOYAGE_*`, with a project and without a cluster.
    Voyage {
        /// The line's total.
        cents: i64,
    },
    /// Atlas: a line of App Services, with `stitchAppName` and without a cluster.
    AppServices {
        /// The line's total.
        cents: i64,
    },
    /// Atlas: an older bill, whose lines have no `cloudProvider`.
    NoCloudProvider,
    /// IBM: an allowance is taken off the usage of the account, and not off that of its instances.
    FreeTier {
        /// The resource.
        resource_id: String,
        /// What the records of its instances are above the account, as a positive number.
        micros: i64,
    },
    /// IBM: the listings lack the record of an instance that the account pays for.
    MissingRecord {
        /// The resource.
        resource_id: String,
        /// The cost of the instance.
        micros: i64,
    },
    /// IBM: `resources.billable_cost` of the summary is a cent off the usage of the account.
    SummaryDiffers {
        /// Negative if it is less.
        micros: i64,
    },
    /// IBM: records with `billable` false and a cost. Other estates have them too.
    NotBillable {
        /// The cost.
        micros: i64,
    },
    /// IBM: metrics of records with `non_chargeable` and a cost.
    Informational {
        /// The cost.
        micros: i64,
    },
    /// IBM: records that are pending.
    Pending,
    /// IBM: the account is billed in another currency than the US dollar. `currency_rate` is not one.
    OtherCurrency {
        /// Of ISO 4217.
        code: &'static str,
    },
    /// IBM: records whose metrics have two discounts, and a `rated_cost` of twice the cost. Reports of the account have neither.
    SeveralDiscounts,
    /// IBM: records whose metrics have no `rated_cost`.
    NoRatedCost,
    /// IBM: records of Cloud Foundry, with an organization and a space, and without a resource group.
    CloudFoundry,
    /// IBM: records whose region begins with `satellite`.
    Satellite,
    /// IBM: the summary has a second support plan, with overage, and two offers.
    SupportOverage {
        /// The overage.
        micros: i64,
    },
    /// IBM: credits of offers pay for a part. Other estates have them too.
    OfferCredits {
        /// What they pay, as a positive number.
        micros: i64,
    },
}
