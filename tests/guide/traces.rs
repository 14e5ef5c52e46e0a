use ibm_usage_reports::types::AccountId;
use ibm_usage_reports::{BillingMonth, Client, config};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // To a collector: `with_batch_exporter`, and the exporter of `opentelemetry-otlp`.
    let exporter = opentelemetry_stdout::SpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter).build();
    let ours = Targets::new().with_target("cloud_billing_core", Level::DEBUG);
    let log = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    let traces = tracing_opentelemetry::layer().with_tracer(provider.tracer("bills"));
    let subscriber = tracing_subscriber::registry().with(log.with_filter(ours.clone())).with(traces.with_filter(ours));
    tracing::subscriber::set_global_default(subscriber)?;

    let account: AccountId = config::variable("USAGE_REPORTS_ACCOUNT_ID")?.parse()?;
    Client::from_env()?.get_account_summary(account, BillingMonth::current().previous()).await?;
    provider.shutdown()?;
    Ok(())
}
