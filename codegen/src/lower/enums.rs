//! Takes string enums. The engine would close them; instead it is told to use our open enum of the same name, and sees
//! plain text in the schema.

use serde_json::{Map, Value};

use super::{Lowering, text};
use crate::diagnostic::Diagnostics;
use crate::naming;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let mut taken: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (name, schema) in lowering.schemas().into_iter().flatten() {
        let Some(map) = schema.as_object_mut() else { continue };
        let Some(Value::Array(values)) = map.remove("enum") else { continue };
        let names = map.remove("x-sdk-enum-names").unwrap_or(Value::Object(Map::new()));
        let rust_name = |wire: &str| match text(&names, wire) {
            chosen if chosen.is_empty() => naming::variant(wire).unwrap_or_default(),
            chosen => chosen,
        };
        let values = values.iter().filter_map(Value::as_str).map(|wire| (rust_name(wire), wire.to_owned())).collect();
        taken.push((name.clone(), values));
    }
    for (name, values) in taken {
        let rust = naming::pascal(&name);
        lowering.side.replacements.push((rust.clone(), format!("crate::types::{rust}")));
        if let Some(entry) = lowering.side.enums.get_mut(&rust) {
            entry.values = values;
        }
    }
    Ok(())
}
