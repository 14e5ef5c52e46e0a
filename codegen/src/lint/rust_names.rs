//! The type names that generated code has already, for the rules about operations and schemas.

use super::Operation;
use crate::naming;

/// Type names that generated code uses for something else.
const TAKEN: [&str; 32] = [
    "BTreeMap",
    "BillingMonth",
    "Box",
    "ByteStream",
    "Check",
    "Checker",
    "Client",
    "Constraint",
    "Core",
    "Date",
    "Decimal",
    "DecimalText",
    "Default",
    "Deserialize",
    "NullableMap",
    "EpochMillis",
    "Error",
    "Into",
    "IntoIterator",
    "NullableVec",
    "Lenient",
    "Method",
    "Operation",
    "Option",
    "Request",
    "Response",
    "Result",
    "Secret",
    "Serialize",
    "String",
    "Timestamp",
    "Vec",
];

/// Whether generated code uses a type name for something else.
pub(super) fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}

/// The types that an operation's methods become: their builders.
pub(super) fn builders(operation: &Operation<'_>) -> Vec<String> {
    let methods = operation.node.object("x-sdk-methods").into_iter().flat_map(|map| map.values());
    let mut names: Vec<String> = methods.filter_map(|name| name.as_str()).map(naming::pascal).collect();
    if names.is_empty() {
        names.extend(operation.node.text("operationId").map(naming::pascal));
    }
    names
}
