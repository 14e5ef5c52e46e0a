//! Views of the whole catalogue: counts, enums and properties.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cloud_billing_catalogue::{Object, Property, Schema, Service, Type};

/// The counts of a service, a line for each operation, in the form in which `tests/witness/` counts the spec.
#[must_use]
pub fn counts(service: &Service) -> String {
    let mut operations: Vec<_> = service.operations.iter().collect();
    operations.sort_by_key(|operation| operation.id);
    let (mut out, mut parameters, mut fields) = (String::new(), 0, 0);
    for operation in operations {
        let of_body = operation.body.map_or(0, |body| body_fields(&body.schema));
        let of_operation = operation.parameters.len();
        let _ = writeln!(out, "{} {} parameters {of_operation} body-fields {of_body}", service.name, operation.id);
        parameters += of_operation;
        fields += of_body;
    }
    let operations = service.operations.len();
    let _ = writeln!(out, "{} operations {operations} parameters {parameters} body-fields {fields}", service.name);
    out
}

/// The fields of a request body: its own, and those of the objects in it.
fn body_fields(schema: &Schema) -> usize {
    match schema.ty {
        Type::Object(object) => object.properties.iter().map(|property| 1 + body_fields(&property.schema)).sum(),
        Type::List(list) => body_fields(list.items),
        Type::Map(_)
        | Type::Any
        | Type::Boolean
        | Type::Integer(_)
        | Type::Number(_)
        | Type::Text(_)
        | Type::Enum(_) => 0,
    }
}

/// The enums of a service: names and values.
#[must_use]
pub fn enums(service: &Service) -> BTreeMap<&'static str, &'static [&'static str]> {
    Found::of(service).enums
}

/// The names of the objects and enums of a service.
#[must_use]
pub fn types(service: &Service) -> BTreeSet<&'static str> {
    let Found { enums, objects } = Found::of(service);
    enums.into_keys().chain(objects.into_values().map(|object| object.name)).collect()
}

/// The properties of all objects in the bodies of a service.
#[must_use]
pub fn properties(service: &Service) -> Vec<&'static Property> {
    Found::of(service).objects.into_values().flat_map(|object| object.properties).collect()
}

/// The definitions that operations lead to.
#[derive(Default)]
struct Found {
    enums: BTreeMap<&'static str, &'static [&'static str]>,
    /// Objects by their place. An object can contain itself.
    objects: BTreeMap<&'static str, &'static Object>,
}

impl Found {
    fn of(service: &Service) -> Self {
        let mut found = Self::default();
        for operation in service.operations {
            operation.parameters.iter().for_each(|parameter| found.visit(&parameter.schema));
            operation.body.iter().for_each(|body| found.visit(&body.schema));
            let content = operation.success.content.iter();
            content.filter_map(|media| media.schema.as_ref()).for_each(|schema| found.visit(schema));
            operation.errors.iter().filter_map(|error| error.schema.as_ref()).for_each(|schema| found.visit(schema));
        }
        found
    }

    fn visit(&mut self, schema: &Schema) {
        match schema.ty {
            Type::Enum(found) => drop(self.enums.insert(found.name, found.values)),
            Type::List(list) => self.visit(list.items),
            Type::Map(values) => self.visit(values),
            Type::Object(object) => {
                if self.objects.insert(object.pointer, object).is_none() {
                    object.properties.iter().for_each(|property| self.visit(&property.schema));
                }
            }
            Type::Any | Type::Boolean | Type::Integer(_) | Type::Number(_) | Type::Text(_) => {}
        }
    }
}
