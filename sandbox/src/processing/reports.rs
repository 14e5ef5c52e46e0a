//! Reports on invoices, and their downloads.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use axum::http::header::{ALLOW, AUTHORIZATION};
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};

use crate::answer::Reply;
use crate::answer::{Answer, Denial};
use crate::auth::random_hex;
use crate::clock::rfc3339;
use crate::request::Query;
use crate::request::{Incoming, Request};
use crate::spec::{Example, Service, Spec};

/// How long a download URL is valid.
const URL_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The operation whose example is the text of every report, if there is no estate.
const CONTENT_OPERATION: &str = "generateInvoiceReport";

/// How many reports are kept. The oldest are dropped.
const MAX_REPORTS: usize = 10_000;

/// How long a report is kept.
const REPORT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// How long reports take: a number of polls, and a time by the sandbox's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReportSettings {
    pub(crate) polls: Option<u32>,
    pub(crate) time: Duration,
}

impl ReportSettings {
    /// Whether anything is set. Without an estate, reports are otherwise the examples of the spec.
    pub(super) fn is_set(&self) -> bool {
        self.polls.is_some() || !self.time.is_zero()
    }
}

/// The reports of one sandbox.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// By their identifiers.
    known: HashMap<String, Report>,
    /// Oldest first.
    order: VecDeque<String>,
    /// When download URLs expire, by path and signature.
    urls: HashMap<(String, String), Duration>,
}

#[derive(Debug)]
struct Report {
    /// What the request that created it says, and its identifiers.
    fields: Map<String, Value>,
    polls: u32,
    since: Duration,
}

impl Report {
    fn state(&self, settings: &ReportSettings, now: Duration) -> &'static str {
        let in_time = now >= self.since.saturating_add(settings.time);
        match self.polls {
            polls if polls >= settings.polls.unwrap_or(0) && in_time => "SUCCEEDED",
            0 => "PENDING",
            _ => "RUNNING",
        }
    }

    fn with_state(&self, state: &str) -> Map<String, Value> {
        let mut fields = self.fields.clone();
        fields.insert("state".to_owned(), state.into());
        fields
    }
}

impl Reports {
    /// Creates a report. `known_only` as in [`poll`](Self::poll).
    pub(super) fn create(&mut self, request: &Request<'_>, known_only: bool) -> Answer {
        let id = random_hex(24);
        let fields = request.body.as_object().cloned().unwrap_or_default();
        answer(request, self.insert(&id, request, fields).with_state("PENDING"), known_only)
    }

    fn insert(&mut self, id: &str, request: &Request<'_>, mut fields: Map<String, Value>) -> &mut Report {
        if self.known.len() >= MAX_REPORTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        fields.insert("reportId".to_owned(), id.into());
        fields.insert("invoiceId".to_owned(), request.path_value(1).into());
        self.order.push_back(id.to_owned());
        self.known.entry(id.to_owned()).insert_entry(Report { fields, polls: 0, since: request.now }).into_mut()
    }

    /// Whether a report on the request's invoice exists, and is still kept.
    fn has(&self, id: &str, request: &Request<'_>) -> bool {
        let is_kept = |report: &Report| request.now < report.since.saturating_add(REPORT_LIFETIME);
        self.known.get(id).is_some_and(|it| it.fields["invoiceId"] == request.path_value(1) && is_kept(it))
    }

    /// The reports on an invoice that are kept, newest first, without download URLs.
    ///
    /// # Errors
    ///
    /// If the page token was not issued for this list.
    pub(super) fn list(&self, request: &Request<'_>, settings: &ReportSettings) -> Result<Answer, Denial> {
        let ids = self.order.iter().rev().filter(|id| self.has(id, request));
        let reports = ids.filter_map(|id| self.known.get(id));
        request.list(reports, |report| report.with_state(report.state(settings, request.now)))
    }

