//! Cost Explorer: runs a query and waits for its result.
//!
//! The service accepts a query and returns a token. It returns the result for that token as soon as the result is
//! ready:
//!
//! ```
//! use atlas_billing::Date;
//! use atlas_billing::types::{CostExplorerFilterRequestBody, CostExplorerGrouping, OrganizationId};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! let (start, end): (Date, Date) = ("2026-01-01".parse()?, "2026-07-01".parse()?);
//! let org = OrganizationId::new("4888442a3354817a7320eb61");
//! let filter = CostExplorerFilterRequestBody::new(start, end)
//!     .organizations([&org])
//!     .group_by(CostExplorerGrouping::Organizations);
//! let result = atlas.cost_explorer(org, filter).run().await?;
//! for row in &result.usage_details {
//!     println!("{:?} {:?} {:?} dollars", row.usage_date, row.service, row.usage_amount);
//! }
//! # assert!(!result.usage_details.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! A program that may be stopped can store the token and resume the query:
//!
//! ```
//! use atlas_billing::cost_explorer::CostExplorerQuery;
//! use atlas_billing::types::{CostExplorerToken, OrganizationId};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! # let (start, end): (atlas_billing::Date, atlas_billing::Date) = ("2026-01-01".parse()?, "2026-07-01".parse()?);
//! # let filter = atlas_billing::types::CostExplorerFilterRequestBody::new(start, end);
//! let org = OrganizationId::new("4888442a3354817a7320eb61");
//! let query = atlas.cost_explorer(&org, filter).start().await?;
//! let stored = query.token().to_string();
//! // ... and in another process:
//! let query = CostExplorerQuery::resume(&atlas, org, CostExplorerToken::new(stored));
//! let result = query.wait().await?;
//! # assert!(!result.usage_details.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # What is taken for "not ready yet"
//!
//! According to its specification, the service sends 102 until the result is ready. That is an interim status, which
//! HTTP clients do not report as a response, so different things arrive in practice. Until the deadline, all of these
//! count as "not ready yet":
//!
//! | the service sends | the client sees |
//! |---|---|
//! | 102, and then nothing | no response within the [poll timeout](NewCostExplorerQuery::poll_timeout) |
//! | 102, and closes the connection | a broken connection |
//! | 102 with a body, which is read as the next status line | a response that is not HTTP |
//! | 202 or 204 | a success without a result |
//! | 200 without a body | a success without a result |
//! | 200 with 102, 202 or 204 in an [envelope](NewCostExplorerQuery::envelope) | not ready |
//! | 200 with `{}`, if [`treat_empty_as_pending`](NewCostExplorerQuery::treat_empty_as_pending) is set | an empty result |
//!
//! A real network failure looks like the first three. The error at the deadline therefore has the last of them as its
//! [source](std::error::Error::source).
//!
//! A response with a final status is not taken for "not ready yet". 400, 401, 403 and 404 end the wait at once. After
//! 429, 5xx, a failure to connect or a truncated result the next poll follows, until as many polls in a row have failed
//! as the client's [retry policy](crate::ClientBuilder::retry) has attempts. The polls themselves are not retried. Each
//! poll uses one request of the organization's rate limit.
//!
//! A JSON result must arrive within the poll timeout. Raise it for large results on a slow connection, or request CSV,
//! of which only the beginning must arrive in time.

use std::time::Duration;

use cloud_billing_core::poll::{self, Polled, Polling, Polls};

use crate::polling::polling_setters;
use crate::types::{CostExplorerFilterRequestBody, CostExplorerQueryResult, CostExplorerToken, OrganizationId};
use crate::{ByteStream, Client, Error, ErrorKind};

const CREATE: &str = "createCostExplorerProcess";
const GET: &str = "getCostExplorerUsage";

/// Waits grow from 1 to 15 seconds. A poll takes at most 15 seconds, the whole query 10 minutes.
const POLLING: Polling = Polling::new(Duration::from_secs(1), Duration::from_secs(15))
    .with_poll_timeout(Duration::from_secs(15))
    .with_deadline(Duration::from_secs(600));

