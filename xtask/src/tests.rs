//! A small workspace for the tests of the commands.

use std::fs;

/// The spec of its one service, `small`.
pub(crate) const SPEC: &str = include_str!("../../codegen/tests/corpus/good/objects.yaml");

/// A workspace with one small service.
pub(crate) fn workspace() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("specs")).unwrap();
    let table = "[[service]]\nname = \"small\"\nspec = \"small.yaml\"\ncrate = \"small-client\"\n";
    fs::write(root.path().join("specs/upstream.toml"), table).unwrap();
    fs::write(root.path().join("specs/small.yaml"), SPEC).unwrap();
    root
}
