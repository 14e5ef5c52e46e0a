//! Keeps secrets out of errors if a server repeats them.
//!
//! A service, a token endpoint or a gateway may repeat what it received when it refuses a request: in its message, in a page
//! about the request, in the request id. So the text of an error is compared with the secrets of the request. Both are
//! brought into one form first: the escapes of JSON, URLs and HTML are undone, and then only letters and digits count, in any
//! case. A piece of eight of them is enough. This is done only for responses that end in an error.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use reqwest::Url;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// The number of letters and digits of a piece.
const PIECE: usize = 8;

/// How many escapes within escapes are undone.
const LAYERS: usize = 5;

/// How much of a body is compared, in bytes. No more is kept of an error body.
const BODY_LIMIT: usize = 256 * 1024;

/// The message in place of the text that repeats a secret.
const WITHHELD: &str = "the text of the response is withheld, because it repeats a secret of the request";

/// The parts of a request that contain secrets.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) authorization: Option<HeaderValue>,
    /// Returns the secrets that the header was made from.
    pub(crate) behind: Option<Box<dyn Fn() -> Vec<Secret> + Send + Sync>>,
    /// The form of a token request.
    pub(crate) form: Bytes,
    /// The URL of a token endpoint, of which the query may contain a secret, or a pre-signed address.
    pub(crate) url: Option<(Url, Secrecy)>,
}

/// What of a URL is secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    Query,
    PathAndQuery,
}

impl Sent {
    /// Whether a text repeats a secret.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.secrets().are_in(text.as_bytes())
    }

    /// Removes the text of a response from an error if it repeats a secret.
    pub(crate) fn hide(&self, error: Error) -> Error {
        if error.status().is_none() {
            return error;
        }
        let secrets = self.secrets();
        let in_id = error.request_id().is_some_and(|id| secrets.are_in(id.as_bytes()));
        if in_id || secrets.are_in_text_of(&error) { error.without_text(WITHHELD, in_id) } else { error }
    }

    fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        if let Some(header) = &self.authorization {
            secrets.add_authorization(header.as_bytes());
        }
        for secret in self.behind.iter().flat_map(|behind| behind()) {
            secrets.add(secret.expose().as_bytes());
        }
        for (_, value) in pairs(&self.form).filter(|(name, _)| is_secret(name)) {
            secrets.add(value);
        }
        if let Some((url, secrecy)) = &self.url {
            if *secrecy == Secrecy::PathAndQuery {
                secrets.add(url.path().as_bytes());
            }
            // The version of IBM's metadata service is no secret.
            for (_, value) in pairs(url.query().unwrap_or_default().as_bytes()).filter(|(name, _)| *name != b"version")
            {
                secrets.add(value);
            }
        }
        secrets
    }
}

/// Whether a form field with this name contains a secret.
fn is_secret(name: &[u8]) -> bool {
    matches!(name, b"apikey" | b"cr_token" | b"access_token" | b"token")
}

/// The names and values of a form or a query, encoded. What has no name is a value.
fn pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|byte| *byte == b'&').map(|pair| split_once(pair, b'=').unwrap_or((&[], pair)))
}

fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == separator)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Secrets in the form in which they are compared. Their memory is wiped.
#[derive(Default)]
struct Secrets {
    /// The pieces of each long secret, sorted.
    pieces: Vec<Zeroizing<Vec<u64>>>,
    /// The letters and digits of those that are shorter than a piece.
    short: Vec<Zeroizing<Vec<u8>>>,
}

impl Secrets {
    fn add(&mut self, secret: &[u8]) {
        let letters = letters(&undo_escapes(without_jwt_header(secret)));
        if letters.len() >= PIECE {
            let mut all = Zeroizing::new(pieces(&letters).collect::<Vec<_>>());
            all.sort_unstable();
            self.pieces.push(all);
        } else if !letters.is_empty() {
            self.short.push(letters);
        }
    }

    /// Adds what is secret of an `Authorization` header.
    fn add_authorization(&mut self, header: &[u8]) {
        let (scheme, sent) = split_once(header, b' ').unwrap_or((&[], header));
        if scheme.eq_ignore_ascii_case(b"digest") {
            // The rest is the name of the user, the target and what the service sent.
            let parameters = sent.split(|byte| *byte == b' ');
            for response in parameters.filter_map(|parameter| parameter.strip_prefix(b"response=")) {
                self.add(response);
            }
            return;
        }
        self.add(sent);
        let pair = STANDARD.decode(sent).map(Zeroizing::new).ok().filter(|_| scheme.eq_ignore_ascii_case(b"basic"));
        if let Some((_, password)) = pair.as_ref().and_then(|pair| split_once(pair, b':')) {
            self.add(password);
        }
    }

