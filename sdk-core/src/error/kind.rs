//! The kinds of failure.

use std::fmt;

/// What kind of failure an [`Error`](super::Error) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request breaks a documented constraint or cannot be encoded. Nothing was sent.
    InvalidRequest,
    /// The client's settings are invalid, such as a base URL without a host. Nothing was sent.
    Configuration,
    /// No credential is available, or the service's challenge cannot be answered. The request was not sent, or it had
    /// no effect.
    Credential,
    /// No connection was established: the name did not resolve, the connection was refused or timed out, or it broke
    /// during the TLS handshake. Nothing was sent.
    Connect,
    /// The TLS handshake failed: the certificate is not trusted or is for another host, or client and server share no
    /// TLS version or cipher. Nothing was sent, and a retry would not help.
    Tls,
    /// The connection broke after the client began to send the request, or the response ended early. The service may
    /// have acted.
    Transport,
    /// No complete response arrived in time. The service may have acted.
    Timeout,
    /// The service answered with a redirect, which the client does not follow.
    Redirect,
    /// The service answered with an error status.
    Api,
    /// The service accepted the request but has no result yet; try again later.
    NotReady,
    /// A success response whose body does not match the specification, or a file with invalid content.
    /// [`Error::path`](super::Error::path) gives the place.
    Decode,
    /// A list changed while its pages were read, so that items may be missing or have come twice.
    ListChanged,
    /// The body is larger than the client's limit.
    BodyTooLarge,
    /// A success response without the body that the operation should return.
    Empty,
    /// A local file could not be read or written.
    Io,
}

impl ErrorKind {
    /// The kind as one word, for `error.type` in traces, and in words, as `Display` prints it.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::InvalidRequest => ("invalid_request", "invalid request"),
            Self::Configuration => ("configuration", "invalid configuration"),
            Self::Credential => ("credential", "no usable credential"),
            Self::Connect => ("connect", "could not connect"),
            Self::Tls => ("tls", "no trusted TLS connection"),
            Self::Transport => ("transport", "connection failed"),
            Self::Timeout => ("timeout", "timed out"),
            Self::Redirect => ("redirect", "redirected"),
            Self::Api => ("api", "refused by the service"),
            Self::NotReady => ("not_ready", "not ready yet"),
            Self::Decode => ("decode", "unexpected response"),
            Self::ListChanged => ("list_changed", "list changed"),
            Self::BodyTooLarge => ("body_too_large", "response too large"),
            Self::Empty => ("empty", "response without a body"),
            Self::Io => ("io", "file error"),
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        self.names().0
    }

    pub(crate) const fn phrase(self) -> &'static str {
        self.names().1
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}
