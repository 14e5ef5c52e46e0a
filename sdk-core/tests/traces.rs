//! What the traces say, and what they do not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sdk_core::Request;
use support::{GET, Server, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes everything down that spans and events are told.
#[derive(Clone, Default)]
struct Recorder {
    text: Arc<Mutex<String>>,
    next: Arc<AtomicU64>,
}

impl Visit for &Recorder {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.text.lock().unwrap(), "{}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut &*self);
        Id::from_u64(self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut &*self);
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_is_traced_without_its_query_and_credential() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let server = Server::start([json(404, r#"{"detail": "hush-detail"}"#), json(200, r#"["hush-body"]"#)]).await;
    for _ in 0..2 {
        let mut request = Request::new(&GET);
        request.path("id", "7").query("token", "hush-query");
        server.core().json::<Vec<i64>>(request).await.unwrap_err();
    }

    let text = recorder.text.lock().unwrap().clone();
    for line in [
        "service=\"test-billing\"",
        "operation=\"getInvoice\"",
        "method=\"GET\"",
        "status=404",
        "request_id=\"req-1\"",
        "error=refused by the service",
        "status=200",
        "error=unexpected response",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert!(!text.contains("hush"), "{text}");
}
