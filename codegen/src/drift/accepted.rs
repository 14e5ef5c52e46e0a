//! `specs/<service>.drift-allow.toml`: the differences that are meant, each with its reason; and
//! `specs/<service>.drift-texts.toml`: digests of the vendor's texts that were read.

use std::collections::{BTreeMap, BTreeSet};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    change: String,
    at: OneOrMore,
    theirs: Option<String>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// One accepted difference at one place.
#[derive(Debug)]
pub(super) struct Acceptance {
    line: usize,
    change: String,
    at: String,
    /// The vendor's value that is accepted; without it, any value.
    theirs: Option<String>,
    reason: String,
    used: bool,
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
        let Entry { change, at, theirs, reason } = entry.into_inner();
        if !CHANGES.iter().any(|(id, _)| *id == change) {
            return Err(format!("{name}:{line}: there is no difference `{change}`; specs/README.md lists them"));
        }
        if reason.trim().is_empty() {
            return Err(format!("{name}:{line}: the reason is empty; say why the difference is meant"));
        }
        let places = match at {
            OneOrMore::One(place) => vec![place],
            OneOrMore::More(places) => places,
        };
        if places.is_empty() {
            return Err(format!("{name}:{line}: `at` names no place"));
        }
        found.extend(places.into_iter().map(|at| Acceptance {
            line,
            change: change.clone(),
            at,
            theirs: theirs.clone(),
            reason: reason.clone(),
            used: false,
        }));
    }
    Ok(found)
}

/// Marks the accepted changes, and returns the acceptances that match none.
pub(super) fn apply(changes: &mut [Change], mut accepted: Vec<Acceptance>) -> Vec<Stale> {
    for change in changes.iter_mut() {
        let same = |one: &&mut Acceptance| {
            one.change == change.change
                && one.at == change.at
                && one.theirs.as_ref().is_none_or(|t| *t == change.theirs)
        };
        if let Some(one) = accepted.iter_mut().find(same) {
            one.used = true;
            change.accepted = Some(one.reason.clone());
        }
    }
    let stale = |one: &Acceptance| {
        let now: Vec<&str> = changes
            .iter()
            .filter(|change| change.accepted.is_none() && change.change == one.change && change.at == one.at)
            .map(|change| change.theirs.as_str())
            .collect();
        let message = match (&one.theirs, &now[..]) {
            (Some(theirs), [_, ..]) => format!("accepted for `{theirs}`; the vendor has `{}` now", now.join("`, `")),
            _ => "there is no such difference any more: remove the entry".to_owned(),
        };
        Stale { line: one.line, change: one.change.clone(), at: one.at.clone(), message }
    };
    accepted.iter().filter(|one| !one.used).map(stale).collect()
}

/// Reads the digests of the vendor's texts, by place.
pub(super) fn read_texts(file: Text<'_>) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    toml::from_str(file.text).map_err(|error| format!("{}: {error}", file.file))
}
