//! Small specs, one quirk each. A bad one has to end in the diagnostic of its snapshot; a good one in the code and
//! outline of its snapshots, of which `compiled.rs` builds the code.
//!
//! To add one, put a file into `corpus/bad` or `corpus/good`, run the tests, and review what `cargo insta review` shows.
#![allow(clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;

use codegen::{Client, Diagnostics, File, Source, generate, lint, lint_against, rules};

/// The stages behind lint. A finding of theirs says that a rule is missing.
const STAGES: [&str; 3] = ["model", "engine", "emit"];

/// The specs of a folder, by name.
fn specs(folder: &str) -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(directory).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    // A vendor's document beside a spec is none.
    paths.retain(|path| !path.to_string_lossy().ends_with(".vendor.yaml"));
    paths.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("a spec"))).collect()
}

fn source<'a>(file: &'a str, text: &'a str) -> Source<'a> {
    Source { file, text, command: "cargo xtask regen" }
}

/// What becomes of a bad spec; compared with the vendor's document first if one lies beside it.
fn outcome(name: &str, text: &str) -> Result<Client, Diagnostics> {
    let file = format!("{name}.yaml");
    let vendor = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/corpus/bad/{name}.vendor.yaml"));
    if let Ok(vendor) = fs::read_to_string(vendor) {
        lint_against(source(&file, text), &vendor)?;
    }
    generate(source(&file, text))
}

/// The files of a client as one, in the module `name` of the crate that `compiled.rs` is.
fn single_file(name: &str, files: &[File], directory: &str) -> String {
    let Some(root) = files.iter().find(|file| file.path == format!("{directory}mod.rs")) else { return String::new() };
    let mut code = String::new();
    for line in root.text.lines().filter(|line| !line.starts_with("//!") && !line.starts_with("// @")) {
        let module = line.trim_start_matches("pub ").strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
        let Some(module) = module else {
            let _ = writeln!(code, "{line}");
            continue;
        };
        let path = format!("{directory}{module}.rs");
        let body = match files.iter().find(|file| file.path == path) {
            Some(file) => file.text.replace("crate::", &format!("crate::{name}::")),
            None => single_file(name, files, &format!("{directory}{module}/")),
        };
        let _ = writeln!(code, "{} {{\n{body}}}", line.trim_end_matches(';'));
    }
    code
}

fn settings(folder: &str) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("corpus/snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn bad_specs_end_in_diagnostics() {
    let all = specs("bad");
    assert!(all.len() >= 40, "the corpus has shrunk to {}", all.len());
    for (name, text) in all {
        let diagnostics = outcome(&name, &text).err().unwrap_or_else(|| panic!("{name} was accepted"));
        settings("bad").bind(|| insta::assert_snapshot!(name, diagnostics));
    }
}

/// Every finding says where it is and what to do.
#[test]
fn diagnostics_are_complete() {
    for (name, text) in specs("bad") {
        let diagnostics = outcome(&name, &text).expect_err("a bad spec");
        for finding in diagnostics.iter() {
            let complete = [&finding.help[..], &finding.message, finding.why].iter().all(|text| !text.is_empty());
            assert!(complete, "{name}: {finding}");
            assert!(finding.position.is_some() || text.trim().is_empty() || name == "yaml_empty", "{name}: {finding}");
            assert!(!STAGES.contains(&finding.rule), "{name} got past the rules: {finding}");
        }
    }
}

#[test]
fn good_specs_become_code() {
    for (name, text) in specs("good") {
        let file = format!("{name}.yaml");
        let client = generate(source(&file, &text)).unwrap_or_else(|findings| panic!("{name}:\n{findings}"));
        settings("good").bind(|| {
            insta::assert_snapshot!(name.clone(), client.outline);
            let code = single_file(&name, &client.files, "");
            insta::assert_binary_snapshot!(&format!("{name}_code.rs"), code.into_bytes());
        });
    }
}

/// Every rule is broken by a spec of the corpus, and nothing else is ever reported.
#[test]
fn every_rule_is_broken_by_a_spec() {
    let mut broken = BTreeSet::new();
    for (name, text) in specs("bad") {
        broken.extend(outcome(&name, &text).expect_err("a bad spec").iter().map(|finding| finding.rule));
    }
    let ids: BTreeSet<&str> = rules().iter().map(|(id, _)| *id).collect();
    assert_eq!(broken, ids);
    assert!(rules().is_sorted() && ids.len() == rules().len(), "the table of rules is not in order");
}

