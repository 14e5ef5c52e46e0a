//! Takes `x-sdk-pagination`, with the default page size of numbered lists. It runs before the parameters lose their
//! defaults.

use serde_json::Value;

use super::{Lowering, method_name, text};
use crate::diagnostic::Diagnostics;
use crate::side::Pagination;

pub(super) fn run(lowering: &mut Lowering<'_>) -> Result<(), Diagnostics> {
    lowering.each_operation(|_, _, operation, side| {
        let Some(marks @ Value::Object(_)) = operation.remove("x-sdk-pagination") else { return Ok(()) };
        let Some(entry) = side.operation_mut(method_name(operation)) else { return Ok(()) };
        let mark = |key: &str| text(&marks, key);
        let id = Some(mark("id")).filter(|id| !id.is_empty());
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let size = parameters.into_iter().flatten().find(|parameter| parameter["name"] == marks["size"]);
        let default_size = size.and_then(|size| size["schema"]["default"].as_u64()).unwrap_or_default();
        entry.pagination = Some(match mark("style").as_str() {
            "cursor" => Pagination::Cursor {
                token: mark("token"),
                size: mark("size"),
                items: mark("items"),
                next_href: mark("next-href"),
                next_token: mark("next-token"),
                id,
            },
            _ => Pagination::PageNumber {
                page: mark("page"),
                size: mark("size"),
                items: mark("items"),
                links: mark("links"),
                default_size,
                id,
            },
        });
        Ok(())
    })
}
