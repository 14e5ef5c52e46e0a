//! What settings of object stores do, and where they do not show. The stores need their features; no store is reached.

#![cfg(all(feature = "s3", feature = "gcs", feature = "azure"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use cloud_billing_lake::Lake;

fn open(address: &str, settings: &[(&str, &str)]) -> Lake {
    let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Lake::open(address, settings).unwrap()
}

#[test]
fn debug_shows_no_setting() {
    let account = ("azure_storage_account_name", "bills");
    let (id, tenant) = (("azure_client_id", "id"), ("azure_tenant_id", "tenant"));
    let (region, key) = (("aws_region", "us-east-1"), ("aws_access_key_id", "AKIA1"));
    // The bytes of the key are shown as numbers by the store's own `Debug`.
    let numbers = format!("{:?}", b"a key of a store");
    for (address, settings, secret) in [
        ("az://c/x", vec![account, ("azure_storage_account_key", "YSBrZXkgb2YgYSBzdG9yZQ==")], numbers.as_str()),
        ("az://c/x", vec![account, ("azure_storage_sas_key", "sv=2021&sig=hidden")], "hidden"),
        ("az://c/x", vec![account, id, tenant, ("azure_client_secret", "hidden")], "hidden"),
        ("az://c/x", vec![account, ("azure_storage_token", "hidden")], "hidden"),
        ("s3://b/x", vec![region, key, ("aws_secret_access_key", "hidden")], "hidden"),
        ("s3://b/x", vec![region, ("aws_proxy_url", "http://me:hidden@127.0.0.1:1")], "hidden"),
        ("gs://b/x", vec![("google_proxy_url", "http://me:hidden@127.0.0.1:1")], "hidden"),
    ] {
        let lake = open(address, &settings);
        let shown = format!("{lake:?} {lake:#?}");
        assert!(!shown.contains(secret), "{address}: {shown}");
    }
}