/// Every rule has a section in the rules for specs that gives its reason, and every section there is a rule's.
#[test]
fn every_rule_has_its_section() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/README.md");
    let readme = fs::read_to_string(readme).expect("the rules");
    let chapter = readme.split("\n## Rules by id\n").nth(1).expect("the chapter");
    let chapter = chapter.split("\n## ").next().expect("its text");
    let sections: BTreeMap<&str, String> = chapter
        .split("\n### `")
        .skip(1)
        .map(|section| {
            let (id, text) = section.split_once("`\n").expect("a heading of one id");
            (id, text.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert!(sections.keys().copied().eq(rules().iter().map(|(id, _)| *id)), "{:?}", sections.keys());
    for (id, why) in rules() {
        assert!(sections[id].contains(why) && sections[id].len() > why.len() + 10, "{id}: {}", sections[id]);
    }
}

/// The same text gives the same bytes, whatever ran before.
#[test]
fn generation_is_deterministic() {
    for (name, text) in specs("good") {
        let file = format!("{name}.yaml");
        let first = generate(source(&file, &text)).expect("a good spec");
        assert!(generate(source(&file, &text)).is_ok_and(|second| second == first), "{name}");
        assert!(lint(source(&file, &text)).is_ok(), "{name}");
    }
}

/// A spec with a line left out, or with a value swapped for another kind, is generated or diagnosed: the rules find it,
/// not progenitor.
#[test]
fn damaged_specs_are_diagnosed() {
    let mut late = Vec::new();
    for (name, text) in specs("good") {
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            let without: String =
                lines.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, l)| format!("{l}\n")).collect();
            let (key, _) = lines[at].split_once(':').unwrap_or((lines[at], ""));
            let swapped = |value: &str| -> String {
                let line = format!("{key}: {value}");
                lines.iter().enumerate().map(|(i, l)| format!("{}\n", if i == at { &line } else { *l })).collect()
            };
            for damaged in [without, swapped("[]"), swapped("{}"), swapped("7"), swapped("null"), swapped("\"\"")] {
                if let Err(diagnostics) = generate(source("damaged.yaml", &damaged)) {
                    let late_ones = diagnostics.iter().filter(|finding| STAGES.contains(&finding.rule));
                    late.extend(late_ones.map(|finding| format!("{name}, {}: {finding}", lines[at])));
                }
            }
        }
    }
    assert!(late.is_empty(), "{} got past the rules:\n{}", late.len(), late.join("\n\n"));
}

/// Of a text that is too large nothing is read, and what is wrong with one that is just not too large takes no gigabytes to
/// say.
#[test]
fn large_specs_are_diagnosed() {
    let repeated =
        |size: usize, line: &dyn Fn(usize) -> String| (0..size / line(0).len()).map(line).collect::<String>();
    let components = |size, line: &dyn Fn(usize) -> String| {
        format!("openapi: 3.0.3\ncomponents:\n  schemas:\n{}", repeated(size, line))
    };
    let large = 4 << 20;
    for (text, expected) in [
        (format!("openapi: 3.0.3\na: [{}]", repeated(large, &|_| "1, ".into())), "the most is 4194304"),
        (format!("a: {}", "[".repeat(large)), "the most is 4194304"),
        (format!("a: {}", "[".repeat(large / 2)), "recursion limit"),
        ("- ".repeat(large / 4), "more than 100 levels"),
        // One line, which every finding shows.
        (format!("{{openapi: 3.0.3, {}}}", repeated(large / 4, &|n| format!("key{n}: 1, "))), "first 1000 are shown"),
        // Each component refers to the next one, or to none.
        (
            components(large / 4, &|n| format!("    K{n}: {{$ref: '#/components/schemas/K{}'}}\n", n + 1)),
            "does not exist",
        ),
        (
            components(large / 4, &|n| format!("    K{n}: {{$ref: '#/components/schemas/X{n}'}}\n")),
            "first 1000 are shown",
        ),
    ] {
        let findings = lint(source("large.yaml", &text)).expect_err("a bad spec").to_string();
        assert!(
            findings.contains(expected) && findings.len() < large,
            "{expected}: {}",
            &findings[..findings.len().min(2000)]
        );
    }
}

