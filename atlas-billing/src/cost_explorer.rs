//! Cost Explorer: asking a question and waiting for the answer.
//!
//! The service takes a query, returns a token, and hands out the result under that token once it has one:
//!
//! ```
//! use atlas_billing::Date;
//! use atlas_billing::types::{CostExplorerFilterRequestBody, CostExplorerGrouping};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! let (start, end): (Date, Date) = ("2026-01-01".parse()?, "2026-07-01".parse()?);
//! let filter = CostExplorerFilterRequestBody::new(start, end)
//!     .organizations(["4888442a3354817a7320eb61"])
//!     .group_by(CostExplorerGrouping::Organizations);
//! let result = atlas.cost_explorer("4888442a3354817a7320eb61", filter).run().await?;
//! for row in &result.usage_details {
//!     println!("{:?} {:?} {:?} dollars", row.usage_date, row.service, row.usage_amount);
//! }
//! # assert!(!result.usage_details.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! A program that may be stopped meanwhile keeps the token, and goes on where it was:
//!
//! ```
//! use atlas_billing::cost_explorer::CostExplorerQuery;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = cloud_billing_sandbox::Sandbox::start().await?;
//! # let atlas = atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("token").build()?;
//! # let (start, end): (atlas_billing::Date, atlas_billing::Date) = ("2026-01-01".parse()?, "2026-07-01".parse()?);
//! # let filter = atlas_billing::types::CostExplorerFilterRequestBody::new(start, end);
//! let org = "4888442a3354817a7320eb61";
//! let query = atlas.cost_explorer(org, filter).start().await?;
//! println!("waiting for {}", query.token());
//! // ... and in another process:
//! let query = CostExplorerQuery::resume(&atlas, org, query.token());
//! let result = query.wait().await?;
//! # assert!(!result.usage_details.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # What is taken for "not ready yet"
//!
//! The service is specified to say 102 until the result is there. That is an interim status, which no HTTP client takes for
//! an answer, so what arrives is anything but clear. Until the deadline, all of these mean that the next poll may find the
//! result:
//!
//! | what arrives | what it looks like |
//! |---|---|
//! | 102, and then nothing | no answer within the [poll timeout](NewCostExplorerQuery::poll_timeout) |
//! | 102, and the connection ends | a connection that broke |
//! | 102 with a body, which reads as the next status line | an answer that is not HTTP |
//! | 202 or 204 | a success without a result |
//! | 200 without a body | a success without a result |
//! | 200 with 102, 202 or 204 in an [envelope](NewCostExplorerQuery::envelope) | not ready |
//! | 200 with `{}`, if the caller [says so](NewCostExplorerQuery::treat_empty_as_pending) | an empty result |
//!
//! A network that is really broken looks like the first three. The error at the deadline therefore has the last of them as
//! its [source](std::error::Error::source).
//!
//! Whatever has a final status means what it says: 400, 401, 403 and 404 end the wait at once; 429, 500 and the like, a
//! connection that cannot be made, and a result that breaks off do so when as many polls in a row have failed as the
//! client's [retry policy](crate::ClientBuilder::retry) has attempts. The polls themselves are not retried. Each costs one
//! request of the organization's quota.
//!
//! A result as JSON must arrive within the poll timeout as well: raise it for large results on a slow line, or take the CSV,
//! of which only the beginning must.

use std::time::Duration;

use cloud_billing_core::poll::{self, Polled, Polling, Polls};

use crate::polling::polling_setters;
use crate::types::{CostExplorerFilterRequestBody, CostExplorerQueryResult};
use crate::{ByteStream, Client, Error, ErrorKind};

const CREATE: &str = "createCostExplorerProcess";
const GET: &str = "getCostExplorerUsage";

/// Waits from 1 to 15 seconds, polls of 15 seconds at most, 10 minutes in all.
const POLLING: Polling = Polling::new(Duration::from_secs(1), Duration::from_secs(15))
    .with_poll_timeout(Duration::from_secs(15))
    .with_deadline(Duration::from_secs(600));

impl Client {
    /// Asks Cost Explorer about the usage of an organization and waits for the answer, see
    /// [`cost_explorer`](crate::cost_explorer).
    pub fn cost_explorer(
        &self,
        org_id: impl Into<String>,
        filter: impl Into<CostExplorerFilterRequestBody>,
    ) -> NewCostExplorerQuery {
        NewCostExplorerQuery {
            client: self.clone(),
            org_id: org_id.into(),
            filter: filter.into(),
            polling: POLLING,
            reading: Reading::default(),
        }
    }
}

/// How answers are read.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    envelope: bool,
    empty_is_pending: bool,
}

/// A Cost Explorer query to be started. Made by [`Client::cost_explorer`].
///
/// Unless set otherwise, waits grow from 1 to 15 seconds, a poll takes at most 15, and all of it 10 minutes.
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until it is run or started"]
pub struct NewCostExplorerQuery {
    client: Client,
    org_id: String,
    filter: CostExplorerFilterRequestBody,
    polling: Polling,
    reading: Reading,
}

polling_setters!(NewCostExplorerQuery);

impl NewCostExplorerQuery {
    /// Starts the query and waits for its result.
    ///
    /// The deadline covers both. If the future is dropped, or ends in an error, the token is gone with it but for the text
    /// of the timeout; [`start`](Self::start) gives the token first.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start) and [`CostExplorerQuery::wait`].
    pub async fn run(self) -> Result<CostExplorerQueryResult, Error> {
        let polls = self.polling.begin();
        polls.start(self.start()).await?.json(polls).await
    }

