//! From an HTTP request to its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::response::Response;

use crate::auth::{Authority, Desk};
use crate::check::{self, Accepted, Incoming};
use crate::clock::Clock;
use crate::door::Door;
use crate::error::Error;
use crate::estate::{Answer, Asked, Estates};
use crate::fault::{Faults, Plan};
use crate::limit::Buckets;
use crate::processing::{self, Job, Processing, Turn};
use crate::record::{Log, RecordedRequest};
use crate::reply::Reply;
use crate::respond::{self, Departure};
use crate::service::Service;
use crate::spec::Spec;
use crate::wire::Armed;

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// What downloads of reports are called where requests are recorded and faults are aimed.
const DOWNLOAD: &str = "downloadReport";

/// Whether there is an operation, desk or download of this name.
pub(crate) fn knows(service: Service, name: &str) -> bool {
    let spec = Spec::of(service).ok().and_then(|spec| spec.operation(name));
    let downloads = service == Service::Atlas && name == DOWNLOAD;
    spec.is_some() || downloads || Desk::of(service).iter().any(|desk| desk.name() == name)
}

/// What all the servers of one sandbox share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) authority: Authority,
    pub(crate) faults: Faults,
    pub(crate) processing: Processing,
    /// What is answered with, instead of the examples of the specs.
    pub(crate) estates: Option<Estates>,
    /// Where reports are downloaded from.
    pub(crate) downloads: String,
    pub(crate) served: AtomicU64,
    /// Whether version dates have to be the declared ones.
    pub(crate) exact_versions: bool,
    pub(crate) buckets: Buckets,
    /// One for each role.
    pub(crate) doors: [Door; 3],
}

impl World {
    pub(crate) fn door(&self, role: Role) -> &Door {
        let [atlas, ibm, downloads] = &self.doors;
        match role {
            Role::Service(Service::Atlas) => atlas,
            Role::Service(Service::Ibm) => ibm,
            Role::Downloads => downloads,
        }
    }
}

/// What a server is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The operations of a service, and its tokens.
    Service(Service),
    /// Downloads of Atlas's reports.
    Downloads,
}

impl Role {
    pub(crate) const fn service(self) -> Service {
        match self {
            Self::Service(service) => service,
            Self::Downloads => Service::Atlas,
        }
    }
}

/// What one server needs to answer.
#[derive(Debug)]
pub(crate) struct Endpoint {
    role: Role,
    spec: &'static Spec,
    origin: String,
    world: Arc<World>,
}

impl Endpoint {
    pub(crate) fn new(role: Role, origin: String, world: Arc<World>) -> Result<Self, Error> {
        Ok(Self { role, spec: Spec::of(role.service())?, origin, world })
    }

