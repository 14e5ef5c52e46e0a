//! A successful response with its whole body, and decoding it.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use crate::context::ResponseContext;
use crate::error::{Error, ErrorKind, retry_after};
use crate::executor::ERROR_BODY_LIMIT;
use crate::json::{self, Decode, JsonError, Kind, Lines, NOT_UTF8, fields};
use crate::media;
use crate::operation::{BareItem, Envelope};
use crate::response::{Meta, RateLimit};
use crate::text::shown;

/// A successful response with its whole body.
#[derive(Clone)]
pub(crate) struct Reply {
    context: ResponseContext,
    body: Arc<Body>,
}

struct Body {
    /// It has [`NOT_UTF8`] in the place of each byte that is not UTF-8. A second text would take as much memory again.
    text: String,
    /// The JSON to decode: without the envelope.
    json: Range<usize>,
    /// The body as it arrived: without the list around a bare item.
    arrived: Range<usize>,
}

/// The text of a body that errors share.
struct Shared(Arc<Body>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.text.as_bytes()
    }
}

impl Reply {
    /// Checks a body before it is decoded. `enveloped` says whether it was asked for in an envelope.
    ///
    /// # Errors
    ///
    /// If there is no body or it is not JSON, and the error in the envelope.
    pub(super) fn new(context: ResponseContext, body: Bytes, enveloped: bool) -> Result<Self, Error> {
        let body = Arc::new(Body::new(body, context.operation.bare_item));
        let mut reply = Self { context, body };
        if reply.body.text.is_empty() {
            return Err(reply.empty());
        }
        // A response without a content type is given the benefit of the doubt.
        if let Some(content_type) = media::content_type(&reply.context.meta.headers)
            && !media::is_json(content_type)
        {
            return Err(reply.undecodable(&format!("the content type is `{}` and not JSON", shown(content_type))));
        }
        if let Some(envelope) = reply.context.operation.envelope.filter(|_| enveloped) {
            reply.unwrap(envelope)?;
        }
        Ok(reply)
    }

    /// The JSON to decode.
    pub(crate) fn json(&self) -> &str {
        self.body.text.get(self.body.json.clone()).unwrap_or_default()
    }

    /// The body as it arrived.
    pub(crate) fn arrived(&self) -> &[u8] {
        self.body.text.as_bytes().get(self.body.arrived.clone()).unwrap_or_default()
    }

    /// Everything about the response but its body.
    pub(crate) fn meta(&self) -> &Arc<Meta> {
        &self.context.meta
    }

    /// The number of requests that are left in the quota.
    pub(crate) fn remaining(&self) -> Option<u64> {
        RateLimit::remaining(&self.context.meta.headers)
    }

    /// Decodes the JSON.
    pub(crate) fn decode<T: Decode>(&self) -> Result<T, Error> {
        json::from_str(self.json()).map_err(|error| self.error(&error))
    }

    /// Decodes the JSON with serde, into a type that may borrow from the body.
    pub(crate) fn view<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        json::view(self.json()).map_err(|error| self.error(&error))
    }

    /// The error of the call, for JSON that cannot be decoded.
    #[cold]
    pub(crate) fn error(&self, error: &JsonError) -> Error {
        let json = self.json();
        self.error_at(error, error.path(json), Lines::default().place(json, error.offset()))
    }

    /// The same, where the path and the line and column are known.
    pub(crate) fn error_at(&self, error: &JsonError, path: Option<String>, (line, column): (usize, usize)) -> Error {
        let kind = match error.kind() {
            Kind::Memory => ErrorKind::BodyTooLarge,
            Kind::Syntax | Kind::End | Kind::Data => ErrorKind::Decode,
        };
        let message = format!("{} at line {line} column {column}", error.message());
        self.failure(kind, &message).with_path(path).with_truncated(error.kind() == Kind::End)
    }

    /// The error of the call, for a list that does not lead on.
    pub(crate) fn undecodable(&self, message: &str) -> Error {
        self.failure(ErrorKind::Decode, message)
    }

    fn failure(&self, kind: ErrorKind, message: &str) -> Error {
        let body = Bytes::from_owner(Shared(Arc::clone(&self.body))).slice(self.body.arrived.clone());
        self.context.annotate(Error::new(kind, message)).with_body(body)
    }

    /// Takes the content out of an envelope. A body without one is a list, and left as it is.
    fn unwrap(&mut self, envelope: Envelope) -> Result<(), Error> {
        let json = self.json();
        let Some([status, content]) = fields(json, [envelope.status, envelope.content]) else {
            return Ok(());
        };
        let status = status.and_then(|range| json::from_str::<i64>(&json[range]).ok());
        let content_json = content.clone().map(|range| &json[range]);
        match (status.and_then(|status| u16::try_from(status).ok()), content_json) {
            (Some(status @ 400..), content) => {
                let content = content.unwrap_or(json).as_bytes();
                let content = &content[..content.len().min(ERROR_BODY_LIMIT)];
                return Err(self.context.api_error(status, Bytes::copy_from_slice(content)));
            }
            (Some(status), _) if self.context.operation.is_processing(status) => {
                return Err(self.context.not_ready(status));
            }
            (_, Some("null")) => return Err(self.empty()),
            _ => {}
        }
        if let (Some(content), Some(body)) = (content, Arc::get_mut(&mut self.body)) {
            body.json = content;
        }
        Ok(())
    }

    fn empty(&self) -> Error {
        let empty = Error::new(ErrorKind::Empty, "the operation should return one");
        self.context.annotate(empty).with_retry_after(retry_after(&self.context.meta.headers))
    }
}

