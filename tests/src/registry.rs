//! The services of `specs/upstream.toml`.

use crate::read;

/// A service.
#[derive(Debug)]
pub struct Service {
    /// Its name, which is also the name of its crate.
    pub name: String,
    /// Path of its spec below the workspace.
    pub spec: String,
    /// Directory of its crate.
    pub directory: String,
}

/// All of them.
///
/// # Panics
/// If the table is broken.
#[must_use]
pub fn services() -> Vec<Service> {
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