impl Client {
    /// Creates a Cost Explorer query about the usage of an organization, see [`cost_explorer`](crate::cost_explorer).
    pub fn cost_explorer(
        &self,
        org_id: impl Into<OrganizationId>,
        filter: impl Into<CostExplorerFilterRequestBody>,
    ) -> NewCostExplorerQuery {
        NewCostExplorerQuery {
            client: self.clone(),
            org_id: org_id.into(),
            filter: filter.into(),
            polling: POLLING,
            options: ReadOptions::default(),
        }
    }
}

/// How responses are interpreted.
#[derive(Clone, Copy, Debug, Default)]
struct ReadOptions {
    envelope: bool,
    empty_is_pending: bool,
}

/// A Cost Explorer query that was not sent yet. Created by [`Client::cost_explorer`].
///
/// By default waits grow from 1 to 15 seconds, a poll takes at most 15 seconds, and the whole query 10 minutes.
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until it is run or started"]
pub struct NewCostExplorerQuery {
    client: Client,
    org_id: OrganizationId,
    filter: CostExplorerFilterRequestBody,
    polling: Polling,
    options: ReadOptions,
}

polling_setters!(NewCostExplorerQuery);

impl NewCostExplorerQuery {
    /// Starts the query and waits for its result.
    ///
    /// The deadline covers both. If the future is dropped or returns an error, the token is lost, except that a timeout
    /// error shows it. Use [`start`](Self::start) to get the token first.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`start`](Self::start) and [`CostExplorerQuery::wait`].
    pub async fn run(self) -> Result<CostExplorerQueryResult, Error> {
        let polls = self.polling.begin();
        polls.start(self.start()).await?.json(polls).await
    }

    /// Starts the query and waits for its result as CSV, see [`UsageCsv`](crate::csv::UsageCsv).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`start`](Self::start) and [`CostExplorerQuery::wait_csv`].
    pub async fn run_csv(self) -> Result<ByteStream, Error> {
        let polls = self.polling.begin();
        polls.start(self.start()).await?.csv(polls).await
    }

    /// Starts the query. Use the returned value to wait for the result.
    ///
    /// If the future is dropped, the service may have started the query, whose token is then lost.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`create_cost_explorer_process`](Client::create_cost_explorer_process), and
    /// [`ErrorKind::Decode`] if the service returns no token.
    pub async fn start(self) -> Result<CostExplorerQuery, Error> {
        let response = self.client.create_cost_explorer_process(&self.org_id, self.filter).send().await?;
        let Some(token) = response.token.clone().filter(|token| !token.is_empty()) else {
            return Err(poll::incomplete(CREATE, &response, "the response has no token for the result"));
        };
        let Self { client, org_id, polling, options, .. } = self;
        Ok(CostExplorerQuery { client, org_id, token, polling, options })
    }
}

/// A Cost Explorer query that the service is running.
///
/// It contains only the token and the polling settings. Dropping it or one of its futures does not cancel the query,
/// and it can be waited for again.
#[derive(Clone, Debug)]
#[must_use = "a query has to be waited for"]
pub struct CostExplorerQuery {
    client: Client,
    org_id: OrganizationId,
    token: CostExplorerToken,
    polling: Polling,
    options: ReadOptions,
}

polling_setters!(CostExplorerQuery);

macro_rules! read_option_setters {
    ($type:ty) => {
        impl $type {
            /// Asks for the status inside the body of the JSON result. The vendor offers this for clients that cannot
            /// read the HTTP status. It is not documented whether it helps with 102, so the default is `false`.
            pub fn envelope(mut self, envelope: bool) -> Self {
                self.options.envelope = envelope;
                self
            }

            /// Treats the result `{}` as "not ready yet". By default it is a result without usage, as in the vendor's
            /// documentation. If the service sends `{}` too early, the default then ends the wait too early.
            pub fn treat_empty_as_pending(mut self, pending: bool) -> Self {
                self.options.empty_is_pending = pending;
                self
            }
        }
    };
}

read_option_setters!(NewCostExplorerQuery);
read_option_setters!(CostExplorerQuery);

