//! The engine: progenitor. It decides the Rust type of each property, argument and result.
//!
//! One pure function makes its document from the model ([`document`]), and one reading of its output is joined to the
//! model by key ([`join`]). Everything else is written from the model.

mod document;
mod join;
mod shorten;

use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use schemars::schema::{InstanceType, SchemaObject, SingleOrVec};

use crate::formats;
use crate::model::Model;

pub(crate) use join::Types;

/// The Rust types of a service.
///
/// # Errors
/// What progenitor refuses, or where its output does not fit the model.
pub(crate) fn types(model: &Model) -> Result<Types, String> {
    let document = document::document(model)?;
    // The lint rules keep out what makes progenitor panic. Should it panic all the same, a maintainer gets a
    // diagnostic beside the panic message, and xtask an ordinary error.
    let generate = || Generator::new(&settings(model)).generate_tokens(&document);
    let tokens = match catch_unwind(AssertUnwindSafe(generate)) {
        Ok(Ok(tokens)) => tokens,
        Ok(Err(error)) => return Err(format!("progenitor refuses the document: {error}")),
        Err(_) => return Err("progenitor panicked".to_owned()),
    };
    // A clone, so that the tokens are freed at once, after the syntax tree is made. Freed one by one, with the tree growing
    // into their places, they leave a heap full of holes, which slows down what follows.
    let file = syn::parse2(tokens.clone()).map_err(|error| format!("progenitor's output is not Rust: {error}"))?;
    join::join(file, model)
}

/// The positional interface: a function's signature says all that is read, in a third of the code of its builders.
fn settings(model: &Model) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Positional).with_map_type("::std::collections::BTreeMap");
    let traits = || [TypeImpl::Display, TypeImpl::FromStr].into_iter();
    for format in formats::runtime_types() {
        let schema = SchemaObject {
            instance_type: Some(SingleOrVec::Single(Box::new(instance_type(format.kind)))),
            format: Some(format.name.to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, format.rust, traits());
    }
    // Ours are open: progenitor would refuse values that are new.
    for name in model.enums.keys() {
        settings.with_replacement(name, format!("crate::types::{name}"), traits());
    }
    settings
}

fn instance_type(kind: &str) -> InstanceType {
    match kind {
        "integer" => InstanceType::Integer,
        "number" => InstanceType::Number,
        _ => InstanceType::String,
    }
}
