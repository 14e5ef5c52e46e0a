//! What is measured, for any library of metrics.

use std::borrow::Cow;

use super::{Attempt, Body, Call, Outcome, TokenFetch, Wait};
use crate::telemetry;

/// An instrument: name, unit and description. `docs/observability.md` documents them for users.
pub(super) struct Instrument(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

pub(super) const CALL: Instrument =
    Instrument("cloud_billing.client.call.duration", "s", "Calls, with all attempts and waits.");
pub(super) const ATTEMPT: Instrument =
    Instrument("http.client.request.duration", "s", "HTTP requests, to the response headers.");
pub(super) const RETRIES: Instrument =
    Instrument("cloud_billing.client.retries", "{retry}", "Attempts that follow a failed one.");
pub(super) const WAIT: Instrument =
    Instrument("cloud_billing.client.wait.duration", "s", "Waits before retries and for quotas.");
pub(super) const TOKEN: Instrument = Instrument("cloud_billing.client.token.duration", "s", "Fetches of tokens.");
pub(super) const BODY: Instrument =
    Instrument("cloud_billing.client.body.size", "By", "Response bodies as far as they arrived, decompressed.");

/// The value of a label.
pub(super) enum Value {
    Text(Cow<'static, str>),
    Number(i64),
}

pub(super) type Labels = Vec<(&'static str, Value)>;

/// Where measurements go.
pub(super) trait Sink {
    fn count_retry(&self, labels: Labels);
    fn record(&self, histogram: &Instrument, value: f64, labels: Labels);
}

/// Implements `Interceptor` for a [`Sink`].
macro_rules! measured {
    ($sink:ty) => {
        impl $crate::intercept::Interceptor for $sink {
            fn after_attempt(&self, call: &mut $crate::intercept::Call<'_>, attempt: &$crate::intercept::Attempt<'_>) {
                $crate::intercept::measure::attempt(self, call, attempt);
            }

            fn before_wait(&self, call: &mut $crate::intercept::Call<'_>, wait: &$crate::intercept::Wait<'_>) {
                $crate::intercept::measure::wait(self, call, wait);
            }

            fn after_call(&self, call: &mut $crate::intercept::Call<'_>, outcome: &$crate::intercept::Outcome<'_>) {
                $crate::intercept::measure::call(self, call, outcome);
            }

            fn after_body(&self, body: &$crate::intercept::Body) {
                $crate::intercept::measure::body(self, body);
            }

            fn after_token(&self, token: &$crate::intercept::TokenFetch<'_>) {
                $crate::intercept::measure::token(self, token);
            }
        }
    };
}

pub(super) use measured;

pub(super) fn call(sink: &impl Sink, call: &Call<'_>, outcome: &Outcome<'_>) {
    let labels = with_error(of_call(call), outcome.error_type());
    sink.record(&CALL, outcome.duration.as_secs_f64(), labels);
}

pub(super) fn attempt(sink: &impl Sink, call: &Call<'_>, attempt: &Attempt<'_>) {
    let operation = call.operation();
    let mut labels = vec![
        text("http.request.method", operation.method().as_str()),
        text("url.template", operation.path()),
        ("server.address", Value::Text(call.host().to_owned().into())),
    ];
    labels.extend(call.port().map(|port| ("server.port", Value::Number(port.into()))));
    labels.extend(attempt.status.map(|status| ("http.response.status_code", Value::Number(status.into()))));
    sink.record(&ATTEMPT, attempt.duration.as_secs_f64(), with_error(labels, attempt.error_type()));
}

pub(super) fn wait(sink: &impl Sink, call: &Call<'_>, wait: &Wait<'_>) {
    if let Some(error) = wait.error {
        sink.count_retry(with_error(of_call(call), Some(telemetry::error_type(error))));
    }
    let mut labels = of_call(call);
    labels.push(text("sdk.throttled", if wait.throttled { "true" } else { "false" }));
    sink.record(&WAIT, wait.duration.as_secs_f64(), labels);
}

pub(super) fn body(sink: &impl Sink, body: &Body) {
    let labels = vec![text("sdk.service", body.service.name()), text("sdk.operation", body.operation.id())];
    // Exact up to 9 petabytes.
    sink.record(&BODY, body.bytes as f64, with_error(labels, body.error.map(|kind| kind.word().into())));
}

pub(super) fn token(sink: &impl Sink, token: &TokenFetch<'_>) {
    let labels = vec![text("sdk.service", token.service.name()), text("sdk.credential", token.credential)];
    let labels = with_error(labels, token.error.map(telemetry::error_type));
    sink.record(&TOKEN, token.duration.as_secs_f64(), labels);
}

fn of_call(call: &Call<'_>) -> Labels {
    vec![text("sdk.service", call.service().name()), text("sdk.operation", call.operation().id())]
}

fn text(name: &'static str, value: &'static str) -> (&'static str, Value) {
    (name, Value::Text(value.into()))
}

fn with_error(mut labels: Labels, error_type: Option<Cow<'static, str>>) -> Labels {
    labels.extend(error_type.map(|error_type| ("error.type", Value::Text(error_type))));
    labels
}
