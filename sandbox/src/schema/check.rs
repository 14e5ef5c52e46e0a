//! Holding a value against its schema.

use serde_json::{Map, Number, Value};

use super::{Kind, List, Object, Range, Schema, Text};

/// How much of an offending value a message repeats.
const MAX_EXCERPT: usize = 60;

/// A value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where in the value, as in `filters.groupIds[0]`; empty for the value itself.
    pub(crate) at: String,
    /// The keyword that it breaks.
    pub(crate) keyword: &'static str,
    /// How.
    pub(crate) problem: String,
    /// Where the spec has that keyword.
    pub(crate) place: String,
}

impl Violation {
    /// The keyword of a field that the schema does not have.
    pub(crate) const UNKNOWN_FIELD: &'static str = "unknown field";
}

impl Schema {
    /// Everything that is wrong with a value.
    pub(crate) fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut found = Vec::new();
        self.check(value, "", &mut found);
        found
    }

    /// Reads a parameter's text as the value it stands for.
    ///
    /// # Errors
    ///
    /// If the text does not stand for a value of the schema's type.
    pub(crate) fn value_of(&self, text: &str) -> Result<Value, Violation> {
        let value = match &self.kind {
            Kind::Boolean => match text {
                "true" => Some(true.into()),
                "false" => Some(false.into()),
                _ => None,
            },
            Kind::Integer { .. } => read_integer(text).map(Into::into),
            Kind::Number { .. } => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
            _ => Some(text.into()),
        };
        value.ok_or_else(|| self.violation("", "type", format!("`{}` is not {}", excerpt(text), self.kind.article())))
    }

    fn violation(&self, at: &str, keyword: &'static str, problem: String) -> Violation {
        let place = format!("{}/{keyword}", self.place);
        Violation { at: at.to_owned(), keyword, problem, place }
    }

    fn check(&self, value: &Value, at: &str, found: &mut Vec<Violation>) {
        if value.is_null() {
            if !self.nullable {
                found.push(self.violation(at, "type", "is null".to_owned()));
            }
            return;
        }
        match (&self.kind, value) {
            (Kind::Any, _) | (Kind::Boolean, Value::Bool(_)) => {}
            (Kind::Integer { range, format }, Value::Number(number)) => match number.as_i64() {
                Some(integer) => {
                    if let Some(format) = format.filter(|format| !format.admits(integer)) {
                        let problem = format!("{integer} is not {}", format.description());
                        found.push(self.violation(at, "format", problem));
                    }
                    self.check_range(range, number, at, found);
                }
                None => found.push(self.violation(at, "type", format!("{number} is not an integer of 64 bits"))),
            },
            (Kind::Number { range }, Value::Number(number)) => self.check_range(range, number, at, found),
            (Kind::Text(text), Value::String(value)) => self.check_text(text, value, at, found),
            (Kind::List(list), Value::Array(items)) => self.check_list(list, items, at, found),
            (Kind::Object(object), Value::Object(members)) => self.check_object(object, members, at, found),
            (kind, _) => {
                let problem = format!("`{}` is not {}", excerpt(&value.to_string()), kind.article());
                found.push(self.violation(at, "type", problem));
                return;
            }
        }
        if !self.allowed.is_empty() && !self.allowed.contains(value) {
            let allowed: Vec<_> = self.allowed.iter().map(plain).collect();
            let problem = format!("`{}` is none of {}", excerpt(&plain(value)), allowed.join(", "));
            found.push(self.violation(at, "enum", problem));
        }
    }

    fn check_range(&self, range: &Range, number: &Number, at: &str, found: &mut Vec<Violation>) {
        let Some(value) = number.as_f64() else { return };
        if let Some(minimum) = range.minimum.filter(|minimum| value < *minimum) {
            found.push(self.violation(at, "minimum", format!("{number} is less than {minimum}")));
        }
        if let Some(maximum) = range.maximum.filter(|maximum| value > *maximum) {
            found.push(self.violation(at, "maximum", format!("{number} is greater than {maximum}")));
        }
    }

    fn check_text(&self, text: &Text, value: &str, at: &str, found: &mut Vec<Violation>) {
        let shown = excerpt(value);
        let length = value.chars().count();
        if let Some(minimum) = text.min_length.filter(|minimum| length < *minimum) {
            let problem = format!("`{shown}` has {length} characters, fewer than {minimum}");
            found.push(self.violation(at, "minLength", problem));
        }
        if let Some(maximum) = text.max_length.filter(|maximum| length > *maximum) {
            let problem = format!("`{shown}` has {length} characters, more than {maximum}");
            found.push(self.violation(at, "maxLength", problem));
        }
        if let Some(pattern) = text.pattern.as_ref().filter(|pattern| !pattern.is_match(value)) {
            found.push(self.violation(at, "pattern", format!("`{shown}` does not match {pattern}")));
        }
        if let Some(format) = text.format.filter(|format| !format.admits(value)) {
            found.push(self.violation(at, "format", format!("`{shown}` is not {}", format.description())));
        }
    }

    fn check_list(&self, list: &List, items: &[Value], at: &str, found: &mut Vec<Violation>) {
        if let Some(minimum) = list.min_items.filter(|minimum| items.len() < *minimum) {
            let problem = format!("has {} items, fewer than {minimum}", items.len());
            found.push(self.violation(at, "minItems", problem));
        }
        if let Some(maximum) = list.max_items.filter(|maximum| items.len() > *maximum) {
            let problem = format!("has {} items, more than {maximum}", items.len());
            found.push(self.violation(at, "maxItems", problem));
        }
        for (index, item) in items.iter().enumerate() {
            let item_at = format!("{at}[{index}]");
            if list.unique && items[..index].contains(item) {
                let problem = format!("`{}` is in the list already", excerpt(&plain(item)));
                found.push(self.violation(&item_at, "uniqueItems", problem));
            }
            list.items.check(item, &item_at, found);
        }
    }

    fn check_object(&self, object: &Object, members: &Map<String, Value>, at: &str, found: &mut Vec<Violation>) {
        let path = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        for name in object.required.iter().filter(|name| !members.contains_key(*name)) {
            found.push(self.violation(&path(name), "required", "is missing".to_owned()));
        }
        for (name, value) in members {
            match object.properties.iter().find(|(declared, _)| declared == name) {
                Some((_, schema)) => match &schema.read_only {
                    Some(place) => found.push(Violation {
                        at: path(name),
                        keyword: "readOnly",
                        problem: "is set by the service and may not be sent".to_owned(),
                        place: place.clone(),
                    }),
                    None => schema.check(value, &path(name), found),
                },
                None if object.open => {}
                None => found.push(Violation {
                    at: path(name),
                    keyword: Violation::UNKNOWN_FIELD,
                    problem: "is not a field of this object".to_owned(),
                    place: self.place.clone(),
                }),
            }
        }
    }
}

impl Kind {
    /// What a value has to be, for a message.
    fn article(&self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Boolean => "`true` or `false`",
            Self::Integer { .. } => "an integer",
            Self::Number { .. } => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// An integer as JSON writes it: no plus sign, no leading zero.
fn read_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A value as a message shows it: strings without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_EXCERPT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
