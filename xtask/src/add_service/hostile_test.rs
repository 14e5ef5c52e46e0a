//! A text of a spec never becomes code: each one in turn is continued by something that would be some.

use std::fs;

use proc_macro2::{TokenStream, TokenTree};
use serde_json::Value;

use super::plan;
use super::tests::SPEC;
use crate::registry::{Registry, workspace_root};

/// What a text goes on with.
const CONTINUATIONS: [&str; 9] = [
    "\n\n```\nevil();\n```",
    "\n~~~ rust\nevil();",
    "\n\n    evil();",
    "\n\n\tevil();",
    "\"\nbuild = \"evil.rs\"\nfn evil() {}\n//",
    "\r\nfn evil() {}",
    "\u{2028}fn evil() {}",
    "\"; fn evil() {} const _: &str = \"",
    "\")] fn evil() {} #[doc = (\"*/ fn evil() {} /*",
];

/// The texts of a document, as paths of keys.
fn texts(value: &Value, place: &str, into: &mut Vec<String>) {
    let escaped = |key: &str| format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::String(_) => into.push(place.to_owned()),
        Value::Array(list) => (0..list.len()).for_each(|at| texts(&list[at], &format!("{place}/{at}"), into)),
        Value::Object(map) => map.iter().for_each(|(key, member)| texts(member, &escaped(key), into)),
        _ => {}
    }
}

/// The words of code, and the lines of its documentation.
fn read(tokens: TokenStream, words: &mut Vec<String>, docs: &mut Vec<String>) {
    let mut before = [String::new(), String::new()];
    for token in tokens {
        let text = token.to_string();
        match token {
            TokenTree::Group(group) => read(group.stream(), words, docs),
            TokenTree::Ident(_) => words.push(text.clone()),
            TokenTree::Literal(_) if before == ["doc", "="] => docs.push(text.clone()),
            _ => {}
        }
        before = [std::mem::take(&mut before[1]), text];
    }
}

/// What of the files would run: `evil` as a word, blocks of code in the documentation, other keys of the manifest.
fn code(files: &[(String, String)]) -> (usize, usize, Vec<String>) {
    let (mut evil, mut blocks, mut keys) = (0, 0, Vec::new());
    for (path, text) in files {
        if path.ends_with(".rs") {
            let (mut words, mut docs) = (Vec::new(), Vec::new());
            read(text.parse().unwrap(), &mut words, &mut docs);
            evil += words.iter().filter(|word| *word == "evil").count();
            let is_block =
                |line: &&String| ["```", "~~~", "    evil", "\\tevil"].iter().any(|mark| line.contains(mark));
            blocks += docs.iter().filter(is_block).count();
        } else if path.ends_with("/Cargo.toml") {
            let manifest: toml::Table = text.parse().unwrap();
            keys = manifest["package"].as_table().unwrap().keys().cloned().collect();
        }
    }
    (evil, blocks, keys)
}

#[test]
fn no_text_becomes_code() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("vendor.json");
    let registry = Registry::load(&workspace_root().unwrap()).unwrap();
    let planned = |spec: &Value| {
        fs::write(&file, spec.to_string()).unwrap();
        plan(&registry, "acme-costs", &file)
    };
    let spec: Value = serde_yaml::from_str(SPEC).unwrap();
    let usual = code(&planned(&spec).unwrap());
    let (mut places, mut refused) = (Vec::new(), 0);
    texts(&spec, "", &mut places);
    for place in &places {
        for continuation in CONTINUATIONS {
            let mut hostile = spec.clone();
            let text = hostile.pointer_mut(place).unwrap();
            *text = format!("{}{continuation}", text.as_str().unwrap()).into();
            match planned(&hostile) {
                Ok(files) => assert_eq!(code(&files), usual, "{place}: {continuation:?}"),
                Err(findings) => {
                    assert!(findings.contains("error["), "{place}: {continuation:?}: {findings}");
                    refused += 1;
                }
            }
        }
    }
    // Examples are data: they are served and compared as they are.
    assert!(refused * 10 > places.len() * CONTINUATIONS.len() * 8, "{refused} of {}", places.len());
}
