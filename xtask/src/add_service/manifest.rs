//! The manifests. Their other entries and their comments stay unchanged.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Value};

/// The workspace's manifest with a member and a dependency more.
pub(super) fn with_member(manifest: &str, name: &str) -> Result<String, String> {
    let fail = |what: &str| format!("Cargo.toml: {what}");
    let mut document: DocumentMut = manifest.parse().map_err(|error| fail(&format!("{error}")))?;
    let workspace = document.get_mut("workspace").ok_or_else(|| fail("there is no [workspace]"))?;
    for list in ["members", "default-members"] {
        let list = workspace.get_mut(list).and_then(Item::as_array_mut).ok_or_else(|| fail(&format!("no `{list}`")))?;
        insert_sorted(list, name);
    }
    let version = workspace.get("package").and_then(|package| package.get("version")).and_then(Item::as_str);
    let version = version.ok_or_else(|| fail("[workspace.package] has no version"))?;
    let dependency = InlineTable::from_iter([("path", name), ("version", version)]);
    let dependencies = workspace.get_mut("dependencies").and_then(Item::as_table_mut);
    dependencies
        .ok_or_else(|| fail("there is no [workspace.dependencies]"))?
        .insert(name, Item::Value(Value::InlineTable(dependency)));
    Ok(document.to_string())
}

/// The program's manifest with a dependency more.
pub(super) fn with_dependency(manifest: &str, name: &str) -> Result<String, String> {
    let mut document: DocumentMut = manifest.parse().map_err(|error| format!("cli/Cargo.toml: {error}"))?;
    let dependencies = document.get_mut("dependencies").and_then(Item::as_table_mut);
    let mut entry = toml_edit::Table::from_iter([("workspace", true)]);
    entry.set_dotted(true);
    dependencies.ok_or("cli/Cargo.toml has no [dependencies]")?.insert(name, Item::Table(entry));
    Ok(document.to_string())
}

/// The manifest of the new crate with its description, in one line.
pub(super) fn with_description(manifest: &str, description: &str) -> Result<String, String> {
    let mut document: DocumentMut = manifest.parse().map_err(|error| format!("the new Cargo.toml: {error}"))?;
    let package = document.get_mut("package").ok_or("the new Cargo.toml has no [package]")?;
    package["description"] = toml_edit::value(description.split_whitespace().collect::<Vec<_>>().join(" "));
    Ok(document.to_string())
}

fn insert_sorted(list: &mut Array, name: &str) {
    let index =
        list.iter().position(|member| member.as_str().is_some_and(|member| member > name)).unwrap_or(list.len());
    list.insert(index, name);
    list.fmt();
}

/// The registry with one more service: the entry is appended, so that the text before it stays unchanged. The name has
/// passed `check_name`.
pub(super) fn with_service(upstream: &str, name: &str) -> String {
    let entry = include_str!("template/upstream.toml.txt").replace("{name}", name);
    format!("{}\n{entry}", upstream.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace]
members = [\"a\", \"codegen\", \"z\"]
# What a build compiles.
default-members = [\"a\", \"z\"]

[workspace.package]
version = \"0.3.1\"

[workspace.dependencies]
a = { path = \"a\", version = \"0.3.1\" }

# --- the runtime ---
bytes = \"1\"
";

    #[test]
    fn the_manifest_gains_two_entries_and_a_line() {
        let expected = MANIFEST
            .replace("\"codegen\",", "\"codegen\", \"middle\",")
            .replace("[\"a\", \"z\"]", "[\"a\", \"middle\", \"z\"]")
            + "middle = { path = \"middle\", version = \"0.3.1\" }\n";
        assert_eq!(with_member(MANIFEST, "middle").as_deref(), Ok(expected.as_str()));
    }

    #[test]
    fn a_missing_entry_is_named() {
        let error = with_member("[workspace]\nmembers = []\n", "x");
        assert!(error.is_err_and(|error| error.contains("default-members")));
    }
}
