//! The model as an OpenAPI document that progenitor can express: types and signatures, without texts and rules.
//!
//! Components have their Rust names and parameters theirs, so that the output is joined to the model by these names. Each
//! JSON media type is `application/json`, each other one a stream of bytes. An operation has the success response of its
//! first method; the others return bytes.

use openapiv3::OpenAPI;
use serde_json::{Map, Value, json};

use crate::model::{Model, Object, Operation, Output, Place, Schema, Type};

/// The document of a model.
///
/// # Errors
/// That the document is not OpenAPI 3.0, and where.
pub(super) fn document(model: &Model) -> Result<OpenAPI, String> {
    let mut paths = Map::new();
    for operation in &model.operations {
        let item = paths.entry(path(operation)).or_insert_with(|| json!({}));
        item[&operation.http_method] = self::operation(operation);
    }
    let enums = model.enums.iter().map(|(name, entry)| {
        let values: Vec<&str> = entry.values.iter().map(|(_, wire)| wire.as_str()).collect();
        (name.clone(), json!({ "type": "string", "enum": values }))
    });
    let objects = model.objects.iter().map(|(name, object)| (name.clone(), self::object(object)));
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": model.title, "version": model.api_version },
        "paths": paths,
        "components": { "schemas": enums.chain(objects).collect::<Map<_, _>>() },
    });
    serde_path_to_error::deserialize(document).map_err(|error| {
        format!("the document for progenitor is not OpenAPI 3.0 at `{}`: {}", error.path(), error.inner())
    })
}

fn path(operation: &Operation) -> String {
    let in_path = operation.parameters.iter().filter(|parameter| parameter.place == Place::Path);
    in_path.fold(operation.path.clone(), |path, parameter| {
        path.replace(&format!("{{{}}}", parameter.wire), &format!("{{{}}}", parameter.rust))
    })
}

fn operation(operation: &Operation) -> Value {
    let parameters = operation.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.rust,
            "in": parameter.place.name(),
            "required": parameter.required,
            "schema": schema(&parameter.schema),
        })
    });
    let success = match operation.methods.first().map(|method| &method.output) {
        Some(Output::Json(ty)) => json!({ "application/json": { "schema": self::ty(ty) } }),
        Some(Output::Bytes) => {
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
        }
        Some(Output::Empty) | None => json!({}),
    };
    let mut written = json!({
        "operationId": key(operation),
        "parameters": parameters.collect::<Vec<_>>(),
        "responses": { operation.success.status.to_string(): { "description": "", "content": success } },
    });
    if let Some(body) = &operation.body {
        let content = json!({ "application/json": { "schema": schema(&body.schema) } });
        written["requestBody"] = json!({ "required": true, "content": content });
    }
    written
}

/// The name of the function that progenitor writes for an operation.
pub(super) fn key(operation: &Operation) -> &str {
    operation.methods.first().map_or("", |method| method.name.as_str())
}

fn object(object: &Object) -> Value {
    let properties = object.properties.iter().map(|property| (property.wire.clone(), schema(&property.schema)));
    let properties: Map<_, _> = properties.collect();
    let always = object.properties.iter().filter(|property| property.is_always_present(object));
    let required: Vec<&str> = always.map(|property| property.wire.as_str()).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn schema(schema: &Schema) -> Value {
    ty(&schema.ty)
}

fn ty(of: &Type) -> Value {
    match of {
        Type::Any => json!({}),
        Type::Scalar(format) if format.name.is_empty() => json!({ "type": format.kind }),
        Type::Scalar(format) => json!({ "type": format.kind, "format": format.name }),
        Type::Enum(name) | Type::Object(name) => json!({ "$ref": format!("#/components/schemas/{name}") }),
        Type::List(element) => json!({ "type": "array", "items": schema(element) }),
        Type::Map(value) => json!({ "type": "object", "additionalProperties": schema(value) }),
    }
}