    fn are_in_text_of(&self, error: &Error) -> bool {
        // The message about a file store that refuses an address is ours: its body is not read.
        let message = error.message().filter(|_| error.kind() != ErrorKind::Api || error.body().is_some());
        let texts = [error.code(), message, error.path()].into_iter().flatten().map(str::as_bytes);
        let body = error.body().map(|body| &body[..body.len().min(BODY_LIMIT)]);
        texts.chain(body).any(|text| self.are_in(text))
    }

    fn are_in(&self, text: &[u8]) -> bool {
        if self.pieces.is_empty() && self.short.is_empty() {
            return false;
        }
        let text = undo_escapes(text);
        pieces(&letters(&text)).any(|piece| self.pieces.iter().any(|all| all.binary_search(&piece).is_ok()))
            || self.short.iter().any(|short| words(&text).any(|word| letters(word) == *short))
    }
}

/// A JSON Web Token without its header, which is the same for all tokens of a service; any other secret as it is.
fn without_jwt_header(secret: &[u8]) -> &[u8] {
    match split_once(secret, b'.') {
        Some((header, rest)) if header.starts_with(b"eyJ") && rest.contains(&b'.') => rest,
        _ => secret,
    }
}

/// The words of a text, with what may be within a short secret: those are compared with whole words.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| byte.is_ascii_whitespace() || b"\"'`<>()[]{},;:=&|".contains(byte))
}

/// Each sequence of eight letters and digits, as a number.
fn pieces(letters: &[u8]) -> impl Iterator<Item = u64> {
    letters.windows(PIECE).map(|piece| piece.iter().fold(0, |number, letter| number << 8 | u64::from(*letter)))
}

/// The letters and digits of a text in lower case, a byte each: of those beyond ASCII, the lowest seven bits.
fn letters(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut letters = Zeroizing::new(Vec::with_capacity(text.len()));
    let chars = text.utf8_chunks().flat_map(|chunk| chunk.valid().chars()).filter(|c| c.is_alphanumeric());
    letters.extend(chars.flat_map(char::to_lowercase).map(|c| match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => byte,
        _ => 0x80 | (u32::from(c) & 0x7f) as u8,
    }));
    letters
}

/// Undoes the escapes of JSON, URLs and HTML, also those of one within another.
fn undo_escapes(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(text.to_vec());
    for _ in 0..LAYERS {
        let mut undone = Zeroizing::new(Vec::with_capacity(text.len()));
        let mut rest = text.as_slice();
        while let Some((first, after)) = rest.split_first() {
            rest = undo_escape(rest, &mut undone).unwrap_or_else(|| {
                undone.push(*first);
                after
            });
        }
        // Each escape is longer than what it means.
        if undone.len() == text.len() {
            break;
        }
        text = undone;
    }
    text
}

/// Writes what an escape at the start of a text means. Returns the rest of the text; `None` if there is no escape.
fn undo_escape<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let byte = text.strip_prefix(b"%").or_else(|| text.strip_prefix(b"\\x"));
    if let Some(digits) = byte
        && let Some(byte) = digits.get(..2).and_then(hex)
    {
        out.extend(u8::try_from(byte));
        return digits.get(2..);
    }
    if let Some(digits) = text.strip_prefix(b"\\u")
        && let Some(code) = digits.get(..4).and_then(hex)
    {
        push(code, out);
        return digits.get(4..);
    }
    match text {
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f', after @ ..] => {
            out.push(b' ');
            Some(after)
        }
        [b'\\', after @ ..] => Some(after),
        [b'&', entity @ ..] => {
            let end = entity.iter().take(10).position(|byte| *byte == b';')?;
            push(entity_code(entity.get(..end)?)?, out);
            entity.get(end + 1..)
        }
        _ => None,
    }
}

/// The character of an HTML entity. Those with a name are punctuation.
fn entity_code(name: &[u8]) -> Option<u32> {
    match name {
        [b'#', b'x' | b'X', digits @ ..] => hex(digits),
        [b'#', digits @ ..] => std::str::from_utf8(digits).ok()?.parse().ok(),
        b"amp" => Some(u32::from('&')),
        b"lt" | b"gt" | b"quot" | b"apos" | b"nbsp" | b"sol" | b"bsol" | b"equals" | b"plus" => Some(u32::from(' ')),
        _ => None,
    }
}

/// A hexadecimal number of at most eight digits.
fn hex(digits: &[u8]) -> Option<u32> {
    let value = digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?));
    value.filter(|_| (1..=8).contains(&digits.len()))
}

/// Appends a character; a space for half a surrogate pair.
fn push(code: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(char::from_u32(code).unwrap_or(' ').encode_utf8(&mut [0; 4]).as_bytes());
}
