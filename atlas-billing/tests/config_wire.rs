//! The configuration takes effect on the wire.
#![allow(clippy::unwrap_used, clippy::format_push_string, reason = "a test that cannot go on may panic")]

use std::sync::Arc;

use atlas_billing::Client;
use atlas_billing::auth::{Credential, ServiceAccount};
use atlas_billing::config::Environment;
use atlas_billing::types::OrganizationId;
use test_support::TokenServer;

const ORG: &str = "4888442a3354817a7320eb61";

fn account() -> Environment {
    Environment::empty()
        .variable("MONGODB_ATLAS_CLIENT_ID", "mdb_sa_id_1")
        .variable("MONGODB_ATLAS_CLIENT_SECRET", "secret")
}

#[tokio::test]
async fn the_token_endpoint_is_at_the_base_url() {
    let server = TokenServer::start();
    let client =
        Client::from_environment(&account().variable("MONGODB_ATLAS_BASE_URL", format!("{}/", server.url))).unwrap();
    client.get_org(OrganizationId::new(ORG)).send().await.unwrap();
    insta::assert_snapshot!(server.received());
}

/// Even if the base URL is set on the builder after the credential: the secret is sent to the host that the caller
/// chose.
#[tokio::test]
async fn the_token_endpoint_follows_the_builder() {
    let (configured, meant) = (TokenServer::start(), TokenServer::start());
    let environment = account().variable("MONGODB_ATLAS_BASE_URL", configured.url.as_str());
    let client = Client::builder_from_environment(&environment).unwrap().base_url(&meant.url).build().unwrap();
    client.get_org(OrganizationId::new(ORG)).send().await.unwrap();
    assert_eq!(configured.received(), "");
    assert!(meant.received().starts_with("POST /api/oauth/token"));
}

#[tokio::test]
async fn a_token_can_be_revoked() {
    let server = TokenServer::start();
    let account = Arc::new(ServiceAccount::new("mdb_sa_id_1", "secret"));
    account.revoke().await.unwrap();
    let client = Client::builder().credential(Arc::clone(&account)).base_url(&server.url).build().unwrap();
    client.get_org(OrganizationId::new(ORG)).send().await.unwrap();
    account.revoke().await.unwrap();
    let received = server.received();
    let (_, revoked) = received.split_once("POST /api/oauth/revoke").unwrap();
    insta::assert_snapshot!(revoked.trim());
    let _: &dyn Credential = &account;
}

#[tokio::test]
async fn a_token_is_sent_as_it_is() {
    let server = TokenServer::start();
    let environment = Environment::empty()
        .variable("MONGODB_ATLAS_ACCESS_TOKEN", "fixed")
        .variable("MONGODB_ATLAS_BASE_URL", server.url.as_str());
    Client::from_environment(&environment).unwrap().get_org(OrganizationId::new(ORG)).send().await.unwrap();
    assert!(server.received().contains("authorization: Bearer fixed"));
}
