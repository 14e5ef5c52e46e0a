//! Things that go wrong on demand.

use std::io::Read;
use std::time::{Duration, Instant};

use cloud_billing_sandbox::{Cut, Estate, Failure, Fault, RetryAfter, Sandbox, Service, UNKNOWN_VALUE};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::client::{V2023, ask, at, atlas, ibm};

const ORGS: &str = "/api/atlas/v2/orgs";
const INVOICES: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/invoices";
const USAGE: &str = "/v4/accounts/a/usage/2023-05";
const INSTANCES: &str = "/v4/accounts/a/resource_instances/usage/2023-05";

async fn statuses(sandbox: &Sandbox, target: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(atlas(sandbox, target).send().await.status);
    }
    statuses
}

#[tokio::test]
async fn errors_have_the_shape_of_the_service() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::failure(Failure::new(429).retry_after(RetryAfter::Seconds(7))).of(Service::Atlas)).unwrap();
    sandbox.inject(Fault::status(503).of(Service::Ibm)).unwrap();
    let reply = atlas(&sandbox, ORGS).send().await;
    assert_eq!(reply.error(), "429 RATE_LIMITED: The sandbox was told to fail.");
    assert_eq!(reply.header("retry-after"), Some("7"));
    assert_eq!((reply.header("ratelimit-limit"), reply.header("ratelimit-remaining")), (Some("500"), Some("0")));
    let reply = ibm(&sandbox, USAGE).send().await;
    assert_eq!(reply.error(), "503 service_unavailable: The sandbox was told to fail.");
    let recorded = &sandbox.requests()[0];
    assert_eq!((recorded.status, recorded.refusals.len()), (429, 0));
    assert_eq!(recorded.faults, ["status 429 Too Many Requests"]);

    sandbox.inject(Fault::failure(Failure::new(403).code("IP_ADDRESS_NOT_ON_WHITELIST"))).unwrap();
    assert!(atlas(&sandbox, ORGS).send().await.error().starts_with("403 IP_ADDRESS_NOT_ON_WHITELIST"));
    let page = Failure::new(502).body("text/html", "<h1>Bad Gateway</h1>");
    sandbox.inject(Fault::failure(page.retry_after(RetryAfter::Date(Duration::from_secs(60))))).unwrap();
    let reply = atlas(&sandbox, ORGS).send().await;
    assert_eq!(
        (reply.status, reply.header("content-type"), reply.text()),
        (502, Some("text/html"), "<h1>Bad Gateway</h1>")
    );
    assert!(reply.header("retry-after").unwrap().ends_with(" GMT"));

    let key = format!("grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey={}", sandbox.ibm_api_key());
    sandbox.inject(Fault::status(500).on("iamToken").first(2)).unwrap();
    for expected in [500, 500, 200] {
        let reply = at(sandbox.ibm_url(), "/identity/token").form(&key).send().await;
        assert_eq!(reply.status, expected);
        assert_eq!(reply.json()["errorCode"].is_string(), expected == 500);
    }
}

#[tokio::test]
async fn faults_befall_the_requests_they_are_meant_for() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::status(503).on("listOrgs").first(2)).unwrap();
    sandbox.inject(Fault::status(500).on("listOrgs").nth(4)).unwrap();
    assert_eq!(statuses(&sandbox, INVOICES, 1).await, [200]);
    // Refused requests are not counted.
    assert_eq!(atlas(&sandbox, ORGS).without("authorization").send().await.status, 401);
    assert_eq!(atlas(&sandbox, &format!("{ORGS}?unknown=1")).send().await.status, 400);
    assert_eq!(statuses(&sandbox, ORGS, 6).await, [503, 503, 200, 500, 200, 200]);
    sandbox.inject(Fault::status(504).every(3)).unwrap();
    assert_eq!(statuses(&sandbox, ORGS, 6).await, [200, 200, 504, 200, 200, 504]);
    sandbox.inject(Fault::status(404).always()).unwrap();
    assert_eq!(statuses(&sandbox, ORGS, 3).await, [404, 404, 504], "the first of two decides");
    sandbox.clear_faults();
    assert_eq!(statuses(&sandbox, ORGS, 3).await, [200, 200, 200]);
}

#[tokio::test]
async fn bodies_are_spoiled() {
    let sandbox = Sandbox::start().await.unwrap();
    let whole = atlas(&sandbox, ORGS).send().await;

    sandbox.inject(Fault::truncate()).unwrap();
    let reply = atlas(&sandbox, ORGS).send().await;
    assert_eq!(reply.body, whole.body[..whole.body.len() / 2]);

    sandbox.inject(Fault::garbage()).unwrap();
    let reply = atlas(&sandbox, ORGS).send().await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert!(serde_json::from_slice::<serde_json::Value>(&reply.body).is_err());

    sandbox.inject(Fault::content_type("text/html")).unwrap();
    let reply = atlas(&sandbox, ORGS).send().await;
    assert_eq!((reply.header("content-type"), &reply.body), (Some("text/html"), &whole.body));

    sandbox.inject(Fault::gzip()).unwrap();
    let reply = atlas(&sandbox, ORGS).send().await;
    assert_eq!((reply.header("content-encoding"), reply.header("content-type")), (Some("gzip"), Some(V2023)));
    let mut bytes = Vec::new();
    GzDecoder::new(reply.body.as_slice()).read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, whole.body);

    sandbox.inject(Fault::body("text/csv", "a,b")).unwrap();
    assert_eq!(atlas(&sandbox, ORGS).send().await.text(), "a,b");
    assert_eq!(atlas(&sandbox, ORGS).send().await.body, whole.body);
}

