//! Schemas, each with an example.

use serde_json::{Map, Value, json};

use super::{Builder, Direction, Typed};

const NAMES: [&str; 29] = [
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
    "new",
    "check",
    "clone",
    "value_null",
    "VALUE",
    "Name",
    "default",
    "serialize",
];

impl Builder {
    pub(super) fn scalar(&mut self, direction: Direction) -> Typed {
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

    pub(super) fn enumeration(&mut self) -> (String, Value) {
        if !self.enums.is_empty() && self.chance(50) {
            let known = self.enums.clone();
            return self.pick(&known);
        }
        let name = self.fresh("Kind");
        let values = self.pick(&[&["A", "B"][..], &["in use", "2xlarge", "self"], &["a-b", "a/c"], &["on", "ON"]]);
        let mut schema = json!({ "type": "string", "description": "A kind.", "enum": values });
        if values.contains(&"self") {
            schema["x-sdk-enum-names"] = json!({ "self": "Itself" });
        }
        if values.contains(&"ON") {
            schema["x-sdk-enum-names"] = json!({ "ON": if self.faulty() { "ON" } else { "Always" } });
        }
        self.schemas.insert(name.clone(), schema);
        let found = (name, Value::from(values[0]));
        self.enums.push(found.clone());
        found
    }

    fn id(&mut self) -> (String, Value) {
        let name = self.fresh("ThingId");
        let mut schema = json!({ "type": "string", "description": "The id of a thing.", "x-sdk-id": true });
        if self.chance(30) {
            schema["pattern"] = "^[a-z]{1,8}$".into();
        }
        if self.faulty() {
            schema["format"] = "date".into();
        }
        self.schemas.insert(name.clone(), schema);
        (name, "abc".into())
    }

    /// Any schema that can stand in a list, a map or a property.
    pub(super) fn value(&mut self, direction: Direction, depth: usize) -> Typed {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        match self.rng.usize(0..20) {
            0..10 => self.scalar(direction),
            10 => {
                let (name, example) = if self.rng.bool() { self.enumeration() } else { self.id() };
                (reference(&name), example)
            }
            11 | 12 if depth < 3 => {
                let (items, example) = self.value(direction, depth + 1);
                let mut list = json!({ "type": "array", "items": items });
                if self.faulty() {
                    list["items"]["nullable"] = true.into();
                }
                // Any JSON value but null, which the client drops.
                if list["items"] == json!({}) && self.faulty() {
                    return (list, json!([example, null]));
                }
                (list, json!([example]))
            }
            13 if depth < 3 => {
                let (values, example) = self.value(direction, depth + 1);
                (json!({ "type": "object", "additionalProperties": values }), json!({ "a key": example }))
            }
            14 => {
                let example = self.pick(&[json!({ "any": [1, "x", null] }), json!([[1], [null]]), json!("x")]);
                (json!({}), example)
            }
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
    pub(super) fn object(&mut self, direction: Direction, depth: usize) -> (String, Value) {
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
    pub(super) fn property(
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
        // Names that are alike in Rust, but for their case, need others; now and then they lack them.
        if matches!(wire, "VALUE" | "Name" | "new") && !self.faulty() {
            schema["x-sdk-name"] = format!("other_{}", wire.to_ascii_lowercase()).into();
        }
        if !is_required && !guaranteed && self.chance(15) {
            example = None;
        }
        (schema, example)
    }
}
