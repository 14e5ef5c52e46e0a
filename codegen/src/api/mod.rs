//! The public Rust API of generated code, and the meaning of its changes for users.
//!
//! [`read`] parses generated files, and [`compare`] lists the [`Change`]s between two versions of them. Each change has
//! a [`Rule`], and each rule has a [`Level`]; `rules.rs` is the table of the rules.
//!
//! Both versions are read from generated Rust. It is checked in, so `git show <rev>:<file>` has the API that users of a
//! revision compiled against. The specs would not do: a change of the generator does not show in them. Nor would the
//! outline: it leaves out the items that every type has.
//!
//! Requests and checks are compared as well. A change of them breaks no build. It is a patch, or minor where a check is
//! tighter; it is marked where programs behave differently.
//!
//! Not compared are the hand-written part of a crate, the runtime, and auto traits (`Send`, `Sync`). `.ci/release` runs
//! `cargo semver-checks` for these. That tool does not compare the types of fields, arguments and results, where most
//! changes happen here. `codegen/tests/semver.rs` compares its verdicts with ours.

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
    /// By path below the crate, such as `types::Invoice`, and [`CLIENT`].
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
    /// Whether a field is private, so that no other crate can write a value out as a struct expression.
    opaque: bool,
    fields: BTreeMap<String, Field>,
    /// By variant: its text on the wire if the enum is open, else its fields.
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
