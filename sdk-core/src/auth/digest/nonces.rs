//! Chooses the nonce for the next request.
//!
//! A nonce has three states:
//!
//! ```text
//! challenge ──▶ fresh ──────────────────▶ current ────────────────▶ retired
//!               kept for the repeat of    reused by all other       refused; its uses
//!               the refused request       requests, counted         are evaluated
//! ```
//!
//! A repeated request gets a nonce that no other request has used: a refused fresh nonce means that the key is wrong.
//! Some services accept each nonce once. The client recognises such a service when several nonces in a row were refused on
//! every use but the first.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::session::Session;

/// After this many nonces in a row were refused on every reuse, no nonce is reused.
const STRIKES: u32 = 3;

/// A refusal counts against reuse only if the nonce is younger than this. An older one may have expired.
const YOUNG: Duration = Duration::from_secs(30);

/// How long a fresh nonce is kept for a repeated request. The repeat normally follows at once; it never comes if the
/// caller cancels the call.
const FRESH: Duration = Duration::from_secs(60);

/// How much memory the fresh nonces may take, in bytes. A service chooses how long they are; usual ones have room for
/// thousands of calls at the same time.
const ROOM: usize = 1024 * 1024;

/// The nonces of one key.
#[derive(Default)]
pub(super) struct Nonces {
    fresh: Vec<(Instant, Arc<Session>)>,
    current: Option<Current>,
    retired: Option<Uses>,
    strikes: u32,
}

struct Current {
    session: Arc<Session>,
    since: Instant,
    uses: u32,
}

/// How often a nonce was reused, and how often the service refused it.
struct Uses {
    nonce: Vec<u8>,
    reuses: u32,
    refused: u32,
}

impl Nonces {
    /// Keeps a nonce for the repeat of the request that was challenged.
    pub(super) fn challenged(&mut self, session: Session) {
        let now = Instant::now();
        self.fresh.push((now, Arc::new(session)));
        let mut taken = 0_usize;
        let kept = self.fresh.iter().rev().take_while(|(since, session)| {
            taken = taken.saturating_add(session.size());
            now.duration_since(*since) < FRESH && taken <= ROOM
        });
        let forgotten = self.fresh.len() - kept.count();
        self.fresh.drain(..forgotten);
    }

    /// Returns the nonce for a request and the number of its uses, this one included. `None` if there is no nonce.
    pub(super) fn next(&mut self, repeated: bool) -> Option<(Arc<Session>, u32)> {
        // Take the newest one. Nonces of cancelled calls stay at the bottom and expire.
        if repeated && let Some((since, session)) = self.fresh.pop() {
            if self.reuses() && session.counts() {
                self.current = Some(Current { session: Arc::clone(&session), since, uses: 1 });
            }
            return Some((session, 1));
        }
        let current = self.current.as_mut()?;
        match current.uses.checked_add(1) {
            Some(uses) => {
                current.uses = uses;
                Some((Arc::clone(&current.session), uses))
            }
            None => {
                self.current = None;
                None
            }
        }
    }

    /// Records that the service refused a nonce, and stops using it. Returns whether this ends the reuse of nonces.
    pub(super) fn refused(&mut self, nonce: &[u8]) -> bool {
        if let Some(retired) = self.retired.as_mut().filter(|retired| retired.nonce == nonce) {
            retired.refused = retired.refused.saturating_add(1);
        }
        let Some(current) = self.current.take_if(|current| current.session.nonce() == nonce) else {
            return false;
        };
        let young = current.since.elapsed() < YOUNG;
        let uses = Uses { nonce: nonce.to_vec(), reuses: current.uses - 1, refused: u32::from(young) };
        // Assume that every request sent with the previous nonce has completed.
        self.strikes = match self.retired.replace(uses) {
            Some(uses) if uses.refused >= uses.reuses => self.strikes + 1,
            _ => 0,
        };
        !self.reuses()
    }

    /// Whether nonces are used more than once.
    fn reuses(&self) -> bool {
        self.strikes < STRIKES
    }
}

#[cfg(test)]
mod tests {
    use http::header::WWW_AUTHENTICATE;
    use http::{HeaderMap, HeaderValue};

