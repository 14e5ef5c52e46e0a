//! Pagination and bare items: names in the spec become parameters of the operation and properties of its page.

use std::collections::BTreeMap;

use super::node::Node;
use super::{Field, Object, Operation, Output, Pagination, Property, Style, Type};
use crate::diagnostic::Diagnostics;
use crate::pointer::Pointer;

/// The operation with what its page tells of it.
pub(super) fn resolve(
    root: &Node<'_>,
    operation: Operation,
    objects: &BTreeMap<String, Object>,
) -> Result<Operation, Diagnostics> {
    let page = operation.methods.iter().find_map(|method| match &method.output {
        Output::Json(Type::Object(name)) => objects.get(name),
        _ => None,
    });
    let node = place(root, &operation)?;
    let pagination = match node.get("x-sdk-pagination")? {
        Some(mark) => {
            let page = page.ok_or_else(|| mark.fault("the success response is no object, so it has no items"))?;
            Some(Reader { mark: &mark, operation: &operation, page, objects }.pagination()?)
        }
        None => None,
    };
    Ok(Operation { pagination, bare_item: page.and_then(|page| page.bare_item.clone()), ..operation })
}

/// The node of an operation.
fn place<'d>(root: &Node<'d>, operation: &Operation) -> Result<Node<'d>, Diagnostics> {
    let pointer = Pointer::parse(&operation.pointer).unwrap_or_default();
    pointer.segments().iter().try_fold(root.clone(), |node, key| node.require(key))
}

/// What the names are looked up in.
struct Reader<'a> {
    mark: &'a Node<'a>,
    operation: &'a Operation,
    page: &'a Object,
    objects: &'a BTreeMap<String, Object>,
}

impl<'a> Reader<'a> {
    fn pagination(&self) -> Result<Pagination, Diagnostics> {
        let items = self.required("items")?;
        let list = self.property(self.page, "items", items)?;
        let Type::List(element) = &list.schema.ty else { return Err(self.fault("items", "is not a list")) };
        let Type::Object(item) = &element.ty else { return Err(self.fault("items", "is not a list of objects")) };
        let id =
            self.mark.get_text("id")?.map(|wire| self.text_property(self.object(item)?, "id", wire)).transpose()?;
        Ok(Pagination {
            size: self.parameter("size")?,
            items: field(list),
            item: item.clone(),
            id,
            style: match self.required("style")? {
                "cursor" => self.cursor()?,
                _ => self.page_number()?,
            },
        })
    }

    fn cursor(&self) -> Result<Style, Diagnostics> {
        let (href, next) = (self.path("next-href")?, self.path("next-token")?);
        if href.is_none() && next.is_none() {
            return Err(self.mark.fault("neither `next-href` nor `next-token` says where the cursor is"));
        }
        Ok(Style::Cursor { token: self.parameter("token")?, href, next })
    }

    fn page_number(&self) -> Result<Style, Diagnostics> {
        let size = &self.operation.parameters[self.parameter("size")?];
        let default = size.schema.default.as_ref().and_then(serde_json::Value::as_u64);
        Ok(Style::PageNumber {
            page: self.parameter("page")?,
            default_size: default.ok_or_else(|| self.fault("size", "has no default"))?,
            links: field(self.property(self.page, "links", self.required("links")?)?),
            relation: self.mark.get_text("next-rel")?.map(str::to_owned),
        })
    }

    /// The properties on the way to a text of the page.
    fn path(&self, key: &str) -> Result<Option<Vec<Field>>, Diagnostics> {
        let Some(path) = self.mark.get_text(key)? else { return Ok(None) };
        let (above, last) = path.rsplit_once('.').map_or((None, path), |(above, last)| (Some(above), last));
        let mut object = self.page;
        let mut fields = Vec::new();
        for wire in above.into_iter().flat_map(|above| above.split('.')) {
            let property = self.property(object, key, wire)?;
            let Type::Object(name) = &property.schema.ty else {
                return Err(self.fault(key, "leads through no object"));
            };
            fields.push(field(property));
            object = self.object(name)?;
        }
        fields.push(self.text_property(object, key, last)?);
        Ok(Some(fields))
    }

    fn required(&self, key: &str) -> Result<&'a str, Diagnostics> {
        self.mark.require_text(key)
    }

    fn parameter(&self, key: &str) -> Result<usize, Diagnostics> {
        let wire = self.required(key)?;
        let found = self.operation.parameters.iter().position(|parameter| parameter.wire == wire);
        found.ok_or_else(|| self.fault(key, "is no parameter of the operation"))
    }

    fn property(&self, object: &'a Object, key: &str, wire: &str) -> Result<&'a Property, Diagnostics> {
        object.property(wire).ok_or_else(|| self.fault(key, &format!("names `{wire}`, which `{}` lacks", object.name)))
    }

    /// A property that is text which may be absent.
    fn text_property(&self, object: &'a Object, key: &str, wire: &str) -> Result<Field, Diagnostics> {
        let property = self.property(object, key, wire)?;
        match &property.schema.ty {
            Type::Scalar(format) if format.rust == "String" && !property.guaranteed => Ok(field(property)),
            _ => Err(self.fault(key, "is no text, or one that is guaranteed")),
        }
    }

    fn object(&self, name: &str) -> Result<&'a Object, Diagnostics> {
        self.objects.get(name).ok_or_else(|| self.mark.fault(format!("there is no schema `{name}`")))
    }

    fn fault(&self, key: &str, problem: &str) -> Diagnostics {
        self.mark.fault(format!("`{key}` {problem}"))
    }
}

fn field(property: &Property) -> Field {
    Field { wire: property.wire.clone(), rust: property.rust.clone() }
}
