//! Text taken from the vendor's document, found by runs of words.
//!
//! A run of [`RUN`] words that the vendor's document has in the same order is a copy, and so is a text of at least
//! [`WHOLE`] words that equals one of the vendor's. Text in backquotes, and every word that is an identifier
//! (`unitPriceDollars`, `START_DATE`), a number or an address, is a fact: it ends a run.
//!
//! The number was chosen after measuring the Atlas and IBM specs against the Atlas document of August 2026 and the
//! vendors' pages. Of 657 texts none shares more than six words in a row with its vendor ("name of the stream
//! processing workspace"). 133 share three to five, the length of a term or a turn of phrase. Two thirds of the
//! vendor's 9,685 texts have seven words in a row, so a copy of them is found.

use std::collections::HashSet;

use serde_json::Value;

use super::Spec;
use crate::pointer::Pointer;

/// How many words in a row are a copy.
const RUN: usize = 7;
/// How many words of a whole text are a copy. Shorter texts can be equal by chance.
const WHOLE: usize = 5;
/// Keys whose texts are not compared: data, and sample code.
const DATA: [&str; 6] = ["example", "examples", "default", "enum", "const", "x-codeSamples"];

/// The vendor's texts, as runs of words.
pub(crate) struct Vendor {
    runs: HashSet<Vec<String>>,
    whole: HashSet<Vec<String>>,
}

impl Vendor {
    /// Reads the vendor's document: the texts of an OpenAPI document, or all of any other text.
    pub(crate) fn read(text: &str) -> Self {
        let document: Option<Value> = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text).ok(),
            false => serde_yaml::from_str(text).ok(),
        };
        let mut texts = Vec::new();
        match &document {
            Some(document @ Value::Object(map)) if map.contains_key("openapi") || map.contains_key("swagger") => {
                collect(document, &Pointer::root(), &mut texts);
            }
            _ => texts.push((Pointer::root(), text)),
        }
        let (mut runs, mut whole) = (HashSet::new(), HashSet::new());
        for (_, text) in texts {
            let parts = words(text);
            if let [part] = &parts[..] {
                whole.insert(part.clone());
            }
            runs.extend(parts.iter().flat_map(|part| part.windows(RUN)).map(<[String]>::to_vec));
        }
        Self { runs, whole }
    }

    /// The longest passage of a text that is the vendor's.
    fn copied(&self, text: &str) -> Option<String> {
        let parts = words(text);
        if let [part] = &parts[..]
            && part.len() >= WHOLE
            && self.whole.contains(part)
        {
            return Some(part.join(" "));
        }
        let mut longest: &[String] = &[];
        for part in &parts {
            let mut start = 0;
            while start + RUN <= part.len() {
                let mut end = start;
                while end + RUN <= part.len() && self.runs.contains(&part[end..end + RUN]) {
                    end += 1;
                }
                if end > start && end - start + RUN - 1 > longest.len() {
                    longest = &part[start..end + RUN - 1];
                }
                start = end + 1;
            }
        }
        (!longest.is_empty()).then(|| longest.join(" "))
    }
}

pub(super) fn check(spec: &Spec<'_>, vendor: &Vendor) {
    let mut texts = Vec::new();
    collect(spec.root.value, &Pointer::root(), &mut texts);
    for (at, text) in texts {
        if let Some(passage) = vendor.copied(text) {
            let message = format!("the vendor's words: \"{passage}\"");
            let help = "say it in our own words; names and values can stay, in backquotes";
            spec.report(&at, "text-copied", message, help);
        }
    }
}

/// Every summary, description and title of a document.
fn collect<'v>(value: &'v Value, at: &Pointer, texts: &mut Vec<(Pointer, &'v str)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(key, _)| !DATA.contains(&key.as_str())) {
                match value {
                    Value::String(text) if ["summary", "description", "title"].contains(&key.as_str()) => {
                        texts.push((at.join(key), text));
                    }
                    Value::Object(_) | Value::Array(_) => collect(value, &at.join(key), texts),
                    _ => {}
                }
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| collect(value, &at.join(&index), texts));
        }
        _ => {}
    }
}

/// The words of a text in lower case, in stretches that facts interrupt.
fn words(text: &str) -> Vec<Vec<String>> {
    let mut stretches: Vec<Vec<String>> = vec![Vec::new()];
    for (index, prose) in text.split('`').enumerate() {
        if index % 2 == 1 {
            stretches.push(Vec::new());
            continue;
        }
        for token in prose.split_whitespace() {
            if token.contains("://") || is_identifier(token.trim_matches(|c: char| !c.is_alphanumeric())) {
                stretches.push(Vec::new());
                continue;
            }
            let parts = token.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
            if let Some(stretch) = stretches.last_mut() {
                stretch.extend(parts.map(str::to_lowercase));
            }
        }
    }
    stretches.retain(|stretch| !stretch.is_empty());
    stretches
}

/// Whether a word is a name of the API or a value: it has a digit, an underscore, or a capital after its first letter.
fn is_identifier(token: &str) -> bool {
    let capitals = token.chars().skip(1).filter(|c| c.is_uppercase()).count();
    token.contains(|c: char| c == '_' || c.is_ascii_digit()) || capitals > 0
}

#[cfg(test)]
mod tests {
    use super::{Vendor, words};

    #[test]
    fn facts_interrupt_and_do_not_count() {
        assert_eq!(words("Sort by START_DATE, or `endDate` then."), [vec!["sort", "by"], vec!["or"], vec!["then"]]);
        assert_eq!(
            words("See https://a.example.com/x for more-or-less all."),
            [vec!["see"], vec!["for", "more", "or", "less", "all"]]
        );
        assert!(words("").is_empty() && words("`a` 12").is_empty());
    }

    #[test]
    fn a_copy_is_found_in_either_kind_of_document() {
        let page = "Returns every invoice that the vendor has issued\nto the given organization so far. Sort by date.";
        let openapi = format!(
            "openapi: 3.0.1\npaths:\n  /a:\n    get:\n      description: >-\n        {}\n",
            page.replace('\n', " ")
        );
        for text in [page, &openapi] {
            let vendor = Vendor::read(text);
            let copied = |text: &str| vendor.copied(text);
            assert_eq!(
                copied("It returns every invoice that the Vendor has issued, perhaps.").as_deref(),
                Some("returns every invoice that the vendor has issued")
            );
            assert_eq!(copied("Returns every invoice that the vendor sent."), None);
            assert_eq!(copied("The invoices of an organization, by date."), None);
        }
        // A short text that equals a whole text of the vendor. A page has no single texts.
        let vendor = Vendor::read("openapi: 3.0.1\ninfo: {description: Name of the given project}\n");
        assert!(vendor.copied("Name of the given project.").is_some());
        assert!(vendor.copied("Name of the project.").is_none());
    }

    #[test]
    fn names_and_values_can_be_quoted() {
        let values =
            "One of `AWS`, `GCP`, AZURE, ONPREM, startDate, endDate, unitPriceDollars, 2023-01-01, M10, M20, M30.";
        assert!(Vendor::read(values).copied(values).is_none());
    }
}
