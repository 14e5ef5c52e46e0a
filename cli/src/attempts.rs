//! `-v` and `-vv`: retries and attempts, on standard error. A line says neither address nor header nor body.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use cloud_billing_core::intercept::{Attempt, Call, Interceptor, TokenFetch, Wait};

/// Standard error, for several writers.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Box<dyn Write + Send>>>);

impl Shared {
    pub(crate) fn new(stream: Box<dyn Write + Send>) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// Prints what clients do: nothing, retries, or each attempt.
#[derive(Clone)]
pub(crate) struct Attempts {
    pub(crate) level: u8,
    pub(crate) stream: Shared,
}

impl Attempts {
    /// Prints nothing.
    pub(crate) fn silent() -> Self {
        Self { level: 0, stream: Shared::new(Box::new(io::sink())) }
    }

    fn print(&self, level: u8, line: fmt::Arguments<'_>) {
        if self.level >= level {
            // In one piece: others write there too.
            let _ = self.stream.clone().write_all(format!("{line}\n").as_bytes());
        }
    }
}

impl Interceptor for Attempts {
    fn after_attempt(&self, call: &mut Call<'_>, attempt: &Attempt<'_>) {
        let outcome = match (attempt.status, attempt.error) {
            (Some(status), _) => status.to_string(),
            (None, Some(error)) => error.kind().to_string(),
            (None, None) => "no response".to_owned(),
        };
        let (id, seconds) = (call.operation().id(), attempt.duration.as_secs_f64());
        self.print(2, format_args!("{id}: attempt {}: {outcome} after {seconds:.2} s", call.attempts()));
    }

    fn before_wait(&self, call: &mut Call<'_>, wait: &Wait<'_>) {
        let why = match wait.error {
            Some(error) => error.status().map_or_else(|| error.kind().to_string(), |status| status.to_string()),
            None => "the rate limit".to_owned(),
        };
        let (id, seconds) = (call.operation().id(), wait.duration.as_secs_f64());
        self.print(1, format_args!("{id}: waits {seconds:.2} s after attempt {}, because of {why}", call.attempts()));
    }

    fn after_token(&self, token: &TokenFetch<'_>) {
        let outcome = token.error.map_or_else(|| "fetched".to_owned(), |error| error.kind().to_string());
        self.print(2, format_args!("token: {outcome} after {:.2} s", token.duration.as_secs_f64()));
    }
}
