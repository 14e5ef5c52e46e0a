//! Which keys an object may have, and of which JSON type each is. A misspelt key would otherwise be ignored in silence.

use serde_json::Value;

use super::Spec;
use super::nodes::{Found, Kind};
use crate::pointer::Pointer;

/// The JSON type of a member.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Flag,
    Number,
    List,
    Map,
    /// A map whose members are maps.
    Maps,
    FlagOrMap,
    Any,
}

use Shape::{Any, Flag, FlagOrMap, List, Maps, Number, Text};

type Keys = &'static [(&'static str, Shape)];

const ROOT: Keys = &[
    ("openapi", Text),
    ("info", Shape::Map),
    ("servers", List),
    ("security", List),
    ("tags", List),
    ("paths", Maps),
    ("components", Maps),
    ("externalDocs", Shape::Map),
];
const COMPONENTS: Keys = &[
    ("schemas", Maps),
    ("responses", Maps),
    ("parameters", Maps),
    ("requestBodies", Maps),
    ("headers", Maps),
    ("securitySchemes", Maps),
];
const PATH_ITEM: Keys = &[
    ("summary", Text),
    ("description", Text),
    ("parameters", List),
    ("get", Shape::Map),
    ("put", Shape::Map),
    ("post", Shape::Map),
    ("delete", Shape::Map),
    ("patch", Shape::Map),
];
const OPERATION: Keys = &[
    ("tags", List),
    ("summary", Text),
    ("description", Text),
    ("externalDocs", Shape::Map),
    ("operationId", Text),
    ("parameters", List),
    ("requestBody", Shape::Map),
    ("responses", Maps),
    ("deprecated", Flag),
    ("security", List),
];
const PARAMETER: Keys = &[
    ("name", Text),
    ("in", Text),
    ("description", Text),
    ("required", Flag),
    ("deprecated", Flag),
    ("style", Text),
    ("explode", Flag),
    ("schema", Shape::Map),
    ("example", Any),
];
const REQUEST_BODY: Keys = &[("description", Text), ("content", Maps), ("required", Flag)];
const RESPONSE: Keys = &[("description", Text), ("headers", Maps), ("content", Maps)];
const HEADER: Keys = &[("description", Text), ("required", Flag), ("schema", Shape::Map), ("example", Any)];
const MEDIA_TYPE: Keys = &[("schema", Shape::Map), ("example", Any)];
const SCHEMA: Keys = &[
    ("type", Text),
    ("format", Text),
    ("title", Text),
    ("description", Text),
    ("properties", Maps),
    ("required", List),
    ("items", Shape::Map),
    ("additionalProperties", FlagOrMap),
    ("enum", List),
    ("allOf", List),
    ("nullable", Flag),
    ("readOnly", Flag),
    ("writeOnly", Flag),
    ("deprecated", Flag),
    ("default", Any),
    ("example", Any),
    ("pattern", Text),
    ("minLength", Number),
    ("maxLength", Number),
    ("minimum", Number),
    ("maximum", Number),
    ("minItems", Number),
    ("maxItems", Number),
    ("uniqueItems", Flag),
];

/// Keys that OpenAPI has and we do not, with the remedy.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("oneOf", "name one schema that reads every variant, with all fields optional, or use `x-sdk-lenient`"),
    ("anyOf", "name one schema that reads every variant, with all fields optional, or use `x-sdk-lenient`"),
    ("not", "leave it out: responses are not validated, and requests have simpler checks"),
    ("discriminator", "name one schema that reads every variant, with all fields optional"),
    ("callbacks", "leave it out: a client does not serve callbacks"),
    ("links", "leave it out: follow-up calls are written by hand"),
    ("content", "give the parameter a `schema`; a parameter that is itself a document is not supported"),
    ("encoding", "leave it out: only JSON request bodies are supported"),
    ("head", "leave it out: a HEAD response has no body to type"),
    ("options", "leave it out"),
    ("trace", "leave it out"),
    ("servers", "declare servers once, at the root"),
    ("examples", "use the single `example`, which the sandbox serves"),
    ("exclusiveMinimum", "write the bound as an inclusive `minimum`"),
    ("exclusiveMaximum", "write the bound as an inclusive `maximum`"),
    ("multipleOf", "leave it out: it is not checked"),
    ("minProperties", "leave it out: it is not checked"),
    ("maxProperties", "leave it out: it is not checked"),
    ("webhooks", "leave it out: that is OpenAPI 3.1, and a client does not serve webhooks"),
];

pub(super) fn check(spec: &Spec<'_>) {
    for Found { kind, node } in spec.nodes.iter().filter(|found| !found.node.has("$ref")) {
        let (keys, owner) = match kind {
            Kind::Root => (ROOT, "the document"),
            Kind::Components => (COMPONENTS, "`components`"),
            Kind::PathItem => (PATH_ITEM, "a path item"),
            Kind::Operation => (OPERATION, "an operation"),
            Kind::Parameter => (PARAMETER, "a parameter"),
            Kind::RequestBody => (REQUEST_BODY, "a request body"),
            Kind::Response => (RESPONSE, "a response"),
            Kind::Header => (HEADER, "a header"),
            Kind::MediaType => (MEDIA_TYPE, "a media type"),
            Kind::Schema(_) => (SCHEMA, "a schema"),
        };
        for (key, member) in node.members().iter().filter(|(key, _)| !key.starts_with("x-")) {
            let place = &member.pointer;
            match keys.iter().find(|(known, _)| known == key) {
                Some((_, shape)) => check_shape(spec, place, key, *shape, member.value),
                None => match UNSUPPORTED.iter().find(|(known, _)| known == key) {
                    Some((_, remedy)) => {
                        spec.report(place, "unsupported-key", format!("`{key}` on {owner} is not supported"), *remedy);
                    }
                    None => {
                        let known: Vec<&str> = keys.iter().map(|(known, _)| *known).collect();
                        let help = format!("{owner} has: {}", known.join(", "));
                        spec.report(place, "unknown-key", format!("{owner} has no key `{key}`"), help);
                    }
                },
            }
        }
    }
}

fn check_shape(spec: &Spec<'_>, place: &Pointer, key: &str, shape: Shape, value: &Value) {
    let (fits, wanted) = match shape {
        Text => (value.is_string(), "text (quote it if it looks like a number, a date or a boolean)"),
        Flag => (value.is_boolean(), "`true` or `false`"),
        Number => (value.is_number(), "a number"),
        List => (value.is_array(), "a list"),
        Shape::Map | Maps => (value.is_object(), "a map"),
        FlagOrMap => (value.is_boolean() || value.is_object(), "`true` or a schema"),
        Any => (true, ""),
    };
    if !fits {
        spec.report(place, "wrong-type", format!("`{key}` has the wrong type"), format!("it has to be {wanted}"));
    } else if let (Maps, Some(map)) = (shape, value.as_object()) {
        for (member, _) in map.iter().filter(|(name, value)| !value.is_object() && !name.starts_with("x-")) {
            let message = format!("`{member}` in `{key}` is not a map");
            spec.report(&place.join(member), "wrong-type", message, "write its members below it, indented");
        }
    }
}
