//! Values of path, query and header parameters.

use std::borrow::Cow;
use std::fmt;

use crate::value::{BillingMonth, Date, Decimal, DecimalText, EpochMillis, NullableVec, Timestamp};

/// A value that a parameter can have.
///
/// It is implemented for numbers, text, the types of [`value`](crate::value), every [`open_enum!`](crate::open_enum)
/// and [`id!`](crate::id), and for `Option`, `Vec`, slices and references of these. `None` is not sent. A list in a query repeats the key.
///
/// [`Checker`](crate::Checker) uses the same trait for the fields of request bodies.
pub trait ParamValue {
    #[doc(hidden)]
    fn param(&self) -> Param<'_>;
}

/// A parameter value in a uniform representation.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Param<'a> {
    Absent,
    One(Scalar<'a>),
    Many(Vec<Scalar<'a>>),
}

impl<'a> Param<'a> {
    /// Creates a single text value.
    pub fn text(text: &'a str) -> Self {
        Self::One(Scalar::Text(Cow::Borrowed(text)))
    }

    fn display(value: &impl fmt::Display) -> Self {
        Self::One(Scalar::Text(Cow::Owned(value.to_string())))
    }

    /// The single values, if any.
    pub(crate) fn scalars(&self) -> &[Scalar<'a>] {
        match self {
            Self::Absent => &[],
            Self::One(scalar) => std::slice::from_ref(scalar),
            Self::Many(scalars) => scalars,
        }
    }
}

/// A single value, as detailed as constraints need it.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Scalar<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Decimal(&'a Decimal),
    Text(Cow<'a, str>),
}

impl fmt::Display for Scalar<'_> {
    /// Formats the value, not yet percent-encoded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
        }
    }
}

macro_rules! scalars {
    ($($type:ty => |$value:ident| $param:expr;)*) => {$(
        impl ParamValue for $type {
            fn param(&self) -> Param<'_> {
                let $value = self;
                $param
            }
        }
    )*};
}

scalars! {
    bool => |value| Param::One(Scalar::Bool(*value));
    i32 => |value| Param::One(Scalar::Int((*value).into()));
    i64 => |value| Param::One(Scalar::Int(*value));
    f64 => |value| Param::One(Scalar::Float(*value));
    EpochMillis => |value| Param::One(Scalar::Int(value.0));
    Decimal => |value| Param::One(Scalar::Decimal(value));
    str => |value| Param::text(value);
    String => |value| Param::text(value);
    DecimalText => |value| Param::display(value);
    BillingMonth => |value| Param::display(value);
    Timestamp => |value| Param::display(value);
    Date => |value| Param::display(value);
}

impl<T: ParamValue + ?Sized> ParamValue for &T {
    fn param(&self) -> Param<'_> {
        (**self).param()
    }
}

impl<T: ParamValue> ParamValue for Option<T> {
    fn param(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Absent, ParamValue::param)
    }
}

impl<T: ParamValue> ParamValue for [T] {
    fn param(&self) -> Param<'_> {
        let mut scalars = Vec::with_capacity(self.len());
        for item in self {
            match item.param() {
                Param::Absent => {}
                Param::One(scalar) => scalars.push(scalar),
                Param::Many(more) => scalars.extend(more),
            }
        }
        Param::Many(scalars)
    }
}

impl<T: ParamValue> ParamValue for Vec<T> {
    fn param(&self) -> Param<'_> {
        self.as_slice().param()
    }
}

impl<T: ParamValue> ParamValue for NullableVec<T> {
    fn param(&self) -> Param<'_> {
        if self.is_absent() { Param::Absent } else { self.as_slice().param() }
    }
}
