//! What takes more than one request: queries and reports that are not ready at once.

mod cost_explorer;
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
use reports::{Declined, Reports};

/// How long things take, counted in requests.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProcessingSettings {
    pub(crate) cost_explorer_polls: u32,
    pub(crate) not_ready: NotReady,
    /// Without it, reports are the examples of the spec.
    pub(crate) report_polls: Option<u32>,
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
        let ProcessingSettings { cost_explorer_polls, not_ready, report_polls } = self.settings;
        self.with(|State { queries, reports }| match accepted.operation.id.as_str() {
            "createCostExplorerProcess" if cost_explorer_polls > 0 => Turn::Changed(cost_explorer::new_token()),
            "getCostExplorerUsage" if cost_explorer_polls > 0 => {
                queries.poll(accepted.path, cost_explorer_polls, not_ready)
            }
            "createOrgInvoiceReport" if report_polls.is_some() => Turn::Changed(reports.create(accepted.path, body)),
            "getOrgInvoiceReport" => match report_polls {
                Some(polls) => Turn::Changed(reports.poll(accepted.path, polls, downloads, now)),
                None => Turn::AsUsual,
            },
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
