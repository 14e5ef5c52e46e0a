//! Parameters that change how a body looks, and bodies that are not JSON.

use std::io::Read;

use cloud_billing_sandbox::{Sandbox, Service};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::client::{V2023, atlas};

const ORGS: &str = "/api/atlas/v2/orgs";
const ORG: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5";
const INVOICE: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/invoices/6abda280f4c54977656cf2d1";

#[tokio::test]
async fn json_is_indented_on_request() {
    let sandbox = Sandbox::start().await.unwrap();
    let plain = atlas(&sandbox, ORG).send().await;
    let pretty = atlas(&sandbox, &format!("{ORG}?pretty=true")).send().await;
    assert!(!plain.text().contains('\n'), "{}", plain.text());
    assert!(pretty.text().starts_with("{\n  \""), "{}", pretty.text());
    assert_eq!(plain.json(), pretty.json());
}

#[tokio::test]
async fn an_envelope_wraps_one_thing_and_joins_a_list() {
    let sandbox = Sandbox::start().await.unwrap();
    let example = |id| Sandbox::example(Service::Atlas, id).unwrap();

    let one = atlas(&sandbox, &format!("{ORG}?envelope=true")).send().await;
    assert_eq!(one.json(), json!({ "status": 200, "content": example("getOrg") }));

    for (target, id) in [(ORGS.to_owned(), "listOrgs"), (format!("{ORG}/invoices/pending"), "listInvoicePending")] {
        let list = atlas(&sandbox, &format!("{target}?envelope=true")).send().await;
        let mut expected = example(id);
        expected["status"] = 200.into();
        assert_eq!(list.json(), expected);
    }

    let off = atlas(&sandbox, &format!("{ORG}?envelope=false")).send().await;
    assert_eq!(off.json(), example("getOrg"));
}

#[tokio::test]
async fn an_envelope_has_the_status_of_the_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = Sandbox::request_example(Service::Atlas, "createCostExplorerProcess").unwrap();
    let target = format!("{ORG}/billing/costExplorer/usage?envelope=true");
    let reply = atlas(&sandbox, &target).method("POST").body(V2023, body.to_string()).send().await;
    assert_eq!((reply.status, &reply.json()["status"]), (202, &json!(202)));
}

#[tokio::test]
async fn the_count_can_be_left_out() {
    let sandbox = Sandbox::start().await.unwrap();
    let reply = atlas(&sandbox, &format!("{ORGS}?includeCount=false")).send().await;
    let mut expected = Sandbox::example(Service::Atlas, "listOrgs").unwrap();
    expected.as_object_mut().unwrap().remove("totalCount");
    assert_eq!(reply.json(), expected);
}

#[tokio::test]
async fn csv_is_text_whatever_else_is_asked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let media = "application/vnd.atlas.2023-01-01+csv";
    let plain = atlas(&sandbox, &format!("{INVOICE}/csv")).accept(media).send().await;
    assert!(plain.text().starts_with("Invoice Number,6abda280f4c54977656cf2d1,\n"));
    let adorned = atlas(&sandbox, &format!("{INVOICE}/csv?envelope=true&pretty=true")).accept(media).send().await;
    assert_eq!(plain.body, adorned.body);
}

#[tokio::test]
async fn a_report_is_compressed_and_not_merely_encoded() {
    let sandbox = Sandbox::start().await.unwrap();
    let (sent, got) = ("application/vnd.atlas.preview+json", "application/vnd.atlas.preview+gzip");
    let target = format!("{INVOICE}:generateAndDownloadReport");
    let reply = atlas(&sandbox, &target).method("POST").accept(got).body(sent, "{}").send().await;
    assert_eq!((reply.header("content-type"), reply.header("content-encoding")), (Some(got), None));
    let mut text = String::new();
    GzDecoder::new(reply.body.as_slice()).read_to_string(&mut text).unwrap();
    assert!(text.starts_with("BillingAccountId,"), "{text}");
}

#[tokio::test]
async fn numbers_keep_every_digit() {
    let sandbox = Sandbox::start().await.unwrap();
    let reply = atlas(&sandbox, &format!("{ORG}/invoices/pending")).send().await;
    for number in
        [r#""tierUpperBound":1.7976931348623157e+308"#, r#""quantity":6.035e-7"#, r#""unitPriceDollars":0.000108"#]
    {
        assert!(reply.text().contains(number), "{number} in {}", reply.text());
    }
}

#[tokio::test]
async fn a_success_leaves_something_of_the_rate_limit() {
    let sandbox = Sandbox::start().await.unwrap();
    let reply = atlas(&sandbox, "/api/atlas/v2/orgs").send().await;
    assert!(reply.header("ratelimit-remaining").is_some_and(|left| left.parse::<u32>().unwrap() > 0));
}

#[tokio::test]
async fn rates_are_limited_as_documented() {
    let sandbox = Sandbox::builder().rate_limits().now(std::time::SystemTime::now()).start().await.unwrap();
    let limit = |reply: &crate::client::Reply| {
        let header = |name| reply.header(name).map(|text| text.parse::<u32>().unwrap());
        (header("ratelimit-limit"), header("ratelimit-remaining"), header("retry-after"))
    };
    for remaining in (0..300).rev() {
        let reply = atlas(&sandbox, "/api/atlas/v2/orgs").send().await;
        assert_eq!((reply.status, limit(&reply)), (200, (Some(300), Some(remaining), None)));
    }
    let reply = atlas(&sandbox, "/api/atlas/v2/orgs").send().await;
    assert_eq!((reply.status, limit(&reply)), (429, (Some(300), Some(0), Some(1))));
    assert_eq!(reply.json()["errorCode"], "RATE_LIMITED_TOKEN_BUCKET");
    assert_eq!(reply.json()["parameters"], serde_json::json!(["/api/atlas/v2/orgs", 1, 300, 100, 60]));
    // Other operations have other buckets.
    let organization = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5";
    let reply = atlas(&sandbox, organization).send().await;
    assert_eq!(limit(&reply), (Some(500), Some(499), None));
    sandbox.advance(std::time::Duration::from_secs(1));
    assert_eq!(atlas(&sandbox, "/api/atlas/v2/orgs").send().await.status, 200);
}
