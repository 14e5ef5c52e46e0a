//! FOCUS reports on invoices: requests a report, waits for it and downloads it.
//!
//! ```
//! use atlas_billing::csv::Table;
//! use atlas_billing::types::{InvoiceId, OrganizationId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::builder().report_polls(0).start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! let (org, invoice) = (OrganizationId::new("4888442a3354817a7320eb61"), InvoiceId::new("6abda280f4c54977656cf2d1"));
//! let report = atlas
//!     .invoice_report(org, invoice)
//! #   .first_wait(std::time::Duration::ZERO)
//!     .run()
//!     .await?;
//! let mut rows = Table::new(report.download().await?.into_inner().csv_records());
//! while let Some(row) = rows.try_next().await? {
//!     println!("{:?}", row.get("BilledCost"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The service writes a report in the background and keeps it for seven days. A program that may be stopped can store
//! the report id and resume:
//!
//! ```
//! use atlas_billing::invoice_report::InvoiceReport;
//! use atlas_billing::types::{InvoiceId, InvoiceReportId, OrganizationId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::builder().report_polls(0).start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! let (org, invoice) = (OrganizationId::new("4888442a3354817a7320eb61"), InvoiceId::new("6abda280f4c54977656cf2d1"));
//! let report = atlas.invoice_report(&org, &invoice).start().await?;
//! let stored = report.report_id().to_string();
//! // ... and in another process:
//! let report = InvoiceReport::resume(&atlas, org, invoice, InvoiceReportId::new(stored)).wait().await?;
//! println!("it can be had until {:?}", report.address_expires_at());
//! # Ok(())
//! # }
//! ```
//!
//! A report on the invoice of the current month can be requested, but its figures are not final. Reports do not contain
//! shortfall, taxes, adjustments and refunds.

use std::fmt;
use std::time::Duration;

use cloud_billing_core::poll::{self, Polled, Polling, Polls};

use crate::polling::polling_setters;
use crate::types::{
    InvoiceId, InvoiceReportFormat, InvoiceReportId, InvoiceReportRequest, InvoiceReportResponse, InvoiceReportState,
    InvoiceReportType, OrganizationId,
};
use crate::{ByteStream, Client, Error, Response, Secret, Timestamp};

const CREATE: &str = "createOrgInvoiceReport";
const GET: &str = "getOrgInvoiceReport";

/// Waits grow from 5 seconds, the minimum that the service asks for, to 30. A poll takes at most 15 seconds, everything
/// 10 minutes.
const POLLING: Polling = Polling::new(Duration::from_secs(5), Duration::from_secs(30))
    .with_poll_timeout(Duration::from_secs(15))
    .with_deadline(Duration::from_secs(600));

impl Client {
    /// Creates a request for a FOCUS report on an invoice, see [`invoice_report`](crate::invoice_report).
    pub fn invoice_report(
        &self,
        org_id: impl Into<OrganizationId>,
        invoice_id: impl Into<InvoiceId>,
    ) -> NewInvoiceReport {
        NewInvoiceReport {
            client: self.clone(),
            org_id: org_id.into(),
            invoice_id: invoice_id.into(),
            request: InvoiceReportRequest::new(InvoiceReportType::Focus, InvoiceReportFormat::Csv),
            polling: POLLING,
        }
    }
}

/// A request for a report that has not been sent.
///
/// By default waits grow from 5 seconds (the minimum that the service asks for) to 30, a poll takes at most 15 seconds,
/// and everything takes at most 10 minutes.
#[derive(Clone, Debug)]
#[must_use = "a report is not requested until it is run or started"]
pub struct NewInvoiceReport {
    client: Client,
    org_id: OrganizationId,
    invoice_id: InvoiceId,
    request: InvoiceReportRequest,
    polling: Polling,
}

polling_setters!(NewInvoiceReport);

impl NewInvoiceReport {
    /// Sets the version of the FOCUS specification, such as `1.3`. By default the service chooses it.
    pub fn format_spec_version(mut self, version: impl Into<String>) -> Self {
        self.request = self.request.format_spec_version(version);
        self
    }

    /// Requests the report and waits for it. The deadline covers both.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`start`](Self::start) and [`InvoiceReport::wait`].
    pub async fn run(self) -> Result<FinishedReport, Error> {
        let polls = self.polling.begin();
        polls.start(self.start()).await?.wait_with(polls).await
    }

    /// Requests the report. Use the returned value to wait for it.
    ///
    /// If the future is dropped, the service may have started the report, whose id is then lost.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`create_org_invoice_report`](Client::create_org_invoice_report), and
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the service returns no report id.
    pub async fn start(self) -> Result<InvoiceReport, Error> {
        let Self { client, org_id, invoice_id, request, polling } = self;
        let response = client.create_org_invoice_report(&org_id, &invoice_id, request).send().await?;
        let Some(report_id) = response.report_id.clone().filter(|id| !id.is_empty()) else {
            return Err(poll::incomplete(CREATE, &response, "the response has no report id"));
        };
        let ended = matches!(response.state, Some(InvoiceReportState::Succeeded | InvoiceReportState::Failed));
        Ok(InvoiceReport { client, org_id, invoice_id, report_id, polling, asked: !ended })
    }
}

