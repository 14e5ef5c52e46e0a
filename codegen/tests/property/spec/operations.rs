//! Operations: parameters, bodies and responses.

use serde_json::{Map, Value, json};

use super::{Builder, Direction, Spec, Typed, snake};

impl Builder {
    /// A path with one operation.
    pub(super) fn path(&mut self, index: usize, spec: &mut Spec) -> (String, Value) {
        let mut parameters = Vec::new();
        let mut path = format!("/things{index}");
        for name in ["thingId", "part"].iter().take(self.rng.usize(0..=2)) {
            path.push_str(&format!("/{{{name}}}"));
            let (schema, _) = self.sendable();
            parameters.push(json!({
                "name": name, "in": "path", "required": true, "description": "An id.", "schema": schema,
            }));
        }
        let method = self.pick(&["get", "get", "get", "post", "put", "patch", "delete"]);
        for name in ["state", "max-size", "labels", "from"].iter().take(self.rng.usize(0..=4)) {
            parameters.push(self.query_parameter(name));
        }
        if self.chance(10) {
            // Another parameter for the service, which needs a name of its own in Rust.
            let mut parameter = self.query_parameter("State");
            if !self.faulty() {
                parameter["x-sdk-name"] = "upper_state".into();
            }
            parameters.push(parameter);
        }
        if self.chance(15) {
            let wrong = self.faulty();
            parameters.push(json!({
                "name": "envelope", "in": "query", "description": "Whether the body is wrapped.",
                "schema": { "type": if wrong { "string" } else { "boolean" } },
                "x-sdk-envelope": { "status": "status", "content": "content" },
            }));
        }
        if self.chance(20) {
            let (schema, _) = self.sendable();
            parameters.push(json!({
                "name": "X-Trace", "in": "header", "description": "An id.", "schema": schema,
            }));
        }
        let id = format!("{}{index}", self.pick(&["listThings", "readThing", "queryAll"]));
        let mut operation = json!({
            "operationId": id,
            "x-sdk-group": self.pick(&["things", "other-things"]),
            "tags": ["Things"],
            "summary": "Do one thing",
            "description": "Does one thing, and `nothing` else.",
            "externalDocs": { "url": "https://example.com/docs" },
        });
        if matches!(method, "post" | "put" | "patch") && self.chance(80) {
            let (name, example) = self.object(Direction::Request, 0);
            spec.requests.push((name.clone(), example.clone()));
            let content = json!({ "schema": { "$ref": format!("#/components/schemas/{name}") }, "example": example });
            operation["requestBody"] = json!({ "required": true, "content": { "application/json": content } });
        }
        let mut responses = Map::new();
        self.success(&id, &mut operation, &mut responses, &mut parameters, spec);
        if self.chance(10) {
            responses.insert("102".to_owned(), json!({ "description": "Not yet." }));
        }
        responses.insert("404".to_owned(), json!({ "$ref": "#/components/responses/Fault" }));
        operation["responses"] = Value::Object(responses);
        if !parameters.is_empty() {
            operation["parameters"] = Value::Array(parameters);
        }
        (path, json!({ method: operation }))
    }

    pub(super) fn success(
        &mut self,
        id: &str,
        operation: &mut Value,
        responses: &mut Map<String, Value>,
        parameters: &mut Vec<Value>,
        spec: &mut Spec,
    ) {
        let text = json!({ "schema": { "type": "string" }, "example": "a,b\n1,2\n" });
        let (status, content) = match self.rng.usize(0..10) {
            0 => ("204", None),
            1 => ("200", Some(json!({ "text/csv": text }))),
            _ => {
                let (name, example) = if self.chance(45) {
                    let (name, example, pagination) = self.page(parameters);
                    operation["x-sdk-pagination"] = pagination;
                    spec.paginated.push(snake(id));
                    (name, example)
                } else {
                    self.body()
                };
                spec.responses.push((snake(id), example.clone()));
                let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
                let mut content = json!({ "application/json": { "schema": schema, "example": example } });
                if !operation.as_object().is_some_and(|map| map.contains_key("x-sdk-pagination")) && self.chance(10) {
                    content["text/csv"] = text;
                    let csv = format!("{}_csv", snake(id));
                    operation["x-sdk-methods"] = json!({ "application/json": snake(id), "text/csv": csv });
                }
                ("200", Some(content))
            }
        };
        let mut response = json!({ "description": "The result." });
        if let Some(content) = content {
            response["content"] = content;
        }
        responses.insert(status.to_owned(), response);
    }

    /// The body of a response: an object, or a named list or scalar.
    pub(super) fn body(&mut self) -> (String, Value) {
        if self.chance(85) {
            return self.object(Direction::Response, 0);
        }
        let (mut schema, example) = if self.chance(60) {
            let (items, example) = self.value(Direction::Response, 1);
            (json!({ "type": "array", "items": items }), json!([example]))
        } else {
            self.scalar(Direction::Response)
        };
        let name = self.fresh("Named");
        schema["description"] = "Values, a count or an id.".into();
        self.schemas.insert(name.clone(), schema);
        (name, example)
    }

    pub(super) fn query_parameter(&mut self, name: &str) -> Value {
        let (mut schema, example) = self.sendable();
        if self.chance(25) {
            schema = json!({ "type": "array", "items": schema });
            if self.chance(30) {
                schema["maxItems"] = 9.into();
            }
        } else if self.chance(15) && schema.get("allOf").is_none() {
            schema["default"] = example;
        }
        if self.faulty() {
            schema["nullable"] = true.into();
        }
        let mut parameter =
            json!({ "name": name, "in": "query", "description": "A count or an id.", "schema": schema });
        if self.chance(25) {
            parameter["required"] = true.into();
        }
        if self.chance(15) {
            parameter["x-sdk-name"] = format!("{}_chosen", snake(name)).into();
        }
        parameter
    }

    /// A schema of a parameter: a scalar or an enum.
    pub(super) fn sendable(&mut self) -> Typed {
        if self.chance(15) {
            let (name, example) = self.enumeration();
            return (json!({ "allOf": [{ "$ref": format!("#/components/schemas/{name}") }] }), example);
        }
        self.scalar(Direction::Request)
    }
}
