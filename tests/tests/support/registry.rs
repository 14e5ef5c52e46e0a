//! The services of `specs/upstream.toml`.

use workspace_tests::read;

/// One of them.
#[derive(Debug)]
#[allow(dead_code, reason = "no test needs all of it")]
pub(crate) struct Service {
    /// Its name, which is also that of its crate.
    pub(crate) name: String,
    /// Path of its spec below the workspace.
    pub(crate) spec: String,
    /// Directory of its crate.
    pub(crate) directory: String,
}

#[allow(dead_code, reason = "not every test reads the table")]
pub(crate) fn services() -> Vec<Service> {
    let table: toml::Table = read("specs/upstream.toml").parse().unwrap();
    let text = |entry: &toml::Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let services = table["service"].as_array().unwrap();
    services
        .iter()
        .map(|entry| Service {
            name: text(entry, "name"),
            spec: format!("specs/{}", text(entry, "spec")),
            directory: text(entry, "crate"),
        })
        .collect()
}
