//! Classifies failures: which ones may be retried.

use super::{Error, ErrorKind};

/// Whether a request may be sent again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Never: it would fail again, or this layer must not decide it.
    Never,
    /// Only if the operation is idempotent: the request may have had its effect.
    IfIdempotent,
    /// Always: the request had no effect.
    Always,
}

/// Implements the table in the documentation of [`retry`](crate::retry), row by row.
pub(crate) fn verdict(error: &Error) -> Verdict {
    use Verdict::{Always, IfIdempotent, Never};

    match error.kind() {
        ErrorKind::Connect => Always,
        ErrorKind::Transport if error.is_unprocessed() => Always,
        ErrorKind::Transport | ErrorKind::Timeout => IfIdempotent,
        ErrorKind::Decode if error.is_truncated() => IfIdempotent,
        ErrorKind::Api => match error.status() {
            Some(429 | 503) if error.retry_after().is_some() => Always,
            Some(408 | 429 | 500 | 502..=504) => IfIdempotent,
            _ => Never,
        },
        ErrorKind::InvalidRequest
        | ErrorKind::Configuration
        | ErrorKind::Credential
        | ErrorKind::Tls
        | ErrorKind::Redirect
        | ErrorKind::NotReady
        | ErrorKind::Decode
        | ErrorKind::ListChanged
        | ErrorKind::BodyTooLarge
        | ErrorKind::Empty
        | ErrorKind::Io => Never,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use Verdict::{Always, IfIdempotent, Never};

    use super::*;

    #[test]
    fn every_kind_but_api() {
        for (kind, expected) in [
            (ErrorKind::InvalidRequest, Never),
            (ErrorKind::Configuration, Never),
            (ErrorKind::Credential, Never),
            (ErrorKind::Connect, Always),
            (ErrorKind::Tls, Never),
            (ErrorKind::Transport, IfIdempotent),
            (ErrorKind::Timeout, IfIdempotent),
            (ErrorKind::Redirect, Never),
            (ErrorKind::NotReady, Never),
            (ErrorKind::Decode, Never),
            (ErrorKind::ListChanged, Never),
            (ErrorKind::BodyTooLarge, Never),
            (ErrorKind::Empty, Never),
            (ErrorKind::Io, Never),
        ] {
            assert_eq!(verdict(&Error::new(kind, "")), expected, "{kind:?}");
        }
        assert_eq!(verdict(&Error::new(ErrorKind::Decode, "").with_truncated(true)), IfIdempotent);
        assert_eq!(verdict(&Error::new(ErrorKind::Transport, "").with_unprocessed(true)), Always);
    }

    #[test]
    fn every_status() {
        for status in 100..=599 {
            let error = |wait| Error::new(ErrorKind::Api, "").with_response(status, None).with_retry_after(wait);
            let (without, with) = match status {
                429 | 503 => (IfIdempotent, Always),
                408 | 500 | 502 | 504 => (IfIdempotent, IfIdempotent),
                _ => (Never, Never),
            };
            assert_eq!(verdict(&error(None)), without, "{status}");
            assert_eq!(verdict(&error(Some(Duration::ZERO))), with, "{status} with Retry-After");
        }
    }
}
