//! Secrets do not stay in memory. Seen from outside: from the memory of the process, as a core dump would have it.
//!
//! What the HTTP library has sent, headers and bodies of token requests, is in its buffers, which it does not wipe. So of a
//! secret that is sent no such thing can be promised; of one that is only calculated with, it can.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};

use atlas_billing::types::OrganizationId;
use cloud_billing_core::Secret;

use crate::memory::alone;
use test_support::server::{Reply, Server, answer, json};

/// A secret that no other text of this process contains, in pieces that are not the secret.
fn make() -> String {
    let mut secret = String::with_capacity(64);
    for number in 0..16 {
        secret.push(char::from(b'A' + (number * 7 % 26)));
        secret.push(char::from(b'a' + (number * 11 % 26)));
        secret.push(char::from(b'0' + number % 10));
    }
    secret
}

/// Whether bytes hold the end of the secret. An allocator keeps its books in the first bytes of what was given back.
fn holds(bytes: &[u8]) -> bool {
    bytes.windows(30).any(|window| {
        window.chunks(3).zip(6_u8..).all(|(three, number)| {
            three[0] == b'A' + (number * 7 % 26)
                && three[1] == b'a' + (number * 11 % 26)
                && three[2] == b'0' + number % 10
        })
    })
}

/// How many pages of the writable memory of this process hold the secret.
fn pages() -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    // Read before it is searched: the buffer is not to be found in itself.
    let mut buffer = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw") && !line.contains("[v")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        let (mut start, end) = (number(start), number(end));
        while start < end {
            // With an overlap, so that nothing is missed at the seams.
            buffer.resize(4096 + 29, 0);
            memory.seek(SeekFrom::Start(start)).unwrap();
            let read = memory.read(&mut buffer).unwrap_or(0);
            let own = buffer.as_ptr() as u64;
            let is_own = start < own + buffer.len() as u64 && own < start + buffer.len() as u64;
            found += usize::from(!is_own && holds(&buffer[..read]));
            start += 4096;
        }
        buffer.fill(0);
    }
    found
}

#[test]
pub(crate) fn a_secret_is_wiped_when_it_is_dropped() {
    if !alone("wiping::a_secret_is_wiped_when_it_is_dropped") {
        return;
    }
    // A `String` is moved into the secret.
    let secret = Secret::new(make());
    let clone = secret.clone();
    assert!(pages() > 0);
    drop((secret, clone));
    assert_eq!(pages(), 0);
    // And the test would see it: what is dropped without being wiped is still there.
    drop(std::hint::black_box(make()));
    assert!(pages() > 0);
}

#[test]
pub(crate) fn a_key_that_is_never_sent_is_nowhere_afterwards() {
    if !alone("wiping::a_key_that_is_never_sent_is_nowhere_afterwards") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::start(|request| match request.header("authorization") {
            Some(_) if request.number % 5 != 4 => Reply::Send(json(200, "{}")),
            Some(_) => Reply::Send(json(503, "{}")),
            None => Reply::Send(answer(401, &[("www-authenticate", "Digest realm=r, nonce=n, qop=auth")], b"{}")),
        })
        .await;
        let key = atlas_billing::auth::ApiKey::new("public", make());
        let client = atlas_billing::Client::builder().base_url(&server.url).credential(key).build().unwrap();
        for _ in 0..6 {
            client.get_org(OrganizationId::new("4888442a3354817a7320eb61")).send().await.unwrap();
        }
        assert!(pages() > 0, "the key is held");
        drop(client);
    });
    drop(runtime);
    assert_eq!(pages(), 0);
}
