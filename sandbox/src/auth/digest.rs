//! HTTP Digest (RFC 7616), from the server's side.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use md5::Md5;
use regex_lite::Regex;
use sha2::{Digest as _, Sha256};

use super::random::random_hex;
use crate::lock::Lock;

/// The realm of Atlas.
const REALM: &str = "MMS Public API";

/// A parameter with its value, quoted or not, and the comma after it.
#[allow(clippy::expect_used, reason = "the pattern is part of the program")]
static PARAMETER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]*))\s*(?:,\s*|$)"#).expect("the pattern is valid")
});

/// An escaped character in a quoted value.
#[allow(clippy::expect_used, reason = "the pattern is part of the program")]
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\\(.)").expect("the pattern is valid"));

/// The hash function of HTTP Digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// MD5, as Atlas uses.
    #[default]
    Md5,
    /// SHA-256.
    Sha256,
}

impl DigestAlgorithm {
    /// Its name in a challenge.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        let bytes = match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
        };
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Algorithm and lifetime of nonces.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DigestSettings {
    pub(crate) algorithm: DigestAlgorithm,
    /// How often a nonce can be used. `None`: any number of times.
    pub(crate) uses: Option<u32>,
    /// How long a nonce is valid. `None`: for ever.
    pub(crate) lifetime: Option<Duration>,
}

/// Why a digest is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) problem: String,
    /// Whether everything but the nonce is right.
    pub(crate) stale: bool,
}

/// The nonces of one sandbox.
#[derive(Default)]
pub(crate) struct Nonces {
    settings: DigestSettings,
    known: Lock<HashMap<String, Nonce>>,
}

#[derive(Debug)]
struct Nonce {
    created: Duration,
    uses: u32,
    last_count: u32,
    expired: bool,
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Nonces {
    pub(crate) fn new(settings: DigestSettings) -> Self {
        Self { settings, known: Lock::default() }
    }

    /// A challenge with a new nonce.
    pub(crate) fn challenge(&self, now: Duration, stale: bool) -> String {
        let nonce = random_hex(32);
        let algorithm = self.settings.algorithm.name();
        let entry = Nonce { created: now, uses: 0, last_count: 0, expired: false };
        self.known.lock().insert(nonce.clone(), entry);
        format!(
            "Digest realm=\"{REALM}\", domain=\"\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\", stale={stale}"
        )
    }

    /// Makes every nonce stale.
    pub(crate) fn expire_all(&self) {
        self.known.lock().values_mut().for_each(|nonce| nonce.expired = true);
    }

    /// Checks the digest of a request, given without `Digest `, and counts the use of its nonce.
    pub(crate) fn check(
        &self,
        parameters: &str,
        key: (&str, &str),
        method: &str,
        target: &str,
        now: Duration,
    ) -> Result<(), Mismatch> {
        let answer = Answer::read(parameters).map_err(fresh)?;
        let count = answer.matches(self.settings.algorithm, key, method, target).map_err(fresh)?;
        let mut known = self.known.lock();
        let Some(nonce) = known.get_mut(answer.get("nonce")) else {
            return Err(fresh("the nonce was not handed out here".to_owned()));
        };
        let outlived = self.settings.lifetime.is_some_and(|lifetime| now >= nonce.created.saturating_add(lifetime));
        let used_up = self.settings.uses.is_some_and(|uses| nonce.uses >= uses);
        let stale = |problem: String| Err(Mismatch { problem, stale: true });
        if nonce.expired || outlived || used_up {
            return stale("the nonce is stale".to_owned());
        }
        if count <= nonce.last_count {
            return stale(format!("`nc` is {count:08x} after {:08x}: it has to grow", nonce.last_count));
        }
        nonce.last_count = count;
        nonce.uses = nonce.uses.saturating_add(1);
        Ok(())
    }
}

fn fresh(problem: String) -> Mismatch {
    Mismatch { problem, stale: false }
}

/// The parameters of an answer to a challenge.
struct Answer {
    parameters: Vec<(String, String)>,
}

impl Answer {
    /// The required parameters.
    const REQUIRED: [&str; 8] = ["username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce"];

