//! The static description of an operation: method, path, media types, statuses.
//!
//! Generated code declares one [`Operation`] constant per operation of the API. It contains facts from the curated
//! specification and no behaviour; [`Core`](crate::Core) reads it.

use std::fmt;

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads.
    Get,
    /// Replaces.
    Put,
    /// Creates, or starts a job.
    Post,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method in the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a repeated request has the same effect as a single one (RFC 9110, section 9.2.2).
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Self::Get | Self::Put | Self::Delete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The envelope that a service puts around a body on request. It serves clients that cannot read the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// The boolean query parameter that asks for it.
    pub parameter: &'static str,
    /// The field with the HTTP status, an integer.
    pub status: &'static str,
    /// The field with the body. The body of a list has no such field: the status is next to its items.
    pub content: &'static str,
}

/// How to recognise a single bare item in place of the list that the specification promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BareItem {
    /// The field with the items of a list.
    pub items: &'static str,
    /// Fields of an item. A body without [`items`](Self::items) that has one of these fields is an item.
    pub markers: &'static [&'static str],
}

/// The quota that the requests of an operation count against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Operations of one set share a quota.
    pub(crate) set: &'static str,
    /// The path parameter whose value it is counted for. Empty if it is counted for the caller.
    pub(crate) scope: &'static str,
}

/// The static description of one operation.
///
/// ```
/// use cloud_billing_core::{Method, Operation};
///
/// const LIST: Operation = Operation::new("listInvoices", Method::Get, "/api/v2/orgs/{orgId}/invoices")
///     .accept("application/json")
///     .success(&[200]);
///
/// assert_eq!(LIST.id(), "listInvoices");
/// assert!(LIST.is_idempotent());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    id: &'static str,
    method: Method,
    path: &'static str,
    pub(crate) accept: Option<&'static str>,
    pub(crate) content_type: Option<&'static str>,
    success: &'static [u16],
    processing: &'static [u16],
    idempotent: bool,
    quota: Option<Quota>,
    pub(crate) envelope: Option<Envelope>,
    pub(crate) bare_item: Option<BareItem>,
}

/// Construction, in constants.
impl Operation {
    /// Creates an operation with an id in the vendor's spelling, a method, and a path template in which `{name}` is the
    /// path parameter with that name.
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            accept: None,
            content_type: None,
            success: &[],
            processing: &[],
            idempotent: method.is_idempotent(),
            quota: None,
            envelope: None,
            bare_item: None,
        }
    }

    /// Sets the `Accept` header. Without it the request accepts any media type.
    pub const fn accept(mut self, media_type: &'static str) -> Self {
        self.accept = Some(media_type);
        self
    }

    /// Sets the `Content-Type` of the request body. The default is `application/json`.
    pub const fn content_type(mut self, media_type: &'static str) -> Self {
        self.content_type = Some(media_type);
        self
    }

    /// Sets the documented success statuses. Any other 2xx except 206 also counts as a success, because services do not
    /// always follow their documentation.
    pub const fn success(mut self, statuses: &'static [u16]) -> Self {
        self.success = statuses;
        self
    }

    /// Sets the statuses that mean "accepted, ask again later". If there are any, 202 and 204 mean the same: a service
    /// or a proxy may send them in place of an interim status (1xx).
    pub const fn processing(mut self, statuses: &'static [u16]) -> Self {
        self.processing = statuses;
        self
    }

    /// Marks a POST or PATCH as idempotent: it may be sent again.
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Sets the quota that requests count against: the name of a set of operations that share it, and the path
    /// parameter whose value it is counted for, or an empty text if it is counted for the caller. By default each
    /// operation has one of its own, counted for the caller.
    pub const fn quota(mut self, set: &'static str, scope: &'static str) -> Self {
        self.quota = Some(Quota { set, scope });
        self
    }

    /// Declares that a boolean query parameter, if `true`, wraps the body in an envelope with these fields.
    pub const fn envelope(mut self, parameter: &'static str, status: &'static str, content: &'static str) -> Self {
        self.envelope = Some(Envelope { parameter, status, content });
        self
    }

    /// Declares that a list may come as one bare item: a body without `items` that has one of `markers`.
    pub const fn bare_item(mut self, items: &'static str, markers: &'static [&'static str]) -> Self {
        self.bare_item = Some(BareItem { items, markers });
        self
    }
}

/// Accessors.
impl Operation {
    /// The operation id, in the vendor's spelling.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The HTTP method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The path template, with `{name}` for each path parameter.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The media type of the `Accept` header, if set.
    pub const fn accepted_type(&self) -> Option<&'static str> {
        self.accept
    }

    /// Whether the operation may be sent again, because of its method or because it is marked as idempotent.
    pub const fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// The quota that requests count against.
    pub(crate) fn counted_by(&self) -> Quota {
        self.quota.unwrap_or(Quota { set: self.id, scope: "" })
    }

    /// Whether `status` means that there is no result yet, see [`processing`](Self::processing).
    pub(crate) fn is_processing(&self, status: u16) -> bool {
        self.processing.contains(&status) || (matches!(status, 202 | 204) && !self.processing.is_empty())
    }

    /// Whether `status` is a success, see [`success`](Self::success).
    pub(crate) fn is_success(&self, status: u16) -> bool {
        // 206 is a part of the body, and no request asks for a part.
        let is_whole = (200..300).contains(&status) && status != 206;
        !self.is_processing(status) && (is_whole || self.success.contains(&status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Operation = Operation::new("poll", Method::Get, "/poll").success(&[200, 304]).processing(&[102]);

    #[test]
    fn a_processing_status_is_no_success() {
        assert!(POLL.is_success(200));
        assert!(POLL.is_success(203));
        assert!(POLL.is_success(304));
        for status in [102, 202, 204] {
            assert!(POLL.is_processing(status) && !POLL.is_success(status), "{status}");
        }
        assert!(!POLL.is_success(404) && !POLL.is_success(206));
    }

    #[test]
    fn without_processing_202_and_204_are_successes() {
        const CREATE: Operation = Operation::new("create", Method::Post, "/things").success(&[202]);
        for status in [202, 204] {
            assert!(CREATE.is_success(status) && !CREATE.is_processing(status), "{status}");
        }
    }

    #[test]
    fn post_is_idempotent_only_when_marked() {
        const POST: Operation = Operation::new("create", Method::Post, "/things");
        const MARKED: Operation = POST.idempotent();
        assert!(!POST.is_idempotent());
        assert!(MARKED.is_idempotent());
        assert!(!Method::Patch.is_idempotent());
        assert!(Method::Delete.is_idempotent());
    }
}
