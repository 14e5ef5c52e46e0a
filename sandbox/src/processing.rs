//! Jobs of Atlas that take more than one request: Cost Explorer queries and reports on invoices.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ALLOW, AUTHORIZATION};
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Denial, INTERIM, JSON, Reply};
use crate::auth::random_hex;
use crate::clock::rfc3339;
use crate::estate::Atlas;
use crate::examples;
use crate::lock::Lock;
use crate::refusal::Missing;
use crate::request::{Incoming, Query, Request};
use crate::spec::{Example, Service, Spec};
use crate::stream::{CutEnd, CutPoint, WireEdits};

/// How many jobs of a kind are kept. The oldest are dropped.
const MAX_JOBS: usize = 10_000;

/// How many bytes of JSON the kept jobs of a kind may have. The oldest are dropped; the newest stays.
const MAX_BYTES: usize = 16 << 20;

/// How long a download URL is valid.
const URL_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How long a report is kept.
const REPORT_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// The operation whose example is the text of every report, if there is no estate.
const CONTENT_OPERATION: &str = "generateInvoiceReport";

/// How a query that still runs is answered.
///
/// Atlas documents the interim status 102, and does not say what the response looks like. The variants are the forms
/// that Atlas, a proxy or a later version could use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotReady {
    /// 202 without a body.
    #[default]
    Accepted202,
    /// 204.
    NoContent204,
    /// 200 without a body.
    Empty200,
    /// 200 and an empty object.
    EmptyObject200,
    /// 200 and an envelope with the status 102, whether or not the request asks for an envelope.
    Envelope102,
    /// A 102 on the wire, then the end of the connection.
    Interim102ThenClose,
    /// A 102 on the wire, then nothing more.
    Interim102ThenHold,
    /// A 102 on the wire with a JSON body, which no interim answer has, then the end of the connection.
    Interim102ThenBody,
    /// A 102 on the wire, then the result of the query as the answer to the same request.
    Interim102ThenResult,
}

/// A 102 with a body.
const INTERIM_WITH_BODY: &[u8] =
    b"HTTP/1.1 102 Processing\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"status\":102}";

impl NotReady {
    /// The reply; none if the result follows in the same response.
    fn reply(self) -> Option<Reply> {
        let edited = |prefix: &[u8], end| {
            let wire = WireEdits { prefix: prefix.to_vec(), cut: Some((CutPoint::Start, end)) };
            Reply { wire, ..Reply::empty(StatusCode::PROCESSING) }
        };
        Some(match self {
            Self::Accepted202 => Reply::empty(StatusCode::ACCEPTED),
            Self::NoContent204 => Reply::empty(StatusCode::NO_CONTENT),
            Self::Empty200 => Reply::empty(StatusCode::OK),
            Self::EmptyObject200 => Reply::json(StatusCode::OK, JSON, &json!({}), false),
            Self::Envelope102 => Reply::json(StatusCode::OK, JSON, &json!({ "status": 102, "content": {} }), false),
            Self::Interim102ThenClose => edited(INTERIM, CutEnd::Close),
            Self::Interim102ThenHold => edited(INTERIM, CutEnd::Hold),
            Self::Interim102ThenBody => edited(INTERIM_WITH_BODY, CutEnd::Close),
            Self::Interim102ThenResult => return None,
        })
    }
}

/// How long jobs take: a number of polls, and a time by the sandbox's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JobSettings {
    pub(crate) polls: Option<u32>,
    pub(crate) time: Duration,
}

impl JobSettings {
    /// Whether jobs are ready at once.
    fn is_instant(&self) -> bool {
        self.polls.unwrap_or(0) == 0 && self.time.is_zero()
    }
}

/// The jobs of one kind.
#[derive(Debug)]
struct Jobs<T> {
    known: HashMap<String, Job<T>>,
    /// Oldest first.
    order: VecDeque<String>,
    /// The size of all.
    bytes: usize,
}

#[derive(Debug)]
struct Job<T> {
    /// The length of its JSON.
    size: usize,
    polls: u32,
    since: Duration,
    content: T,
}

impl<T> Default for Jobs<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), order: VecDeque::new(), bytes: 0 }
    }
}

impl<T> Jobs<T> {
    fn insert(&mut self, id: &str, since: Duration, content: T, size: usize) -> &mut Job<T> {
        while self.known.len() >= MAX_JOBS || self.bytes + size > MAX_BYTES {
            let Some(oldest) = self.order.pop_front() else { break };
            self.bytes -= self.known.remove(&oldest).map_or(0, |job| job.size);
        }
        self.bytes += size;
        self.order.push_back(id.to_owned());
        self.known.entry(id.to_owned()).insert_entry(Job { size, polls: 0, since, content }).into_mut()
    }
}

impl<T> Job<T> {
    fn is_ready(&self, settings: JobSettings, now: Duration) -> bool {
        self.polls >= settings.polls.unwrap_or(0) && now >= self.since.saturating_add(settings.time)
    }
}

