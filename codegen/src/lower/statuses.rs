//! Leaves each operation its one success response. Interim and error statuses go to the side table: the runtime reads
//! them, with one error type for all of them.

use serde_json::Value;

use super::{Lowering, method_name};
use crate::diagnostic::Diagnostics;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    lowering.each_operation(|_, _, operation, side| {
        let Some(entry) = side.operation_mut(method_name(operation)) else { return Ok(()) };
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return Ok(()) };
        responses.retain(|status, _| {
            let Ok(number) = status.parse::<u16>() else { return false };
            let list = match number {
                200..=299 => &mut entry.success,
                100..=199 => &mut entry.processing,
                _ => &mut entry.errors,
            };
            list.push(number);
            (200..=299).contains(&number)
        });
        Ok(())
    })
}
