//! How much memory a body takes once it is decoded, for the shapes that take the most: the smallest elements in every list
//! and map of every response.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cloud_billing_catalogue::{Object, SERVICES, Schema, Type};
use workspace_tests::fuzz_targets::decode_as;

use test_support::figures;
use test_support::memory;

/// The length of the bodies, in bytes: as much as a value may take however short its text is.
const LENGTH: usize = 1024 * 1024;

/// How deep objects are searched for lists. Types contain themselves.
const DEPTH: usize = 4;

/// A body: the same element again and again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    service: String,
    name: &'static str,
    before: String,
    element: String,
    after: String,
    /// Whether each element needs a key of its own.
    is_map: bool,
}

impl Shape {
    fn body(&self) -> String {
        let mut text = self.before.clone();
        let mut number = 0_u32;
        while text.len() + self.after.len() < LENGTH {
            if number > 0 {
                text.push(',');
            }
            if self.is_map {
                let _ = write!(text, r#""{number:x}":"#);
            }
            text.push_str(&self.element);
            number += 1;
        }
        text + &self.after
    }

    /// The memory that it takes beyond the 1 MiB that any value may take, in bytes for each of its own.
    fn appetite(&self) -> f64 {
        let body = self.body();
        let before = memory::resident();
        memory::reset_peak();
        let decoded = decode_as(&self.service, self.name, &body);
        let taken = memory::peak().saturating_sub(before) * 1024;
        // An error is as good as a value: the memory was taken before.
        assert!(decoded.is_some(), "{} {}", self.service, self.name);
        taken.saturating_sub(LENGTH as u64) as f64 / body.len() as f64
    }
}

/// The smallest values that a schema may be given, and some that are none.
fn smallest(schema: &Schema, depth: usize) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    match schema.ty {
        Type::Any => texts(&["0", "[]", "{}", r#"{"":0}"#, r#""a""#, "[[]]"]),
        Type::Boolean => texts(&["true", "null"]),
        Type::Integer(_) => texts(&["0", "[]", "1e9"]),
        Type::Number(_) => texts(&["0", "1e99", "0.1e-40", "123456789012345678901234567890"]),
        Type::Text(_) | Type::Enum(_) => texts(&[r#""""#, r#""a""#, "[]"]),
        Type::List(list) if depth > 0 => {
            smallest(list.items, depth - 1).iter().map(|item| format!("[{item}]")).collect()
        }
        Type::Map(values) if depth > 0 => {
            smallest(values, depth - 1).iter().map(|value| format!(r#"{{"":{value}}}"#)).collect()
        }
        Type::Object(object) if depth > 0 => {
            let mut all = vec!["{}".to_owned()];
            for property in object.properties {
                let values = smallest(&property.schema, depth - 1);
                all.extend(values.iter().map(|value| format!(r#"{{"{}":{value}}}"#, property.name)));
            }
            all
        }
        Type::List(_) => texts(&["[]"]),
        Type::Map(_) | Type::Object(_) => texts(&["{}"]),
    }
}

/// Adds the shapes of the lists and maps in a schema.
fn search(schema: &Schema, outer: &Shape, depth: usize, found: &mut BTreeSet<Shape>) {
    let (items, open, close) = match schema.ty {
        Type::List(list) => (list.items, '[', ']'),
        Type::Map(values) => (values, '{', '}'),
        Type::Object(object) => return search_object(object, outer, depth, found),
        _ => return,
    };
    let inner = Shape {
        before: format!("{}{open}", outer.before),
        after: format!("{close}{}", outer.after),
        is_map: open == '{',
        ..outer.clone()
    };
    found.extend(smallest(items, 2).into_iter().map(|element| Shape { element, ..inner.clone() }));
    // In a map, only the first entry goes on.
    let before = if inner.is_map { format!(r#"{}"":"#, inner.before) } else { inner.before.clone() };
    search(items, &Shape { before, ..inner }, depth, found);
}

fn search_object(object: &Object, outer: &Shape, depth: usize, found: &mut BTreeSet<Shape>) {
    for property in object.properties.iter().filter(|_| depth > 0) {
        let before = format!(r#"{}{{"{}":"#, outer.before, property.name);
        let inner = Shape { before, after: format!("}}{}", outer.after), is_map: false, ..outer.clone() };
        search(&property.schema, &inner, depth - 1, found);
    }
}

fn shapes() -> BTreeSet<Shape> {
    let mut found = BTreeSet::new();
    for service in SERVICES {
        let content = service.operations.iter().flat_map(|operation| operation.success.content);
        for schema in content.filter_map(|media| media.schema.as_ref()) {
            let Type::Object(object) = schema.ty else { continue };
            let outer = Shape {
                service: service.name.replace('-', "_"),
                name: object.name,
                before: String::new(),
                element: String::new(),
                after: String::new(),
                is_map: false,
            };
            search_object(object, &outer, DEPTH, &mut found);
        }
    }
    found
}

/// The figure of `SECURITY.md`. It takes a minute, so the gate leaves it to `cargo reliability`.
#[test]
#[ignore = "measures"]
pub(crate) fn worst_shape() {
    if !memory::alone("appetite::worst_shape") {
        return;
    }
    let shapes = shapes();
    let mut measured: Vec<(f64, &Shape)> = shapes.iter().map(|shape| (shape.appetite(), shape)).collect();
    measured.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (appetite, Shape { name, before, element, after, .. }) in measured.iter().take(5) {
        figures::say(format!("decoding takes {appetite:.1} bytes a byte: {name} {before}{element},...{after}"));
    }
    let (most, shape) = measured[0];
    // Eight for the entries of lists and maps, and as much for their texts: the smallest allocation is 32 bytes, for 4 bytes
    // of JSON.
    assert!(most <= 16.0, "{most} for {}", shape.element);
    figures::state(format!(
        "decoding: at most {most:.1} bytes of memory for each byte of a body, and 1 MiB besides, in {} shapes of bodies; \
         the worst one is a list of `{}` in {}",
        shapes.len(),
        shape.element,
        shape.name
    ));
}
