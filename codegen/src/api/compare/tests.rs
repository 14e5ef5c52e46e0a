use std::collections::BTreeSet;

use super::*;
use crate::api::{Level, read};

/// A client as the generator writes one, small.
const CODE: [(&str, &str); 6] = [
    ("mod.rs", r#"pub mod operations; pub mod types; pub const API_VERSION: &str = "1";"#),
    (
        "operations/mod.rs",
        "mod things; pub use things::{ListThings}; pub const ALL: &[&::cloud_billing_core::Operation] = &[&things::LIST_THINGS];",
    ),
    (
        "operations/things.rs",
        r#"
use ::cloud_billing_core::{Constraint, Core, Error, Operation, Request, Response};
use crate::types::{Page, State};
use crate::Client;
impl Client {
    /// Lists.
    pub fn list_things(&self, owner: impl Into<String>, size: i32) -> ListThings { todo!() }
}
pub(super) const LIST_THINGS: Operation = Operation::new("listThings", Method::Get, "/things").accept("application/json").success(&[200]);
#[must_use = "x"]
pub struct ListThings { core: Core, owner: String, size: i32, state: Option<State> }
impl ListThings {
    pub fn state(mut self, value: impl Into<State>) -> Self { self }
    pub async fn send(self) -> Result<Response<Page>, Error> { todo!() }
    fn request(&self) -> Request {
        let mut request = Request::new(&LIST_THINGS);
        request.path("owner", &self.owner).check("owner", &self.owner, OWNER_RULES);
        request.query("size", &self.size).check("size", &self.size, SIZE_RULES);
        request.query("state", &self.state);
        request
    }
}
impl ::cloud_billing_core::Paginate for ListThings { type Item = super::super::types::Thing; fn next() {} }
const OWNER_RULES: &[Constraint] = &[Constraint::Chars { class: &[('a', 'f')], min: 24, max: 24, anchored: true }];
const SIZE_RULES: &[Constraint] = &[Constraint::Range { min: 1, max: 500 }];
"#,
    ),
    (
        "types/mod.rs",
        "mod enums; mod shared; pub use enums::{State}; pub use shared::{Page, Thing, Pair, NewThing, Shape};",
    ),
    (
        "types/enums.rs",
        r#"::cloud_billing_core::open_enum! { /// A state.
        pub enum State { On = "ON", Off = "OFF" } }"#,
    ),
    (
        "types/shared.rs",
        r#"
use ::cloud_billing_core::{NullableVec, Check};
use super::State;
#[derive(Clone, Default, ::serde::Serialize)]
#[non_exhaustive]
pub struct Page { #[serde(rename = "theThings", skip_serializing_if = "x")] pub things: NullableVec<Thing> }
#[derive(Clone)]
#[non_exhaustive]
pub struct Thing { pub id: Option<String>, pub state: Option<State> }
pub struct Pair { pub left: i32 }
#[non_exhaustive]
pub struct NewThing { pub name: String }
impl NewThing {
    pub fn new(name: impl Into<String>) -> Self { Self { name: name.into() } }
    pub fn between(from: i32, to: i32) -> Self { todo!() }
    pub fn named(name: State) -> Self { todo!() }
}
impl Check for NewThing { fn check(&self, checker: &mut Checker) { checker.field("name", &self.name, &[Constraint::Length { min: 1, max: 9 }]); } }
struct Hidden { pub x: i32 }
pub enum Shape { Round, Flat(i32) }
"#,
    ),
];

/// The changes that an edit of the code makes, as `level rule subject: detail`.
fn edited(from: &str, to: &str) -> Vec<String> {
    let edit = CODE.map(|(path, text)| (path, text.replace(from, to)));
    assert!(CODE.iter().zip(&edit).any(|((_, before), (_, after))| before != after), "{from} is nowhere");
    let old = read(CODE).unwrap();
    let new = read(edit.iter().map(|(path, text)| (*path, text.as_str()))).unwrap();
    let shown =
        |change: Change| format!("{} {} {}: {}", change.rule.level(), change.rule.id(), change.subject, change.detail);
    compare(&old, &new).into_iter().map(shown).collect()
}

#[test]
fn each_rule_has_an_edit_that_it_is_about() {
    let page = "pub struct Page {";
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "pub fn list_things",
            "fn list_things",
            &["major operation-removed list_things: (owner: impl Into<String>, size: i32) -> operations::ListThings"],
        ),
        (
            "size: i32) -> ListThings",
            "size: i64) -> ListThings",
            &[
                "major signature-changed list_things: (owner: impl Into<String>, size: i32) -> operations::ListThings => (owner: impl Into<String>, size: i64) -> operations::ListThings",
            ],
        ),
        (
            "Response<Page>",
            "Response<super::super::types::Thing>",
            &[
                "major signature-changed operations::ListThings::send: () -> Result<Response<Page>, Error> => () -> Result<Response<Thing>, Error>",
            ],
        ),
        (
            "from: i32, to: i32",
            "to: i32, from: i32",
            &[
                "major arguments-swapped types::NewThing::between: (from: i32, to: i32) -> Self => (to: i32, from: i32) -> Self",
            ],
        ),
        ("pub fn state(", "fn state(", &["major method-removed operations::ListThings::state: "]),
        ("pub use enums::{State};", "", &["major type-removed types::State: "]),
        (
            "pub struct Pair { pub left: i32 }",
            "pub enum Pair { Left }",
            &["major kind-changed types::Pair: struct => enum"],
        ),
        ("pub id: Option<String>, ", "", &["major field-removed types::Thing.id: Option<String>"]),
        (
            "pub id: Option<String>",
            "pub id: String",
            &["major field-retyped types::Thing.id: Option<String> => String"],
        ),
        (
            "pub left: i32",
            "pub left: i32, pub right: i32",
            &["major field-added-to-constructible types::Pair.right: i32"],
        ),
        ("On = \"ON\", ", "", &["major variant-removed types::State::On: ON"]),
        ("Flat(i32)", "Flat(i64)", &["major variant-retyped types::Shape::Flat: (i32) => (i64)"]),
        ("Flat(i32)", "Flat(i32), Long", &["major variant-added-to-closed types::Shape::Long: "]),
        ("pub struct Pair", "#[non_exhaustive] pub struct Pair", &["major non-exhaustive-added types::Pair: "]),
        ("Clone, Default", "Clone", &["major impl-removed impl Default for types::Page: "]),
        (
            "type Item = super::super::types::Thing",
            "type Item = Page",
            &["major impl-retyped impl Paginate for operations::ListThings: Item = Thing => Page"],
        ),
        ("pub const API_VERSION: &str = \"1\";", "", &["major constant-removed API_VERSION: "]),
        ("API_VERSION: &str = \"1\"", "API_VERSION: u8 = 1", &["major constant-retyped API_VERSION: &str => u8"]),
        (
            "pub use enums::{State};",
            "pub trait Old {}",
            &["major type-removed types::State: ", "minor item-added types::Old: "],
        ),
        (
            "impl NewThing {",
            "impl NewThing { pub const LONGEST: i32 = 9;",
            &["minor constant-added types::NewThing::LONGEST: i32"],
        ),
        (
            "impl NewThing {",
            "impl NewThing { pub fn shade(self) {}",
            &["minor method-added types::NewThing::shade: ()"],
        ),
        ("struct Hidden", "pub struct Hidden", &[]),
        (
            "impl Client {",
            "impl Client { pub fn get_thing(&self) -> GetThing { todo!() }",
            &["minor operation-added get_thing: () -> GetThing"],
        ),
        ("NewThing, Shape};", "NewThing, Shape, Hidden};", &["minor type-added types::Hidden: "]),
        (page, "pub struct Page { pub total: Option<i64>,", &["minor field-added types::Page.total: Option<i64>"]),
        ("Off = \"OFF\"", "Off = \"OFF\", Broken = \"BROKEN\"", &["minor variant-added types::State::Broken: BROKEN"]),
        ("#[derive(Clone)]\n#[non_exhaustive]", "#[derive(Clone)]", &["minor non-exhaustive-removed types::Thing: "]),
        ("#[derive(Clone)]", "#[derive(Clone, PartialEq)]", &["minor impl-added impl PartialEq for types::Thing: "]),
        (
            "pub fn named(name: State)",
            "pub fn named(name: impl Into<State>)",
            &[
                "minor argument-generalised types::NewThing::named: (name: State) -> Self => (name: impl Into<State>) -> Self",
            ],
        ),
        ("pub struct Pair", "#[must_use] pub struct Pair", &["minor must-use-added types::Pair: "]),
        (
            "max: 500",
            "max: 100",
            &["minor check-tightened operations::ListThings, `size`: range 1..500 => range 1..100"],
        ),
        ("max: 9 }", "max: 5 }", &["minor check-tightened types::NewThing, `name`: length 1..9 => length 1..5"]),
        (
            "max: 500",
            "max: 1000",
            &["patch check-loosened operations::ListThings, `size`: range 1..500 => range 1..1000"],
        ),
        (
            "\"/things\"",
            "\"/v2/things\"",
            &["patch wire-operation operations::ListThings, path: /things => /v2/things"],
        ),
        (
            ".accept(\"application/json\")",
            "",
            &["patch wire-operation operations::ListThings, accept: application/json => none"],
        ),
        (
            ".success(&[200])",
            ".success(&[200]).idempotent()",
            &["patch wire-operation operations::ListThings, idempotent: none => set"],
        ),
        (
            "request.query(\"state\"",
            "request.query(\"status\"",
            &["patch wire-name operations::ListThings, state: query `state` => query `status`"],
        ),
        ("theThings", "things", &["patch wire-name types::Page.things: theThings => things"]),
        ("\"OFF\"", "\"off\"", &["patch wire-value types::State::Off: OFF => off"]),
        (
            "skip_serializing_if = \"x\"",
            "default",
            &["patch decoding types::Page.things: skip_serializing_if = \"x\" => default"],
        ),
        ("\"1\";", "\"2\";", &["patch constant-value API_VERSION: \"1\" => \"2\""]),
        (
            "new(name: impl Into<String>) -> Self { Self { name: name.into() }",
            "new(title: impl Into<String>) -> Self { Self { name: title.into() }",
            &[
                "patch argument-renamed types::NewThing::new: (name: impl Into<String>) -> Self => (title: impl Into<String>) -> Self",
            ],
        ),
        ("/// Lists.", "/// Lists all.", &["patch documentation 1 item: "]),
        ("fn next() {}", "fn next() { loop {} }", &["patch code operations::ListThings: "]),
        // How a type is imported, and which of two spellings is used, is no change.
        ("use ::cloud_billing_core::{NullableVec, Check};", "use cloud_billing_core::{self, Check, NullableVec};", &[]),
        ("NullableVec<Thing>", "::cloud_billing_core::NullableVec<super::Thing>", &[]),
        ("type Item = super::super::types::Thing", "type Item = crate::types::Thing", &[]),
    ];
    for (from, to, expected) in cases {
        assert_eq!(edited(from, to), *expected, "{from} => {to}");
    }
    let shown = cases.iter().flat_map(|(.., expected)| *expected).filter_map(|line| line.split(' ').nth(1));
    // The last two have a test of their own.
    let shown: BTreeSet<&str> = shown.chain(["item-removed", "item-changed"]).collect();
    assert_eq!(shown, Rule::ALL.iter().map(|rule| rule.id()).collect());
}

