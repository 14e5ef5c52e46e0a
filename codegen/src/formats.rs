//! The formats of `specs/README.md` and the Rust types they become.

/// A scalar type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// The `type` of the schema.
    pub(crate) kind: &'static str,
    /// The `format` of the schema; empty where there is none.
    pub(crate) name: &'static str,
    /// The Rust type.
    pub(crate) rust: &'static str,
    /// A value of it as Rust code. Empty for text and integers, which have bounds.
    pub(crate) sample: &'static str,
}

impl Format {
    /// The format of a schema's `type` and `format`.
    pub(crate) fn find(kind: &str, name: Option<&str>) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.kind == kind && format.name == name.unwrap_or_default())
    }

    /// The last segment of the Rust type.
    pub(crate) fn short(&self) -> &'static str {
        self.rust.rsplit("::").next().unwrap_or(self.rust)
    }

    /// Whether the Rust type is one of the runtime's.
    pub(crate) fn is_runtime_type(&self) -> bool {
        self.rust.starts_with("::")
    }

    /// Whether a response may have another text in place of the value, such as `""` for a date that the service does not
    /// know. It is then kept as text.
    pub(crate) fn is_lenient(&self) -> bool {
        ["EpochMillis", "BillingMonth", "Timestamp", "Date"].contains(&self.short())
    }

    /// Whether callers give a value as anything that becomes one: text, but no number, date or month, so that literals and
    /// `parse()` need no annotation.
    pub(crate) fn converts(&self) -> bool {
        self.rust == "String"
    }
}

const fn format(kind: &'static str, name: &'static str, rust: &'static str, sample: &'static str) -> Format {
    Format { kind, name, rust, sample }
}

const FORMATS: [Format; 12] = [
    format("boolean", "", "bool", "true"),
    format("number", "decimal", "::cloud_billing_core::Decimal", "\"1.5\".parse().unwrap()"),
    format("string", "decimal", "::cloud_billing_core::DecimalText", "\"1.5\".parse().unwrap()"),
    format("number", "double", "f64", "1.5"),
    format("integer", "int64", "i64", ""),
    format("integer", "int32", "i32", ""),
    format("integer", "epoch-millis", "::cloud_billing_core::EpochMillis", "EpochMillis(1_706_745_600_000)"),
    format("string", "billing-month", "::cloud_billing_core::BillingMonth", "\"2024-01\".parse().unwrap()"),
    format("string", "date-time", "::cloud_billing_core::Timestamp", "\"2024-01-31T12:00:00Z\".parse().unwrap()"),
    format("string", "date", "::cloud_billing_core::Date", "\"2024-01-31\".parse().unwrap()"),
    format("string", "password", "::cloud_billing_core::Secret", "\"secret\".into()"),
    format("string", "", "String", ""),
];

/// Whether a schema of this type and format has a Rust type. `None` as a format means that none is given.
pub(crate) fn is_known(kind: &str, format: Option<&str>) -> bool {
    kind != "boolean" && Format::find(kind, format).is_some()
}

/// The formats whose Rust type is one of the runtime's.
pub(crate) fn runtime_types() -> impl Iterator<Item = &'static Format> {
    FORMATS.iter().filter(|format| format.is_runtime_type())
}
