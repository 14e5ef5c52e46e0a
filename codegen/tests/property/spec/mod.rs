//! Random specs from the constructs that lint knows, each schema with an example of it.
//!
//! Most choices are valid. A few are not (`Spec::faulty`), so that the rules are tested from both sides.

mod operations;
mod pages;
mod schemas;

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

    pub(super) fn spec(&mut self) -> Spec {
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
            "servers": self.servers(),
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
}

impl Builder {
    /// None, one or several; in a faulty spec the same one twice.
    fn servers(&mut self) -> Vec<Value> {
        let all = ["https://api.example.com", "https://eu.example.com/v1", "https://localhost:8443"];
        let mut servers: Vec<Value> = all[..self.rng.usize(0..=all.len())]
            .iter()
            .map(|url| match self.rng.bool() {
                true => json!({ "url": url, "description": "For all regions: the `default`" }),
                false => json!({ "url": url }),
            })
            .collect();
        if self.faulty() {
            servers.extend(servers.first().cloned());
        }
        servers
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
