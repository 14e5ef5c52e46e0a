//! Which operations reach each object schema, in requests and in responses.

use std::collections::{BTreeMap, BTreeSet};

use super::node::Node;
use super::{Operation, Output, Type, Usage, schemas};
use crate::diagnostic::Diagnostics;
use crate::naming;

/// The usage of each object schema by Rust name. Bodies of errors are left out: they belong to every group.
pub(super) fn usage(
    components: &[(&str, Node<'_>)],
    operations: &[Operation],
) -> Result<BTreeMap<String, Usage>, Diagnostics> {
    let references = references(components)?;
    let mut usage: BTreeMap<String, Usage> = BTreeMap::new();
    for operation in operations {
        let sent = operation.body.iter().map(|body| &body.schema.ty);
        let sent = sent.chain(operation.parameters.iter().map(|parameter| &parameter.schema.ty));
        for name in reachable(sent, &references) {
            let entry = usage.entry(name).or_default();
            entry.request = true;
            entry.groups.insert(operation.group.clone());
        }
        let received = operation.methods.iter().filter_map(|method| match &method.output {
            Output::Json(ty) => Some(ty),
            Output::Bytes | Output::Empty => None,
        });
        for name in reachable(received, &references) {
            let entry = usage.entry(name).or_default();
            entry.response = true;
            entry.groups.insert(operation.group.clone());
        }
    }
    Ok(usage)
}

/// The object schemas that each object schema names in its properties.
fn references(components: &[(&str, Node<'_>)]) -> Result<BTreeMap<String, BTreeSet<String>>, Diagnostics> {
    let objects = components.iter().filter(|(_, node)| schemas::is_object(node));
    let of = |(name, node): &(&str, Node<'_>)| {
        let mut named = BTreeSet::new();
        for (_, property) in node.members_of("properties")? {
            if let Type::Object(object) = schemas::schema(&property)?.ty.leaf() {
                named.insert(object.clone());
            }
        }
        Ok((naming::pascal(name), named))
    };
    objects.map(of).collect()
}

/// The object schemas that types lead to, directly or through others.
fn reachable<'a>(
    types: impl Iterator<Item = &'a Type>,
    references: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let mut todo: Vec<String> = types
        .filter_map(|ty| match ty.leaf() {
            Type::Object(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let mut found = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if found.insert(name.clone()) {
            todo.extend(references.get(&name).into_iter().flatten().cloned());
        }
    }
    found
}
