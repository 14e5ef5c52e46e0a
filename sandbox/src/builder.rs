//! Configuring and starting a sandbox.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::auth::{AuthSettings, Authority, DigestAlgorithm};
use crate::clock::Clock;
use crate::error::Error;
use crate::estate::{Estate, Estates};
use crate::fault::{Fault, Faults};
use crate::handle::{self, Endpoint, Role, Shared};
use crate::limit::{Buckets, RateLimit, RateLimits};
use crate::processing::{NotReady, Processing, QuerySettings, ReportSettings};
use crate::record::Log;
use crate::serve::Running;
use crate::server::Sandbox;
use crate::service::Service;

/// Configures a [`Sandbox`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    atlas_port: u16,
    ibm_port: u16,
    downloads_port: u16,
    auth: AuthSettings,
    queries: QuerySettings,
    reports: ReportSettings,
    faults: Vec<Fault>,
    estate: Option<Estate>,
    fixed_time: Option<Duration>,
    exact_versions: bool,
    limits: RateLimits,
    kept_requests: Option<usize>,
}

/// What it knows.
impl Builder {
    /// A synthetic estate to answer with, instead of the examples of the specs.
    pub fn estate(mut self, estate: Estate) -> Self {
        self.estate = Some(estate);
        self
    }

    /// The time that the sandbox believes it is, from 1970 to the year 4000. It stands fixed_time there, but for
    /// [`Sandbox::advance`]. Without it, it is the system's.
    pub fn now(mut self, now: SystemTime) -> Self {
        self.fixed_time = Some(now.duration_since(UNIX_EPOCH).unwrap_or_default());
        self
    }
}

/// Where it listens.
impl Builder {
    /// The port of Atlas. Without it, or with 0, a free one is taken.
    pub fn atlas_port(mut self, port: u16) -> Self {
        self.atlas_port = port;
        self
    }

    /// The port of IBM Cloud Usage Reports. Without it, or with 0, a free one is taken.
    pub fn ibm_port(mut self, port: u16) -> Self {
        self.ibm_port = port;
        self
    }

    /// The port that Atlas's reports are downloaded from. Without it, or with 0, a free one is taken.
    pub fn downloads_port(mut self, port: u16) -> Self {
        self.downloads_port = port;
        self
    }
}

/// Who may call.
impl Builder {
    /// Whether bearer tokens have to be ones that this sandbox issued for the service that is called. Without it, a
    /// token that it does not know will do; one that it issued, and that has expired or was revoked, never does.
    pub fn strict_credentials(mut self, strict: bool) -> Self {
        self.auth.strict = strict;
        self
    }

    /// How long the tokens that it issues are good for, in whole seconds. Without it, an hour. Does not apply to the
    /// token of a VPC instance, whose request names a time.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.auth.token_lifetime = lifetime;
        self
    }

    /// The hash function of HTTP Digest. Without it, MD5.
    pub fn digest_algorithm(mut self, algorithm: DigestAlgorithm) -> Self {
        self.auth.digest.algorithm = algorithm;
        self
    }

    /// After how many uses a nonce of HTTP Digest is stale. Without it, never.
    pub fn nonce_uses(mut self, uses: u32) -> Self {
        self.auth.digest.uses = Some(uses);
        self
    }

    /// After how long a nonce of HTTP Digest is stale. Without it, never.
    pub fn nonce_lifetime(mut self, lifetime: Duration) -> Self {
        self.auth.digest.lifetime = Some(lifetime);
        self
    }
}

/// What it allows.
impl Builder {
    /// Whether Atlas's version dates have to be exactly those that the spec declares. Without it, a later date that
    /// there is a version of is answered with the newest declared one that is not after it, as the service does; a date
    /// of no version is refused with 406 either way.
    pub fn exact_versions(mut self, exact: bool) -> Self {
        self.exact_versions = exact;
        self
    }

