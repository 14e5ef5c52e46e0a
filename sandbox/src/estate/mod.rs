//! A synthetic estate: the records of both services for customers that do not exist.
//!
//! No record is stored. Each is computed from the seed and its position, so an estate of a million records takes as little
//! memory as one of ten, and two sandboxes with the same seed have the same records.

mod atlas;
mod cache;
mod calendar;
mod config;
mod format;
mod ibm;
mod irregular;
mod ledger;
mod stream;

pub(crate) use atlas::Atlas;
pub use atlas::AtlasInvoice;
pub use config::Estate;
pub use ibm::IbmMonth;
pub use irregular::Irregularity;
pub(crate) use ledger::Estates;
pub use ledger::{Ledger, Records};
