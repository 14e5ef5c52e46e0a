//! The documented constraints on values in requests.

use std::fmt;

use super::param::{Param, Scalar};
use crate::text::quote;
use crate::value::Decimal;

/// A documented constraint on a parameter or a field of a request body.
///
/// Bounds are inclusive. An open bound is the extreme of the type: `usize::MAX`, `i64::MIN`, `i64::MAX`, or 0 for a
/// minimum length or number of items.
///
/// `Display` prints the rule: `must match ^[a-f0-9]{24}$`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// Text with characters of one class: the pattern `^[class]{min,max}$`, or `[class]{min,}` if not `anchored`.
    Chars {
        /// The class as inclusive ranges. A single character is a range from itself to itself.
        class: &'static [(char, char)],
        /// The minimum number of characters.
        min: usize,
        /// The maximum number of characters.
        max: usize,
        /// Whether the whole text must match. Otherwise `min` such characters in a row are enough.
        anchored: bool,
    },
    /// The length of a text in characters.
    Length {
        /// The minimum.
        min: usize,
        /// The maximum.
        max: usize,
    },
    /// A number, whole or fractional, between whole bounds.
    Range {
        /// The minimum.
        min: i64,
        /// The maximum.
        max: i64,
    },
    /// The number of items in a list.
    Items {
        /// The minimum.
        min: usize,
        /// The maximum.
        max: usize,
    },
}

/// The longest part of an invalid text that a message shows, in characters.
const SHOWN: usize = 64;

/// A value that breaks a constraint.
pub(super) struct Violation {
    /// The index, if the value is in a list.
    pub(super) index: Option<usize>,
    /// The value or the number of items, formatted for a message.
    pub(super) found: String,
}

impl Violation {
    fn by(value: &Scalar<'_>, index: Option<usize>) -> Self {
        let found = match value {
            Scalar::Text(text) => quote(text, SHOWN),
            other => other.to_string(),
        };
        Self { index, found }
    }
}

impl Constraint {
    /// Returns the first violation. An absent value passes.
    pub(super) fn violation(&self, param: &Param<'_>) -> Option<Violation> {
        match (self, param) {
            (_, Param::Absent) => None,
            (Self::Items { min, max }, Param::Many(items)) => (!(*min..=*max).contains(&items.len()))
                .then(|| Violation { index: None, found: items.len().to_string() }),
            // The declaration has a constraint of the wrong kind. Report it instead of ignoring it.
            (Self::Items { .. }, Param::One(value)) => Some(Violation::by(value, None)),
            (_, Param::One(value)) => (!self.allows(value)).then(|| Violation::by(value, None)),
            (_, Param::Many(values)) => {
                let (index, value) = values.iter().enumerate().find(|(_, value)| !self.allows(value))?;
                Some(Violation::by(value, Some(index)))
            }
        }
    }