#[derive(Debug)]
struct CostQuery {
    organization: String,
    /// The body of the request that created it; null for a query that was not created here.
    body: Value,
}

/// The fields of a report: the body of the request that created it, with the identifiers of report and invoice.
type Report = Map<String, Value>;

impl Job<Report> {
    fn state(&self, settings: JobSettings, now: Duration) -> &'static str {
        match self.polls {
            _ if self.is_ready(settings, now) => "SUCCEEDED",
            0 => "PENDING",
            _ => "RUNNING",
        }
    }

    fn with_state(&self, state: &str) -> Report {
        let mut fields = self.content.clone();
        fields.insert("state".to_owned(), state.into());
        fields
    }

    /// Whether it is a report on the invoice of the request, and still kept.
    fn belongs(&self, request: &Request<'_>) -> bool {
        self.content["invoiceId"] == request.path_value(1) && request.now < self.since.saturating_add(REPORT_LIFETIME)
    }
}

/// The jobs of one sandbox.
#[derive(Debug)]
pub(crate) struct Processing {
    queries: JobSettings,
    reports: JobSettings,
    not_ready: NotReady,
    state: Lock<State>,
}

#[derive(Debug, Default)]
struct State {
    queries: Jobs<CostQuery>,
    reports: Jobs<Report>,
    /// When download URLs expire, by path and signature.
    urls: HashMap<(String, String), Duration>,
}

impl Processing {
    pub(crate) fn new(queries: JobSettings, not_ready: NotReady, reports: JobSettings) -> Self {
        Self { queries, reports, not_ready, state: Lock::default() }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock())
    }
}

/// Cost Explorer queries.
impl Processing {
    /// Starts a query, and returns its token.
    ///
    /// # Errors
    ///
    /// If the estate has no such organization, or cannot answer the query.
    pub(crate) fn create_query(&self, request: &Request<'_>, atlas: Option<&Arc<Atlas>>) -> Result<Answer, Denial> {
        match atlas {
            Some(atlas) => atlas.check_query(request)?,
            None if self.queries.is_instant() || examples::not_found(request).is_some() => {
                return examples::answer(request);
            }
            None => {}
        }
        let token = random_hex(64);
        let query = CostQuery { organization: request.path_value(0).to_owned(), body: request.body.clone() };
        let size = query.body.to_string().len();
        self.with(|state| _ = state.queries.insert(&token, request.now, query, size));
        Ok(Answer::json(&json!({ "token": token })))
    }

    /// The result of a query, once it is ready. Without an estate, an unknown token starts a query.
    ///
    /// # Errors
    ///
    /// If the estate has no such organization, or the organization no such query.
    pub(crate) fn query_result(&self, request: &Request<'_>, atlas: Option<&Arc<Atlas>>) -> Result<Answer, Denial> {
        if let Some(atlas) = atlas {
            atlas.organization(request)?;
        } else if let Some(not_found) = examples::not_found(request) {
            return Ok(not_found);
        }
        let (organization, token) = (request.path_value(0).to_owned(), request.path_value(1));
        let (body, is_ready) = self.with(|State { queries, .. }| {
            if atlas.is_none() && !queries.known.contains_key(token) {
                let query = CostQuery { organization: organization.clone(), body: Value::Null };
                queries.insert(token, request.now, query, token.len());
            }
            let query = queries.known.get_mut(token);
            let query = query.filter(|query| atlas.is_none() || query.content.organization == organization);
            let query = query.ok_or_else(|| Denial::not_found(Missing::Other, "There is no such query.", &[token]))?;
            let is_ready = query.is_ready(self.queries, request.now);
            query.polls = query.polls.saturating_add(u32::from(!is_ready));
            Ok((query.content.body.clone(), is_ready))
        })?;
        let result = || match atlas {
            Some(atlas) => atlas.query_result(request, &body),
            None => examples::answer(request),
        };
        match self.not_ready.reply() {
            _ if is_ready => result(),
            Some(reply) => Ok(Answer::Reply(reply)),
            None => Ok(Answer::AfterInterim(Box::new(result()?))),
        }
    }
}

/// Reports on invoices.
impl Processing {
    /// Creates, lists or shows reports. `downloads` is the origin of their download URLs. Without an estate they are the
    /// examples of the spec, unless reports are set to take some time.
    ///
    /// # Errors
    ///
    /// If the estate has no such invoice, or the invoice no such report.
    pub(crate) fn report(
        &self,
        request: &Request<'_>,
        atlas: Option<&Arc<Atlas>>,
        downloads: &str,
    ) -> Result<Answer, Denial> {
        let operation = request.operation.id;
        if let Some(atlas) = atlas {
            atlas.check_invoice(request)?;
        } else {
            let is_set = self.reports.polls.is_some() || !self.reports.time.is_zero();
            if !is_set || operation == "listOrgInvoiceReports" || examples::not_found(request).is_some() {
                return examples::answer(request);
            }
        }
        self.with(|state| match operation {
            "createOrgInvoiceReport" => {
                let fields = request.body.as_object().cloned().unwrap_or_default();
                let report = state.start_report(&random_hex(24), request, fields);
                Ok(report_answer(request, report.with_state("PENDING"), atlas.is_some()))
            }
            "listOrgInvoiceReports" => state.list_reports(request, self.reports),
            _ => state.poll_report(request, self.reports, downloads, atlas.is_some()),
        })
    }

