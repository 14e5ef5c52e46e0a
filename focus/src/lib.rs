//! The cost model: bills of MongoDB Atlas and IBM Cloud as rows of FOCUS, which add up to the bill.
//!
//! [FOCUS](https://focus.finops.org) is the FinOps Foundation's format of cost data. Both vendors export it, and neither export
//! adds up to what is to be paid. The rows of this crate do, in exact decimals: an amount that the bill states and its items do not
//! explain becomes a row of its own, with the reason.
//!
//! It does no I/O: responses of the APIs go in as texts, rows come out one by one.
//!
//! | module | topic |
//! |---|---|
//! | [`mod@column`] | the description of a column |
//! | [`value`] | values of columns |
//! | [`source`] | records with the fields that their types do not know |
//! | [`atlas`], [`ibm`] | bills of a service as rows |
//! | [`mod@metadata`] | the metadata of FOCUS beside a file |
//! | [`reconcile`] | whether the rows add up to the bill |
//! | [`check`] | rows against the rules of FOCUS |
//! | `xlsx` | rows as a workbook of Excel, behind the feature of this name |
//! | [`vendor`] | the vendors' own exports, read as rows and compared |
//! | [`mod@format`] | rows as CSV and lines of JSON, by the rules of FOCUS |
//!
//! The columns are data, in `columns.yaml`; [`Row`], [`Column`] and [`Version`] are generated from it.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod atlas;
pub mod check;
pub mod column;
pub mod format;

#[rustfmt::skip]
mod generated;
pub mod ibm;
pub mod metadata;
pub mod reconcile;
pub mod source;
pub mod value;
pub mod vendor;
#[cfg(feature = "xlsx")]
pub mod xlsx;

pub use generated::*;

/// Whether a row may have values that are derived from what the vendor states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Only what the vendor states: no ids of prices, and so no unit prices and quantities in FOCUS's own columns.
    #[default]
    Strict,
    /// Ids of prices are put together from SKU, unit and price, marked as such. Where price times quantity is the cost, FOCUS's
    /// columns have both.
    Derived,
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
