//! The faults that apply to a request, and their effects on its reply.

use std::time::Duration;

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};

use super::{Cut, Edit, Effect, Fault};
use crate::answer::{Content, Reply};
use crate::auth::TokenEndpoint;
use crate::lock::Lock;
use crate::spec::{Service, gzip};
use crate::stream::{CutEnd, CutPoint};

/// The faults of one sandbox.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    injected: Lock<Vec<Counted>>,
}

/// A fault, and how many requests it has matched.
#[derive(Debug)]
struct Counted {
    fault: Fault,
    seen: u32,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        let injected = faults.into_iter().map(|fault| Counted { fault, seen: 0 }).collect();
        Self { injected: Lock::new(injected) }
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.injected.lock().push(Counted { fault, seen: 0 });
    }

    pub(crate) fn clear(&self) {
        self.injected.lock().clear();
    }

    /// Counts a request, and returns the faults that apply to it. `has` says whether the request has a value.
    pub(crate) fn next(&self, service: Service, operation: &str, has: impl Fn(&str) -> bool) -> Injected {
        let mut effects = Vec::new();
        let mut injected = self.injected.lock();
        for counted in injected.iter_mut().filter(|counted| counted.fault.matches(service, operation, &has)) {
            counted.seen = counted.seen.saturating_add(1);
            if counted.fault.when.hits(counted.seen) {
                effects.push(counted.fault.effect.clone());
            }
        }
        Injected { effects }
    }
}

/// The faults that apply to one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Injected {
    effects: Vec<Effect>,
}

impl Injected {
    /// The reply that replaces the answer, if there is one.
    pub(crate) fn replacement(
        &self,
        service: Service,
        endpoint: Option<TokenEndpoint>,
        target: &str,
        request_id: &str,
    ) -> Option<Reply> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Failure(failure) => Some(failure.reply(service, endpoint, request_id)),
            Effect::Redirect(origin) => {
                let location = HeaderValue::from_str(&format!("{origin}{target}")).ok()?;
                Some(Reply::empty(StatusCode::TEMPORARY_REDIRECT).with(LOCATION, location))
            }
            _ => None,
        })
    }

    /// Changes of a JSON body before it is written.
    pub(crate) fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Edit(edit) => Some(edit),
            _ => None,
        })
    }

    /// Whether the page links to itself as the next page.
    pub(crate) fn repeats_cursor(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::RepeatCursor))
    }

    /// Whether the credentials of the request expire.
    pub(crate) fn expires_token(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::ExpiredToken))
    }

    /// For how long connections are refused.
    pub(crate) fn refuses_for(&self) -> Option<Duration> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Refuse(time) => Some(*time),
            _ => None,
        })
    }

    /// How long the response is delayed.
    pub(crate) fn latency(&self) -> Duration {
        let latencies = self.effects.iter().filter_map(|effect| match effect {
            Effect::Latency(by) => Some(*by),
            _ => None,
        });
        latencies.sum()
    }

    /// Their descriptions in the recorded request.
    pub(crate) fn descriptions(&self) -> Vec<String> {
        self.effects.iter().map(ToString::to_string).collect()
    }

    /// Applies them to a reply.
    pub(crate) fn apply(&self, reply: &mut Reply) {
        for effect in &self.effects {
            match effect {
                Effect::Truncate => {
                    let body = reply.body.gather();
                    body.truncate(body.len() / 2);
                }
                Effect::Body { media_type, bytes } => {
                    reply.body = Content::Whole(bytes.clone());
                    set_type(reply, media_type);
                }
                Effect::ContentType(media_type) => set_type(reply, media_type),
                Effect::Gzip => {
                    reply.body = Content::Whole(gzip(reply.body.gather()));
                    reply.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                }
                _ => {}
            }
        }
        // Last, since the middle of the body depends on the effects above.
        let cut = self.effects.iter().find_map(|effect| match effect {
            Effect::Cut(end, cut) => Some((*cut, *end)),
            Effect::Refuse(_) => Some((Cut::Start, CutEnd::Reset)),
            _ => None,
        });
        if let Some((cut, end)) = cut {
            let point = match cut {
                Cut::Start => CutPoint::Start,
                Cut::Headers => CutPoint::Head,
                Cut::Body => CutPoint::Body(reply.body.gather().len() / 2),
            };
            reply.wire.cut = Some((point, end));
        }
        if self.effects.iter().any(|effect| matches!(effect, Effect::Chunked)) {
            reply.body.split();
        }
    }
}

fn set_type(reply: &mut Reply, media_type: &str) {
    if let Ok(value) = HeaderValue::from_str(media_type) {
        reply.headers.insert(CONTENT_TYPE, value);
    }
}
