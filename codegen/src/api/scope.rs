//! The public items with their paths, and what the names in a module stand for.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Item, PathSegment, Token, Type, UseTree, Visibility};

use super::docs::text;

/// One parsed file.
pub(super) struct Module {
    /// Below the generated code; empty for its root.
    pub(super) path: Vec<String>,
    pub(super) file: syn::File,
}

/// The paths of all modules and of their public items.
pub(super) struct Scope {
    /// Public path by the path of the definition.
    public: BTreeMap<String, String>,
    /// Paths of all modules.
    modules: BTreeSet<String>,
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The name and visibility of an item that can be named.
pub(super) fn named(item: &Item) -> Option<(String, bool)> {
    let (ident, visibility) = match item {
        Item::Const(item) => (item.ident.to_string(), &item.vis),
        Item::Enum(item) => (item.ident.to_string(), &item.vis),
        Item::Fn(item) => (item.sig.ident.to_string(), &item.vis),
        Item::Static(item) => (item.ident.to_string(), &item.vis),
        Item::Struct(item) => (item.ident.to_string(), &item.vis),
        Item::Trait(item) => (item.ident.to_string(), &item.vis),
        Item::Type(item) => (item.ident.to_string(), &item.vis),
        Item::Union(item) => (item.ident.to_string(), &item.vis),
        Item::Macro(item) => {
            let open = super::wire::open_enum(item)?;
            return Some((open.ident.to_string(), is_public(&open.vis)));
        }
        _ => return None,
    };
    Some((ident, is_public(visibility)))
}

impl Scope {
    pub(super) fn new(modules: &[Module]) -> Self {
        let by_path: BTreeMap<String, &Module> =
            modules.iter().map(|module| (module.path.join("::"), module)).collect();
        let mut scope = Self { public: BTreeMap::new(), modules: by_path.keys().cloned().collect() };
        let mut open = vec![String::new()];
        while let Some(at) = open.pop() {
            let Some(module) = by_path.get(&at) else { continue };
            for item in &module.file.items {
                match item {
                    Item::Mod(child) if is_public(&child.vis) => open.push(join(&at, &child.ident.to_string())),
                    Item::Use(item) if is_public(&item.vis) => {
                        for (name, target) in leaves(&item.tree) {
                            let target = scope.absolute(&module.path, &target);
                            if name == "*" {
                                let all = by_path.get(&target).into_iter().flat_map(|module| &module.file.items);
                                for (name, _) in all.filter_map(named).filter(|(_, public)| *public) {
                                    scope.public.insert(join(&target, &name), join(&at, &name));
                                }
                            } else {
                                scope.public.insert(target, join(&at, &name));
                            }
                        }
                    }
                    item => {
                        if let Some((name, true)) = named(item) {
                            scope.public.insert(join(&at, &name), join(&at, &name));
                        }
                    }
                }
            }
        }
        scope
    }

    /// The public path of an item of a module, if it has one.
    pub(super) fn public(&self, module: &[String], name: &str) -> Option<&str> {
        self.public.get(&join(&module.join("::"), name)).map(String::as_str)
    }

    /// A path as it stands in a module, from the root of the generated code or from another crate.
    fn absolute(&self, module: &[String], segments: &[String]) -> String {
        let child = |name: &str| self.modules.contains(&join(&module.join("::"), name));
        let (mut base, mut rest) = (module.to_vec(), segments);
        match segments.first().map(String::as_str) {
            Some("" | "crate") => (base, rest) = (Vec::new(), &segments[1..]),
            Some("self") => rest = &segments[1..],
            Some("super") => {
                while rest.first().is_some_and(|word| word == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            Some(first) if segments.len() > 1 && !child(first) => base.clear(),
            _ => {}
        }
        base.iter().chain(rest).cloned().collect::<Vec<_>>().join("::")
    }

    /// The items that the names of a module stand for.
    pub(super) fn names(&self, module: &Module) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        for item in &module.file.items {
            if let Item::Use(item) = item {
                for (name, target) in leaves(&item.tree) {
                    names.insert(name, self.shown(&self.absolute(&module.path, &target)));
                }
            } else if let Some((name, _)) = named(item) {
                let shown = self.shown(&join(&module.path.join("::"), &name));
                names.insert(name, shown);
            }
        }
        names
    }

    fn shown(&self, absolute: &str) -> String {
        self.public.get(absolute).cloned().unwrap_or_else(|| absolute.to_owned())
    }
}

/// `a::{b, c as d}` -> (b, a::b), (d, a::c).
fn leaves(tree: &UseTree) -> Vec<(String, Vec<String>)> {
    fn collect(tree: &UseTree, prefix: &[String], into: &mut Vec<(String, Vec<String>)>) {
        let with = |last: &Ident| prefix.iter().cloned().chain([last.to_string()]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => collect(&path.tree, &with(&path.ident), into),
            UseTree::Name(name) => into.push((name.ident.to_string(), with(&name.ident))),
            UseTree::Rename(name) => into.push((name.rename.to_string(), with(&name.ident))),
            UseTree::Glob(_) => into.push(("*".to_owned(), prefix.to_vec())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, prefix, into)),
        }
    }
    let mut all = Vec::new();
    collect(tree, &[], &mut all);
    all
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

/// Writes types with full paths, so that the same type is the same text however it is imported.
pub(super) struct Paths<'a> {
    pub(super) scope: &'a Scope,
    pub(super) module: &'a [String],
    pub(super) names: &'a BTreeMap<String, String>,
}

impl Paths<'_> {
    pub(super) fn of(&self, ty: &Type) -> String {
        let mut ty = ty.clone();
        Rewrite(self).visit_type_mut(&mut ty);
        text(&ty)
    }

    pub(super) fn of_path(&self, path: &syn::Path) -> String {
        let mut path = path.clone();
        Rewrite(self).visit_path_mut(&mut path);
        text(&path)
    }
}

struct Rewrite<'a>(&'a Paths<'a>);

impl VisitMut for Rewrite<'_> {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let mut segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let full = match self.0.names.get(&segments[0]) {
            Some(full) if path.leading_colon.is_none() => [full.as_str()]
                .into_iter()
                .chain(segments[1..].iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("::"),
            _ if path.leading_colon.is_none() && segments.len() == 1 => return,
            _ => {
                if path.leading_colon.is_some() {
                    segments.insert(0, String::new());
                }
                self.0.scope.shown(&self.0.scope.absolute(self.0.module, &segments))
            }
        };
        let Some(last) = path.segments.last().map(|segment| segment.arguments.clone()) else { return };
        path.leading_colon = None;
        path.segments = full
            .split("::")
            .map(|word| PathSegment::from(Ident::new(word, Span::call_site())))
            .collect::<Punctuated<PathSegment, Token![::]>>();
        if let Some(segment) = path.segments.last_mut() {
            segment.arguments = last;
        }
    }
}
