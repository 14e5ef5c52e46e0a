//! Takes `x-sdk-bare-item` from schemas to the operations whose success body has the schema.

use serde_json::Value;

use super::{Lowering, method_name, referred, text};
use crate::diagnostic::Diagnostics;
use crate::side::BareItem;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    let mut taken: Vec<(String, BareItem)> = Vec::new();
    for (name, schema) in lowering.schemas().into_iter().flatten() {
        if let Some(mark) = schema.as_object_mut().and_then(|map| map.remove("x-sdk-bare-item")) {
            let markers = mark.get("markers").and_then(Value::as_array).into_iter().flatten();
            let markers = markers.filter_map(Value::as_str).map(str::to_owned).collect();
            taken.push((name.clone(), BareItem { items: text(&mark, "items"), markers }));
        }
    }
    lowering.each_operation(|_, _, operation, side| {
        let body = Value::Object(operation.clone());
        let schemas = body["responses"].as_object().into_iter().flatten();
        let names = schemas.filter_map(|(_, response)| referred(&response["content"]["application/json"]["schema"]));
        let mark = names.filter_map(|name| taken.iter().find(|(n, _)| n == name)).map(|(_, mark)| mark.clone()).next();
        if let (Some(mark), Some(entry)) = (mark, side.operation_mut(method_name(operation))) {
            entry.bare_item = Some(mark);
        }
        Ok(())
    })
}
