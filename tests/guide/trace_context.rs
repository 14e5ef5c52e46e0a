use atlas_billing::Error;
use atlas_billing::intercept::{Call, Interceptor};
use opentelemetry::propagation::Injector;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Tells the service which span a request belongs to: with the headers of the propagator that the program has chosen,
/// such as W3C's `traceparent`.
pub struct TraceContext;

impl Interceptor for TraceContext {
    fn before_attempt(&self, call: &mut Call<'_>) -> Result<(), Error> {
        // The span of the attempt.
        let context = tracing::Span::current().context();
        opentelemetry::global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&context, &mut Headers(call));
        });
        Ok(())
    }
}

struct Headers<'a, 'b>(&'a mut Call<'b>);

impl Injector for Headers<'_, '_> {
    fn set(&mut self, name: &str, value: String) {
        // A header that cannot be sent is left out.
        let _ = self.0.set_header(name, &value);
    }
}
