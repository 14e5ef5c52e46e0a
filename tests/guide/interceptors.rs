// tests/interceptors.rs
use std::sync::Mutex;
use std::time::Duration;

use atlas_billing::intercept::{Call, Interceptor, Outcome};
use atlas_billing::types::OrganizationId;
use atlas_billing::{Client, Error, ErrorKind, RetryPolicy};
use cloud_billing_sandbox::Sandbox;

/// Sends the same id with each attempt of a call, and another one with each call.
struct CorrelationId;

impl Interceptor for CorrelationId {
    fn before_call(&self, call: &mut Call<'_>) -> Result<(), Error> {
        let id = format!("{}-{:?}", std::process::id(), std::time::Instant::now());
        call.set_header("x-correlation-id", &id)
    }
}

/// Notes who was asked for what, and what came of it.
#[derive(Default)]
struct AuditLog {
    lines: Mutex<Vec<String>>,
}

impl Interceptor for AuditLog {
    fn after_call(&self, call: &mut Call<'_>, outcome: &Outcome<'_>) {
        let result = outcome.error_type().unwrap_or("ok".into());
        let line = format!("{} {} {result} {} attempts", call.operation().id(), call.path(), call.attempts());
        self.lines.lock().unwrap().push(line);
    }
}

/// Lets the first attempt of each call fail, as if the service had answered so.
struct Unavailable;

impl Interceptor for Unavailable {
    fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
        if call.attempts() == 1 {
            return Err(Error::new(ErrorKind::Api, "injected").with_status(503));
        }
        Ok(())
    }
}

#[tokio::test]
async fn calls_survive_a_service_that_is_unavailable() {
    let sandbox = Sandbox::start().await.unwrap();
    let log = std::sync::Arc::new(AuditLog::default());
    let atlas = Client::builder()
        .base_url(sandbox.atlas_url())
        .bearer_token("token")
        .retry(RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO))
        .interceptor(CorrelationId)
        .interceptor(log.clone())
        .interceptor(Unavailable)
        .build()
        .unwrap();
    atlas.list_invoice_pending(OrganizationId::new("4888442a3354817a7320eb61")).await.unwrap();
    let line = "listInvoicePending /api/atlas/v2/orgs/4888442a3354817a7320eb61/invoices/pending ok 2 attempts";
    assert_eq!(*log.lines.lock().unwrap(), [line]);
}
