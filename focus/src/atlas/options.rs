//! How invoices become rows.

use std::collections::BTreeMap;

use crate::Mode;

/// How invoices of an organization become rows.
///
/// ```
/// use cloud_billing_focus::atlas::Options;
///
/// let options = Options::new().organization_name("Example").issuer("AWS");
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    pub(super) mode: Mode,
    pub(super) organization_name: Option<String>,
    pub(super) issuer: String,
    pub(super) line_ids: bool,
    pub(super) refunds: bool,
    pub(super) list_cost_includes_discount: bool,
    pub(super) descriptions: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            organization_name: None,
            issuer: "MongoDB".to_owned(),
            line_ids: true,
            refunds: false,
            list_cost_includes_discount: false,
            descriptions: BTreeMap::new(),
        }
    }
}

impl Options {
    /// The defaults: only what the vendor states, MongoDB as the issuer, no rows of refunds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How much of a row is put together from what the vendor states only in part.
    #[must_use]
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The name of the organization, from `listOrgs`. Invoices do not have it.
    #[must_use]
    pub fn organization_name(mut self, name: impl Into<String>) -> Self {
        self.organization_name = Some(name.into());
        self
    }

    /// Who sends the bill: the operator of the marketplace where Atlas was bought, or `MongoDB`. Invoices do not say it.
    #[must_use]
    pub fn issuer(mut self, name: impl Into<String>) -> Self {
        self.issuer = name.into();
        self
    }

    /// Whether rows of lines have an `x_LineId`; they do by default. It is half of a SHA-256 of the line, which takes longer than all else
    /// of a row, and needs the 9 to 18 bytes of memory for each line.
    #[must_use]
    pub const fn line_ids(mut self, yes: bool) -> Self {
        self.line_ids = yes;
        self
    }

    /// Whether refunds become rows. They are corrections without an invoice and count in no sum.
    #[must_use]
    pub const fn refunds(mut self, yes: bool) -> Self {
        self.refunds = yes;
        self
    }

    /// Whether `ListCost` is the price plus `discountCents`. The vendor does not say whether a price has its discount taken off;
    /// who knows it of a bill can say so here.
    #[must_use]
    pub const fn list_cost_includes_discount(mut self, yes: bool) -> Self {
        self.list_cost_includes_discount = yes;
        self
    }

    /// What SKUs are in words, from `listSkus`: ids and descriptions. `ChargeDescription` has them in place of the ids.
    #[must_use]
    pub fn descriptions<I: Into<String>, D: Into<String>>(mut self, skus: impl IntoIterator<Item = (I, D)>) -> Self {
        self.descriptions = skus.into_iter().map(|(id, description)| (id.into(), description.into())).collect();
        self
    }
}
