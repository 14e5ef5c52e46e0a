//! Turns a curated OpenAPI 3.0 spec into the code of a typed client. A library without I/O: text in, files out.
//!
//! ```text
//! text --load--> Document --lint--> (diagnostics) --model--> Model --progenitor--> the Rust types of the model
//!      --emit--> syn items --prettyplease--> files
//! ```
//!
//! `ARCHITECTURE.md` at the root of the repository is the map; `specs/README.md` has the rules a spec obeys.

pub mod api;
pub mod columns;
mod constraint;
mod diagnostic;
pub mod drift;
mod emit;
mod engine;
mod lint;
mod load;
mod media;
mod model;
mod naming;
mod node;
mod outline;
mod pointer;
mod rules;
mod sample;

pub use diagnostic::{Diagnostic, Diagnostics, Position};
pub use naming::is_identifier;
pub use sample::SampleCall;

use model::Model;
use pointer::Pointer;

/// A spec to read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// How diagnostics and file headers name the spec, such as `specs/<service>.yaml`.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The command that generates the code, for the file headers.
    pub command: &'a str,
}

/// One generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path below the client's `src/generated`, with `/` as separator.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// What a new client crate begins with, beside its generated code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Title of the service.
    pub title: String,
    /// Base URLs with their descriptions, the default one first.
    pub servers: Vec<(String, String)>,
    /// A call of each method, with the spec's example as the response.
    pub calls: Vec<SampleCall>,
}

/// What a spec becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The files, sorted by path.
    pub files: Vec<File>,
    /// The public API in short: operations, parameters, types and fields, for review.
    pub outline: String,
}

/// Checks a spec against the curation rules.
///
/// # Errors
/// Everything that is wrong with it.
pub fn lint(source: Source<'_>) -> Result<(), Diagnostics> {
    lint::check(&load::Document::load(source)?, None)
}

/// Checks a spec against the curation rules, and for text that is copied from the vendor's document: an OpenAPI
/// document, or a page as text.
///
/// # Errors
/// Everything that is wrong with it.
pub fn lint_against(source: Source<'_>, vendor: &str) -> Result<(), Diagnostics> {
    lint::check(&load::Document::load(source)?, Some(&lint::Vendor::read(vendor)))
}

/// The curation rules: the id of each, and why it is there.
#[must_use]
pub fn rules() -> &'static [(&'static str, &'static str)] {
    &rules::RULES
}

/// Generates the client of a spec.
///
/// # Errors
/// As [`Spec::read`] and [`Spec::client`].
pub fn generate(source: Source<'_>) -> Result<Client, Diagnostics> {
    Spec::read(source)?.client()
}

/// How the command-line program calls a service.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// The name of the service, and of its client crate.
    pub name: &'a str,
    /// The command that has its operations.
    pub command: &'a str,
    /// The prefix of the environment variables that have its required parameters.
    pub variables: &'a str,
}

/// The command-line program's list of the services.
///
/// # Errors
/// If the generated code is not Rust.
pub fn program_index(services: &[Command<'_>], command: &str) -> Result<File, String> {
    emit::catalogue::program(services, command)
}

/// The catalogue's list of the services.
///
/// # Errors
/// If a name is no identifier of Rust.
pub fn catalogue_index(names: &[&str], command: &str) -> Result<File, String> {
    emit::catalogue::index(names, command)
}

/// The page of the book that lists every operation of the services.
#[must_use]
pub fn operations_page(services: &[(Command<'_>, &Spec<'_>)], command: &str) -> File {
    let models: Vec<_> = services.iter().map(|(service, spec)| (*service, &spec.client.model)).collect();
    emit::page::file(&models, command)
}

/// A parsed spec without lint findings. Everything is generated from it.
#[derive(Debug)]
pub struct Spec<'a> {
    document: load::Document,
    client: emit::Client<'a>,
}

impl<'a> Spec<'a> {
    /// Reads and checks a spec.
    ///
    /// # Errors
    /// Everything that is wrong with the spec, or what the generator does not know in progenitor's output.
    pub fn read(source: Source<'a>) -> Result<Self, Diagnostics> {
        let document = load::Document::load(source)?;
        lint::check(&document, None)?;
        let model = model::model(&document).map_err(|fault| stopped(&document, &fault.at, "model", fault.message))?;
        let root = Pointer::root();
        let types = engine::types(&model).map_err(|message| stopped(&document, &root, "engine", message))?;
        Ok(Self { document, client: emit::Client { model, types, source } })
    }

    /// The client of the service.
    ///
    /// # Errors
    /// If the generated code is not Rust.
    pub fn client(&self) -> Result<Client, Diagnostics> {
        let files = self.emitted(self.client.files())?;
        Ok(Client { files, outline: self.emitted(outline::render(&self.client))? })
    }

    /// The spec as data: the catalogue's file of the service `name`.
    ///
    /// # Errors
    /// If the generated code is not Rust.
    pub fn catalogue(&self, name: &str) -> Result<File, Diagnostics> {
        self.emitted(emit::catalogue::file(name, &self.client.model, self.client.source))
    }

    /// What the crate of a new service begins with.
    ///
    /// # Errors
    /// If no sample call can be made for an operation.
    pub fn start(&self) -> Result<Start, Diagnostics> {
        let calls = sample::calls(&self.client).map_err(|message| {
            let help = "make the field optional, or an object with fields of its own";
            self.document.finding(&Pointer::root(), "sample", message, help)
        })?;
        let Model { title, servers, .. } = &self.client.model;
        Ok(Start { title: title.clone(), servers: servers.clone(), calls })
    }

    fn emitted<T>(&self, result: Result<T, String>) -> Result<T, Diagnostics> {
        result.map_err(|message| stopped(&self.document, &Pointer::root(), "emit", message))
    }
}

/// A failure of the generator.
fn stopped(document: &load::Document, at: &Pointer, stage: &'static str, message: String) -> Diagnostics {
    let help = "the lint rules should have reported what leads to this; please add one that does";
    document.finding(at, stage, message, help).into()
}
