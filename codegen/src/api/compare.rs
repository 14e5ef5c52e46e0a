//! Two [`Api`]s -> the [`Change`]s between them.

use std::collections::BTreeMap;

use super::checks::{self, Check, Shift, shift};
use super::rules::{Change, Rule};
use super::{Api, CLIENT, Method, TypeItem, wire};

/// The changes from `old` to `new`, the gravest first.
pub fn compare(old: &Api, new: &Api) -> Vec<Change> {
    let mut all = Changes { list: Vec::new(), docs: 0, code: Vec::new() };
    for (path, old, new) in sides(&old.types, &new.types) {
        match (old, new) {
            (Some(old), Some(new)) => all.ty(path, old, new),
            (Some(_), None) if !all.is_builder(path, old) => all.add(Rule::TypeRemoved, path, ""),
            (None, Some(_)) if !all.is_builder(path, new) => all.add(Rule::TypeAdded, path, ""),
            _ => {}
        }
    }
    for (path, old, new) in sides(&old.constants, &new.constants) {
        match (old, new) {
            (Some((old, _)), Some((new, _))) if old != new => all.change(Rule::ConstantRetyped, path, old, new),
            // A constant that lists the others changes with them.
            (Some((ty, old)), Some((_, new))) if old != new && !ty.starts_with("&[") => {
                all.change(Rule::ConstantValue, path, old, new);
            }
            (Some(_), None) if !all.covers(path) => all.add(Rule::ConstantRemoved, path, ""),
            (None, Some((ty, _))) if !all.covers(path) => all.add(Rule::ConstantAdded, path, ty),
            _ => {}
        }
    }
    for (name, old, new) in sides(&old.impls, &new.impls) {
        let of = name.split_once(" for ").map_or(name, |(_, of)| of);
        match (old, new) {
            (Some(old), Some(new)) => {
                for (associated, old, new) in sides(old, new) {
                    let (old, new) = (old.map_or("nothing", String::as_str), new.map_or("nothing", String::as_str));
                    if old != new {
                        all.change(Rule::ImplRetyped, &format!("impl {name}"), &format!("{associated} = {old}"), new);
                    }
                }
            }
            (Some(_), None) if !all.covers_type(of) => all.add(Rule::ImplRemoved, &format!("impl {name}"), ""),
            (None, Some(_)) if !all.covers_type(of) => all.add(Rule::ImplAdded, &format!("impl {name}"), ""),
            _ => {}
        }
    }
    for (path, old, new) in sides(&old.others, &new.others) {
        match (old, new) {
            (Some(old), Some(new)) if old != new => all.change(Rule::ItemChanged, path, old, new),
            (Some(_), None) => all.add(Rule::ItemRemoved, path, ""),
            (None, Some(_)) => all.add(Rule::ItemAdded, path, ""),
            _ => {}
        }
    }
    all.finish()
}

/// Both values of each key of two maps.
fn sides<'a, V>(
    old: &'a BTreeMap<String, V>,
    new: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = (&'a str, Option<&'a V>, Option<&'a V>)> {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    let keys = old.keys().chain(added);
    keys.map(move |key| (key.as_str(), old.get(key), new.get(key)))
}

struct Changes {
    list: Vec<Change>,
    docs: usize,
    /// Types with other code inside.
    code: Vec<String>,
}

impl Changes {
    fn add(&mut self, rule: Rule, subject: &str, detail: impl Into<String>) {
        self.list.push(Change { rule, subject: subject.to_owned(), detail: detail.into() });
    }

    fn change(&mut self, rule: Rule, subject: &str, old: &str, new: &str) {
        self.add(rule, subject, format!("{} => {}", short(old), short(new)));
    }

    /// Whether a type is the builder of an operation: it comes and goes with the operation, which is reported.
    fn is_builder(&self, path: &str, item: Option<&TypeItem>) -> bool {
        path != CLIENT && item.is_some_and(|item| item.sent.is_some())
    }

    /// Whether the type was reported as a whole.
    fn covers_type(&self, path: &str) -> bool {
        let of = |change: &Change| match change.rule {
            Rule::TypeAdded | Rule::TypeRemoved => change.subject == path,
            Rule::OperationAdded | Rule::OperationRemoved => change.detail.ends_with(&format!("-> {path}")),
            _ => false,
        };
        self.list.iter().any(of)
    }

