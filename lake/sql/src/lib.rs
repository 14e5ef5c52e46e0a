//! SQL over a lake of bills, in process.
//!
//! A query sees whole units only: its tables are the files that manifests name, each manifest read once for all tables of the
//! query. Amounts are exact: `cost * 0.9` is a decimal, and a number that does not fit is an error.
//!
//! ```no_run
//! # async fn example() -> Result<(), cloud_billing_lake::Error> {
//! use cloud_billing_lake::Lake;
//! use cloud_billing_lake_sql::{Session, output};
//!
//! let session = Session::new(Lake::folder("lake")?, "2026-10".parse().expect("a month"));
//! let answer = session.query("SELECT account, sum(BilledCost) AS cost FROM focus GROUP BY ALL").await?;
//! output::table(&answer, std::io::stdout())?;
//! # Ok(())
//! # }
//! ```
//!
//! | table | has |
//! |---|---|
//! | `focus` | charges, in the columns of FOCUS |
//! | `invoices`, `payments`, `refunds`, `subscriptions` | what the vendor states besides |
//! | `reconciliation` | whether the charges add up to the bills |
//!
//! Each also has the columns `service`, `billing_period` (`2026-10`) and `account` (`a-<id>`), which are names of folders: with
//! them, or the month of `BillingPeriodStart`, in a `WHERE`, only those folders are read.
//!
//! | module | topic |
//! |---|---|
//! | [`session`] | a lake that is asked |
//! | [`apis`] | bills that are read from the services as they are asked for |
//! | [`sum`], [`functions`] | functions that the engine lacks, or that are wrong in it |
//! | [`output`] | answers as a table, CSV and Parquet |
//! | [`questions`] | ten questions on bills |

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

pub mod apis;
mod digits;
mod error;
pub mod functions;
mod months;
pub mod output;
pub mod questions;
pub mod session;
mod snapshot;
pub mod sum;
mod table;

pub use apis::{Api, Apis};
pub use questions::Question;
pub use session::{Answer, Session};
