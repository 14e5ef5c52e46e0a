//! Every rule that a request can break, with its status, code and message.

use cloud_billing_sandbox::{Cut, Fault, Sandbox, Service};
use serde_json::{Value, json};

use crate::client::{TestRequest, V2023, ask, at, atlas, ibm};

const ORGS: &str = "/api/atlas/v2/orgs";
const ORG: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5";
const INVOICES: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/invoices";
const EXPLORER: &str = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/billing/costExplorer/usage";
const USAGE: &str = "/v4/accounts/a/usage/2023-05";
const INSTANCES: &str = "/v4/accounts/a/resource_instances/usage/2023-05";
const SNAPSHOTS: &str = "/v1/billing-reports-snapshots";
const CONFIG: &str = "/v1/billing-reports-snapshot-config";

/// Sends each request and compares its error.
async fn check<const N: usize>(cases: [(TestRequest, &str); N]) {
    for (request, expected) in cases {
        let reply = request.send().await;
        assert_eq!(reply.error(), expected);
    }
}

fn explorer(sandbox: &Sandbox, body: &str) -> TestRequest {
    atlas(sandbox, EXPLORER).method("POST").body(V2023, body)
}

fn config(sandbox: &Sandbox, body: &Value) -> TestRequest {
    ibm(sandbox, CONFIG).method("POST").body("application/json", body.to_string())
}

#[tokio::test]
async fn credentials() {
    let sandbox = Sandbox::start().await.unwrap();
    let malformed = "401 USER_UNAUTHORIZED: header `Authorization`: is neither `Bearer` and a token nor a digest \
                     (rule: credentials)";
    let with = |value: &str| atlas(&sandbox, ORGS).without("authorization").header("authorization", value);
    check([
        (
            atlas(&sandbox, ORGS).without("authorization"),
            "401 USER_UNAUTHORIZED: header `Authorization`: is missing (rule: credentials)",
        ),
        (with("Bearer"), malformed),
        (with("Bearer "), malformed),
        (with("Bearer ="), malformed),
        (with("Bearer two words"), malformed),
        (with("Basic dTpw"), malformed),
        (
            with("Bearer a").header("authorization", "Bearer b"),
            "401 USER_UNAUTHORIZED: header `Authorization`: is sent more than once (rule: credentials)",
        ),
        (
            ibm(&sandbox, USAGE).without("authorization"),
            "401 not_authenticated: header `Authorization`: is missing (rule: credentials)",
        ),
    ])
    .await;
    let reply = with("Basic dTpw").send().await;
    let challenge = reply.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Digest realm=\"MMS Public API\", domain=\"\", nonce=\""), "{challenge}");
    assert!(challenge.ends_with("\", algorithm=MD5, qop=\"auth\", stale=false"), "{challenge}");
    let reply = ibm(&sandbox, USAGE).without("authorization").send().await;
    assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"sandbox\""));
    assert_eq!(with("bearer a.b-c_d~e+f/g==").send().await.status, 200);
}

#[tokio::test]
async fn the_media_type_asked_for() {
    let sandbox = Sandbox::builder().exact_versions(true).start().await.unwrap();
    let listed = "(rule: accept; spec: atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs/get/responses/200/content)";
    let refused =
        |sent: &str| format!("406 INVALID_VERSION_DATE: header `Accept`: `{sent}` is not exactly {V2023} {listed}");
    for sent in [
        "application/vnd.atlas.2025-03-12+json",
        "application/vnd.atlas.2023-01-01+csv",
        "application/vnd.atlas.2023-01-01+json; charset=utf-8",
        "application/vnd.atlas.2023-01-01+json, */*",
        "application/json",
        "*/*",
    ] {
        assert_eq!(atlas(&sandbox, ORGS).accept(sent).send().await.error(), refused(sent));
    }
    check([
        (
            atlas(&sandbox, ORGS).without("accept"),
            &format!("406 INVALID_VERSION_DATE: header `Accept`: is missing; send {V2023} {listed}"),
        ),
        (
            atlas(&sandbox, &format!("{INVOICES}/6abda280f4c54977656cf2d1")).accept("text/csv"),
            "406 INVALID_VERSION_DATE: header `Accept`: `text/csv` is not exactly \
             application/vnd.atlas.2023-01-01+csv or application/vnd.atlas.2023-01-01+json (rule: accept; spec: \
             atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs~1{orgId}~1invoices~1{invoiceId}/get/responses/200/content)",
        ),
        (
            ibm(&sandbox, USAGE).accept("text/html"),
            "406 not_acceptable: header `Accept`: `text/html` does not admit application/json (rule: accept; spec: \
             ibm-usage-reports.yaml#/paths/~1v4~1accounts~1{account_id}~1usage~1{billingmonth}/get/responses/200/content)",
        ),
        (
            ibm(&sandbox, USAGE).without("accept"),
            "406 not_acceptable: header `Accept`: is missing; send application/json (rule: accept; spec: \
             ibm-usage-reports.yaml#/paths/~1v4~1accounts~1{account_id}~1usage~1{billingmonth}/get/responses/200/content)",
        ),
    ])
    .await;
    let deletion = ask(&sandbox, Service::Ibm, "DELETE", &format!("{CONFIG}?account_id=a"));
    assert_eq!(deletion.send().await.status, 204, "an answer without a body needs no Accept");
}

