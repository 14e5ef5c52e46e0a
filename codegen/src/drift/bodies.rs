//! Request bodies, responses, and the media types that carry the version.

use std::collections::BTreeSet;
use std::slice;

use super::change::Change;
use super::change::Class::{Additive, Breaking, DocOnly};
use super::compare::{Comparison, Direction};
use super::operations::Operation;
use super::parameters::schema;
use super::schemas::Sides;
use crate::node::Node;

/// A media type taken apart: `application/vnd.x.2023-01-01+json` is version `2023-01-01` of `application/vnd.x.*+json`.
#[derive(Debug, PartialEq, Eq)]
struct MediaType<'t> {
    family: String,
    version: Option<&'t str>,
}

impl<'t> MediaType<'t> {
    fn parse(text: &'t str) -> Self {
        let essence = text.split(';').next().unwrap_or_default().trim();
        let (name, suffix) = essence.split_once('+').map_or((essence, None), |(name, suffix)| (name, Some(suffix)));
        let segment = name.split(['/', '.']).find(|segment| is_version(segment));
        let family = segment.map_or_else(|| name.to_owned(), |version| name.replace(version, "*"));
        let family = suffix.map_or_else(|| family.clone(), |suffix| format!("{family}+{suffix}"));
        Self { family: family.to_ascii_lowercase(), version: segment }
    }
}

/// A date, `v2`, or a word for a version that is not there yet.
fn is_version(segment: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_date = matches!(segment.split('-').collect::<Vec<_>>()[..], [y, m, d]
        if y.len() == 4 && m.len() == 2 && d.len() == 2 && digits(y) && digits(m) && digits(d));
    is_date || segment.strip_prefix('v').is_some_and(digits) || matches!(segment, "preview" | "upcoming" | "beta")
}

/// Whether a status says that the call succeeded, as ours writes it or as a range.
fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

impl<'a> Comparison<'a> {
    pub(super) fn request_body(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let (ours, theirs) = (mine.node.get("requestBody"), vendors.node.get("requestBody"));
        let Some(theirs) = theirs else {
            if let Some(ours) = ours {
                self.report(&ours.pointer, &vendors.node.pointer, Change::new(Breaking, "body-removed", at));
            }
            return;
        };
        let Some(theirs) = self.their(&mine.node.pointer, at, &theirs) else { return };
        let Some(ours) = ours.map(|ours| self.our(&ours)) else {
            let class = if theirs.flag("required") { Breaking } else { Additive };
            return self.report(&mine.node.pointer, &theirs.pointer, Change::new(class, "body-new", at));
        };
        if ours.flag("required") && !theirs.flag("required") {
            self.report(&ours.pointer, &theirs.pointer, Change::new(Additive, "body-optional", at));
        }
        let label = format!("{at} body");
        self.text(&ours, &theirs, &label);
        self.content(&ours, &theirs, &label, Direction::Request);
    }

