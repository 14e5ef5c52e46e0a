//! Computes the response to a challenge (RFC 7616, section 3.4).

use http::HeaderValue;
use zeroize::Zeroizing;

use super::challenge::Challenge;
use crate::auth::Target;
use crate::error::{Error, ErrorKind};

/// A nonce in use, and the values that stay the same for all its uses.
pub(super) struct Session {
    challenge: Challenge,
    /// The client's nonce. All uses share it, because their counts differ.
    cnonce: String,
    /// The hash of the key, H(A1) in the RFC. For this realm it is as secret as the key.
    key_hash: Zeroizing<String>,
}

impl Session {
    pub(super) fn new(challenge: Challenge, cnonce: String, public: &str, private: &str) -> Self {
        let algorithm = challenge.algorithm;
        let mut key_hash = algorithm.hash.of(&[public.as_bytes(), &challenge.realm, private.as_bytes()]);
        if algorithm.session {
            key_hash = algorithm.hash.of(&[key_hash.as_bytes(), &challenge.nonce, cnonce.as_bytes()]);
        }
        Self { challenge, cnonce, key_hash }
    }

    pub(super) fn nonce(&self) -> &[u8] {
        &self.challenge.nonce
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        let Challenge { realm, nonce, opaque, .. } = &self.challenge;
        let texts =
            [realm.len(), nonce.len(), opaque.as_ref().map_or(0, Vec::len), self.cnonce.len(), self.key_hash.len()];
        size_of::<Self>() + texts.iter().sum::<usize>()
    }

    /// Whether the nonce may be used more than once. Without a count, all uses would be identical.
    pub(super) fn counts(&self) -> bool {
        self.challenge.auth
    }

