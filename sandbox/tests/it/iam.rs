//! Tokens of IBM Cloud IAM.

use std::time::Duration;

use cloud_billing_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{Reply, at, ibm};

const USAGE: &str = "/v4/accounts/a/usage/2023-05";
const API_KEY: &str = "grant_type=urn:ibm:params:oauth:grant-type:apikey";
const CR_TOKEN: &str = "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Acr-token";
const ASSUME: &str = "grant_type=urn:ibm:params:oauth:grant-type:assume";

async fn ask(sandbox: &Sandbox, form: &str) -> Reply {
    at(sandbox.ibm_url(), "/identity/token").form(form).send().await
}

async fn granted(sandbox: &Sandbox, form: &str) -> Value {
    let reply = ask(sandbox, form).await;
    assert_eq!(reply.status, 200, "{form}: {}", reply.text());
    reply.json()
}

async fn status(sandbox: &Sandbox, token: &Value) -> u16 {
    ibm(sandbox, USAGE).bearer(token["access_token"].as_str().unwrap()).send().await.status
}

#[tokio::test]
async fn every_grant_gives_a_token_that_is_believed() {
    let builder = Sandbox::builder().strict_credentials(true).token_lifetime(Duration::from_secs(600));
    let sandbox = builder.start().await.unwrap();
    let key = format!("{API_KEY}&apikey={}", sandbox.ibm_api_key());
    let token = granted(&sandbox, &format!("{key}&response_type=cloud_iam&scope=a+b")).await;
    assert_eq!(
        (&token["expires_in"], &token["token_type"], &token["scope"]),
        (&json!(600), &json!("Bearer"), &json!("a b"))
    );
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let expiration = token["expiration"].as_u64().unwrap();
    assert!((now + 590..=now + 610).contains(&expiration), "{expiration} {now}");
    assert!(token["refresh_token"].is_string());
    assert_eq!(status(&sandbox, &token).await, 200);

    let compute = format!("{CR_TOKEN}&cr_token={}", sandbox.ibm_compute_resource_token());
    let access = token["access_token"].as_str().unwrap();
    let assume = format!("{ASSUME}&access_token={access}");
    for form in [
        key,
        format!("{compute}&profile_id=Profile-1"),
        format!("{compute}&profile_name=p&profile_id=Profile-1"),
        format!("{assume}&profile_crn=crn%3Av1"),
        format!("{assume}&profile_id=Profile-1"),
        format!("{assume}&profile_name=p&account=a"),
    ] {
        let token = granted(&sandbox, &form).await;
        assert_eq!(status(&sandbox, &token).await, 200, "{form}");
    }
    assert!(sandbox.requests().iter().any(|request| request.operation.as_deref() == Some("iamToken")));
    sandbox.expire_tokens();
    assert_eq!(status(&sandbox, &token).await, 401);
}

#[tokio::test]
async fn fields_are_exactly_those_of_the_grant() {
    let sandbox = Sandbox::start().await.unwrap();
    let key = format!("{API_KEY}&apikey={}", sandbox.ibm_api_key());
    let compute = format!("{CR_TOKEN}&cr_token={}", sandbox.ibm_compute_resource_token());
    let token = granted(&sandbox, &key).await;
    let assume = format!("{ASSUME}&access_token={}", token["access_token"].as_str().unwrap());
    for (form, code) in [
        (format!("{API_KEY}&apikey=wrong"), "BXNIM0415E"),
        (format!("{CR_TOKEN}&cr_token=wrong&profile_id=p"), "BXNIM0415E"),
        (format!("{ASSUME}&access_token=wrong&profile_id=p"), "BXNIM0415E"),
        (API_KEY.to_owned(), "BXNIM0106E"),
        (format!("{API_KEY}&apikey="), "BXNIM0106E"),
        (format!("{key}&response_type=uaa"), "BXNIM0106E"),
        (format!("{key}&unknown=1"), "BXNIM0106E"),
        (format!("{key}&apikey=twice"), "BXNIM0106E"),
        (compute.clone(), "BXNIM0106E"),
        (format!("{compute}&profile_id=p&response_type=cloud_iam"), "BXNIM0106E"),
        (assume.clone(), "BXNIM0106E"),
        (format!("{assume}&profile_id=p&profile_crn=c"), "BXNIM0106E"),
        (format!("{assume}&profile_name=p"), "BXNIM0106E"),
        (format!("{assume}&profile_id=p&account=a"), "BXNIM0106E"),
        (format!("{assume}&profile_id=p&scope=s"), "BXNIM0106E"),
        ("grant_type=client_credentials".to_owned(), "BXNIM0106E"),
        (String::new(), "BXNIM0106E"),
    ] {
        let reply = ask(&sandbox, &form).await;
        assert_eq!((reply.status, &reply.json()["errorCode"]), (400, &json!(code)), "{form}: {}", reply.text());
        assert!(reply.json()["errorMessage"].is_string() && reply.json()["context"]["requestId"].is_string());
        assert_eq!(sandbox.requests().pop().unwrap().refusals.len(), 1);
    }
    let reply = at(sandbox.ibm_url(), "/identity/token").send().await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
}
