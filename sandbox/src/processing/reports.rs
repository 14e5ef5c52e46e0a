//! Reports on invoices, and the place that they are downloaded from.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ALLOW, AUTHORIZATION};
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};

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

/// The reports of one sandbox.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// By their identifiers.
    known: HashMap<String, Report>,
    /// When addresses stop working, by path and signature.
    addresses: HashMap<(String, String), Duration>,
}

#[derive(Debug, Default)]
struct Report {
    /// What its request says about it.
    fields: Map<String, Value>,
    polls: u32,
}

impl Reports {
    /// Makes a report, and puts it into the answer.
    pub(super) fn create(&mut self, path: &str, body: Option<&[u8]>) -> Edit {
        let mut fields: Map<String, Value> =
            body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let id = hex(24);
        // .../invoices/{invoiceId}/reports
        fields.insert("reportId".to_owned(), id.clone().into());
        fields.insert("invoiceId".to_owned(), segment(path, 1).into());
        self.known.insert(id, Report { fields: fields.clone(), polls: 0 });
        put(fields)
    }

    /// Says how far a report is. One that was not made here is made now.
    pub(super) fn poll(&mut self, path: &str, running: u32, downloads: &str, now: Duration) -> Edit {
        // .../invoices/{invoiceId}/reports/{reportId}
        let id = segment(path, 0);
        let report = self.known.entry(id.to_owned()).or_default();
        let mut fields = report.fields.clone();
        fields.insert("reportId".to_owned(), id.into());
        fields.insert("invoiceId".to_owned(), segment(path, 2).into());
        let state = match report.polls {
            polls if polls >= running => "SUCCEEDED",
            0 => "PENDING",
            _ => "RUNNING",
        };
        report.polls = report.polls.saturating_add(1);
        fields.insert("state".to_owned(), state.into());
        if state == "SUCCEEDED" {
            let (path, signature) = (format!("/focus/{id}.csv"), hex(32));
            let expires = now.saturating_add(ADDRESS_LIFETIME);
            fields.insert("downloadUrl".to_owned(), format!("{downloads}{path}?signature={signature}").into());
            fields.insert("expiresAt".to_owned(), rfc3339(expires).into());
            self.addresses.insert((path, signature), expires);
        }
        put(fields)
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
fn put(fields: Map<String, Value>) -> Edit {
    Edit::Custom(Arc::new(move |body| {
        let Some(report) = body.as_object_mut() else { return };
        for name in ["downloadUrl", "expiresAt"] {
            report.remove(name);
        }
        report.extend(fields.clone());
    }))
}