    use super::super::challenge::Challenge;
    use super::*;

    fn session(nonce: &str) -> Session {
        let mut headers = HeaderMap::new();
        let challenge = format!("Digest realm=r, nonce={nonce}, qop=auth");
        headers.insert(WWW_AUTHENTICATE, HeaderValue::try_from(challenge).unwrap());
        Session::new(Challenge::choose(&headers).unwrap(), "c".to_owned(), "u", "p")
    }

    fn next(nonces: &mut Nonces, repeated: bool) -> Option<(String, u32)> {
        let (session, count) = nonces.next(repeated)?;
        Some((String::from_utf8(session.nonce().to_vec()).unwrap(), count))
    }

    /// A request that is challenged with `nonce`, and its repeat.
    fn handshake(nonces: &mut Nonces, nonce: &str) {
        nonces.challenged(session(nonce));
        assert_eq!(next(nonces, true), Some((nonce.to_owned(), 1)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_nonce_is_counted_up() {
        let mut nonces = Nonces::default();
        assert_eq!(next(&mut nonces, false), None);
        handshake(&mut nonces, "a");
        for count in 2..100 {
            assert_eq!(next(&mut nonces, false), Some(("a".to_owned(), count)));
        }
        nonces.current.as_mut().unwrap().uses = u32::MAX;
        assert_eq!(next(&mut nonces, false), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_repetition_has_a_nonce_of_its_own() {
        let mut nonces = Nonces::default();
        for nonce in ["a", "b", "c"] {
            nonces.challenged(session(nonce));
        }
        // Other requests do not take a nonce that is kept for a repeat.
        assert_eq!(next(&mut nonces, false), None);
        for nonce in ["c", "b", "a"] {
            assert_eq!(next(&mut nonces, true), Some((nonce.to_owned(), 1)));
        }
        assert_eq!(next(&mut nonces, true), Some(("a".to_owned(), 2)));
    }

    #[tokio::test(start_paused = true)]
    async fn nonces_of_cancelled_calls_are_forgotten() {
        let mut nonces = Nonces::default();
        nonces.challenged(session("a"));
        tokio::time::advance(FRESH).await;
        nonces.challenged(session("b"));
        assert_eq!(nonces.fresh.len(), 1);
    }

    /// As many of the newest ones as there is room for.
    #[tokio::test(start_paused = true)]
    async fn long_nonces_of_cancelled_calls_take_little_memory() {
        let mut nonces = Nonces::default();
        for index in 0..500 {
            nonces.challenged(session(&format!("{index:-<20000}")));
        }
        assert!((40..60).contains(&nonces.fresh.len()), "{}", nonces.fresh.len());
        let (newest, _) = next(&mut nonces, true).unwrap();
        assert!(newest.starts_with("499-"), "{newest}");
        for index in 0..2_000 {
            nonces.challenged(session(&format!("{index:-<40}")));
        }
        assert!(nonces.fresh.len() >= 2_000);
    }

    #[tokio::test(start_paused = true)]
    async fn reuse_ends_when_it_is_always_refused() {
        let mut nonces = Nonces::default();
        for round in 0..=STRIKES {
            let nonce = round.to_string();
            handshake(&mut nonces, &nonce);
            // Two requests at the same time.
            assert!(next(&mut nonces, false).is_some() && next(&mut nonces, false).is_some());
            assert_eq!(nonces.refused(nonce.as_bytes()), round == STRIKES);
            assert!(!nonces.refused(nonce.as_bytes()));
        }
        handshake(&mut nonces, "last");
        assert_eq!(next(&mut nonces, false), None);
    }

    #[tokio::test(start_paused = true)]
    async fn reuse_goes_on_when_it_works_or_the_nonce_was_old() {
        let mut nonces = Nonces::default();
        for round in 0..20 {
            let nonce = round.to_string();
            handshake(&mut nonces, &nonce);
            if round < 10 {
                // The service accepts every nonce twice.
                assert!(next(&mut nonces, false).is_some());
            } else {
                tokio::time::advance(YOUNG).await;
            }
            assert!(next(&mut nonces, false).is_some());
            assert!(!nonces.refused(nonce.as_bytes()));
        }
    }
}
