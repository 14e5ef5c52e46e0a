//! Shared by the configuration tests. Every secret contains `hush`, so that a leak can be found by searching for that
//! word.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a test that cannot go on may panic; every test binary uses another part"
)]

use ibm_usage_reports::config::Environment;
use ibm_usage_reports::{Client, ErrorKind};

/// An environment of these properties, without their prefix.
pub(crate) fn environment(properties: &[(&str, &str)]) -> Environment {
    properties.iter().map(|(name, value)| (format!("USAGE_REPORTS_{name}"), *value)).collect()
}

/// The debug output of the client. Building it must succeed.
pub(crate) fn client(environment: &Environment) -> String {
    let text = match Client::from_environment(environment) {
        Ok(client) => format!("{client:?}"),
        Err(error) => panic!("{error} in {environment:?}"),
    };
    assert!(!text.contains("hush"), "{text}");
    text
}

/// The chosen credential, without its state.
pub(crate) fn credential(environment: &Environment) -> String {
    part(&client(environment), "credential: ", &[", tokens:", ", timeouts:"])
}

/// Where the chosen credential is from.
pub(crate) fn source(environment: &Environment) -> String {
    let client = Client::from_environment(environment).unwrap();
    let text = client.core().credential_source().unwrap().to_string();
    assert!(!text.contains("hush"), "{text}");
    text
}

/// The chosen base URL.
pub(crate) fn base_url(environment: &Environment) -> String {
    part(&client(environment), "base_url: \"", &["\""])
}

/// The chosen retry policy.
pub(crate) fn retry(environment: &Environment) -> String {
    part(&client(environment), "retry: RetryPolicy { ", &[", max_retry_after"])
}

fn part(text: &str, begin: &str, ends: &[&str]) -> String {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("no {begin} in {text}"));
    let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// The error of building the client.
pub(crate) fn error(environment: &Environment) -> String {
    let Err(error) = Client::from_environment(environment) else { panic!("no error in {environment:?}") };
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = format!("{error} {error:?} {environment:?}");
    assert!(!text.contains("hush"), "{text}");
    error.message().unwrap_or_default().to_owned()
}
