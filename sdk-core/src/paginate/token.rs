//! Resume tokens: where pagination stands, as text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Next, Position};
use crate::error::{Error, ErrorKind};
use crate::text::{escape_json, shown};

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
pub struct ResumeToken(Text);

/// The items of a page that were taken: their number and their checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) count: u64,
    pub(super) digest: u32,
}

/// The text form. Unknown fields are refused: a later version could mean something by them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    pub(super) fn new(operation: &str, position: Position, taken: Taken) -> Self {
        let (cursor, page) = match position {
            Position::First => (None, None),
            Position::Cursor(cursor) => (Some(cursor), None),
            Position::Number(number) => (None, Some(number)),
        };
        let (taken, digest) = Some(taken).filter(|taken| taken.count > 0).map(|at| (at.count, at.digest)).unzip();
        Self(Text { version: VERSION, operation: operation.to_owned(), cursor, page, taken, digest })
    }

    /// The position and the items that were taken, if the token belongs to an operation whose pages are found in this way.
    pub(super) fn place(self, operation: &str, next: Next) -> Result<(Position, Taken), Error> {
        let text = self.0;
        if text.operation != operation {
            let message = format!("the resume token belongs to `{}`, not to `{operation}`", shown(&text.operation));
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let position = match (next, text.cursor, text.page) {
            (Next::Number { .. }, _, Some(number)) => Position::Number(number),
            (Next::Cursor { .. }, cursor, None) => cursor.map_or(Position::First, Position::Cursor),
            (_, _, page) => {
                let have =
                    if page.is_none() { "page numbers, and it has none" } else { "cursors, and it has a page number" };
                return Err(unusable(&format!("the pages of `{operation}` have {have}")));
            }
        };
        Ok((position, Taken { count: text.taken.unwrap_or_default(), digest: text.digest.unwrap_or_default() }))
    }
}

fn unusable(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("the resume token cannot be used: {problem}"))
}

impl Text {
    /// What is wrong with it, if anything is.
    fn problem(&self) -> Option<String> {
        let within_page = self.taken.is_some_and(|count| count > 0);
        Some(match self {
            Self { version, .. } if ![0, VERSION].contains(version) => format!("its version {version} is not known"),
            Self { version: 0, .. } if within_page => {
                "it is of version 0.1 and stands within a page: start at this page again".to_owned()
            }
            Self { digest: None, .. } if within_page => "it has no digest".to_owned(),
            Self { cursor: Some(_), page: Some(_), .. } => "it has a cursor and a page number".to_owned(),
            Self { page: Some(0), .. } => "its page number is 0".to_owned(),
            Self { cursor: Some(cursor), .. } if cursor.is_empty() => "its cursor is empty".to_owned(),
            _ => return None,
        })
    }
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&escape_json(&text))
    }
}

impl FromStr for ResumeToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text: Text = serde_json::from_str(text).map_err(|error| unusable(&shown(&error.to_string())))?;
        text.problem().map_or(Ok(Self(Text { version: VERSION, ..text })), |problem| Err(unusable(&problem)))
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

    const CURSOR: Next = Next::Cursor { parameter: "start", href: &[], token: &["next"] };
    const NUMBER: Next = Next::Number { links: "links", relations: &[], total: "" };

    #[test]
    fn text_form() {
        let taken = Taken { count: 3, digest: 7 };
        let here = ResumeToken::new("list", Position::Cursor("a\"b".into()), taken);
        assert_eq!(here.to_string(), r#"{"version":2,"operation":"list","cursor":"a\"b","taken":3,"digest":7}"#);
        assert_eq!(here.to_string().parse::<ResumeToken>().unwrap(), here);
        let json = serde_json::to_string(&here).unwrap();
        assert_eq!(serde_json::from_str::<ResumeToken>(&json).unwrap(), here);
        assert_eq!(here.place("list", CURSOR).unwrap(), (Position::Cursor("a\"b".into()), taken));
        let first = ResumeToken::new("list", Position::First, Taken::default());
        assert_eq!(first.to_string(), r#"{"version":2,"operation":"list"}"#);
        let old = r#"{"operation":"list","page":3}"#.parse::<ResumeToken>().unwrap();
        assert_eq!(old.place("list", NUMBER).unwrap(), (Position::Number(3), Taken::default()));
    }

    #[test]
    fn other_text_is_refused() {
        for (text, message) in [
            ("", "EOF"),
            ("{}", "missing field `operation`"),
            (r#"{"operation":"list","page":0}"#, "page number is 0"),
            (r#"{"operation":"list","cursor":""}"#, "cursor is empty"),
            (r#"{"operation":"list","cursor":"a","page":1}"#, "a cursor and a page number"),
            (r#"{"operation":"list","later":1}"#, "unknown field `later`"),
            (r#"{"operation":"list","cursor":"a","taken":3}"#, "of version 0.1"),
            (r#"{"version":2,"operation":"list","cursor":"a","taken":3}"#, "no digest"),
            (r#"{"version":3,"operation":"list"}"#, "version 3"),
        ] {
            let error = text.parse::<ResumeToken>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{text}");
            assert!(error.to_string().contains(message), "{error}");
        }
        let other = r#"{"operation":"list"}"#.parse::<ResumeToken>().unwrap().place("search", CURSOR).unwrap_err();
        assert!(other.to_string().contains("belongs to `list`"), "{other}");
    }
}
