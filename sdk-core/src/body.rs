//! Response bodies as streams of bytes.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::Body;
use tokio::time::{Instant, Sleep};

use crate::client::Origin;
use crate::error::{Error, ErrorKind};

/// The most memory that is reserved on the word of a `Content-Length`.
const MAX_RESERVE: u64 = 1024 * 1024;

/// A response body, read as it arrives and in constant memory.
///
/// It is a [`Stream`] of chunks. If the connection breaks before the body is complete, the last item is an error of kind
/// [`ErrorKind::Transport`] that says how many bytes had arrived; if nothing arrives for the client's attempt timeout, one
/// of kind [`ErrorKind::Timeout`]. After an error the stream ends.
pub struct ByteStream {
    body: reqwest::Body,
    origin: Origin,
    received: u64,
    announced: Option<u64>,
    limit: usize,
    timer: Timer,
    done: bool,
}

impl ByteStream {
    /// `limit` is the one of [`text`](Self::text).
    pub(crate) fn new(body: reqwest::Body, origin: Origin, limit: usize, timer: Timer) -> Self {
        let announced = body.size_hint().exact();
        Self { body, origin, received: 0, announced, limit, timer, done: false }
    }

    /// From here on, lets every chunk take as long as `timeout`, however long the whole takes.
    pub(crate) fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.timer = Timer::idle(timeout);
        self
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How many bytes have arrived so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How many bytes the body has, if the service announced it.
    pub fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// The next chunk, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Transport`] or [`ErrorKind::Timeout`], once.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The whole body, if it has at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::BodyTooLarge`] if it is larger; then no more than `limit` bytes and one chunk were held. And
    /// those of the stream.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, Error> {
        if self.announced.is_some_and(|announced| announced > limit as u64) {
            return Err(self.too_large(limit));
        }
        let Some(first) = self.next().await.transpose()? else {
            return Ok(Bytes::new());
        };
        if first.len() > limit {
            return Err(self.too_large(limit));
        }
        let Some(second) = self.next().await.transpose()? else {
            return Ok(first);
        };
        let reserve = self.announced.unwrap_or(0).min(MAX_RESERVE) as usize;
        let mut all = BytesMut::with_capacity(reserve.max(first.len() + second.len()));
        all.extend_from_slice(&first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if all.len() + chunk.len() > limit {
                return Err(self.too_large(limit));
            }
            all.extend_from_slice(&chunk);
            next = self.next().await.transpose()?;
        }
        Ok(all.freeze())
    }

    /// The whole body as text, if it is within the client's body limit.
    ///
    /// # Errors
    ///
    /// Of kind [`ErrorKind::Decode`] if it is not UTF-8, and those of [`bytes`](Self::bytes).
    pub async fn text(self) -> Result<String, Error> {
        let (origin, limit) = (self.origin.clone(), self.limit);
        let bytes = self.bytes(limit).await?;
        String::from_utf8(bytes.into()).map_err(|error| {
            let message = format!("the body is not UTF-8 at byte {}", error.utf8_error().valid_up_to());
            origin.annotate(Error::new(ErrorKind::Decode, message).with_body(error.into_bytes().into()))
        })
    }

    /// At most the first `limit` bytes, as far as they arrive. For bodies that are nice to have.
    pub(crate) async fn prefix(mut self, limit: usize) -> Bytes {
        let mut all = BytesMut::new();
        while let Some(Ok(chunk)) = self.next().await {
            let room = limit - all.len();
            all.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if all.len() == limit {
                break;
            }
        }
        all.freeze()
    }

    fn too_large(&self, limit: usize) -> Error {
        self.origin.annotate(Error::new(ErrorKind::BodyTooLarge, format!("more than {limit} bytes")))
    }

    /// Ends the stream with an error.
    fn fail(&mut self, kind: ErrorKind, source: Option<reqwest::Error>) -> Error {
        self.done = true;
        let received = self.received;
        let message = match self.announced {
            Some(announced) => format!("the body ended after {received} of {announced} bytes"),
            None => format!("the body ended after {received} bytes"),
        };
        let error = self.origin.annotate(Error::new(kind, message));
        match source {
            Some(source) => error.with_source(source.without_url()),
            None => error,
        }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.done {
                return Poll::Ready(None);
            }
            let frame = match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    ready!(this.timer.poll(cx));
                    return Poll::Ready(Some(Err(this.fail(ErrorKind::Timeout, None))));
                }
            };
            this.timer.progress();
            match frame {
                None => this.done = true,
                Some(Err(error)) => {
                    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
                    return Poll::Ready(Some(Err(this.fail(kind, Some(error)))));
                }
                Some(Ok(frame)) => {
                    // Trailers and empty chunks are nobody's business.
                    if let Some(data) = frame.into_data().ok().filter(|data| !data.is_empty()) {
                        this.received += data.len() as u64;
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("received", &self.received)
            .field("announced", &self.announced)
            .finish_non_exhaustive()
    }
}

/// When to give a body up: at a fixed deadline, or when nothing has arrived for a time.
pub(crate) struct Timer {
    /// The time between chunks, unless the deadline is fixed.
    idle: Option<Duration>,
    /// Set anew for each chunk, unless it is fixed.
    deadline: Option<Instant>,
    /// Made when there is something to wait for, and used again.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// A fixed deadline; none is never.
    pub(crate) fn deadline(deadline: Option<Instant>) -> Self {
        Self { idle: None, deadline, sleep: None }
    }

    fn idle(timeout: Duration) -> Self {
        Self { idle: Some(timeout), deadline: None, sleep: None }
    }

    /// Whether the time has come.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(idle) = self.idle {
            // The first wait since the last chunk. A time beyond the clock's range is no limit.
            self.deadline = self.deadline.or_else(|| Instant::now().checked_add(idle));
        }
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx)
    }

    /// A chunk has arrived.
    fn progress(&mut self) {
        if self.idle.is_some() {
            self.deadline = None;
        }
    }
}
