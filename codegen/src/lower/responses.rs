//! Relaxes what only responses use: a field is optional unless the spec guarantees it, so that a field which a vendor
//! calls required and leaves out does not fail a whole page. Request schemas keep what they require.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Lowering;
use crate::diagnostic::Diagnostics;
use crate::naming;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let requests: BTreeSet<String> =
        lowering.side.schemas.iter().filter(|(_, s)| s.usage.request).map(|(name, _)| name.clone()).collect();
    for (name, schema) in lowering.schemas().into_iter().flatten() {
        let in_request = requests.contains(&naming::pascal(name));
        let mut guaranteed: Vec<String> = Vec::new();
        for (wire, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            if property.as_object_mut().and_then(|map| map.remove("x-sdk-guaranteed")).is_some() {
                guaranteed.push(wire.clone());
            }
        }
        if !in_request {
            schema["required"] = json!(guaranteed);
        }
    }
    Ok(())
}
