//! Notices bodies whose connection ends before they do.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::TRANSFER_ENCODING;
use http::{HeaderMap, Response, Version};
use http_body::{Body, Frame, SizeHint};

use crate::tls;

/// Makes a body an error if it ends and nothing says that it is complete. This concerns two kinds of bodies, whose end the HTTP
/// library takes for the end of the body:
///
/// * HTTP/2, if the service resets the stream or shuts it down with `NO_ERROR`. It may do so after a complete response to
///   refuse the rest of a request (RFC 9113, section 8.1), but it must have ended the body (`END_STREAM`).
/// * HTTP/1 without a length, if the TLS library does not tell the end of the TLS connection from that of the TCP connection,
///   which anyone on the way can bring about.
pub(super) fn require_end(response: Response<reqwest::Body>, is_https: bool) -> Response<reqwest::Body> {
    let is_http_2 = response.version() == Version::HTTP_2;
    let has_end = response.body().size_hint().exact().is_some() || is_chunked(response.headers());
    if is_http_2 || is_https && !tls::TELLS_ITS_END && !has_end {
        response.map(|body| reqwest::Body::wrap(Ended(body)))
    } else {
        response
    }
}

/// Whether the last transfer encoding is `chunked`. After any other one, the body ends with the connection.
fn is_chunked(headers: &HeaderMap) -> bool {
    let last = headers.get_all(TRANSFER_ENCODING).iter().next_back().and_then(|value| value.to_str().ok());
    last.and_then(|value| value.rsplit(',').next()).is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

struct Ended(reqwest::Body);

impl Body for Ended {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.0).poll_frame(cx));
        Poll::Ready(match frame {
            None if !self.0.is_end_stream() => {
                let message = "the connection ended, and nothing says that the body is complete";
                Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, message).into()))
            }
            frame => frame.map(|frame| frame.map_err(Into::into)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
