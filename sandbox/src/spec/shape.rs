//! What the schema of a response says about places in its body.

use serde_json::Value;

use crate::document::Node;
use crate::error::SpecError;

/// How deep schemas are followed; what is deeper is left out.
const MAX_DEPTH: usize = 32;

/// A step from a value to one within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// To a member by its name.
    Member(String),
    /// To each item of a list.
    Item,
}

/// Places in a body, from the outside in.
pub(crate) type Path = Vec<Step>;

/// The places in a body that answers can be made worse at.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// Strings that are one of a list.
    pub(crate) variants: Vec<Path>,
    /// Objects with named fields.
    pub(crate) objects: Vec<Path>,
    /// Fields that the service always sends.
    pub(crate) guaranteed: Vec<Path>,
}

impl Shape {
    /// Reads the schema at a node.
    pub(super) fn read(node: &Node<'_>) -> Result<Self, SpecError> {
        let mut shape = Self::default();
        shape.walk(node, &mut Vec::new(), &mut Vec::new())?;
        Ok(shape)
    }

    fn walk(&mut self, node: &Node<'_>, path: &mut Path, within: &mut Vec<String>) -> Result<(), SpecError> {
        let place = node.place();
        if within.contains(&place) || within.len() > MAX_DEPTH {
            return Ok(());
        }
        within.push(place);
        if node.get_flag("x-sdk-guaranteed")? {
            self.guaranteed.push(path.clone());
        }
        if node.value().get("enum").is_some() && node.value().get("type").and_then(Value::as_str) == Some("string") {
            self.variants.push(path.clone());
        }
        if let Some(all) = node.get("allOf")? {
            for member in all.items()? {
                self.walk(&member, path, within)?;
            }
        }
        if let Some(properties) = node.get("properties")? {
            self.objects.push(path.clone());
            for (name, property) in properties.members()? {
                path.push(Step::Member(name.to_owned()));
                self.walk(&property, path, within)?;
                path.pop();
            }
        }
        if let Some(items) = node.get("items")? {
            path.push(Step::Item);
            self.walk(&items, path, within)?;
            path.pop();
        }
        within.pop();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn places_are_found() {
        let text = "\
type: object
properties:
  kind: {type: string, enum: [A, B], x-sdk-guaranteed: true}
  list: {type: array, items: {$ref: '#/properties/kind'}}
  more: {allOf: [{type: object, properties: {n: {type: number}}}]}
";
        let document = Document::parse("spec.yaml", text).unwrap();
        let shape = Shape::read(&document.root()).unwrap();
        let member = |name: &str| Step::Member(name.to_owned());
        assert_eq!(shape.variants, [vec![member("kind")], vec![member("list"), Step::Item]]);
        assert_eq!(shape.objects, [vec![], vec![member("more")]]);
        assert_eq!(shape.guaranteed, shape.variants);
    }
}