impl Body {
    fn new(arrived: Bytes, bare_item: Option<BareItem>) -> Self {
        let mut text = text(arrived.into());
        let mut arrived = 0..text.len();
        if let Some(rule) = bare_item.filter(|rule| is_bare_item(&text, *rule)) {
            // The name is from the specification and needs no escapes.
            let before = format!("{{\"{}\":[", rule.items);
            text.reserve_exact(before.len() + 2);
            text.insert_str(0, &before);
            arrived = before.len()..text.len();
            text.push_str("]}");
        }
        Self { json: 0..text.len(), text, arrived }
    }
}

/// A body as text of the same length. Only texts that are decoded must be UTF-8.
fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|error| {
        let mut body = error.into_bytes();
        let mut rest = body.as_mut_slice();
        while let Err(error) = std::str::from_utf8(rest) {
            let invalid = &mut rest[error.valid_up_to()..];
            let length = error.error_len().unwrap_or(invalid.len());
            invalid[..length].fill(NOT_UTF8);
            rest = &mut invalid[length..];
        }
        // Nothing is left that could fail.
        String::from_utf8(body).unwrap_or_default()
    })
}

/// Whether a text is an item in place of a list with it.
fn is_bare_item(json: &str, rule: BareItem) -> bool {
    let Some([items]) = fields(json, [rule.items]) else { return false };
    items.is_none() && rule.markers.iter().any(|marker| matches!(fields(json, [marker]), Some([Some(_)])))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: BareItem = BareItem { items: "results", markers: &["statusName", "lineItems"] };

    #[test]
    fn a_bare_item_becomes_a_list() {
        for (json, list) in [
            (r#"{"statusName":"PENDING"}"#, r#"{"results":[{"statusName":"PENDING"}]}"#),
            (r#"{"id":1,"line\u0049tems":[]}"#, r#"{"results":[{"id":1,"line\u0049tems":[]}]}"#),
        ] {
            let body = Body::new(json.into(), Some(RULE));
            assert_eq!((body.text.as_str(), &body.text[body.arrived]), (list, json));
        }
    }

    #[test]
    fn everything_else_stays() {
        for json in [
            r#"{"results":[{"statusName":"PENDING"}]}"#,
            r#"{"results":null,"statusName":"PENDING"}"#,
            r#"{"links":[]}"#,
            r#"{"nested":{"statusName":1}}"#,
            r#"[{"statusName":1}]"#,
            r#"{"statusName":"#,
            "",
        ] {
            let body = Body::new(json.into(), Some(RULE));
            assert_eq!((body.text.as_str(), &body.text[body.arrived]), (json, json));
        }
    }

    #[test]
    fn what_is_not_utf8_counts_where_it_is_decoded() {
        for json in [
            &b"[\"\xff\"]"[..],
            b"[\"a\xff\xff\"]",
            b"[\"a\\\xff\"]",
            b"[\"\\\\\xe4\xf6\"]",
            b"[\"\xc3\"]",
            b"[\"\xed\xa0\x80\"]",
        ] {
            let text = text(json.to_vec());
            assert_eq!(text.len(), json.len());
            let error = json::from_str::<Vec<String>>(&text).unwrap_err();
            assert_eq!(error.message(), "a text is not UTF-8");
            assert_eq!(json::from_str::<Vec<Ignored>>(&text).unwrap().len(), 1);
        }
        assert_eq!(text("[\"ä\"]".into()), "[\"ä\"]");
        assert_eq!(text(b"\xc3a\xe2\x82\xff\xe4".to_vec()), "\u{1a}a\u{1a}\u{1a}\u{1a}\u{1a}");
    }

    struct Ignored;

    impl Decode for Ignored {
        fn decode(reader: &mut json::Reader<'_>) -> Result<Self, JsonError> {
            reader.skip().map(|()| Self)
        }
    }
}
