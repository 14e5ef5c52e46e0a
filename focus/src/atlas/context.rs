//! What the rows of an invoice have in common.

use std::borrow::Cow;
use std::fmt;

use atlas_billing::types::{BillingInvoice, BillingPayment};
use cloud_billing_core::{Decimal, Lenient, Timestamp};

use super::{Invoice, Options};
use crate::{ChargeCategory, Row};

/// Cents are US dollars' by the documentation of the API.
pub(super) const CURRENCY: &str = "USD";

/// Who runs Atlas.
pub(super) const MONGODB: &str = "MongoDB";

/// Where it cannot be said on whose cloud something runs.
pub(super) const NO_HOST: &str = "Not Applicable";

/// An invoice lacks what no row can do without. `Display` says what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteInvoice(&'static str);

impl fmt::Display for IncompleteInvoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, so it cannot be rows; expected one invoice as getInvoice has it", self.0)
    }
}

impl std::error::Error for IncompleteInvoice {}

/// What the rows of an invoice have in common.
#[derive(Debug)]
pub(super) struct Context<'i> {
    pub(super) header: &'i BillingInvoice,
    pub(super) options: &'i Options,
    pub(super) account: &'i str,
    pub(super) invoice: &'i str,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    payment_currency: Option<&'i str>,
    payment_unit_price: Option<Decimal>,
}

impl<'i> Context<'i> {
    pub(super) fn new(invoice: &'i Invoice<'_>, options: &'i Options) -> Result<Self, IncompleteInvoice> {
        let header = invoice.header();
        let account = given(header.org_id.as_deref()).ok_or(IncompleteInvoice("the invoice has no `orgId`"))?;
        let id = given(header.id.as_deref()).ok_or(IncompleteInvoice("the invoice has no `id`"))?;
        let start = time(&header.start_date).ok_or(IncompleteInvoice("the invoice has no time `startDate`"))?;
        let end = time(&header.end_date).ok_or(IncompleteInvoice("the invoice has no time `endDate`"))?;
        if start >= end {
            return Err(IncompleteInvoice("the `startDate` of the invoice is not before its `endDate`"));
        }
        let (payment_currency, payment_unit_price) = payment_currency(&header.payments);
        Ok(Self { header, options, account, invoice: id, start, end, payment_currency, payment_unit_price })
    }

    /// Whether a row says that it is of this invoice.
    pub(super) fn is_ours(&self, row: &Row<'_>) -> bool {
        row.billing_currency.as_deref() == Some(CURRENCY)
            && row.billing_account_id.as_deref() == Some(self.account)
            && row.invoice_id.as_deref() == Some(self.invoice)
    }

    /// A row of the invoice with a cost in cents. Nothing is said about the service and the SKU.
    pub(super) fn row(&self, category: ChargeCategory, cost: Option<Decimal>) -> Row<'i> {
        let header = self.header;
        Row {
            billed_cost: cost.clone(),
            billing_account_id: borrowed(self.account),
            billing_account_name: self.options.organization_name.as_deref().and_then(borrowed),
            billing_account_type: borrowed("Organization"),
            billing_currency: borrowed(CURRENCY),
            billing_period_start: Some(self.start),
            billing_period_end: Some(self.end),
            charge_category: Some(category),
            charge_period_start: Some(self.start),
            charge_period_end: Some(self.end),
            contracted_cost: cost.clone(),
            effective_cost: cost.clone(),
            invoice_id: borrowed(self.invoice),
            invoice_issuer_name: borrowed(&self.options.issuer),
            list_cost: cost.clone(),
            pricing_currency: borrowed(CURRENCY),
            pricing_currency_effective_cost: cost,
            service_provider_name: borrowed(MONGODB),
            x_invoice_created: time(&header.created),
            x_invoice_status: header.status_name.as_ref().and_then(|status| borrowed(status.as_str())),
            x_invoice_updated: time(&header.updated),
            x_payment_currency: self.payment_currency.and_then(borrowed),
            x_payment_unit_price: self.payment_unit_price.clone(),
            x_service: borrowed("atlas"),
            ..Row::default()
        }
    }
}

/// The currency of all payments, and their rate, if it is one other than US dollars.
fn payment_currency(payments: &[BillingPayment]) -> (Option<&str>, Option<Decimal>) {
    let same = |field: fn(&BillingPayment) -> Option<&str>| {
        let first = given(field(payments.first()?))?;
        payments.iter().all(|payment| field(payment) == Some(first)).then_some(first)
    };
    let Some(currency) = same(|payment| payment.currency.as_deref()).filter(|currency| *currency != CURRENCY) else {
        return (None, None);
    };
    (Some(currency), same(|payment| payment.unit_price.as_deref()).and_then(|price| price.parse().ok()))
}

/// A text that is not empty. An empty one says nothing, and CSV cannot tell it from none.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn borrowed(text: &str) -> Option<Cow<'_, str>> {
    given(Some(text)).map(Cow::Borrowed)
}

pub(super) fn time(time: &Lenient<Timestamp>) -> Option<Timestamp> {
    time.known().copied()
}
