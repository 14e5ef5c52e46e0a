//! Changes of a JSON body, guided by the schema of the response.

use std::fmt;
use std::sync::Arc;

use cloud_billing_catalogue::{Schema, Type};
use serde_json::{Value, json};

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

    /// Changes a body of this schema.
    pub(crate) fn apply(&self, schema: Option<&Schema>, body: &mut Value) {
        match (self, schema) {
            (Self::UnknownFields, Some(schema)) => each(schema, body, &|schema, value| {
                if let (Type::Object(_), Value::Object(members)) = (schema.ty, value) {
                    members.insert(UNKNOWN_FIELD.to_owned(), json!({ "nested": [1, "two", null] }));
                }
            }),
            (Self::UnknownValues, Some(schema)) => each(schema, body, &|schema, value| {
                if let (Type::Enum(_), Value::String(text)) = (schema.ty, value) {
                    UNKNOWN_VALUE.clone_into(text);
                }
            }),
            (Self::Nulls, _) => empty(schema, body),
            (Self::Custom(edit), _) => edit(body),
            (_, None) => {}
        }
    }
}

/// Changes every value that has a schema, the inner ones first.
fn each(schema: &Schema, value: &mut Value, change: &impl Fn(&Schema, &mut Value)) {
    match (schema.ty, &mut *value) {
        (Type::List(list), Value::Array(items)) => items.iter_mut().for_each(|item| each(list.items, item, change)),
        (Type::Object(object), Value::Object(members)) => {
            for property in object.properties {
                if let Some(member) = members.get_mut(property.name) {
                    each(&property.schema, member, change);
                }
            }
        }
        _ => {}
    }
    change(schema, value);
}

/// Makes every scalar null, except items of lists and members that the service always sends.
fn empty(schema: Option<&Schema>, value: &mut Value) {
    match (schema.map(|schema| schema.ty), value) {
        (ty, Value::Object(members)) => {
            for (name, member) in members {
                let property = match ty {
                    Some(Type::Object(object)) => object.properties.iter().find(|property| property.name == name),
                    _ => None,
                };
                if member.is_object() || member.is_array() {
                    empty(property.map(|property| &property.schema), member);
                } else if property.is_none_or(|property| !property.guaranteed) {
                    *member = Value::Null;
                }
            }
        }
        (ty, Value::Array(items)) => {
            let schema = match ty {
                Some(Type::List(list)) => Some(list.items),
                _ => None,
            };
            items.iter_mut().for_each(|item| empty(schema, item));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Service, Spec};

    #[test]
    fn edits_follow_the_schema() {
        let media = &Spec::of(Service::Atlas).operation("listInvoices").unwrap().content[0];
        let edited = |edit: Edit| {
            let mut body = json!({
                "results": [{ "statusName": "PAID", "amountPaidCents": 2, "linkedInvoices": [{ "statusName": "PAID" }] }],
                "other": ["x"],
                "totalCount": 1,
            });
            edit.apply(media.schema.as_ref(), &mut body);
            body
        };
        let renamed = edited(Edit::UnknownValues);
        let invoice = &renamed["results"][0];
        assert_eq!([&invoice["statusName"], &invoice["linkedInvoices"][0]["statusName"]], [UNKNOWN_VALUE; 2]);
        let nulls = edited(Edit::Nulls);
        assert_eq!(nulls["results"][0]["amountPaidCents"], Value::Null);
        assert_eq!((&nulls["other"], &nulls["totalCount"]), (&json!(["x"]), &Value::Null));
        let extended = edited(Edit::UnknownFields);
        assert!(extended[UNKNOWN_FIELD].is_object() && extended["results"][0][UNKNOWN_FIELD].is_object(), "{extended}");
        assert_eq!(edited(Edit::Custom(Arc::new(|body| body["n"] = 2.into())))["n"], 2);
    }
}
