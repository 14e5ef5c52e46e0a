//! What a sandbox remembers of its requests.

use cloud_billing_sandbox::{Sandbox, Service};

use crate::client::{V2023, atlas, ibm};

#[tokio::test]
async fn requests_are_kept_as_they_came() {
    let sandbox = Sandbox::start().await.unwrap();
    let target = "/v4/accounts/a/organizations/us-south%3A5e0b/usage/2023-05?_names=true";
    ibm(&sandbox, target)
        .header("Accept-Language", "de-DE,de;q=0.8")
        .header("x-twice", "1")
        .header("x-twice", "2")
        .send()
        .await;
    atlas(&sandbox, "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/billing/costExplorer/usage")
        .method("POST")
        .body(V2023, "{ \"startDate\":1}")
        .send()
        .await;
    atlas(&sandbox, "/nowhere?%zz").send().await;

    let requests = sandbox.requests();
    let [usage, explorer, nowhere] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((usage.service, usage.operation.as_deref()), (Service::Ibm, Some("get_org_usage")));
    assert_eq!((usage.method.as_str(), usage.target.as_str(), usage.status), ("GET", target, 200));
    assert_eq!(usage.header("ACCEPT-language"), Some("de-DE,de;q=0.8"));
    assert_eq!(usage.header("absent"), None);
    let twice: Vec<_> = usage.headers.iter().filter(|(name, _)| name == "x-twice").map(|(_, value)| value).collect();
    assert_eq!(twice, ["1", "2"]);
    assert!(usage.refusals.is_empty() && usage.body.is_empty());

    assert_eq!((explorer.service, explorer.body.as_slice()), (Service::Atlas, b"{ \"startDate\":1}".as_slice()));
    assert_eq!((explorer.status, explorer.refusals.len()), (400, 2));
    assert_eq!((nowhere.operation.as_deref(), nowhere.status, nowhere.target.as_str()), (None, 404, "/nowhere?%zz"));

    sandbox.clear_requests();
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn debug_shows_the_scheme_of_the_credentials_only() {
    let sandbox = Sandbox::start().await.unwrap();
    atlas(&sandbox, "/api/atlas/v2/orgs")
        .without("authorization")
        .header("authorization", "Bearer s3cret")
        .send()
        .await;
    let requests = sandbox.requests();
    assert_eq!(requests[0].header("authorization"), Some("Bearer s3cret"));
    let text = format!("{requests:?}");
    assert!(text.contains("Bearer [redacted]") && !text.contains("s3cret"), "{text}");
}
