//! The rules: which change of the API asks for which version.

use std::fmt;

/// The least step to the next version that a change requires, by
/// <https://doc.rust-lang.org/cargo/reference/semver.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// No program that compiled stops compiling, and none has more to call.
    Patch,
    /// There is more to call, or more that is refused.
    Minor,
    /// Programs that compiled need not compile any more.
    Major,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

macro_rules! rules {
    ($($rule:ident $id:literal $level:ident $behaves:literal $why:literal;)*) => {
        /// Why a change has the level that it has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $why] $rule,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its name.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => $id,)* }
            }

            /// The level of a change under it.
            pub const fn level(self) -> Level {
                match self { $(Self::$rule => Level::$level,)* }
            }

            /// Whether a program that compiles as before may behave differently.
            pub const fn behaves(self) -> bool {
                match self { $(Self::$rule => $behaves,)* }
            }

            /// The reason for the level.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$rule => $why,)* }
            }
        }
    };
}

rules! {
    OperationRemoved "operation-removed" Major false "Its callers do not compile.";
    SignatureChanged "signature-changed" Major false "Callers pass other arguments or use another result; those of before do not compile.";
    ArgumentsSwapped "arguments-swapped" Major true "Calls compile as before and mean something else: arguments of one type changed places.";
    MethodRemoved "method-removed" Major false "Its callers do not compile.";
    TypeRemoved "type-removed" Major false "Code that names it does not compile.";
    KindChanged "kind-changed" Major false "A struct is used in other ways than an enum.";
    FieldRemoved "field-removed" Major false "Code that reads it does not compile.";
    FieldRetyped "field-retyped" Major false "Code that reads it as the old type does not compile.";
    FieldAddedToOpen "field-added-to-constructible" Major false "The struct is not `#[non_exhaustive]` and has no private field: code that writes it out lacks the field.";
    VariantRemoved "variant-removed" Major false "Code that names it does not compile. A value that a vendor withdrew can stay: old bills have it.";
    VariantRetyped "variant-retyped" Major false "Code that matches or makes it does not compile.";
    VariantAddedToClosed "variant-added-to-closed" Major false "The enum is not `#[non_exhaustive]`: a `match` that had all its variants lacks one.";
    Closed "non-exhaustive-added" Major false "Code that writes out or matches all of it does not compile any more.";
    ImplRemoved "impl-removed" Major false "Code that uses the trait does not compile.";
    ImplRetyped "impl-retyped" Major false "An associated type is another; code that uses the old type does not compile.";
    ConstantRemoved "constant-removed" Major false "Code that names it does not compile.";
    ConstantRetyped "constant-retyped" Major false "Code that uses it as the old type does not compile.";
    ItemRemoved "item-removed" Major false "Code that names it does not compile.";
    ItemChanged "item-changed" Major false "Items of this kind are not compared in detail; taken for a break until a maintainer has looked.";

    OperationAdded "operation-added" Minor false "There is more to call.";
    MethodAdded "method-added" Minor false "There is more to call.";
    TypeAdded "type-added" Minor false "There is more to name.";
    FieldAdded "field-added" Minor false "The struct is `#[non_exhaustive]` or has private fields, so no code writes it out.";
    VariantAdded "variant-added" Minor false "The enum is `#[non_exhaustive]`, so every `match` has an arm for it. The value was read as an unknown one before.";
    Opened "non-exhaustive-removed" Minor false "More can be written out or matched than before.";
    ImplAdded "impl-added" Minor false "There is more to call.";
    ConstantAdded "constant-added" Minor false "There is more to name.";
    ItemAdded "item-added" Minor false "There is more to name.";
    ArgumentGeneralised "argument-generalised" Minor false "It takes the arguments that it took before, and more.";
    MustUse "must-use-added" Minor false "Code that drops the value gets a warning.";
    CheckTightened "check-tightened" Minor true "Everything compiles, but calls that were sent before may be refused before they are sent. Say so in the changelog.";

    CheckLoosened "check-loosened" Patch true "Calls that were refused before are sent.";
    WireOperation "wire-operation" Patch true "Nothing in Rust changes. The request or the reading of its answer does.";
    WireName "wire-name" Patch true "Nothing in Rust changes. The name on the wire does.";
    WireValue "wire-value" Patch true "The variant is the same in Rust, its text on the wire is another.";
    Decoding "decoding" Patch true "The type is the same in Rust, bodies are read or written in another way.";
    ConstantValue "constant-value" Patch true "The constant has another value of the same type.";
    ArgumentRenamed "argument-renamed" Patch false "Arguments are passed by position.";
    Documentation "documentation" Patch false "Documentation only.";
    Code "code" Patch false "The code inside functions changed, not their use.";
}

/// One change of the API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Why it has its level.
    pub rule: Rule,
    /// The changed item, such as `types::Invoice.amount`.
    pub subject: String,
    /// The old and the new form.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn levels_are_ordered_and_ids_are_unique() {
        assert!(Level::Patch < Level::Minor && Level::Minor < Level::Major);
        let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
        assert!(Rule::ALL.iter().all(|rule| rule.why().ends_with('.')));
    }
}
