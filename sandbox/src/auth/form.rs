//! The form-encoded body of a token request.

use axum::http::header::CONTENT_TYPE;

use crate::request::Incoming;
use crate::request::Query;

/// The fields of a token request, each of which occurs once.
#[derive(Debug)]
pub(super) struct Form {
    fields: Query,
}

impl Form {
    /// # Errors
    ///
    /// If the body is not a form, or repeats a field.
    pub(super) fn read(incoming: Incoming<'_>) -> Result<Self, String> {
        let media = incoming.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(format!("the `Content-Type` is `{media}` and not application/x-www-form-urlencoded"));
        }
        let text = incoming.body.and_then(|body| std::str::from_utf8(body).ok()).ok_or("the body is not text")?;
        let (fields, found) = Query::parse(Some(text));
        if !found.is_empty() {
            // Without the field, which could hold a secret.
            return Err("the body has a field that is not form-encoded".to_owned());
        }
        match fields.names().iter().find(|name| fields.values(name).len() > 1) {
            Some(name) => Err(format!("the field `{name}` is sent more than once")),
            None => Ok(Self { fields }),
        }
    }

    /// The value of a field. None if it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.first(name).filter(|value| !value.is_empty())
    }

    /// The first field with another name.
    pub(super) fn other_than(&self, names: &[&str]) -> Option<String> {
        self.fields.names().into_iter().find(|name| !names.contains(name)).map(str::to_owned)
    }
}
