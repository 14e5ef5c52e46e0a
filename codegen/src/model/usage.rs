//! Which operations reach each object schema, and whether requests do.

use std::collections::{BTreeMap, BTreeSet};

use super::{Constraints, Object, Operation, Output, Type};

/// Sets the usage of each object. Bodies of errors are left out: they belong to every group. Only what is sent keeps
/// its checks.
pub(super) fn set_usage(objects: &mut BTreeMap<String, Object>, operations: &[Operation]) {
    for operation in operations {
        let sent = operation.body.iter().map(|body| &body.schema.ty);
        let received = operation.methods.iter().filter_map(|method| match &method.output {
            Output::Json(ty) => Some(ty),
            Output::Bytes | Output::Empty => None,
        });
        let (sent, received) = (reachable(sent, objects), reachable(received, objects));
        for (names, request) in [(sent, true), (received, false)] {
            for name in names {
                let Some(Object { usage, .. }) = objects.get_mut(&name) else { continue };
                usage.request |= request;
                usage.groups.insert(operation.group.clone());
            }
        }
    }
    for object in objects.values_mut().filter(|object| !object.usage.request) {
        object.properties.iter_mut().for_each(|property| property.constraints = Constraints::default());
    }
}

/// The object schemas that types lead to, directly or through others.
fn reachable<'a>(types: impl Iterator<Item = &'a Type>, objects: &'a BTreeMap<String, Object>) -> BTreeSet<String> {
    let mut todo: Vec<&Type> = types.collect();
    let mut found = BTreeSet::new();
    while let Some(ty) = todo.pop() {
        if let Type::Object(name) = ty.leaf()
            && found.insert(name.clone())
        {
            let properties = objects.get(name).into_iter().flat_map(|object| &object.properties);
            todo.extend(properties.map(|property| &property.schema.ty));
        }
    }
    found
}