#[tokio::test]
async fn names_in_the_query() {
    let sandbox = Sandbox::start().await.unwrap();
    check([
        (
            atlas(&sandbox, &format!("{ORGS}?page=1")),
            "400 INVALID_QUERY_PARAMETER: query parameter `page`: `listOrgs` declares no such parameter \
             (rule: unknown parameter; spec: atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs/get)",
        ),
        (
            atlas(&sandbox, &format!("{ORGS}?pageNum=1&pageNum=2")),
            "400 INVALID_QUERY_PARAMETER: query parameter `pageNum`: has 2 values and takes one \
             (rule: repeated parameter; spec: atlas-billing.yaml#/components/parameters/pageNum)",
        ),
        (
            atlas(&sandbox, &format!("{ORGS}?&name=x")),
            "400 INVALID_QUERY_PARAMETER: `` in the query: has no name (rule: malformed query)",
        ),
        (
            atlas(&sandbox, &format!("{ORGS}?name=%4")),
            "400 INVALID_QUERY_PARAMETER: `name=%4` in the query: a `%` is not followed by two hexadecimal digits \
             (rule: malformed query)",
        ),
        (
            atlas(&sandbox, &format!("{ORGS}?name=%FF")),
            "400 INVALID_QUERY_PARAMETER: `name=%FF` in the query: its bytes are not UTF-8 (rule: malformed query)",
        ),
        (
            ibm(&sandbox, &format!("{SNAPSHOTS}?account_id=a")),
            "400 missing_parameter: query parameter `month`: is missing (rule: missing parameter; spec: \
             ibm-usage-reports.yaml#/paths/~1v1~1billing-reports-snapshots/get/parameters/1/required)",
        ),
        (
            ibm(&sandbox, &format!("{USAGE}?_limit=5&_tags=true")),
            "400 invalid_parameter: query parameter `_limit`: `get_account_usage` declares no such parameter (rule: unknown \
             parameter; spec: ibm-usage-reports.yaml#/paths/~1v4~1accounts~1{account_id}~1usage~1{billingmonth}/get); \
             invalid_parameter: query parameter `_tags`: `get_account_usage` declares no such parameter (rule: unknown \
             parameter; spec: ibm-usage-reports.yaml#/paths/~1v4~1accounts~1{account_id}~1usage~1{billingmonth}/get)",
        ),
    ])
    .await;
    assert_eq!(atlas(&sandbox, &format!("{ORGS}?")).send().await.status, 200, "an empty query is none");
}

