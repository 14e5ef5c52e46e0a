//! Random specs from the constructs that lint knows, each schema with an example of it.
//!
//! Most choices are valid. A few are not (`Spec::faulty`), so that the rules are tested from both sides.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// A spec, and what its code is checked with.
pub(crate) struct Spec {
    pub document: Value,
    /// Method and example of each JSON body that is read.
    pub responses: Vec<(String, Value)>,
    /// Component and example of each body that is sent.
    pub requests: Vec<(String, Value)>,
    /// The methods that list items in pages.
    pub paginated: Vec<String>,
}

impl Spec {
    pub(crate) fn text(&self) -> String {
        serde_yaml::to_string(&self.document).expect("a document is YAML")
    }
}

/// Which way a schema goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Request,
    Response,
}

/// A schema with an example; no example for a value that is left out or null.
type Typed = (Value, Value);

const NAMES: [&str; 21] = [
    "id",
    "name",
    "type",
    "self",
    "odd name",
    "camelCase",
    "snake_case",
    "UPPER",
    "x-y",
    "_links",
    "crate",
    "value",
    "items",
    "extra",
    "body",
    "a.b",
    "Ok",
    "description",
    "match",
    "unitPriceDollars",
    "HTTPCode",
];

struct Builder {
    rng: Rng,
    schemas: Map<String, Value>,
    /// Finished components by direction, with their examples: referred to again.
    known: Vec<(Direction, String, Value)>,
    enums: Vec<(String, Value)>,
    count: usize,
}

/// The spec of a seed: the same one on every machine.
pub(crate) fn spec(seed: u64) -> Spec {
    let mut builder =
        Builder { rng: Rng::with_seed(seed), schemas: Map::new(), known: Vec::new(), enums: Vec::new(), count: 0 };
    builder.spec()
}

