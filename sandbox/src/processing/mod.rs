//! Jobs of Atlas that take more than one request: Cost Explorer queries and reports on invoices.

mod queries;
mod reports;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};

use crate::answer::Reply;
use crate::answer::{Answer, Denial};
use crate::estate::Atlas;
use crate::examples;
use crate::request::{Incoming, Request};

pub use queries::NotReady;
use queries::Queries;
pub(crate) use queries::QuerySettings;
pub(crate) use reports::ReportSettings;
use reports::Reports;

/// The jobs of one sandbox.
#[derive(Debug)]
pub(crate) struct Processing {
    query_settings: QuerySettings,
    report_settings: ReportSettings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queries: Queries,
    reports: Reports,
}

impl Processing {
    pub(crate) fn new(query_settings: QuerySettings, report_settings: ReportSettings) -> Self {
        Self { query_settings, report_settings, state: Mutex::default() }
    }

    /// Starts a Cost Explorer query, and returns its token.
    ///
    /// # Errors
    ///
    /// If the estate has no such organization, or cannot answer the query.
    pub(crate) fn create_query(&self, request: &Request<'_>, atlas: Option<&Arc<Atlas>>) -> Result<Answer, Denial> {
        match atlas {
            Some(atlas) => atlas.check_query(request)?,
            None => {
                let example = examples::not_found(request);
                if example.is_some() || self.query_settings.is_instant() {
                    return examples::answer(request);
                }
            }
        }
        Ok(self.with(|state| state.queries.create(request)))
    }

    /// The result of a Cost Explorer query, once it is ready.
    ///
    /// # Errors
    ///
    /// If the estate has no such organization, or the organization no such query.
    pub(crate) fn query_result(&self, request: &Request<'_>, atlas: Option<&Arc<Atlas>>) -> Result<Answer, Denial> {
        let result = |body| match atlas {
            Some(atlas) => atlas.query_result(request, body),
            None => examples::answer(request),
        };
        match atlas {
            Some(atlas) => drop(atlas.organization(request)?),
            None => {
                if let Some(not_found) = examples::not_found(request) {
                    return Ok(not_found);
                }
            }
        }
        let known_only = atlas.is_some();
        let (body, not_ready) = self.with(|state| state.queries.poll(request, &self.query_settings, known_only))?;
        match not_ready.map(NotReady::reply) {
            None => result(&body),
            Some(Some(reply)) => Ok(Answer::Reply(reply)),
            Some(None) => Ok(Answer::AfterInterim(Box::new(result(&body)?))),
        }
    }

    /// Creates, lists or shows reports on an invoice. `downloads` is the origin of their download URLs.
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
        let settings = &self.report_settings;
        let operation = request.operation.id;
        let known_only = match atlas {
            Some(atlas) => {
                atlas.check_invoice(request)?;
                true
            }
            None => {
                let example = examples::not_found(request).is_some() || operation == "listOrgInvoiceReports";
                if example || !settings.is_set() {
                    return examples::answer(request);
                }
                false
            }
        };
        self.with(|State { reports, .. }| match operation {
            "createOrgInvoiceReport" => Ok(reports.create(request, known_only)),
            "listOrgInvoiceReports" => reports.list(request, settings),
            _ => reports.poll(request, settings, downloads, known_only),
        })
    }

    /// Checks a request for the text of a report.
    ///
    /// # Errors
    ///
    /// The reply, if the request is refused.
    pub(crate) fn check_download(&self, incoming: Incoming<'_>, now: Duration) -> Result<(), Box<Reply>> {
        self.with(|state| state.reports.check_download(incoming, now)).map_err(|refused| Box::new(refused.reply()))
    }

    /// The text of the report at a path that was checked.
    pub(crate) fn download(&self, path: &str, atlas: Option<&Arc<Atlas>>, now: Duration) -> Reply {
        let csv = HeaderValue::from_static("text/csv");
        let Some(atlas) = atlas else { return Reply::new(StatusCode::OK, csv, reports::example()) };
        let invoice = self.with(|state| state.reports.invoice_at(path));
        match invoice.and_then(|invoice| atlas.report(&invoice, now)) {
            Some(pieces) => Reply::stream(StatusCode::OK, csv, Box::new(pieces.map(String::into_bytes))),
            None => Reply::empty(StatusCode::NOT_FOUND),
        }
    }

    /// No change is half done when a panic could occur, so a poisoned lock holds a sound state.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