/// A report that the service is writing.
///
/// It contains only the report id and the polling settings. Dropping it or one of its futures does not cancel the
/// report, and it can be waited for again.
#[derive(Clone, Debug)]
#[must_use = "a report has to be waited for"]
pub struct InvoiceReport {
    client: Client,
    org_id: OrganizationId,
    invoice_id: InvoiceId,
    report_id: InvoiceReportId,
    polling: Polling,
    /// Whether the service has just said that the report is not finished.
    asked: bool,
}

polling_setters!(InvoiceReport);

impl InvoiceReport {
    /// Resumes a report by its id. This sends nothing.
    pub fn resume(
        client: &Client,
        org_id: impl Into<OrganizationId>,
        invoice_id: impl Into<InvoiceId>,
        report_id: impl Into<InvoiceReportId>,
    ) -> Self {
        Self {
            client: client.clone(),
            org_id: org_id.into(),
            invoice_id: invoice_id.into(),
            report_id: report_id.into(),
            polling: POLLING,
            asked: false,
        }
    }

    /// The report id.
    pub fn report_id(&self) -> &InvoiceReportId {
        &self.report_id
    }

    /// Waits until the report is finished. An unknown state counts as not finished.
    ///
    /// Dropping the future ends the wait and not the report, which can be waited for again.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) at the deadline, with the report id in its message.
    /// * [`ErrorKind::Api`](crate::ErrorKind::Api) if the report has failed. The message is the service's reason; there
    ///   is no status.
    /// * The errors of [`get_org_invoice_report`](Client::get_org_invoice_report). A temporary error ends the wait when
    ///   as many polls in a row have failed as the client's [retry policy](crate::ClientBuilder::retry) has attempts.
    ///   The polls themselves are not retried.
    pub async fn wait(&self) -> Result<FinishedReport, Error> {
        self.wait_with(self.polling.begin()).await
    }

    /// Polls once. Returns `None` if the report is not finished. The service asks for at most one poll every five
    /// seconds.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`wait`](Self::wait) except the timeout, and also temporary ones.
    pub async fn poll_once(&self) -> Result<Option<FinishedReport>, Error> {
        self.poll().await.map(Polled::ready)
    }

    async fn wait_with(&self, polls: Polls) -> Result<FinishedReport, Error> {
        // The response to the request for the report counts as the first poll.
        let mut asked = self.asked;
        let poll = || {
            let asked = std::mem::take(&mut asked);
            async move { if asked { Ok(Polled::Pending(None)) } else { self.poll().await } }
        };
        polls.until_ready(self.client.core(), &format!("report id {}", self.report_id), poll).await
    }

    async fn poll(&self) -> Result<Polled<FinishedReport>, Error> {
        let client = Client::from(self.client.core().without_retries(self.polling.poll_timeout()));
        self.read(self.get(&client).await?)
    }

    async fn get(&self, client: &Client) -> Result<Response<InvoiceReportResponse>, Error> {
        client.get_org_invoice_report(&self.org_id, &self.invoice_id, &self.report_id).send().await
    }

    fn read(&self, mut response: Response<InvoiceReportResponse>) -> Result<Polled<FinishedReport>, Error> {
        match response.state {
            Some(InvoiceReportState::Succeeded) => match response.download_url.take() {
                Some(address) => Ok(Polled::Ready(FinishedReport {
                    report: self.clone(),
                    address,
                    expires_at: response.expires_at.known().copied(),
                    format_spec_version: response.format_spec_version.take(),
                })),
                None => Err(poll::incomplete(GET, &response, "the report succeeded but has no download address")),
            },
            Some(InvoiceReportState::Failed) => Err(poll::failed(GET, response.failure_reason.as_deref())),
            _ => Ok(Polled::Pending(None)),
        }
    }
}

/// A finished report that can be downloaded.
#[derive(Clone)]
pub struct FinishedReport {
    report: InvoiceReport,
    address: Secret,
    expires_at: Option<Timestamp>,
    format_spec_version: Option<String>,
}

impl FinishedReport {
    /// The report id.
    pub fn report_id(&self) -> &InvoiceReportId {
        self.report.report_id()
    }

    /// The version of the FOCUS specification that the report follows, if the service states it.
    pub fn format_spec_version(&self) -> Option<&str> {
        self.format_spec_version.as_deref()
    }

    /// The address for downloading the report until [`address_expires_at`](Self::address_expires_at). It needs no
    /// credential, so it must be kept secret.
    pub fn address(&self) -> &Secret {
        &self.address
    }

    /// The time when the address expires, if the service states it. [`download`](Self::download) then requests a new
    /// one.
    pub fn address_expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Downloads the report, a CSV file.
    ///
    /// An address is valid for 15 minutes. If it is refused, this requests a new one, once. So downloading works as
    /// long as the service keeps the report. The client's credential is not sent to the address, see
    /// [`Core::download`](cloud_billing_core::Core::download).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Core::download`](cloud_billing_core::Core::download) and
    /// [`get_org_invoice_report`](Client::get_org_invoice_report).
    pub async fn download(&self) -> Result<Response<ByteStream>, Error> {
        let client = &self.report.client;
        match client.core().download(&self.address).await {
            // File stores use different statuses for an expired address.
            Err(error) if matches!(error.status(), Some(400 | 401 | 403)) => {
                match self.report.read(self.report.get(client).await?)? {
                    Polled::Ready(renewed) => client.core().download(&renewed.address).await,
                    Polled::Pending(_) => Err(error),
                }
            }
            response => response,
        }
    }
}

impl fmt::Debug for FinishedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishedReport")
            .field("report_id", &self.report.report_id)
            .field("format_spec_version", &self.format_spec_version)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
