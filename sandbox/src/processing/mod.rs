//! What takes more than one request: queries and reports that are not ready at once.

mod cost_explorer;
mod estate;
mod reports;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::check::{Accepted, Incoming};
use crate::fault::Edit;
use crate::reply::Reply;
use crate::spec::Spec;

pub use cost_explorer::NotReady;
use cost_explorer::Queries;
pub(crate) use cost_explorer::interim;
pub(crate) use estate::Job;
use reports::{Declined, Reports};

/// How long things take: so many requests, and so long by the sandbox's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProcessingSettings {
    pub(crate) cost_explorer_polls: u32,
    pub(crate) cost_explorer_time: Duration,
    pub(crate) not_ready: NotReady,
    /// Without it, reports are the examples of the spec, if there is no estate.
    pub(crate) report_polls: Option<u32>,
    pub(crate) report_time: Duration,
}

impl ProcessingSettings {
    /// Whether queries are ready at once.
    fn is_instant(&self) -> bool {
        self.cost_explorer_polls == 0 && self.cost_explorer_time.is_zero()
    }

    /// Whether reports are more than an example.
    fn has_reports(&self) -> bool {
        self.report_polls.is_some() || !self.report_time.is_zero()
    }
}

/// What is being processed.
#[derive(Debug)]
pub(crate) struct Processing {
    settings: ProcessingSettings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queries: Queries,
    reports: Reports,
}

/// How a request is answered.
pub(crate) enum Turn {
    /// With the example of the spec.
    AsUsual,
    /// With something else.
    Instead(Reply),
    /// With the example, changed.
    Changed(Edit),
    /// With an interim answer and then the example.
    AfterInterim,
}

impl Processing {
    pub(crate) fn new(settings: ProcessingSettings) -> Self {
        Self { settings, state: Mutex::default() }
    }

    /// Takes note of a request, and says how it is answered. `downloads` is where reports are to be had.
    pub(crate) fn turn(
        &self,
        accepted: &Accepted<'_, '_>,
        body: Option<&[u8]>,
        downloads: &str,
        now: Duration,
    ) -> Turn {
        let settings = &self.settings;
        self.with(|State { queries, reports }| match accepted.operation.id.as_str() {
            "createCostExplorerProcess" if !settings.is_instant() => Turn::Changed(cost_explorer::new_token()),
            "getCostExplorerUsage" if !settings.is_instant() => queries.poll(accepted.path, settings, now),
            "createOrgInvoiceReport" if settings.has_reports() => {
                Turn::Changed(reports::put(reports.create(accepted.path, body, now)))
            }
            "getOrgInvoiceReport" if settings.has_reports() => {
                Turn::Changed(reports::put(reports.poll(accepted.path, settings, downloads, now)))
            }
            _ => Turn::AsUsual,
        })
    }

    /// Checks a request to where reports are downloaded from.
    ///
    /// # Errors
    ///
    /// If it is refused.
    pub(crate) fn ask_download(&self, incoming: Incoming<'_>, now: Duration) -> Result<(), Declined> {
        self.with(|state| state.reports.ask_download(incoming, now))
    }

    /// The report itself.
    pub(crate) fn download(spec: &Spec) -> Reply {
        reports::download(spec)
    }

    /// No change is ever half done, so a panic elsewhere leaves the state sound.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