    /// The same for the type that an associated constant belongs to.
    fn covers(&self, path: &str) -> bool {
        path.rsplit_once("::").is_some_and(|(of, _)| self.covers_type(of))
    }

    fn ty(&mut self, path: &str, old: &TypeItem, new: &TypeItem) {
        let reported = self.list.len();
        if old.kind != new.kind {
            return self.change(Rule::KindChanged, path, old.kind, new.kind);
        }
        match (old.non_exhaustive, new.non_exhaustive) {
            (false, true) => self.add(Rule::Closed, path, ""),
            (true, false) => self.add(Rule::Opened, path, ""),
            _ => {}
        }
        if new.must_use && !old.must_use {
            self.add(Rule::MustUse, path, "");
        }
        self.docs += usize::from(old.docs != new.docs);
        self.fields(path, old, new);
        self.variants(path, old, new);
        for (name, before, after) in sides(&old.methods, &new.methods) {
            let subject = if path == CLIENT { name.to_owned() } else { format!("{path}::{name}") };
            match (before, after) {
                (Some(before), Some(after)) => self.method(&subject, before, after),
                (Some(method), None) if path == CLIENT => self.add(Rule::OperationRemoved, name, method.shown()),
                (None, Some(method)) if path == CLIENT => self.add(Rule::OperationAdded, name, method.shown()),
                (Some(_), None) => self.add(Rule::MethodRemoved, &subject, ""),
                (None, Some(method)) => self.add(Rule::MethodAdded, &subject, short(&method.shown())),
                (None, None) => {}
            }
        }
        self.checks(path, &old.checks, &new.checks);
        if let (Some(before), Some(after)) = (&old.sent, &new.sent) {
            self.sent(path, before, after);
        }
        if old.code != new.code && self.list.len() == reported {
            self.code.push(path.to_owned());
        }
    }

    fn fields(&mut self, path: &str, old: &TypeItem, new: &TypeItem) {
        let constructible = !old.non_exhaustive && !old.opaque;
        for (name, before, after) in sides(&old.fields, &new.fields) {
            let subject = format!("{path}.{name}");
            match (before, after) {
                (Some(before), Some(after)) => {
                    if before.ty != after.ty {
                        self.change(Rule::FieldRetyped, &subject, &before.ty, &after.ty);
                    } else if before.decoding != after.decoding {
                        self.change(Rule::Decoding, &subject, &before.decoding, &after.decoding);
                    }
                    if before.wire != after.wire {
                        self.change(Rule::WireName, &subject, &before.wire, &after.wire);
                    }
                    self.docs += usize::from(before.docs != after.docs);
                }
                (Some(field), None) => self.add(Rule::FieldRemoved, &subject, short(&field.ty)),
                (None, Some(field)) if constructible => self.add(Rule::FieldAddedToOpen, &subject, short(&field.ty)),
                (None, Some(field)) => self.add(Rule::FieldAdded, &subject, short(&field.ty)),
                (None, None) => {}
            }
        }
    }

    fn variants(&mut self, path: &str, old: &TypeItem, new: &TypeItem) {
        for (name, before, after) in sides(&old.variants, &new.variants) {
            let subject = format!("{path}::{name}");
            match (before, after) {
                (Some(before), Some(after)) if before != after && old.non_exhaustive => {
                    self.change(Rule::WireValue, &subject, before, after);
                }
                (Some(before), Some(after)) if before != after => {
                    self.change(Rule::VariantRetyped, &subject, before, after);
                }
                (Some(value), None) => self.add(Rule::VariantRemoved, &subject, value),
                (None, Some(value)) if old.non_exhaustive => self.add(Rule::VariantAdded, &subject, value),
                (None, Some(value)) => self.add(Rule::VariantAddedToClosed, &subject, value),
                _ => {}
            }
        }
    }

    fn method(&mut self, subject: &str, old: &Method, new: &Method) {
        let (before, after) = (old.signature(), new.signature());
        if before != after {
            let rule = if old.generalised_by(new) { Rule::ArgumentGeneralised } else { Rule::SignatureChanged };
            self.add(rule, subject, format!("{} => {}", short(&old.shown()), short(&new.shown())));
        } else if old.names().ne(new.names()) {
            let moved = old
                .names()
                .enumerate()
                .any(|(at, name)| new.names().position(|n| n == name).is_some_and(|to| to != at));
            let rule = if moved { Rule::ArgumentsSwapped } else { Rule::ArgumentRenamed };
            self.add(rule, subject, format!("{} => {}", short(&old.shown()), short(&new.shown())));
        } else if old.body != new.body {
            self.code.push(subject.to_owned());
        }
        if new.must_use && !old.must_use {
            self.add(Rule::MustUse, subject, "");
        }
        self.docs += usize::from(old.docs != new.docs);
    }

