//! Reports on invoices, and the place that they are downloaded from.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ALLOW, AUTHORIZATION};
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};

use super::ProcessingSettings;
use crate::auth::hex;
use crate::check::Incoming;
use crate::clock::rfc3339;
use crate::fault::Edit;
use crate::query::Query;
use crate::reply::Reply;
use crate::spec::{Example, Spec};

/// How long an address to download from is good for.
const ADDRESS_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The operation whose example is the text of every report.
const CONTENT_OPERATION: &str = "generateInvoiceReport";

const CSV: HeaderValue = HeaderValue::from_static("text/csv");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain");

/// How many reports are known at once. When there are more, the oldest are forgotten.
const KNOWN: usize = 10_000;

/// How long a report is kept.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// The reports of one sandbox.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// By their identifiers.
    known: HashMap<String, Report>,
    /// Oldest first.
    order: VecDeque<String>,
    /// When addresses stop working, by path and signature.
    addresses: HashMap<(String, String), Duration>,
}

#[derive(Debug)]
struct Report {
    /// What its request says about it, and its identifiers.
    fields: Map<String, Value>,
    polls: u32,
    since: Duration,
}

impl Report {
    fn state(&self, settings: &ProcessingSettings, now: Duration) -> &'static str {
        let in_time = now >= self.since.saturating_add(settings.report_time);
        match self.polls {
            polls if polls >= settings.report_polls.unwrap_or(0) && in_time => "SUCCEEDED",
            0 => "PENDING",
            _ => "RUNNING",
        }
    }
}

impl Reports {
    /// Makes a report, and says what is known of it.
    pub(super) fn create(&mut self, path: &str, body: Option<&[u8]>, now: Duration) -> Map<String, Value> {
        let fields = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        // .../invoices/{invoiceId}/reports
        self.insert(hex(24), segment(path, 1), fields, now)
    }

    fn insert(
        &mut self,
        id: String,
        invoice: &str,
        mut fields: Map<String, Value>,
        now: Duration,
    ) -> Map<String, Value> {
        if self.known.len() >= KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        fields.insert("reportId".to_owned(), id.clone().into());
        fields.insert("invoiceId".to_owned(), invoice.into());
        self.order.push_back(id.clone());
        self.known.insert(id, Report { fields: fields.clone(), polls: 0, since: now });
        fields
    }

    /// Whether a report on an invoice was made here, and is still kept.
    pub(super) fn has(&self, id: &str, invoice: &str, now: Duration) -> bool {
        let is_kept = |report: &Report| now < report.since.saturating_add(KEPT);
        self.known.get(id).is_some_and(|report| report.fields["invoiceId"] == invoice && is_kept(report))
    }

    /// The reports on an invoice that are kept, newest first, without addresses.
    pub(super) fn of(&self, invoice: &str, settings: &ProcessingSettings, now: Duration) -> Vec<Map<String, Value>> {
        let ids = self.order.iter().rev().filter(|id| self.has(id, invoice, now));
        let reports = ids.filter_map(|id| self.known.get(id)).map(|report| {
            let mut fields = report.fields.clone();
            fields.insert("state".to_owned(), report.state(settings, now).into());
            fields
        });
        reports.collect()
    }

    /// Says how far a report is. One that was not made here is made now.
    pub(super) fn poll(
        &mut self,
        path: &str,
        settings: &ProcessingSettings,
        downloads: &str,
        now: Duration,
    ) -> Map<String, Value> {
        // .../invoices/{invoiceId}/reports/{reportId}
        let id = segment(path, 0);
        if !self.known.contains_key(id) {
            self.insert(id.to_owned(), segment(path, 2), Map::new(), now);
        }
        let Some(report) = self.known.get_mut(id) else { return Map::new() };
        let state = report.state(settings, now);
        report.polls = report.polls.saturating_add(1);
        let mut fields = report.fields.clone();
        fields.insert("state".to_owned(), state.into());
        if state == "SUCCEEDED" {
            let (path, signature) = (format!("/focus/{id}.csv"), hex(32));
            let expires = now.saturating_add(ADDRESS_LIFETIME);
            fields.insert("downloadUrl".to_owned(), format!("{downloads}{path}?signature={signature}").into());
            fields.insert("expiresAt".to_owned(), rfc3339(expires).into());
            // Nobody can tell an address that expired from one that is forgotten a day later.
            self.addresses.retain(|_, expires| now < expires.saturating_add(KEPT));
            self.addresses.insert((path, signature), expires);
        }
        fields
    }

    /// The invoice that a download is about.
    pub(super) fn invoice_at(&self, path: &str) -> Option<String> {
        let id = path.strip_prefix("/focus/")?.strip_suffix(".csv")?;
        self.known.get(id)?.fields["invoiceId"].as_str().map(str::to_owned)
    }

    pub(super) fn ask_download(&self, incoming: Incoming<'_>, now: Duration) -> Result<(), Declined> {
        if incoming.headers.contains_key(AUTHORIZATION) {
            let problem = "header `Authorization`: the address is signed, and takes no other credentials";
            return Err(Declined { status: StatusCode::BAD_REQUEST, problem });
        }
        if incoming.method != Method::GET {
            let problem = "addresses are read with GET";
            return Err(Declined { status: StatusCode::METHOD_NOT_ALLOWED, problem });
        }
        let (query, _) = Query::parse(incoming.query);
        let signature = query.first("signature").unwrap_or_default();
        let problem = match self.addresses.get(&(incoming.path.to_owned(), signature.to_owned())) {
            Some(expires) if now < *expires => return Ok(()),
            Some(_) => "the address has expired",
            None => "the address was not signed here",
        };
        Err(Declined { status: StatusCode::FORBIDDEN, problem })
    }
}

/// Why a report cannot be downloaded.
#[derive(Debug)]
pub(crate) struct Declined {
    status: StatusCode,
    problem: &'static str,
}

impl Declined {
    pub(crate) fn reply(&self) -> Reply {
        let Self { status, problem } = self;
        let reply = Reply::new(*status, PLAIN, format!("{problem}\n")).refusing(format!("download: {problem}"));
        match *status {
            StatusCode::METHOD_NOT_ALLOWED => reply.with(ALLOW, HeaderValue::from_static("GET")),
            _ => reply,
        }
    }
}

/// The text of a report.
pub(super) fn download(spec: &Spec) -> Reply {
    let content = spec.operation(CONTENT_OPERATION).map(|operation| operation.success.content.as_slice());
    let text = content.unwrap_or_default().iter().find_map(|media| match &media.example {
        Example::Text { text, .. } => Some(text.clone()),
        Example::Json(_) => None,
    });
    Reply::new(StatusCode::OK, CSV, text.unwrap_or_default())
}

/// A segment of a path, counted from its end.
fn segment(path: &str, from_end: usize) -> &str {
    path.rsplit('/').nth(from_end).unwrap_or_default()
}

/// Puts fields into a report. One that has not succeeded has no address.
pub(super) fn put(fields: Map<String, Value>) -> Edit {
    Edit::Custom(Arc::new(move |body| {
        let Some(report) = body.as_object_mut() else { return };
        for name in ["downloadUrl", "expiresAt"] {
            report.remove(name);
        }
        report.extend(fields.clone());
    }))
}
