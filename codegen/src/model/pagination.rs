//! Pagination: names in the spec become parameters of the operation and properties of its page. The lint rules have
//! checked that these are of a kind to page by.

use std::collections::BTreeMap;

use serde_json::Value;

use super::node::Fault;
use super::{Field, Object, Operation, Pagination, Style, Type};
use crate::node::Node;

/// How an operation pages, by the mark on it.
pub(super) fn read(
    mark: &Node<'_>,
    operation: &Operation,
    page: Option<&Object>,
    objects: &BTreeMap<String, Object>,
) -> Result<Pagination, Fault> {
    let page = page.ok_or_else(|| mark.fault("the success response is no object, so it has no items"))?;
    Reader { mark, operation, page, objects }.pagination()
}

/// What the names are looked up in.
struct Reader<'a> {
    mark: &'a Node<'a>,
    operation: &'a Operation,
    page: &'a Object,
    objects: &'a BTreeMap<String, Object>,
}

impl<'a> Reader<'a> {
    fn pagination(&self) -> Result<Pagination, Fault> {
        let (items, list) = self.property(self.page, "items", self.mark.require_text("items")?)?;
        let Type::Object(item) = list.leaf() else { return Err(self.fault("items", "is not a list of objects")) };
        let id = self.mark.text("id").map(|id| self.property(self.object(item)?, "id", id)).transpose()?;
        Ok(Pagination {
            size: self.parameter("size")?,
            items,
            item: item.clone(),
            id: id.map(|(field, _)| field),
            style: match self.mark.require_text("style")? {
                "cursor" => self.cursor()?,
                "page-number" => self.page_number()?,
                _ => return Err(self.fault("style", "is one that the model does not know")),
            },
        })
    }

    fn cursor(&self) -> Result<Style, Fault> {
        Ok(Style::Cursor {
            token: self.parameter("token")?,
            href: self.path("next-href")?,
            next: self.path("next-token")?,
        })
    }

    fn page_number(&self) -> Result<Style, Fault> {
        let size = &self.operation.parameters[self.parameter("size")?];
        let default = size.schema.default.as_ref().and_then(Value::as_u64);
        Ok(Style::PageNumber {
            page: self.parameter("page")?,
            default_size: default.ok_or_else(|| self.fault("size", "has no default"))?,
            links: self.property(self.page, "links", self.mark.require_text("links")?)?.0,
            relation: self.mark.text("next-rel").map(str::to_owned),
            total: self
                .mark
                .text("total")
                .map(|total| self.property(self.page, "total", total))
                .transpose()?
                .map(|(field, _)| field),
        })
    }

    /// The properties on the way to a text of the page.
    fn path(&self, key: &str) -> Result<Option<Vec<Field>>, Fault> {
        let Some(path) = self.mark.text(key) else { return Ok(None) };
        let (mut object, mut fields) = (self.page, Vec::new());
        for wire in path.split('.') {
            let (field, ty) = self.property(object, key, wire)?;
            fields.push(field);
            if let Type::Object(name) = ty {
                object = self.object(name)?;
            }
        }
        Ok(Some(fields))
    }

    fn parameter(&self, key: &str) -> Result<usize, Fault> {
        let wire = self.mark.require_text(key)?;
        let found = self.operation.parameters.iter().position(|parameter| parameter.wire == wire);
        found.ok_or_else(|| self.fault(key, "is no parameter of the operation"))
    }

    fn property(&self, object: &'a Object, key: &str, wire: &str) -> Result<(Field, &'a Type), Fault> {
        let property = object.properties.iter().find(|property| property.wire == wire);
        let property =
            property.ok_or_else(|| self.fault(key, &format!("names `{wire}`, which `{}` lacks", object.name)))?;
        Ok((Field { wire: property.wire.clone(), rust: property.rust.clone() }, &property.schema.ty))
    }

    fn object(&self, name: &str) -> Result<&'a Object, Fault> {
        self.objects.get(name).ok_or_else(|| self.mark.fault(format!("there is no schema `{name}`")))
    }

    fn fault(&self, key: &str, problem: &str) -> Fault {
        self.mark.fault(format!("`{key}` {problem}"))
    }
}
