//! Clients, lists and bodies that outlive the tokio runtime they began in. What is in flight ends with an error, and
//! everything else goes on in the next runtime.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::ErrorKind;
use ibm_usage_reports::auth::ApiKey;
use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client};
use tokio::runtime::{Builder, Runtime};

use crate::figures::{self, Figure};
use test_support::server::{Reply, Server, head, json};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A runtime that is driven by a thread of its own, for servers.
fn serving() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn month() -> BillingMonth {
    "2026-05".parse().unwrap()
}

/// A body is no short success if the runtime that reads its connection ends.
#[test]
pub(crate) fn a_body_whose_runtime_ends_is_an_error() {
    let head = |framing: &str| format!("HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n{framing}").into_bytes();
    let half = "a,b\n1,2\n";
    let framings = [
        [head("content-length: 100\r\n\r\n"), half.into()].concat(),
        [head("transfer-encoding: chunked\r\n\r\n8\r\n"), half.into(), b"\r\n".to_vec()].concat(),
        [head("\r\n"), half.into()].concat(),
    ];
    for bytes in framings {
        let serving = serving();
        let server = serving.block_on(Server::start(move |_| Reply::Hang(bytes.clone())));
        let builder = atlas_billing::Client::builder().base_url(&server.url).bearer_token("hush-token");
        let client = builder.build().unwrap();
        let first = runtime();
        let mut body = first.block_on(async {
            let mut body = client
                .get_invoice_csv(
                    OrganizationId::new("4888442a3354817a7320eb61"),
                    InvoiceId::new("5f3c1a2b9d8e7f6a5b4c3d2e"),
                )
                .send()
                .await;
            assert_eq!(body.as_mut().unwrap().next().await.unwrap().unwrap(), half);
            body.unwrap()
        });
        drop(first);
        let rest = runtime().block_on(async { body.next().await });
        assert_eq!(rest.unwrap().unwrap_err().kind(), ErrorKind::Transport);
        figures::add(Figure::Hostile, 1);
    }
}

/// A list, its client and their token go on in another runtime, and can be dropped without any.
#[test]
pub(crate) fn a_list_outlives_its_runtime() {
    let serving = serving();
    let server = serving.block_on(Server::start(|request| match request.target().split_once("_start=") {
        _ if request.target() == "/identity/token" => {
            Reply::Send(json(200, r#"{"access_token":"hush","expires_in":3600}"#))
        }
        page => {
            let next = page.map_or(1, |(_, number)| number.parse::<usize>().unwrap() + 1);
            Reply::Send(json(200, &format!(r#"{{"resources":[{{}}],"next":{{"offset":"{next}"}}}}"#)))
        }
    }));
    let builder = Client::builder().base_url(&server.url).credential(ApiKey::new("hush").url(&server.url));
    let client = builder.build().unwrap();
    let list = || client.get_resource_usage_account(AccountId::new("a"), month()).items();
    let mut items = list();
    for _ in 0..5 {
        runtime().block_on(async {
            // The page that was in flight went with its runtime; the list is resumed behind the last record.
            if let Some(Err(error)) = items.next().await {
                assert!(error.is_retryable(), "{error:?}");
                items = list().resume(items.resume_token().unwrap()).unwrap();
            }
            assert!(items.next().await.unwrap().is_ok());
        });
    }
    let tokens = server.received().iter().filter(|request| request.target() == "/identity/token").count();
    assert_eq!(tokens, 1);
    drop(items);
    drop(client);
    figures::add(Figure::Hostile, 5);
}

/// A call that is begun without a runtime leaves nothing behind that the next one would wait for.
#[test]
pub(crate) fn a_call_without_a_runtime_harms_no_other() {
    let serving = serving();
    let server = serving.block_on(Server::start(|request| match request.target() {
        "/identity/token" => Reply::Send(json(200, r#"{"access_token":"hush","expires_in":3600}"#)),
        _ => Reply::Send(json(200, "{}")),
    }));
    let builder = Client::builder().base_url(&server.url).credential(ApiKey::new("hush").url(&server.url));
    let client = builder.build().unwrap();
    let without = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut call = pin!(client.get_account_usage(AccountId::new("a"), month()).send());
        matches!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_)))
    }));
    // tokio itself panics where its clock is asked for.
    assert!(!without.unwrap_or(false));
    runtime().block_on(client.get_account_usage(AccountId::new("a"), month()).send()).unwrap();
    figures::add(Figure::Hostile, 1);
}

/// The connections of a response belong to its runtime, so that a server that answers later reaches nobody.
#[test]
fn an_answer_after_the_end_of_the_runtime_is_nobodys() {
    let serving = serving();
    let server = serving.block_on(Server::start(|_| Reply::Hang(head(200, &[], Some(2)))));
    let client = Client::builder().base_url(&server.url).bearer_token("hush").build().unwrap();
    let first = runtime();
    first.block_on(async {
        let mut call = pin!(client.get_account_usage(AccountId::new("a"), month()).send());
        while server.requests() == 0 {
            assert!(std::future::poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_pending())).await);
            tokio::task::yield_now().await;
        }
    });
    drop(first);
    while serving.block_on(async { server.open() }) > 0 {
        std::thread::yield_now();
    }
}
