//! Schemas: which values a parameter or body takes.

use std::fmt;

/// A schema where it is used.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Schema {
    /// Where the spec defines it, as a JSON pointer that begins with `#`.
    pub pointer: &'static str,
    /// The type of the values, with its rules.
    pub ty: Type,
    /// Whether `null` is a value.
    pub nullable: bool,
    /// Whether the spec marks it `x-sdk-lenient`: the client keeps a value that does not fit as JSON. It keeps dates and months of
    /// responses in any case.
    pub lenient: bool,
    /// Where the spec says that only the service sets the value, if it does.
    pub read_only: Option<&'static str>,
    /// The value that the service takes when none is sent, as JSON text.
    pub default: Option<&'static str>,
}

impl Schema {
    /// The defaults: any JSON, without rules.
    pub(crate) const PLAIN: Self =
        Self { pointer: "#", ty: Type::Any, nullable: false, lenient: false, read_only: None, default: None };
}

/// The type of a schema.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Any JSON value.
    Any,
    /// `true` or `false`.
    Boolean,
    /// An integer.
    Integer(Number),
    /// A number.
    Number(Number),
    /// Text.
    Text(Text),
    /// One of some texts.
    Enum(&'static Enum),
    /// A list.
    List(List),
    /// An object with any names and values of one type.
    Map(&'static Schema),
    /// An object with named properties.
    Object(&'static Object),
}

/// The rules of a number.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Number {
    /// The `format`; empty where there is none.
    pub format: &'static str,
    /// The least value.
    pub minimum: Option<f64>,
    /// The greatest value.
    pub maximum: Option<f64>,
}

impl Number {
    /// A number without rules.
    pub(crate) const PLAIN: Self = Self { format: "", minimum: None, maximum: None };
}

/// The rules of a text.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Text {
    /// The `format`; empty where there is none.
    pub format: &'static str,
    /// The clients' type for it, such as `InvoiceId`, if it is an id.
    pub id: Option<&'static str>,
    /// A regular expression that it must match.
    pub pattern: Option<&'static str>,
    /// The least length in characters.
    pub min_length: Option<usize>,
    /// The greatest length in characters.
    pub max_length: Option<usize>,
}

impl Text {
    /// A text without rules.
    pub(crate) const PLAIN: Self = Self { format: "", id: None, pattern: None, min_length: None, max_length: None };
}

/// The rules of a list.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct List {
    /// The schema of its elements.
    pub items: &'static Schema,
    /// The least number of elements.
    pub min_items: Option<usize>,
    /// The greatest number of elements.
    pub max_items: Option<usize>,
    /// Whether all elements must differ.
    pub unique: bool,
}

/// A text that is one of some values. Services add values over time.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Enum {
    /// Its name in the spec.
    pub name: &'static str,
    /// What it means, in Markdown.
    pub description: &'static str,
    /// The known values, in the order of the spec.
    pub values: &'static [&'static str],
}

/// An object with named properties.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Object {
    /// Its name in the spec.
    pub name: &'static str,
    /// Where the spec defines it, as a JSON pointer that begins with `#`.
    pub pointer: &'static str,
    /// What it is, in Markdown.
    pub description: &'static str,
    /// Its properties, sorted by name.
    pub properties: &'static [Property],
    /// Whether the client keeps properties that are not named.
    pub open: bool,
}

/// The name alone: an object can lead to itself.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A property of an object.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Property {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it means, in Markdown.
    pub description: &'static str,
    /// Its values.
    pub schema: Schema,
    /// Whether the vendor calls it required.
    pub required: bool,
    /// Whether each response is known to have it.
    pub guaranteed: bool,
}
