//! Parses `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 7616, section 3.3).
//!
//! The input comes from a server, so nothing here fails: unreadable parts are skipped, and a challenge that is not
//! supported is not chosen.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};

use super::hash::Hash;

/// A Digest challenge that this client can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) realm: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) opaque: Option<Vec<u8>>,
    pub(super) algorithm: Algorithm,
    /// Whether the challenge offers `qop=auth`. Without it, the challenge is of RFC 2069, which has no nonce count.
    pub(super) auth: bool,
    /// Whether the service says that only the nonce was too old, so the key was right.
    pub(super) stale: bool,
}

/// The algorithm of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub(super) hash: Hash,
    /// Whether the hash of the key also covers the nonces (`-sess`).
    pub(super) session: bool,
    /// The algorithm's name, if the challenge gives one. The response must then repeat it.
    pub(super) name: Option<&'static str>,
}

impl Challenge {
    /// Chooses the challenge with the strongest hash. Among equal hashes, `qop=auth` wins, then the order of the
    /// headers.
    pub(super) fn choose(headers: &HeaderMap) -> Option<Self> {
        let mut best: Option<Self> = None;
        for value in headers.get_all(WWW_AUTHENTICATE) {
            for challenge in parse(value.as_bytes()).iter().filter_map(Self::read) {
                if best.as_ref().is_none_or(|best| challenge.rank() > best.rank()) {
                    best = Some(challenge);
                }
            }
        }
        best
    }

    fn rank(&self) -> (Hash, bool) {
        (self.algorithm.hash, self.auth)
    }

    fn read(raw: &Raw) -> Option<Self> {
        if !raw.scheme.eq_ignore_ascii_case(b"digest") {
            return None;
        }
        let auth = match raw.get("qop") {
            // No `qop`: RFC 2069.
            None | Some([]) => false,
            // `auth-int` alone is not supported: it needs the whole body before the headers are sent.
            Some(list) => {
                list.split(|b| *b == b',').any(|qop| qop.trim_ascii().eq_ignore_ascii_case(b"auth")).then_some(true)?
            }
        };
        Some(Self {
            realm: raw.get("realm").unwrap_or_default().to_vec(),
            nonce: raw.get("nonce")?.to_vec(),
            opaque: raw.get("opaque").map(<[u8]>::to_vec),
            algorithm: Algorithm::read(raw.get("algorithm"))?,
            auth,
            stale: raw.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case(b"true")),
        })
    }
}

impl Algorithm {
    const ALL: [Self; 4] = [
        Self { hash: Hash::Md5, session: false, name: Some("MD5") },
        Self { hash: Hash::Md5, session: true, name: Some("MD5-sess") },
        Self { hash: Hash::Sha256, session: false, name: Some("SHA-256") },
        Self { hash: Hash::Sha256, session: true, name: Some("SHA-256-sess") },
    ];

    fn read(name: Option<&[u8]>) -> Option<Self> {
        match name {
            None => Some(Self { name: None, ..Self::ALL[0] }),
            Some(name) => {
                let is = |algorithm: &Self| algorithm.name.is_some_and(|own| own.as_bytes().eq_ignore_ascii_case(name));
                Self::ALL.into_iter().find(is)
            }
        }
    }
}

/// Extracts the nonce and its count from a Digest `Authorization` header.
pub(super) fn nonce_and_count(sent: &HeaderValue) -> Option<(Vec<u8>, u32)> {
    let challenges = parse(sent.as_bytes());
    let sent = challenges.first()?;
    let count = std::str::from_utf8(sent.get("nc")?).ok()?;
    Some((sent.get("nonce")?.to_vec(), u32::from_str_radix(count, 16).ok()?))
}

