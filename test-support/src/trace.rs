//! Records traces, and runs calls on simulated time.

use std::fmt::{Debug, Write};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_core::span::Current;

/// A subscriber that records everything, at every level.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    entries: Arc<Mutex<Vec<Entry>>>,
    waits: Option<mpsc::UnboundedSender<Duration>>,
    /// All spans, and the ids of the entered ones.
    spans: Arc<Mutex<(Vec<&'static Metadata<'static>>, Vec<Id>)>>,
}

/// A new span, a later record of a span, or an event.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `span NAME`, `record NAME`, or `event LEVEL`.
    pub what: String,
    /// The target: by default the module path.
    pub target: &'static str,
    /// Names and values, in their order.
    pub fields: Vec<(&'static str, String)>,
    /// The name of the span around it.
    pub within: Option<&'static str>,
}

impl Visit for Entry {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.push((field.name(), format!("{value:?}")));
    }
}

impl Entry {
    fn new(what: impl Into<String>, target: &'static str) -> Self {
        Self { what: what.into(), target, fields: Vec::new(), within: None }
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }
}

impl Recorder {
    /// The entries of the runtime, one a line, without the values that differ between runs.
    pub fn lines(&self) -> String {
        let mut out = String::new();
        for entry in
            self.entries.lock().unwrap().iter().filter(|entry| matches!(entry.target, "cloud_billing_core" | ""))
        {
            out.push_str(&entry.what);
            for (name, value) in &entry.fields {
                match *name {
                    "server.port" | "sdk.attempt_ms" => write!(out, " {name}=[number]").unwrap(),
                    _ => write!(out, " {name}={value}").unwrap(),
                }
            }
            out.push('\n');
        }
        out
    }

    /// The spans of the runtime with this name: for each one, the name of the span around it.
    pub fn spans(&self, name: &str) -> Vec<Option<&'static str>> {
        let entries = self.entries.lock().unwrap();
        entries
            .iter()
            .filter(|entry| entry.what == format!("span {name}") && entry.target == "cloud_billing_core")
            .map(|entry| entry.within)
            .collect()
    }

    fn within(&self) -> Option<(Id, &'static Metadata<'static>)> {
        let spans = self.spans.lock().unwrap();
        let id = spans.1.last()?;
        Some((id.clone(), spans.0[id.into_u64() as usize - 1]))
    }

    /// All entries, of every crate.
    pub fn everything(&self) -> String {
        format!("{:?}", self.entries.lock().unwrap())
    }

    fn push(&self, entry: Entry) {
        if let (Some(waits), Some(wait)) = (&self.waits, entry.field("sdk.wait_ms")) {
            waits.send(Duration::from_millis(wait.parse().unwrap())).unwrap();
        }
        self.entries.lock().unwrap().push(entry);
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut entry = Entry::new(format!("span {}", span.metadata().name()), span.metadata().target());
        span.record(&mut entry);
        entry.within = self.within().filter(|_| span.is_contextual()).map(|(_, span)| span.name());
        self.push(entry);
        let mut spans = self.spans.lock().unwrap();
        spans.0.push(span.metadata());
        Id::from_u64(spans.0.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let name = self.spans.lock().unwrap().0[id.into_u64() as usize - 1].name();
        let mut entry = Entry::new(format!("record {name}"), "");
        values.record(&mut entry);
        self.push(entry);
    }

    fn event(&self, event: &Event<'_>) {
        let mut entry = Entry::new(format!("event {}", event.metadata().level()), event.metadata().target());
        event.record(&mut entry);
        self.push(entry);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, id: &Id) {
        self.spans.lock().unwrap().1.push(id.clone());
    }

    fn exit(&self, _: &Id) {
        self.spans.lock().unwrap().1.pop();
    }

    fn current_span(&self) -> Current {
        self.within().map_or_else(Current::none, |(id, span)| Current::new(id, span))
    }
}

/// Keeps all traces enabled for the whole process. `tracing` caches for all threads whether a trace is wanted. With the
/// subscribers of single tests alone, a test that begins while another one ends could miss the events that it waits for.
pub fn keep_on() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Sink).unwrap());
}

/// A subscriber that takes everything and records nothing.
struct Sink;

impl Subscriber for Sink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn event(&self, _: &Event<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Runs a call on simulated time: each announced wait before a retry passes at once. Returns the result and the waits.
///
/// Otherwise the clock is stopped, so that no time limit passes while bytes cross a real socket.
///
/// # Panics
/// If it is called outside of a single-threaded tokio runtime.
pub async fn simulate<F: Future>(call: F) -> (F::Output, Vec<Duration>) {
    simulate_with(call, |_| ()).await
}

/// Like [`simulate`], with other clocks that are moved along with this one.
///
/// # Panics
/// If it is called outside of a single-threaded tokio runtime.
pub async fn simulate_with<F: Future>(call: F, mut others: impl FnMut(Duration)) -> (F::Output, Vec<Duration>) {
    tokio::time::pause();
    // Tokio advances a stopped clock while all tasks wait, also for a socket. A blocking task prevents that.
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let blocker = tokio::task::spawn_blocking(move || stopped.recv());

    let (sender, mut announced) = mpsc::unbounded_channel();
    let recorder = Recorder { waits: Some(sender), ..Recorder::default() };
    let guard = tracing::subscriber::set_default(recorder);
    let mut call = std::pin::pin!(call);
    let mut waits = Vec::new();
    let output = loop {
        tokio::select! {
            output = &mut call => break output,
            Some(wait) = announced.recv() => {
                waits.push(wait);
                // Announced in whole milliseconds, rounded down.
                let wait = wait + Duration::from_millis(2);
                others(wait);
                tokio::time::advance(wait).await;
            }
        }
    };
    drop((guard, stop));
    blocker.await.unwrap().unwrap_err();
    tokio::time::resume();
    (output, waits)
}