    /// Limits the rate of calls as Atlas documents it: buckets for each organization and for each user, `RateLimit-Limit`
    /// and `RateLimit-Remaining` on each answer, and 429 with `Retry-After` from an empty bucket. Without it, nothing is
    /// limited. IBM documents no limits.
    pub fn rate_limits(mut self) -> Self {
        self.limits = RateLimits::Documented;
        self
    }

    /// The same, with buckets of another size.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.limits = RateLimits::Of(limit);
        self
    }

    /// How many requests are recorded, the latest ones. Without it, ten thousand.
    pub fn kept_requests(mut self, requests: usize) -> Self {
        self.kept_requests = Some(requests);
        self
    }
}

/// What takes its time, and what goes wrong.
impl Builder {
    /// How often a query of the Cost Explorer is answered as not ready before its result is. Each query then has a token
    /// of its own; without it, all have that of the example, and their results are ready at once.
    pub fn cost_explorer_polls(mut self, polls: u32) -> Self {
        self.queries.polls = polls;
        self
    }

    /// How long a query of the Cost Explorer takes, by the sandbox's clock, beside the polls.
    pub fn cost_explorer_time(mut self, time: Duration) -> Self {
        self.queries.time = time;
        self
    }

    /// How a query of the Cost Explorer is answered that is not ready. Has no effect without
    /// [`cost_explorer_polls`](Self::cost_explorer_polls) or [`cost_explorer_time`](Self::cost_explorer_time).
    pub fn not_ready(mut self, form: NotReady) -> Self {
        self.queries.not_ready = form;
        self
    }

    /// How often a report on an invoice is not ready before it has succeeded: pending the first time, running from then
    /// on. Each report then has an identifier of its own, and an address that its text can be downloaded from; without
    /// it, all are the examples of the spec.
    pub fn report_polls(mut self, polls: u32) -> Self {
        self.reports.polls = Some(polls);
        self
    }

    /// How long a report on an invoice takes, by the sandbox's clock, beside the polls.
    pub fn report_time(mut self, time: Duration) -> Self {
        self.reports.time = time;
        self
    }

    /// Something that goes wrong.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Builder {
    /// Starts the sandbox.
    ///
    /// # Errors
    ///
    /// If a fault is aimed at an operation that there is not, a port cannot be listened on, or the thread cannot be
    /// started.
    pub async fn start(self) -> Result<Sandbox, Error> {
        if let Some(operation) = self.faults.iter().find_map(|fault| fault.unknown_operation(handle::has_operation)) {
            return Err(Error::operation(operation));
        }
        let (atlas_listener, atlas) = listen(Service::Atlas.name(), self.atlas_port)?;
        let (ibm_listener, ibm) = listen(Service::Ibm.name(), self.ibm_port)?;
        let (downloads_listener, downloads) = listen("downloads", self.downloads_port)?;
        let clock = Clock::new(self.fixed_time);
        let shared = Arc::new(Shared {
            estates: self.estate.map(|estate| Estates::new(estate, clock.now())),
            clock,
            log: Log::new(self.kept_requests),
            authority: Authority::new(self.auth),
            faults: Faults::new(self.faults),
            processing: Processing::new(self.queries, self.reports),
            downloads: downloads.clone(),
            served: AtomicU64::new(0),
            exact_versions: self.exact_versions,
            buckets: Buckets::new(self.limits),
            gates: Default::default(),
        });
        let endpoint = |role, origin: &str| Endpoint::new(role, origin.to_owned(), Arc::clone(&shared));
        let servers = vec![
            (atlas_listener, endpoint(Role::Service(Service::Atlas), &atlas)?),
            (ibm_listener, endpoint(Role::Service(Service::Ibm), &ibm)?),
            (downloads_listener, endpoint(Role::Downloads, &downloads)?),
        ];
        let running = Running::start(servers).map_err(Error::thread)?;
        Ok(Sandbox::new(atlas, ibm, shared, running))
    }
}

/// Listens on the loopback interface, and returns the URL as well.
fn listen(name: &'static str, port: u16) -> Result<(TcpListener, String), Error> {
    let listen = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok((listener, url))
    };
    listen().map_err(|source| Error::listen(name, port, source))
}
