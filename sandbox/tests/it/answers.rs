//! Every operation answers its example.

use std::io::Read;

use cloud_billing_sandbox::{ABSENT_ID, Estate, Sandbox, Service};
use flate2::read::GzDecoder;

use crate::client::{Reply, TestRequest, ask};
use crate::specs::{Case, cases, cases_of};

fn request(sandbox: &Sandbox, case: &Case, target: &str) -> TestRequest {
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
        Service::Ibm | Service::IbmEnterprise => "x-global-transaction-id",
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

/// An identifier of the form of a parameter, and no record has it.
fn absent(parameter: &str) -> String {
    if parameter == "token" { "f".repeat(64) } else { ABSENT_ID.to_owned() }
}

/// Atlas's error code for a record that does not exist, by the parameter that names it.
fn atlas_code(parameter: &str) -> &'static str {
    match parameter {
        "orgId" => "ORG_NOT_FOUND",
        "invoiceId" => "INVOICE_NOT_FOUND",
        _ => "RESOURCE_NOT_FOUND",
    }
}

#[tokio::test]
async fn an_absent_id_finds_the_documented_404() {
    let sandbox = Sandbox::start().await.unwrap();
    for case in cases() {
        let media = case.content.first().map_or("*/*", |(media, _)| media);
        for (name, value) in case.path_examples.iter().chain(&case.required) {
            if ["billingmonth", "month"].contains(&name.as_str()) {
                continue;
            }
            let value = value.replace(':', "%3A");
            let target = case.target().replace(&value, &absent(name));
            let reply = request(&sandbox, &case, &target).header("accept", media).send().await;
            match (&case.not_found, case.service) {
                (None, _) => assert_eq!(reply.status, case.status, "{} {name}", case.id),
                (Some(example), Service::Ibm | Service::IbmEnterprise) => {
                    assert_eq!((reply.status, &reply.json()), (404, example), "{}", case.id);
                }
                (Some(_), Service::Atlas) => {
                    assert!(
                        reply.error().starts_with(&format!("404 {}: ", atlas_code(name))),
                        "{}: {}",
                        case.id,
                        reply.error()
                    );
                }
            }
        }
    }
}

/// Operations whose answer is an example, because the estate has no records for them, are held to the same.
#[tokio::test]
async fn what_an_estate_does_not_have_is_named_by_its_kind() {
    let sandbox = Sandbox::builder().estate(Estate::new().line_items(5)).start().await.unwrap();
    let known = sandbox.environment();
    let known =
        |variable: &str| known.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.clone()).unwrap();
    let ids = [("orgId", known("MONGODB_ATLAS_ORG_ID")), ("invoiceId", known("MONGODB_ATLAS_INVOICE_ID"))];
    for case in cases_of(Service::Atlas) {
        let media = case.content.first().map_or("*/*", |(media, _)| media);
        for (missing, _) in &case.path_examples {
            let mut target = case.target();
            for (name, example) in &case.path_examples {
                let id = ids.iter().find(|(known, _)| known == name && name != missing);
                target = target.replace(example, &id.map_or_else(|| absent(name), |(_, id)| id.clone()));
            }
            let reply = request(&sandbox, &case, &target).header("accept", media).send().await;
            assert!(
                reply.error().starts_with(&format!("404 {}: ", atlas_code(missing))),
                "{target}: {}",
                reply.error()
            );
        }
    }
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