/// A challenge of any scheme. An `Authorization` header has the same grammar.
#[derive(Debug, Default)]
struct Raw {
    scheme: Vec<u8>,
    params: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Raw {
    /// Returns the first parameter with this name.
    fn get(&self, name: &str) -> Option<&[u8]> {
        let (_, value) = self.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(value)
    }
}

/// Parses the challenges of one header.
///
/// Commas separate challenges and also parameters, so the character after a word decides what the word is. A word
/// before `=` is a parameter name; any other word is a scheme. (The token of a scheme other than Digest is then read as
/// a scheme without parameters, which does no harm.)
fn parse(text: &[u8]) -> Vec<Raw> {
    let mut challenges = Vec::new();
    let mut rest = Cursor { text };
    while !rest.text.is_empty() {
        rest.skip(|b| b == b' ' || b == b'\t' || b == b',');
        let word = rest.take(is_token);
        if word.is_empty() {
            // A byte that the grammar does not allow here.
            rest.skip_one();
            continue;
        }
        rest.skip(is_space);
        if rest.text.first() != Some(&b'=') {
            challenges.push(Raw { scheme: word.to_vec(), params: Vec::new() });
            continue;
        }
        rest.skip_one();
        rest.skip(is_space);
        let value = if rest.text.first() == Some(&b'"') {
            rest.quoted()
        } else {
            rest.take(|b| b != b',' && !is_space(b)).to_vec()
        };
        if let Some(challenge) = challenges.last_mut() {
            challenge.params.push((word.to_vec(), value));
        }
    }
    challenges
}

/// The rest of a header.
struct Cursor<'a> {
    text: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.text.iter().position(|b| !belongs(*b)).unwrap_or(self.text.len());
        let (taken, rest) = self.text.split_at(end);
        self.text = rest;
        taken
    }

    fn skip(&mut self, belongs: impl Fn(u8) -> bool) {
        self.take(belongs);
    }

    fn skip_one(&mut self) {
        self.text = self.text.get(1..).unwrap_or_default();
    }

    /// Reads a quoted string and removes quotes and escapes. Without a closing quote it ends with the header.
    fn quoted(&mut self) -> Vec<u8> {
        self.skip_one();
        let mut value = Vec::new();
        while let Some((b, rest)) = self.text.split_first() {
            self.text = rest;
            match (b, rest.split_first()) {
                (b'"', _) => break,
                (b'\\', Some((escaped, rest))) => {
                    value.push(*escaped);
                    self.text = rest;
                }
                _ => value.push(*b),
            }
        }
        value
    }
}

fn is_space(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

/// Whether a byte is allowed in a token (RFC 9110, section 5.6.2).
fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn choose(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
        }
        Challenge::choose(&headers)
    }

    fn name(values: &[&str]) -> Option<(Option<&'static str>, bool)> {
        choose(values).map(|challenge| (challenge.algorithm.name, challenge.auth))
    }

    #[test]
    fn quoted_and_bare_parameters() {
        for text in [
            r#"Digest realm="MMS Public API", domain="", nonce="n+/==", algorithm=MD5, qop="auth", stale=false"#,
            r#"digest REALM = "MMS Public API",nonce=n+/==  ,, Algorithm="md5",QOP=auth, stale="FALSE""#,
            "Digest\trealm=\"MMS \\Public API\",\tnonce=\"n+/==\",algorithm=MD5,qop=\"auth-int, auth\"",
        ] {
            let challenge = choose(&[text]).unwrap();
            assert_eq!((challenge.realm, challenge.nonce), (b"MMS Public API".to_vec(), b"n+/==".to_vec()), "{text}");
            assert_eq!(
                (challenge.algorithm.name, challenge.auth, challenge.stale),
                (Some("MD5"), true, false),
                "{text}"
            );
        }
        assert!(choose(&["Digest nonce=a, stale=TRUE"]).unwrap().stale);
        assert_eq!(choose(&[r#"Digest nonce="a\"b\\c", opaque="""#]).unwrap().nonce, br#"a"b\c"#);
    }

    #[test]
    fn the_strongest_of_several_is_chosen() {
        let md5 = "Digest realm=r, nonce=a, algorithm=MD5, qop=auth";
        let sha = "Digest realm=r, nonce=b, algorithm=SHA-256, qop=auth";
        assert_eq!(name(&[md5, sha]), Some((Some("SHA-256"), true)));
        assert_eq!(name(&[sha, md5]), Some((Some("SHA-256"), true)));
        let together = format!("Basic realm=\"x, Digest nonce=z\", {md5}, Negotiate YWJj==, {sha}");
        assert_eq!(name(&[&together]), Some((Some("SHA-256"), true)));
        assert_eq!(name(&["Digest nonce=a", "Digest nonce=b, qop=auth"]), Some((None, true)));
        assert_eq!(choose(&["Digest nonce=a", "Digest nonce=b"]).unwrap().nonce, b"a");
        assert_eq!(name(&["Digest nonce=a, algorithm=SHA-256-SESS"]), Some((Some("SHA-256-sess"), false)));
    }

    #[test]
    fn what_cannot_be_answered_is_not_chosen() {
        for text in [
            "",
            "Basic realm=\"x\"",
            "Digest",
            "Digest realm=r",
            "Digest nonce=a, qop=auth-int",
            "Digest nonce=a, algorithm=SHA-512-256",
            "nonce=a, algorithm=MD5",
            "Digest=1",
        ] {
            assert_eq!(choose(&[text]), None, "{text}");
        }
        assert_eq!(name(&["Digest nonce=a, algorithm=whirlpool", "Digest nonce=b"]), Some((None, false)));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
        }

        #[test]
        fn no_mixture_of_pieces_makes_it_panic(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "Digest", "Basic", " ", ",", "=", "\"", "\\", "realm", "nonce=a", "qop=auth", "algorithm=SHA-256", "\t",
                    "stale", "/", "ü",
                ]),
                0..40,
            )
        ) {
            let mut headers = HeaderMap::new();
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_bytes(pieces.concat().as_bytes()).unwrap());
            Challenge::choose(&headers);
        }
    }
}
