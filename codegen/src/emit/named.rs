//! Distinct values, each with the name of its constant.

use proc_macro2::Ident;
use quote::format_ident;

/// Distinct values in the order in which they were added, each with a name of its own.
pub(super) struct Named<'a, T>(Vec<(Ident, &'a T)>);

impl<'a, T: PartialEq> Named<'a, T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a value, unless it is known. Its name is `base` and `ending`, and a number if other values have the same base.
    pub(super) fn add(&mut self, base: &str, ending: &str, value: &'a T) {
        if self.name(value).is_some() {
            return;
        }
        let same = self.0.iter().filter(|(name, _)| name.to_string().starts_with(base)).count();
        let number = if same == 0 { String::new() } else { format!("_{}", same + 1) };
        self.0.push((format_ident!("{base}{ending}{number}"), value));
    }

    /// The name of a value.
    pub(super) fn name(&self, value: &T) -> Option<&Ident> {
        self.0.iter().find(|(_, known)| *known == value).map(|(name, _)| name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Ident, &'a T)> {
        self.0.iter().map(|(name, value)| (name, *value))
    }
}
