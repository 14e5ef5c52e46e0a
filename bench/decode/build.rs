//! Generates a strict copy of the generated types, to measure the cost of lenient decoding: `Vec` and `BTreeMap`
//! instead of the nullable containers, closed enums, and plain integers. Decimals, months and instants stay the same.

use std::fmt::Write;
use std::path::Path;

fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    for service in ["ibm-usage-reports", "atlas-billing"] {
        let folder = format!("../../{service}/src/generated/types");
        println!("cargo::rerun-if-changed={folder}");
        let mut code = String::new();
        let index = std::fs::read_to_string(format!("{folder}/mod.rs")).expect("the types");
        for line in index.lines().filter(|line| !line.starts_with("//")) {
            match line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                Some(name) => {
                    let _ = writeln!(code, "mod {name} {{\n{}\n}}", closed(Path::new(&folder), name));
                }
                None => code.push_str(line),
            }
            code.push('\n');
        }
        std::fs::write(Path::new(&out).join(format!("{service}.rs")), code).expect("OUT_DIR is writable");
    }
    println!("cargo::rerun-if-changed=build.rs");
}

fn closed(folder: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join(format!("{name}.rs"))).expect("a module");
    let text: String = text.lines().filter(|line| !line.starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    // The containers come from `closed`.
    let (before, import, rest) = match text.split_once("use ::cloud_billing_core::") {
        Some((before, rest)) => {
            let (names, rest) = rest.split_once(';').expect("an import ends");
            let names = names.trim_matches(['{', '}']).split(',').map(str::trim);
            let kept: Vec<&str> =
                names.filter(|name| !["NullableVec", "NullableMap", "Lenient", ""].contains(name)).collect();
            (before, format!("use ::cloud_billing_core::{{{}}};", kept.join(", ")), rest)
        }
        None => ("", String::new(), text.as_str()),
    };
    format!("use crate::closed::{{NullableMap, NullableVec, Lenient}};\n{before}{import}{rest}")
        .replace("::cloud_billing_core::open_enum!", "crate::closed_enum!")
        .replace("::cloud_billing_core::NullableVec::is_absent", "Vec::is_empty")
        .replace("::cloud_billing_core::NullableMap::is_absent", "::std::collections::BTreeMap::is_empty")
        .replace("deserialize_with = \"::cloud_billing_core::de::int\",", "")
}
