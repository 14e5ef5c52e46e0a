//! From a linted document to the model.

use super::node::Node;
use super::{Model, operations, pagination, schemas, usage};
use crate::diagnostic::Diagnostics;
use crate::load::Document;

/// The model of a document.
///
/// # Errors
/// What cannot be resolved, with its place.
pub(crate) fn model(document: &Document) -> Result<Model, Diagnostics> {
    let root = Node::root(document);
    let info = root.require("info")?;
    let components = match root.get("components")? {
        Some(components) => components.members_of("schemas")?,
        None => Vec::new(),
    };
    let bare = operations::all(&root)?;
    let usage = usage::usage(&components, &bare)?;
    let objects = schemas::objects(&components, &usage)?;
    let operations = bare.into_iter().map(|operation| pagination::resolve(&root, operation, &objects));
    Ok(Model {
        title: info.require_text("title")?.to_owned(),
        api_version: info.require_text("version")?.to_owned(),
        servers: servers(&root)?,
        operations: operations.collect::<Result<_, _>>()?,
        enums: schemas::enums(&components)?,
        objects,
    })
}

fn servers(root: &Node<'_>) -> Result<Vec<(String, String)>, Diagnostics> {
    let servers = root.items_of("servers")?;
    servers.iter().map(|server| Ok((server.require_text("url")?.to_owned(), server.text_of("description")?))).collect()
}
