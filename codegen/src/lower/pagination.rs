//! Takes `x-sdk-pagination`.

use serde_json::Value;

use super::{Lowering, method_name, text};
use crate::diagnostic::Diagnostic;
use crate::side::Pagination;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostic> {
    lowering.each_operation(|_, _, operation, side| {
        let Some(marks @ Value::Object(_)) = operation.remove("x-sdk-pagination") else { return Ok(()) };
        let Some(entry) = side.operation_mut(method_name(operation)) else { return Ok(()) };
        let mark = |key: &str| text(&marks, key);
        entry.pagination = Some(match mark("style").as_str() {
            "cursor" => Pagination::Cursor {
                token: mark("token"),
                size: mark("size"),
                items: mark("items"),
                next_href: mark("next-href"),
                next_token: mark("next-token"),
            },
            _ => Pagination::PageNumber {
                page: mark("page"),
                size: mark("size"),
                items: mark("items"),
                links: mark("links"),
            },
        });
        Ok(())
    })
}
