//! Cost Explorer: every form of "not ready yet", and the failures that end the wait.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on may panic")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use atlas_billing::cost_explorer::{CostExplorerQuery, NewCostExplorerQuery};
use atlas_billing::types::{CostExplorerFilterRequestBody, CostExplorerToken, OrganizationId};
use atlas_billing::{Date, Error, ErrorKind};
use cloud_billing_core::RetryPolicy;
use support::{Event, Reply, Server, answer, json};

const ORG: &str = "4888442a3354817a7320eb61";
const TOKEN: &str = "4ABBE973862346D40F3AE859D4BE96E0F895764EB14EAB039E7B82F9D638C05C";
const RESULT: &str = r#"{"usageDetails":[{"service":"Clusters","usageAmount":51.19,"usageDate":"2026-01-01"}]}"#;
const CSV: &str = "Organization ID,Usage Amount\r\n4888442a3354817a7320eb61,51.19\r\n";

/// The headers of the interim response.
const INTERIM: &str = "HTTP/1.1 102 Processing\r\n\r\n";

const MILLISECOND: Duration = Duration::from_millis(1);

/// The wait for a response that never comes.
const SHORT: Duration = Duration::from_millis(300);

fn result() -> Reply {
    json("200 OK", RESULT)
}

fn csv() -> Reply {
    answer("200 OK", "text/csv", CSV)
}

fn interim() -> String {
    INTERIM.to_owned()
}

/// A resumed query with short waits.
fn query(server: &Server) -> CostExplorerQuery {
    CostExplorerQuery::resume(&server.client(), OrganizationId::new(ORG), CostExplorerToken::new(TOKEN))
        .first_wait(MILLISECOND)
        .max_wait(MILLISECOND)
}

/// A query that was not started.
fn new_query(server: &Server) -> NewCostExplorerQuery {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let filter = CostExplorerFilterRequestBody::new(day("2026-01-01"), day("2026-02-01"));
    server.client().cost_explorer(OrganizationId::new(ORG), filter).first_wait(MILLISECOND).max_wait(MILLISECOND)
}

/// A form of "not ready yet", sent twice, is followed by the result, as JSON and as CSV. A single poll returns no error
/// for it.
async fn is_not_ready(form: Reply) {
    let query = |server: &Server| match form {
        Reply::Hang(_) => query(server).poll_timeout(SHORT),
        Reply::Send(_) | Reply::Close(_) => query(server),
    };
    let mut server = Server::start([form.clone(), form.clone(), result()]);
    let usage = query(&server).wait().await.unwrap().usage_details;
    assert_eq!(usage[0].usage_amount.as_ref().unwrap().to_string(), "51.19");
    // There are more requests only if the machine is slow.
    assert!(server.requests().len() >= 3);

    let server = Server::start([form.clone(), form.clone(), csv()]);
    assert_eq!(query(&server).wait_csv().await.unwrap().text().await.unwrap(), CSV);

    let server = Server::start([form.clone()]);
    assert_eq!(query(&server).poll_once().await.unwrap(), None);
    assert!(query(&server).poll_once_csv().await.unwrap().is_none());
}

/// The error and the number of polls of a wait that fails.
async fn failure(script: impl IntoIterator<Item = Reply>) -> (Error, usize) {
    let mut server = Server::start(script);
    let error = query(&server).wait().await.unwrap_err();
    (error, server.requests().len())
}

#[tokio::test]
async fn an_interim_answer_and_the_connection_closed() {
    is_not_ready(Reply::Close(interim())).await;
}

#[tokio::test]
async fn an_interim_answer_and_the_connection_held() {
    is_not_ready(Reply::Hang(interim())).await;
}

#[tokio::test]
async fn an_interim_answer_with_a_length_and_the_connection_held() {
    is_not_ready(Reply::Hang("HTTP/1.1 102 Processing\r\ncontent-length: 0\r\n\r\n".to_owned())).await;
}

#[tokio::test]
async fn an_interim_answer_with_a_body() {
    is_not_ready(Reply::Close(
        "HTTP/1.1 102 Processing\r\ncontent-type: application/json\r\n\r\n{\"status\":102}\r\n".to_owned(),
    ))
    .await;
}

#[tokio::test]
async fn the_connection_held_without_a_byte() {
    is_not_ready(Reply::Hang(String::new())).await;
}

#[tokio::test]
async fn the_connection_closed_without_a_byte() {
    is_not_ready(Reply::Close(String::new())).await;
}

#[tokio::test]
async fn status_202() {
    is_not_ready(json("202 Accepted", "{}")).await;
    is_not_ready(answer("202 Accepted", "text/html", "<p>Wait.</p>")).await;
    is_not_ready(json("202 Accepted", "")).await;
}

