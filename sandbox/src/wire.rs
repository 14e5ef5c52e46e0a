//! The connection under the HTTP server, and how an answer is spoiled on its way out.
//!
//! The server writes a correct answer. A [`Script`] that was armed for it says what becomes of its bytes: something goes
//! ahead of them, or only some of them leave before the connection ends.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// What a reset within an answer waits for the receiver to read what came before it.
const PAUSE: Duration = Duration::from_millis(25);

/// How much of an answer leaves if it is cut within its headers: the status line and the beginning of a name.
const HEAD_BYTES: usize = "HTTP/1.1 200 OK\r\nco".len();

/// Where an answer is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// Before its first byte.
    Start,
    /// Within the headers.
    Head,
    /// After that many bytes of the body.
    Body(usize),
}

/// What happens at the cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection is reset.
    Reset,
    /// The connection is closed in order.
    Close,
    /// Nothing more comes, and the connection stays.
    Hold,
}

/// What becomes of the bytes of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// Bytes that go ahead.
    pub(crate) prefix: Vec<u8>,
    pub(crate) cut: Option<(Point, End)>,
}

/// The script of the answer that is written next on one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Armed(Arc<Mutex<Option<Script>>>);

impl Armed {
    /// Sets the script of the next answer; an empty one ends what is left of the one before, such as a cut in a body that
    /// had no bytes.
    pub(crate) fn arm(&self, script: Script) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(script);
    }

    fn is_armed(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn take(&self) -> Option<Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A connection that follows the scripts armed for it.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    armed: Armed,
    running: Option<Progress>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, armed: Armed) -> Self {
        Self { stream, armed, running: None }
    }
}

/// How far a script is.
#[derive(Debug)]
struct Progress {
    prefix: Vec<u8>,
    sent_of_prefix: usize,
    cut: Option<(Point, End)>,
    /// How many bytes of the answer have left.
    passed: usize,
    /// How many bytes of the blank line that ends the head were seen last.
    matched: usize,
    /// How many bytes the head has, once it has left.
    head: Option<usize>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Progress {
    fn new(script: Script) -> Self {
        let Script { prefix, cut } = script;
        Self { prefix, sent_of_prefix: 0, cut, passed: 0, matched: 0, head: None, pause: None }
    }

    /// How many of the next bytes of the answer may leave.
    fn allowed(&self, bytes: &[u8]) -> usize {
        match self.cut {
            None => bytes.len(),
            Some((Point::Start, _)) => 0,
            Some((Point::Head, _)) => HEAD_BYTES.saturating_sub(self.passed).min(bytes.len()),
            Some((Point::Body(length), _)) => {
                let head = self.head.or_else(|| {
                    let mut matched = self.matched;
                    let end = bytes.iter().position(|byte| {
                        matched = advance(matched, *byte);
                        matched == BLANK.len()
                    });
                    end.map(|end| self.passed + end + 1)
                });
                head.map_or(bytes.len(), |head| (head + length).saturating_sub(self.passed).min(bytes.len()))
            }
        }
    }

    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.passed += 1;
            if self.head.is_none() {
                self.matched = advance(self.matched, *byte);
                if self.matched == BLANK.len() {
                    self.head = Some(self.passed);
                }
            }
        }
    }
}

/// What ends the head of an answer.
const BLANK: &[u8] = b"\r\n\r\n";

/// How many bytes of the blank line are matched after one more byte.
fn advance(matched: usize, byte: u8) -> usize {
    match BLANK.get(matched) {
        Some(expected) if *expected == byte => matched + 1,
        _ => usize::from(byte == b'\r'),
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wire = &mut *self;
        if let Some(script) = wire.armed.take() {
            wire.running = (script != Script::default()).then(|| Progress::new(script));
        }
        let Some(progress) = wire.running.as_mut() else { return Pin::new(&mut wire.stream).poll_write(cx, bytes) };
        while let Some(rest) = progress.prefix.get(progress.sent_of_prefix..).filter(|rest| !rest.is_empty()) {
            progress.sent_of_prefix += ready!(Pin::new(&mut wire.stream).poll_write(cx, rest))?;
        }
        let Some((_, end)) = progress.cut else {
            wire.running = None;
            return Pin::new(&mut wire.stream).poll_write(cx, bytes);
        };
        let allowed = progress.allowed(bytes);
        if allowed > 0 {
            let written = ready!(Pin::new(&mut wire.stream).poll_write(cx, &bytes[..allowed]))?;
            progress.pass(&bytes[..written]);
            return Poll::Ready(Ok(written));
        }
        match end {
            End::Hold => Poll::Pending,
            End::Close => {
                ready!(Pin::new(&mut wire.stream).poll_shutdown(cx))?;
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            End::Reset => {
                if progress.passed + progress.sent_of_prefix > 0 {
                    let pause = progress.pause.get_or_insert_with(|| Box::pin(sleep(PAUSE)));
                    ready!(pause.as_mut().poll(cx));
                }
                wire.stream.set_zero_linger()?;
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
        }
    }

    /// Head and body in one piece of work, without a copy, as long as nothing is to be spoiled.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.running.is_none() && !self.armed.is_armed() {
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

    fn passes(cut: Point, chunks: &[&str]) -> String {
        let mut progress = Progress::new(Script { prefix: Vec::new(), cut: Some((cut, End::Close)) });
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
        assert_eq!(passes(Point::Start, &answer), "");
        assert_eq!(passes(Point::Head, &answer), "HTTP/1.1 200 OK\r\nCo");
        assert_eq!(passes(Point::Body(0), &answer), answer.concat().replace("abcdef", ""));
        assert_eq!(passes(Point::Body(2), &answer), answer.concat().replace("cdef", ""));
        assert_eq!(passes(Point::Body(5), &answer), answer.concat().replace("def", "de"));
        assert_eq!(passes(Point::Body(1), &["a\r\n\r\r\n\r\nxy"]), "a\r\n\r\r\n\r\nx");
    }
}