    /// Checks a request for the text of a report.
    ///
    /// # Errors
    ///
    /// The reply, if the request is refused.
    pub(crate) fn check_download(&self, incoming: Incoming<'_>, now: Duration) -> Result<(), Box<Reply>> {
        let (query, _) = Query::parse(incoming.query);
        let signature = query.first("signature").unwrap_or_default().to_owned();
        let expires = self.with(|state| state.urls.get(&(incoming.path.to_owned(), signature)).copied());
        let (status, problem) = match expires {
            _ if incoming.headers.contains_key(AUTHORIZATION) => (
                StatusCode::BAD_REQUEST,
                "header `Authorization`: the address is signed, and takes no other credentials",
            ),
            _ if incoming.method != Method::GET => (StatusCode::METHOD_NOT_ALLOWED, "addresses are read with GET"),
            Some(expires) if now < expires => return Ok(()),
            Some(_) => (StatusCode::FORBIDDEN, "the address has expired"),
            None => (StatusCode::FORBIDDEN, "the address was not signed here"),
        };
        let plain = HeaderValue::from_static("text/plain");
        let mut reply = Reply::new(status, plain, format!("{problem}\n")).refusing(format!("download: {problem}"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            reply = reply.with(ALLOW, HeaderValue::from_static("GET"));
        }
        Err(Box::new(reply))
    }

    /// The text of the report at a path that was checked.
    pub(crate) fn download(&self, path: &str, atlas: Option<&Arc<Atlas>>, now: Duration) -> Reply {
        let csv = HeaderValue::from_static("text/csv");
        let Some(atlas) = atlas else { return Reply::new(StatusCode::OK, csv, example_report()) };
        let id = path.strip_prefix("/focus/").and_then(|rest| rest.strip_suffix(".csv")).unwrap_or_default();
        let invoice = self.with(|state| state.reports.known.get(id)?.content["invoiceId"].as_str().map(str::to_owned));
        match invoice.and_then(|invoice| atlas.report(&invoice, now)) {
            Some(pieces) => Reply::stream(StatusCode::OK, csv, Box::new(pieces.map(String::into_bytes))),
            None => Reply::empty(StatusCode::NOT_FOUND),
        }
    }
}

impl State {
    fn start_report(&mut self, id: &str, request: &Request<'_>, mut fields: Report) -> &mut Job<Report> {
        fields.insert("reportId".to_owned(), id.into());
        fields.insert("invoiceId".to_owned(), request.path_value(1).into());
        let size = serde_json::to_string(&fields).map_or(0, |text| text.len());
        self.reports.insert(id, request.now, fields, size)
    }

    /// The reports on an invoice that are kept, newest first, without download URLs.
    fn list_reports(&self, request: &Request<'_>, settings: JobSettings) -> Result<Answer, Denial> {
        let Jobs { known, order, .. } = &self.reports;
        let reports = order.iter().rev().filter_map(|id| known.get(id)).filter(|report| report.belongs(request));
        request.list(reports, |report| report.with_state(report.state(settings, request.now)))
    }

    /// Counts a request for a report, and shows its state. Without an estate, an unknown identifier starts a report.
    fn poll_report(
        &mut self,
        request: &Request<'_>,
        settings: JobSettings,
        downloads: &str,
        has_estate: bool,
    ) -> Result<Answer, Denial> {
        let (id, now) = (request.path_value(2), request.now);
        if has_estate && !self.reports.known.get(id).is_some_and(|report| report.belongs(request)) {
            return Err(Denial::not_found(Missing::Other, "The invoice has no such report.", &[id]));
        }
        if !self.reports.known.contains_key(id) {
            self.start_report(id, request, Map::new());
        }
        let Some(report) = self.reports.known.get_mut(id) else { return Ok(Answer::Empty) };
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
        Ok(report_answer(request, fields, has_estate))
    }
}

/// Shows a report. Without an estate, the example of the spec has its other fields, but no download URL.
fn report_answer(request: &Request<'_>, fields: Report, has_estate: bool) -> Answer {
    let example = request.media.and_then(|media| media.example.json()).filter(|_| !has_estate);
    let mut report = example.and_then(Value::as_object).cloned().unwrap_or_default();
    for name in ["downloadUrl", "expiresAt"] {
        report.remove(name);
    }
    report.extend(fields);
    Answer::json(&report)
}

/// The text of every report, if there is no estate.
fn example_report() -> String {
    let operation = Spec::of(Service::Atlas).operation(CONTENT_OPERATION);
    let text = operation.into_iter().flat_map(|operation| &operation.content).find_map(|media| match &media.example {
        Example::Text { text, .. } => Some(*text),
        Example::Json(_) => None,
    });
    text.unwrap_or_default().to_owned()
}
