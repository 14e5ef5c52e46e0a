//! Lists, page by page.

use cloud_billing_sandbox::{Sandbox, Service};
use serde_json::{Value, json};

use crate::client::{atlas, ibm};

const V2025: &str = "application/vnd.atlas.2025-03-12+json";
const SKUS: &str = "/api/atlas/v2/skus";
const INSTANCES: &str = "/v4/accounts/4f6e0c1b9a7d42e38b5c2d71f0a9e864/resource_instances/usage/2023-05";

fn link<'b>(body: &'b Value, rel: &str) -> Option<&'b str> {
    body["links"].as_array()?.iter().find(|link| link["rel"] == rel)?["href"].as_str()
}

async fn skus(sandbox: &Sandbox, query: &str) -> Value {
    let reply = atlas(sandbox, &format!("{SKUS}?{query}")).accept(V2025).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[tokio::test]
async fn numbered_pages_follow_their_links_to_the_end() {
    let sandbox = Sandbox::start().await.unwrap();
    let example = Sandbox::example(Service::Atlas, "listSkus").unwrap();
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut next = Some("itemsPerPage=5".to_owned());
    while let Some(query) = next {
        let body = skus(&sandbox, &query).await;
        pages += 1;
        seen.extend(body["results"].as_array().unwrap().clone());
        assert_eq!(body["totalCount"], 12);
        assert_eq!(
            link(&body, "self").unwrap(),
            format!("{}{SKUS}?pageNum={pages}&itemsPerPage=5", sandbox.atlas_url())
        );
        assert_eq!(link(&body, "previous").is_some(), pages > 1);
        next = link(&body, "next").map(|href| href.split_once('?').unwrap().1.to_owned());
    }
    assert_eq!((pages, Value::from(seen)), (3, example["results"].clone()));
}

#[tokio::test]
async fn numbered_pages_at_their_limits() {
    let sandbox = Sandbox::start().await.unwrap();
    let whole = skus(&sandbox, "itemsPerPage=12").await;
    assert_eq!((whole["results"].as_array().unwrap().len(), link(&whole, "next")), (12, None));
    let beyond = skus(&sandbox, "pageNum=2&itemsPerPage=12").await;
    assert_eq!((&beyond["results"], link(&beyond, "next")), (&json!([]), None));
    assert!(link(&beyond, "previous").unwrap().contains("pageNum=1&"));
    let far = skus(&sandbox, "pageNum=2147483647&itemsPerPage=500").await;
    assert_eq!(far["results"], json!([]));
    let last = skus(&sandbox, "pretty=false&itemsPerPage=1&pageNum=12&includeCount=false").await;
    assert_eq!(last["results"].as_array().unwrap().len(), 1);
    assert_eq!(last.get("totalCount"), None);
    assert!(
        link(&last, "previous").unwrap().ends_with("/skus?pretty=false&includeCount=false&pageNum=11&itemsPerPage=1")
    );
}

#[tokio::test]
async fn a_list_that_is_one_page_stays_as_it_is() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = skus(&sandbox, "pretty=true").await;
    assert_eq!(Some(body), Sandbox::example(Service::Atlas, "listSkus"));
}

#[tokio::test]
async fn a_search_pages_with_its_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let media = "application/vnd.atlas.2024-08-05+json";
    let target = "/api/atlas/v2/orgs/6aa7ac7ceee65f53e9421ce5/invoices/6abda280f4c54977656cf2d1/lineItems:search";
    let reply =
        atlas(&sandbox, &format!("{target}?itemsPerPage=2&pageNum=2")).accept(media).body(media, "{}").send().await;
    let example = Sandbox::example(Service::Atlas, "searchInvoiceLineItems").unwrap();
    assert_eq!(reply.json()["results"], json!([example["results"][2]]));
}

fn instance_ids(body: &Value) -> Vec<String> {
    let resources = body["resources"].as_array().unwrap().iter();
    resources.map(|resource| resource["resource_instance_id"].as_str().unwrap().to_owned()).collect()
}

async fn instances(sandbox: &Sandbox, query: &str) -> Value {
    let reply = ibm(sandbox, &format!("{INSTANCES}?{query}")).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

#[tokio::test]
async fn cursors_lead_to_the_end_by_link_and_by_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let example = Sandbox::example(Service::Ibm, "get_resource_usage_account").unwrap();
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut next = Some("_names=true&_limit=5".to_owned());
    while let Some(query) = next {
        let body = instances(&sandbox, &query).await;
        pages += 1;
        seen.extend(instance_ids(&body));
        assert_eq!((&body["count"], &body["limit"]), (&json!(12), &json!(5)));
        assert_eq!(body["first"]["href"], format!("{INSTANCES}?_names=true&_limit=5"));
        let token = body["next"]["offset"].as_str();
        next = token.map(|token| {
            assert!((395..=700).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert_eq!(body["next"]["href"], format!("{INSTANCES}?_names=true&_limit=5&_start={token}"));
            format!("_limit=5&_start={token}&_names=true")
        });
        assert_eq!(body.get("next").is_some(), pages < 3, "the last page has no `next` at all");
    }
    assert_eq!((pages, seen), (3, instance_ids(&example)));
}

#[tokio::test]
async fn the_page_size_may_change_on_the_way() {
    let sandbox = Sandbox::start().await.unwrap();
    let first = instances(&sandbox, "_limit=5").await;
    let rest = instances(&sandbox, &format!("_start={}", first["next"]["offset"].as_str().unwrap())).await;
    assert_eq!((rest["resources"].as_array().unwrap().len(), rest.get("next")), (7, None));
}

#[tokio::test]
async fn a_token_of_another_list_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let first = instances(&sandbox, "_limit=5").await;
    let token = first["next"]["offset"].as_str().unwrap();
    for query in [format!("_start={token}&_names=true"), "_start=x".to_owned(), "_start=".to_owned()] {
        let reply = ibm(&sandbox, &format!("{INSTANCES}?{query}")).send().await;
        assert_eq!(
            reply.error(),
            "400 invalid_parameter: query parameter `_start`: is no token that this list handed out under these filters \
             (rule: page token; spec: ibm-usage-reports.yaml#/paths/~1v4~1accounts~1{account_id}~1resource_instances\
             ~1usage~1{billingmonth}/get/x-sdk-pagination/token)"
        );
    }
}

#[tokio::test]
async fn snapshots_page_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let target = "/v1/billing-reports-snapshots?account_id=a&month=2023-05&_limit=2";
    let first = ibm(&sandbox, target).send().await.json();
    let token = first["next"]["offset"].as_str().unwrap();
    let last = ibm(&sandbox, &format!("{target}&_start={token}")).send().await.json();
    assert_eq!((last["snapshots"].as_array().unwrap().len(), last.get("next")), (1, None));
    assert_eq!(last.get("limit"), None, "the example has none");
}
