//! The public Rust API of generated code, and the meaning of its changes for users.
//!
//! Both sides of a comparison are read from the generated Rust, not from the spec or the outline. Users compile against
//! the code, and it is checked in, so `git show <rev>:<file>` has the true API of any revision, of any spec and
//! generator. From specs alone a change of the generator would be invisible, or the old generator would
//! have to be built to see it; and the outline leaves out the items that the generator adds to every type.
//!
//! [`read`] parses the files, [`compare`] lists [`Change`]s. Each change has a [`Rule`], and each rule has a [`Level`]; the table
//! of rules is `rules.rs`. Requests and responses are compared as well: a change of
//! them breaks no build, so it is a patch, but it is marked where programs behave differently.
//!
//! Not compared: the hand-written part of a crate, the runtime behind it, and auto traits (`Send`, `Sync`).
//! `cargo semver-checks` looks at those, in `.ci/release`. It in turn does not compare the types of fields, arguments and
//! results, where most changes happen here. `codegen/tests/semver.rs` holds the two against each other.

mod changelog;
mod checks;
mod compare;
mod docs;
mod read;
mod rules;
mod scope;
mod wire;

use std::collections::BTreeMap;

pub use changelog::unsaid;
pub use compare::compare;
pub use read::read;
pub use rules::{Change, Level, Rule};

/// The public API of one client's generated code.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// By path below the crate, such as `types::Invoice`; `Client` is the hand-written type that operations are methods of.
    types: BTreeMap<String, TypeItem>,
    /// (Type, value) by path.
    constants: BTreeMap<String, (String, String)>,
    /// Associated types by `Trait for Type`.
    impls: BTreeMap<String, BTreeMap<String, String>>,
    /// The source text, by path, of public items of any other kind.
    others: BTreeMap<String, String>,
}

/// A struct or an enum with its members.
#[derive(Clone, Debug, Default)]
struct TypeItem {
    /// `struct` or `enum`.
    kind: &'static str,
    non_exhaustive: bool,
    must_use: bool,
    /// Whether a field is private, so that only the crate can make one.
    opaque: bool,
    fields: BTreeMap<String, Field>,
    /// Text on the wire, or the fields, by variant.
    variants: BTreeMap<String, String>,
    methods: BTreeMap<String, Method>,
    /// Checks of a body's fields before it is sent, by wire name.
    checks: BTreeMap<String, Vec<checks::Check>>,
    /// The parts that the builder of an operation sends.
    sent: Option<wire::Sent>,
    docs: String,
    /// Private functions and trait impls, as they stand.
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    ty: String,
    /// Name on the wire.
    wire: String,
    /// The rest of its serde attribute.
    decoding: String,
    docs: String,
}

#[derive(Clone, Debug, Default)]
struct Method {
    /// Such as `&self`; empty for a function.
    receiver: String,
    /// Names and types.
    arguments: Vec<(String, String)>,
    result: String,
    is_async: bool,
    must_use: bool,
    docs: String,
    body: String,
}

/// The hand-written type that operations are methods of.
const CLIENT: &str = "Client";
