//! The credentials that a sandbox accepts.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// Credentials in the vendors' formats, made anew for each sandbox.
pub(crate) struct Credentials {
    pub(crate) service_account: (String, String),
    pub(crate) api_key: (String, String),
    pub(crate) ibm_api_key: String,
    pub(crate) compute_resource_token: String,
}

impl Credentials {
    pub(crate) fn new() -> Self {
        Self {
            service_account: (format!("mdb_sa_id_{}", random_hex(24)), format!("mdb_sa_sk_{}", random_hex(40))),
            api_key: (letters(8), uuid()),
            ibm_api_key: random_hex(44),
            compute_resource_token: format!("sandbox.{}.{}", random_hex(32), random_hex(32)),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// Random hexadecimal digits. Not secure; for tests only.
pub(crate) fn random_hex(length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        // Each state has new keys.
        text.push_str(&format!("{:016x}", RandomState::new().hash_one(text.len())));
    }
    text.truncate(length);
    text
}

/// Random lower-case letters.
fn letters(length: usize) -> String {
    random_hex(length).bytes().map(|byte| char::from(b'a' + byte % 26)).collect()
}

fn uuid() -> String {
    let digits = random_hex(32);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_look_like_the_vendors() {
        let Credentials { service_account: (id, secret), api_key, .. } = Credentials::new();
        let digits = id.strip_prefix("mdb_sa_id_").unwrap();
        assert!(digits.len() == 24 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert!(secret.starts_with("mdb_sa_sk_"));
        assert!(api_key.0.len() == 8 && api_key.0.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", api_key.0);
        assert_eq!(api_key.1.len(), 36);
        assert_ne!(Credentials::new().ibm_api_key, Credentials::new().ibm_api_key);
        assert_eq!(format!("{:?}", Credentials::new()), "Credentials { .. }");
    }
}