    fn checks(&mut self, path: &str, old: &BTreeMap<String, Vec<Check>>, new: &BTreeMap<String, Vec<Check>>) {
        for (field, before, after) in sides(old, new) {
            let (before, after) = (before.map_or(&[][..], Vec::as_slice), after.map_or(&[][..], Vec::as_slice));
            let rule = match shift(before, after) {
                Shift::Same => continue,
                Shift::Looser => Rule::CheckLoosened,
                Shift::Tighter => Rule::CheckTightened,
            };
            let detail = format!("{} => {}", checks::shown(before), checks::shown(after));
            self.add(rule, &format!("{path}, `{field}`"), detail);
        }
    }

    fn sent(&mut self, path: &str, old: &wire::Sent, new: &wire::Sent) {
        for (fact, before, after) in sides(&old.facts, &new.facts).filter(|(_, old, new)| old != new) {
            let shown = |fact: Option<&String>| match fact {
                None => "none".to_owned(),
                Some(text) if text.is_empty() => "set".to_owned(),
                Some(text) => text.clone(),
            };
            self.change(Rule::WireOperation, &format!("{path}, {fact}"), &shown(before), &shown(after));
        }
        for (field, before, after) in sides(&old.places, &new.places) {
            // A field that came or went is an argument or a setter, which is reported.
            if let (Some(before), Some(after)) = (before, after)
                && before != after
            {
                self.change(Rule::WireName, &format!("{path}, {field}"), before, after);
            }
        }
        let known = |side: &BTreeMap<String, Vec<Check>>, other: &wire::Sent| {
            side.iter().filter(|(f, _)| other.places.contains_key(*f)).map(|(f, c)| (f.clone(), c.clone())).collect()
        };
        self.checks(path, &known(&old.checks, new), &known(&new.checks, old));
    }

    fn finish(mut self) -> Vec<Change> {
        if self.docs > 0 {
            let items = if self.docs == 1 { "item" } else { "items" };
            self.add(Rule::Documentation, &format!("{} {items}", self.docs), "");
        }
        // Where something else changed, the code behind it changed with it.
        if self.list.iter().any(|change| change.rule != Rule::Documentation) {
            self.code.clear();
        }
        if let [first, rest @ ..] = &self.code[..] {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            let subject = format!("{first}{more}");
            self.add(Rule::Code, &subject, "");
        }
        self.list.sort_by(|a, b| b.rule.level().cmp(&a.rule.level()).then_with(|| a.cmp(b)));
        self.list
    }
}

impl Method {
    /// The part that callers depend on.
    fn signature(&self) -> (&str, Vec<&str>, &str, bool) {
        (&self.receiver, self.arguments.iter().map(|(_, ty)| ty.as_str()).collect(), &self.result, self.is_async)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|(name, _)| name.as_str())
    }

    /// Whether each argument has its old type, or takes anything that converts into it.
    fn generalised_by(&self, new: &Self) -> bool {
        let (old_receiver, old, old_result, old_async) = self.signature();
        let (receiver, arguments, result, is_async) = new.signature();
        (old_receiver, old_result, old_async, old.len()) == (receiver, result, is_async, arguments.len())
            && old.iter().zip(arguments).all(|(old, new)| *old == new || format!("impl Into<{old}>") == new)
    }

    fn shown(&self) -> String {
        let arguments: Vec<String> = self.arguments.iter().map(|(name, ty)| format!("{name}: {}", short(ty))).collect();
        let result = if self.result.is_empty() { String::new() } else { format!(" -> {}", self.result) };
        format!("({}){result}", arguments.join(", "))
    }
}

/// Without the paths of the runtime and of the standard library, which a reader knows.
fn short(text: &str) -> String {
    ["cloud_billing_core::", "std::collections::", "serde_json::", "types::"]
        .iter()
        .fold(text.to_owned(), |text, path| text.replace(path, ""))
}

#[cfg(test)]
mod tests;