    pub(super) fn responses(&mut self, mine: &Operation<'a>, vendors: &Operation<'a>, at: &str) {
        let ours = mine.node.below("responses");
        let theirs = vendors.node.below("responses");
        let mut read = BTreeSet::new();
        for (status, written) in &ours {
            // A range or `default` of the vendor's stands for the statuses it does not list.
            let range = format!("{}XX", &status[..status.len().min(1)]);
            let find = |wanted: &str| theirs.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted));
            let fallback = || if is_success(status) { None } else { find("default") };
            let Some((known, vendors_own)) = find(status).or_else(|| find(&range)).or_else(fallback) else {
                let class = if is_success(status) { Breaking } else { DocOnly };
                let draft = Change::new(class, "status-removed", at).ours(status);
                self.report(&written.pointer, &vendors.node.pointer, draft);
                continue;
            };
            read.insert(known);
            let Some(found) = self.their(&written.pointer, at, vendors_own) else { continue };
            let response = self.our(written);
            let component = response.component("responses");
            let label = component.map_or_else(|| format!("{at} {status}"), |name| format!("response {name}"));
            if !self.is_first(&response, slice::from_ref(&found), Direction::Response) {
                continue;
            }
            self.text(&response, &found, &label);
            self.headers(&response, &found, &label);
            self.content(&response, &found, &label, Direction::Response);
        }
        for (status, written) in theirs.iter().filter(|(status, _)| !read.contains(status)) {
            let draft = Change::new(Additive, "status-new", at).theirs(status);
            self.report(&mine.node.pointer, &written.pointer, draft);
        }
    }

    fn headers(&mut self, mine: &Node<'a>, vendors: &Node<'a>, at: &str) {
        let (ours, theirs) = (mine.below("headers"), vendors.below("headers"));
        let find = |list: &[(String, Node<'a>)], name: &str| {
            list.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, header)| header.clone())
        };
        for (name, header) in theirs.iter().filter(|(name, _)| find(&ours, name).is_none()) {
            self.report(&mine.pointer, &header.pointer, Change::new(Additive, "header-new", at).theirs(name));
        }
        for (name, written) in &ours {
            let Some(vendors_own) = find(&theirs, name) else {
                let change = Change::new(DocOnly, "header-removed", at).ours(name);
                self.report(&written.pointer, &vendors.pointer, change);
                continue;
            };
            let Some(found) = self.their(&written.pointer, at, &vendors_own) else { continue };
            let header = self.our(written);
            let component = header.component("headers");
            let label = component.map_or_else(|| format!("{at} header {name}"), |name| format!("header {name}"));
            self.text(&header, &found, &label);
            self.end_of_life(&header, &found, &label);
            self.described(&header, &found, &label, Direction::Response);
        }
    }

    /// The schemas of two headers, or of two bodies.
    fn described(&mut self, mine: &Node<'a>, vendors: &Node<'a>, at: &str, direction: Direction) {
        match (schema(mine), schema(vendors)) {
            (Some(left), Some(right)) => self.value(Sides::new(&left, &[right], at, direction)),
            (Some(_), None) => self.report(&mine.pointer, &vendors.pointer, Change::new(DocOnly, "schema-missing", at)),
            _ => {}
        }
    }

    /// The media types of a body, their versions and their schemas.
    fn content(&mut self, mine: &Node<'a>, vendors: &Node<'a>, at: &str, direction: Direction) {
        let (ours, theirs) = (mine.below("content"), vendors.below("content"));
        let names: Vec<&str> = theirs.iter().map(|(name, _)| name.as_str()).collect();
        for (name, body) in &ours {
            let wanted = MediaType::parse(name);
            let Some(index) = counterpart(name, &names) else {
                let draft = Change::new(Breaking, "media-type-removed", at).ours(name);
                self.report(&body.pointer, &vendors.pointer, draft);
                continue;
            };
            let (found, vendors_body) = (MediaType::parse(names[index]), &theirs[index].1);
            let all = names.iter().map(|name| MediaType::parse(name)).filter(|other| other.family == wanted.family);
            let all: Vec<&str> = all.filter_map(|other| other.version).collect();
            let newer: Vec<&str> = all.iter().copied().filter(|v| age(Some(v)) > age(wanted.version)).collect();
            if found.version != wanted.version {
                let draft = Change::new(Breaking, "version-removed", at).ours(name).theirs(all.join(", "));
                self.report(&body.pointer, &vendors_body.pointer, draft);
            } else if !newer.is_empty() {
                let draft = Change::new(Additive, "version-new", at).ours(name).theirs(newer.join(", "));
                self.report(&body.pointer, &vendors.pointer, draft);
            }
            self.end_of_life(body, vendors_body, at);
            self.described(body, vendors_body, at, direction);
        }
        for (name, body) in &theirs {
            let family = MediaType::parse(name).family;
            if !ours.iter().any(|(known, _)| MediaType::parse(known).family == family) {
                self.report(&mine.pointer, &body.pointer, Change::new(Additive, "media-type-new", at).theirs(name));
            }
        }
    }
}

/// Which media type of a document is the one of ours: the same, else the newest version of it.
pub(super) fn counterpart(ours: &str, theirs: &[&str]) -> Option<usize> {
    let wanted = MediaType::parse(ours);
    let parsed = theirs.iter().map(|name| MediaType::parse(name)).enumerate();
    let family = parsed.filter(|(_, other)| other.family == wanted.family);
    family.max_by_key(|(_, other)| (other.version == wanted.version, age(other.version))).map(|(index, _)| index)
}

/// Orders versions: dates by their text, `v9` before `v10`, versions still to come after them.
fn age(version: Option<&str>) -> (bool, Option<u64>, Option<&str>) {
    let number = version.and_then(|v| v.strip_prefix('v')?.parse().ok());
    let is_word = number.is_none() && version.is_some_and(|v| v.starts_with(|c: char| c.is_ascii_alphabetic()));
    (is_word, number, version)
}

#[cfg(test)]
mod tests {
    use super::{MediaType, age};

    #[test]
    fn media_types_are_taken_apart() {
        let parse = |text| {
            let parsed = MediaType::parse(text);
            (parsed.family, parsed.version.map(str::to_owned))
        };
        let dated = ("application/vnd.x.*+json".to_owned(), Some("2023-01-01".to_owned()));
        assert_eq!(parse("application/vnd.x.2023-01-01+json"), dated);
        assert_eq!(parse("application/vnd.x.2023-01-01+json; charset=utf-8"), dated);
        assert_eq!(parse("application/vnd.x.preview+json").1.as_deref(), Some("preview"));
        assert_eq!(parse("application/vnd.github.v3+json").1.as_deref(), Some("v3"));
        assert_eq!(parse("application/json"), ("application/json".to_owned(), None));
        assert_eq!(parse(""), (String::new(), None));
        assert!(age(Some("2025-03-12")) > age(Some("2023-01-01")) && age(Some("preview")) > age(Some("2025-03-12")));
        assert!(age(Some("2023-01-01")) > age(None));
        assert!(age(Some("v10")) > age(Some("v9")) && age(Some("beta")) > age(Some("v10")));
    }
}