    /// Starts the query and waits for its result as CSV, see [`UsageCsv`](crate::csv::UsageCsv).
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start) and [`CostExplorerQuery::wait_csv`].
    pub async fn run_csv(self) -> Result<ByteStream, Error> {
        let polls = self.polling.begin();
        polls.start(self.start()).await?.csv(polls).await
    }

    /// Starts the query. The result is waited for with what this returns.
    ///
    /// # Errors
    ///
    /// Those of [`create_cost_explorer_process`](Client::create_cost_explorer_process), and one of kind
    /// [`ErrorKind::Decode`] if the service returns no token.
    pub async fn start(self) -> Result<CostExplorerQuery, Error> {
        let response = self.client.create_cost_explorer_process(&*self.org_id, self.filter).send().await?;
        let Some(token) = response.token.clone().filter(|token| !token.is_empty()) else {
            return Err(poll::incomplete(CREATE, &response, "there is no token to ask for the result with"));
        };
        let Self { client, org_id, polling, reading, .. } = self;
        Ok(CostExplorerQuery { client, org_id, token, polling, reading })
    }
}

/// A Cost Explorer query that the service works on.
///
/// It is no more than the token and how to ask with it: dropping it, or a future of it, cancels nothing, and it can be
/// waited for again.
#[derive(Clone, Debug)]
#[must_use = "a query has to be waited for"]
pub struct CostExplorerQuery {
    client: Client,
    org_id: String,
    token: String,
    polling: Polling,
    reading: Reading,
}

polling_setters!(CostExplorerQuery);

macro_rules! reading_setters {
    ($type:ty) => {
        impl $type {
            /// Asks for the status inside the body as well, for the result as JSON. This is the vendor's remedy for clients
            /// that cannot see a status; whether it helps with this one is not documented, so by default it is not asked
            /// for.
            pub fn envelope(mut self, envelope: bool) -> Self {
                self.reading.envelope = envelope;
                self
            }

            /// Takes the result `{}` for "not ready yet". By default it is a result without usage, as in the vendor's
            /// documentation; then a service that says `{}` too early ends the wait too early.
            pub fn treat_empty_as_pending(mut self, pending: bool) -> Self {
                self.reading.empty_is_pending = pending;
                self
            }
        }
    };
}

reading_setters!(NewCostExplorerQuery);
reading_setters!(CostExplorerQuery);

impl CostExplorerQuery {
    /// A query that was started before, by its token. Nothing is sent.
    pub fn resume(client: &Client, org_id: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            client: client.clone(),
            org_id: org_id.into(),
            token: token.into(),
            polling: POLLING,
            reading: Reading::default(),
        }
    }

    /// The token. It is not a secret: without a credential for the organization it opens nothing.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Waits for the result.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Timeout`] at the deadline, with the token in its message; and what
    /// [ends the wait](crate::cost_explorer#what-is-taken-for-not-ready-yet) before.
    pub async fn wait(&self) -> Result<CostExplorerQueryResult, Error> {
        self.json(self.polling.begin()).await
    }

    /// Waits for the result as CSV. Only the wait for its first bytes is subject to the deadline.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub async fn wait_csv(&self) -> Result<ByteStream, Error> {
        self.csv(self.polling.begin()).await
    }

    /// Asks once. `None` is "not ready yet", in any of its
    /// [forms](crate::cost_explorer#what-is-taken-for-not-ready-yet).
    ///
    /// # Errors
    ///
    /// Any other failure, those included that may pass.
    pub async fn poll_once(&self) -> Result<Option<CostExplorerQueryResult>, Error> {
        self.poll_json().await.map(Polled::ready)
    }

    /// Asks once for the result as CSV, see [`poll_once`](Self::poll_once).
    ///
    /// # Errors
    ///
    /// Those of [`poll_once`](Self::poll_once).
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

    /// The client for one poll.
    fn poller(&self) -> Client {
        self.client.core().without_retries(self.polling.poll_timeout()).into()
    }

    async fn poll_json(&self) -> Result<Polled<CostExplorerQueryResult>, Error> {
        let mut call = self.poller().get_cost_explorer_usage(&*self.org_id, &*self.token);
        if self.reading.envelope {
            call = call.envelope(true);
        }
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return unready(error),
        };
        if self.reading.empty_is_pending && *answer == CostExplorerQueryResult::default() {
            return Ok(Polled::Pending(Some(poll::not_ready(GET, &answer))));
        }
        Ok(Polled::Ready(answer.into_inner()))
    }

    async fn poll_csv(&self) -> Result<Polled<ByteStream>, Error> {
        let call = self.poller().get_cost_explorer_usage_as_csv(&*self.org_id, &*self.token);
        let mut answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return unready(error),
        };
        if answer.is_empty().await? {
            return Ok(Polled::Pending(Some(poll::not_ready(GET, &answer))));
        }
        Ok(Polled::Ready(answer.into_inner()))
    }
}

/// What it means that there is no result.
fn unready<T>(error: Error) -> Result<Polled<T>, Error> {
    if means_pending(&error) { Ok(Polled::Pending(Some(error))) } else { Err(error) }
}

fn means_pending(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::NotReady | ErrorKind::Empty => true,
        // With a final status, it was the result that did not arrive.
        ErrorKind::Transport | ErrorKind::Timeout => error.status().is_none(),
        _ => false,
    }
}
