//! Configuring and starting a sandbox.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Semaphore;

use crate::auth::{AuthSettings, Authority, DigestAlgorithm};
use crate::clock::Clock;
use crate::error::Error;
use crate::estate::{Estate, Estates};
use crate::fault::{Fault, Faults};
use crate::handle::{self, Endpoint, Role, Shared};
use crate::limit::{Buckets, RateLimit, RateLimits};
use crate::processing::{JobSettings, NotReady, Processing};
use crate::record::Log;
use crate::serve::{ClientLimits, Running};
use crate::server::Sandbox;
use crate::spec::Service;

/// A year. The system's clock cannot express all times that are later.
const MAX_CLIENT_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3600);

/// Configures a [`Sandbox`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Builder {
    /// Of Atlas, IBM, downloads, and IBM's enterprises.
    ports: [u16; 4],
    auth: AuthSettings,
    queries: JobSettings,
    not_ready: NotReady,
    reports: JobSettings,
    faults: Vec<Fault>,
    estate: Option<Estate>,
    fixed_time: Option<Duration>,
    exact_versions: bool,
    limits: RateLimits,
    kept_requests: Option<usize>,
    clients: ClientLimits,
}

/// Records and time.
impl Builder {
    /// Answers with the records of a synthetic estate, instead of the examples of the specs.
    pub fn estate(mut self, estate: Estate) -> Self {
        self.estate = Some(estate);
        self
    }

    /// Stops the clock at a time from 1970 to the year 4000. Only [`Sandbox::advance`] moves it. The default is the
    /// system's clock.
    pub fn now(mut self, now: SystemTime) -> Self {
        self.fixed_time = Some(now.duration_since(UNIX_EPOCH).unwrap_or_default());
        self
    }
}

/// Ports.
impl Builder {
    /// The port of Atlas. The default is 0, a free port.
    pub fn atlas_port(mut self, port: u16) -> Self {
        self.ports[0] = port;
        self
    }

    /// The port of IBM Cloud Usage Reports. The default is 0, a free port.
    pub fn ibm_port(mut self, port: u16) -> Self {
        self.ports[1] = port;
        self
    }

    /// The port of report downloads of Atlas. The default is 0, a free port.
    pub fn downloads_port(mut self, port: u16) -> Self {
        self.ports[2] = port;
        self
    }

    /// The port of IBM Cloud Enterprise Usage Reports. The default is 0, a free port.
    pub fn ibm_enterprise_port(mut self, port: u16) -> Self {
        self.ports[3] = port;
        self
    }
}

/// Connections.
impl Builder {
    /// How long a connection waits for its client: for the whole head of the next request, for the whole body, and for the
    /// client to take more of a response. Then the connection ends, without a response. The default is 30 seconds, and the
    /// longest time a year. It is real time: the sandbox's clock has no part in it.
    pub fn client_timeout(mut self, timeout: Duration) -> Self {
        self.clients.timeout = timeout.min(MAX_CLIENT_TIMEOUT);
        self
    }

    /// How many connections each of the four servers has open at a time. Others wait in the queue of the operating
    /// system until one of them ends. The default is 1024. Zero is taken as one.
    pub fn connections(mut self, connections: usize) -> Self {
        self.clients.connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        self
    }
}

/// Authentication.
impl Builder {
    /// Whether only bearer tokens are accepted that this sandbox issued for the service. By default unknown tokens are
    /// accepted. Expired and revoked tokens never are.
    pub fn strict_credentials(mut self, strict: bool) -> Self {
        self.auth.strict = strict;
        self
    }

    /// The lifetime of issued tokens, in whole seconds. The default is an hour. It does not apply to VPC instance tokens,
    /// whose requests name a lifetime.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.auth.token_lifetime = lifetime;
        self
    }

    /// The hash function of HTTP Digest. The default is MD5.
    pub fn digest_algorithm(mut self, algorithm: DigestAlgorithm) -> Self {
        self.auth.digest.algorithm = algorithm;
        self
    }

    /// The number of uses after which an HTTP Digest nonce is stale. There is no limit by default.
    pub fn nonce_uses(mut self, uses: u32) -> Self {
        self.auth.digest.uses = Some(uses);
        self
    }

    /// The time after which an HTTP Digest nonce is stale. There is no limit by default.
    pub fn nonce_lifetime(mut self, lifetime: Duration) -> Self {
        self.auth.digest.lifetime = Some(lifetime);
        self
    }
}

