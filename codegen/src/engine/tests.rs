//! The forms of progenitor's output that are joined, and those that stop generation.

use super::*;
use crate::Source;
use crate::load::Document;

const SPEC: &str = include_str!("tests.yaml");

fn model() -> Model {
    let document = Document::load(Source { file: "tests.yaml", text: SPEC, command: "regen" }).unwrap();
    crate::model::model(&document).unwrap()
}

/// Joins what progenitor writes, with one text of it replaced.
fn join_with(arguments: &str, result: &str, types: &str) -> Result<Types, String> {
    let code = format!(
        "impl Client {{ pub async fn get_thing<'a>(&'a self, {arguments}) -> {result} {{ todo!() }} }}
         mod types {{ {types} }}"
    );
    join(syn::parse_str(&code).expect("Rust"), &model())
}

const ARGUMENTS: &str = "id: &'a str, limit: Option<i64>";
const RESULT: &str = "Result<ResponseValue<types::Thing>, Error<()>>";
const TYPES: &str = r#"
    pub struct Thing {
        #[serde(rename = "aB", default)] pub a_b: ::std::option::Option<::std::string::String>,
        pub parts: ::std::vec::Vec<Thing>,
        pub parent: ::std::option::Option<::std::boxed::Box<Thing>>,
    }"#;

#[test]
fn the_expected_form_is_joined() {
    let types = join_with(ARGUMENTS, RESULT, TYPES).expect("the expected form");
    let (model, thing): (_, Type) = (model(), syn::parse_quote!(Thing));
    assert_eq!(types.argument(&model.operations[0], "id"), Some(&syn::parse_quote!(String)));
    assert_eq!(types.argument(&model.operations[0], "limit"), Some(&syn::parse_quote!(i64)));
    assert_eq!(types.result(&model.operations[0]), Some(&thing));
    assert_eq!(types.property("Thing", "aB"), Some(&syn::parse_quote!(String)));
    assert_eq!(types.property("Thing", "parts"), Some(&thing));
    assert_eq!(types.property("Thing", "parent"), Some(&syn::parse_quote!(Box<Thing>)));
}

#[test]
fn any_other_form_stops_generation() {
    let unnamed = TYPES.replace("aB", "ab");
    let retyped = TYPES.replace("::std::string::String", "i64");
    let foreign = TYPES.replace("::std::string::String", "::elsewhere::String");
    let flat = TYPES.replace("::std::vec::Vec<Thing>", "Thing");
    let closed = format!("{TYPES} pub enum Surprise {{ A }}");
    let extra = format!("{TYPES} pub struct Surprise;");
    for (arguments, result, types, problem) in [
        ("id: &'a str", RESULT, TYPES, "left out [\"limit\"]"),
        ("id: &'a str, limit: Option<bool>", RESULT, TYPES, "`limit`: progenitor's type bool"),
        (ARGUMENTS, "Response", TYPES, "its result is not"),
        (ARGUMENTS, "Result<ResponseValue<()>, Error<()>>", TYPES, "does not fit the schema"),
        (ARGUMENTS, RESULT, unnamed.as_str(), "made up [\"ab\"]"),
        (ARGUMENTS, RESULT, retyped.as_str(), "`aB`: progenitor's type"),
        (ARGUMENTS, RESULT, foreign.as_str(), "`aB`: progenitor's type"),
        (ARGUMENTS, RESULT, flat.as_str(), "`parts`: progenitor's type"),
        (ARGUMENTS, RESULT, closed.as_str(), "wrote the enum"),
        (ARGUMENTS, RESULT, extra.as_str(), "made up [\"Surprise\"]"),
        (ARGUMENTS, RESULT, "", "left out [\"Thing\"]"),
    ] {
        let message = join_with(arguments, result, types).expect_err("another form");
        assert!(message.contains(problem), "{problem}: {message}");
    }
    let lost = join(syn::parse_str(&format!("mod types {{ {TYPES} }}")).expect("Rust"), &model());
    assert!(lost.expect_err("no function").contains("no function `get_thing`"));
}
