//! The formats of `specs/README.md` and the Rust types they become.

/// (type, format, Rust type). The empty format stands for none.
const FORMATS: [(&str, &str, &str); 11] = [
    ("number", "decimal", "::cloud_billing_core::Decimal"),
    ("string", "decimal", "::cloud_billing_core::DecimalText"),
    ("number", "double", "f64"),
    ("integer", "int64", "i64"),
    ("integer", "int32", "i32"),
    ("integer", "epoch-millis", "::cloud_billing_core::EpochMillis"),
    ("string", "billing-month", "::cloud_billing_core::BillingMonth"),
    ("string", "date-time", "::cloud_billing_core::Timestamp"),
    ("string", "date", "::cloud_billing_core::Date"),
    ("string", "password", "::cloud_billing_core::Secret"),
    ("string", "", "String"),
];

/// Whether a schema of this type and format has a Rust type. `None` as a format means that none is given.
pub(crate) fn is_known(kind: &str, format: Option<&str>) -> bool {
    FORMATS.iter().any(|(k, f, _)| *k == kind && *f == format.unwrap_or_default())
}

/// Whether a type of this name is one of the runtime's that a format becomes.
pub(crate) fn is_runtime_type(name: &proc_macro2::Ident) -> bool {
    runtime_types().any(|(_, _, rust)| rust.rsplit("::").next().is_some_and(|last| name == last))
}

/// The formats whose Rust type is one of the runtime's: (type, format, Rust path).
pub(crate) fn runtime_types() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    FORMATS.into_iter().filter(|(_, _, rust)| rust.starts_with("::"))
}
