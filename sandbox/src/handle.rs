//! From an HTTP request to its response: check, limit, faults, answer, reply.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::HeaderValue;
use axum::response::Response;
use tokio::time::{sleep, timeout};

use crate::answer::{self, Answer, Denial, Reply};
use crate::auth::{self, Authority, TokenEndpoint};
use crate::check;
use crate::clock::Clock;
use crate::estate::Estates;
use crate::examples;
use crate::fault::{Faults, Injected};
use crate::limit::Buckets;
use crate::processing::Processing;
use crate::record::{Log, RecordedRequest};
use crate::refusal::refusal_reply;
use crate::request::{Incoming, Request};
use crate::serve::{ClientLimits, ListenerGate};
use crate::spec::{Service, Spec};
use crate::stream::NextEdits;

/// The longest request body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// The name of report downloads in recorded requests and faults.
const DOWNLOAD: &str = "downloadReport";

/// Whether a service has an operation, token endpoint or download of this name.
pub(crate) fn has_operation(service: Service, name: &str) -> bool {
    let is_download = service == Service::Atlas && name == DOWNLOAD;
    Spec::of(service).operation(name).is_some()
        || is_download
        || TokenEndpoint::of(service).iter().any(|endpoint| endpoint.name() == name)
}

/// The state that the servers of one sandbox share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) authority: Authority,
    pub(crate) faults: Faults,
    pub(crate) processing: Processing,
    /// The records to answer from; without it, the examples of the specs.
    pub(crate) estates: Option<Estates>,
    /// The origin of report downloads.
    pub(crate) downloads: String,
    pub(crate) served: AtomicU64,
    /// Whether only the declared version dates are accepted.
    pub(crate) exact_versions: bool,
    pub(crate) buckets: Buckets,
    pub(crate) clients: ClientLimits,
    /// One for each role.
    pub(crate) gates: [ListenerGate; 4],
}

impl Shared {
    pub(crate) fn gate(&self, role: Role) -> &ListenerGate {
        let [atlas, ibm, downloads, enterprise] = &self.gates;
        match role {
            Role::Atlas => atlas,
            Role::Ibm => ibm,
            Role::Downloads => downloads,
            Role::IbmEnterprise => enterprise,
        }
    }
}

/// What a server serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The operations and token endpoints of Atlas.
    Atlas,
    /// The operations and token endpoints of IBM.
    Ibm,
    /// Downloads of Atlas reports.
    Downloads,
    /// The operations of IBM about enterprises.
    IbmEnterprise,
}

impl Role {
    pub(crate) const fn service(self) -> Service {
        match self {
            Self::Atlas | Self::Downloads => Service::Atlas,
            Self::Ibm => Service::Ibm,
            Self::IbmEnterprise => Service::IbmEnterprise,
        }
    }
}

/// One server.
#[derive(Debug)]
pub(crate) struct Endpoint {
    role: Role,
    origin: String,
    shared: Arc<Shared>,
}

impl Endpoint {
    pub(crate) const fn new(role: Role, origin: String, shared: Arc<Shared>) -> Self {
        Self { role, origin, shared }
    }

