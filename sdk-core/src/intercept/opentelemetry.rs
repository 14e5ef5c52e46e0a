//! Metrics through the crate `opentelemetry`.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::measure::{ATTEMPT, BODY, CALL, Instrument, Labels, RETRIES, Sink, TOKEN, Value, WAIT, measured};

/// An interceptor that measures calls with a [`Meter`] of OpenTelemetry.
///
/// It records histograms of the durations of calls, attempts, waits and token fetches and of the sizes of bodies, and counts
/// retries. Their names and attributes are in the guide on observability. No attribute has an identifier or another value of a
/// request.
#[derive(Clone, Debug)]
pub struct OpenTelemetryMetrics {
    histograms: [(&'static str, Histogram<f64>); 5],
    retries: Counter<u64>,
}

impl OpenTelemetryMetrics {
    /// Creates the instruments. [`global`](opentelemetry::global::meter) gives a meter.
    pub fn new(meter: &Meter) -> Self {
        let histogram = |Instrument(name, unit, text): Instrument| {
            (name, meter.f64_histogram(name).with_unit(unit).with_description(text).build())
        };
        let Instrument(name, unit, text) = RETRIES;
        Self {
            histograms: [CALL, ATTEMPT, WAIT, TOKEN, BODY].map(histogram),
            retries: meter.u64_counter(name).with_unit(unit).with_description(text).build(),
        }
    }
}

impl Sink for OpenTelemetryMetrics {
    fn count_retry(&self, labels: Labels) {
        self.retries.add(1, &attributes(labels));
    }

    fn record(&self, histogram: &Instrument, value: f64, labels: Labels) {
        if let Some((_, histogram)) = self.histograms.iter().find(|(name, _)| *name == histogram.0) {
            histogram.record(value, &attributes(labels));
        }
    }
}

measured!(OpenTelemetryMetrics);

fn attributes(labels: Labels) -> Vec<KeyValue> {
    let attribute = |(name, value)| match value {
        Value::Text(text) => KeyValue::new(name, text),
        Value::Number(number) => KeyValue::new(name, number),
    };
    labels.into_iter().map(attribute).collect()
}
