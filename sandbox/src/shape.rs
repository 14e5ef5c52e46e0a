//! The places in a response body that faults can edit.

use cloud_billing_catalogue::{Object, Schema, Type};

/// A step from a value to a value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To a member by its name.
    Member(String),
    /// To each item of a list.
    Item,
}

/// A place in a body, from the outside in.
pub(crate) type Path = Vec<Step>;

/// The places in a body by what its schema says of them.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// Strings with listed values.
    pub(crate) variants: Vec<Path>,
    /// Objects with named fields.
    pub(crate) objects: Vec<Path>,
    /// Fields that the service always sends.
    pub(crate) guaranteed: Vec<Path>,
}

impl Shape {
    pub(crate) fn new(schema: &'static Schema) -> Self {
        let mut shape = Self::default();
        shape.add(schema, &mut Vec::new(), &mut Vec::new());
        shape
    }

    /// Adds the places of a schema at a path. An object within itself is left out.
    fn add(&mut self, schema: &'static Schema, path: &mut Path, within: &mut Vec<&'static str>) {
        match schema.ty {
            Type::Enum(_) => self.variants.push(path.clone()),
            Type::List(list) => {
                path.push(Step::Item);
                self.add(list.items, path, within);
                path.pop();
            }
            Type::Object(object) if !within.contains(&object.pointer) => self.add_object(object, path, within),
            _ => {}
        }
    }

    fn add_object(&mut self, object: &'static Object, path: &mut Path, within: &mut Vec<&'static str>) {
        self.objects.push(path.clone());
        within.push(object.pointer);
        for property in object.properties {
            path.push(Step::Member(property.name.to_owned()));
            if property.guaranteed {
                self.guaranteed.push(path.clone());
            }
            self.add(&property.schema, path, within);
            path.pop();
        }
        within.pop();
    }
}