    fn allows(&self, value: &Scalar<'_>) -> bool {
        match (*self, value) {
            (Self::Chars { class, min, max, anchored }, Scalar::Text(text)) => {
                let in_class = |c: char| class.iter().any(|(first, last)| (*first..=*last).contains(&c));
                if anchored {
                    text.chars().all(in_class) && (min..=max).contains(&text.chars().count())
                } else {
                    text.split(|c| !in_class(c)).any(|run| run.chars().count() >= min)
                }
            }
            (Self::Length { min, max }, Scalar::Text(text)) => (min..=max).contains(&text.chars().count()),
            (Self::Range { min, max }, Scalar::Int(value)) => (min..=max).contains(value),
            (Self::Range { min, max }, Scalar::Decimal(value)) => {
                **value >= Decimal::from(min) && **value <= Decimal::from(max)
            }
            // An open bound must not exclude numbers beyond 64 bits.
            (Self::Range { min, max }, Scalar::Float(value)) => {
                (min == i64::MIN || *value >= min as f64) && (max == i64::MAX || *value <= max as f64)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Chars { class, min, max, anchored } => {
                f.write_str(if anchored { "must match ^[" } else { "must match [" })?;
                for (first, last) in class {
                    write_class_char(f, *first)?;
                    if first != last {
                        f.write_str("-")?;
                        write_class_char(f, *last)?;
                    }
                }
                f.write_str("]")?;
                match (min, max) {
                    (0, usize::MAX) => f.write_str("*")?,
                    (1, usize::MAX) => f.write_str("+")?,
                    (0, 1) => f.write_str("?")?,
                    (1, 1) => {}
                    (min, usize::MAX) => write!(f, "{{{min},}}")?,
                    (min, max) if min == max => write!(f, "{{{min}}}")?,
                    (min, max) => write!(f, "{{{min},{max}}}")?,
                }
                f.write_str(if anchored { "$" } else { "" })
            }
            Self::Length { min, max } => write_bounds(f, "must have", min, max, ["character", "characters"]),
            Self::Items { min, max } => write_bounds(f, "must have", min, max, ["item", "items"]),
            Self::Range { min: i64::MIN, max } => write!(f, "must be at most {max}"),
            Self::Range { min, max: i64::MAX } => write!(f, "must be at least {min}"),
            Self::Range { min, max } => write!(f, "must be between {min} and {max}"),
        }
    }
}

fn write_class_char(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    if matches!(c, ']' | '[' | '\\' | '^' | '-') {
        f.write_str("\\")?;
    }
    write!(f, "{c}")
}

/// Writes the bounds of a count with its unit in singular or plural.
fn write_bounds(f: &mut fmt::Formatter<'_>, verb: &str, min: usize, max: usize, unit: [&str; 2]) -> fmt::Result {
    let [singular, plural] = unit;
    let name = |count| if count == 1 { singular } else { plural };
    match (min, max) {
        (min, max) if min == max => write!(f, "{verb} {min} {}", name(min)),
        (0, max) => write!(f, "{verb} at most {max} {}", name(max)),
        (min, usize::MAX) => write!(f, "{verb} at least {min} {}", name(min)),
        (min, max) => write!(f, "{verb} {min} to {max} {plural}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::ParamValue;

    const ID: Constraint = Constraint::Chars { class: &[('a', 'f'), ('0', '9')], min: 24, max: 24, anchored: true };
    const LOOSE_ID: Constraint =
        Constraint::Chars { class: &[('0', '9'), ('a', 'f')], min: 1, max: usize::MAX, anchored: false };

    fn passes<V: ParamValue + ?Sized>(constraint: Constraint, value: &V) -> bool {
        constraint.violation(&value.param()).is_none()
    }

    #[test]
    fn chars() {
        assert!(passes(ID, "4888442a3354817a7320eb61"));
        assert!(!passes(ID, "4888442A3354817a7320eb61"));
        assert!(!passes(ID, "4888442a3354817a7320eb6"));
        assert!(!passes(ID, ""));
        assert!(passes(LOOSE_ID, "xyz0"));
        assert!(!passes(LOOSE_ID, "xyz"));
        assert!(!passes(LOOSE_ID, ""));
    }

    #[test]
    fn lengths_count_characters() {
        let two = Constraint::Length { min: 2, max: 2 };
        assert!(passes(two, "äö"));
        assert!(!passes(two, "ä"));
    }

    #[test]
    fn ranges_take_any_number() {
        let range = Constraint::Range { min: 1, max: 500 };
        assert!(passes(range, &1) && passes(range, &500_i64) && passes(range, &1.5));
        assert!(!passes(range, &0) && !passes(range, &501) && !passes(range, &500.5) && !passes(range, &f64::NAN));
        let half: Decimal = "0.5".parse().unwrap();
        assert!(!passes(range, &half));
        assert!(passes(Constraint::Range { min: 0, max: i64::MAX }, &1e300));
        assert!(passes(range, &None::<i32>));
    }

    #[test]
    fn lists_are_checked_item_by_item() {
        let violation = LOOSE_ID.violation(&vec!["1", "x", "2"].param()).unwrap();
        assert_eq!((violation.index, violation.found.as_str()), (Some(1), "\"x\""));
        assert!(!passes(Constraint::Items { min: 1, max: usize::MAX }, &Vec::<String>::new()));
        assert!(passes(Constraint::Items { min: 1, max: 2 }, &["a", "b"][..]));
    }

    #[test]
    fn a_constraint_of_the_wrong_kind_does_not_pass() {
        assert!(!passes(ID, &1));
        assert!(!passes(Constraint::Range { min: 0, max: 9 }, "5"));
        assert!(!passes(Constraint::Items { min: 0, max: 9 }, "5"));
    }

    #[test]
    fn display() {
        let chars = |class, min, max| Constraint::Chars { class, min, max, anchored: true }.to_string();
        assert_eq!(ID.to_string(), "must match ^[a-f0-9]{24}$");
        assert_eq!(LOOSE_ID.to_string(), "must match [0-9a-f]+");
        assert_eq!(chars(&[('-', '-'), ('a', 'z')], 0, usize::MAX), r"must match ^[\-a-z]*$");
        assert_eq!(chars(&[('a', 'a')], 1, 1), "must match ^[a]$");
        assert_eq!(chars(&[('a', 'a')], 2, usize::MAX), "must match ^[a]{2,}$");
        assert_eq!(chars(&[('a', 'a')], 2, 3), "must match ^[a]{2,3}$");
        assert_eq!(Constraint::Length { min: 64, max: 64 }.to_string(), "must have 64 characters");
        assert_eq!(Constraint::Length { min: 1, max: usize::MAX }.to_string(), "must have at least 1 character");
        assert_eq!(Constraint::Length { min: 0, max: 9 }.to_string(), "must have at most 9 characters");
        assert_eq!(Constraint::Items { min: 1, max: 2 }.to_string(), "must have 1 to 2 items");
        assert_eq!(Constraint::Range { min: 1, max: 500 }.to_string(), "must be between 1 and 500");
        assert_eq!(Constraint::Range { min: i64::MIN, max: 5 }.to_string(), "must be at most 5");
        assert_eq!(Constraint::Range { min: 1, max: i64::MAX }.to_string(), "must be at least 1");
    }
}
