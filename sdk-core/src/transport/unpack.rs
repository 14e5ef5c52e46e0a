//! Bodies that are compressed for the transfer (`Content-Encoding`).

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response};
use http_body::{Body, Frame};

/// An error of the connection, or of what came over it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How a body is coded, as far as that changes its bytes. `aws-chunked` is left over from uploads to file stores, and no
/// coding of what they send.
fn codings(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONTENT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let codings = values.flat_map(|value| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    codings.filter(|coding| !matches!(coding.as_str(), "" | "identity" | "aws-chunked")).collect()
}

/// The coding of a body that is still compressed. Words that are no compression, which some services send, do not count.
pub(crate) fn packing(headers: &HeaderMap) -> Option<String> {
    let compressions = ["gzip", "x-gzip", "br", "deflate", "zstd", "compress", "x-compress"];
    codings(headers).into_iter().find(|coding| compressions.contains(&coding.as_str()))
}

/// Has a body unpacked as it arrives, if it is compressed with gzip, once. The headers then no longer say so.
pub(super) fn unpack(response: Response<reqwest::Body>) -> Response<reqwest::Body> {
    let codings = codings(response.headers());
    let [coding] = codings.as_slice() else { return response };
    if !matches!(coding.as_str(), "gzip" | "x-gzip") {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.remove(CONTENT_ENCODING);
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, reqwest::Body::wrap(Unpacked::new(body)))
}

/// A body that is gzip, and what it holds. Several members after another are one content (RFC 1952, section 2.2); anything
/// else behind a member, and an end within one, is an error. A frame that comes out has at most some 64 KiB, however far
/// the data expands.
struct Unpacked {
    packed: reqwest::Body,
    chunk: Bytes,
    /// Made for the first byte: a body without any has no content, and is not broken. It writes to the vector.
    decoder: Option<Box<MultiGzDecoder<Vec<u8>>>>,
    done: bool,
}

impl Unpacked {
    fn new(packed: reqwest::Body) -> Self {
        Self { packed, chunk: Bytes::new(), decoder: None, done: false }
    }

    /// What comes out of the bytes at hand; nothing if more are needed.
    fn decode(&mut self) -> io::Result<Vec<u8>> {
        if self.chunk.is_empty() {
            return Ok(Vec::new());
        }
        let decoder = self.decoder.get_or_insert_with(|| Box::new(MultiGzDecoder::new(Vec::new())));
        while !self.chunk.is_empty() && decoder.get_ref().is_empty() {
            match decoder.write(&self.chunk)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                used => self.chunk.advance(used),
            }
        }
        Ok(std::mem::take(decoder.get_mut()))
    }

    /// What is left at the end.
    fn finish(&mut self) -> io::Result<Vec<u8>> {
        self.decoder.take().map_or_else(|| Ok(Vec::new()), |decoder| decoder.finish())
    }

    fn end(&mut self, outcome: io::Result<Vec<u8>>) -> Option<Result<Frame<Bytes>, Failure>> {
        self.done = true;
        match outcome {
            Ok(rest) => (!rest.is_empty()).then(|| Ok(Frame::data(rest.into()))),
            Err(error) => Some(Err(error.into())),
        }
    }
}

impl Body for Unpacked {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let this = &mut *self;
        while !this.done {
            match this.decode() {
                Ok(out) if out.is_empty() => {}
                Ok(out) => return Poll::Ready(Some(Ok(Frame::data(out.into())))),
                Err(error) => return Poll::Ready(this.end(Err(error))),
            }
            match ready!(Pin::new(&mut this.packed).poll_frame(cx)) {
                // Trailers are nobody's business.
                Some(Ok(frame)) => this.chunk = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    this.done = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => {
                    let rest = this.finish();
                    return Poll::Ready(this.end(rest));
                }
            }
        }
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn what_is_still_compressed() {
        let packing = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            packing(&headers)
        };
        for plain in [&[][..], &[""], &["identity"], &["aws-chunked"], &["utf-8"], &["identity", "identity"]] {
            assert_eq!(packing(plain), None, "{plain:?}");
        }
        assert_eq!(packing(&["BR"]).as_deref(), Some("br"));
        assert_eq!(packing(&["identity, zstd"]).as_deref(), Some("zstd"));
        assert_eq!(packing(&["gzip", "gzip"]).as_deref(), Some("gzip"));
    }
}
