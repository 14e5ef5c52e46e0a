//! Turns a curated OpenAPI 3.0 spec into the code of a typed client. A library without I/O: text in, files out.
//!
//! ```text
//! text --load--> Document --lint--> (diagnostics) --model--> Model --progenitor--> the Rust types of the model
//!      --emit--> syn items --prettyplease--> files
//! ```
//!
//! `ARCHITECTURE.md` at the root of the repository is the map; `specs/README.md` has the rules a spec obeys.

pub mod api;
mod constraint;
mod diagnostic;
pub mod drift;
mod emit;
mod engine;
mod formats;
mod lint;
mod load;
mod media;
mod model;
mod naming;
mod nodes;
mod outline;
mod pointer;
mod rules;
mod sample;

pub use diagnostic::{Diagnostic, Diagnostics, Position};
pub use sample::SampleCall;

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
    /// A call of each method, with the spec's example as the answer.
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

/// Checks a spec against the curation rules, and for text that is copied from the vendor's document: an OpenAPI document,
/// or a page as text.
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
/// Everything that is wrong with the spec; or, where progenitor's output is not what the emit stage knows, that.
pub fn generate(source: Source<'_>) -> Result<Client, Diagnostics> {
    let document = load::Document::load(source)?;
    let client = client(source, &document)?;
    let fail = |message| stopped(&document, "emit", message);
    Ok(Client { files: client.files().map_err(fail)?, outline: outline::render(&client).map_err(fail)? })
}

/// Writes a spec as data: the catalogue's file of a service.
///
/// # Errors
/// As [`generate`].
pub fn catalogue(name: &str, source: Source<'_>) -> Result<File, Diagnostics> {
    let document = load::Document::load(source)?;
    lint::check(&document, None)?;
    let model = model::model(&document)?;
    emit::catalogue::file(name, &model, source).map_err(|message| stopped(&document, "emit", message))
}

/// The catalogue's list of the services.
///
/// # Errors
/// That a name is not one that Rust can have.
pub fn catalogue_index(names: &[&str], command: &str) -> Result<File, String> {
    emit::catalogue::index(names, command)
}

/// What the crate of a new service begins with.
///
/// # Errors
/// As [`generate`]; and an operation that no sample call can be made for.
pub fn start(source: Source<'_>) -> Result<Start, Diagnostics> {
    let document = load::Document::load(source)?;
    let client = client(source, &document)?;
    let calls = sample::calls(&client).map_err(|message| {
        let help = "make the field optional, or an object with fields of its own";
        Diagnostics::from(document.finding(&pointer::Pointer::root(), "sample", message, help))
    })?;
    Ok(Start { title: client.model.title, servers: client.model.servers, calls })
}

/// What a client is written from: the model of a spec, and the Rust types that progenitor chose.
fn client<'a>(source: Source<'a>, document: &load::Document) -> Result<emit::Client<'a>, Diagnostics> {
    lint::check(document, None)?;
    let model = model::model(document)?;
    let types = engine::types(&model).map_err(|message| stopped(document, "engine", message))?;
    Ok(emit::Client { model, types, source })
}

/// A failure that no place of the spec explains.
fn stopped(document: &load::Document, stage: &'static str, message: String) -> Diagnostics {
    let help = "the lint rules should have reported what leads to this; please add one that does";
    document.finding(&pointer::Pointer::root(), stage, message, help).into()
}
