//! Paths that are easily mistaken for one another.

use cloud_billing_sandbox::{Sandbox, Service};

use crate::client::{V2023, ask, atlas, ibm};

const ORG: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5";
const INVOICE: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/invoices/6abda280f4c54977656cf2d1";

async fn operation(sandbox: &Sandbox, service: Service, method: &str, target: &str) -> (u16, Option<String>) {
    let reply = ask(sandbox, service, method, target).header("accept", "application/json").send().await;
    let request = sandbox.requests().pop().unwrap();
    assert_eq!(request.target, target);
    (reply.status, request.operation)
}

#[tokio::test]
async fn the_same_path_means_different_things() {
    let sandbox = Sandbox::start().await.unwrap();
    let means = [
        ("GET", format!("{ORG}/invoices"), Some("listInvoices")),
        ("GET", INVOICE.to_owned(), Some("getInvoice")),
        ("GET", format!("{ORG}/invoices/pending"), Some("listInvoicePending")),
        ("GET", format!("{ORG}/invoices/PENDING"), Some("getInvoice")),
        ("GET", format!("{ORG}/invoices/pending/csv"), Some("getInvoiceCsv")),
        ("GET", format!("{INVOICE}/csv"), Some("getInvoiceCsv")),
        ("GET", format!("{INVOICE}/lineItems:search"), Some("searchInvoiceLineItems")),
        ("POST", format!("{INVOICE}:generateAndDownloadReport"), Some("generateInvoiceReport")),
        ("GET", format!("{INVOICE}/reports"), Some("listOrgInvoiceReports")),
        ("POST", format!("{INVOICE}/reports"), Some("createOrgInvoiceReport")),
        ("POST", format!("{ORG}/invoices/pending"), None),
        ("GET", format!("{INVOICE}:generateAndDownloadReport"), None),
        ("POST", format!("{INVOICE}%3AgenerateAndDownloadReport"), None),
        ("GET", format!("{INVOICE}/lineItems%3Asearch"), None),
        ("GET", format!("{INVOICE}/lineItems/:search"), None),
        ("GET", format!("{ORG}/invoices/"), None),
        ("GET", format!("/{ORG}/invoices"), None),
        ("GET", "/".to_owned(), None),
    ];
    for (method, target, id) in means {
        let (_, found) = operation(&sandbox, Service::Atlas, method, &target).await;
        assert_eq!(found.as_deref(), id, "{method} {target}");
    }
}

#[tokio::test]
async fn segments_are_decoded_after_they_are_split() {
    let sandbox = Sandbox::start().await.unwrap();
    for organization in ["us-south%3A5e0b7a6c", "us-south:5e0b7a6c", "a%2Fb%20c", "%C3%A4"] {
        let target = format!("/v4/accounts/a/organizations/{organization}/usage/2023-05");
        let found = operation(&sandbox, Service::Ibm, "GET", &target).await;
        assert_eq!(found, (200, Some("get_org_usage".to_owned())), "{target}");
    }
    let (status, found) =
        operation(&sandbox, Service::Ibm, "GET", "/v4/accounts/a/organizations/a/b/usage/2023-05").await;
    assert_eq!((status, found), (404, None));
    let reply = ibm(&sandbox, "/v4/accounts/a%ZZ/usage/2023-05").send().await;
    assert_eq!(
        reply.error(),
        "400 invalid_parameter: path parameter `account_id`: a `%` is not followed by two hexadecimal digits \
         (rule: malformed path; spec: ibm-usage-reports.yaml#/components/parameters/AccountIdInPath)"
    );
}

#[tokio::test]
async fn each_service_has_its_own_address() {
    let sandbox = Sandbox::start().await.unwrap();
    assert_ne!(sandbox.atlas_url(), sandbox.ibm_url());
    let skus = "/api/atlas/v2/skus";
    assert_eq!(operation(&sandbox, Service::Ibm, "GET", skus).await.0, 404);
    assert_eq!(operation(&sandbox, Service::Atlas, "GET", "/v4/accounts/a/usage/2023-05").await.0, 404);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let reply = atlas(&sandbox, "/api/atlas/v2/orgz").send().await;
    assert_eq!(
        reply.error(),
        "404 RESOURCE_NOT_FOUND: `GET /api/atlas/v2/orgz`: no operation has this path (rule: unknown path)"
    );
    assert_eq!(reply.json()["parameters"], serde_json::json!(["/api/atlas/v2/orgz"]));
    let reply = ibm(&sandbox, "/v1/billing-reports-snapshot-config?account_id=a").method("PUT").send().await;
    assert_eq!(
        reply.error(),
        "405 method_not_allowed: `PUT /v1/billing-reports-snapshot-config`: \
         /v1/billing-reports-snapshot-config takes GET, POST, PATCH, DELETE (rule: method)"
    );
    assert_eq!(reply.header("allow"), Some("GET, POST, PATCH, DELETE"));
    for method in ["HEAD", "OPTIONS"] {
        assert_eq!(atlas(&sandbox, "/api/atlas/v2/orgs").method(method).send().await.status, 405, "{method}");
    }
}

#[tokio::test]
async fn an_encoded_colon_is_explained() {
    let sandbox = Sandbox::start().await.unwrap();
    let hint = "; a colon that belongs to the path is sent as it stands, not as `%3A`";
    let reply = atlas(&sandbox, &format!("{INVOICE}/lineItems%3Asearch")).send().await;
    assert_eq!(reply.status, 404);
    assert!(reply.error().contains(hint), "{}", reply.error());
    let reply = ask(&sandbox, Service::Atlas, "POST", &format!("{INVOICE}%3agenerateAndDownloadReport"))
        .header("accept", V2023)
        .send()
        .await;
    assert_eq!(reply.status, 405);
    assert!(reply.error().contains(hint), "{}", reply.error());
}
