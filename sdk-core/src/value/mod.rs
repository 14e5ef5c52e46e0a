//! Values as the services write them: exact, and written back as they were read.
//!
//! | type | JSON | for |
//! |---|---|---|
//! | [`Decimal`] | number | money, quantities, rates |
//! | [`DecimalText`] | string | a number that the service writes in quotes |
//! | [`BillingMonth`] | string `yyyy-mm` | a calendar month |
//! | [`EpochMillis`] | integer | milliseconds since 1970-01-01T00:00:00Z |
//! | [`Timestamp`] | string, RFC 3339 | an instant |
//! | [`Date`] | string `yyyy-mm-dd` | a calendar day |
//! | [`NullableVec`], [`NullableMap`] | array, object | collections that a service may leave out |
//! | [`Lenient`] | anything | a value that does not always have the type it should have |
//! | [`open_enum!`](crate::open_enum) | string | a set of names that grows |
//! | [`id!`](crate::id) | string | the name of one thing, such as an invoice |
//!
//! Decimals are written to other formats of serde as texts, see [`Decimal`](Decimal#serde). The adapters [`as_text`],
//! [`as_number`] and [`as_float_lossy`] write a field otherwise: `#[serde(with = "cloud_billing_core::value::as_text")]`.

mod adapters;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod clock;
mod compare_by;
mod containers;
mod date;
mod decimal;
mod decimal_text;
mod decode;
mod epoch_millis;
mod id;
mod lenient;
mod month;
pub(crate) mod open_enum;
mod timestamp;

pub use adapters::{as_float_lossy, as_number, as_text};
pub use containers::{NullableMap, NullableVec};
pub use date::{Date, ParseDateError};
#[cfg(feature = "rust_decimal")]
pub use decimal::ConvertDecimalError;
pub use decimal::{AllocateError, Decimal, ParseDecimalError, Rounding};
pub use decimal_text::DecimalText;
pub use epoch_millis::EpochMillis;
pub use id::ParseIdError;
pub use lenient::Lenient;
pub use month::{BillingMonth, Months, ParseMonthError};
pub use open_enum::UnknownValue;
pub use timestamp::{ParseTimestampError, Timestamp};
