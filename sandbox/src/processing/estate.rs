//! Queries and reports of an estate: their results are computed once they are ready.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::{Processing, Turn};
use crate::estate::{Answer, Asked, Atlas, Missing, Pieces};
use crate::reply::Reply;

/// How a request about something that takes its time is answered.
#[derive(Debug)]
pub(crate) enum Job {
    Answer(Answer),
    /// With an interim answer ahead of it.
    AfterInterim(Answer),
    /// It is not ready.
    Instead(Reply),
}

impl Processing {
    /// Takes note of a request that the estate leaves to this. `downloads` is where reports are to be had.
    ///
    /// # Errors
    ///
    /// If there is no such query or report.
    pub(crate) fn job(&self, atlas: &Arc<Atlas>, asked: &Asked<'_>, downloads: &str) -> Result<Option<Job>, Missing> {
        let path = |index: usize| asked.path_values.get(index).map(String::as_str).unwrap_or_default();
        let settings = &self.settings;
        let (invoice, now) = (path(1), asked.now);
        let answer = match asked.operation.id.as_str() {
            "createCostExplorerProcess" => {
                let token = self.with(|state| state.queries.start(path(0), asked.body.clone(), now));
                Answer::json(json!({ "token": token }).to_string())
            }
            "getCostExplorerUsage" => return self.query(atlas, asked, path(0), path(1)).map(Some),
            "createOrgInvoiceReport" => {
                let body = asked.body.to_string();
                let mut report = self.with(|state| state.reports.create(asked.path, Some(body.as_bytes()), now));
                report.insert("state".to_owned(), "PENDING".into());
                Answer::json(Value::from(report).to_string())
            }
            "listOrgInvoiceReports" => {
                let reports = self.with(|state| state.reports.of(invoice, settings, now));
                asked.values(reports.into_iter().map(Value::from).collect())
            }
            "getOrgInvoiceReport" => {
                let report = self.with(|state| {
                    let known = state.reports.has(path(2), invoice, now);
                    known.then(|| state.reports.poll(asked.path, settings, downloads, now))
                });
                let report = report.ok_or_else(|| nothing(path(2), "The invoice has no such report."))?;
                Answer::json(Value::from(report).to_string())
            }
            _ => return Ok(None),
        };
        Ok(Some(Job::Answer(answer)))
    }

    fn query(&self, atlas: &Arc<Atlas>, asked: &Asked<'_>, organization: &str, token: &str) -> Result<Job, Missing> {
        let unknown = || nothing(token, "There is no such query.");
        let (body, turn) = self.with(|state| {
            let body = state.queries.body(token, organization).cloned().ok_or_else(unknown)?;
            Ok((body, state.queries.poll(token, &self.settings, asked.now)))
        })?;
        let result = || {
            let text = atlas.query_result(organization, &body, asked.wants_csv(), asked.now).ok_or_else(unknown)?;
            Ok(Answer::json(text))
        };
        match turn {
            Turn::Instead(reply) => Ok(Job::Instead(reply)),
            Turn::AfterInterim => Ok(Job::AfterInterim(result()?)),
            Turn::AsUsual | Turn::Changed(_) => Ok(Job::Answer(result()?)),
        }
    }

    /// The report at an address that was checked.
    pub(crate) fn download_of(&self, atlas: &Arc<Atlas>, path: &str, now: std::time::Duration) -> Reply {
        let invoice = self.with(|state| state.reports.invoice_at(path));
        let pieces: Option<Pieces> = invoice.and_then(|invoice| atlas.report_of(&invoice, now));
        match pieces {
            Some(pieces) => {
                let chunks = Box::new(pieces.map(String::into_bytes));
                Reply::chunks(StatusCode::OK, HeaderValue::from_static("text/csv"), chunks)
            }
            None => Reply::empty(StatusCode::NOT_FOUND),
        }
    }
}

fn nothing(id: &str, text: &str) -> Missing {
    Missing { code: "RESOURCE_NOT_FOUND", text: text.to_owned(), name: id.to_owned() }
}
