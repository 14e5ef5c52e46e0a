//! Files at pre-signed addresses.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::fmt::Write as _;
use std::time::Duration;

use cloud_billing_core::{Core, Error, ErrorKind, HttpClient, Request, RetryPolicy, Secret};
use support::trace::Recorder;
use support::{GET, Reply, SERVICE, Server, answer, head};

fn address(server: &Server) -> Secret {
    format!("{}/files/Zq7?sig=Zq7%2F+%41#Zq7", server.url).into()
}

#[tokio::test]
async fn the_address_is_asked_as_it_is_and_without_the_credential() {
    let server = Server::start([answer(200, &[("set-cookie", "a=b")], b"a,b\n"), answer(200, &[], b"")]).await;
    let core = server.core();
    for body in ["a,b\n", ""] {
        assert_eq!(core.download(&address(&server)).await.unwrap().into_inner().text().await.unwrap(), body);
    }
    for request in server.received() {
        assert_eq!(request.line, "GET /files/Zq7?sig=Zq7%2F+%41 HTTP/1.1");
        assert!(request.header("user-agent").unwrap().starts_with("test-billing/1.0"));
        for (name, value) in &request.headers {
            assert!(name != "authorization" && name != "cookie" && !value.contains("hush-token"), "{name}: {value}");
        }
    }
}

/// Spellings of addresses on this machine and in networks that are not public, with `PORT` for a port.
const NOT_PUBLIC: &[&str] = &[
    // This machine.
    "127.0.0.1:PORT",
    "127.255.255.254:PORT",
    "127.1:PORT",
    "0x7f000001:PORT",
    "2130706433:PORT",
    "017700000001:PORT",
    "0177.0.0.1:PORT",
    "0x7f.1:PORT",
    "127.0.0.1.:PORT",
    "%31%32%37.0.0.1:PORT",
    "１２７.0.0.1:PORT",
    "127。0。0。1:PORT",
    "①②⑦.0.0.1:PORT",
    "localhost:PORT",
    "LOCALHOST:PORT",
    "localhost.:PORT",
    "loc%61lhost:PORT",
    "a.localhost:PORT",
    "a.localhost.:PORT",
    "[::1]:PORT",
    "[0:0:0:0:0:0:0:1]:PORT",
    "[::ffff:127.0.0.1]:PORT",
    "[::ffff:7f00:1]:PORT",
    "[::127.0.0.1]:PORT",
    "[::ffff:0:127.0.0.1]:PORT",
    "[64:ff9b::127.0.0.1]:PORT",
    "[64:ff9b:1::7f00:1]:PORT",
    "[2002:7f00:1::]:PORT",
    // No address.
    "0.0.0.0:PORT",
    "0:PORT",
    "0.0.0.1:PORT",
    "[::]:PORT",
    "[::ffff:0.0.0.0]:PORT",
    // Private networks.
    "10.0.0.1",
    "10.255.255.255",
    "0xa000001",
    "167772161",
    "10.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.168.257",
    "100.64.0.1",
    "100.127.255.255",
    "[::ffff:10.0.0.1]",
    "[::ffff:192.168.0.1]",
    "[64:ff9b::a00:1]",
    "[2002:a00:1::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fec0::1]",
    // Link-local ones, with the metadata services of cloud providers.
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "169.254.0.1",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[fe80::1]",
    "[febf::1]",
];

/// Spellings that resemble them.
const PUBLIC: &[&str] = &[
    "files.example.com",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "notlocalhost",
    "a-localhost",
    "9.255.255.255",
    "11.0.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "1.0.0.1",
    "[2001:db8::1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::808:808]",
    "[2002:808:808::1]",
    "[fe00::1]",
    "[ff02::1]",
];

/// An HTTP client whose requests do not leave the machine: its proxy refuses connections while the socket lives.
fn nowhere() -> (tokio::net::TcpSocket, HttpClient) {
    // For HTTP clients that the runtime does not create.
    #[cfg(feature = "rustls")]
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (socket, refused) = support::refused();
    let proxy = reqwest::Proxy::all(format!("http://{refused}")).unwrap();
    (socket, reqwest::Client::builder().proxy(proxy).build().unwrap().into())
}

