//! Every operation answers its example.

use std::io::Read;

use cloud_billing_sandbox::{ABSENT_ID, Sandbox, Service};
use flate2::read::GzDecoder;

use crate::client::{Ask, Reply, ask};
use crate::specs::{Case, cases, cases_of};

fn request(sandbox: &Sandbox, case: &Case, target: &str) -> Ask {
    let request = ask(sandbox, case.service, &case.method, target);
    match &case.body {
        Some((media, body)) => request.body(media, body.to_string()),
        None => request,
    }
}

/// The body as the text that the example makes.
fn unpacked(media: &str, reply: &Reply) -> String {
    if media.ends_with("gzip") {
        let mut text = String::new();
        GzDecoder::new(reply.body.as_slice()).read_to_string(&mut text).unwrap();
        return text;
    }
    reply.text().to_owned()
}

#[tokio::test]
async fn every_operation_answers_its_example_in_every_media_type() {
    let sandbox = Sandbox::start().await.unwrap();
    let (mut answers, mut empty) = (0, 0);
    for case in cases() {
        for (media, example) in &case.content {
            let reply = request(&sandbox, &case, &case.target()).header("accept", media).send().await;
            assert_eq!(reply.status, case.status, "{} {}", case.id, reply.text());
            assert_eq!(reply.header("content-type"), Some(media.as_str()), "{}", case.id);
            // Compared as text, so that no digit of a number can get lost unnoticed.
            let expected = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            assert_eq!(unpacked(media, &reply), expected, "{} as {media}", case.id);
            check_headers(&case, &reply);
            answers += 1;
        }
        if case.content.is_empty() {
            let reply = request(&sandbox, &case, &case.target()).send().await;
            assert_eq!((reply.status, reply.body.len()), (case.status, 0), "{}", case.id);
            assert_eq!(reply.header("content-type"), None);
            check_headers(&case, &reply);
            empty += 1;
        }
    }
    // 16 operations of Atlas, two of them as CSV too, and 13 of IBM, one empty; and what came since.
    assert!(answers >= 30 && empty >= 1, "{answers} {empty}");
    assert_eq!(sandbox.requests().len(), answers + empty);
    assert!(sandbox.requests().iter().all(|request| request.refusals.is_empty() && request.operation.is_some()));
}

fn check_headers(case: &Case, reply: &Reply) {
    for (name, example) in &case.headers {
        assert_eq!(reply.header(name), Some(example.as_str()), "{}", case.id);
    }
    let request_id = match case.service {
        Service::Atlas => "x-request-id",
        Service::Ibm => "x-global-transaction-id",
    };
    assert!(reply.header(request_id).is_some_and(|id| !id.is_empty()), "{}", case.id);
}

#[tokio::test]
async fn every_parameter_takes_its_own_example() {
    let sandbox = Sandbox::start().await.unwrap();
    for case in cases() {
        let media = case.content.first().map_or("*/*", |(media, _)| media);
        let reply = request(&sandbox, &case, &case.full_target()).header("accept", media).send().await;
        assert_eq!(reply.status, case.status, "{} {}", case.id, String::from_utf8_lossy(&reply.body));
    }
}

#[tokio::test]
async fn an_absent_id_finds_the_documented_404() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut documented = 0;
    for case in cases() {
        let media = case.content.first().map_or("*/*", |(media, _)| media);
        for (name, value) in case.path_examples.iter().chain(&case.required) {
            let absent = match name.as_str() {
                "billingmonth" | "month" => continue,
                "token" => "f".repeat(64),
                _ => ABSENT_ID.to_owned(),
            };
            let value = value.replace(':', "%3A");
            let reply =
                request(&sandbox, &case, &case.target().replace(&value, &absent)).header("accept", media).send().await;
            match &case.not_found {
                Some(example) => {
                    assert_eq!((reply.status, &reply.json()), (404, example), "{} {name}", case.id);
                    documented += 1;
                }
                None => assert_eq!(reply.status, case.status, "{} {name}", case.id),
            }
        }
    }
    assert_eq!(documented, 26);
}

#[tokio::test]
async fn examples_can_be_had_without_asking() {
    for case in cases() {
        let json = case.content.iter().find(|(media, _)| media.ends_with("json")).or(case.content.first());
        assert_eq!(Sandbox::example(case.service, &case.id), json.map(|(_, example)| example.clone()), "{}", case.id);
        for (media, example) in &case.content {
            assert_eq!(Sandbox::example_of(case.service, &case.id, media).as_ref(), Some(example), "{}", case.id);
        }
        let body = case.body.as_ref().map(|(_, body)| body.clone());
        assert_eq!(Sandbox::request_example(case.service, &case.id), body, "{}", case.id);
    }
    for service in Service::ALL {
        let ids: Vec<_> = cases_of(service).into_iter().map(|case| case.id).collect();
        assert_eq!(Sandbox::operations(service).collect::<Vec<_>>(), ids);
    }
    assert_eq!(Sandbox::example(Service::Atlas, "get_account_usage"), None);
    assert_eq!(Sandbox::example_of(Service::Atlas, "getInvoice", "text/plain"), None);
}
