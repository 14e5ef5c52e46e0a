//! Invoices of MongoDB Atlas as rows.
//!
//! A row for each line, and rows for what only the header states: tax, credits without a line, and what is left between what is
//! to be paid and the rows. So the rows add up to the invoice to the cent, or [`End::reconciliation`] says that and why they do not.
//!
//! ```
//! use cloud_billing_focus::atlas::{Invoice, Mapper, Options};
//! use cloud_billing_focus::reconcile::Status;
//! use cloud_billing_focus::{Version, format::Format};
//!
//! // The body of getInvoice.
//! let text = r#"{
//!     "id": "65f0c0a1b2c3d4e5f6a7b8c9", "orgId": "4888442a3354817a7320eb61", "statusName": "PAID",
//!     "startDate": "2026-10-01T00:00:00Z", "endDate": "2026-11-01T00:00:00Z",
//!     "subtotalCents": 1296, "creditsCents": 0, "salesTaxCents": 104, "amountBilledCents": 1400,
//!     "lineItems": [{"sku": "ATLAS_AWS_INSTANCE_M10", "totalPriceCents": 1296}]
//! }"#;
//! let invoice = Invoice::read(text)?;
//! let options = Options::new().organization_name("Example");
//! let mut mapper = Mapper::new(&invoice, &options)?;
//! let format = Format::new(Version::NEWEST);
//! let mut file = format.csv_header();
//! for line in invoice.lines() {
//!     format.csv(&mapper.row(&line?), &mut file);
//! }
//! let end = mapper.finish();
//! for row in &end.rows {
//!     format.csv(row, &mut file);
//! }
//! assert_eq!(end.reconciliation.status, Status::Exact);
//! assert_eq!(end.reconciliation.rows_total.to_string(), "14.00");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An invoice may have a million lines. In memory are its text, one line, and 9 to 18 bytes for each line, out of which equal
//! lines get different ids.
//!
//! Invoices of linked organizations, which an invoice may contain, are skipped: they are bills of their own, to be fetched as
//! such. Payments and the starting balance are no charges, so no rows; [`Invoice::header`] has them.

mod context;
mod end;
mod invoice;
mod line_id;
mod mapper;
mod meters;
mod options;
mod price;
mod service;
mod sku;
mod sums;
#[cfg(test)]
mod tests;
mod texts;
mod vendor;

pub use context::IncompleteInvoice;
pub use end::End;
pub use invoice::{Invoice, Line, Lines};
pub use mapper::Mapper;
pub use options::Options;