impl CostExplorerQuery {
    /// Resumes a query by its token. This sends nothing.
    pub fn resume(client: &Client, org_id: impl Into<OrganizationId>, token: impl Into<CostExplorerToken>) -> Self {
        Self {
            client: client.clone(),
            org_id: org_id.into(),
            token: token.into(),
            polling: POLLING,
            options: ReadOptions::default(),
        }
    }

    /// The token. It is not a secret: using it requires a credential of the organization.
    pub fn token(&self) -> &CostExplorerToken {
        &self.token
    }

    /// Waits for the result.
    ///
    /// Dropping the future ends the wait, but not the query: call this method again to go on.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Timeout`] at the deadline, with the token in its message, and the errors that [end the
    /// wait](crate::cost_explorer#what-is-taken-for-not-ready-yet) earlier.
    pub async fn wait(&self) -> Result<CostExplorerQueryResult, Error> {
        self.json(self.polling.begin()).await
    }

    /// Waits for the result as CSV. The deadline covers only the wait for its first bytes.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`wait`](Self::wait).
    pub async fn wait_csv(&self) -> Result<ByteStream, Error> {
        self.csv(self.polling.begin()).await
    }

    /// Polls once. Returns `None` if the result is [not ready
    /// yet](crate::cost_explorer#what-is-taken-for-not-ready-yet).
    ///
    /// # Errors
    ///
    /// Returns any other failure, including temporary ones.
    pub async fn poll_once(&self) -> Result<Option<CostExplorerQueryResult>, Error> {
        self.poll_json().await.map(Polled::ready)
    }

    /// Polls once for the result as CSV, see [`poll_once`](Self::poll_once).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`poll_once`](Self::poll_once).
    pub async fn poll_once_csv(&self) -> Result<Option<ByteStream>, Error> {
        self.poll_csv().await.map(Polled::ready)
    }

    async fn json(&self, polls: Polls) -> Result<CostExplorerQueryResult, Error> {
        polls.until_ready(self.client.core(), &self.name(), || self.poll_json()).await
    }

    async fn csv(&self, polls: Polls) -> Result<ByteStream, Error> {
        polls.until_ready(self.client.core(), &self.name(), || self.poll_csv()).await
    }

    fn name(&self) -> String {
        format!("token {}", self.token)
    }

    /// The client for one poll: without retries and with the poll timeout.
    fn poller(&self) -> Client {
        self.client.core().without_retries(self.polling.poll_timeout()).into()
    }

    async fn poll_json(&self) -> Result<Polled<CostExplorerQueryResult>, Error> {
        let mut call = self.poller().get_cost_explorer_usage(&self.org_id, &self.token);
        if self.options.envelope {
            call = call.envelope(true);
        }
        let response = match call.send().await {
            Ok(response) => response,
            Err(error) => return pending_or_error(error),
        };
        if self.options.empty_is_pending && *response == CostExplorerQueryResult::default() {
            return Ok(Polled::Pending(Some(poll::not_ready(GET, &response))));
        }
        Ok(Polled::Ready(response.into_inner()))
    }

    async fn poll_csv(&self) -> Result<Polled<ByteStream>, Error> {
        let call = self.poller().get_cost_explorer_usage_as_csv(&self.org_id, &self.token);
        let mut response = match call.send().await {
            Ok(response) => response,
            Err(error) => return pending_or_error(error),
        };
        if response.is_empty().await? {
            return Ok(Polled::Pending(Some(poll::not_ready(GET, &response))));
        }
        Ok(Polled::Ready(response.into_inner()))
    }
}

/// Decides whether a failed poll means "not ready yet".
fn pending_or_error<T>(error: Error) -> Result<Polled<T>, Error> {
    if means_pending(&error) { Ok(Polled::Pending(Some(error))) } else { Err(error) }
}

fn means_pending(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::NotReady | ErrorKind::Empty => true,
        // After a final status, the failure concerns the result itself.
        ErrorKind::Transport | ErrorKind::Timeout => error.status().is_none(),
        _ => false,
    }
}
