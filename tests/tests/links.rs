//! The links of the Markdown files: each leads to a file of this repository, and to a heading of it. Addresses elsewhere are not asked.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use workspace_tests::{read, root};

/// What a file links to, and what can be linked to in it.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

/// The anchor of a heading, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn page(markdown: &str) -> Page {
    let mut page = Page::default();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::Text(text) | Event::Code(text), Some(heading)) => heading.push_str(&text),
            (Event::End(TagEnd::Heading(_)), Some(text)) => {
                page.anchors.insert(anchor(text));
                heading = None;
            }
            (Event::Start(Tag::Link { dest_url, .. }), _) => page.links.push(dest_url.into_string()),
            _ => {}
        }
    }
    page
}

/// The Markdown files of the root and of `docs`, and the rules of the specs, by their path.
fn pages() -> BTreeMap<String, Page> {
    let mut files = vec!["specs/README.md".to_owned()];
    for folder in ["", "docs/"] {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        files.extend(names.filter(|name| name.ends_with(".md")).map(|name| format!("{folder}{name}")));
    }
    files.into_iter().map(|file| (file.clone(), page(&read(&file)))).collect()
}

/// The file that a link leads to, below the root, and the anchor in it. None for an address elsewhere.
fn target(from: &str, link: &str) -> Option<(String, Option<String>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor.to_owned())));
    if path.is_empty() {
        return Some((from.to_owned(), anchor));
    }
    let mut file = PathBuf::new();
    for part in Path::new(from).parent().unwrap().join(path).components() {
        match part {
            Component::ParentDir => drop(file.pop()),
            part => file.push(part),
        }
    }
    Some((file.to_str().unwrap().replace('\\', "/"), anchor))
}

#[test]
fn each_link_leads_somewhere() {
    let pages = pages();
    let mut wrong = Vec::new();
    for (from, page) in &pages {
        for link in &page.links {
            let Some((file, anchor)) = target(from, link) else { continue };
            let has_anchor = |anchor: String| pages.get(&file).is_some_and(|page| page.anchors.contains(&anchor));
            if !root().join(&file).exists() || !anchor.is_none_or(has_anchor) {
                wrong.push(format!("{from}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "these lead nowhere: {wrong:#?}");
}

/// Each page is in the book's table of contents, and is one click from README.md or two.
#[test]
fn each_page_is_found() {
    let pages = pages();
    let linked = |from: &str| -> BTreeSet<String> {
        let files = pages[from].links.iter().filter_map(|link| Some(target(from, link)?.0));
        files.filter(|file| pages.contains_key(file)).collect()
    };
    let contents = linked("docs/SUMMARY.md");
    let near: BTreeSet<String> =
        linked("README.md").iter().flat_map(|page| linked(page)).chain(linked("README.md")).collect();
    for page in pages.keys().filter(|page| page.starts_with("docs/") && *page != "docs/SUMMARY.md") {
        assert!(contents.contains(page), "{page} is not in docs/SUMMARY.md");
        assert!(near.contains(page), "{page} is more than two clicks from README.md");
    }
}
