//! The kinds of fault that lists are read through.

use std::time::{Duration, SystemTime};

use test_support::server::{Reply, answer, head, json};

/// Of the kinds with a stall, so that it need not be waited for.
pub(crate) const IDLE: Duration = Duration::from_millis(100);

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    RetryAfterSeconds,
    RetryAfterDate,
    Bare429,
    Bare503,
    Bare500,
    Html502,
    ResetBeforeHead,
    ResetInBody,
    CloseInBody,
    CutJson,
    Pause,
    VoidToken,
    Three503,
    Six503,
    RetryAfter45,
    Stall,
}

use Kind::*;

pub(crate) const KINDS: [(Kind, &str); 16] = [
    (RetryAfterSeconds, "429, Retry-After: 1"),
    (RetryAfterDate, "429, Retry-After: a date in 2 s"),
    (Bare429, "429"),
    (Bare503, "503"),
    (Bare500, "500"),
    (Html502, "502, HTML"),
    (ResetBeforeHead, "reset before the head"),
    (ResetInBody, "reset in the body"),
    (CloseInBody, "closed in the body"),
    (CutJson, "JSON cut, framing sound"),
    (Pause, "the body pauses"),
    (VoidToken, "401, token voided"),
    (Three503, "503 three times in a row"),
    (Six503, "503 six times in a row"),
    (RetryAfter45, "429, Retry-After: 45"),
    (Stall, "the body stalls for ever"),
];

/// Those that pagination survives at any request, whatever the request before met.
pub(crate) const MIXED: [Kind; 12] = [
    RetryAfterSeconds,
    ResetInBody,
    Bare503,
    CutJson,
    VoidToken,
    Bare429,
    CloseInBody,
    Html502,
    ResetBeforeHead,
    RetryAfterDate,
    Bare500,
    RetryAfter45,
];

impl Kind {
    /// How many requests a fault spoils.
    pub(crate) fn length(self) -> usize {
        match self {
            Three503 => 3,
            Six503 => 6,
            // It stalls until the service is repaired.
            Stall => usize::MAX,
            _ => 1,
        }
    }

    /// What the service asks to wait.
    pub(crate) fn asks(self) -> u64 {
        match self {
            RetryAfterSeconds => 1,
            RetryAfterDate => 2,
            RetryAfter45 => 45,
            _ => 0,
        }
    }

    /// Whether the page comes nevertheless.
    pub(crate) fn delivers(self) -> bool {
        self == Pause
    }

    /// The spoilt answer in place of a page.
    pub(crate) fn spoil(self, page: &str) -> Reply {
        let half = || {
            let mut bytes = head(200, &[("content-type", "application/json")], Some(page.len()));
            bytes.extend_from_slice(&page.as_bytes()[..page.len() / 2]);
            bytes
        };
        match self {
            RetryAfterSeconds => Reply::Send(answer(429, &[("retry-after", "1")], b"{}")),
            RetryAfter45 => Reply::Send(answer(429, &[("retry-after", "45")], b"{}")),
            RetryAfterDate => {
                let now = SystemTime::now();
                let date = |after| httpdate::fmt_http_date(now + Duration::from_secs(after));
                Reply::Send(answer(429, &[("date", &date(0)), ("retry-after", &date(2))], b"{}"))
            }
            Bare429 => Reply::Send(json(429, "{}")),
            Bare503 | Three503 | Six503 => Reply::Send(json(503, "{}")),
            Bare500 => Reply::Send(json(500, "{}")),
            Html502 => Reply::Send(answer(502, &[("content-type", "text/html")], b"<title>Bad Gateway</title>")),
            ResetBeforeHead => Reply::Reset(Vec::new()),
            ResetInBody => Reply::Reset(half()),
            CloseInBody => Reply::Close(half()),
            CutJson => Reply::Send(json(200, &page[..page.len() / 2])),
            Pause => {
                let rest = page.as_bytes()[page.len() / 2..].to_vec();
                Reply::Pause(half(), IDLE / 2, rest)
            }
            VoidToken => Reply::Send(json(401, "{}")),
            Stall => Reply::Hang(half()),
        }
    }
}
