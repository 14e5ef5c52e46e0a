//! The tables of a lake.

use cloud_billing_focus::Version;
use cloud_billing_focus::column::Form::{self, Currency, Decimal, Json, Text, Time};

use crate::parquet::{self, Field};

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Table {
    /// Charges: rows of FOCUS.
    CostAndUsage,
    /// Headers of invoices.
    Invoices,
    /// Payments of invoices.
    Payments,
    /// Refunds of payments.
    Refunds,
    /// Prepaid balances, term by term; and what they did not cover, in a record without a subscription.
    Subscriptions,
    /// Whether the rows add up to the bill.
    Reconciliation,
}

const INVOICES: &[(&str, Form)] = &[
    ("BillingAccountId", Text),
    ("BillingAccountName", Text),
    ("InvoiceId", Text),
    ("Status", Text),
    ("BillingCurrency", Currency),
    ("BillingPeriodStart", Time),
    ("BillingPeriodEnd", Time),
    ("Created", Time),
    ("Updated", Time),
    ("Subtotal", Decimal),
    ("Credits", Decimal),
    ("SalesTax", Decimal),
    ("StartingBalance", Decimal),
    ("AmountBilled", Decimal),
    ("AmountPaid", Decimal),
];

const PAYMENTS: &[(&str, Form)] = &[
    ("BillingAccountId", Text),
    ("InvoiceId", Text),
    ("PaymentId", Text),
    ("Status", Text),
    ("Created", Time),
    ("Updated", Time),
    ("BillingCurrency", Currency),
    ("Subtotal", Decimal),
    ("SalesTax", Decimal),
    ("AmountBilled", Decimal),
    ("AmountPaid", Decimal),
    ("PaymentCurrency", Currency),
    ("UnitPrice", Text),
];

const REFUNDS: &[(&str, Form)] = &[
    ("BillingAccountId", Text),
    ("InvoiceId", Text),
    ("PaymentId", Text),
    ("Created", Time),
    ("BillingCurrency", Currency),
    ("Amount", Decimal),
    ("Reason", Text),
];

const SUBSCRIPTIONS: &[(&str, Form)] = &[
    ("BillingAccountId", Text),
    ("SubscriptionId", Text),
    ("ChargeAgreementNumber", Text),
    ("Type", Text),
    ("BillingCurrency", Currency),
    ("SubscriptionAmount", Decimal),
    ("Start", Time),
    ("End", Time),
    ("CreditsTotal", Decimal),
    ("TermStart", Time),
    ("TermEnd", Time),
    ("TermCredits", Decimal),
    ("TermCreditsStart", Decimal),
    ("TermCreditsUsed", Decimal),
    ("TermCreditsBalance", Decimal),
    ("Overage", Decimal),
];

const RECONCILIATION: &[(&str, Form)] = &[
    ("BillingAccountId", Text),
    ("InvoiceId", Text),
    ("BillingCurrency", Currency),
    ("Expected", Decimal),
    ("RowsTotal", Decimal),
    ("Residue", Decimal),
    ("Status", Text),
    ("Rows", Decimal),
    ("Checks", Json),
];

impl Table {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::CostAndUsage, Self::Invoices, Self::Payments, Self::Refunds, Self::Subscriptions, Self::Reconciliation];

    /// Its name in SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CostAndUsage => "focus",
            Self::Invoices => "invoices",
            Self::Payments => "payments",
            Self::Refunds => "refunds",
            Self::Subscriptions => "subscriptions",
            Self::Reconciliation => "reconciliation",
        }
    }

    /// The folder that its partitions are in.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::CostAndUsage => "focus/focus_version=1.4/dataset=cost_and_usage",
            Self::Invoices => "tables/invoices",
            Self::Payments => "tables/payments",
            Self::Refunds => "tables/refunds",
            Self::Subscriptions => "tables/subscriptions",
            Self::Reconciliation => "tables/reconciliation",
        }
    }

    /// Its columns, without [`EXACT`](parquet::EXACT), which each file has besides.
    #[must_use]
    pub fn fields(self) -> Vec<Field> {
        let columns = match self {
            Self::CostAndUsage => return parquet::fields(Version::NEWEST),
            Self::Invoices => INVOICES,
            Self::Payments => PAYMENTS,
            Self::Refunds => REFUNDS,
            Self::Subscriptions => SUBSCRIPTIONS,
            Self::Reconciliation => RECONCILIATION,
        };
        columns.iter().map(|(name, form)| Field::new(name, *form)).collect()
    }
}
