//! The names that generated code has already, for the rules about operations and schemas.

use crate::naming;
use crate::node::Node;
use crate::pointer::Pointer;

/// Type names that generated code uses for something else, beside those of the runtime.
const TAKEN: &str =
    "BTreeMap Box Client Default Deserialize Into IntoIterator Option Result Service Serialize String Vec";

/// Whether generated code uses a type name for something else.
pub(super) fn is_taken(name: &str) -> bool {
    naming::is_of_runtime(name) || TAKEN.split(' ').any(|known| known == name)
}

/// The methods that an operation becomes: the one of its id, or those of `x-sdk-methods`. With the places that name
/// them.
pub(super) fn methods(operation: &Node<'_>) -> Vec<(String, Pointer)> {
    let named = |(_, name): (String, Node<'_>)| Some((name.value.as_str()?.to_owned(), name.pointer));
    let chosen: Vec<_> = operation.below("x-sdk-methods").into_iter().filter_map(named).collect();
    let id = operation.text("operationId").filter(|_| chosen.is_empty());
    let own = id.map(|id| (naming::snake(id), operation.pointer.join("operationId")));
    chosen.into_iter().chain(own).collect()
}