    /// Counts a request for a report, and shows its state. An identifier that is not known starts a report, unless
    /// `known_only`; then the fields of the example are added as well.
    ///
    /// # Errors
    ///
    /// If the invoice has no such report.
    pub(super) fn poll(
        &mut self,
        request: &Request<'_>,
        settings: &ReportSettings,
        downloads: &str,
        known_only: bool,
    ) -> Result<Answer, Denial> {
        let (id, now) = (request.path_value(2), request.now);
        if known_only && !self.has(id, request) {
            return Err(Denial::not_found("The invoice has no such report.", id));
        }
        if !self.known.contains_key(id) {
            self.insert(id, request, Map::new());
        }
        let Some(report) = self.known.get_mut(id) else { return Ok(Answer::Empty) };
        let state = report.state(settings, now);
        report.polls = report.polls.saturating_add(1);
        let mut fields = report.with_state(state);
        if state == "SUCCEEDED" {
            let (path, signature) = (format!("/focus/{id}.csv"), random_hex(32));
            let expires = now.saturating_add(URL_LIFETIME);
            fields.insert("downloadUrl".to_owned(), format!("{downloads}{path}?signature={signature}").into());
            fields.insert("expiresAt".to_owned(), rfc3339(expires).into());
            // An expired URL is refused as such for a week, and as unknown from then on.
            self.urls.retain(|_, expires| now < expires.saturating_add(REPORT_LIFETIME));
            self.urls.insert((path, signature), expires);
        }
        Ok(answer(request, fields, known_only))
    }

    /// The invoice that a download is about.
    pub(super) fn invoice_at(&self, path: &str) -> Option<String> {
        let id = path.strip_prefix("/focus/")?.strip_suffix(".csv")?;
        self.known.get(id)?.fields["invoiceId"].as_str().map(str::to_owned)
    }

    pub(super) fn check_download(&self, incoming: Incoming<'_>, now: Duration) -> Result<(), RefusedDownload> {
        if incoming.headers.contains_key(AUTHORIZATION) {
            let problem = "header `Authorization`: the address is signed, and takes no other credentials";
            return Err(RefusedDownload { status: StatusCode::BAD_REQUEST, problem });
        }
        if incoming.method != Method::GET {
            let problem = "addresses are read with GET";
            return Err(RefusedDownload { status: StatusCode::METHOD_NOT_ALLOWED, problem });
        }
        let (query, _) = Query::parse(incoming.query);
        let signature = query.first("signature").unwrap_or_default();
        let problem = match self.urls.get(&(incoming.path.to_owned(), signature.to_owned())) {
            Some(expires) if now < *expires => return Ok(()),
            Some(_) => "the address has expired",
            None => "the address was not signed here",
        };
        Err(RefusedDownload { status: StatusCode::FORBIDDEN, problem })
    }
}

/// Shows a report. Without an estate, the example of the spec has its other fields, but no download URL.
fn answer(request: &Request<'_>, fields: Map<String, Value>, known_only: bool) -> Answer {
    let example = request.media.and_then(|media| media.example.json()).filter(|_| !known_only);
    let mut report = example.and_then(Value::as_object).cloned().unwrap_or_default();
    for name in ["downloadUrl", "expiresAt"] {
        report.remove(name);
    }
    report.extend(fields);
    Answer::json(&report)
}

/// Why a report cannot be downloaded.
#[derive(Debug)]
pub(super) struct RefusedDownload {
    status: StatusCode,
    problem: &'static str,
}

impl RefusedDownload {
    pub(super) fn reply(&self) -> Reply {
        let Self { status, problem } = self;
        let plain = HeaderValue::from_static("text/plain");
        let reply = Reply::new(*status, plain, format!("{problem}\n")).refusing(format!("download: {problem}"));
        match *status {
            StatusCode::METHOD_NOT_ALLOWED => reply.with(ALLOW, HeaderValue::from_static("GET")),
            _ => reply,
        }
    }
}

/// The text of every report, if there is no estate.
pub(super) fn example() -> String {
    let operation = Spec::of(Service::Atlas).operation(CONTENT_OPERATION);
    let content = operation.map(|operation| operation.content.as_slice());
    let text = content.unwrap_or_default().iter().find_map(|media| match &media.example {
        Example::Text { text, .. } => Some(*text),
        Example::Json(_) => None,
    });
    text.unwrap_or_default().to_owned()
}
