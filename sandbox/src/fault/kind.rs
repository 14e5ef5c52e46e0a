//! The kinds of faults.

use super::edit::Edit;
use super::failure::{Failure, RetryAfter};
use super::{Cut, Effect, Fault};
use crate::stream::CutEnd;

/// The kind of a [`Fault`].
///
/// It is exhaustive on purpose: a test that covers every fault matches on it, and does not compile after an update of this
/// crate with a new kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// [`Fault::latency`].
    Latency,
    /// [`Fault::status`], or [`Fault::failure`] with nothing more.
    Status,
    /// A failure with an error code, [`Failure::code`].
    ErrorCode,
    /// A failure with a body, [`Failure::body`].
    ErrorBody,
    /// A failure with a number of seconds in `Retry-After`.
    RetryAfterSeconds,
    /// A failure with a date in `Retry-After`.
    RetryAfterDate,
    /// A failure with other text in `Retry-After`.
    RetryAfterText,
    /// [`Fault::redirect`].
    Redirect,
    /// [`Fault::reset`].
    Reset(Cut),
    /// [`Fault::close`].
    Close(Cut),
    /// [`Fault::stall`].
    Stall(Cut),
    /// [`Fault::truncate`].
    Truncate,
    /// [`Fault::body`] and [`Fault::garbage`].
    Body,
    /// [`Fault::content_type`].
    ContentType,
    /// [`Fault::gzip`].
    Gzip,
    /// [`Fault::chunked`].
    Chunked,
    /// [`Fault::expired_token`].
    ExpiredToken,
    /// [`Fault::refuse`].
    Refuse,
    /// [`Fault::unknown_fields`].
    UnknownFields,
    /// [`Fault::unknown_values`].
    UnknownValues,
    /// [`Fault::nulls`].
    Nulls,
    /// [`Fault::edit`].
    Edit,
    /// [`Fault::repeat_cursor`].
    RepeatCursor,
}

impl Fault {
    /// Its kind. A failure with several parts has the kind of the first: body, code, `Retry-After`.
    pub const fn kind(&self) -> FaultKind {
        match &self.effect {
            Effect::Latency(_) => FaultKind::Latency,
            Effect::Failure(failure) => failure.kind(),
            Effect::Redirect(_) => FaultKind::Redirect,
            Effect::Cut(CutEnd::Reset, cut) => FaultKind::Reset(*cut),
            Effect::Cut(CutEnd::Close, cut) => FaultKind::Close(*cut),
            Effect::Cut(CutEnd::Hold, cut) => FaultKind::Stall(*cut),
            Effect::Truncate => FaultKind::Truncate,
            Effect::Body { .. } => FaultKind::Body,
            Effect::ContentType(_) => FaultKind::ContentType,
            Effect::Gzip => FaultKind::Gzip,
            Effect::Chunked => FaultKind::Chunked,
            Effect::ExpiredToken => FaultKind::ExpiredToken,
            Effect::Refuse(_) => FaultKind::Refuse,
            Effect::Edit(Edit::UnknownFields) => FaultKind::UnknownFields,
            Effect::Edit(Edit::UnknownValues) => FaultKind::UnknownValues,
            Effect::Edit(Edit::Nulls) => FaultKind::Nulls,
            Effect::Edit(Edit::Custom(_)) => FaultKind::Edit,
            Effect::RepeatCursor => FaultKind::RepeatCursor,
        }
    }
}

impl Failure {
    const fn kind(&self) -> FaultKind {
        // A new part of a failure does not compile until it has a kind.
        let Self { status: _, code, retry_after, body } = self;
        match (body, code, retry_after) {
            (Some(_), ..) => FaultKind::ErrorBody,
            (None, Some(_), _) => FaultKind::ErrorCode,
            (None, None, Some(RetryAfter::Seconds(_))) => FaultKind::RetryAfterSeconds,
            (None, None, Some(RetryAfter::Date(_))) => FaultKind::RetryAfterDate,
            (None, None, Some(RetryAfter::Text(_))) => FaultKind::RetryAfterText,
            (None, None, None) => FaultKind::Status,
        }
    }
}