#[tokio::test]
async fn json_is_changed() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::unknown_values()).unwrap();
    let list = atlas(&sandbox, INVOICES).send().await.json();
    assert_eq!(list["results"][0]["statusName"], UNKNOWN_VALUE);
    sandbox.inject(Fault::unknown_fields()).unwrap();
    let list = atlas(&sandbox, INVOICES).send().await.json();
    assert!(list["sandboxUnknown"].is_object() && list["results"][0]["sandboxUnknown"].is_object(), "{list}");
    sandbox.inject(Fault::nulls()).unwrap();
    let list = atlas(&sandbox, INVOICES).send().await.json();
    assert_eq!(list["results"][0]["amountBilledCents"], json!(null));
    assert_eq!(list["totalCount"], json!(null));
    sandbox.inject(Fault::edit(|body| body["results"] = json!([]))).unwrap();
    sandbox.inject(Fault::edit(|body| body["totalCount"] = json!(0))).unwrap();
    let list = atlas(&sandbox, &format!("{INVOICES}?envelope=true")).send().await.json();
    assert_eq!((&list["results"], &list["totalCount"], &list["status"]), (&json!([]), &json!(0), &json!(200)));
    for target in [USAGE, INSTANCES] {
        sandbox.inject(Fault::unknown_values().of(Service::Ibm)).unwrap();
        sandbox.inject(Fault::unknown_fields().of(Service::Ibm)).unwrap();
        let body = ibm(&sandbox, target).send().await.json();
        assert!(body["sandboxUnknown"].is_object(), "{body}");
    }
}

#[tokio::test]
async fn a_page_leads_to_itself() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::repeat_cursor().always()).unwrap();
    let target = format!("{INSTANCES}?_limit=1");
    let first = ibm(&sandbox, &target).send().await.json();
    let token = first["next"]["offset"].as_str().unwrap();
    let second = ibm(&sandbox, &format!("{target}&_start={token}")).send().await.json();
    assert_eq!((&second["next"]["offset"], &second["resources"]), (&first["next"]["offset"], &first["resources"]));
    let list = atlas(&sandbox, INVOICES).send().await.json();
    let next = list["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").unwrap();
    assert!(next["href"].as_str().unwrap().contains("pageNum=1&"), "{next}");
}

#[tokio::test]
async fn redirects_and_delays() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::redirect(sandbox.ibm_url())).unwrap();
    let target = format!("{ORGS}?pageNum=1");
    let reply = atlas(&sandbox, &target).send().await;
    assert_eq!(reply.status, 307);
    assert_eq!(reply.header("location"), Some(format!("{}{target}", sandbox.ibm_url()).as_str()));
    sandbox.inject(Fault::latency(Duration::from_millis(120))).unwrap();
    sandbox.inject(Fault::status(500)).unwrap();
    let begin = Instant::now();
    assert_eq!(atlas(&sandbox, ORGS).send().await.status, 500);
    assert!(begin.elapsed() >= Duration::from_millis(120));
    assert_eq!(sandbox.requests().pop().unwrap().faults, ["answered 120 ms late", "status 500 Internal Server Error"]);
}

#[tokio::test]
async fn bodies_come_in_chunks() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::chunked()).unwrap();
    let reply = atlas(&sandbox, ORGS).send().await;
    assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
    assert_eq!((reply.header("content-length"), reply.json()["results"].is_array()), (None, true));
}

#[tokio::test]
async fn a_chunk_in_the_middle_never_comes() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::chunked()).unwrap();
    sandbox.inject(Fault::close(Cut::Body)).unwrap();
    let broken = atlas(&sandbox, ORGS).try_send().await.unwrap_err();
    assert!(broken.starts_with("body:"), "{broken}");
}

#[tokio::test]
async fn a_token_expires_on_demand() {
    let sandbox = Sandbox::builder().strict_credentials(true).start().await.unwrap();
    let form = format!("grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey={}", sandbox.ibm_api_key());
    let token = async || {
        let reply = at(sandbox.ibm_url(), "/identity/token").form(&form).send().await;
        reply.json()["access_token"].as_str().unwrap().to_owned()
    };
    let (first, second) = (token().await, token().await);
    sandbox.inject(Fault::expired_token().on("get_account_usage")).unwrap();
    let statuses = async |token: &str| ibm(&sandbox, USAGE).bearer(token).send().await.status;
    assert_eq!((statuses(&first).await, statuses(&first).await, statuses(&second).await), (401, 401, 200));
}

