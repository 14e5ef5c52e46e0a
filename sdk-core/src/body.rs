//! Response bodies as streams of bytes.

mod peek;
mod read;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::Body;
use tokio::task::coop::poll_proceed;
use tokio::time::{Instant, Sleep};
use tracing::Span;

pub use read::BodyReader;

use crate::context::ResponseContext;
use crate::deadline::Deadline;
use crate::error::{Error, ErrorKind};
use crate::intercept::BodyObserver;
use crate::telemetry;

/// The most memory that is reserved because of a `Content-Length`, in bytes: 1 MiB.
const MAX_RESERVE: u64 = 1024 * 1024;

/// A response body, read as it arrives and in constant memory.
///
/// It is a [`Stream`] of chunks. If the connection breaks before the body is complete, the last item is an error of
/// kind [`ErrorKind::Transport`], which says how many bytes had arrived. If nothing arrives within the client's [idle
/// timeout](crate::ClientBuilder::idle_timeout), the last item is an error of kind [`ErrorKind::Timeout`]. After an
/// error the stream ends.
///
/// A body with `Content-Encoding: gzip` is decompressed. All sizes and limits count decompressed bytes. A body that
/// *is* a gzip file stays compressed.
pub struct ByteStream {
    body: reqwest::Body,
    context: ResponseContext,
    received: u64,
    announced: Option<u64>,
    limit: usize,
    timer: Timer,
    /// The span of the attempt, which ends with the body.
    span: Span,
    /// `None` if the client has no interceptors.
    observer: Option<Box<BodyObserver>>,
    done: bool,
}

impl ByteStream {
    /// `limit` is the body limit of [`text`](Self::text), and `span` that of the attempt.
    pub(crate) fn new(body: reqwest::Body, context: ResponseContext, limit: usize, timer: Timer, span: Span) -> Self {
        let announced = body.size_hint().exact();
        Self { body, context, received: 0, announced, limit, timer, span, observer: None, done: false }
    }

    /// Shows the end of the body to the interceptors.
    pub(crate) fn observe(&mut self, observer: Box<BodyObserver>) {
        self.observer = Some(observer);
    }

    /// Removes the deadline. From here on, only the idle timeout applies.
    pub(crate) fn without_deadline(mut self) -> Self {
        self.timer.end = None;
        self.timer.progress();
        self
    }

    pub(crate) fn context(&self) -> &ResponseContext {
        &self.context
    }

    /// The number of bytes that have arrived so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The number of bytes in the body, if the service announced it. `None` for a body with a `Content-Encoding`.
    pub fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// Returns the next chunk, or `None` at the end.
    ///
    /// Cancelling it loses nothing: the next call returns the chunk.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Transport`] or [`ErrorKind::Timeout`], once.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Reads the whole body, up to `limit` bytes.
    ///
    /// Dropping the future ends the download; what has arrived is lost.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::BodyTooLarge`] if the body is larger. At most `limit` bytes and one chunk were then held in
    /// memory. Also returns the errors of the stream.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, Error> {
        self.collect(limit).await
    }

    /// Does the same as [`bytes`](Self::bytes). Its future is smaller, because it borrows the stream.
    pub(crate) async fn collect(&mut self, limit: usize) -> Result<Bytes, Error> {
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

    /// Reads the whole body as text, up to the client's body limit.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`] if the body is not UTF-8, and the errors of [`bytes`](Self::bytes).
    pub async fn text(self) -> Result<String, Error> {
        let (context, limit) = (self.context.clone(), self.limit);
        let bytes = self.bytes(limit).await?;
        String::from_utf8(bytes.into()).map_err(|error| {
            let message = format!("the body is not UTF-8 at byte {}", error.utf8_error().valid_up_to());
            context.annotate(Error::new(ErrorKind::Decode, message).with_body(error.into_bytes().into()))
        })
    }

    /// Reads at most the first `limit` bytes and ignores errors, for bodies that are only shown in error messages.
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
        self.context.annotate(Error::new(ErrorKind::BodyTooLarge, format!("more than {limit} bytes")))
    }

    /// Ends the stream after a broken connection.
    fn broken(&mut self, source: reqwest::Error) -> Error {
        let kind = if source.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
        let message = format!("the body ended after {}", self.progress());
        self.fail(kind, message).with_source(source.without_url())
    }

    /// Ends the stream after a timeout.
    fn late(&mut self, limit: Limit) -> Error {
        let progress = self.progress();
        let message = match limit {
            Limit::End(end) => format!("the body was not complete {}, only {progress}", end.phrase()),
            Limit::Idle(idle) => format!("nothing more of the body within {idle:?} after {progress}"),
        };
        self.fail(ErrorKind::Timeout, message)
    }

    fn fail(&mut self, kind: ErrorKind, message: String) -> Error {
        self.done = true;
        let error = self.context.annotate(Error::new(kind, message));
        telemetry::record_error(&self.span, &error);
        if let Some(observer) = &mut self.observer {
            observer.end(false, Some(error.kind()));
        }
        error
    }

    fn progress(&self) -> String {
        let received = self.received;
        match self.announced {
            Some(announced) => format!("{received} of {announced} bytes"),
            None => format!("{received} bytes"),
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
            // A few bytes that were compressed can be frames without end.
            let coop = ready!(poll_proceed(cx));
            let frame = match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    let limit = ready!(this.timer.poll(cx));
                    return Poll::Ready(Some(Err(this.late(limit))));
                }
            };
            coop.made_progress();
            this.timer.progress();
            match frame {
                None => {
                    this.done = true;
                    if let Some(observer) = &mut this.observer {
                        observer.end(true, None);
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(this.broken(error)))),
                Some(Ok(frame)) => {
                    // Trailers and empty chunks are ignored.
                    if let Some(data) = frame.into_data().ok().filter(|data| !data.is_empty()) {
                        this.received += data.len() as u64;
                        if let Some(observer) = &mut this.observer {
                            observer.bytes = this.received;
                        }
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

/// The time limits of a body: an idle timeout, and a deadline.
pub(crate) struct Timer {
    idle: Duration,
    end: Option<Deadline>,
    /// The earlier of the two limits, measured from the last chunk. Computed when the stream first has to wait.
    due: Option<(Instant, Limit)>,
    /// Created when the stream first has to wait, then reused.
    sleep: Option<Pin<Box<Sleep>>>,
}

/// A time limit of a body.
#[derive(Clone, Copy)]
enum Limit {
    /// On the time without data.
    Idle(Duration),
    /// On the whole body.
    End(Deadline),
}

impl Timer {
    pub(crate) fn new(idle: Duration, end: Deadline) -> Self {
        Self { idle, end: Some(end), due: None, sleep: None }
    }

    /// Returns the limit that has passed, if any.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Limit> {
        if self.due.is_none() {
            // A time beyond the range of the clock is no limit.
            let idle = Instant::now().checked_add(self.idle).map(|at| (at, Limit::Idle(self.idle)));
            let end = self.end.and_then(|end| Some((end.at?, Limit::End(end))));
            self.due = idle.into_iter().chain(end).min_by_key(|(at, _)| *at);
        }
        let Some((at, limit)) = self.due else {
            return Poll::Pending;
        };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if sleep.deadline() != at {
            sleep.as_mut().reset(at);
        }
        sleep.as_mut().poll(cx).map(|()| limit)
    }

    /// Restarts the idle timeout after a chunk.
    fn progress(&mut self) {
        self.due = None;
    }
}
