//! Tags of instances as flat objects.

use std::collections::BTreeMap;

use ibm_usage_reports::types::InstanceUsage;
use serde_json::{Value, json};

/// Before the keys of tags that services set.
const SERVICE: &str = "ibm/";

/// The tags of an instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tags {
    /// A flat JSON object, if there are tags.
    pub(super) flat: Option<String>,
    /// The lists as they came, where the object cannot hold them.
    pub(super) raw: Option<String>,
}

impl Tags {
    pub(super) fn of(record: &InstanceUsage) -> Self {
        let mut keys = Keys::default();
        record.tags.iter().for_each(|tag| keys.add("", tag));
        record.service_tags.iter().for_each(|tag| keys.add(SERVICE, tag));
        let raw = keys.lossy().then(|| json!({"tags": record.tags, "service_tags": record.service_tags}).to_string());
        Self { flat: keys.object(), raw }
    }
}

/// The values of each key.
#[derive(Default)]
struct Keys {
    values: BTreeMap<String, Vec<Value>>,
    odd: bool,
}

impl Keys {
    /// Adds a tag: key and value with a colon between, or a key.
    fn add(&mut self, prefix: &str, tag: &Value) {
        let Some(tag) = tag.as_str().filter(|tag| !tag.is_empty()) else {
            self.odd = true;
            return;
        };
        let (key, value) = match tag.split_once(':').filter(|(key, _)| !key.is_empty()) {
            Some((key, value)) => (key, Value::from(value)),
            None => (tag, Value::Bool(true)),
        };
        self.values.entry(format!("{prefix}{key}")).or_default().push(value);
    }

    /// Whether the object does not say all.
    fn lossy(&self) -> bool {
        self.odd || self.values.values().any(|values| values.len() > 1)
    }

    fn object(self) -> Option<String> {
        let one = |(key, values): (String, Vec<Value>)| match <[Value; 1]>::try_from(values) {
            Ok([value]) => (key, value),
            // No lists in a flat object.
            Err(values) => (key, Value::String(Value::Array(values).to_string())),
        };
        let object: serde_json::Map<_, _> = self.values.into_iter().map(one).collect();
        (!object.is_empty()).then(|| Value::Object(object).to_string())
    }
}

#[cfg(test)]
mod tests {
    use cloud_billing_core::json;

    use super::*;

    fn tags(text: &str) -> (Option<String>, Option<String>) {
        let tags = Tags::of(&json::from_str(text).unwrap());
        (tags.flat, tags.raw)
    }

    #[test]
    fn tags_are_cut_at_the_first_colon() {
        let (flat, raw) = tags(r#"{"tags": ["env:test:a", "temporary"], "service_tags": ["project::id:7"]}"#);
        assert_eq!(flat.as_deref(), Some(r#"{"env":"test:a","ibm/project":":id:7","temporary":true}"#));
        assert_eq!(raw, None);
        assert_eq!(tags(r#"{"tags": [], "service_tags": null}"#), (None, None));
    }

    #[test]
    fn what_a_flat_object_cannot_hold_is_kept_raw() {
        let (flat, raw) = tags(r#"{"tags": ["a:1", "a", 7, ":x"], "service_tags": []}"#);
        assert_eq!(flat.as_deref(), Some(r#"{":x":true,"a":"[\"1\",true]"}"#));
        assert_eq!(raw.as_deref(), Some(r#"{"service_tags":[],"tags":["a:1","a",7,":x"]}"#));
    }
}
