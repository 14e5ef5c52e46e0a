//! `--body-template`: a body to fill in.

use cloud_billing_catalogue::{Operation, Schema, Type};
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::failure::Failure;

/// Prints the example of the spec, with the properties that it leaves out.
pub(super) fn print(operation: &Operation, context: &mut Context) -> Result<u8, Failure> {
    let Some(body) = &operation.body else { return Ok(0) };
    let mut template = of(&body.schema);
    if let Some(Ok(example)) = body.example.map(serde_json::from_str::<Value>) {
        merge(&mut template, example);
    }
    let text = serde_json::to_string_pretty(&template).unwrap_or_default();
    context.write(format!("{text}\n").as_bytes())?;
    context.flush()?;
    Ok(0)
}

fn of(schema: &Schema) -> Value {
    match schema.ty {
        Type::Boolean => json!(false),
        Type::Integer(_) | Type::Number(_) => json!(0),
        Type::Text(_) | Type::Any => json!(""),
        Type::Enum(values) => json!(values.values.first()),
        Type::List(list) => json!([of(list.items)]),
        Type::Map(_) => json!({}),
        Type::Object(object) => {
            let properties = object.properties.iter().filter(|property| property.schema.read_only.is_none());
            Value::Object(
                properties.map(|property| (property.name.to_owned(), of(&property.schema))).collect::<Map<_, _>>(),
            )
        }
    }
}

fn merge(template: &mut Value, example: Value) {
    match (template, example) {
        (Value::Object(template), Value::Object(example)) => {
            for (name, value) in example {
                merge(template.entry(name).or_insert(Value::Null), value);
            }
        }
        (template, example) => *template = example,
    }
}
