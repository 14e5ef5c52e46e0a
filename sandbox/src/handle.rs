//! From an HTTP request to its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::response::Response;

use crate::check::{self, Incoming};
use crate::error::Error;
use crate::record::{Log, RecordedRequest};
use crate::respond;
use crate::service::Service;
use crate::spec::Spec;

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// What the server of one service needs to answer.
#[derive(Debug)]
pub(crate) struct Endpoint {
    service: Service,
    spec: &'static Spec,
    origin: String,
    log: Arc<Log>,
    served: AtomicU64,
}

impl Endpoint {
    pub(crate) fn new(service: Service, origin: String, log: Arc<Log>) -> Result<Self, Error> {
        Ok(Self { service, spec: Spec::of(service)?, origin, log, served: AtomicU64::new(0) })
    }

    /// A router with no routes: which operation is meant is for the spec to say.
    pub(crate) fn into_router(self) -> Router {
        Router::new().fallback(answer).with_state(Arc::new(self))
    }

    fn request_id(&self) -> String {
        format!("sandbox-{:08}", self.served.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

async fn answer(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
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
    let request_id = endpoint.request_id();
    let target = check::target(endpoint.spec, incoming);
    let operation = target.as_ref().ok().map(|target| target.operation.id.clone());
    let outcome = target
        .and_then(|target| check::check(endpoint.service, target, incoming))
        .and_then(|accepted| respond::success(endpoint.service, endpoint.spec, &accepted, &endpoint.origin));
    let (mut response, refusals) = match outcome {
        Ok(response) => (response, Vec::new()),
        Err(refused) => {
            let response = respond::refusal(endpoint.service, &refused, &request_id);
            (response, refused.refusals.iter().map(ToString::to_string).collect())
        }
    };
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(endpoint.service.dialect().request_id.clone(), value);
    }
    let headers = head.headers.iter();
    endpoint.log.push(RecordedRequest {
        service: endpoint.service,
        operation,
        method: head.method.to_string(),
        target: head.uri.path_and_query().map_or_else(|| head.uri.to_string(), ToString::to_string),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: body.map(Vec::from).unwrap_or_default(),
        status: response.status().as_u16(),
        refusals,
    });
    response
}