#[tokio::test]
async fn values_in_the_query() {
    let sandbox = Sandbox::start().await.unwrap();
    let page = "query parameter `pageNum`";
    let place = "spec: atlas-billing.yaml#/components/parameters/pageNum/schema";
    let invoices = |query: &str| atlas(&sandbox, &format!("{INVOICES}?{query}"));
    check([
        (invoices("pageNum=0"), &format!("400 INVALID_QUERY_PARAMETER: {page}: 0 is less than 1 (rule: minimum; {place}/minimum)")),
        (
            invoices("pageNum=2147483648"),
            &format!("400 INVALID_QUERY_PARAMETER: {page}: 2147483648 is not a 32-bit integer (rule: format; {place}/format)"),
        ),
        (
            invoices("itemsPerPage=501"),
            "400 INVALID_QUERY_PARAMETER: query parameter `itemsPerPage`: 501 is greater than 500 (rule: maximum; spec: \
             atlas-billing.yaml#/components/parameters/itemsPerPage/schema/maximum)",
        ),
        (
            invoices("pretty=yes"),
            "400 INVALID_QUERY_PARAMETER: query parameter `pretty`: `yes` is not `true` or `false` (rule: type; spec: \
             atlas-billing.yaml#/components/parameters/pretty/schema/type)",
        ),
        (
            invoices("sortBy=CREATED"),
            "400 INVALID_ENUM_VALUE: query parameter `sortBy`: `CREATED` is none of START_DATE, END_DATE (rule: enum; spec: \
             atlas-billing.yaml#/components/schemas/InvoiceSortField/enum)",
        ),
        (
            invoices("fromDate=2026-02-29"),
            "400 INVALID_QUERY_PARAMETER: query parameter `fromDate`: `2026-02-29` is not a date of the form yyyy-mm-dd \
             (rule: format; spec: atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs~1{orgId}~1invoices/get/parameters/8/schema/format)",
        ),
        (
            invoices("statusNames=PAID&statusNames=PAID"),
            "400 INVALID_QUERY_PARAMETER: query parameter `statusNames`: `PAID` is in the list already (rule: uniqueItems; \
             spec: atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs~1{orgId}~1invoices/get/parameters/7/schema/uniqueItems)",
        ),
        (
            invoices("statusNames=PAID,FREE"),
            "400 INVALID_ENUM_VALUE: query parameter `statusNames`: `PAID,FREE` is none of PENDING, CLOSED, FORGIVEN, FAILED, \
             PAID, FREE, PREPAID, INVOICED (rule: enum; spec: atlas-billing.yaml#/components/schemas/InvoiceStatus/enum)",
        ),
        (
            ibm(&sandbox, &format!("{SNAPSHOTS}?account_id=&month=2023-05")),
            "400 invalid_parameter: query parameter `account_id`: `` has 0 characters, fewer than 1 (rule: minLength; spec: \
             ibm-usage-reports.yaml#/components/schemas/AccountId/minLength)",
        ),
        (
            ibm(&sandbox, &format!("{SNAPSHOTS}?account_id=a&month=2023-5")),
            "400 invalid_parameter: query parameter `month`: `2023-5` is not a month of the form yyyy-mm (rule: format; spec: \
             ibm-usage-reports.yaml#/paths/~1v1~1billing-reports-snapshots/get/parameters/1/schema/format)",
        ),
        (
            ibm(&sandbox, &format!("{SNAPSHOTS}?account_id=a&month=2023-05&date_from=-Infinity")),
            "400 invalid_parameter: query parameter `date_from`: `-Infinity` is not an integer (rule: type; spec: \
             ibm-usage-reports.yaml#/paths/~1v1~1billing-reports-snapshots/get/parameters/2/schema/type)",
        ),
        (
            ibm(&sandbox, &format!("{INSTANCES}?_limit=201")),
            "400 invalid_parameter: query parameter `_limit`: 201 is greater than 200 (rule: maximum; spec: \
             ibm-usage-reports.yaml#/components/parameters/Limit/schema/maximum)",
        ),
    ])
    .await;
    for query in ["pageNum=", "pageNum=01", "pageNum=%2B1", "pageNum=1.0", "pageNum=99999999999999999999", "pageNum"] {
        let reply = invoices(query).send().await;
        assert!(reply.error().contains("is not an integer (rule: type;"), "{}", reply.error());
    }
    for query in
        ["statusNames=PAID&statusNames=FREE", "fromDate=2024-02-29&toDate=2026-12-01", "sortBy=END_DATE&orderBy=asc"]
    {
        assert_eq!(invoices(query).send().await.status, 200, "{query}");
    }
}

