//! Lists in pages, and how the next page is asked for.

use serde_json::{Value, json};

use super::{Builder, Direction};

impl Builder {
    /// A page of a list, and how it is paginated.
    pub(super) fn page(&mut self, parameters: &mut Vec<Value>) -> (String, Value, Value) {
        let name = self.fresh("Page");
        let (item, item_example, id) = self.item();
        let markers: Vec<String> =
            item["$ref"].as_str().and_then(|name| name.rsplit('/').next()).map_or(Vec::new(), |name| {
                self.schemas[name]["properties"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(key, _)| key.clone())
                    .take(2)
                    .collect()
            });
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
            let total = if self.faulty() { json!({ "type": "string" }) } else { number(format, None) };
            properties["total"] = total;
            properties["total"]["description"] = "How many things there are, a count.".into();
            json!({
                "style": "page-number", "page": "pageNum", "size": "page_size", "items": "results", "links": "links",
                "total": "total",
            })
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
        let mut page = json!({ "type": "object", "description": "A page.", "properties": properties });
        if !markers.is_empty() && self.chance(15) {
            let items = if self.faulty() { "total" } else { "results" };
            page["x-sdk-bare-item"] = json!({ "items": items, "markers": markers });
        }
        self.schemas.insert(name.clone(), page);
        (name, example, pagination)
    }

    /// An item of a page: its schema, an example, and the property that identifies it.
    pub(super) fn item(&mut self) -> (Value, Value, Option<&'static str>) {
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
    pub(super) fn next_property(
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
}
