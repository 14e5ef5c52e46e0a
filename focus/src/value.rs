//! Values of columns.

use std::borrow::Cow;
use std::fmt;

use cloud_billing_core::{Decimal, Timestamp};

/// A text, of the source or its own.
pub type Text<'a> = Cow<'a, str>;

/// A JSON object as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<'a>(pub Text<'a>);

/// The value of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'r> {
    /// Not known, or there is none.
    Null,
    /// An exact decimal.
    Decimal(&'r Decimal),
    /// A text.
    Text(&'r str),
    /// A JSON object as text.
    Json(&'r str),
    /// An instant.
    Time(Timestamp),
    /// A truth value.
    Bool(bool),
}

impl<'r> Value<'r> {
    pub(crate) fn of<C: Cell>(cell: Option<&'r C>) -> Self {
        cell.map_or(Self::Null, C::value)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A text that is no value of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError(String);

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CellError {}

/// What a field of a row can be.
pub(crate) trait Cell: Sized {
    fn value(&self) -> Value<'_>;
    fn read(text: &str) -> Result<Self, CellError>;
}

/// Reads a cell of a file. An empty one is null.
pub(crate) fn read<C: Cell>(text: &str) -> Result<Option<C>, CellError> {
    if text.is_empty() { Ok(None) } else { C::read(text).map(Some) }
}

/// An error that has no more of the text than fits on a line.
fn no(text: &str, what: &str) -> CellError {
    let start: String = text.chars().take(40).flat_map(char::escape_default).collect();
    CellError(format!("`{start}` is no {what}"))
}

impl Cell for Decimal {
    fn value(&self) -> Value<'_> {
        Value::Decimal(self)
    }

    fn read(text: &str) -> Result<Self, CellError> {
        text.parse().map_err(|_| no(text, "decimal"))
    }
}

impl Cell for Text<'_> {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }

    fn read(text: &str) -> Result<Self, CellError> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

impl Cell for Json<'_> {
    fn value(&self) -> Value<'_> {
        Value::Json(&self.0)
    }

    fn read(text: &str) -> Result<Self, CellError> {
        let object: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(text);
        object.map_err(|_| no(text, "JSON object"))?;
        Ok(Self(Cow::Owned(text.to_owned())))
    }
}

impl Cell for Timestamp {
    fn value(&self) -> Value<'_> {
        Value::Time(*self)
    }

    fn read(text: &str) -> Result<Self, CellError> {
        text.parse().map_err(|_| no(text, "instant"))
    }
}

impl Cell for bool {
    fn value(&self) -> Value<'_> {
        Value::Bool(*self)
    }

    fn read(text: &str) -> Result<Self, CellError> {
        match text {
            "true" | "TRUE" | "True" => Ok(true),
            "false" | "FALSE" | "False" => Ok(false),
            _ => Err(no(text, "truth value")),
        }
    }
}

macro_rules! enum_cells {
    ($($name:ident)*) => {$(
        impl Cell for crate::$name {
            fn value(&self) -> Value<'_> {
                Value::Text(self.as_str())
            }

            fn read(text: &str) -> Result<Self, CellError> {
                Ok(Self::from(text))
            }
        }
    )*};
}

enum_cells! {
    ChargeCategory ChargeClass ChargeFrequency CommitmentDiscountCategory PricingCategory ServiceCategory ServiceSubcategory
    UseStatus
}

/// Makes texts its own.
pub(crate) trait Owned {
    type Owned;

    fn owned(self) -> Self::Owned;
}

impl Owned for Text<'_> {
    type Owned = Text<'static>;

    fn owned(self) -> Text<'static> {
        Cow::Owned(self.into_owned())
    }
}

impl Owned for Json<'_> {
    type Owned = Json<'static>;

    fn owned(self) -> Json<'static> {
        Json(self.0.owned())
    }
}
