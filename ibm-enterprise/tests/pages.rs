//! Lists whose pages have a link and no cursor beside it.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on may panic")]

use std::sync::{Arc, Mutex};

use cloud_billing_sandbox::Sandbox;
use ibm_enterprise::types::EnterpriseId;
use ibm_enterprise::{Client, Decimal};
use test_support::server::{Reply, Server, json};

fn client(url: &str) -> Client {
    Client::builder().base_url(url).bearer_token("token").build().unwrap()
}

/// A server that answers with these bodies, and the targets that it was asked for.
async fn server(bodies: &'static [&'static str]) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let server = Server::start(move |request| {
        let mut seen = seen.lock().unwrap();
        seen.push(request.target().to_owned());
        Reply::Send(json(200, bodies[seen.len() - 1]))
    })
    .await;
    (server, asked)
}

#[tokio::test]
async fn the_cursor_is_taken_out_of_the_link_and_the_link_is_not_followed() {
    let (server, asked) = server(&[
        r#"{"next":{"href":"https://elsewhere.example/x?limit=9&offset=a%2Bb%3D"},"reports":[{"entity_id":"1"}]}"#,
        r#"{"next":{"href":""},"reports":[{"entity_id":"2"}]}"#,
    ])
    .await;
    let mut reports = client(&server.url)
        .get_resource_usage_report()
        .enterprise_id(EnterpriseId::new("e"))
        .children(true)
        .limit(1)
        .items();
    let mut ids = Vec::new();
    while let Some(report) = reports.try_next().await.unwrap() {
        ids.extend(report.entity_id);
    }
    assert_eq!(ids, ["1", "2"]);
    let first = "/v1/resource-usage-reports?enterprise_id=e&children=true&limit=1";
    assert_eq!(*asked.lock().unwrap(), [first.to_owned(), format!("{first}&offset=a%2Bb%3D")]);
}

#[tokio::test]
async fn a_link_can_be_a_text_of_the_page_itself() {
    let (server, asked) = server(&[
        r#"{"rows_count":1,"next_url":"/v1/accounts?limit=1&next_docid=a","resources":[{"id":"1"}]}"#,
        r#"{"rows_count":1,"next_url":"/v1/accounts?next_docid=b&limit=1","resources":[{"id":"2"}]}"#,
        r#"{"rows_count":0,"next_url":null,"resources":[]}"#,
    ])
    .await;
    let mut accounts = client(&server.url).list_accounts().limit(1).items();
    let mut ids = Vec::new();
    while let Some(account) = accounts.try_next().await.unwrap() {
        ids.extend(account.id.map(|id| id.to_string()));
    }
    assert_eq!(ids, ["1", "2"]);
    let targets = ["/v1/accounts?limit=1", "/v1/accounts?next_docid=a&limit=1", "/v1/accounts?next_docid=b&limit=1"];
    assert_eq!(*asked.lock().unwrap(), targets);
}

#[tokio::test]
async fn a_list_is_resumed_and_its_report_adds_up() {
    let sandbox = Sandbox::start().await.unwrap();
    let call = client(sandbox.ibm_enterprise_url()).get_resource_usage_report().children(true).limit(1);
    let mut pages = call.clone().pages();
    let first = pages.try_next().await.unwrap().unwrap();
    let report = &first.reports[0];
    assert_eq!(Some(&report.billable_total().sum), report.billable_cost.as_ref());
    assert_eq!(report.non_billable_total().sum, Decimal::ZERO);
    let token = pages.resume_token().unwrap().to_string();
    let mut rest = call.items().resume(token.parse().unwrap()).unwrap();
    assert_eq!(rest.try_next().await.unwrap().unwrap().entity_name.as_deref(), Some("Sandbox"));
    assert!(rest.try_next().await.unwrap().is_none());
}
