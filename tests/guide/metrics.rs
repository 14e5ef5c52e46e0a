use atlas_billing::intercept::OpenTelemetryMetrics;
use atlas_billing::{Client, Error};

pub fn measured() -> Result<Client, Error> {
    let meter = opentelemetry::global::meter("bills");
    Client::builder_from_env()?.interceptor(OpenTelemetryMetrics::new(&meter)).build()
}