#[tokio::test]
async fn status_204() {
    is_not_ready(Reply::Send("HTTP/1.1 204 No Content\r\n\r\n".to_owned())).await;
}

#[tokio::test]
async fn status_200_without_a_body() {
    is_not_ready(json("200 OK", "")).await;
}

#[tokio::test]
async fn status_200_without_a_body_of_unknown_length() {
    is_not_ready(Reply::Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_owned())).await;
    is_not_ready(Reply::Close("HTTP/1.1 200 OK\r\n\r\n".to_owned())).await;
}

#[tokio::test]
async fn an_enveloped_status() {
    for pending in [
        r#"{"status":102}"#,
        r#"{"status":102,"content":{}}"#,
        r#"{"status":202}"#,
        r#"{"status":202,"content":{}}"#,
        r#"{"status":204}"#,
        r#"{"status":200,"content":null}"#,
    ] {
        let finished = format!(r#"{{"status":200,"content":{RESULT}}}"#);
        let mut server = Server::start([json("200 OK", pending), json("200 OK", &finished)]);
        assert_eq!(query(&server).envelope(true).wait().await.unwrap().usage_details.len(), 1);
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert!(requests[0].0.contains("?envelope=true "), "{}", requests[0].0);
    }
}

#[tokio::test]
async fn an_interim_answer_and_the_result() {
    let Reply::Send(result) = result() else { panic!() };
    let mut server = Server::start([Reply::Send(format!("{INTERIM}{INTERIM}{result}"))]);
    assert_eq!(query(&server).wait().await.unwrap().usage_details.len(), 1);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_empty_result_is_one_unless_the_caller_says_otherwise() {
    let script = || [json("200 OK", "{}"), json("200 OK", "{\"usageDetails\":[]}")];
    let mut server = Server::start(script());
    assert!(query(&server).wait().await.unwrap().usage_details.is_empty());
    assert_eq!(server.requests().len(), 1);

    let mut server = Server::start(script());
    assert!(query(&server).treat_empty_as_pending(true).wait().await.unwrap().usage_details.is_empty());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn the_deadline_and_the_last_fault() {
    let mut server = Server::start([Reply::Close(interim())]);
    let error = query(&server).deadline(SHORT).wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains(TOKEN), "{error}");
    let fault = error.source().unwrap();
    assert!(fault.to_string().starts_with("getCostExplorerUsage: connection failed"), "{fault}");
    assert!(!server.requests().is_empty());
}

#[tokio::test]
async fn the_service_says_when_to_ask_again() {
    // A wait that would end after the deadline is not started, so there is no second poll.
    let answer = |status: &str, body: &str| {
        let length = body.len();
        Reply::Send(format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nretry-after: 60\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    };
    for reply in [answer("200 OK", ""), answer("202 Accepted", "{}")] {
        let mut server = Server::start([reply.clone(), result()]);
        let error = query(&server).deadline(Duration::from_secs(30)).wait().await.unwrap_err();
        assert!(error.is_timeout() && error.source().is_some(), "{error}");
        assert_eq!(server.requests().len(), 1);
        let mut server = Server::start([reply, csv()]);
        assert!(query(&server).deadline(Duration::from_secs(30)).wait_csv().await.unwrap_err().is_timeout());
        assert_eq!(server.requests().len(), 1);
    }
    let mut server = Server::start([answer("200 OK", "{}"), result()]);
    let query = query(&server).deadline(Duration::from_secs(30)).treat_empty_as_pending(true);
    assert!(query.wait().await.unwrap_err().is_timeout());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_deadline_cuts_off_a_poll() {
    let mut server = Server::start([Reply::Hang(interim())]);
    let error = query(&server).poll_timeout(Duration::MAX).deadline(SHORT).wait().await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains(TOKEN), "{error}");
    assert!(matches!(server.event().await, Event::Request { .. }));
    assert_eq!(server.event().await, Event::GivenUp);
}

#[tokio::test]
async fn refusals_end_the_wait_at_once() {
    for (status, code) in [("400 X", 400), ("401 X", 401), ("403 X", 403), ("404 X", 404), ("501 X", 501)] {
        let (error, requests) = failure([Reply::Close(interim()), json(status, r#"{"errorCode":"NO"}"#)]).await;
        assert_eq!((error.status(), error.code(), requests), (Some(code), Some("NO"), 2), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_result_ends_the_wait_at_once() {
    let (error, requests) = failure([answer("200 OK", "text/html", "<p>Log in.</p>")]).await;
    assert_eq!((error.kind(), requests), (ErrorKind::Decode, 1));
}

#[tokio::test]
async fn the_service_may_fail_for_a_while() {
    let broken = || json("500 X", "{}");
    let mut server = Server::start([broken(), broken(), broken(), broken(), result()]);
    assert_eq!(query(&server).wait().await.unwrap().usage_details.len(), 1);
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn the_service_may_not_fail_for_ever() {
    let (error, requests) = failure([json("500 X", "{}")]).await;
    assert_eq!((error.status(), error.attempts(), requests), (Some(500), 5, 5));
}

#[tokio::test]
async fn the_retry_policy_says_how_often_it_may_fail() {
    let mut server = Server::start([json("500 X", "{}")]);
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    let error = CostExplorerQuery::resume(&client, OrganizationId::new(ORG), CostExplorerToken::new(TOKEN))
        .wait()
        .await
        .unwrap_err();
    assert_eq!((error.status(), server.requests().len()), (Some(500), 1));
}

#[tokio::test]
async fn a_result_that_breaks_off_is_a_failure_and_no_sign() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
    let (error, requests) = failure([Reply::Close(format!("{head}{{\"usage"))]).await;
    assert_eq!((error.kind(), error.status(), requests), (ErrorKind::Transport, Some(200), 5));
}

#[tokio::test]
async fn a_result_that_is_too_slow_is_a_failure_and_no_sign() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let server = Server::start([Reply::Hang(head.to_owned())]);
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    let error = CostExplorerQuery::resume(&client, OrganizationId::new(ORG), CostExplorerToken::new(TOKEN))
        .poll_timeout(SHORT)
        .wait()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, Some(200)), "{error}");
}

#[tokio::test]
async fn no_connection_is_a_failure_and_no_sign() {
    // A free port that nothing listens on.
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let client = atlas_billing::Client::builder().base_url(url).no_credential().build().unwrap();
    let query = CostExplorerQuery::resume(&client, OrganizationId::new(ORG), CostExplorerToken::new(TOKEN))
        .first_wait(MILLISECOND)
        .max_wait(MILLISECOND);
    assert_eq!(query.wait().await.unwrap_err().kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn from_the_question_to_the_answer() {
    let token = format!(r#"{{"token":"{TOKEN}"}}"#);
    let mut server = Server::start([json("202 Accepted", &token), Reply::Close(interim()), result()]);
    assert_eq!(new_query(&server).run().await.unwrap().usage_details.len(), 1);
    let requests = server.requests();
    assert_eq!(requests[0].1, r#"{"endDate":"2026-02-01","startDate":"2026-01-01"}"#);
    for (head, _) in &requests[1..] {
        assert!(head.contains(&format!("/usage/{} http/1.1", TOKEN.to_lowercase())), "{head}");
        assert!(head.contains("accept: application/vnd.atlas.2023-01-01+json"), "{head}");
    }

    let server = Server::start([json("202 Accepted", &token), json("202 Accepted", ""), csv()]);
    assert_eq!(new_query(&server).run_csv().await.unwrap().text().await.unwrap(), CSV);
}

#[tokio::test]
async fn the_deadline_covers_the_question() {
    let server = Server::start([Reply::Hang(String::new())]);
    let error = new_query(&server).deadline(SHORT).run().await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("was not started"), "{error}");
}

#[tokio::test]
async fn a_missing_token_is_an_error() {
    for body in ["{}", r#"{"token":null}"#, r#"{"token":""}"#] {
        let server = Server::start([json("202 Accepted", body)]);
        let error = new_query(&server).start().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "createCostExplorerProcess: unexpected response: the response has no token for the result \
             (status 202, request id req-1)"
        );
    }
}

#[tokio::test]
async fn a_query_is_resumed_by_its_token() {
    let token = format!(r#"{{"token":"{TOKEN}"}}"#);
    let server = Server::start([json("202 Accepted", &token), Reply::Close(interim()), result()]);
    let query = new_query(&server).start().await.unwrap();
    assert_eq!(query.token().as_str(), TOKEN);
    assert_eq!(query.poll_once().await.unwrap(), None);
    let resumed = CostExplorerQuery::resume(&server.client(), OrganizationId::new(ORG), query.token());
    assert!(resumed.poll_once().await.unwrap().is_some());
}

#[tokio::test]
async fn a_wait_that_is_dropped_ends() {
    let mut server = Server::start([Reply::Hang(interim()), result()]);
    let query = query(&server).poll_timeout(Duration::MAX);
    tokio::select! {
        _ = query.wait() => panic!("there is no result yet"),
        event = server.event() => assert!(matches!(event, Event::Request { .. })),
    }
    assert_eq!(server.event().await, Event::GivenUp);
    assert!(server.requests().is_empty());
    assert!(query.wait().await.is_ok(), "and can be waited for again");
}

#[tokio::test]
async fn it_can_be_waited_for_in_a_task() {
    let server = Server::start([result()]);
    let query = query(&server);
    assert!(tokio::spawn(async move { query.wait().await }).await.unwrap().is_ok());
}
