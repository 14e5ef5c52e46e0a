//! Bodies for code that reads bytes.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures_core::Stream;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use super::ByteStream;

impl ByteStream {
    /// The body for code that takes an [`AsyncRead`] or [`AsyncBufRead`], such as an upload, a parser, or `tokio::io::copy`.
    ///
    /// Its errors are [`io::Error`]s with the error of the stream inside, which `get_ref` and `downcast_ref` find.
    pub fn into_async_read(self) -> BodyReader {
        BodyReader { stream: self, chunk: Bytes::new() }
    }
}

/// A body as an [`AsyncRead`], from [`ByteStream::into_async_read`]. Dropping it ends the download.
pub struct BodyReader {
    stream: ByteStream,
    /// What has arrived and was not read.
    chunk: Bytes,
}

impl AsyncBufRead for BodyReader {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.chunk.is_empty()
            && let Some(chunk) = ready!(Pin::new(&mut this.stream).poll_next(cx))
        {
            this.chunk = chunk?;
        }
        Poll::Ready(Ok(&this.chunk))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let chunk = &mut self.get_mut().chunk;
        chunk.advance(amount.min(chunk.len()));
    }
}

impl AsyncRead for BodyReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let found = ready!(self.as_mut().poll_fill_buf(cx))?;
        let length = found.len().min(into.remaining());
        into.put_slice(&found[..length]);
        self.consume(length);
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").field("stream", &self.stream).finish_non_exhaustive()
    }
}
