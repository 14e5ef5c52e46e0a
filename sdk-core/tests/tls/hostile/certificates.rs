//! Certificates that do not hold.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose, NameConstraints, SanType, date_time_ymd,
};
use tokio_rustls::rustls::version::{TLS12, TLS13};

use super::*;
use crate::support::tls::{Authority, Identity, TlsServer};

fn host() -> CertificateParams {
    CertificateParams::new(["localhost".to_owned()]).unwrap()
}

/// A certificate for the host with something changed.
fn with(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut params = host();
    change(&mut params);
    authority.issue(&params)
}

/// The same, by an authority in between with something changed.
fn between(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let mut params = Authority::params();
    change(&mut params);
    let between = authority.certify(params);
    between.identity("localhost").by(&between)
}

/// A certificate whose only name is this one, with any characters.
fn named(authority: &Authority, name: &str) -> Identity {
    with(authority, |params| params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())])
}

fn cases(root: &Authority) -> Vec<(&'static str, Identity)> {
    let other = Authority::new();
    let twin = Authority::named_like(root);
    let path = {
        let mut params = Authority::params();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let first = root.certify(params);
        let second = first.certify(Authority::params());
        second.identity("localhost").by(&second).by(&first)
    };
    let no_authority = {
        let mut params = Authority::params();
        params.is_ca = IsCa::NoCa;
        let host = root.certify(params);
        host.identity("localhost").by(&host)
    };
    let self_signed = {
        let key = KeyPair::generate().unwrap();
        Identity { chain: vec![host().self_signed(&key).unwrap().into()], key }
    };
    let of_another = Identity { key: KeyPair::generate().unwrap(), ..root.identity("localhost") };
    let missing = root.certify(Authority::params()).identity("localhost");
    let circle = {
        let mut identity = other.identity("localhost");
        for _ in 0..50 {
            identity = identity.by(&other).by(&twin);
        }
        identity
    };
    let crowd = {
        let mut identity = root.identity("localhost");
        for _ in 0..200 {
            identity = identity.by(&other);
        }
        identity
    };
    let garbage = Identity { chain: vec![b"hush".to_vec().into()], ..root.identity("localhost") };
    let cut = {
        let mut identity = root.identity("localhost");
        let half = identity.chain[0][..200].to_vec();
        identity.chain = vec![half.into()];
        identity
    };
    let flipped = {
        let mut identity = root.identity("localhost");
        let mut bytes = identity.chain[0].to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        identity.chain = vec![bytes.into()];
        identity
    };
    let nothing = Identity { chain: vec![], ..root.identity("localhost") };
    vec![
        ("a sound certificate", root.identity("localhost")),
        ("a sound one by an authority in between", between(root, |_| ())),
        ("a sound one and 200 that are of no use", crowd),
        ("another name", root.identity("elsewhere")),
        ("a name that begins with the host's", root.identity("localhost.example.com")),
        ("a name that ends with the host's", root.identity("evil.localhost")),
        ("every name", root.identity("*")),
        ("every name below the host's", root.identity("*.localhost")),
        ("the host's address", root.identity("127.0.0.1")),
        ("a name with NUL after the host's", named(root, "localhost\0.example.com")),
        (
            "no name but the subject's",
            with(root, |params| {
                params.subject_alt_names = vec![];
                params.distinguished_name.push(DnType::CommonName, "localhost");
            }),
        ),
        ("expired", with(root, |params| params.not_after = date_time_ymd(2020, 1, 1))),
        ("not yet valid", with(root, |params| params.not_before = date_time_ymd(4000, 1, 1))),
        ("an authority in between that is expired", between(root, |p| p.not_after = date_time_ymd(2020, 1, 1))),
        ("an authority in between that is not yet valid", between(root, |p| p.not_before = date_time_ymd(4000, 1, 1))),
        ("self-signed", self_signed),
        ("an unknown authority", other.identity("localhost").by(&other)),
        ("an authority with the name of the trusted one", twin.identity("localhost").by(&twin)),
        ("a host as authority", no_authority),
        ("an authority in between that is missing", missing),
        ("an authority below one that may have none", path),
        (
            "an authority for other names",
            between(root, |params| {
                params.name_constraints = Some(NameConstraints {
                    permitted_subtrees: vec![GeneralSubtree::DnsName("example.com".to_owned())],
                    excluded_subtrees: vec![],
                });
            }),
        ),
        (
            "an authority for all names but this",
            between(root, |params| {
                params.name_constraints = Some(NameConstraints {
                    permitted_subtrees: vec![],
                    excluded_subtrees: vec![GeneralSubtree::DnsName("localhost".to_owned())],
                });
            }),
        ),
        (
            "a certificate for clients",
            with(root, |params| {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }),
        ),
        (
            "a certificate for code",
            with(root, |params| {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
            }),
        ),
        ("a certificate for revocation lists alone", with(root, |p| p.key_usages = vec![KeyUsagePurpose::CrlSign])),
        ("a certificate whose key is another one", of_another),
        ("a certificate with a flipped bit", flipped),
        ("half a certificate", cut),
        ("no certificate at all", garbage),
        ("an empty chain", nothing),
        ("authorities in a circle", circle),
    ]
}

/// What a client makes of a server with this certificate. A refusal comes before any request.
async fn call(root: &Authority, identity: Identity) -> String {
    let tls = identity.acceptor(&["http/1.1"], &[&TLS13, &TLS12]);
    let server = TlsServer::start(tls, |_| "1".to_owned()).await;
    let text = outcome(server.builder().root_certificates(root.pem()), false).await;
    assert_eq!(server.received().len(), usize::from(text.starts_with("ok")), "{text}");
    text
}

#[tokio::test]
async fn certificates() {
    let root = Authority::new();
    let mut table = String::new();
    let cases = cases(&root);
    figures::add(Figure::Hostile, cases.len());
    figures::say(format!("{} certificates: those that do not hold get no request", cases.len()));
    for (name, identity) in cases {
        writeln!(table, "{name}\n    {}", call(&root, identity).await).unwrap();
    }
    assert_table_of_library("certificates", &table);
}
