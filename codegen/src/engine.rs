//! The one place that talks to progenitor.

use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use schemars::schema::{InstanceType, SchemaObject, SingleOrVec};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::formats;
use crate::load::Document;
use crate::lower::Lowered;
use crate::pointer::Pointer;

/// Runs progenitor over a lowered spec. Its positional interface is used: a function's signature and body say all that
/// the emit stage reads, in a third of the code of its builders.
pub(crate) fn run(document: &Document, lowered: &Lowered) -> Result<syn::File, Diagnostics> {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Positional).with_map_type("::std::collections::BTreeMap");
    for (kind, format, rust) in formats::runtime_types() {
        let schema = SchemaObject {
            instance_type: Some(SingleOrVec::Single(Box::new(instance_type(kind)))),
            format: Some(format.to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, rust, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    for (name, rust) in &lowered.side.replacements {
        settings.with_replacement(name, rust, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    // The lint rules keep out what makes progenitor panic. Should it panic all the same, a maintainer gets a
    // diagnostic beside the panic message, and xtask an ordinary error.
    let tokens = catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&lowered.spec)));
    let failed = |message: String| -> Diagnostic {
        let help = "the lint rules should have reported this; please add one that does";
        document.finding(&Pointer::root(), "engine", message, help)
    };
    let tokens = match tokens {
        Ok(Ok(tokens)) => tokens,
        Ok(Err(error)) => return Err(failed(format!("progenitor refuses the lowered spec: {error}")).into()),
        Err(_) => return Err(failed("progenitor panicked on the lowered spec".to_owned()).into()),
    };
    // A clone, so that the tokens are freed at once, after the syntax tree is made. Freed one by one, with the tree growing
    // into their places, they leave a heap full of holes, on which the emit stage takes twice as long for 1,000 operations.
    syn::parse2(tokens.clone()).map_err(|error| failed(format!("progenitor's output is not Rust: {error}")).into())
}

fn instance_type(kind: &str) -> InstanceType {
    match kind {
        "integer" => InstanceType::Integer,
        "number" => InstanceType::Number,
        _ => InstanceType::String,
    }
}
