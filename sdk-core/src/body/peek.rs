//! Tests whether a body is empty without consuming it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::ByteStream;
use crate::error::Error;

impl ByteStream {
    /// Whether the body has no bytes. This waits for the first chunk. The stream still returns that chunk afterwards.
    ///
    /// # Errors
    ///
    /// Returns the errors of the stream, which has then ended.
    pub async fn is_empty(&mut self) -> Result<bool, Error> {
        let received = self.received;
        let Some(first) = self.next().await.transpose()? else {
            return Ok(received == 0);
        };
        let rest = std::mem::take(&mut self.body);
        self.body = reqwest::Body::wrap(Rejoined { first: Some(first), rest });
        self.received = received;
        Ok(false)
    }
}

/// A body with one chunk put back in front of it.
struct Rejoined {
    first: Option<Bytes>,
    rest: reqwest::Body,
}

impl Body for Rejoined {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Never used: the stream has already stored the announced length.
        SizeHint::default()
    }
}