#[tokio::test]
async fn values_in_the_path_and_in_headers() {
    let sandbox = Sandbox::start().await.unwrap();
    check([
        (
            atlas(&sandbox, "/api/atlas/v2/orgs/6AA7AC7CEEE65F53E9421CE5"),
            "400 INVALID_PATH_PARAMETER: path parameter `orgId`: `6AA7AC7CEEE65F53E9421CE5` does not match \
             ^([a-f0-9]{24})$ (rule: pattern; spec: atlas-billing.yaml#/components/schemas/OrganizationId/pattern)",
        ),
        (
            atlas(&sandbox, &format!("{EXPLORER}/abc")),
            "400 INVALID_PATH_PARAMETER: path parameter `token`: `abc` has 3 characters, fewer than 64 (rule: minLength; spec: \
             atlas-billing.yaml#/components/schemas/CostExplorerToken/minLength)",
        ),
        (
            ibm(&sandbox, "/v4/accounts/a/usage/2024-1"),
            "400 invalid_parameter: path parameter `billingmonth`: `2024-1` is not a month of the form yyyy-mm (rule: format; \
             spec: ibm-usage-reports.yaml#/components/parameters/BillingMonth/schema/format)",
        ),
        (
            ibm(&sandbox, USAGE).header("accept-language", "de").header("accept-language", "en"),
            "400 invalid_parameter: header parameter `Accept-Language`: has 2 values and takes one \
             (rule: repeated parameter; spec: ibm-usage-reports.yaml#/components/parameters/AcceptLanguage)",
        ),
        (
            ibm(&sandbox, USAGE).header("accept-language", "dé"),
            "400 invalid_parameter: header parameter `Accept-Language`: is not text \
             (rule: type; spec: ibm-usage-reports.yaml#/components/parameters/AcceptLanguage)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn whether_there_is_a_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let operation = "atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs~1{orgId}~1billing~1costExplorer~1usage/post";
    check([
        (
            atlas(&sandbox, ORG).body(V2023, "{}"),
            "400 VALIDATION_ERROR: the body: has 2 bytes, and this operation takes no body \
             (rule: unexpected body; spec: atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs~1{orgId}/get)",
        ),
        (
            atlas(&sandbox, EXPLORER).method("POST"),
            &format!("400 VALIDATION_ERROR: the body: is missing (rule: missing body; spec: {operation}/requestBody/required)"),
        ),
        (
            ask(&sandbox, Service::Ibm, "DELETE", &format!("{CONFIG}?account_id=a")).body("application/json", "{}"),
            "400 invalid_body: the body: has 2 bytes, and this operation takes no body \
             (rule: unexpected body; spec: ibm-usage-reports.yaml#/paths/~1v1~1billing-reports-snapshot-config/delete)",
        ),
        (
            explorer(&sandbox, &" ".repeat(1024 * 1024 + 1)),
            &format!("413 VALIDATION_ERROR: the body: is longer than the sandbox reads (rule: body length; spec: {operation})"),
        ),
    ])
    .await;
    assert!(sandbox.requests().last().unwrap().body.is_empty());
}

#[tokio::test]
async fn the_media_type_of_the_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let place = "spec: atlas-billing.yaml#/paths/~1api~1atlas~1v2~1orgs~1{orgId}~1billing~1costExplorer~1usage/post/requestBody";
    let body = r#"{"startDate":"2026-10-01","endDate":"2026-11-01"}"#;
    let explorer = |media: &str| atlas(&sandbox, EXPLORER).method("POST").body(media, body);
    let code = "415 UNSUPPORTED_MEDIA_TYPE: header";
    check([
        (
            explorer("application/json"),
            &format!("{code} `Content-Type`: `application/json` is not {V2023} (rule: content type; {place}/content)"),
        ),
        (
            explorer(V2023).without("content-type"),
            &format!("{code} `Content-Type`: is missing; send {V2023} (rule: content type; {place}/content)"),
        ),
        (
            explorer(V2023).header("content-type", "text/plain"),
            &format!("{code} `Content-Type`: `{V2023}, text/plain` is not {V2023} (rule: content type; {place}/content)"),
        ),
        (
            explorer(V2023).header("content-encoding", "gzip"),
            &format!("{code} `Content-Encoding`: `gzip` is not declared (rule: content encoding; {place})"),
        ),
        (
            ibm(&sandbox, CONFIG).method("PATCH").body("text/plain", "{}"),
            "415 unsupported_media_type: header `Content-Type`: `text/plain` is not application/json (rule: content type; \
             spec: ibm-usage-reports.yaml#/paths/~1v1~1billing-reports-snapshot-config/patch/requestBody/content)",
        ),
    ])
    .await;
    assert_eq!(explorer(&format!("{V2023}; charset=UTF-8")).send().await.status, 202);
}

#[tokio::test]
async fn the_fields_of_the_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let query = "spec: atlas-billing.yaml#/components/schemas/CostExplorerFilterRequestBody";
    let with =
        |field: &str| explorer(&sandbox, &format!(r#"{{"startDate":"2026-10-01","endDate":"2026-11-01",{field}}}"#));
    check([
        (
            explorer(&sandbox, "{\"startDate\":"),
            "400 MALFORMED_JSON: the body: is not JSON: EOF while parsing a value at line 1 column 13 (rule: malformed body)",
        ),
        (explorer(&sandbox, "[]"), &format!("400 INVALID_ATTRIBUTE: the body: `[]` is not an object (rule: type; {query}/type)")),
        (explorer(&sandbox, "null"), &format!("400 INVALID_ATTRIBUTE: the body: is null (rule: type; {query}/type)")),
        (
            explorer(&sandbox, r#"{"startDate":"2026-10-01"}"#),
            &format!("400 MISSING_ATTRIBUTE: body field `endDate`: is missing (rule: required; {query}/required)"),
        ),
        (
            with(r#""service":["Clusters"]"#),
            &format!("400 INVALID_JSON_ATTRIBUTE: body field `service`: is not a field of this object (rule: unknown field; {query})"),
        ),
        (
            with(r#""services":null"#),
            &format!("400 INVALID_ATTRIBUTE: body field `services`: is null (rule: type; {query}/properties/services/type)"),
        ),
        (
            with(r#""includePartialMatches":"true""#),
            &format!(
                "400 INVALID_ATTRIBUTE: body field `includePartialMatches`: `\"true\"` is not `true` or `false` \
                 (rule: type; {query}/properties/includePartialMatches/type)"
            ),
        ),
        (
            with(r#""projects":["6ae1ba13e8d28a79023c39c2","x"]"#),
            "400 INVALID_ATTRIBUTE: body field `projects[1]`: `x` does not match ^([a-f0-9]{24})$ \
             (rule: pattern; spec: atlas-billing.yaml#/components/schemas/ProjectId/pattern)",
        ),
        (
            with(r#""groupBy":"service""#),
            "400 INVALID_ENUM_VALUE: body field `groupBy`: `service` is none of organizations, projects, clusters, services \
             (rule: enum; spec: atlas-billing.yaml#/components/schemas/CostExplorerGrouping/enum)",
        ),
        (
            config(&sandbox, &json!({ "account_id": "a", "interval": "hourly", "cos_bucket": "b" })),
            "400 invalid_body: body field `cos_location`: is missing (rule: required; spec: \
             ibm-usage-reports.yaml#/components/schemas/CreateReportsSnapshotConfigRequest/required); \
             invalid_body: body field `interval`: `hourly` is none of daily (rule: enum; spec: \
             ibm-usage-reports.yaml#/components/schemas/SnapshotInterval/enum)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn nested_fields_of_a_search() {
    let sandbox = Sandbox::start().await.unwrap();
    let media = "application/vnd.atlas.2024-08-05+json";
    let target = format!("{INVOICES}/6abda280f4c54977656cf2d1/lineItems:search");
    let search = |body: &str| atlas(&sandbox, &target).accept(media).body(media, body);
    let filters = "spec: atlas-billing.yaml#/components/schemas/UsageDetailsFilterRequest";
    check([
        (
            search(r#"{"filters":{"billStartDate":"10/31/2026"}}"#),
            &format!(
                "400 INVALID_ATTRIBUTE: body field `filters.billStartDate`: `10/31/2026` is not a date of the form yyyy-mm-dd \
                 (rule: format; {filters}/properties/billStartDate/format)"
            ),
        ),
        (
            search(r#"{"filters":{"skuServices":["Clusters","Clusters"]}}"#),
            &format!(
                "400 INVALID_ATTRIBUTE: body field `filters.skuServices[1]`: `Clusters` is in the list already \
                 (rule: uniqueItems; {filters}/properties/skuServices/uniqueItems)"
            ),
        ),
    ])
    .await;
    assert_eq!(search("{}").send().await.status, 200);
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let target = "/api/atlas/v2/orgs/x/billing/costExplorer/usage?envelope=1";
    let reply = atlas(&sandbox, target).method("POST").body(V2023, r#"{"endDate":1,"x":2}"#).send().await;
    let body = reply.json();
    assert_eq!((reply.status, &body["errorCode"]), (400, &json!("INVALID_PATH_PARAMETER")), "the first gives the code");
    assert_eq!(body["reason"], "Bad Request");
    assert_eq!(body["parameters"], json!(["orgId", "envelope", "startDate", "endDate", "x"]));
    assert_eq!(
        body["badRequestDetail"]["fields"],
        json!([
            { "field": "startDate", "description": "is missing" },
            { "field": "endDate", "description": "`1` is not a string" },
            { "field": "x", "description": "is not a field of this object" },
        ])
    );
    assert_eq!(sandbox.requests()[0].refusals.len(), 5);
}

#[tokio::test]
async fn the_order_of_the_checks() {
    let sandbox = Sandbox::start().await.unwrap();
    let wrong =
        |target: &str| ask(&sandbox, Service::Atlas, "POST", target).without("authorization").body("text/plain", "?");
    assert_eq!(wrong("/x?x").send().await.status, 404);
    assert_eq!(wrong(&format!("{ORGS}?x")).send().await.status, 405);
    assert_eq!(wrong(&format!("{EXPLORER}?x")).send().await.status, 401);
    let known = || wrong(&format!("{EXPLORER}?x")).header("authorization", "Bearer t");
    assert_eq!(known().send().await.status, 406);
    assert_eq!(known().accept(V2023).send().await.status, 415);
    assert_eq!(known().accept(V2023).without("content-type").body(V2023, "?").send().await.status, 400);
}

#[tokio::test]
async fn later_version_dates_are_served_with_the_declared_one() {
    let sandbox = Sandbox::start().await.unwrap();
    for date in ["2023-01-01", "2023-02-01", "2024-05-30", "2025-03-12"] {
        let reply = atlas(&sandbox, ORGS).accept(&format!("application/vnd.atlas.{date}+json")).send().await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(V2023)), "{date}");
    }
    for sent in ["application/vnd.atlas.2022-01-01+json", "application/vnd.atlas.2025-03-13+json", "*/*"] {
        let reply = atlas(&sandbox, ORGS).accept(sent).send().await;
        assert!(reply.error().starts_with("406 INVALID_VERSION_DATE: "), "{}", reply.text());
    }
    let skus = atlas(&sandbox, "/api/atlas/v2/skus").accept(V2023).send().await;
    assert_eq!(skus.status, 406, "the operation came later");
    let usage = format!("{ORGS}/6aa7ac7ceee65f53e9421ce5/billing/costExplorer/usage");
    let body = Sandbox::request_example(Service::Atlas, "createCostExplorerProcess").unwrap().to_string();
    let later = "application/vnd.atlas.2024-10-23+json";
    assert_eq!(atlas(&sandbox, &usage).method("POST").accept(later).body(later, body).send().await.status, 202);
}

/// Names and values of requests may have any character and any length.
#[tokio::test]
async fn a_message_is_one_short_line() {
    let sandbox = Sandbox::start().await.unwrap();
    let (odd, long) = ("%0a%1b%5b31m%e2%80%ae%e2%80%a8FAKE", "x".repeat(20_000));
    let field = "\n\u{1b}[31m\u{202e}\u{2028}FAKE";
    let (iam, token) = (sandbox.url(Service::Ibm), "/identity/token");
    for request in [
        atlas(&sandbox, &format!("{ORGS}?{odd}=1")),
        atlas(&sandbox, &format!("{ORGS}?{long}=1")),
        atlas(&sandbox, &format!("{ORGS}?pageNum={odd}")),
        atlas(&sandbox, &format!("{ORGS}/{odd}")),
        ibm(&sandbox, &format!("{INSTANCES}?{odd}={odd}")),
        ibm(&sandbox, &format!("{INSTANCES}?_start={odd}")),
        explorer(&sandbox, &json!({ (field): 1, (long.as_str()): 1, "startDate": field }).to_string()).accept(V2023),
        config(&sandbox, &json!({ (field): field, (long.as_str()): [] })),
        at(iam, token).form(&format!("grant_type={odd}")),
        at(iam, token).form(&format!("grant_type={long}&{odd}=1")),
    ] {
        let before = sandbox.requests().len();
        let reply = request.send().await;
        assert!((400..500).contains(&reply.status), "{}", reply.status);
        let body = reply.json();
        let texts = [&body["detail"], &body["errors"][0]["message"], &body["errorMessage"]];
        let mut texts: Vec<String> = texts.iter().filter_map(|text| text.as_str()).map(str::to_owned).collect();
        texts.extend(sandbox.requests()[before].refusals.clone());
        assert!(texts.len() > 1, "{body}");
        for text in texts {
            let odd = |c: char| c.is_control() || ('\u{2028}'..='\u{2069}').contains(&c);
            assert!(!text.contains(odd) && text.chars().count() < 10_000, "{text:?}");
        }
    }
    let error = format!("reset={field}{long}").parse::<Fault>().unwrap_err().to_string();
    assert!(error.starts_with("`reset=  [31m FAKExx") && error.len() < 1010, "{error}");
    let error = sandbox.inject(Fault::reset(Cut::Body).on(field)).unwrap_err().to_string();
    assert!(error.contains("`  [31m FAKE`"), "{error}");
}
