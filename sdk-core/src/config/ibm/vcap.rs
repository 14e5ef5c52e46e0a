//! `VCAP_SERVICES`, in which Cloud Foundry describes the services that are bound to an application.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::config::{Setting, Settings};
use crate::error::Error;
use crate::secret::Secret;

/// The variable.
pub(super) const VARIABLE: &str = super::VARIABLES[1];

/// Reads the credentials of a service, if there is an entry with its name or label.
pub(super) fn read(service: &str, json: &Secret) -> Result<Settings, Error> {
    let variable = Setting::new(VARIABLE, json.clone());
    let labels: Labels = serde_json::from_str(json.expose()).map_err(|error| {
        // The error's own text may quote a secret.
        variable.invalid(format_args!("is not a JSON object (line {}, column {})", error.line(), error.column()))
    })?;
    let Some(entry) = labels.entry(service) else { return Ok(Settings::default()) };
    let Some(credentials) = entry["credentials"].as_object() else {
        return Err(variable.invalid(format_args!("has an entry for `{service}` without an object `credentials`")));
    };
    let mut settings = Settings::new("").at(format!("`{VARIABLE}`"));
    let setting = |key: &str, value: String| Setting::new(key, value).at(format!("in `{VARIABLE}`"));
    if ["username", "password"].iter().all(|key| text(credentials, key).is_some()) {
        settings.insert("AUTH_TYPE", setting("username", "basic".to_owned()));
    } else if let Some((key, value)) =
        ["iam_apikey", "apikey"].iter().find_map(|key| Some((key, text(credentials, key)?)))
    {
        settings.insert("APIKEY", setting(key, value));
    } else {
        for key in credentials.keys() {
            if let Some(value) = text(credentials, key) {
                settings.insert(key.as_str(), setting(key, value));
            }
        }
    }
    Ok(settings)
}

/// The labels in the order of the text, because the first matching entry counts.
struct Labels(Vec<(String, Value)>);

impl Labels {
    /// The entry of a service, found by name or else by label.
    fn entry(&self, service: &str) -> Option<&Value> {
        let mut entries = self.0.iter().filter_map(|(_, list)| list.as_array()).flatten();
        let by_name = entries.find(|entry| entry["name"] == service);
        by_name.or_else(|| self.0.iter().find(|(label, _)| label == service)?.1.get(0))
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Labels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut labels = Vec::new();
                while let Some(label) = map.next_entry()? {
                    labels.push(label);
                }
                Ok(Labels(labels))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// A non-empty value as text, if it is a string, a number or a boolean.
fn text(credentials: &Map<String, Value>, key: &str) -> Option<String> {
    match credentials.get(key)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        value @ (Value::Bool(_) | Value::Number(_)) => Some(value.to_string()),
        _ => None,
    }
}
