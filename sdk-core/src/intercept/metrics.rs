//! Metrics through the crate `metrics`.

use metrics::{Label, Unit};

use super::measure::{ATTEMPT, BODY, CALL, Instrument, Labels, RETRIES, Sink, TOKEN, Value, WAIT, measured};

/// An interceptor that measures calls with the crate [`metrics`], in the recorder that the program has installed.
///
/// It records histograms of the durations of calls, attempts, waits and token fetches and of the sizes of bodies, and counts
/// retries. Their names and labels are in the guide on observability. No label has an identifier or another value of a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Metrics;

impl Metrics {
    /// Creates the interceptor, and describes the metrics to the recorder.
    pub fn new() -> Self {
        for Instrument(name, unit, text) in [CALL, ATTEMPT, WAIT, TOKEN, BODY] {
            metrics::describe_histogram!(name, if unit == "By" { Unit::Bytes } else { Unit::Seconds }, text);
        }
        metrics::describe_counter!(RETRIES.0, RETRIES.2);
        Self
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Sink for Metrics {
    fn count_retry(&self, labels: Labels) {
        metrics::counter!(RETRIES.0, label(labels)).increment(1);
    }

    fn record(&self, histogram: &Instrument, value: f64, labels: Labels) {
        metrics::histogram!(histogram.0, label(labels)).record(value);
    }
}

measured!(Metrics);

fn label(labels: Labels) -> Vec<Label> {
    let label = |(name, value)| match value {
        Value::Text(text) => Label::new(name, text),
        Value::Number(number) => Label::new(name, number.to_string()),
    };
    labels.into_iter().map(label).collect()
}
