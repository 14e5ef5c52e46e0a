//! Where a walk stands, as text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Position;
use crate::error::{Error, ErrorKind};

/// Where a walk stands, to go on later, perhaps in another process: with `resume`, on a call with the same parameters.
///
/// It is text: `Display` writes it, `FromStr` reads it, and serde does the same. It holds the operation's name, the cursor
/// or page number, and how many items of that page were already taken. It holds no credential, but a cursor may contain
/// what the vendor put into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    pub(super) operation: String,
    pub(super) position: Position,
    /// Items of the page at that position that were already taken.
    pub(super) taken: u64,
}

/// The text form. Unknown fields are refused: a later version could mean something by them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    operation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    taken: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Continuation {
    /// Checks that it belongs to an operation.
    pub(super) fn of(self, operation: &str) -> Result<Self, Error> {
        if self.operation == operation {
            return Ok(self);
        }
        let message = format!("the continuation belongs to `{}`, not to `{operation}`", self.operation);
        Err(Error::new(ErrorKind::InvalidRequest, message))
    }

    fn text(&self) -> Text {
        let (cursor, page) = match &self.position {
            Position::First => (None, None),
            Position::Cursor(cursor) => (Some(cursor.clone()), None),
            Position::Number(number) => (None, Some(*number)),
        };
        Text { operation: self.operation.clone(), cursor, page, taken: self.taken }
    }

    fn from_text(text: Text) -> Result<Self, &'static str> {
        let position = match (text.cursor, text.page) {
            (None, None) => Position::First,
            (Some(cursor), None) if !cursor.is_empty() => Position::Cursor(cursor),
            (None, Some(number)) if number > 0 => Position::Number(number),
            _ => return Err("a continuation has a cursor or a page number from 1"),
        };
        Ok(Self { operation: text.operation, position, taken: text.taken })
    }
}

impl fmt::Display for Continuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self.text()).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for Continuation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidRequest, message);
        let text: Text = serde_json::from_str(text).map_err(|error| invalid(format!("not a continuation: {error}")))?;
        Self::from_text(text).map_err(|message| invalid(message.to_owned()))
    }
}

impl Serialize for Continuation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Continuation {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form() {
        let position = Position::Cursor("a\"b".into());
        let here = Continuation { operation: "list".into(), position, taken: 3 };
        assert_eq!(here.to_string(), r#"{"operation":"list","cursor":"a\"b","taken":3}"#);
        assert_eq!(here.to_string().parse::<Continuation>().unwrap(), here);
        let json = serde_json::to_string(&here).unwrap();
        assert_eq!(serde_json::from_str::<Continuation>(&json).unwrap(), here);
        let first = Continuation { operation: "list".into(), position: Position::First, taken: 0 };
        assert_eq!(first.to_string(), r#"{"operation":"list"}"#);
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "x",
            "{}",
            r#"{"operation":"list","page":0}"#,
            r#"{"operation":"list","cursor":""}"#,
            r#"{"operation":"list","cursor":"a","page":1}"#,
            r#"{"operation":"list","later":1}"#,
        ] {
            let error = text.parse::<Continuation>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{text}");
        }
        let other = r#"{"operation":"list"}"#.parse::<Continuation>().unwrap().of("search").unwrap_err();
        assert!(other.to_string().contains("belongs to `list`"), "{other}");
    }
}
