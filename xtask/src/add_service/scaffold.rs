//! The files of a new client crate.

use std::fmt::Write as _;

use codegen::{SampleCall, Start};

use super::{NewFile, manifest};

/// The files that are written by hand from then on.
///
/// # Errors
/// The template of the manifest is not TOML.
pub(super) fn files(name: &str, start: &Start) -> Result<Vec<NewFile>, String> {
    let snake = name.replace('-', "_");
    let servers = base_urls(start);
    let names: Vec<&str> = servers.iter().map(|(name, ..)| name.as_str()).collect();
    let words = [
        ("name", name.to_owned()),
        ("prefix", snake.to_uppercase()),
        ("snake", snake),
        ("title", doc_line(&start.title)),
        ("base_urls", names.join(", ")),
        ("constants", constants(&servers)),
        ("imports", imports(&start.calls)),
        ("calls", start.calls.iter().map(call).collect()),
    ];
    let manifest = fill(include_str!("template/Cargo.toml.txt"), &words);
    let manifest = manifest::with_description(&manifest, &format!("Typed client of {}", start.title))?;
    Ok([
        ("README.md", include_str!("template/README.md.txt")),
        ("src/lib.rs", include_str!("template/lib.rs.txt")),
        ("src/client.rs", include_str!("template/client.rs.txt")),
        ("src/config.rs", include_str!("template/config.rs.txt")),
        ("tests/operations.rs", include_str!("template/operations.rs.txt")),
    ]
    .into_iter()
    .map(|(path, template)| (format!("{name}/{path}"), fill(template, &words)))
    .chain([(format!("{name}/Cargo.toml"), manifest)])
    .collect())
}

/// Puts each word's text in its place. A `{word}` inside such a text stays as it is.
fn fill(template: &str, words: &[(&str, String)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let found = words.iter().find_map(|(word, value)| Some((value, after.strip_prefix(word)?.strip_prefix('}')?)));
        match found {
            Some((value, tail)) => {
                text.push_str(value);
                rest = tail;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

/// A text of the spec as one line of documentation: no character of it is Markdown.
fn doc_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let markup = |c: char| matches!(c, '\\' | '`' | '~' | '[' | ']' | '<' | '>' | '*');
    line.chars().flat_map(|c| markup(c).then_some('\\').into_iter().chain([c])).collect()
}

/// As `insta` writes it for `tests/tests/generated.rs`.
pub(super) fn snapshot(outline: &str) -> String {
    format!("---\nsource: tests/tests/generated.rs\n---\n{outline}")
}

/// The servers of the spec, each with the name of its constant: the first is the default, the others are named after what
/// the default's host does not have of their hosts.
fn base_urls(start: &Start) -> Vec<(String, &str, &str)> {
    let mut all: Vec<(String, &str, &str)> = Vec::new();
    let default: Vec<&str> = start.servers.first().map(|(url, _)| labels(url).collect()).unwrap_or_default();
    for (url, description) in &start.servers {
        let own = labels(url).filter(|label| !default.contains(label));
        let mut name = own.map(|label| label.replace('-', "_").to_ascii_uppercase()).collect::<Vec<_>>().join("_");
        let taken = |name: &str| all.iter().any(|(known, ..)| known.strip_suffix("_BASE_URL") == Some(name));
        if all.is_empty() {
            "DEFAULT".clone_into(&mut name);
        } else if !name.starts_with(|first: char| first.is_ascii_uppercase()) || taken(&name) {
            name = format!("SERVER_{}", all.len() + 1);
        }
        all.push((format!("{name}_BASE_URL"), url, description));
    }
    all
}

/// The parts of the host of an address.
fn labels(url: &str) -> impl Iterator<Item = &str> {
    let host = url.split("://").last().and_then(|rest| rest.split(['/', ':']).next());
    host.into_iter().flat_map(|host| host.split('.'))
}

fn constants(servers: &[(String, &str, &str)]) -> String {
    let mut text = String::new();
    for (name, url, description) in servers {
        let description = doc_line(description);
        let description = if description.is_empty() { "A base URL of the service." } else { &description };
        let blank = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{blank}/// {description}\npub const {name}: &str = {url:?};");
    }
    text
}

fn imports(calls: &[SampleCall]) -> String {
    let used = |word: &str| calls.iter().any(|call| call.expression.contains(word));
    let optional = [("EpochMillis", "EpochMillis("), ("types", "types::")];
    let named = optional.iter().filter(|(_, text)| used(text)).map(|(name, _)| *name);
    let mut names: Vec<&str> = ["Client", "operations"].into_iter().chain(named).collect();
    names.sort_unstable();
    names.join(", ")
}

/// A line of the test.
fn call(call: &SampleCall) -> String {
    let kind = match (&call.media_type, call.json) {
        (None, _) => "empty",
        (_, true) => "json",
        (_, false) => "bytes",
    };
    let media_type = call.media_type.as_deref().unwrap_or_default();
    format!(
        "    call!(seen, {}, {} {media_type:?}, {kind} {});\n",
        call.expression,
        call.status,
        raw_literal(&call.body)
    )
}

/// A literal in which the quotes of JSON stand as they are. A raw one cannot hold a carriage return.
fn raw_literal(text: &str) -> String {
    if text.contains('\r') {
        return format!("{text:?}");
    }
    let mut fence = "#".to_owned();
    while text.contains(&format!("\"{fence}")) {
        fence.push('#');
    }
    format!("r{fence}\"{text}\"{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_servers_are_named_after_their_hosts() {
        let server = |url: &str, description: &str| (url.to_owned(), description.to_owned());
        let servers = vec![
            server("https://bills.a.example", "Everyone"),
            server("https://private.us-south.bills.a.example", "Private network, in Dallas"),
            server("https://bills.a.example/v2", ""),
            server("https://2nd.a.example", "2nd"),
        ];
        let start = Start { title: String::new(), servers, calls: Vec::new() };
        let names: Vec<String> = base_urls(&start).into_iter().map(|(name, ..)| name).collect();
        let expected = ["DEFAULT_BASE_URL", "PRIVATE_US_SOUTH_BASE_URL", "SERVER_3_BASE_URL", "SERVER_4_BASE_URL"];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_literal_ends_where_the_text_does() {
        assert_eq!(raw_literal("a\"b"), "r#\"a\"b\"#");
        assert_eq!(raw_literal("a\"#b"), "r##\"a\"#b\"##");
        assert_eq!(raw_literal("a\r\nb"), "\"a\\r\\nb\"");
    }

    /// Lint refuses such a title; here it would still be one line of each file.
    #[test]
    fn a_title_stays_a_text() {
        let title = "Small\"\nbuild = \"evil.rs\"\nfn evil() {}\n```\nevil()\n```\n{calls}";
        let servers = vec![("https://a".to_owned(), "```\nfn evil() {}".to_owned())];
        let start = Start { title: title.to_owned(), servers, calls: Vec::new() };
        for (path, text) in files("small", &start).unwrap() {
            for line in text.lines().filter(|line| line.contains("evil")) {
                let is_text = ["//! ", "/// ", "A typed client of "].iter().any(|start| line.starts_with(start));
                let docs = is_text && !line.contains("``");
                assert!(docs || line.starts_with("description = "), "{path}: {line}");
            }
            if path == "small/Cargo.toml" {
                let manifest: toml_edit::DocumentMut = text.parse().unwrap();
                let description = format!("Typed client of {}", title.replace('\n', " "));
                assert_eq!(manifest["package"]["description"].as_str(), Some(description.as_str()));
                assert!(manifest["package"].get("build").is_none());
            }
        }
    }
}
