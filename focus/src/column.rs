//! The description of a column.

/// What FOCUS says of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Definition {
    /// The name, as the header of a file has it.
    pub name: &'static str,
    /// What its values are like.
    pub form: Form,
    /// Whether it must be there.
    pub level: Level,
    /// Whether its values may be null.
    pub nullable: bool,
    /// What a source has that must have the column, such as `tags`. Empty if it does not depend on the source.
    pub condition: &'static str,
}

impl Definition {
    pub(crate) const fn own(name: &'static str, form: Form) -> Self {
        Self { name, form, level: Level::Own, nullable: true, condition: "" }
    }
}

/// What a value is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// An exact decimal.
    Decimal,
    /// A decimal that is not negative.
    Price,
    /// A text.
    Text,
    /// A currency: three letters of ISO 4217.
    Currency,
    /// A unit, such as `GB-Hours`.
    Unit,
    /// An instant.
    Time,
    /// `true` or `false`.
    Bool,
    /// One of a set of texts, which may grow.
    Enum,
    /// A JSON object.
    Json,
    /// A JSON object whose values are texts, numbers, booleans or null.
    Flat,
}

/// Whether a column must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// Always.
    Mandatory,
    /// If the source has what the condition names.
    Conditional,
    /// It should be.
    Recommended,
    /// It is ours.
    Own,
}
