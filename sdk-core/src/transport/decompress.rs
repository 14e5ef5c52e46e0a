//! Decompression of bodies with a `Content-Encoding`.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response};
use http_body::{Body, Frame};

/// An error of the connection or of the decompression.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The content encodings that change the bytes of a body. `aws-chunked` is ignored: file stores keep it from uploads,
/// and it does not apply to downloads.
fn encodings(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(CONTENT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let encodings = values.flat_map(|value| value.split(',')).map(|encoding| encoding.trim().to_ascii_lowercase());
    encodings.filter(|encoding| !matches!(encoding.as_str(), "" | "identity" | "aws-chunked")).collect()
}

/// The content encoding of a body that is still compressed. Unknown words, which some services send, are ignored.
pub(crate) fn content_encoding(headers: &HeaderMap) -> Option<String> {
    let compressions = ["gzip", "x-gzip", "br", "deflate", "zstd", "compress", "x-compress"];
    encodings(headers).into_iter().find(|encoding| compressions.contains(&encoding.as_str()))
}

/// Decompresses a body as it arrives, if gzip is its only content encoding. Removes `Content-Encoding` and `Content-Length`.
pub(super) fn decompress(response: Response<reqwest::Body>) -> Response<reqwest::Body> {
    let encodings = encodings(response.headers());
    let [encoding] = encodings.as_slice() else { return response };
    if !matches!(encoding.as_str(), "gzip" | "x-gzip") {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.remove(CONTENT_ENCODING);
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, reqwest::Body::wrap(Decompressed::new(body)))
}

/// A gzip body that is decompressed as it is read. Several members in a row are concatenated (RFC 1952, section 2.2).
/// Other data after a member, or a truncated member, is an error. An output frame has at most about 64 KiB, even if the
/// data expands much more.
struct Decompressed {
    compressed: reqwest::Body,
    chunk: Bytes,
    /// Created for the first byte, because an empty body is valid. It writes to the vector.
    decoder: Option<Box<MultiGzDecoder<Vec<u8>>>>,
    done: bool,
}

impl Decompressed {
    fn new(compressed: reqwest::Body) -> Self {
        Self { compressed, chunk: Bytes::new(), decoder: None, done: false }
    }

    /// Decompresses the buffered bytes. Returns an empty vector if it needs more input.
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

    /// Returns the rest of the output after the last input.
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

impl Body for Decompressed {
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
            match ready!(Pin::new(&mut this.compressed).poll_frame(cx)) {
                // Trailers are ignored.
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
        let content_encoding = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            content_encoding(&headers)
        };
        for plain in [&[][..], &[""], &["identity"], &["aws-chunked"], &["utf-8"], &["identity", "identity"]] {
            assert_eq!(content_encoding(plain), None, "{plain:?}");
        }
        assert_eq!(content_encoding(&["BR"]).as_deref(), Some("br"));
        assert_eq!(content_encoding(&["identity, zstd"]).as_deref(), Some("zstd"));
        assert_eq!(content_encoding(&["gzip", "gzip"]).as_deref(), Some("gzip"));
    }
}