#[test]
fn an_operation_comes_and_goes_with_its_builder() {
    let without = CODE.map(|(path, text)| match path {
        "operations/things.rs" => (path, ""),
        "operations/mod.rs" => (path, "pub const ALL: &[&::cloud_billing_core::Operation] = &[];"),
        _ => (path, text),
    });
    let (with, without) = (read(CODE).unwrap(), read(without).unwrap());
    let rules = |changes: Vec<Change>| changes.iter().map(|change| change.rule).collect::<Vec<_>>();
    assert_eq!(rules(compare(&with, &without)), [Rule::OperationRemoved]);
    assert_eq!(rules(compare(&without, &with)), [Rule::OperationAdded]);
}

#[test]
fn items_of_unknown_kinds_are_a_break_until_somebody_looked() {
    let all = edited("pub mod types;", "pub mod types; pub trait New {}");
    assert_eq!(all, ["minor item-added New: "]);
    let old = read([("mod.rs", "pub trait Old { fn a(); }")]).unwrap();
    let new = read([("mod.rs", "pub trait Old { fn b(); }")]).unwrap();
    assert_eq!(compare(&old, &new)[0].rule.level(), Level::Major);
    assert_eq!(compare(&old, &read([("mod.rs", "")]).unwrap())[0].rule, Rule::ItemRemoved);
}

#[test]
fn what_is_not_rust_is_named() {
    let error = read([("types/shared.rs", "pub struct {")]).unwrap_err();
    assert!(error.starts_with("types/shared.rs is not Rust"), "{error}");
}
