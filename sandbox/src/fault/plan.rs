//! Which faults a request meets, and what they do to its answer.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Cut, Edit, Effect, Fault};
use crate::auth::Desk;
use crate::reply::{Content, Reply};
use crate::service::Service;
use crate::wire::{End, Point};

/// The faults of one sandbox.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    injected: Mutex<Vec<Counted>>,
}

/// A fault, and how many requests it was held against.
#[derive(Debug)]
struct Counted {
    fault: Fault,
    seen: u32,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        let injected = faults.into_iter().map(|fault| Counted { fault, seen: 0 }).collect();
        Self { injected: Mutex::new(injected) }
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.lock().push(Counted { fault, seen: 0 });
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Counts a request, and says what it meets.
    pub(crate) fn plan(&self, service: Service, operation: &str) -> Plan {
        let mut effects = Vec::new();
        for counted in self.lock().iter_mut().filter(|counted| counted.fault.matches(service, operation)) {
            counted.seen = counted.seen.saturating_add(1);
            if counted.fault.when.strikes(counted.seen) {
                effects.push(counted.fault.effect.clone());
            }
        }
        Plan { effects }
    }

    /// No change is ever half done, so a panic elsewhere leaves the list sound.
    fn lock(&self) -> MutexGuard<'_, Vec<Counted>> {
        self.injected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What goes wrong with one answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    effects: Vec<Effect>,
}

impl Plan {
    /// The answer in place of the one that the request would get.
    pub(crate) fn replacement(
        &self,
        service: Service,
        desk: Option<Desk>,
        target: &str,
        request_id: &str,
    ) -> Option<Reply> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Failure(failure) => Some(failure.reply(service, desk, request_id)),
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

    /// Whether a page is followed by itself.
    pub(crate) fn repeats_cursor(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::RepeatCursor))
    }

    /// Whether the token of the request is to have expired.
    pub(crate) fn expires_token(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::ExpiredToken))
    }

    /// For how long connections are refused.
    pub(crate) fn refuses(&self) -> Option<Duration> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Refuse(time) => Some(*time),
            _ => None,
        })
    }

    /// How late the answer comes.
    pub(crate) fn latency(&self) -> Duration {
        let latencies = self.effects.iter().filter_map(|effect| match effect {
            Effect::Latency(by) => Some(*by),
            _ => None,
        });
        latencies.sum()
    }

    /// What a record says of them.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.effects.iter().map(ToString::to_string).collect()
    }

    /// Spoils an answer that is ready to be sent.
    pub(crate) fn spoil(&self, reply: &mut Reply) {
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
                    if let Ok(bytes) = gzip(reply.body.gather()) {
                        reply.body = Content::Whole(bytes);
                        reply.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                    }
                }
                _ => {}
            }
        }
        // Last, because the middle of a body is that of the one which is sent.
        let cut = self.effects.iter().find_map(|effect| match effect {
            Effect::Reset(cut) => Some((*cut, End::Reset)),
            Effect::Close(cut) => Some((*cut, End::Close)),
            Effect::Stall(cut) => Some((*cut, End::Hold)),
            Effect::Refuse(_) => Some((Cut::Start, End::Reset)),
            _ => None,
        });
        if let Some((cut, end)) = cut {
            let point = match cut {
                Cut::Start => Point::Start,
                Cut::Headers => Point::Head,
                Cut::Body => Point::Body(reply.body.gather().len() / 2),
            };
            reply.script.cut = Some((point, end));
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

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}
