//! The TCP stream under the HTTP server, and how faults change the bytes of a response.
//!
//! The server writes a correct response. The [`WireEdits`] set for it put bytes before it, or end the connection after
//! some of its bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::lock::Lock;
use crate::timed::TimedStream;

/// How long a reset within a response waits, so that the client can read the bytes before it.
const PAUSE: Duration = Duration::from_millis(25);

/// How many bytes are sent if a response is cut within its headers: the status line and the start of a header name.
const HEAD_BYTES: usize = "HTTP/1.1 200 OK\r\nco".len();

/// Where a response is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CutPoint {
    /// Before its first byte.
    Start,
    /// Within the headers.
    Head,
    /// After that many bytes of the body.
    Body(usize),
}

/// What happens at the cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CutEnd {
    /// The connection is reset.
    Reset,
    /// The connection is closed properly.
    Close,
    /// Nothing more is sent, and the connection stays open.
    Hold,
}

/// Changes of the bytes of one response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WireEdits {
    /// Bytes to send before it.
    pub(crate) prefix: Vec<u8>,
    pub(crate) cut: Option<(CutPoint, CutEnd)>,
}

/// The edits of the next response on one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct NextEdits(Arc<Lock<Option<WireEdits>>>);

impl NextEdits {
    /// Sets the edits of the next response. It is called for every response: empty edits remove those of the previous one.
    pub(crate) fn set(&self, edits: WireEdits) {
        *self.0.lock() = Some(edits);
    }
}

/// A TCP stream that applies the edits set for its responses.
#[derive(Debug)]
pub(crate) struct FaultStream {
    stream: TimedStream,
    edits: NextEdits,
    progress: Option<Progress>,
}

impl FaultStream {
    pub(crate) fn new(stream: TimedStream, edits: NextEdits) -> Self {
        Self { stream, edits, progress: None }
    }
}

/// The progress of a response with edits.
#[derive(Debug)]
struct Progress {
    prefix: Vec<u8>,
    sent_of_prefix: usize,
    cut: Option<(CutPoint, CutEnd)>,
    /// How many bytes of the response have been sent.
    passed: usize,
    /// The head, as far as it has been sent.
    head: Vec<u8>,
    /// How many bytes the head has, once it has been sent.
    head_length: Option<usize>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Progress {
    fn new(edits: WireEdits) -> Self {
        let WireEdits { prefix, cut } = edits;
        Self { prefix, sent_of_prefix: 0, cut, passed: 0, head: Vec::new(), head_length: None, pause: None }
    }

    /// How many of the next bytes of the response may be sent.
    fn allowed(&self, bytes: &[u8]) -> usize {
        match self.cut {
            None => bytes.len(),
            Some((CutPoint::Start, _)) => 0,
            Some((CutPoint::Head, _)) => HEAD_BYTES.saturating_sub(self.passed).min(bytes.len()),
            Some((CutPoint::Body(length), _)) => {
                let head = self.head_length.or_else(|| head_length(&[&self.head, bytes].concat()));
                head.map_or(bytes.len(), |head| (head + length).saturating_sub(self.passed).min(bytes.len()))
            }
        }
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.passed += bytes.len();
        if self.head_length.is_none() {
            self.head.extend_from_slice(bytes);
            self.head_length = head_length(&self.head);
        }
    }
}

/// How many bytes the head of a response has, with the blank line that ends it.
fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|start| start + 4)
}

impl AsyncRead for FaultStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for FaultStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Some(edits) = this.edits.0.lock().take() {
            this.progress = (edits != WireEdits::default()).then(|| Progress::new(edits));
        }
        let Some(progress) = this.progress.as_mut() else { return Pin::new(&mut this.stream).poll_write(cx, bytes) };
        while let Some(rest) = progress.prefix.get(progress.sent_of_prefix..).filter(|rest| !rest.is_empty()) {
            progress.sent_of_prefix += ready!(Pin::new(&mut this.stream).poll_write(cx, rest))?;
        }
        let Some((_, end)) = progress.cut else {
            this.progress = None;
            return Pin::new(&mut this.stream).poll_write(cx, bytes);
        };
        let allowed = progress.allowed(bytes);
        if allowed > 0 {
            let written = ready!(Pin::new(&mut this.stream).poll_write(cx, &bytes[..allowed]))?;
            progress.pass(&bytes[..written]);
            return Poll::Ready(Ok(written));
        }
        match end {
            CutEnd::Hold => Poll::Pending,
            CutEnd::Close => {
                ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            CutEnd::Reset => {
                if progress.passed + progress.sent_of_prefix > 0 {
                    let pause = progress.pause.get_or_insert_with(|| Box::pin(sleep(PAUSE)));
                    ready!(pause.as_mut().poll(cx));
                }
                this.stream.set_zero_linger()?;
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
        }
    }

    /// Writes head and body together, without a copy, if the response has no edits.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.progress.is_none() && self.edits.0.lock().is_none() {
            return Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        }
        let part = parts.iter().find(|part| !part.is_empty()).map_or(&[][..], |part| part);
        self.poll_write(cx, part)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(cut: CutPoint, chunks: &[&str]) -> String {
        let mut progress = Progress::new(WireEdits { prefix: Vec::new(), cut: Some((cut, CutEnd::Close)) });
        let mut passed = String::new();
        for chunk in chunks {
            let allowed = progress.allowed(chunk.as_bytes());
            progress.pass(&chunk.as_bytes()[..allowed]);
            passed.push_str(&chunk[..allowed]);
            if allowed < chunk.len() {
                break;
            }
        }
        passed
    }

    #[test]
    fn answers_are_cut_where_they_should_be() {
        let answer = ["HTTP/1.1 200 OK\r\nContent-Len", "gth: 6\r\n\r", "\nabc", "def"];
        assert_eq!(passes(CutPoint::Start, &answer), "");
        assert_eq!(passes(CutPoint::Head, &answer), "HTTP/1.1 200 OK\r\nCo");
        assert_eq!(passes(CutPoint::Body(0), &answer), answer.concat().replace("abcdef", ""));
        assert_eq!(passes(CutPoint::Body(2), &answer), answer.concat().replace("cdef", ""));
        assert_eq!(passes(CutPoint::Body(5), &answer), answer.concat().replace("def", "de"));
        assert_eq!(passes(CutPoint::Body(1), &["a\r\n\r\r\n\r\nxy"]), "a\r\n\r\r\n\r\nx");
    }
}
