//! Decompression of bodies with a `Content-Encoding`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response};
use http_body::{Body, Frame};

use crate::gzip::Inflate;

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
    Response::from_parts(
        head,
        reqwest::Body::wrap(Decompressed { compressed: body, inflate: Inflate::default(), done: false }),
    )
}

/// A gzip body that is decompressed as it is read.
struct Decompressed {
    compressed: reqwest::Body,
    inflate: Inflate,
    done: bool,
}

impl Body for Decompressed {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let this = &mut *self;
        let needs_more = |out: &Result<Bytes, Failure>| out.as_ref().is_ok_and(Bytes::is_empty);
        while !this.done {
            let mut out = this.inflate.decode().map_err(Failure::from);
            if needs_more(&out) {
                match ready!(Pin::new(&mut this.compressed).poll_frame(cx)) {
                    // Trailers are ignored.
                    Some(Ok(frame)) => this.inflate.feed(frame.into_data().unwrap_or_default()),
                    Some(Err(error)) => out = Err(error.into()),
                    None => {
                        this.done = true;
                        out = this.inflate.finish().map_err(Failure::from);
                    }
                }
            }
            this.done |= out.is_err();
            if !needs_more(&out) {
                return Poll::Ready(Some(out.map(Frame::data)));
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