impl Builder {
    /// Whether something happens that happens so often in a hundred.
    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    /// A choice that lint has to refuse.
    fn faulty(&mut self) -> bool {
        self.rng.u32(0..1000) < 4
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(0..from.len())].clone()
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}{}", self.count)
    }

    fn spec(&mut self) -> Spec {
        let mut spec =
            Spec { document: Value::Null, responses: Vec::new(), requests: Vec::new(), paginated: Vec::new() };
        let mut paths = Map::new();
        for index in 0..self.rng.usize(1..=2) {
            let (path, item) = self.path(index, &mut spec);
            paths.insert(path, item);
        }
        let fault = json!({
            "type": "object",
            "description": "An error.",
            "properties": { "message": { "type": "string", "description": "The fault in words." } },
        });
        self.schemas.insert("Fault".to_owned(), fault);
        let title = if self.faulty() { "Small \"API\"" } else { "Small" };
        let reference = json!({ "$ref": "#/components/schemas/Fault" });
        spec.document = json!({
            "openapi": "3.0.3",
            "info": { "title": title, "version": "1" },
            "security": [{ "token": [] }],
            "paths": paths,
            "components": {
                "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
                "responses": {
                    "Fault": { "description": "A fault.", "content": { "application/json": { "schema": reference } } },
                },
                "schemas": self.schemas,
            },
        });
        spec
    }

    /// A path with one operation.
    fn path(&mut self, index: usize, spec: &mut Spec) -> (String, Value) {
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

    fn success(
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
    fn body(&mut self) -> (String, Value) {
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

    /// A page of a list, and how it is paginated.
    fn page(&mut self, parameters: &mut Vec<Value>) -> (String, Value, Value) {
        let name = self.fresh("Page");
        let (item, item_example, id) = self.item();
        let mut properties = json!({
            "results": { "type": "array", "description": "The items, each perhaps a count.", "items": item },
            "total": { "type": "integer", "format": "int64", "description": "A count of items." },
        });
        let mut example = json!({ "results": [item_example], "total": 1 });
        let numbered = self.chance(40);
        let number = |format: &str, default: Option<u32>| {
            let mut schema = json!({ "type": "integer", "format": format });
            if let Some(default) = default {
                schema["default"] = default.into();
            }
            schema
        };
        let mut parameter = |name: &str, required: bool, schema: Value| {
            let mut parameter = json!({
                "name": name, "in": "query", "description": "Where the page begins, or its size as a count.", "schema": schema,
            });
            if required {
                parameter["required"] = true.into();
            }
            parameters.push(parameter);
        };
        let format = self.pick(&["int32", "int64"]);
        let mut pagination = if numbered {
            let wrong = self.faulty();
            parameter("pageNum", false, if wrong { json!({ "type": "string" }) } else { number(format, Some(1)) });
            parameter("page_size", false, number(format, Some(100)));
            let link = self.fresh("Link");
            self.schemas.insert(
                link.clone(),
                json!({
                    "type": "object", "description": "A link.",
                    "properties": {
                        "rel": { "type": "string", "description": "Its kind." },
                        "href": { "type": "string", "description": "Its address." },
                    },
                }),
            );
            properties["links"] = json!({
                "type": "array", "description": "Links.", "items": { "$ref": format!("#/components/schemas/{link}") },
            });
            example["links"] = json!([{ "rel": "self", "href": "https://example.com" }]);
            json!({ "style": "page-number", "page": "pageNum", "size": "page_size", "items": "results", "links": "links" })
        } else {
            let cursor = match self.rng.usize(0..100) {
                0 => json!({ "type": "integer", "format": "int64" }),
                1 => json!({ "type": "string", "format": "date-time" }),
                2 => json!({ "type": "array", "items": { "type": "string" } }),
                3..20 => json!({ "type": "string", "maxLength": 64 }),
                _ => json!({ "type": "string" }),
            };
            let required = self.faulty();
            parameter("_start", required, cursor);
            parameter("_limit", false, number(format, None));
            let mut pagination = json!({ "style": "cursor", "token": "_start", "size": "_limit", "items": "results" });
            let kind = self.rng.usize(0..3);
            if kind != 0 {
                self.next_property("href", "next-href", &mut pagination, &mut properties, &mut example);
            }
            if kind != 1 {
                self.next_property("cursor", "next-token", &mut pagination, &mut properties, &mut example);
            }
            pagination
        };
        if let Some(id) = id {
            pagination["id"] = id.into();
        }
        if self.faulty() {
            pagination["items"] = "page.results".into();
        }
        self.schemas
            .insert(name.clone(), json!({ "type": "object", "description": "A page.", "properties": properties }));
        (name, example, pagination)
    }

    /// An item of a page: its schema, an example, and the property that identifies it.
    fn item(&mut self) -> (Value, Value, Option<&'static str>) {
        if self.faulty() {
            let (schema, example) = self.scalar(Direction::Response);
            return (schema, example, None);
        }
        let (name, example) = self.object(Direction::Response, 1);
        let has_id = self.schemas[&name]["properties"]["id"]["type"] == "string"
            && self.schemas[&name]["properties"]["id"].get("format").is_none();
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        // An id that is guaranteed or no plain text is refused by lint, and offered now and then.
        (schema, example, (has_id && self.chance(70)).then_some("id"))
    }

    /// A property that leads to the next page: in the page itself, or in an object of it.
    fn next_property(
        &mut self,
        name: &str,
        key: &str,
        pagination: &mut Value,
        properties: &mut Value,
        example: &mut Value,
    ) {
        let mut text = json!({ "type": "string", "description": "Where the next page is." });
        if self.faulty() {
            text["x-sdk-guaranteed"] = true.into();
        }
        if self.faulty() {
            text["format"] = "password".into();
        }
        if self.chance(20) {
            text["nullable"] = true.into();
        }
        let value = if name == "href" { "https://example.com/things?_start=abc" } else { "abc" };
        if self.chance(50) {
            properties[name] = text;
            example[name] = value.into();
            pagination[key] = name.into();
            return;
        }
        if properties.get("next").is_none() {
            let next = self.fresh("Next");
            let object = json!({ "type": "object", "description": "The next page.", "properties": {} });
            self.schemas.insert(next.clone(), object);
            let reference = format!("#/components/schemas/{next}");
            properties["next"] = json!({ "description": "The next page.", "allOf": [{ "$ref": reference }] });
            example["next"] = json!({});
        }
        let next = properties["next"]["allOf"][0]["$ref"].as_str().unwrap_or_default().to_owned();
        let next = next.rsplit('/').next().unwrap_or_default();
        self.schemas[next]["properties"][name] = text;
        example["next"][name] = value.into();
        pagination[key] = format!("next.{name}").into();
    }

    fn query_parameter(&mut self, name: &str) -> Value {
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
    fn sendable(&mut self) -> Typed {
        if self.chance(15) {
            let (name, example) = self.enumeration();
            return (json!({ "allOf": [{ "$ref": format!("#/components/schemas/{name}") }] }), example);
        }
        self.scalar(Direction::Request)
    }

    fn scalar(&mut self, direction: Direction) -> Typed {
        let typed = |kind: &str, format: &str, example: Value| {
            let schema = match format {
                "" => json!({ "type": kind }),
                format => json!({ "type": kind, "format": format }),
            };
            (schema, example)
        };
        let (mut schema, example) = match self.rng.usize(0..14) {
            0 | 1 => typed("string", "", "abc".into()),
            2 => typed("string", "date-time", "2024-01-31T12:00:00Z".into()),
            3 => typed("string", "date", "2024-01-31".into()),
            4 => typed("string", "billing-month", "2024-01".into()),
            5 => typed("string", "decimal", "12.50".into()),
            6 => typed("number", "decimal", json!(12.25)),
            7 => typed("number", "double", json!(1.5)),
            8 => typed("integer", "int64", json!(7)),
            9 => typed("integer", "int32", json!(7)),
            10 => typed("integer", "epoch-millis", json!(1_706_702_400_000_u64)),
            11 => typed("boolean", "", json!(true)),
            12 if direction == Direction::Response => typed("string", "password", "secret".into()),
            _ => typed("string", "", "abc".into()),
        };
        if self.faulty() {
            schema["format"] = "uuid".into();
        }
        if schema["type"] == "string" && schema.get("format").is_none() {
            match self.rng.usize(0..6) {
                0 => schema["maxLength"] = 8.into(),
                1 => schema["pattern"] = "^[a-z]{1,8}$".into(),
                2 => schema["minLength"] = 1.into(),
                _ => {}
            }
        }
        if matches!(schema["format"].as_str(), Some("int32" | "int64")) && self.chance(30) {
            schema["minimum"] = 1.into();
            schema["maximum"] = 100.into();
        }
        (schema, example)
    }

    fn enumeration(&mut self) -> (String, Value) {
        if !self.enums.is_empty() && self.chance(50) {
            let known = self.enums.clone();
            return self.pick(&known);
        }
        let name = self.fresh("Kind");
        let values = self.pick(&[&["A", "B"][..], &["in use", "2xlarge", "self"][..], &["a-b", "a/c"][..]]);
        let mut schema = json!({ "type": "string", "description": "A kind.", "enum": values });
        if values.contains(&"self") {
            schema["x-sdk-enum-names"] = json!({ "self": "Itself" });
        }
        self.schemas.insert(name.clone(), schema);
        let found = (name, Value::from(values[0]));
        self.enums.push(found.clone());
        found
    }

    /// Any schema that can stand in a list, a map or a property.
    fn value(&mut self, direction: Direction, depth: usize) -> Typed {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        match self.rng.usize(0..20) {
            0..10 => self.scalar(direction),
            10 => {
                let (name, example) = self.enumeration();
                (reference(&name), example)
            }
            11 | 12 if depth < 3 => {
                let (items, example) = self.value(direction, depth + 1);
                let mut list = json!({ "type": "array", "items": items });
                if self.faulty() {
                    list["items"]["nullable"] = true.into();
                }
                (list, json!([example]))
            }
            13 if depth < 3 => {
                let (values, example) = self.value(direction, depth + 1);
                (json!({ "type": "object", "additionalProperties": values }), json!({ "a key": example }))
            }
            14 => (json!({}), json!({ "any": [1, "x"] })),
            15 => {
                let (mut schema, example) = if depth < 2 && self.chance(50) {
                    let (items, example) = self.value(direction, depth + 1);
                    (json!({ "type": "array", "items": items }), json!([example]))
                } else {
                    self.scalar(direction)
                };
                let name = self.fresh("Alias");
                schema["description"] = "Another name for a count or an id.".into();
                self.schemas.insert(name.clone(), schema);
                (reference(&name), example)
            }
            16 | 17 if depth < 3 => {
                let (name, example) = self.object(direction, depth + 1);
                (reference(&name), example)
            }
            18 => {
                let known: Vec<_> = self.known.iter().filter(|(of, ..)| *of == direction).cloned().collect();
                match known.is_empty() {
                    true => self.scalar(direction),
                    false => {
                        let (_, name, example) = self.pick(&known);
                        (reference(&name), example)
                    }
                }
            }
            _ => self.scalar(direction),
        }
    }

    /// An object component.
    fn object(&mut self, direction: Direction, depth: usize) -> (String, Value) {
        let name = self.fresh(if direction == Direction::Request { "New" } else { "Thing" });
        let (mut properties, mut required, mut example) = (Map::new(), Vec::new(), Map::new());
        let mut names: Vec<&str> = NAMES.to_vec();
        self.rng.shuffle(&mut names);
        let size = self.rng.usize(1..=6);
        if direction == Direction::Response && self.chance(50) {
            properties.insert("id".to_owned(), json!({ "type": "string", "description": "Its id." }));
            example.insert("id".to_owned(), "t1".into());
        }
        for wire in names.into_iter().take(size) {
            if properties.contains_key(wire) {
                continue;
            }
            let (property, value) = self.property(&name, direction, depth, wire, &mut required);
            properties.insert(wire.to_owned(), property);
            if let Some(value) = value {
                example.insert(wire.to_owned(), value);
            }
        }
        let mut schema = json!({ "type": "object", "description": "A thing.", "properties": properties });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        if schema["properties"].get("extra").is_none() && self.chance(15) {
            schema["additionalProperties"] = true.into();
            example.insert("not-named".to_owned(), json!([1, { "a": null }]));
        }
        self.schemas.insert(name.clone(), schema);
        self.known.push((direction, name.clone(), Value::Object(example.clone())));
        (name, Value::Object(example))
    }

    /// A property and its value in the example, if it has one.
    fn property(
        &mut self,
        owner: &str,
        direction: Direction,
        depth: usize,
        wire: &str,
        required: &mut Vec<String>,
    ) -> (Value, Option<Value>) {
        if direction == Direction::Response && self.chance(4) {
            let reference = json!([{ "$ref": format!("#/components/schemas/{owner}") }]);
            return (json!({ "description": "Another of its kind.", "allOf": reference }), None);
        }
        let (mut schema, example) = self.value(direction, depth);
        let mut example = Some(example);
        if let Some(reference) = schema.get("$ref").cloned() {
            schema = json!({ "allOf": [{ "$ref": reference }] });
        }
        schema["description"] = "A count, an id or a thing.".into();
        let is_required = self.chance(30);
        let guaranteed = direction == Direction::Response && self.chance(8);
        if is_required {
            required.push(wire.to_owned());
        }
        if guaranteed {
            schema["x-sdk-guaranteed"] = true.into();
        }
        let is_any = schema.get("type").is_none() && schema.get("allOf").is_none();
        if !guaranteed && (direction == Direction::Response || !is_required) && self.chance(15) {
            schema["nullable"] = true.into();
            if self.chance(50) {
                example = Some(Value::Null);
            }
        } else if self.faulty() {
            schema["nullable"] = true.into();
        } else if direction == Direction::Response && !guaranteed && !is_any && self.chance(8) {
            schema["x-sdk-lenient"] = true.into();
            if self.chance(50) {
                let structured = example.as_ref().is_some_and(|value| value.is_object() || value.is_array());
                example = Some(if structured { "on request".into() } else { json!({ "unexpected": [true] }) });
            }
        }
        if self.chance(10) {
            schema["deprecated"] = true.into();
        }
        if !is_required && !guaranteed && self.chance(15) {
            example = None;
        }
        (schema, example)
    }
}

/// `listThings0` -> `list_things0`, as the generator does for such ids.
pub(crate) fn snake(id: &str) -> String {
    let mut snake = String::new();
    for c in id.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    snake
}