    fn read(text: &str) -> Result<Self, String> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let found = PARAMETER.captures(rest).ok_or("the digest is not parameters with values between commas")?;
            let part = |group| found.get(group).map_or("", |part| part.as_str());
            let (name, value) = (part(1).to_ascii_lowercase(), [part(2), part(3)].concat());
            if parameters.iter().any(|(other, _)| *other == name) {
                return Err(format!("`{name}` is given twice"));
            }
            parameters.push((name, ESCAPE.replace_all(&value, "$1").into_owned()));
            rest = &rest[part(0).len()..];
        }
        let answer = Self { parameters };
        match Self::REQUIRED.into_iter().find(|name| answer.get(name).is_empty()) {
            Some(name) => Err(format!("the digest has no `{name}`")),
            None => Ok(answer),
        }
    }

    fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    /// Checks all but the nonce, and returns its count.
    fn matches(
        &self,
        algorithm: DigestAlgorithm,
        (name, password): (&str, &str),
        method: &str,
        target: &str,
    ) -> Result<u32, String> {
        let expect = |what: &str, expected: &str| match self.get(what) {
            found if found == expected => Ok(()),
            found => Err(format!("`{what}` is `{found}`, and not `{expected}`")),
        };
        expect("realm", REALM)?;
        expect("qop", "auth")?;
        match self.get("algorithm") {
            "" if algorithm == DigestAlgorithm::Md5 => {}
            found if found.eq_ignore_ascii_case(algorithm.name()) => {}
            found => return Err(format!("`algorithm` is `{found}`, and not `{}`", algorithm.name())),
        }
        if self.get("uri") != target {
            return Err(format!("`uri` is `{}`, and the request line has `{target}`", self.get("uri")));
        }
        let nc = self.get("nc");
        let count = Some(nc).filter(|nc| nc.len() == 8 && nc.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let count = count.and_then(|nc| u32::from_str_radix(nc, 16).ok());
        let count = count.ok_or_else(|| format!("`nc` is `{nc}`, and not eight hexadecimal digits"))?;
        if self.get("username") != name {
            return Err("nobody has this `username`".to_owned());
        }
        let secret = algorithm.hash(&format!("{name}:{REALM}:{password}"));
        let request = algorithm.hash(&format!("{method}:{target}"));
        let (nonce, cnonce) = (self.get("nonce"), self.get("cnonce"));
        let expected = algorithm.hash(&format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{request}"));
        match self.get("response") == expected {
            true => Ok(count),
            false => Err("the `response` is wrong".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1);
    const KEY: (&str, &str) = ("public", "private");

    fn nonce(nonces: &Nonces) -> String {
        let challenge = nonces.challenge(NOW, false);
        challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn answer(algorithm: DigestAlgorithm, nonce: &str, nc: &str, uri: &str) -> String {
        let secret = algorithm.hash("public:MMS Public API:private");
        let request = algorithm.hash(&format!("GET:{uri}"));
        let response = algorithm.hash(&format!("{secret}:{nonce}:{nc}:c:auth:{request}"));
        format!(
            "username=\"public\", realm=\"MMS Public API\", nonce=\"{nonce}\", uri=\"{uri}\", cnonce=\"c\", nc={nc}, \
             qop=auth, response=\"{response}\", algorithm={}",
            algorithm.name()
        )
    }

    #[test]
    fn the_examples_of_the_standard() {
        // RFC 7616, section 3.9.1.
        let read = |text: &str| Answer::read(text).unwrap_or_else(|error| panic!("{error}"));
        let parameters = "username=\"Mufasa\", realm=\"MMS Public API\", uri=\"/dir/index.html\", nc=00000001, qop=auth, \
             nonce=\"n\", cnonce=\"f2/wE3q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", response=\"x\\\"y\"";
        assert_eq!(read(parameters).get("response"), "x\"y");
        assert_eq!(DigestAlgorithm::Md5.hash("abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert!(DigestAlgorithm::Sha256.hash("abc").starts_with("ba7816bf8f01cfea"));
    }

    #[test]
    fn counts_have_to_grow() {
        for algorithm in [DigestAlgorithm::Md5, DigestAlgorithm::Sha256] {
            let nonces = Nonces::new(DigestSettings { algorithm, ..DigestSettings::default() });
            let nonce = nonce(&nonces);
            let check = |nc: &str| nonces.check(&answer(algorithm, &nonce, nc, "/a?b"), KEY, "GET", "/a?b", NOW);
            assert_eq!(check("00000001"), Ok(()));
            assert_eq!(check("0000000a"), Ok(()));
            let again = check("0000000a").unwrap_err();
            assert_eq!(
                (again.problem.as_str(), again.stale),
                ("`nc` is 0000000a after 0000000a: it has to grow", true)
            );
        }
    }

    #[test]
    fn nonces_are_used_up() {
        let settings =
            DigestSettings { uses: Some(1), lifetime: Some(Duration::from_secs(5)), ..DigestSettings::default() };
        let nonces = Nonces::new(settings);
        let md5 = DigestAlgorithm::Md5;
        let check = |nonce: &str, nc, now| nonces.check(&answer(md5, nonce, nc, "/"), KEY, "GET", "/", now);
        let (one, two, three) = (nonce(&nonces), nonce(&nonces), nonce(&nonces));
        assert_eq!(check(&one, "00000001", NOW), Ok(()));
        assert!(check(&one, "00000002", NOW).unwrap_err().stale);
        assert!(check(&two, "00000001", NOW + Duration::from_secs(5)).unwrap_err().stale);
        nonces.expire_all();
        assert!(check(&three, "00000001", NOW).unwrap_err().stale);
        assert!(!check("unheard-of", "00000001", NOW).unwrap_err().stale);
    }

    #[test]
    fn mistakes_are_named() {
        let nonces = Nonces::default();
        let nonce = nonce(&nonces);
        let right = answer(DigestAlgorithm::Md5, &nonce, "00000001", "/a");
        for (from, to, problem) in [
            ("uri=\"/a\"", "uri=\"/b\"", "`uri` is `/b`, and the request line has `/a`"),
            ("qop=auth", "qop=auth-int", "`qop` is `auth-int`, and not `auth`"),
            ("nc=00000001", "nc=1", "`nc` is `1`, and not eight hexadecimal digits"),
            ("algorithm=MD5", "algorithm=SHA-256", "`algorithm` is `SHA-256`, and not `MD5`"),
            ("username=\"public\"", "username=\"x\"", "nobody has this `username`"),
            ("cnonce=\"c\"", "cnonce=\"d\"", "the `response` is wrong"),
            ("cnonce=\"c\", ", "", "the digest has no `cnonce`"),
            ("cnonce=\"c\"", "cnonce=\"c\", CNONCE=\"d\"", "`cnonce` is given twice"),
            ("realm=\"MMS Public API\"", "realm=\"x\"", "`realm` is `x`, and not `MMS Public API`"),
        ] {
            let wrong = right.replace(from, to);
            let refused = nonces.check(&wrong, KEY, "GET", "/a", NOW).unwrap_err();
            assert_eq!(refused, fresh(problem.to_owned()));
        }
        assert_eq!(nonces.check(&right.replace(", algorithm=MD5", ""), KEY, "GET", "/a", NOW), Ok(()));
    }
}