/// Versions, rate limits and the request log.
impl Builder {
    /// Whether only the version dates of Atlas are accepted that the spec declares. By default the later date of a version
    /// is answered with the newest declared version before it, as the service does. A date without a version is always
    /// refused with 406.
    pub fn exact_versions(mut self, exact: bool) -> Self {
        self.exact_versions = exact;
        self
    }

    /// Applies the rate limits that Atlas documents: token buckets for each organization or user, `RateLimit-Limit` and
    /// `RateLimit-Remaining` in each response, and 429 with `Retry-After` if a bucket is empty. There is no limit by
    /// default. IBM documents no rate limits.
    pub fn rate_limits(mut self) -> Self {
        self.limits = RateLimits::Documented;
        self
    }

    /// Applies rate limits with buckets of this size.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.limits = RateLimits::Of(limit);
        self
    }

    /// How many of the latest requests are recorded. The default is ten thousand.
    pub fn kept_requests(mut self, requests: usize) -> Self {
        self.kept_requests = Some(requests);
        self
    }
}

/// Jobs and faults.
impl Builder {
    /// How many polls of a Cost Explorer query are answered as not ready. The default is 0. Without an estate and with
    /// results that are ready at once, all queries have the token of the example.
    pub fn cost_explorer_polls(mut self, polls: u32) -> Self {
        self.queries.polls = Some(polls);
        self
    }

    /// How long a Cost Explorer query takes by the sandbox's clock, in addition to the polls.
    pub fn cost_explorer_time(mut self, time: Duration) -> Self {
        self.queries.time = time;
        self
    }

    /// How a Cost Explorer query is answered that is not ready. It has no effect without
    /// [`cost_explorer_polls`](Self::cost_explorer_polls) or [`cost_explorer_time`](Self::cost_explorer_time).
    pub fn not_ready(mut self, form: NotReady) -> Self {
        self.not_ready = form;
        self
    }

    /// How many polls of a report on an invoice are answered as not ready: the first as pending, later ones as running.
    /// Without an estate, reports are the examples of the spec unless this or [`report_time`](Self::report_time) is set.
    pub fn report_polls(mut self, polls: u32) -> Self {
        self.reports.polls = Some(polls);
        self
    }

    /// How long a report on an invoice takes by the sandbox's clock, in addition to the polls.
    pub fn report_time(mut self, time: Duration) -> Self {
        self.reports.time = time;
        self
    }

    /// Injects a fault.
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
    /// If a fault is for an operation that does not exist, a port is not available, or the server thread cannot be
    /// started.
    pub async fn start(self) -> Result<Sandbox, Error> {
        if let Some(operation) = self.faults.iter().find_map(|fault| fault.unknown_operation(handle::has_operation)) {
            return Err(Error::operation(operation));
        }
        let [atlas_port, ibm_port, downloads_port, ibm_enterprise_port] = self.ports;
        let (atlas_listener, atlas) = listen(Service::Atlas.name(), atlas_port)?;
        let (ibm_listener, ibm) = listen(Service::Ibm.name(), ibm_port)?;
        let (downloads_listener, downloads) = listen("downloads", downloads_port)?;
        let (ibm_enterprise_listener, ibm_enterprise) = listen(Service::IbmEnterprise.name(), ibm_enterprise_port)?;
        let clock = Clock::new(self.fixed_time);
        let shared = Arc::new(Shared {
            estates: self.estate.map(|estate| Estates::new(estate, clock.now())),
            clock,
            log: Log::new(self.kept_requests),
            authority: Authority::new(self.auth),
            faults: Faults::new(self.faults),
            processing: Processing::new(self.queries, self.not_ready, self.reports),
            downloads: downloads.clone(),
            served: AtomicU64::new(0),
            exact_versions: self.exact_versions,
            buckets: Buckets::new(self.limits),
            clients: self.clients,
            gates: Default::default(),
        });
        let endpoint = |role, origin: &str| Endpoint::new(role, origin.to_owned(), Arc::clone(&shared));
        let servers = vec![
            (atlas_listener, endpoint(Role::Atlas, &atlas)),
            (ibm_listener, endpoint(Role::Ibm, &ibm)),
            (downloads_listener, endpoint(Role::Downloads, &downloads)),
            (ibm_enterprise_listener, endpoint(Role::IbmEnterprise, &ibm_enterprise)),
        ];
        let running = Running::start(servers).map_err(Error::thread)?;
        Ok(Sandbox::new([atlas, ibm, ibm_enterprise], shared, running))
    }
}

/// Listens on the loopback interface, and returns the base URL.
fn listen(name: &'static str, port: u16) -> Result<(TcpListener, String), Error> {
    let listen = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok((listener, url))
    };
    listen().map_err(|source| Error::listen(name, port, source))
}