/// What is nested by indentation, or refers to much, is named in no time.
#[test]
fn nesting_and_references_are_diagnosed() {
    let schema = |n: u32| {
        let next = format!("{{$ref: '#/components/schemas/S{}'}}", n + 1);
        format!("    S{n}: {{type: object, description: A part., properties: {{a: {next}, b: {next}}}}}\n")
    };
    // Each schema has the next one twice.
    let tree: String = (0..40).map(schema).collect();
    for (text, expected) in [
        ("a:\n ".repeat(200_000), "error[yaml]"),
        (format!("openapi: 3.0.3\npaths: {{}}\ncomponents:\n  schemas:\n{tree}    S40: {{type: string}}\n"), "S40"),
        ("openapi: 3.0.3\npaths: !!binary aGk=\n".to_owned(), "error["),
        ("openapi: 3.0.3\ninfo: {title: \"\\0\"}\n".to_owned(), "error["),
    ] {
        let diagnostics = lint(source("hostile.yaml", &text)).expect_err("a finding").to_string();
        assert!(diagnostics.contains(expected) && diagnostics.len() < 100_000, "{expected}: {diagnostics:.2000}");
    }
}

/// Texts that try to end the place they are put in, and go on as code.
const ESCAPES: [&str; 6] = [
    "a\nfn pwned() {}\n//",
    "a\"]\nfn pwned() {}\n//",
    "a*/ fn pwned() {} /*",
    "a\u{2028}fn pwned() {}\u{202e}\0",
    "a\n```\nfn pwned() {}\n```\n",
    "a\n\n    fn pwned() {}\n",
];

/// The names in generated code, and the lines of its documentation that rustdoc would run.
#[derive(Default)]
struct Runs {
    names: BTreeSet<String>,
    examples: Vec<String>,
    /// Whether the documentation is within a fence, and whether that is one of code.
    fence: Option<bool>,
}

impl Runs {
    fn line(&mut self, line: &str) {
        match (line.trim().strip_prefix("```"), self.fence) {
            (Some(_), Some(_)) => self.fence = None,
            (Some(language), None) => self.fence = Some(language != "text"),
            (None, fence) if fence.unwrap_or(line.starts_with("     ")) => self.examples.push(line.to_owned()),
            _ => {}
        }
    }
}

impl<'a> Visit<'a> for Runs {
    fn visit_ident(&mut self, ident: &'a syn::Ident) {
        self.names.insert(ident.to_string());
    }

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        let syn::Meta::NameValue(syn::MetaNameValue { value: syn::Expr::Lit(literal), .. }) = &attribute.meta else {
            return;
        };
        if let (true, syn::Lit::Str(text)) = (attribute.path().is_ident("doc"), &literal.lit) {
            text.value().lines().for_each(|line| self.line(line));
        }
    }
}

/// Whatever a text of a spec says, it does not become code of the client, and none that its tests run.
#[test]
fn no_text_becomes_code() {
    let mut accepted = 0;
    for (name, text) in specs("good") {
        let lines: Vec<&str> = text.lines().collect();
        let scalars = lines.iter().enumerate().filter_map(|(at, line)| {
            let (key, value) = line.split_once(": ")?;
            (!value.starts_with(['[', '{', '|', '>', '#'])).then_some((at, key))
        });
        for ((at, key), escape) in scalars.flat_map(|place| ESCAPES.map(|escape| (place, escape))) {
            // YAML reads the quotes and escapes of JSON.
            let line = format!("{key}: {}", serde_json::Value::from(escape));
            let hostile: String =
                lines.iter().enumerate().map(|(i, l)| format!("{}\n", if i == at { &line } else { *l })).collect();
            let Ok(client) = generate(source("hostile.yaml", &hostile)) else { continue };
            accepted += 1;
            for file in client.files.iter().filter(|file| file.path.ends_with(".rs")) {
                let code = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{name}, {line}: {error}"));
                let mut runs = Runs::default();
                runs.visit_file(&code);
                let runs = (runs.names.contains("pwned"), runs.examples.iter().any(|line| line.contains("pwned")));
                assert_eq!(runs, (false, false), "{name}, {line}:\n{}", file.text);
            }
        }
    }
    assert!(accepted > 0, "no text was accepted");
}
