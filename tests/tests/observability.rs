//! What a program sees of the clients in OpenTelemetry.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::time::Duration;

use atlas_billing::intercept::{Metrics, OpenTelemetryMetrics};
use atlas_billing::types::{InvoiceId, OrganizationId};
use atlas_billing::{Client, RetryPolicy};
use cloud_billing_sandbox::{Cut, Fault, Sandbox};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ScopeMetrics};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::layer::SubscriberExt;
use workspace_tests::read;

const ORGANIZATION: &str = "4888442a3354817a7320eb61";

/// Runs a program and returns the spans that are exported.
async fn spans<F: Future<Output = ()>>(program: F) -> Vec<SpanData> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    program.await;
    drop(guard);
    let spans = exporter.get_finished_spans().unwrap();
    spans.into_iter().filter(|span| field(span, "target").as_deref() == Some("cloud_billing_core")).collect()
}

fn field(span: &SpanData, name: &str) -> Option<String> {
    span.attributes.iter().find(|pair| pair.key.as_str() == name).map(|pair| pair.value.to_string())
}

fn client(sandbox: &Sandbox) -> Client {
    let quick = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
    Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").retry(quick).build().unwrap()
}

/// The spans of a call whose first attempt is answered 503, and of one that fails for good.
async fn bad_night() -> Vec<SpanData> {
    let sandbox = Sandbox::builder()
        .fault(Fault::status(503).on("listInvoicePending").nth(1))
        .fault(Fault::status(404).on("getInvoice").always())
        .start();
    let sandbox = sandbox.await.unwrap();
    let atlas = client(&sandbox);
    spans(async {
        atlas.list_invoice_pending(OrganizationId::new(ORGANIZATION)).send().await.unwrap();
        atlas
            .get_invoice(OrganizationId::new(ORGANIZATION), InvoiceId::new("66c5f9c9c9c9c9c9c9c9c9c9"))
            .send()
            .await
            .unwrap_err();
    })
    .await
}

#[tokio::test]
async fn a_call_has_a_span_and_each_attempt_one_within_it() {
    let spans = bad_night().await;
    let call = spans.iter().find(|span| span.name == "listInvoicePending").unwrap();
    assert_eq!((&call.span_kind, &call.status), (&SpanKind::Internal, &Status::Unset));
    let attempts: Vec<_> = spans.iter().filter(|span| span.parent_span_id == call.span_context.span_id()).collect();
    assert_eq!(attempts.len(), 2, "{spans:#?}");
    for (attempt, (status, failed, resend_count)) in
        attempts.iter().zip([("503", true, None), ("200", false, Some("1"))])
    {
        assert_eq!(attempt.span_kind, SpanKind::Client);
        assert_eq!(attempt.name, "GET /api/atlas/v2/orgs/{orgId}/invoices/pending");
        assert_eq!(attempt.status, if failed { Status::error("") } else { Status::Unset });
        assert_eq!(field(attempt, "error.type"), failed.then(|| "503".to_owned()));
        assert_eq!(field(attempt, "http.response.status_code").as_deref(), Some(status));
        assert_eq!(field(attempt, "http.request.resend_count").as_deref(), resend_count);
        assert_eq!(field(attempt, "server.address").as_deref(), Some("127.0.0.1"));
        assert!(field(attempt, "server.port").is_some());
        let template = field(attempt, "url.template");
        assert_eq!(template.as_deref(), Some("/api/atlas/v2/orgs/{orgId}/invoices/pending"));
    }
}

#[tokio::test]
async fn a_call_that_fails_has_the_status_error() {
    let spans = bad_night().await;
    let call = spans.iter().find(|span| span.name == "getInvoice").unwrap();
    assert_eq!(call.status, Status::error(""));
    assert_eq!(field(call, "error.type").as_deref(), Some("404"));
}

/// A body that breaks off fails its attempt, although its head was a success.
#[tokio::test]
async fn a_body_that_breaks_off_fails_its_attempt() {
    let sandbox =
        Sandbox::builder().fault(Fault::close(Cut::Body).on("listInvoicePending").nth(1)).start().await.unwrap();
    let atlas = client(&sandbox);
    let spans = spans(async {
        atlas.list_invoice_pending(OrganizationId::new(ORGANIZATION)).send().await.unwrap();
    })
    .await;
    let failed: Vec<_> = spans.iter().filter(|span| span.status == Status::error("")).collect();
    assert_eq!(failed.len(), 1, "{spans:#?}");
    assert_eq!(failed[0].span_kind, SpanKind::Client);
    assert_eq!(field(failed[0], "error.type").as_deref(), Some("transport"));
}

/// The table of fields is complete.
#[tokio::test]
async fn every_field_is_documented() {
    let guide = read("docs/observability.md");
    // What the subscriber adds of its own.
    let own = ["busy_ns", "idle_ns", "level", "target"];
    let spans = bad_night().await;
    let names: BTreeSet<&str> =
        spans.iter().flat_map(|span| span.attributes.iter().map(|pair| pair.key.as_str())).collect();
    for name in names {
        let by_subscriber = own.contains(&name) || name.starts_with("code.") || name.starts_with("thread.");
        assert!(by_subscriber || guide.contains(&format!("`{name}`")), "{name}");
    }
}

mod guide {
    #![allow(unreachable_pub, reason = "a part of a program")]
    include!("../guide/trace_context.rs");
}

