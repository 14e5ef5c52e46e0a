//! Changes of a JSON body, guided by the schema of the response.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::shape::{Path, Shape, Step};

/// The text that [`Fault::unknown_values`](super::Fault::unknown_values) puts in place of a value that the spec lists.
pub const UNKNOWN_VALUE: &str = "SANDBOX_UNKNOWN";

/// The name of the field that is added.
const UNKNOWN_FIELD: &str = "sandboxUnknown";

/// A change of a body.
#[derive(Clone)]
pub(crate) enum Edit {
    UnknownFields,
    UnknownValues,
    Nulls,
    Custom(Arc<dyn Fn(&mut Value) + Send + Sync>),
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Edit {
    /// The description in a recorded request.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::UnknownFields => "given unknown fields",
            Self::UnknownValues => "given unknown values",
            Self::Nulls => "given nulls",
            Self::Custom(_) => "edited",
        }
    }

    /// Changes a body of this shape.
    pub(crate) fn apply(&self, shape: &Shape, body: &mut Value) {
        match self {
            Self::UnknownFields => each(body, &shape.objects, |value| {
                if let Value::Object(members) = value {
                    members.insert(UNKNOWN_FIELD.to_owned(), json!({ "nested": [1, "two", null] }));
                }
            }),
            Self::UnknownValues => each(body, &shape.variants, |value| {
                if value.is_string() {
                    *value = UNKNOWN_VALUE.into();
                }
            }),
            Self::Nulls => empty(body, &mut Vec::new(), &shape.guaranteed),
            Self::Custom(edit) => edit(body),
        }
    }
}

fn each(body: &mut Value, places: &[Path], change: impl Fn(&mut Value)) {
    for place in places {
        at(body, place, &change);
    }
}

/// Changes every value at a place.
fn at(value: &mut Value, place: &[Step], change: &impl Fn(&mut Value)) {
    match (place.split_first(), value) {
        (None, value) => change(value),
        (Some((Step::Member(name), rest)), Value::Object(members)) => {
            if let Some(member) = members.get_mut(name) {
                at(member, rest, change);
            }
        }
        (Some((Step::Item, rest)), Value::Array(items)) => items.iter_mut().for_each(|item| at(item, rest, change)),
        _ => {}
    }
}

/// Makes every scalar null, except items of lists and the values at the places to keep.
fn empty(value: &mut Value, path: &mut Path, keep: &[Path]) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push(Step::Member(name.clone()));
                if !member.is_object() && !member.is_array() && !keep.contains(path) {
                    *member = Value::Null;
                }
                empty(member, path, keep);
                path.pop();
            }
        }
        Value::Array(items) => {
            path.push(Step::Item);
            items.iter_mut().for_each(|item| empty(item, path, keep));
            path.pop();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str) -> Step {
        Step::Member(name.to_owned())
    }

    #[test]
    fn edits_follow_the_shape() {
        let list = || vec![member("list"), Step::Item];
        let shape = Shape {
            objects: vec![vec![], list()],
            variants: vec![[list(), vec![member("state")]].concat(), vec![member("absent")]],
            guaranteed: vec![[list(), vec![member("id")]].concat()],
        };
        let body = json!({ "list": [{ "id": 1, "state": "A", "n": 2 }], "tags": ["x"], "n": 1 });
        let edited = |edit: Edit| {
            let mut body = body.clone();
            edit.apply(&shape, &mut body);
            body
        };
        assert_eq!(edited(Edit::UnknownValues)["list"][0]["state"], UNKNOWN_VALUE);
        assert_eq!(
            edited(Edit::Nulls),
            json!({ "list": [{ "id": 1, "state": null, "n": null }], "tags": ["x"], "n": null })
        );
        let extended = edited(Edit::UnknownFields);
        assert!(extended[UNKNOWN_FIELD].is_object() && extended["list"][0][UNKNOWN_FIELD].is_object(), "{extended}");
        assert_eq!(edited(Edit::Custom(Arc::new(|body| body["n"] = 2.into())))["n"], 2);
    }
}
