//! The outcome of a comparison, for people, for programs, and as entries to accept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::accepted::Stale;
use super::change::{Change, Class};

/// How a spec differs from the vendor's document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Our spec, as the caller named it.
    pub spec: String,
    /// The vendor's document, as the caller named it.
    pub upstream: String,
    /// Its title and version, as it gives them; empty where it gives neither.
    pub upstream_version: String,
    /// Every difference, the accepted ones too, the most serious first.
    pub changes: Vec<Change>,
    /// The file of acceptances, as the caller named it.
    pub accepted_file: Option<String>,
    /// Acceptances that accept nothing.
    pub stale: Vec<Stale>,
    /// Digests of the vendor's texts that are not ours, by place.
    #[serde(skip)]
    pub(super) texts: BTreeMap<String, BTreeSet<String>>,
}

/// The sums of a report.
#[derive(Serialize)]
struct Counts {
    breaking: usize,
    additive: usize,
    doc_only: usize,
    accepted: usize,
    stale: usize,
}

impl Report {
    fn counts(&self) -> Counts {
        let count = |class| self.open().filter(|change| change.class == class).count();
        Counts {
            breaking: count(Class::Breaking),
            additive: count(Class::Additive),
            doc_only: count(Class::DocOnly),
            accepted: self.changes.len() - self.open().count(),
            stale: self.stale.len(),
        }
    }

    /// The differences that are not accepted.
    pub fn open(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.accepted.is_none())
    }

    /// Whether every difference is accepted, and every acceptance is needed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.open().next().is_none() && self.stale.is_empty()
    }

    /// For people: the open differences in three groups, then the stale acceptances, then the sums.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for class in Class::ALL {
            for change in self.open().filter(|change| change.class == class) {
                let _ = writeln!(text, "{}[{}]: {}", class.name(), change.change, change.at);
                let _ = writeln!(text, "  --> {}:{}", self.spec, change.line.max(1));
                let _ = writeln!(text, "   = {}", change.meaning());
                for (name, value) in [("ours", &change.ours), ("theirs", &change.theirs), ("note", &change.note)] {
                    if !value.is_empty() {
                        let _ = writeln!(text, "   = {name}: {value}");
                    }
                }
                let _ = writeln!(text, "   = upstream: {}\n", change.upstream);
            }
        }
        let file = self.accepted_file.as_deref().unwrap_or_default();
        for stale in &self.stale {
            let _ = writeln!(text, "stale[{}]: {}", stale.change, stale.at);
            let _ = writeln!(text, "  --> {file}:{}\n   = {}\n", stale.line, stale.message);
        }
        let version = Some(&self.upstream_version).filter(|version| !version.is_empty());
        let version = version.map_or_else(String::new, |version| format!(" ({version})"));
        let _ = writeln!(text, "{} against {}{version}", self.spec, self.upstream);
        let Counts { breaking, additive, doc_only, accepted, stale } = self.counts();
        let _ = writeln!(
            text,
            "{breaking} breaking, {additive} additive, {doc_only} doc-only; {accepted} accepted, {stale} stale"
        );
        text
    }

    /// For programs.
    ///
    /// # Errors
    /// None in practice: everything in a report can be written as JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct Whole<'a> {
            clean: bool,
            counts: Counts,
            #[serde(flatten)]
            report: &'a Report,
        }
        serde_json::to_string_pretty(&Whole { clean: self.is_clean(), counts: self.counts(), report: self })
    }

    /// The open differences as entries for the file of acceptances. Their reasons are left for a person to write; the
    /// file is refused while one is empty. Texts are left out: they are recorded, not accepted.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut text = String::new();
        for change in self.open().filter(|change| change.change != "text") {
            let _ = writeln!(text, "[[accepted]] # {}: {}", change.class.name(), change.meaning());
            let _ = writeln!(text, "change = {}\nat = {}", quoted(change.change), quoted(&change.at));
            let told =
                [("theirs", &change.theirs), ("ours", &change.ours)].into_iter().find(|(_, value)| !value.is_empty());
            if let Some((key, value)) = told {
                let _ = writeln!(text, "{key} = {}", quoted(value));
            }
            let _ = writeln!(text, "reason = \"\"\n");
        }
        text
    }

    /// The digests of the vendor's texts as the file that records them as read.
    #[must_use]
    pub fn to_texts(&self) -> String {
        let mut text = String::from(
            "# Digests of the vendor's texts as they were when they were last read, by place. They tell a text that\n\
             # changed from one that is only worded differently from ours. Written by `cargo xtask drift --record-texts`.\n\n",
        );
        for (place, digests) in &self.texts {
            let list: Vec<String> = digests.iter().map(|digest| format!("\"{digest}\"")).collect();
            let _ = writeln!(text, "{} = [{}]", toml::Value::String(place.clone()), list.join(", "));
        }
        text
    }
}
