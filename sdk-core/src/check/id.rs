//! Whether a text is an id.

use super::constraint::Constraint;
use super::param::Param;
use crate::text::quote;
use crate::value::ParseIdError;

/// The longest part of a text that a message shows, in characters.
const SHOWN: usize = 64;

/// What the `FromStr` of every [`id!`](crate::id) calls. `name` is the type.
#[doc(hidden)]
pub fn check_id(name: &'static str, text: &str, rules: &[Constraint]) -> Result<(), ParseIdError> {
    let refuse = |why: String| Err(ParseIdError::new(name, why));
    if text.is_empty() {
        return refuse("the text is empty".to_owned());
    }
    if text.trim() != text || text.contains(char::is_control) {
        return refuse(format!("{} has blanks around it or control characters", quote(text, SHOWN)));
    }
    let param = Param::text(text);
    match rules.iter().find(|rule| rule.violation(&param).is_some()) {
        Some(rule) => refuse(format!("it {rule}, found {}", quote(text, SHOWN))),
        None => Ok(()),
    }
}
