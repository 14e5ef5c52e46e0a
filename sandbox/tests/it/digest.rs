//! HTTP Digest.

use std::collections::HashMap;
use std::time::Duration;

use cloud_billing_sandbox::{DigestAlgorithm, Sandbox};
use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::client::{Reply, TestRequest, atlas};

const ORGS: &str = "/api/atlas/v2/orgs?pageNum=1";

/// What a challenge says.
fn challenge(reply: &Reply) -> HashMap<String, String> {
    let text = reply.header("www-authenticate").unwrap().strip_prefix("Digest ").unwrap();
    let pairs = text.split(", ").map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

fn hash(algorithm: &str, text: &str) -> String {
    let bytes = if algorithm == "MD5" { Md5::digest(text).to_vec() } else { Sha256::digest(text).to_vec() };
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn answered(sandbox: &Sandbox, challenge: &HashMap<String, String>, count: u32) -> TestRequest {
    let (public, private) = sandbox.atlas_api_key();
    let (realm, nonce, algorithm) = (&challenge["realm"], &challenge["nonce"], &challenge["algorithm"]);
    let nc = format!("{count:08x}");
    let one = hash(algorithm, &format!("{public}:{realm}:{private}"));
    let two = hash(algorithm, &format!("GET:{ORGS}"));
    let response = hash(algorithm, &format!("{one}:{nonce}:{nc}:0123456789abcdef:auth:{two}"));
    atlas(sandbox, ORGS).authorization(&format!(
        "Digest username=\"{public}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{ORGS}\", algorithm={algorithm}, \
         qop=auth, nc={nc}, cnonce=\"0123456789abcdef\", response=\"{response}\""
    ))
}

async fn challenged(sandbox: &Sandbox) -> HashMap<String, String> {
    let reply = atlas(sandbox, ORGS).without("authorization").send().await;
    assert_eq!(reply.status, 401);
    assert!(reply.error().starts_with("401 USER_UNAUTHORIZED: "));
    challenge(&reply)
}

#[tokio::test]
async fn a_nonce_is_good_for_many_requests() {
    for algorithm in [DigestAlgorithm::Md5, DigestAlgorithm::Sha256] {
        let builder = Sandbox::builder().digest_algorithm(algorithm).strict_credentials(true);
        let sandbox = builder.start().await.unwrap();
        let challenge = challenged(&sandbox).await;
        assert_eq!((challenge["realm"].as_str(), challenge["qop"].as_str()), ("MMS Public API", "auth"));
        assert_eq!((challenge["algorithm"].as_str(), challenge["stale"].as_str()), (algorithm.name(), "false"));
        for count in 1..=3 {
            assert_eq!(answered(&sandbox, &challenge, count).send().await.status, 200, "{count}");
        }
        let text = format!("{:?}", sandbox.requests());
        assert!(text.contains("Digest [redacted]") && !text.contains(sandbox.atlas_api_key().1), "{text}");
    }
}

#[tokio::test]
async fn a_nonce_can_become_stale() {
    let builder = Sandbox::builder().nonce_uses(2).nonce_lifetime(Duration::from_secs(60));
    let sandbox = builder.start().await.unwrap();
    let mut current = challenged(&sandbox).await;
    for round in 0..4 {
        let count = match round {
            // Used up.
            0 => {
                for count in 1..=2 {
                    assert_eq!(answered(&sandbox, &current, count).send().await.status, 200);
                }
                3
            }
            // Too old.
            1 => {
                sandbox.advance(Duration::from_secs(60));
                1
            }
            // Declared stale.
            2 => {
                sandbox.expire_nonces();
                1
            }
            // A count that does not grow.
            _ => {
                assert_eq!(answered(&sandbox, &current, 7).send().await.status, 200);
                7
            }
        };
        let reply = answered(&sandbox, &current, count).send().await;
        assert_eq!(reply.status, 401, "{round}");
        let next = challenge(&reply);
        assert_eq!(next["stale"], "true", "{round}");
        assert_ne!(next["nonce"], current["nonce"]);
        current = next;
    }
    assert_eq!(answered(&sandbox, &current, 1).send().await.status, 200);
}

#[tokio::test]
async fn a_wrong_answer_is_challenged_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let current = challenged(&sandbox).await;
    let mut foreign = current.clone();
    foreign.insert("nonce".to_owned(), "0".repeat(32));
    let mut other_realm = current.clone();
    other_realm.insert("realm".to_owned(), "elsewhere".to_owned());
    for request in [
        answered(&sandbox, &foreign, 1),
        answered(&sandbox, &other_realm, 1),
        atlas(&sandbox, ORGS).authorization("Digest"),
        atlas(&sandbox, ORGS).authorization("Digest username=\"a"),
    ] {
        let reply = request.send().await;
        assert_eq!((reply.status, challenge(&reply)["stale"].as_str()), (401, "false"));
        assert!(reply.error().contains("a digest that does not fit: "), "{}", reply.error());
    }
    // What is refused does not use the nonce up.
    assert_eq!(answered(&sandbox, &current, 1).send().await.status, 200);
}
