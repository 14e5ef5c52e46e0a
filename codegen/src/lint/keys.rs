//! Which keys an object may have, and of which JSON type each is. A misspelt key would otherwise be ignored in silence.

use super::Spec;
use super::nodes::{Found, Kind};
use crate::node::Node;

/// How a message names a kind of object, and its keys with the types of their values.
fn keys(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Root => (
            "the document",
            "openapi=text info=map servers=list security=list tags=list paths=maps components=maps externalDocs=map",
        ),
        Kind::Components => (
            "`components`",
            "schemas=maps responses=maps parameters=maps requestBodies=maps headers=maps securitySchemes=maps",
        ),
        Kind::PathItem => (
            "a path item",
            "summary=text description=text parameters=list get=map put=map post=map delete=map patch=map",
        ),
        Kind::Operation => (
            "an operation",
            "tags=list summary=text description=text externalDocs=map operationId=text parameters=list requestBody=map \
             responses=maps deprecated=flag security=list",
        ),
        Kind::Parameter => (
            "a parameter",
            "name=text in=text description=text required=flag deprecated=flag style=text explode=flag schema=map example=any",
        ),
        Kind::RequestBody => ("a request body", "description=text content=maps required=flag"),
        Kind::Response => ("a response", "description=text headers=maps content=maps"),
        Kind::Header => ("a header", "description=text required=flag schema=map example=any"),
        Kind::MediaType => ("a media type", "schema=map example=any"),
        Kind::Schema(_) => (
            "a schema",
            "type=text format=text title=text description=text properties=maps required=list items=map \
             additionalProperties=flag-or-map enum=list allOf=list nullable=flag readOnly=flag writeOnly=flag \
             deprecated=flag default=any example=any pattern=text minLength=number maxLength=number minimum=number \
             maximum=number minItems=number maxItems=number uniqueItems=flag",
        ),
    }
}

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
        let (owner, keys) = keys(*kind);
        let keys: Vec<(&str, &str)> = keys.split(' ').filter_map(|key| key.split_once('=')).collect();
        for (key, member) in node.members().iter().filter(|(key, _)| !key.starts_with("x-")) {
            let place = &member.pointer;
            if let Some((_, wanted)) = keys.iter().find(|(known, _)| known == key) {
                value(spec, key, wanted, member);
            } else if let Some((_, remedy)) = UNSUPPORTED.iter().find(|(known, _)| known == key) {
                spec.report(place, "unsupported-key", format!("`{key}` on {owner} is not supported"), *remedy);
            } else {
                let known: Vec<&str> = keys.iter().map(|(known, _)| *known).collect();
                let help = format!("{owner} has: {}", known.join(", "));
                spec.report(place, "unknown-key", format!("{owner} has no key `{key}`"), help);
            }
        }
    }
}

/// A value is of the type that its key has.
fn value(spec: &Spec<'_>, key: &str, wanted: &str, member: &Node<'_>) {
    let value = member.value;
    let (fits, wanted_in_words) = match wanted {
        "text" => (value.is_string(), "text (quote it if it looks like a number, a date or a boolean)"),
        "flag" => (value.is_boolean(), "`true` or `false`"),
        "number" => (value.is_number(), "a number"),
        "list" => (value.is_array(), "a list"),
        "map" | "maps" => (value.is_object(), "a map"),
        "flag-or-map" => (value.is_boolean() || value.is_object(), "`true` or a schema"),
        _ => (true, ""),
    };
    if !fits {
        let help = format!("it has to be {wanted_in_words}");
        return spec.report(&member.pointer, "wrong-type", format!("`{key}` has the wrong type"), help);
    }
    // A map whose members are maps.
    for (name, inner) in member.members().iter().filter(|(name, _)| wanted == "maps" && !name.starts_with("x-")) {
        if !inner.value.is_object() {
            let message = format!("`{name}` in `{key}` is not a map");
            spec.report(&inner.pointer, "wrong-type", message, "write its members below it, indented");
        }
    }
}
