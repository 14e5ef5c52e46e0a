//! Queries and reports that are not ready at once.

use std::time::{Duration, UNIX_EPOCH};

use cloud_billing_sandbox::{Builder, Estate, Fault, NotReady, Sandbox, Service};
use serde_json::{Value, json};

use crate::client::{Reply, TestRequest, V2023, at, atlas};

const EXPLORER: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/billing/costExplorer/usage";
const REPORTS: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/invoices/6abda280f4c54977656cf2d1/reports";
const V2025: &str = "application/vnd.atlas.2025-03-12+json";

/// A sandbox at noon of 10 November 2026.
fn builder(estate: Estate) -> Builder {
    Sandbox::builder().now(UNIX_EPOCH + Duration::from_secs(1_794_312_000)).estate(estate)
}

/// A text field of every record of a page.
fn texts(list: &Value, field: &str) -> Vec<String> {
    list["results"].as_array().unwrap().iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

async fn start(form: NotReady) -> (Sandbox, String) {
    let sandbox = Sandbox::builder().cost_explorer_polls(2).not_ready(form).start().await.unwrap();
    let token = query(&sandbox).await;
    (sandbox, format!("{EXPLORER}/{token}"))
}

async fn query(sandbox: &Sandbox) -> String {
    let body = Sandbox::request_example(Service::Atlas, "createCostExplorerProcess").unwrap().to_string();
    let reply = atlas(sandbox, EXPLORER).method("POST").body(V2023, body).send().await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.json()["token"].as_str().unwrap().to_owned()
}

fn result() -> Value {
    Sandbox::example(Service::Atlas, "getCostExplorerUsage").unwrap()
}

#[tokio::test]
async fn a_query_is_not_ready_at_first() {
    for (form, status, body) in [
        (NotReady::Accepted202, 202, ""),
        (NotReady::NoContent204, 204, ""),
        (NotReady::Empty200, 200, ""),
        (NotReady::EmptyObject200, 200, "{}"),
        (NotReady::Envelope102, 200, r#"{"content":{},"status":102}"#),
    ] {
        let (sandbox, target) = start(form).await;
        for _ in 0..2 {
            let reply = atlas(&sandbox, &target).send().await;
            assert_eq!(reply.status, status, "{form:?}");
            match body {
                "" | "{}" => assert_eq!(reply.text(), body, "{form:?}"),
                _ => assert_eq!(reply.json(), serde_json::from_str::<Value>(body).unwrap()),
            }
        }
        for _ in 0..2 {
            assert_eq!(atlas(&sandbox, &target).send().await.json(), result(), "{form:?}");
        }
    }
}

/// What is kept has a size that requests cannot raise: the oldest queries are dropped.
#[tokio::test]
async fn large_queries_displace_old_ones() {
    let sandbox = builder(Estate::new()).start().await.unwrap();
    let organization = sandbox.estate().unwrap().atlas_organizations().next().unwrap().clone();
    let target = format!("/api/atlas/v2/orgs/{organization}/billing/costExplorer/usage");
    let create = async |projects: u32| {
        let projects: Vec<String> = (0..projects).map(|index| format!("{index:024x}")).collect();
        let body = json!({
            "startDate": "2026-01-01", "endDate": "2026-10-01", "organizations": [organization], "groupBy": "services",
            "services": ["Clusters"], "projects": projects,
        });
        let reply = atlas(&sandbox, &target).method("POST").body(V2023, body.to_string()).send().await;
        reply.json()["token"].as_str().unwrap().to_owned()
    };
    let status = async |token: &str| atlas(&sandbox, &format!("{target}/{token}")).send().await.status;
    let first = create(1).await;
    assert_eq!(status(&first).await, 200);
    let mut last = String::new();
    for _ in 0..25 {
        last = create(30_000).await;
    }
    assert_eq!((status(&first).await, status(&last).await), (404, 200));
}

#[tokio::test]
async fn queries_are_counted_by_themselves() {
    let (sandbox, target) = start(NotReady::NoContent204).await;
    let other = format!("{EXPLORER}/{}", query(&sandbox).await);
    assert_ne!(target, other);
    assert_eq!(atlas(&sandbox, &target).send().await.status, 204);
    assert_eq!(atlas(&sandbox, &target).send().await.status, 204);
    sandbox.inject(Fault::status(503).on("getCostExplorerUsage")).unwrap();
    assert_eq!(atlas(&sandbox, &other).send().await.status, 503, "which is no poll");
    assert_eq!(atlas(&sandbox, &other).send().await.status, 204);
    assert_eq!(atlas(&sandbox, &target).send().await.status, 200);
    assert_eq!(atlas(&sandbox, &other).send().await.status, 204);
    let csv = V2023.replace("json", "csv");
    assert_eq!(atlas(&sandbox, &other).accept(&csv).send().await.header("content-type"), Some(csv.as_str()));
}

fn report(sandbox: &Sandbox, id: &str) -> TestRequest {
    atlas(sandbox, &format!("{REPORTS}/{id}")).accept(V2025)
}

async fn create(sandbox: &Sandbox) -> Reply {
    let body = json!({ "reportType": "FOCUS", "reportFormat": "CSV", "formatSpecVersion": "1.2" }).to_string();
    atlas(sandbox, REPORTS).accept(V2025).method("POST").body(V2025, body).send().await
}

#[tokio::test]
async fn a_report_is_written_and_downloaded() {
    let sandbox = Sandbox::builder().report_polls(3).strict_credentials(true).start().await.unwrap();
    assert_eq!(create(&sandbox).await.status, 401);
    let sandbox = Sandbox::builder().report_polls(3).start().await.unwrap();
    let created = create(&sandbox).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let created = created.json();
    assert_eq!((&created["state"], &created["formatSpecVersion"]), (&json!("PENDING"), &json!("1.2")));
    let id = created["reportId"].as_str().unwrap();
    assert_ne!(create(&sandbox).await.json()["reportId"], id);

    let mut states = Vec::new();
    for _ in 0..3 {
        let body = report(&sandbox, id).send().await.json();
        assert_eq!(body.get("downloadUrl"), None);
        states.push(body["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["PENDING", "RUNNING", "RUNNING"]);
    let done = report(&sandbox, id).send().await.json();
    assert_eq!((&done["state"], &done["reportId"]), (&json!("SUCCEEDED"), &json!(id)));
    assert_eq!((&done["invoiceId"], &done["formatSpecVersion"]), (&json!("6abda280f4c54977656cf2d1"), &json!("1.2")));
    assert!(done["expiresAt"].as_str().unwrap().ends_with('Z'));

    let url = done["downloadUrl"].as_str().unwrap();
    assert!(url.starts_with(sandbox.downloads_url()) && !url.starts_with(sandbox.atlas_url()), "{url}");
    let reply = at(url, "").without("authorization").send().await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/csv")));
    assert_eq!(Value::from(reply.text()), Sandbox::example(Service::Atlas, "generateInvoiceReport").unwrap());
    let again = report(&sandbox, id).send().await.json();
    assert_ne!(again["downloadUrl"], done["downloadUrl"], "every call makes a new address");

    let with_token = at(url, "").send().await;
    assert_eq!(with_token.status, 400);
    assert!(with_token.text().contains("Authorization"), "{}", with_token.text());
    let forged = at(&url.replace("signature=", "signature=0"), "").without("authorization").send().await;
    assert_eq!(forged.status, 403);
    assert_eq!(at(url, "").without("authorization").method("POST").send().await.status, 405);
    sandbox.advance(Duration::from_secs(15 * 60));
    let late = at(url, "").without("authorization").send().await;
    assert_eq!((late.status, late.text()), (403, "the address has expired\n"));

    let downloads = sandbox.requests();
    let downloads: Vec<_> =
        downloads.iter().filter(|request| request.operation.as_deref() == Some("downloadReport")).collect();
    assert_eq!(downloads.iter().map(|request| request.status).collect::<Vec<_>>(), [200, 400, 403, 405, 403]);
    assert!(format!("{downloads:?}").contains("signature=[redacted]"));
}

#[tokio::test]
async fn without_being_asked_for_everything_is_the_example() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = report(&sandbox, "6ae86628a422eb14ab2f2d0f").send().await.json();
    assert_eq!(Some(body), Sandbox::example(Service::Atlas, "getOrgInvoiceReport"));
    let sandbox = Sandbox::builder().report_polls(0).start().await.unwrap();
    let body = report(&sandbox, "6ae86628a422eb14ab2f2d0f").send().await.json();
    assert_eq!(body["state"], "SUCCEEDED");
    assert!(body["downloadUrl"].as_str().unwrap().starts_with(sandbox.downloads_url()));
}

#[tokio::test]
async fn queries_and_reports_take_their_time() {
    let five = Duration::from_secs(5);
    let sandbox = builder(Estate::new().line_items(20)).cost_explorer_time(five).report_time(five);
    let sandbox = sandbox.start().await.unwrap();
    let ledger = sandbox.estate().unwrap();
    let organization = ledger.atlas_organizations().next().unwrap();
    let invoice = ledger.atlas_invoices(&organization)[1].id.clone();
    let usage = format!("/api/atlas/v2/orgs/{organization}/billing/costExplorer/usage");
    let query = json!({ "startDate": "2026-10-01", "endDate": "2026-11-01" }).to_string();
    let created = atlas(&sandbox, &usage).method("POST").body(V2023, query).send().await;
    let result = format!("{usage}/{}", created.json()["token"].as_str().unwrap());
    assert_eq!((created.status, atlas(&sandbox, &result).send().await.status), (202, 202));
    let other = ledger.atlas_organizations().nth(1).unwrap();
    assert_eq!(atlas(&sandbox, &result.replace(&organization, &other)).send().await.status, 404);

    let media = "application/vnd.atlas.2025-03-12+json";
    let reports = format!("/api/atlas/v2/orgs/{organization}/invoices/{invoice}/reports");
    let request = json!({ "reportType": "FOCUS", "reportFormat": "CSV", "formatSpecVersion": "1.3" }).to_string();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let post = atlas(&sandbox, &reports).method("POST").accept(media).body(media, request.clone());
        ids.insert(0, post.send().await.json()["reportId"].as_str().unwrap().to_owned());
    }
    let read = async |id: &str| atlas(&sandbox, &format!("{reports}/{id}")).accept(media).send().await;
    assert_eq!(read(&ids[0]).await.json()["state"], "PENDING");
    assert_eq!(read(&ids[0]).await.json()["state"], "RUNNING");
    sandbox.advance(five);
    assert_eq!(atlas(&sandbox, &result).send().await.status, 200);
    let report = read(&ids[0]).await.json();
    let list = async || atlas(&sandbox, &reports).accept(media).send().await.json();
    let listed = list().await;
    assert_eq!((texts(&listed, "reportId"), &listed["totalCount"]), (ids.clone(), &json!(2)));
    assert!(listed["results"][0].get("downloadUrl").is_none());
    let address = report["downloadUrl"].as_str().unwrap().strip_prefix(sandbox.downloads_url()).unwrap();
    let download = async || at(sandbox.downloads_url(), address).without("authorization").send().await;
    assert_eq!(download().await.status, 200);
    // The address is good for a quarter of an hour, and the report is kept for a week.
    sandbox.advance(Duration::from_secs(15 * 60));
    assert_eq!(download().await.status, 403);
    sandbox.advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(list().await["results"], json!([]));
    assert_eq!(read(&ids[0]).await.status, 404);
}