/// The header of the guide's interceptor names the span of the attempt.
#[tokio::test]
async fn the_service_is_told_the_span_of_the_attempt() {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let sandbox = Sandbox::builder().fault(Fault::status(503).on("listInvoicePending").nth(1)).start().await.unwrap();
    let quick = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
    let builder = Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").retry(quick);
    let atlas = builder.interceptor(guide::TraceContext).build().unwrap();
    let spans = spans(async {
        atlas.list_invoice_pending(OrganizationId::new(ORGANIZATION)).await.unwrap();
    })
    .await;
    let attempts: Vec<String> = spans
        .iter()
        .filter(|span| span.span_kind == SpanKind::Client)
        .map(|span| format!("00-{}-{}-01", span.span_context.trace_id(), span.span_context.span_id()))
        .collect();
    let sent: Vec<String> =
        sandbox.requests().iter().map(|request| request.header("traceparent").unwrap().to_owned()).collect();
    assert_eq!((attempts.len(), sent), (2, attempts));
}

/// A client that measures: a call with a retry, one that fails, and its token.
async fn measure(interceptor: impl atlas_billing::intercept::Interceptor + 'static) {
    let sandbox = Sandbox::builder()
        .fault(Fault::status(429).on("listInvoicePending").nth(1))
        .fault(Fault::status(404).on("getInvoice").always())
        .start();
    let sandbox = sandbox.await.unwrap();
    let quick = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).wait_for_quota(false);
    let environment = sandbox.environment().into_iter().collect();
    let builder = Client::builder_from_environment(&environment).unwrap().retry(quick).interceptor(interceptor);
    let atlas = builder.build().unwrap();
    atlas.list_invoice_pending(OrganizationId::new(ORGANIZATION)).await.unwrap();
    atlas.get_invoice(OrganizationId::new(ORGANIZATION), InvoiceId::new("66c5f9c9c9c9c9c9c9c9c9c9")).await.unwrap_err();
}

/// The name of a metric, how often it is measured, and some of its labels.
type Expected = (&'static str, u64, &'static [(&'static str, &'static str)]);

/// What is to be measured of that.
const MEASURED: [Expected; 9] = [
    ("cloud_billing.client.call.duration", 1, &[("sdk.operation", "listInvoicePending")]),
    ("cloud_billing.client.call.duration", 1, &[("sdk.operation", "getInvoice"), ("error.type", "404")]),
    ("http.client.request.duration", 1, &[("http.response.status_code", "429"), ("error.type", "429")]),
    ("http.client.request.duration", 1, &[("http.response.status_code", "200"), ("http.request.method", "GET")]),
    ("cloud_billing.client.retries", 1, &[("sdk.operation", "listInvoicePending"), ("error.type", "429")]),
    ("cloud_billing.client.wait.duration", 1, &[("sdk.operation", "listInvoicePending"), ("sdk.throttled", "true")]),
    ("cloud_billing.client.token.duration", 1, &[("sdk.credential", "client credentials")]),
    ("cloud_billing.client.body.size", 2, &[("sdk.operation", "listInvoicePending")]),
    ("cloud_billing.client.body.size", 1, &[("sdk.operation", "getInvoice")]),
];

/// The measurements of one series: name, labels, and how many.
type Series = (String, Vec<(String, String)>, u64);

fn check(series: &[Series]) {
    let guide = read("docs/observability.md");
    for (name, count, labels) in MEASURED {
        let fits = |(of, found, _): &&Series| {
            let has = |(key, value): &(&str, &str)| found.iter().any(|(of, is)| of == key && is == value);
            of == name && labels.iter().all(has)
        };
        let total: u64 = series.iter().filter(fits).map(|(.., count)| count).sum();
        assert_eq!(total, count, "{name} {labels:?} in {series:#?}");
    }
    for (name, labels, _) in series {
        for documented in std::iter::once(name).chain(labels.iter().map(|(key, _)| key)) {
            assert!(guide.contains(&format!("`{documented}`")), "{documented}");
        }
        assert!(!format!("{labels:?}").contains(ORGANIZATION), "{labels:?}");
    }
}

#[tokio::test]
async fn calls_are_measured_with_opentelemetry() {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder().with_periodic_exporter(exporter.clone()).build();
    measure(OpenTelemetryMetrics::new(&provider.meter("test"))).await;
    provider.force_flush().unwrap();
    let mut series = Vec::new();
    for metrics in exporter.get_finished_metrics().unwrap() {
        for metric in metrics.scope_metrics().flat_map(ScopeMetrics::metrics) {
            let mut add = |attributes: &mut dyn Iterator<Item = &KeyValue>, count| {
                let labels = attributes.map(|pair| (pair.key.to_string(), pair.value.to_string())).collect();
                series.push((metric.name().to_owned(), labels, count));
            };
            match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(data)) => {
                    data.data_points().for_each(|point| add(&mut point.attributes(), point.count()));
                }
                AggregatedMetrics::U64(MetricData::Sum(data)) => {
                    data.data_points().for_each(|point| add(&mut point.attributes(), point.value()));
                }
                other => unreachable!("{other:?}"),
            }
        }
    }
    check(&series);
}

#[test]
fn calls_are_measured_with_metrics() {
    let recorder = DebuggingRecorder::new();
    let snapshots = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || runtime.block_on(measure(Metrics::new())));
    let series: Vec<Series> = snapshots
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let labels = key.key().labels().map(|label| (label.key().to_owned(), label.value().to_owned())).collect();
            let count = match value {
                DebugValue::Counter(count) => count,
                DebugValue::Histogram(values) => values.len() as u64,
                DebugValue::Gauge(_) => 0,
            };
            (key.key().name().to_owned(), labels, count)
        })
        .collect();
    check(&series);
}
