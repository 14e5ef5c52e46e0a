//! What settings of object stores do, and where they do not show. The stores need their features.

#![cfg(all(feature = "s3", feature = "gcs", feature = "azure"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use cloud_billing_lake::{Lake, Service, Unit};

/// A server that refuses all requests with this body, its address, and the requests.
fn refusing(body: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (seen, requests) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            refuse(connection.unwrap(), body, &seen);
        }
    });
    (address, requests)
}

fn refuse(mut connection: TcpStream, body: &str, seen: &Sender<String>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    seen.send(String::from_utf8(head).unwrap()).unwrap();
    let length = body.len();
    write!(connection, "HTTP/1.1 403 Forbidden\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .unwrap();
}

/// The error of reading a manifest.
async fn refused(lake: &Lake) -> String {
    let unit = Unit::new(Service::Ibm, "account", "2026-10".parse().unwrap()).unwrap();
    lake.load(&unit).await.unwrap_err().to_string()
}

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
        // And what a program gets of it, such as an engine that shows its stores.
        let shown = format!("{lake:?} {lake:#?} {:?}", lake.store());
        assert!(!shown.contains(secret), "{address}: {shown}");
    }
}

#[tokio::test]
async fn variables_of_others_reach_no_store() {
    let ((ours, requests), (theirs, others)) = (refusing(""), refusing(""));
    let settings = [
        ("AWS_ACCESS_KEY_ID", "AKIA1"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT", ours.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("TOKEN", "of-another-service"),
        ("SESSION_TOKEN", "of-another-service"),
        ("REGION", "mars-1"),
        ("USER_AGENT", "another"),
        ("SKIP_SIGNATURE", "true"),
        ("PROXY_URL", theirs.as_str()),
        ("ENDPOINT", theirs.as_str()),
    ];
    assert!(refused(&open("s3://bucket/lake", &settings)).await.contains("403"));
    let request = requests.try_recv().unwrap();
    assert!(request.contains("Credential=AKIA1/") && request.contains("/us-east-1/s3/"), "{request}");
    assert!(!request.contains("another"), "{request}");
    assert!(others.try_recv().is_err(), "nothing is sent to the address of another service");
}

#[tokio::test]
async fn what_a_store_says_stays_on_one_line() {
    let (address, _requests) = refusing("<Error>denied</Error>\n\u{1b}[31merror: all is \u{202e}well\r\n");
    let (id, secret) = (("aws_access_key_id", "AKIA1"), ("aws_secret_access_key", "secret"));
    let endpoint = ("aws_endpoint", address.as_str());
    let settings = [id, secret, ("aws_region", "us-east-1"), endpoint, ("aws_allow_http", "true")];
    let error = refused(&open("s3://bucket/lake", &settings)).await;
    assert!(error.starts_with("cannot read state/ibm/account/2026-10.json: "), "{error}");
    assert!(!error.contains(cloud_billing_core::config::steers), "{error:?}");
    assert_eq!(error.matches("denied").count(), 1, "each cause once: {error}");
}