#[tokio::test]
async fn connections_are_refused_for_a_time() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::refuse(Duration::from_millis(300))).unwrap();
    assert!(atlas(&sandbox, ORGS).try_send().await.unwrap_err().starts_with("head:"));
    let mut refused = 0;
    while let Err(problem) = atlas(&sandbox, ORGS).try_send().await {
        assert!(problem.contains("ConnectionRefused"), "{problem}");
        refused += 1;
    }
    assert!(refused > 0);
    sandbox.refuse_connections(Service::Atlas, Duration::from_secs(60)).await;
    assert!(atlas(&sandbox, ORGS).try_send().await.unwrap_err().contains("ConnectionRefused"));
    assert_eq!(ibm(&sandbox, USAGE).send().await.status, 200, "the other service has a door of its own");
}

#[tokio::test]
async fn faults_befall_what_is_computed_too() {
    let sandbox = Sandbox::builder().estate(Estate::new().line_items(2_000).instances(50)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let invoice = ledger.atlas_invoices(&organization).remove(1).id;
    let path = format!("/api/atlas/v2/orgs/{organization}/invoices/{invoice}");
    let instances = format!("/v4/accounts/{}/resource_instances/usage/{}", ledger.ibm_account(), ledger.months()[3]);

    sandbox.inject(Fault::unknown_values()).unwrap();
    sandbox.inject(Fault::unknown_fields()).unwrap();
    let edited = atlas(&sandbox, &path).send().await.json();
    assert_eq!(edited["statusName"], UNKNOWN_VALUE);
    assert!(edited["lineItems"][1999]["sandboxUnknown"].is_object());
    sandbox.inject(Fault::nulls()).unwrap();
    let nulled = ibm(&sandbox, &instances).send().await.json();
    assert!(nulled["resources"][29]["resource_id"].is_null() && nulled["resources"][29]["usage"].is_array());

    sandbox.inject(Fault::repeat_cursor().of(Service::Ibm)).unwrap();
    let first = ibm(&sandbox, &format!("{instances}?_limit=10")).send().await.json();
    let again = ibm(&sandbox, first["next"]["href"].as_str().unwrap()).send().await.json();
    assert_eq!(again["resources"], first["resources"]);
    assert_ne!(again["next"]["offset"], first["next"]["offset"]);

    let csv = atlas(&sandbox, &format!("{path}/csv")).accept("application/vnd.atlas.2023-01-01+csv");
    sandbox.inject(Fault::gzip()).unwrap();
    let packed = csv.clone().send().await;
    let whole = csv.clone().send().await;
    assert_eq!((packed.header("content-encoding"), whole.header("transfer-encoding")), (Some("gzip"), Some("chunked")));
    let mut text = String::new();
    GzDecoder::new(packed.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, whole.text());
    sandbox.inject(Fault::truncate()).unwrap();
    assert_eq!(csv.clone().send().await.body.len(), text.len() / 2);
    sandbox.inject(Fault::reset(Cut::Body)).unwrap();
    assert!(csv.try_send().await.unwrap_err().starts_with("body:"));
}

#[tokio::test]
async fn a_fault_can_be_aimed_at_one_organization_or_account() {
    let sandbox = Sandbox::builder().estate(Estate::new().instances(5).line_items(5)).start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organizations: Vec<String> = ledger.atlas_organizations().collect();
    let (accounts, month) = (ledger.ibm_accounts().collect::<Vec<_>>(), ledger.months().pop().unwrap());
    sandbox.inject(Fault::status(503).target(organizations[1].as_str()).nth(2)).unwrap();
    sandbox.inject(format!("429:target={}:always", accounts[2]).parse().unwrap()).unwrap();

    let invoices = async |index: usize| {
        atlas(&sandbox, &format!("/api/atlas/v2/orgs/{}/invoices", organizations[index])).send().await.status
    };
    // Requests for others are not counted.
    assert_eq!([invoices(0).await, invoices(1).await, invoices(0).await, invoices(1).await], [200, 200, 200, 503]);
    for (index, account) in accounts.iter().enumerate() {
        let expected = if index == 2 { 429 } else { 200 };
        let usage = ibm(&sandbox, &format!("/v4/accounts/{account}/usage/{month}")).send().await;
        // The account is in the query here.
        let snapshots = format!("/v1/billing-reports-snapshots?account_id={account}&month={month}");
        let report = format!("/v1/resource-usage-reports?account_id={account}");
        let report =
            ask(&sandbox, Service::IbmEnterprise, "GET", &report).header("accept", "application/json").send().await;
        assert_eq!([usage.status, ibm(&sandbox, &snapshots).send().await.status, report.status], [expected; 3]);
    }
}
