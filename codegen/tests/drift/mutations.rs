//! Each change that a vendor can make, and the one difference that it is.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use codegen::drift::{CHANGES, Class, IGNORED};
use serde_json::{Value, json};

use crate::{Difference, Edit, edited, findings, report, theirs};

/// What is changed, and the one difference it makes.
fn mutations() -> Vec<(Vec<Edit>, Difference)> {
    use Class::{Additive, Breaking, DocOnly};
    let dated = "/paths/~1things~1{thingId}/get/responses/200/content/application~1vnd.things.2023-01-01+json";
    let dated_again = "/paths/~1things~1{thingId}/get/responses/200/content/application~1vnd.things.2025-02-02+json";
    let body = "/paths/~1things/post/requestBody/content/application~1vnd.things.2023-01-01+json";
    let thing = json!({"schema": {"$ref": "#/components/schemas/Thing"}});
    let text = json!({"type": "string"});
    vec![
        // Operations.
        (vec![("/paths/~1things/post", Value::Null)], (Breaking, "operation-removed", "createThing")),
        (
            vec![("/paths/~1things", Value::Null), ("/paths/~1stuff", theirs()["paths"]["/things"].clone())],
            (Breaking, "operation-moved", "createThing"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/delete",
                json!({"operationId": "deleteThing", "tags": ["Things"], "responses": {}}),
            )],
            (Additive, "operation-new", "DELETE /things/{thingId}"),
        ),
        (vec![("/paths/~1things/post/operationId", json!("makeThing"))], (DocOnly, "operation-renamed", "createThing")),
        (vec![("/paths/~1things/post/deprecated", json!(true))], (DocOnly, "deprecated", "createThing")),
        (vec![("/paths/~1things/post/x-sunset", json!("2027-01-01"))], (DocOnly, "sunset", "createThing")),
        (vec![("/paths/~1things/post/summary", json!("Make one"))], (DocOnly, "text", "createThing")),
        (vec![("/paths/~1things/post/tags", json!(["Others"]))], (DocOnly, "tag", "createThing")),
        (vec![("/paths/~1things/post/tags/-", json!("Others"))], (DocOnly, "tag", "createThing")),
        (vec![("/paths/~1things/get", json!({"responses": {}}))], (Additive, "operation-new", "GET /things")),
        (vec![("/paths/~1things~1{thingId}/get/x-roles", json!(["Reader"]))], (DocOnly, "role", "getThing")),
        (
            vec![(
                "/paths/~1things~1{thingId}~1parts~1all",
                json!({"get": {"operationId": "listParts", "responses": {}}}),
            )],
            (Additive, "operation-new", "GET /things/{thingId}/parts/all"),
        ),
        // The document, and where it is.
        (vec![("/info/version", json!("2"))], (DocOnly, "api-version", "info")),
        (vec![("/servers/-", json!({"url": "https://eu.example.com/api"}))], (Additive, "server-new", "servers")),
        (
            vec![(
                "/servers/-",
                json!({"url": "https://{region}.things.example.com/api", "variables": {"region": {"default": "us"}}}),
            )],
            (Additive, "server-new", "servers"),
        ),
        (vec![("/servers/1", Value::Null)], (Breaking, "server-removed", "servers")),
        (
            vec![(
                "/paths/~1things/servers",
                json!([{"url": "https://things.example.com/api"}, {"url": "https://eu.things.example.com/api"}, {"url": "https://new.example.com/api"}]),
            )],
            (Additive, "server-new", "createThing"),
        ),
        // Security: of the document, and of one operation.
        (vec![("/security/0/token", json!(["read"]))], (Breaking, "scope", "security")),
        (
            vec![(
                "/components/securitySchemes/token/flows/clientCredentials/tokenUrl",
                json!("https://login.example.com/token"),
            )],
            (Breaking, "token-url", "security"),
        ),
        (vec![("/security", json!([{"token": []}]))], (Breaking, "security-removed", "security")),
        (vec![("/security/-", json!({"other": []}))], (Additive, "security-new", "security")),
        (
            vec![("/paths/~1things/post/security", json!([{"token": []}, {"key": []}, {}]))],
            (Additive, "security-new", "createThing"),
        ),
        // Parameters. The list of getThing: thingId, sort, kinds, limit, X-Trace.
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/1", Value::Null)],
            (Breaking, "parameter-removed", "getThing query sort"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/-", json!({"name": "q", "in": "query", "schema": text}))],
            (Additive, "parameter-new", "getThing query q"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/parameters",
                json!([{"name": "q", "in": "query", "required": true, "schema": text}]),
            )],
            (Breaking, "parameter-new", "getThing query q"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/1/required", json!(true))],
            (Breaking, "parameter-required", "getThing query sort"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/4/required", json!(false))],
            (Additive, "parameter-optional", "getThing header X-Trace"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/explode", json!(false))],
            (Breaking, "parameter-style", "getThing query kinds"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/deprecated", json!(true))],
            (DocOnly, "deprecated", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/description", json!("Page size"))],
            (DocOnly, "text", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/type", json!("string"))],
            (Breaking, "type", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/default", json!(50))],
            (Breaking, "default", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/default", Value::Null)],
            (DocOnly, "default", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/maximum", json!(50))],
            (Breaking, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/maximum", json!(500))],
            (Additive, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/minimum", Value::Null)],
            (Additive, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/exclusiveMinimum", json!(true))],
            (Breaking, "constraint", "getThing query limit"),
        ),
        (
            vec![
                ("/paths/~1things~1{thingId}/get/parameters/3/schema/exclusiveMaximum", json!(100)),
                ("/paths/~1things~1{thingId}/get/parameters/3/schema/maximum", Value::Null),
            ],
            (Breaking, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/3/schema/multipleOf", json!(10))],
            (Breaking, "constraint", "getThing query limit"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/get/parameters/3/schema/allOf",
                json!([{"maximum": 500}, {"maximum": 50}]),
            )],
            (Breaking, "constraint", "getThing query limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/schema/uniqueItems", json!(true))],
            (Breaking, "constraint", "getThing query kinds"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/schema/items", Value::Null)],
            (DocOnly, "schema-missing", "getThing query kinds[]"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/4/schema", Value::Null)],
            (DocOnly, "schema-missing", "getThing header X-Trace"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/get/parameters/4/content",
                json!({"application/json": {"schema": {"type": "string"}}}),
            )],
            (Breaking, "parameter-style", "getThing header X-Trace"),
        ),
        (
            vec![("/components/schemas/SortField/allOf", json!([{"enum": ["NAME"]}, {"enum": ["NAME", "DATE"]}]))],
            (Breaking, "enum-value-removed", "SortField"),
        ),
        (vec![("/components/schemas/NewThing/additionalProperties", json!(false))], (DocOnly, "closed", "NewThing")),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/schema/minItems", json!(1))],
            (Breaking, "constraint", "getThing query kinds"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/0/schema/pattern", json!("^[0-9]+$"))],
            (Breaking, "constraint", "getThing path thingId"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/parameters/2/schema/items/enum", json!(["A"]))],
            (Breaking, "enum-closed", "getThing query kinds[]"),
        ),
        (vec![("/components/schemas/SortField/enum/1", Value::Null)], (Breaking, "enum-value-removed", "SortField")),
        // Bodies.
        (vec![("/paths/~1things/post/requestBody", Value::Null)], (Breaking, "body-removed", "createThing")),
        (
            vec![("/paths/~1things~1{thingId}/get/requestBody", json!({"content": {}}))],
            (Additive, "body-new", "getThing"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/requestBody", json!({"content": {}, "required": true}))],
            (Breaking, "body-new", "getThing"),
        ),
        (vec![("/paths/~1things/post/requestBody/required", json!(false))], (Additive, "body-optional", "createThing")),
        (
            vec![("/components/schemas/NewThing/properties/size", text.clone())],
            (Additive, "field-new", "NewThing.size"),
        ),
        (
            vec![
                ("/components/schemas/NewThing/properties/size", text.clone()),
                ("/components/schemas/NewThing/required", json!(["name", "size"])),
            ],
            (Breaking, "field-new", "NewThing.size"),
        ),
        (
            vec![("/components/schemas/NewThing/required/-", json!("remark"))],
            (Breaking, "required-added", "NewThing.remark"),
        ),
        (vec![("/components/schemas/NewThing/required", Value::Null)], (Additive, "required-dropped", "NewThing.name")),
        (
            vec![("/components/schemas/NewThing/properties/remark/nullable", json!(false))],
            (Breaking, "nullable", "NewThing.remark"),
        ),
        (
            vec![("/components/schemas/NewThing/properties/name/nullable", json!(true))],
            (Additive, "nullable", "NewThing.name"),
        ),
        (
            vec![("/components/schemas/NewThing/properties/name/readOnly", json!(true))],
            (Breaking, "field-removed", "NewThing.name"),
        ),
        (vec![("/paths/~1things/post/requestBody/description", json!("Other"))], (DocOnly, "text", "createThing body")),
        (vec![(body, Value::Null)], (Breaking, "media-type-removed", "createThing body")),
        // Responses.
        (vec![("/paths/~1things~1{thingId}/get/responses/404", Value::Null)], (DocOnly, "status-removed", "getThing")),
        (vec![("/paths/~1things~1{thingId}/get/responses/200", Value::Null)], (Breaking, "status-removed", "getThing")),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/429", json!({"description": "Slower."}))],
            (Additive, "status-new", "getThing"),
        ),
        (vec![("/paths/~1things~1{thingId}/get/responses/default", json!({}))], (Additive, "status-new", "getThing")),
        (vec![("/paths/~1things~1{thingId}/get/responses/4XX", json!({}))], (Additive, "status-new", "getThing")),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/description", json!("Here."))],
            (DocOnly, "text", "getThing 200"),
        ),
        (vec![("/components/responses/Fault/description", json!("A fault."))], (DocOnly, "text", "response Fault")),
        (
            vec![(
                "/paths/~1things~1{thingId}/get/responses/200/headers/RateLimit-Limit/description",
                json!("Requests."),
            )],
            (DocOnly, "text", "getThing 200 header RateLimit-Limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/\u{e9}X", json!({"description": "No status."}))],
            (Additive, "status-new", "getThing"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/headers", Value::Null)],
            (DocOnly, "header-removed", "getThing 200"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/headers/RateLimit-Limit/deprecated", json!(true))],
            (DocOnly, "deprecated", "getThing 200 header RateLimit-Limit"),
        ),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/headers/ETag", json!({}))],
            (Additive, "header-new", "getThing 200"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/get/responses/200/headers/RateLimit-Limit/schema",
                json!({"type": "string"}),
            )],
            (Breaking, "type", "getThing 200 header RateLimit-Limit"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/maxLength", json!(80))],
            (DocOnly, "constraint", "Thing.note"),
        ),
        (vec![(dated, Value::Null), (dated_again, thing.clone())], (Breaking, "version-removed", "getThing 200")),
        (vec![(dated_again, thing)], (Additive, "version-new", "getThing 200")),
        (
            vec![("/paths/~1things~1{thingId}/get/responses/200/content/text~1csv", json!({}))],
            (Additive, "media-type-new", "getThing 200"),
        ),
        (
            vec![(
                "/paths/~1things~1{thingId}/get/responses/200/content/application~1vnd.things.2023-01-01+json/schema",
                Value::Null,
            )],
            (DocOnly, "schema-missing", "getThing 200"),
        ),
        // Fields of responses.
        (vec![("/components/schemas/Thing/properties/note", Value::Null)], (Breaking, "field-removed", "Thing.note")),
        (vec![("/components/schemas/Thing/properties/size", text)], (Additive, "field-new", "Thing.size")),
        (vec![("/components/schemas/Thing/properties/note/type", json!("integer"))], (Breaking, "type", "Thing.note")),
        (
            vec![("/components/schemas/Thing/properties/price/type", json!("integer"))],
            (Additive, "type", "Thing.price"),
        ),
        (
            vec![("/components/schemas/Thing/properties/count/format", json!("int64"))],
            (Breaking, "format", "Thing.count"),
        ),
        (
            vec![("/components/schemas/Thing/properties/created/format", json!("date"))],
            (Breaking, "format", "Thing.created"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/format", json!("date-time"))],
            (Additive, "format", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/enum", json!(["A"]))],
            (Additive, "enum-closed", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/nullable", json!(true))],
            (DocOnly, "nullable", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/deprecated", json!(true))],
            (DocOnly, "deprecated", "Thing.note"),
        ),
        (
            vec![("/components/schemas/Thing/properties/note/description", json!("Other"))],
            (DocOnly, "text", "Thing.note"),
        ),
        (vec![("/components/schemas/Thing/description", json!("Other"))], (DocOnly, "text", "Thing")),
        (vec![("/components/schemas/ThingState/description", json!("Other"))], (DocOnly, "text", "ThingState")),
        (
            vec![(
                "/components/schemas/Thing/properties/children/items",
                json!({"$ref": "#/components/schemas/Thing", "description": "Other"}),
            )],
            (DocOnly, "text", "Thing.children[]"),
        ),
        (
            vec![("/components/schemas/Thing/additionalProperties", json!({"type": "string"}))],
            (Additive, "field-new", "Thing{}"),
        ),
        (
            vec![("/components/schemas/Thing/properties/tags/properties", json!({"owner": {"type": "string"}}))],
            (Breaking, "type", "Thing.tags.owner"),
        ),
        (vec![("/components/schemas/Thing/required", Value::Null)], (Breaking, "required-dropped", "Thing.id")),
        (vec![("/components/schemas/Thing/required/-", json!("note"))], (DocOnly, "required-added", "Thing.note")),
        (vec![("/components/schemas/ThingState/enum/-", json!("GONE"))], (Additive, "enum-value-new", "ThingState")),
        (vec![("/components/schemas/ThingState/enum/0", Value::Null)], (Breaking, "enum-value-removed", "ThingState")),
        (vec![("/components/schemas/ThingState/enum", Value::Null)], (Additive, "enum-opened", "ThingState")),
        (
            vec![("/components/schemas/Thing/properties/tags/additionalProperties/items/type", json!("number"))],
            (Breaking, "type", "Thing.tags{}[]"),
        ),
        (
            vec![("/components/schemas/Thing/properties/children/items/$ref", json!("#/nowhere"))],
            (Breaking, "unresolvable", "Thing.children[]"),
        ),
        (
            vec![("/paths/~1things/post/responses/409/$ref", json!("other.yaml#/Fault"))],
            (Breaking, "unresolvable", "createThing"),
        ),
    ]
}

/// Each change of the vendor's is one difference, of the right class, at the right place; and each kind has such a change.
#[test]
fn every_mutation_is_one_difference() {
    let mut kinds = BTreeSet::new();
    let mut wrong = String::new();
    for (edits, expected) in mutations() {
        let found = report(&edited(&edits));
        if findings(&found) != [expected] {
            let _ = writeln!(wrong, "{edits:?}\n  expected {expected:?}\n  found    {:?}", findings(&found));
        }
        kinds.insert(expected.1);
    }
    assert!(wrong.is_empty(), "{wrong}");
    let all: BTreeSet<&str> = CHANGES.iter().map(|(id, _)| *id).collect();
    assert_eq!(kinds, all, "kinds of difference without a mutation, or the other way round");
}

/// The rows of the table in the chapter on drift that begins behind a text.
fn rows(behind: &str) -> Vec<(String, String)> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/README.md");
    let readme = fs::read_to_string(readme).expect("the rules");
    let (_, chapter) = readme.split_once("## Drift").expect("a chapter on drift");
    let (_, table) = chapter.split_once(behind).expect("a table");
    let table = table.split_once("---|\n").expect("its rows").1.lines().take_while(|line| !line.is_empty());
    let cells = |line: &str| line.trim_matches(['|', ' ']).split(" | ").map(str::to_owned).collect::<Vec<_>>();
    table.map(|line| (cells(line)[0].trim_matches('`').to_owned(), cells(line)[1].clone())).collect()
}

#[test]
fn every_kind_is_explained() {
    let kinds: BTreeSet<String> = rows("| id | class |").into_iter().map(|(id, _)| id).collect();
    assert_eq!(kinds, CHANGES.iter().map(|(id, _)| (*id).to_owned()).collect());
    let ignored = IGNORED.iter().map(|(what, why)| ((*what).to_owned(), (*why).to_owned()));
    assert_eq!(rows("| what | why |"), ignored.collect::<Vec<_>>());
}
