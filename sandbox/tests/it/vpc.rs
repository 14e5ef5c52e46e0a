//! Tokens of a VPC instance.

use std::time::Duration;

use cloud_billing_sandbox::Sandbox;
use serde_json::json;

use crate::client::{TestRequest, at, ibm};

const VERSIONS: [(&str, &str, &str); 2] = [
    ("2022-03-01", "/instance_identity/v1/token", "/instance_identity/v1/iam_token"),
    ("2025-08-26", "/identity/v1/token", "/identity/v1/iam_tokens"),
];

fn instance(sandbox: &Sandbox, target: &str) -> TestRequest {
    let request = at(sandbox.ibm_url(), target).method("PUT").without("authorization");
    request.header("metadata-flavor", "ibm").body("application/json", "{\"expires_in\":300}")
}

fn exchange(sandbox: &Sandbox, target: &str, token: &str) -> TestRequest {
    at(sandbox.ibm_url(), target).method("POST").bearer(token)
}

#[tokio::test]
async fn an_instance_gets_a_token_in_two_steps() {
    let sandbox = Sandbox::builder().strict_credentials(true).start().await.unwrap();
    for (version, instance_path, iam_path) in VERSIONS {
        let reply = instance(&sandbox, &format!("{instance_path}?version={version}")).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let first = reply.json();
        assert_eq!(first["expires_in"], 300);
        assert!(first["created_at"].as_str() < first["expires_at"].as_str(), "{first}");
        let first = first["access_token"].as_str().unwrap();
        let direct = ibm(&sandbox, "/v4/accounts/a/usage/2023-05").bearer(first).send().await;
        assert_eq!(direct.status, 401, "the token of the instance is for exchange only");

        let target = format!("{iam_path}?version={version}");
        let profile = json!({ "trusted_profile": { "id": "Profile-1" } }).to_string();
        for request in
            [exchange(&sandbox, &target, first), exchange(&sandbox, &target, first).body("application/json", profile)]
        {
            let reply = request.send().await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let token = reply.json()["access_token"].as_str().unwrap().to_owned();
            let usage = ibm(&sandbox, "/v4/accounts/a/usage/2023-05").bearer(&token).send().await;
            assert_eq!(usage.status, 200);
        }
        sandbox.advance(Duration::from_secs(300));
        assert_eq!(exchange(&sandbox, &target, first).send().await.status, 401);
    }
    let names: Vec<_> = sandbox.requests().into_iter().filter_map(|request| request.operation).collect();
    assert!(names.contains(&"vpcInstanceToken".to_owned()) && names.contains(&"vpcIamToken".to_owned()));
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let (version, instance_path, iam_path) = VERSIONS[0];
    let target = format!("{instance_path}?version={version}");
    let token = instance(&sandbox, &target).send().await.json()["access_token"].as_str().unwrap().to_owned();
    let iam = format!("{iam_path}?version={version}");
    let with = |body: &str| exchange(&sandbox, &iam, &token).body("application/json", body);
    let other = |body: &str| instance(&sandbox, &target).without("content-type").body("application/json", body);
    for (request, status) in [
        (instance(&sandbox, instance_path), 400),
        (instance(&sandbox, &format!("{instance_path}?version=2025-08-26")), 400),
        (instance(&sandbox, &target).without("metadata-flavor"), 400),
        (instance(&sandbox, &target).method("POST"), 405),
        (other("{\"expires_in\":0}"), 400),
        (other("{\"expires\":300}"), 400),
        (other("[]"), 400),
        (exchange(&sandbox, &iam, "unheard-of"), 401),
        (exchange(&sandbox, &iam, &token).without("authorization"), 401),
        (with("{}"), 400),
        (with("{\"trusted_profile\":{\"id\":\"a\",\"crn\":\"b\"}}"), 400),
        (with("{\"trusted_profile\":{\"other\":\"a\"}}"), 400),
    ] {
        let reply = request.send().await;
        assert_eq!(reply.status, status, "{}", reply.text());
        assert!(reply.json()["errors"][0]["message"].is_string() && reply.json()["trace"].is_string());
    }
}
