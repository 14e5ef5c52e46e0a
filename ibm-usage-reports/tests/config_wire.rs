//! The configuration takes effect on the wire.
#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "a test that cannot go on may panic")]

use ibm_usage_reports::Client;
use ibm_usage_reports::config::Environment;
use ibm_usage_reports::types::AccountId;
use test_support::TokenServer;

/// Makes one call with these properties and returns the request.
async fn sent(properties: &[(&str, &str)]) -> String {
    let server = TokenServer::start();
    let environment = Environment::empty()
        .variable("USAGE_REPORTS_URL", server.url.as_str())
        .variable("USAGE_REPORTS_AUTH_URL", format!("{}/identity/token", server.url));
    let environment =
        properties.iter().fold(environment, |all, (name, value)| all.variable(format!("USAGE_REPORTS_{name}"), *value));
    let client = Client::from_environment(&environment).unwrap();
    client.get_account_summary(AccountId::new("account"), "2026-01".parse().unwrap()).send().await.unwrap();
    server.received()
}

#[tokio::test]
async fn each_type() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "cr-token").unwrap();
    let token_file = file.path().display().to_string();
    let mut out = String::new();
    for properties in [
        &[("AUTH_TYPE", "noAuth")][..],
        &[("AUTH_TYPE", "bearerToken"), ("BEARER_TOKEN", "fixed")],
        &[("APIKEY", "a key"), ("SCOPE", "s"), ("CLIENT_ID", "id"), ("CLIENT_SECRET", "secret")],
        &[("IAM_PROFILE_ID", "p"), ("IAM_PROFILE_NAME", "n"), ("CR_TOKEN_FILENAME", &token_file)],
        &[("AUTH_TYPE", "iamAssume"), ("APIKEY", "key"), ("IAM_PROFILE_NAME", "n"), ("IAM_ACCOUNT_ID", "a")],
    ] {
        out.push_str(&format!("--- {}\n{}", properties[0].1.replace(&token_file, ""), sent(properties).await));
    }
    insta::assert_snapshot!(out);
}

#[tokio::test]
async fn the_metadata_service() {
    let server = TokenServer::start();
    let environment = Environment::empty()
        .variable("USAGE_REPORTS_URL", server.url.as_str())
        .variable("USAGE_REPORTS_AUTH_TYPE", "vpc")
        .variable("USAGE_REPORTS_AUTH_URL", server.url.as_str())
        .variable("USAGE_REPORTS_VPC_IMS_VERSION", "2025-08-26")
        .variable("USAGE_REPORTS_IAM_PROFILE_ID", "p");
    let client = Client::from_environment(&environment).unwrap();
    client.get_account_summary(AccountId::new("account"), "2026-01".parse().unwrap()).send().await.unwrap();
    insta::assert_snapshot!(server.received());
}