/// Whether an address is asked.
async fn ask(core: &Core, address: String) -> Result<(), Error> {
    core.download(&Secret::new(address)).await.map(drop)
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused() {
    let inside = Server::answering(|_| Some(answer(200, &[], b"INTERNAL"))).await;
    let port = inside.url.rsplit(':').next().unwrap();
    let public =
        |base: &str| Core::builder(&SERVICE).base_url(base).bearer_token("hush-token").retry(RetryPolicy::none());
    let public = |base: &str| public(base).connect_timeout(Duration::from_millis(20)).build().unwrap();
    for core in [public("https://billing.example.com"), public("https://10.0.0.1"), public("https://169.254.169.254")] {
        for host in NOT_PUBLIC {
            for scheme in ["http", "https", "HTTP"] {
                let address = format!("{scheme}://{}/hush?sig=hush", host.replace("PORT", port));
                let error = ask(&core, address.clone()).await.unwrap_err();
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{address}: {error}");
                assert!(!format!("{error}{error:?}").contains("hush"), "{error:?}");
            }
        }
        let address = format!("http:\\\\127.0.0.1:{port}\\hush");
        assert_eq!(ask(&core, address).await.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    assert!(inside.received().is_empty());
    let error = ask(&public("https://billing.example.com"), "https://10.0.0.1/hush".to_owned()).await.unwrap_err();
    insta::assert_snapshot!(
        error,
        @"download: invalid request: the address is on this machine or in a private network; if it may be, call `allow_private_downloads`"
    );
}

/// What resembles them is asked. That it fails is not for the address.
#[tokio::test]
async fn addresses_that_are_public_are_asked() {
    let (_socket, http) = nowhere();
    let builder = Core::builder(&SERVICE).bearer_token("hush-token").retry(RetryPolicy::none()).http_client(http);
    let core = builder.build().unwrap();
    for host in PUBLIC {
        let error = ask(&core, format!("https://{host}/file")).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Connect | ErrorKind::Transport), "{host}: {error}");
        // Plain http to another machine is refused anyway.
        let error = ask(&core, format!("http://{host}/file")).await.unwrap_err();
        assert!(error.to_string().contains("is plain http to another machine"), "{host}: {error}");
    }
}

/// A program can allow them, and a service on this machine has its files here too.
#[tokio::test]
async fn addresses_that_are_not_public_can_be_allowed() {
    let files = Server::answering(|_| Some(answer(200, &[], b"a,b\n"))).await;
    let address = |host: &str| format!("{}/file", files.url.replace("127.0.0.1", host));
    let local = files.core();
    for host in ["127.0.0.1", "127.1", "localhost", "[::1]"] {
        let outcome = ask(&local, address(host)).await.map_err(|error| error.kind());
        // There may be no IPv6.
        assert!(outcome.is_ok() || (host == "[::1]" && outcome == Err(ErrorKind::Connect)), "{host}: {outcome:?}");
    }
    // Others are not on this machine, or are by a detour.
    for host in ["10.0.0.1", "169.254.169.254", "[fd00::1]", "0.0.0.0", "[::ffff:127.0.0.1]"] {
        let error = ask(&local, format!("https://{host}/file")).await.unwrap_err();
        assert!(error.to_string().contains("private network"), "{host}: {error}");
    }
    let (_socket, http) = nowhere();
    let builder = |base: &str| Core::builder(&SERVICE).base_url(base).bearer_token("hush-token");
    let allowed = |base: &str| builder(base).retry(RetryPolicy::none()).allow_private_downloads();
    let core = allowed("https://billing.example.com").http_client(http).build().unwrap();
    for host in ["10.0.0.1", "169.254.169.254", "127.0.0.1:9", "[::ffff:127.0.0.1]:9"] {
        let error = ask(&core, format!("https://{host}/file")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{host}: {error}");
    }
    // That does not allow plain http, unless the service is asked over it as well.
    let error = ask(&core, address("127.0.0.1")).await.unwrap_err();
    assert!(error.to_string().contains("is plain http"), "{error}");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let core = allowed("http://billing.example.com").allow_plain_http().http_client(http).build().unwrap();
    ask(&core, address("127.0.0.1")).await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([]).await;
    let location = format!("{}/Zq7", elsewhere.url);
    let server = Server::start([answer(302, &[("location", &location)], b"")]).await;
    let error = server.core().download(&address(&server)).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(302)));
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn the_address_is_in_no_trace_and_no_error() {
    let policy = RetryPolicy::new().max_attempts(2).backoff(Duration::ZERO, Duration::ZERO).budget(1000);
    let refusal = b"<Error><StringToSign>Zq7</StringToSign></Error>";
    let cut = head(200, &[], Some(100));
    for reply in [
        answer(200, &[], b"a,b\n"),
        answer(302, &[("location", "/Zq7?sig=Zq7")], b""),
        answer(403, &[("content-type", "application/xml")], refusal),
        answer(503, &[("content-type", "text/plain")], b"Zq7"),
        Reply::Close(Vec::new()),
        Reply::Reset(Vec::new()),
        Reply::Close(cut),
        Reply::Hang(Vec::new()),
    ] {
        let server = Server::start([reply, answer(404, &[], b"Zq7")]).await;
        let builder = server.builder().bearer_token("Zq7").retry(policy).attempt_timeout(Duration::from_millis(100));
        let core = builder.build().unwrap();
        let recorder = Recorder::default();
        let guard = tracing::subscriber::set_default(recorder.clone());
        let answer = core.download(&address(&server)).await;
        drop(guard);
        let mut text = recorder.everything();
        assert!(text.contains("download"), "{text}");
        match answer {
            Ok(response) => {
                write!(text, "{response:?}").unwrap();
                if let Err(error) = response.into_inner().text().await {
                    write!(text, "{error} {error:?}").unwrap();
                }
            }
            Err(error) => {
                let mut cause: Option<&dyn std::error::Error> = Some(&error);
                while let Some(error) = cause {
                    write!(text, "{error} {error:?}").unwrap();
                    cause = error.source();
                }
                assert!(error.body().is_none());
            }
        }
        assert!(!text.contains("Zq7") && !text.contains("/files"), "{text}");
    }
}

#[tokio::test]
async fn a_body_can_be_looked_at_before_it_is_read() {
    let chunked = |chunks: &[u8]| Reply::Close([&head(200, &[], None), chunks].concat());
    let empty = [answer(200, &[], b""), answer(204, &[], b""), chunked(b"0\r\n\r\n")];
    for reply in empty {
        let server = Server::start([reply]).await;
        let mut body = get(&server).await;
        assert!(body.is_empty().await.unwrap());
        assert!(body.is_empty().await.unwrap());
    }

    let server = Server::start([chunked(b"2\r\na,\r\n2\r\nb\n\r\n0\r\n\r\n")]).await;
    let mut body = get(&server).await;
    assert!(!body.is_empty().await.unwrap());
    assert!(!body.is_empty().await.unwrap());
    assert_eq!(body.received(), 0);
    assert_eq!(body.text().await.unwrap(), "a,b\n");

    let server = Server::start([answer(200, &[], b"a,b\n")]).await;
    let mut body = get(&server).await;
    assert!(!body.is_empty().await.unwrap());
    assert_eq!((body.announced(), body.received()), (Some(4), 0));
    while body.next().await.transpose().unwrap().is_some() {}
    assert_eq!(body.received(), 4);
    assert!(!body.is_empty().await.unwrap(), "it was read, not empty");

    let server = Server::start([chunked(b"2\r\na,\r\n")]).await;
    let mut body = get(&server).await;
    assert!(!body.is_empty().await.unwrap());
    let error = body.text().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Transport, Some("the body ended after 2 bytes")));
}

async fn get(server: &Server) -> cloud_billing_core::ByteStream {
    let mut request = Request::new(&GET);
    request.path("id", "1");
    server.core().bytes(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn without_retries() {
    let server = Server::start([answer(503, &[], b""), answer(503, &[], b"")]).await;
    let policy = RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO);
    let core = server.builder().bearer_token("hush").retry(policy).build().unwrap();
    let mut request = Request::new(&GET);
    request.path("id", "1");
    let error = core.without_retries(Duration::from_secs(60)).empty(request).await.unwrap_err();
    assert_eq!((error.status(), error.attempts(), server.received().len()), (Some(503), 1, 1));
    assert_eq!(server.received()[0].header("authorization"), Some("Bearer hush"));
}