    /// Builds the `Authorization` header for the `count`-th request with this nonce.
    pub(super) fn answer(&self, public: &str, target: Target<'_>, count: u32) -> Result<HeaderValue, Error> {
        let Challenge { realm, nonce, opaque, algorithm, auth, .. } = &self.challenge;
        let count = format!("{count:08x}");
        let request = algorithm.hash.of(&[target.method.as_str().as_bytes(), target.uri.as_bytes()]);
        let response = if *auth {
            let parts: [&[u8]; 6] = [
                self.key_hash.as_bytes(),
                nonce,
                count.as_bytes(),
                self.cnonce.as_bytes(),
                b"auth",
                request.as_bytes(),
            ];
            algorithm.hash.of(&parts)
        } else {
            algorithm.hash.of(&[self.key_hash.as_bytes(), nonce, request.as_bytes()])
        };

        // RFC 7616, section 3.4 says which parameters are quoted: `qop`, `nc` and `algorithm` are not.
        let mut header = Header(b"Digest ".to_vec());
        header.quoted("username", public.as_bytes());
        header.quoted("realm", realm);
        header.quoted("nonce", nonce);
        header.quoted("uri", target.uri.as_bytes());
        if let Some(name) = algorithm.name {
            header.bare("algorithm", name);
        }
        header.quoted("response", response.as_bytes());
        if let Some(opaque) = opaque {
            header.quoted("opaque", opaque);
        }
        if *auth {
            header.bare("qop", "auth");
            header.bare("nc", &count);
        }
        if *auth || algorithm.session {
            header.quoted("cnonce", self.cnonce.as_bytes());
        }
        let mut value = HeaderValue::from_bytes(&header.0).map_err(|_| {
            Error::new(ErrorKind::Credential, "the public key has a character that cannot stand in an HTTP header")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// A header with parameters, as bytes.
struct Header(Vec<u8>);

impl Header {
    fn name(&mut self, name: &str) {
        if !self.0.ends_with(b" ") {
            self.0.extend_from_slice(b", ");
        }
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'=');
    }

    fn bare(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.extend_from_slice(value.as_bytes());
    }

    fn quoted(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        self.0.push(b'"');
        for byte in value {
            if matches!(byte, b'"' | b'\\') {
                self.0.push(b'\\');
            }
            self.0.push(*byte);
        }
        self.0.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::WWW_AUTHENTICATE;

    use super::super::challenge::nonce_and_count;
    use super::*;
    use crate::operation::Method;

    fn session(challenge: &'static str, cnonce: &str, public: &str, private: &str) -> Session {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        Session::new(Challenge::choose(&headers).unwrap(), cnonce.to_owned(), public, private)
    }

    fn answer(session: &Session, public: &str, count: u32) -> String {
        let target = Target::new(Method::Get, "/dir/index.html");
        let value = session.answer(public, target, count).unwrap();
        assert!(value.is_sensitive());
        String::from_utf8(value.as_bytes().to_vec()).unwrap()
    }

    /// RFC 7616, section 3.9.1.
    #[test]
    fn the_examples_of_rfc_7616() {
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let md5 = session(
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5,
               nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
                .lines()
                .collect::<String>()
                .leak(),
            cnonce,
            "Mufasa",
            "Circle of Life",
        );
        insta::assert_snapshot!(answer(&md5, "Mufasa", 1), @r#"Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", uri="/dir/index.html", algorithm=MD5, response="8ca523f5e9506fed4657c9700eebdbec", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop=auth, nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ""#);

        let sha = session(
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256,
               nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
                .lines()
                .collect::<String>()
                .leak(),
            cnonce,
            "Mufasa",
            "Circle of Life",
        );
        let answer = answer(&sha, "Mufasa", 1);
        let response = r#"response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1""#;
        assert!(answer.contains(response) && answer.contains("algorithm=SHA-256,"), "{answer}");
    }

    /// RFC 2617, section 3.5.
    #[test]
    fn the_example_of_rfc_2617() {
        let challenge = r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
        let session = session(challenge, "0a4f113b", "Mufasa", "Circle Of Life");
        let answer = answer(&session, "Mufasa", 1);
        assert!(answer.contains(r#"response="6629fae49393a05397450978507c4ef1""#), "{answer}");
        assert!(!answer.contains("algorithm"), "{answer}");
        let sent = HeaderValue::from_str(&answer).unwrap();
        assert_eq!(nonce_and_count(&sent), Some((b"dcd98b7102dd2f0e8b11d0f600bfb0c093".to_vec(), 1)));
    }

    /// The formulas of RFC 7616, sections 3.4.1 to 3.4.3, computed independently.
    #[test]
    fn sessions_and_challenges_without_qop() {
        use super::super::hash::Hash::Md5;
        let h = |text: String| Md5.of(&[text.as_bytes()]).to_string();
        let (a1, a2) = (h("u:r:p".to_owned()), h("GET:/dir/index.html".to_owned()));

        let plain = answer(&session("Digest realm=r, nonce=n", "c", "u", "p"), "u", 9);
        assert_eq!(
            plain,
            format!(
                r#"Digest username="u", realm="r", nonce="n", uri="/dir/index.html", response="{}""#,
                h(format!("{a1}:n:{a2}"))
            )
        );

        let counted = answer(&session("Digest realm=r, nonce=n, qop=auth, algorithm=md5-sess", "c", "u", "p"), "u", 26);
        let a1 = h(format!("{a1}:n:c"));
        let response = h(format!("{a1}:n:0000001a:c:auth:{a2}"));
        assert!(counted.contains(&format!(r#"response="{response}""#)), "{counted}");
        assert!(counted.contains("algorithm=MD5-sess, ") && counted.contains("nc=0000001a"), "{counted}");
    }

    #[test]
    fn quotes_are_escaped_and_line_breaks_refused() {
        let odd = session(r#"Digest realm="a\"b\\c", nonce=n, qop=auth"#, "c", "u", "p");
        assert!(answer(&odd, "u\"x", 1).starts_with(r#"Digest username="u\"x", realm="a\"b\\c", nonce="n""#));
        let target = Target::new(Method::Get, "/");
        let error = odd.answer("hush\r\nX: y", target, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credential);
        assert!(!format!("{error} {error:?}").contains("hush"));
    }
}
