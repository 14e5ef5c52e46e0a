//! Resume tokens: where pagination stands, as text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Position;
use crate::error::{Error, ErrorKind};

/// The version of the text form.
const VERSION: u32 = 2;

/// Where pagination stands, to go on later, perhaps in another process: with `resume`, on a call with the same parameters.
///
/// It is text: `Display` writes it, `FromStr` reads it, and serde does the same. It holds the operation's name, the cursor
/// or page number, how many items of that page were taken, and a checksum of these items. It holds no credential, but a
/// cursor may contain what the vendor put into it.
///
/// Tokens of version 0.1, which have no `version`, are read if they stand at the start of a page. The others do not say which
/// items were taken, and are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeToken {
    pub(super) operation: String,
    pub(super) position: Position,
    pub(super) taken: Taken,
}

/// The items of a page that were taken: their number and their checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) count: u64,
    pub(super) digest: u32,
}

/// The text form. Unknown fields are refused: a later version could mean something by them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    version: u32,
    operation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<u32>,
}

impl ResumeToken {
    /// Checks that it belongs to an operation.
    pub(super) fn of(self, operation: &str) -> Result<Self, Error> {
        if self.operation == operation {
            return Ok(self);
        }
        let message = format!("the resume token belongs to `{}`, not to `{operation}`", self.operation);
        Err(Error::new(ErrorKind::InvalidRequest, message))
    }

    fn text(&self) -> Text {
        let (cursor, page) = match &self.position {
            Position::First => (None, None),
            Position::Cursor(cursor) => (Some(cursor.clone()), None),
            Position::Number(number) => (None, Some(*number)),
        };
        let taken = Some(self.taken).filter(|taken| taken.count > 0);
        Text {
            version: VERSION,
            operation: self.operation.clone(),
            cursor,
            page,
            taken: taken.map(|taken| taken.count),
            digest: taken.map(|taken| taken.digest),
        }
    }

    fn from_text(text: Text) -> Result<Self, String> {
        let position = match (text.cursor, text.page) {
            (None, None) => Position::First,
            (Some(cursor), None) if !cursor.is_empty() => Position::Cursor(cursor),
            (None, Some(number)) if number > 0 => Position::Number(number),
            _ => return Err("it has no cursor and no page number from 1".into()),
        };
        let taken = match (text.version, text.taken.unwrap_or_default(), text.digest) {
            (0 | VERSION, 0, _) => Taken::default(),
            (VERSION, count, Some(digest)) => Taken { count, digest },
            (0, ..) => return Err("it is of version 0.1 and stands within a page: start at this page again".into()),
            (VERSION, ..) => return Err("it has no digest".into()),
            (version, ..) => return Err(format!("its version {version} is not known")),
        };
        Ok(Self { operation: text.operation, position, taken })
    }
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self.text()).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for ResumeToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text: Result<Text, _> = serde_json::from_str(text);
        let token = text.map_err(|error| error.to_string()).and_then(Self::from_text);
        token
            .map_err(|error| Error::new(ErrorKind::InvalidRequest, format!("the resume token cannot be used: {error}")))
    }
}

impl Serialize for ResumeToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResumeToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form() {
        let position = Position::Cursor("a\"b".into());
        let taken = Taken { count: 3, digest: 7 };
        let here = ResumeToken { operation: "list".into(), position, taken };
        assert_eq!(here.to_string(), r#"{"version":2,"operation":"list","cursor":"a\"b","taken":3,"digest":7}"#);
        assert_eq!(here.to_string().parse::<ResumeToken>().unwrap(), here);
        let json = serde_json::to_string(&here).unwrap();
        assert_eq!(serde_json::from_str::<ResumeToken>(&json).unwrap(), here);
        let first = ResumeToken { operation: "list".into(), position: Position::First, taken: Taken::default() };
        assert_eq!(first.to_string(), r#"{"version":2,"operation":"list"}"#);
        let old = r#"{"operation":"list","cursor":"a"}"#.parse::<ResumeToken>().unwrap();
        assert_eq!((old.position, old.taken), (Position::Cursor("a".into()), Taken::default()));
    }

    #[test]
    fn other_text_is_refused() {
        for (text, message) in [
            ("", "EOF"),
            ("{}", "missing field `operation`"),
            (r#"{"operation":"list","page":0}"#, "page number from 1"),
            (r#"{"operation":"list","cursor":""}"#, "no cursor"),
            (r#"{"operation":"list","cursor":"a","page":1}"#, "no cursor"),
            (r#"{"operation":"list","later":1}"#, "unknown field `later`"),
            (r#"{"operation":"list","cursor":"a","taken":3}"#, "of version 0.1"),
            (r#"{"version":2,"operation":"list","cursor":"a","taken":3}"#, "no digest"),
            (r#"{"version":3,"operation":"list"}"#, "version 3"),
        ] {
            let error = text.parse::<ResumeToken>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{text}");
            assert!(error.to_string().contains(message), "{error}");
        }
        let other = r#"{"operation":"list"}"#.parse::<ResumeToken>().unwrap().of("search").unwrap_err();
        assert!(other.to_string().contains("belongs to `list`"), "{other}");
    }
}