    /// Answers a request, and sets the edits of the response on its connection.
    ///
    /// # Errors
    ///
    /// If the body does not arrive in time. The connection then ends without a response.
    pub(crate) async fn serve(
        &self,
        request: hyper::Request<hyper::body::Incoming>,
        edits: &NextEdits,
    ) -> io::Result<Response> {
        let (head, body) = HttpRequest::into_parts(request.map(Body::new));
        // This also fails if the client disconnects, but then no client waits for the response.
        let body = timeout(self.clients().timeout, to_bytes(body, MAX_BODY)).await?.ok();
        let incoming = Incoming {
            method: &head.method,
            path: head.uri.path(),
            query: head.uri.query(),
            headers: &head.headers,
            body: body.as_deref(),
        };
        let service = self.role.service();
        let request_id = format!("sandbox-{:08}", self.shared.served.fetch_add(1, Ordering::Relaxed) + 1);
        let Outcome { operation, injected, mut reply } = self.outcome(incoming, &request_id);
        injected.apply(&mut reply);
        if let Some(time) = injected.refuses_for() {
            self.gate().close(time).await;
        }
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            reply.headers.insert(service.request_id_header(), value);
        }
        let headers = head.headers.iter();
        self.shared.log.push(RecordedRequest {
            service,
            operation,
            method: head.method.to_string(),
            target: head.uri.path_and_query().map_or_else(|| head.uri.to_string(), ToString::to_string),
            headers: headers
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body: body.map(Vec::from).unwrap_or_default(),
            status: reply.status.as_u16(),
            refusals: std::mem::take(&mut reply.refusals),
            faults: injected.descriptions(),
        });
        if injected.latency() > Duration::ZERO {
            sleep(injected.latency()).await;
        }
        edits.set(std::mem::take(&mut reply.wire));
        Ok(reply.into_response())
    }

    pub(crate) fn gate(&self) -> &ListenerGate {
        self.shared.gate(self.role)
    }

    pub(crate) fn clients(&self) -> ClientLimits {
        self.shared.clients
    }

    fn outcome(&self, incoming: Incoming<'_>, request_id: &str) -> Outcome {
        let now = self.shared.clock.now();
        let service = self.role.service();
        match TokenEndpoint::at(service, incoming.path) {
            _ if self.role == Role::Downloads => self.download(incoming, request_id, now),
            Some(endpoint) => self.token(endpoint, incoming, request_id, now),
            None => self.operation(service, incoming, request_id, now),
        }
    }

    fn download(&self, incoming: Incoming<'_>, request_id: &str, now: Duration) -> Outcome {
        let Shared { processing, faults, estates, .. } = &*self.shared;
        let operation = Some(DOWNLOAD.to_owned());
        if let Err(refused) = processing.check_download(incoming, now) {
            return Outcome::refused(operation, *refused);
        }
        let injected = faults.next(Service::Atlas, DOWNLOAD, |_| false);
        let replacement = injected.replacement(Service::Atlas, None, &incoming.target(), request_id);
        let atlas = estates.as_ref().map(|estates| &estates.atlas);
        let reply = replacement.unwrap_or_else(|| processing.download(incoming.path, atlas, now));
        Outcome { operation, injected, reply }
    }

    fn token(&self, endpoint: TokenEndpoint, incoming: Incoming<'_>, request_id: &str, now: Duration) -> Outcome {
        let Shared { authority, faults, .. } = &*self.shared;
        let operation = Some(endpoint.name().to_owned());
        let grant = match auth::check_token_request(authority, endpoint, incoming, now) {
            Ok(grant) => grant,
            Err(error) => return Outcome::refused(operation, error.reply(endpoint, request_id)),
        };
        let service = self.role.service();
        let injected = faults.next(service, endpoint.name(), |_| false);
        let replacement = injected.replacement(service, Some(endpoint), &incoming.target(), request_id);
        let granted = || grant().unwrap_or_else(|error| error.reply(endpoint, request_id));
        let reply = replacement.unwrap_or_else(granted);
        Outcome { operation, injected, reply }
    }

    fn operation(&self, service: Service, incoming: Incoming<'_>, request_id: &str, now: Duration) -> Outcome {
        let Shared { authority, exact_versions, buckets, faults, .. } = &*self.shared;
        let target = check::target(service, incoming);
        let operation = target.as_ref().ok().map(|target| target.operation.id.to_owned());
        let rules = check::Rules { service, authority, exact_versions: *exact_versions };
        let checked = target.and_then(|target| check::check(&rules, &target, incoming, &self.origin, now));
        let mut request = match checked {
            Ok(request) => request,
            Err(refused) => return Outcome::refused(operation, refusal_reply(service, &refused, request_id)),
        };
        let bucket = buckets.take(&request);
        if let Some(refusal) = bucket.as_ref().and_then(|bucket| bucket.refusal(request.path)) {
            return Outcome::refused(operation, refusal);
        }
        let injected = faults.next(service, request.operation.id, |value| request.has_value(value));
        request.repeats_cursor = injected.repeats_cursor();
        let mut reply = if injected.expires_token() {
            let refused = authority.expire(service, incoming, now);
            Reply { refusals: Vec::new(), ..refusal_reply(service, &refused, request_id) }
        } else if let Some(reply) = injected.replacement(service, None, &incoming.target(), request_id) {
            reply
        } else {
            let edits: Vec<_> = injected.edits().collect();
            answer::respond(&request, self.answer(&request), &edits, request_id)
        };
        if let Some(bucket) = bucket {
            bucket.announce(&mut reply);
        }
        Outcome { operation, injected, reply }
    }

    /// Answers a request that the spec allows: jobs from their state, and all other operations from the estate or the
    /// examples.
    fn answer(&self, request: &Request<'_>) -> Result<Answer, Denial> {
        let Shared { processing, estates, downloads, .. } = &*self.shared;
        let atlas = estates.as_ref().map(|estates| &estates.atlas);
        match (request.operation.id, estates) {
            ("createCostExplorerProcess", _) => processing.create_query(request, atlas),
            ("getCostExplorerUsage", _) => processing.query_result(request, atlas),
            ("createOrgInvoiceReport" | "getOrgInvoiceReport" | "listOrgInvoiceReports", _) => {
                processing.report(request, atlas, downloads)
            }
            (_, None) => examples::answer(request),
            (_, Some(estates)) => match request.service {
                Service::Atlas => estates.atlas.answer(request),
                Service::Ibm => estates.ibm.answer(request),
                Service::IbmEnterprise => estates.ibm.answer_enterprise(request),
            },
        }
    }
}

/// The reply to a request, and the faults to apply to it.
struct Outcome {
    operation: Option<String>,
    injected: Injected,
    reply: Reply,
}

impl Outcome {
    /// A refused request gets no faults.
    fn refused(operation: Option<String>, reply: Reply) -> Self {
        Self { operation, injected: Injected::default(), reply }
    }
}
