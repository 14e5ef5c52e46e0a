//! `specs/<service>.drift-allow.toml`: the differences that are meant, each with its reason; and
//! `specs/<service>.drift-texts.toml`: digests of the vendor's texts that were read.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::slice;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::Text;
use super::change::{CHANGES, Change};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Spanned<Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    change: String,
    at: OneOrMore,
    /// The values that are accepted; without them, any values.
    ours: Option<String>,
    theirs: Option<String>,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// An accepted difference at one place.
#[derive(Debug)]
pub(super) struct Acceptance {
    line: usize,
    at: String,
    entry: Rc<Entry>,
}

/// An acceptance that accepts nothing: the difference is gone, or is another one now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// The line of its entry.
    pub line: usize,
    /// The kind of difference.
    pub change: String,
    /// The place.
    pub at: String,
    /// Why it is stale.
    pub message: String,
}

/// Reads the accepted differences.
pub(super) fn read(file: Text<'_>) -> Result<Vec<Acceptance>, String> {
    let Text { file: name, text } = file;
    let parsed: File = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
    let mut found = Vec::new();
    for entry in parsed.accepted {
        let before = text.get(..entry.span().start).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let entry = Rc::new(entry.into_inner());
        let places = match &entry.at {
            OneOrMore::One(place) => slice::from_ref(place),
            OneOrMore::More(places) => places,
        };
        let fault = if !CHANGES.iter().any(|(id, _)| *id == entry.change) {
            format!("there is no difference `{}`; specs/README.md lists them", entry.change)
        } else if entry.reason.trim().is_empty() {
            "the reason is empty; say why the difference is meant".to_owned()
        } else if places.is_empty() {
            "`at` names no place".to_owned()
        } else {
            found.extend(places.iter().map(|at| Acceptance { line, at: at.clone(), entry: Rc::clone(&entry) }));
            continue;
        };
        return Err(format!("{name}:{line}: {fault}"));
    }
    Ok(found)
}

/// Marks the accepted changes, and returns the acceptances that match none.
pub(super) fn apply(changes: &mut [Change], accepted: &[Acceptance]) -> Vec<Stale> {
    let is_about = |one: &Acceptance, change: &Change| one.entry.change == change.change && one.at == change.at;
    let mut used = BTreeSet::new();
    for change in changes.iter_mut() {
        let is = |wanted: &Option<String>, value: &String| wanted.as_ref().is_none_or(|wanted| wanted == value);
        let fits = |one: &Acceptance| is(&one.entry.ours, &change.ours) && is(&one.entry.theirs, &change.theirs);
        if let Some(index) = accepted.iter().position(|one| is_about(one, change) && fits(one)) {
            used.insert(index);
            change.accepted = Some(accepted[index].entry.reason.clone());
        }
    }
    let stale = |one: &Acceptance| {
        let open = changes.iter().filter(|change| change.accepted.is_none() && is_about(one, change));
        let now: Vec<&str> = open.map(|change| change.theirs.as_str()).collect();
        let message = match (&one.entry.theirs, &now[..]) {
            (Some(theirs), [_, ..]) => format!("accepted for `{theirs}`; the vendor has `{}` now", now.join("`, `")),
            _ => "there is no such difference any more: remove the entry".to_owned(),
        };
        Stale { line: one.line, change: one.entry.change.clone(), at: one.at.clone(), message }
    };
    accepted.iter().enumerate().filter(|(index, _)| !used.contains(index)).map(|(_, one)| stale(one)).collect()
}

/// Reads the digests of the vendor's texts, by place.
pub(super) fn read_texts(file: Text<'_>) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    toml::from_str(file.text).map_err(|error| format!("{}: {error}", file.file))
}
