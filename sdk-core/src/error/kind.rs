//! The kinds of failure.

use std::fmt;

/// What kind of failure an [`Error`](super::Error) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request breaks a documented constraint, or cannot be put on the wire. Nothing was sent.
    InvalidRequest,
    /// The client's own settings are not usable, such as a base URL without a host. Nothing was sent.
    Configuration,
    /// No credential could be had, or the service's challenge cannot be answered. The request was not sent, or was
    /// sent without effect.
    Credential,
    /// No connection came about: the name did not resolve, the connection was refused, timed out, or broke off while TLS
    /// was set up. Nothing was sent.
    Connect,
    /// The two sides did not agree on TLS: the certificate is not trusted or not for this host, or there is no version or
    /// cipher in common. Nothing was sent, and trying again would not help.
    Tls,
    /// The connection broke after the request began to be sent, or the answer ended early. The service may have acted.
    Transport,
    /// No complete answer came in time. The service may have acted.
    Timeout,
    /// The service answered with a redirect, which is not followed.
    Redirect,
    /// The service answered with an error status.
    Api,
    /// The service accepted the request and has no result yet; ask again later.
    NotReady,
    /// A success whose body is not what the specification says, or a file that is not what it should be.
    /// [`Error::path`](super::Error::path) says where.
    Decode,
    /// The body is larger than the client's limit.
    BodyTooLarge,
    /// A success without the body that the operation should return.
    Empty,
    /// A local file could not be read or written.
    Io,
}

impl ErrorKind {
    /// The kind in words, as [`Error`](super::Error) prints it.
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid request",
            Self::Configuration => "invalid configuration",
            Self::Credential => "no usable credential",
            Self::Connect => "could not connect",
            Self::Tls => "no trusted TLS connection",
            Self::Transport => "connection failed",
            Self::Timeout => "timed out",
            Self::Redirect => "redirected",
            Self::Api => "refused by the service",
            Self::NotReady => "not ready yet",
            Self::Decode => "unexpected response",
            Self::BodyTooLarge => "response too large",
            Self::Empty => "response without a body",
            Self::Io => "file error",
        }
    }
}

impl ErrorKind {
    /// The kind as one word, for `error.type` in traces.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Configuration => "configuration",
            Self::Credential => "credential",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Redirect => "redirect",
            Self::Api => "api",
            Self::NotReady => "not_ready",
            Self::Decode => "decode",
            Self::BodyTooLarge => "body_too_large",
            Self::Empty => "empty",
            Self::Io => "io",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}