    /// Answers a request, and arms the connection for that.
    pub(crate) async fn answer(&self, request: Request, armed: &Armed) -> Response {
        let (head, body) = request.into_parts();
        // A body that breaks off fails here too, but then nobody waits for the answer.
        let body = to_bytes(body, MAX_BODY).await.ok();
        let incoming = Incoming {
            method: &head.method,
            path: head.uri.path(),
            query: head.uri.query(),
            headers: &head.headers,
            body: body.as_deref(),
        };
        let service = self.role.service();
        let request_id = format!("sandbox-{:08}", self.world.served.fetch_add(1, Ordering::Relaxed) + 1);
        let Outcome { operation, plan, mut reply } = self.outcome(incoming, &request_id);
        plan.spoil(&mut reply);
        if let Some(time) = plan.refuses() {
            self.door().shut(time).await;
        }
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            reply.headers.insert(service.dialect().request_id.clone(), value);
        }
        let headers = head.headers.iter();
        self.world.log.push(RecordedRequest {
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
            faults: plan.texts(),
        });
        if plan.latency() > Duration::ZERO {
            tokio::time::sleep(plan.latency()).await;
        }
        armed.arm(std::mem::take(&mut reply.script));
        reply.into_response()
    }

    pub(crate) fn door(&self) -> &Door {
        self.world.door(self.role)
    }

    fn outcome(&self, incoming: Incoming<'_>, request_id: &str) -> Outcome {
        let now = self.world.clock.now();
        match self.role {
            Role::Downloads => self.download(incoming, request_id, now),
            Role::Service(service) => match Desk::at(service, incoming.path) {
                Some(desk) => self.at_desk(desk, incoming, request_id, now),
                None => self.operation(service, incoming, request_id, now),
            },
        }
    }

    fn download(&self, incoming: Incoming<'_>, request_id: &str, now: Duration) -> Outcome {
        let operation = Some(DOWNLOAD.to_owned());
        if let Err(declined) = self.world.processing.ask_download(incoming, now) {
            return Outcome::refused(operation, declined.reply());
        }
        let plan = self.world.faults.plan(Service::Atlas, DOWNLOAD);
        let replacement = plan.replacement(Service::Atlas, None, &incoming.target(), request_id);
        let reply = replacement.unwrap_or_else(|| match &self.world.estates {
            Some(estates) => self.world.processing.download_of(&estates.atlas, incoming.path, now),
            None => Processing::download(self.spec),
        });
        Outcome { operation, plan, reply }
    }

    fn at_desk(&self, desk: Desk, incoming: Incoming<'_>, request_id: &str, now: Duration) -> Outcome {
        let World { authority, faults, .. } = &*self.world;
        let operation = Some(desk.name().to_owned());
        let grant = match authority.ask(desk, incoming, now, request_id) {
            Ok(grant) => grant,
            Err(reply) => return Outcome::refused(operation, *reply),
        };
        let service = self.role.service();
        let plan = faults.plan(service, desk.name());
        let replacement = plan.replacement(service, Some(desk), &incoming.target(), request_id);
        let reply = replacement.unwrap_or_else(|| authority.grant(grant, now));
        Outcome { operation, plan, reply }
    }

    fn operation(&self, service: Service, incoming: Incoming<'_>, request_id: &str, now: Duration) -> Outcome {
        let target = check::target(self.spec, incoming);
        let operation = target.as_ref().ok().map(|target| target.operation.id.clone());
        let World { authority, exact_versions, buckets, .. } = &*self.world;
        let accepted =
            target.and_then(|target| check::check(service, target, incoming, authority, *exact_versions, now));
        let accepted = match accepted {
            Ok(accepted) => accepted,
            Err(refused) => return Outcome::refused(operation, respond::refusal(service, &refused, request_id)),
        };
        let id = &accepted.operation.id;
        let verdict =
            (service == Service::Atlas).then(|| buckets.take(id, accepted.path_values.first(), now)).flatten();
        if let Some((verdict, mut reply)) = verdict.and_then(|verdict| Some((verdict, verdict.refusal(accepted.path)?)))
        {
            verdict.announce(&mut reply);
            return Outcome::refused(operation, reply);
        }
        let plan = self.world.faults.plan(service, id);
        let expired = plan.expires_token().then(|| {
            let refused = authority.expire(service, incoming, now);
            Reply { refusals: Vec::new(), ..respond::refusal(service, &refused, request_id) }
        });
        let mut reply = expired
            .or_else(|| plan.replacement(service, None, &incoming.target(), request_id))
            .or_else(|| self.compute(service, &accepted, incoming, &plan, request_id, now))
            .or_else(|| respond::absent(service, &accepted))
            .unwrap_or_else(|| self.process(service, &accepted, incoming, &plan, request_id, now));
        if let Some(verdict) = verdict {
            verdict.announce(&mut reply);
        }
        Outcome { operation, plan, reply }
    }

    /// Answers from the estate, if there is one.
    fn compute(
        &self,
        service: Service,
        accepted: &Accepted<'_, '_>,
        incoming: Incoming<'_>,
        plan: &Plan,
        request_id: &str,
        now: Duration,
    ) -> Option<Reply> {
        let estates = self.world.estates.as_ref()?;
        let asked = Asked {
            operation: accepted.operation,
            query: &accepted.query,
            path: accepted.path,
            origin: &self.origin,
            path_values: &accepted.path_values,
            body: incoming.body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default(),
            media: accepted.media,
            now,
            repeats: plan.repeats_cursor(),
        };
        let job = estates.answer(service, &asked).and_then(|answer| match answer {
            Answer::AsUsual => self.world.processing.job(&estates.atlas, &asked, &self.world.downloads),
            answer => Ok(Some(Job::Answer(answer))),
        });
        let edits: Vec<_> = plan.edits().collect();
        let computed = |answer| respond::computed(service, self.spec, accepted, answer, &edits, request_id);
        match job {
            Err(missing) => Some(respond::missing(service, accepted, &missing, request_id)),
            Ok(None) => None,
            Ok(Some(Job::Instead(reply))) => Some(reply),
            Ok(Some(Job::Answer(answer))) => computed(answer),
            Ok(Some(Job::AfterInterim(answer))) => {
                let mut reply = computed(answer)?;
                reply.script.prefix = processing::interim();
                Some(reply)
            }
        }
    }

    fn process(
        &self,
        service: Service,
        accepted: &Accepted<'_, '_>,
        incoming: Incoming<'_>,
        plan: &Plan,
        request_id: &str,
        now: Duration,
    ) -> Reply {
        let turn = self.world.processing.turn(accepted, incoming.body, &self.world.downloads, now);
        let mut departure = Departure { edits: Vec::new(), repeats_cursor: plan.repeats_cursor() };
        match &turn {
            Turn::Changed(edit) => departure.edits.push(edit),
            Turn::Instead(_) | Turn::AfterInterim | Turn::AsUsual => {}
        }
        departure.edits.extend(plan.edits());
        let mut reply = match respond::success(service, self.spec, accepted, &self.origin, &departure) {
            Ok(reply) => reply,
            Err(refused) => return respond::refusal(service, &refused, request_id),
        };
        match turn {
            Turn::Instead(other) => return other,
            Turn::AfterInterim => reply.script.prefix = processing::interim(),
            Turn::Changed(_) | Turn::AsUsual => {}
        }
        reply
    }
}

/// What becomes of a request.
struct Outcome {
    operation: Option<String>,
    /// What goes wrong with the answer.
    plan: Plan,
    reply: Reply,
}

impl Outcome {
    /// A request that is refused meets no faults.
    fn refused(operation: Option<String>, reply: Reply) -> Self {
        Self { operation, plan: Plan::default(), reply }
    }
}

/// The request as the server hands it out.
pub(crate) fn received(request: hyper::Request<hyper::body::Incoming>) -> Request {
    request.map(Body::new)
}
