//! From the bytes of a success to a value.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::Deserialize;

use super::execute::Origin;
use crate::error::{Error, ErrorKind, retry_after};
use crate::json::{self, fields};
use crate::media;
use crate::operation::{BareItem, Envelope};
use crate::response::{Meta, RateLimit};
use crate::text::shorten;
use crate::value::direct;

/// The longest message and the longest path of an error that are kept, in characters. Both quote what the service sent.
const MESSAGE_LIMIT: usize = 500;
const PATH_LIMIT: usize = 300;

/// A success with its whole body.
#[derive(Clone)]
pub(crate) struct Reply {
    origin: Origin,
    /// As it arrived.
    body: Bytes,
    /// What should decode: out of its envelope, and one bare item as a list.
    json: Bytes,
    /// The same as text, once it is needed and is not UTF-8.
    mended: OnceLock<String>,
}

impl Reply {
    /// Looks at a body before it is decoded. `enveloped` says whether it was asked for in an envelope.
    ///
    /// # Errors
    ///
    /// If there is no body or it is not JSON, and the error in the envelope.
    pub(super) fn new(origin: Origin, body: Bytes, enveloped: bool) -> Result<Self, Error> {
        let mut reply = Self { origin, json: body.clone(), body, mended: OnceLock::new() };
        if reply.body.is_empty() {
            return Err(reply.empty());
        }
        // An answer without a content type is given the benefit of the doubt.
        if let Some(content_type) = media::content_type(&reply.origin.meta.headers)
            && !media::is_json(content_type)
        {
            return Err(reply.undecodable(&format!("the content type is `{content_type}` and not JSON")));
        }
        let operation = reply.origin.operation;
        if let Some(envelope) = operation.envelope_fields().filter(|_| enveloped) {
            reply.json = reply.unwrap(reply.json.clone(), envelope)?;
        }
        if let Some(rule) = operation.bare_item_rule() {
            reply.json = list_of_one(reply.json, rule);
        }
        Ok(reply)
    }

    /// What is to be decoded.
    pub(crate) fn json(&self) -> &Bytes {
        &self.json
    }

    /// Everything about the response but its body.
    pub(crate) fn meta(&self) -> &Arc<Meta> {
        &self.origin.meta
    }

    /// What is left of the request quota.
    pub(crate) fn rate_limit(&self) -> RateLimit {
        RateLimit::from_headers(&self.origin.meta.headers)
    }

    /// Where it came from.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The value, which may borrow from the body.
    pub(crate) fn view<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        let text = match std::str::from_utf8(&self.json) {
            Ok(text) => text,
            Err(_) => self.mended.get_or_init(|| mend(&self.json)),
        };
        direct::from_str(text).map_err(|error| self.unfit(text, &error))
    }

    /// The error for a text that is not JSON or does not fit.
    #[cold]
    fn unfit(&self, text: &str, error: &serde_json::Error) -> Error {
        let message = error.to_string();
        let half = message.starts_with("lone leading surrogate") || message.contains("\\udfff");
        let mended = half && self.mended.get().is_some();
        let message = if mended { "a text is not UTF-8" } else { &message };
        let path = json::path(text, error).map(|path| shorten(&path, PATH_LIMIT));
        self.undecodable(message).with_path(path).with_truncated(error.is_eof())
    }

    /// The content of an envelope. A body without one is a list, and left as it is.
    fn unwrap(&self, json: Bytes, envelope: Envelope) -> Result<Bytes, Error> {
        let Some(fields) = fields(&json, &[envelope.status, envelope.content]) else {
            return Ok(json);
        };
        let content = fields[1].map(|content| json.slice_ref(content.get().as_bytes()));
        let status = fields[0].and_then(|status| serde_json::from_str::<u16>(status.get()).ok());
        match (status, content) {
            (Some(status @ 400..), content) => {
                Err(self.origin.api_error(status, content.unwrap_or_else(|| json.clone())))
            }
            (Some(status), _) if self.origin.operation.is_processing(status) => Err(self.origin.not_ready(status)),
            (_, Some(content)) if &*content == b"null" => Err(self.empty()),
            (_, Some(content)) => Ok(content),
            (_, None) => Ok(json),
        }
    }

    fn empty(&self) -> Error {
        let empty = Error::new(ErrorKind::Empty, "the operation should return one");
        self.origin.annotate(empty).with_retry_after(retry_after(&self.origin.meta.headers))
    }

    fn undecodable(&self, message: &str) -> Error {
        self.origin
            .annotate(Error::new(ErrorKind::Decode, shorten(message, MESSAGE_LIMIT)))
            .with_body(self.body.clone())
    }
}

/// A body that is not UTF-8 as text. Only strings that are wanted count, so what is no character becomes the escape of half a
/// character: a string with it is refused if it is decoded, and passed over if it is not.
#[cold]
fn mend(json: &[u8]) -> String {
    let mut text = String::new();
    for chunk in json.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            // Behind a backslash it is an escape already.
            let escapes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
            text.push_str(if escapes % 2 == 0 { "\\udfff" } else { "udfff" });
        }
    }
    text
}

/// A bare item as a list with it; anything else unchanged.
fn list_of_one(json: Bytes, rule: BareItem) -> Bytes {
    let names: Vec<&str> = std::iter::once(rule.items).chain(rule.markers.iter().copied()).collect();
    match fields(&json, &names) {
        Some(fields) if fields[0].is_none() && fields.iter().any(Option::is_some) => {
            // The name is from the specification and needs no escapes.
            let mut list = format!("{{\"{}\":[", rule.items).into_bytes();
            list.reserve(json.len() + 2);
            list.extend_from_slice(&json);
            list.extend_from_slice(b"]}");
            list.into()
        }
        _ => json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: BareItem = BareItem { items: "results", markers: &["statusName", "lineItems"] };

    fn listed(json: &'static str) -> String {
        String::from_utf8(list_of_one(Bytes::from_static(json.as_bytes()), RULE).into()).unwrap()
    }

    #[test]
    fn a_bare_item_becomes_a_list() {
        assert_eq!(listed(r#"{"statusName":"PENDING"}"#), r#"{"results":[{"statusName":"PENDING"}]}"#);
        assert_eq!(listed(r#"{"id":1,"line\u0049tems":[]}"#), r#"{"results":[{"id":1,"line\u0049tems":[]}]}"#);
    }

    #[test]
    fn what_is_not_utf8_counts_where_it_is_wanted() {
        for json in [&b"[\"\xff\"]"[..], b"[\"a\\\xff\"]", b"[\"\\\\\xe4\xf6\"]", b"[\"\xc3\"]", b"[\"\xed\xa0\x80\"]"]
        {
            let text = mend(json);
            let error = serde_json::from_str::<Vec<String>>(&text).unwrap_err().to_string();
            assert!(error.starts_with("lone leading surrogate"), "{text}: {error}");
            assert!(serde_json::from_str::<Vec<serde::de::IgnoredAny>>(&text).is_ok(), "{text}");
        }
        assert_eq!(mend("[\"ä\"]".as_bytes()), "[\"ä\"]");
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
            assert_eq!(listed(json), json);
        }
    }
}
