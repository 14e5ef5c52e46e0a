//! IBM Cloud IAM: every token request on the wire.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cloud_billing_core::auth::iam::{ApiKey, AssumedProfile, ComputeResource, ImsVersion, InstanceIdentity, Profile};
use cloud_billing_core::{Credential, Error, ErrorKind, Request};
use serde_json::{Value, json as value};
use support::{GET, Received, Reply, Server, answer, json};

/// IAM or a metadata service. It issues the tokens `t1`, `t2` and so on.
async fn iam() -> Server {
    let number = AtomicU32::new(0);
    Server::answering(move |_| {
        let token = format!("t{}", number.fetch_add(1, Ordering::SeqCst) + 1);
        let body = value!({
            "access_token": token, "refresh_token": "not_supported", "token_type": "Bearer", "expires_in": 3600,
            "expiration": 1_800_000_000, "scope": "ibm openid"
        });
        Some(json(200, &body.to_string()))
    })
    .await
}

/// Makes one call and returns the `Authorization` header that the service received.
async fn call(credential: impl Credential + 'static) -> Result<String, Error> {
    let service = Server::start([json(200, "{}")]).await;
    let core = service.builder().credential(credential).build()?;
    let mut request = Request::new(&GET);
    request.path("id", "7");
    core.json::<Value>(request).await?;
    Ok(service.received()[0].header("authorization").unwrap().to_owned())
}

async fn refused(credential: impl Credential + 'static) -> String {
    let error = call(credential).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    assert_eq!(error.attempts(), 0);
    error.to_string()
}

fn form(request: &Received) -> String {
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert!(request.header("user-agent").unwrap().starts_with("test-billing/1.0"));
    String::from_utf8(request.body.clone()).unwrap()
}

fn only(server: &Server) -> Received {
    let [request] = &server.received()[..] else { panic!("{:?}", server.received()) };
    request.clone()
}

#[tokio::test]
async fn an_api_key() {
    for ending in ["", "/", "/identity/token", "/identity/token/"] {
        let iam = iam().await;
        let key = ApiKey::new("hush+key&a=b c").url(format!("{}{ending}", iam.url));
        assert_eq!(call(key).await.unwrap(), "Bearer t1");
        let request = only(&iam);
        assert_eq!(request.line, "POST /identity/token HTTP/1.1");
        assert_eq!(request.header("authorization"), None);
        assert_eq!(
            form(&request),
            "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=hush%2Bkey%26a%3Db+c&response_type=cloud_iam"
        );
    }
}

#[tokio::test]
async fn an_api_key_with_scope_and_client() {
    let iam = iam().await;
    let key = ApiKey::new("key").url(&iam.url).scope("ibm openid").client("bx", "hush+/");
    assert_eq!(call(key).await.unwrap(), "Bearer t1");
    let request = only(&iam);
    // `bx:hush+/`, not form-encoded.
    assert_eq!(request.header("authorization"), Some("Basic Yng6aHVzaCsv"));
    assert_eq!(
        form(&request),
        "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=key&response_type=cloud_iam&scope=ibm+openid"
    );
}

#[tokio::test]
async fn a_container() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "hush.1\n").unwrap();
    let iam = iam().await;
    let container = || ComputeResource::new().url(&iam.url).token_file(&file);
    assert_eq!(call(container().profile_id("Profile-1")).await.unwrap(), "Bearer t1");
    std::fs::write(&file, "hush.2").unwrap();
    let both = container().profile_id("Profile-1").profile_name("my profile").scope("a b").client("bx", "bx");
    assert_eq!(call(both).await.unwrap(), "Bearer t2");
    call(container().profile_name("n")).await.unwrap();

    let received = iam.received();
    let grant = "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Acr-token";
    let forms: Vec<String> = received.iter().map(form).collect();
    assert_eq!(
        forms,
        [
            format!("{grant}&cr_token=hush.1&profile_id=Profile-1"),
            format!("{grant}&cr_token=hush.2&profile_id=Profile-1&profile_name=my+profile&scope=a+b"),
            format!("{grant}&cr_token=hush.2&profile_name=n"),
        ]
    );
    assert!(received.iter().all(|request| request.line == "POST /identity/token HTTP/1.1"));
    assert_eq!(received[0].header("authorization"), None);
    assert_eq!(received[1].header("authorization"), Some("Basic Yng6Yng="));
}

#[tokio::test]
async fn the_token_file_is_read_for_every_exchange() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let iam = iam().await;
    let service = Server::start([json(401, "{}"), json(200, "{}")]).await;
    let container = ComputeResource::new().profile_id("p").url(&iam.url).token_file(&file);
    let core = service.builder().credential(container).build().unwrap();
    let call = || {
        let mut request = Request::new(&GET);
        request.path("id", "7");
        core.json::<Value>(request)
    };

    let error = call().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credential, 0));
    assert!(error.message().unwrap().ends_with("does not exist"), "{error}");
    std::fs::write(&file, " \n").unwrap();
    assert!(call().await.unwrap_err().message().unwrap().ends_with("is empty"));
    // What is no token is some other file of the user.
    for other in
        ["root:x:0:0:root:/root:/bin/bash", "-----BEGIN KEY-----\nhush\n-----END KEY-----", "[default]\nhush", "{}"]
    {
        std::fs::write(&file, other).unwrap();
        let error = call().await.unwrap_err();
        assert!(error.message().unwrap().ends_with("does not hold one token and nothing else, so it is not sent"));
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
    assert!(iam.received().is_empty());
    std::fs::write(&file, "one").unwrap();
    call().await.unwrap();
    let forms: Vec<String> = iam.received().iter().map(form).collect();
    // The first token was refused.
    assert_eq!(forms.len(), 2);
    assert!(forms[0].contains("cr_token=one&"));
}

/// Opening a pipe would wait for its writer, and the end of the runtime for the thread that waits.
#[cfg(unix)]
#[test]
fn a_token_file_is_a_regular_file() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for file in [pipe.as_path(), directory.path(), "/dev/zero".as_ref()] {
        let error = runtime.block_on(async {
            let (iam, service) = (iam().await, Server::start([]).await);
            let container = ComputeResource::new().profile_id("p").url(&iam.url).token_file(file);
            let core = service.builder().credential(container).overall_timeout(Duration::from_secs(5)).build().unwrap();
            let mut request = Request::new(&GET);
            request.path("id", "7");
            core.json::<Value>(request).await.unwrap_err()
        });
        let problem = format!("the token file {file:?} is not a regular file");
        if error.message() != Some(problem.as_str()) {
            // The end of the runtime would wait, too.
            runtime.shutdown_background();
            panic!("{error}");
        }
    }
}

#[tokio::test]
async fn an_assumed_profile() {
    let profiles = [
        (Profile::Id("Profile-1".to_owned()), "profile_id=Profile-1"),
        (Profile::Crn("crn:v1:a".to_owned()), "profile_crn=crn%3Av1%3Aa"),
        (
            Profile::Name { name: "my profile".to_owned(), account: Some("acc".to_owned()) },
            "profile_name=my+profile&account=acc",
        ),
    ];
    for (profile, fields) in profiles {
        let iam = iam().await;
        let assumed = AssumedProfile::new("key", profile).url(&iam.url).scope("a").client("bx", "bx");
        assert_eq!(call(assumed).await.unwrap(), "Bearer t2");
        let received = iam.received();
        let [first, second] = &received[..] else { panic!("{received:?}") };
        assert_eq!(
            form(first),
            "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=key&response_type=cloud_iam&scope=a"
        );
        assert_eq!(first.header("authorization"), Some("Basic Yng6Yng="));
        let grant = "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aassume&access_token=t1";
        assert_eq!(form(second), format!("{grant}&{fields}"));
        // Client and scope are sent only with the first token request.
        assert_eq!(second.header("authorization"), None);
        assert_eq!(second.line, "POST /identity/token HTTP/1.1");
    }
}

#[tokio::test]
async fn an_instance() {
    let profiles = [
        (None, ""),
        (Some(Profile::Id("Profile-1".to_owned())), r#"{"trusted_profile":{"id":"Profile-1"}}"#),
        (Some(Profile::Crn("crn:v1".to_owned())), r#"{"trusted_profile":{"crn":"crn:v1"}}"#),
        (Some(Profile::Name { name: "n\"".to_owned(), account: None }), r#"{"trusted_profile":{"name":"n\""}}"#),
    ];
    for (version, own, token) in [
        (ImsVersion::V2022_03_01, "/instance_identity/v1/token", "/instance_identity/v1/iam_token"),
        (ImsVersion::V2025_08_26, "/identity/v1/token", "/identity/v1/iam_tokens"),
    ] {
        for (profile, body) in profiles.clone() {
            let metadata = iam().await;
            let mut instance = InstanceIdentity::new().url(format!("{}/", metadata.url)).version(version);
            if let Some(profile) = profile {
                instance = instance.profile(profile);
            }
            assert_eq!(call(instance).await.unwrap(), "Bearer t2");
            let received = metadata.received();
            let [first, second] = &received[..] else { panic!("{received:?}") };
            assert_eq!(first.line, format!("PUT {own}?version={version} HTTP/1.1"));
            assert_eq!(first.header("metadata-flavor"), Some("ibm"));
            assert_eq!(first.header("authorization"), None);
            assert_eq!(first.body, br#"{"expires_in":300}"#);
            assert_eq!(second.line, format!("POST {token}?version={version} HTTP/1.1"));
            assert_eq!(second.header("authorization"), Some("Bearer t1"));
            assert_eq!(second.body, body.as_bytes());
            let json = Some("application/json");
            assert_eq!((first.header("content-type"), first.header("accept")), (json, json));
            assert_eq!(
                (second.header("content-type"), second.header("accept")),
                (json.filter(|_| !body.is_empty()), json)
            );
        }
    }
}

#[tokio::test]
async fn versions_of_the_metadata_service() {
    assert_eq!("2025-08-26".parse::<ImsVersion>().unwrap(), ImsVersion::V2025_08_26);
    assert_eq!(ImsVersion::default().as_str().parse::<ImsVersion>().unwrap(), ImsVersion::V2022_03_01);
    let error = "hush".parse::<ImsVersion>().unwrap_err();
    assert!(error.kind() == ErrorKind::Configuration && !error.to_string().contains("hush"));
}

#[tokio::test]
async fn a_refusal_keeps_status_and_words_of_iam() {
    let refusal =
        r#"{"errorCode": "BXNIM0415E", "errorMessage": "Provided API key could not be found.", "context": {}}"#;
    let headers = [("content-type", "application/json"), ("transaction-id", "trans-1")];
    let iam = Server::start([answer(400, &headers, refusal.as_bytes())]).await;
    let error = call(ApiKey::new("hush-key").url(&iam.url)).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Credential, Some(400), 1));
    assert_eq!(error.code(), Some("BXNIM0415E"));
    assert_eq!(error.message(), Some("Provided API key could not be found."));
    assert!(error.is_auth());
    assert_eq!(error.vendor::<Value>().unwrap()["errorCode"], "BXNIM0415E");
    insta::assert_snapshot!(
        error,
        @"getInvoice: no usable credential: BXNIM0415E: Provided API key could not be found. (status 400, request id trans-1)"
    );
}

#[tokio::test]
async fn a_refusal_that_repeats_the_key_is_not_shown() {
    for body in ["bad request: apikey=hush%2Bkey", r#"{"errorMessage": "unknown key hush+key"}"#] {
        let iam = Server::start([answer(400, &[], body.as_bytes())]).await;
        let error = call(ApiKey::new("hush+key").url(&iam.url)).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        assert_eq!(error.message(), Some("refused by 127.0.0.1, which repeats the secret"));
    }
}

#[tokio::test]
async fn the_second_exchange_may_fail_too() {
    let first = json(200, r#"{"access_token": "hush-1", "expires_in": 3600}"#);
    let refusal = json(403, r#"{"errorCode": "BXNIM0513E", "errorMessage": "Not allowed."}"#);
    let iam = Server::start([first, refusal]).await;
    let assumed = AssumedProfile::new("hush-key", Profile::Id("p".to_owned())).url(&iam.url);
    let error = call(assumed).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::Credential, Some(403), Some("BXNIM0513E")));
    assert!(!format!("{error:?}").contains("hush"));
}

#[tokio::test]
async fn mistakes_show_when_the_client_is_built() {
    let name = |account: Option<&str>| Profile::Name { name: "n".to_owned(), account: account.map(str::to_owned) };
    let lines = [
        refused(ApiKey::new("{hush}")).await,
        refused(ApiKey::new("\"hush\"")).await,
        refused(ApiKey::new("")).await,
        refused(ApiKey::new("hush").client("bx", "")).await,
        refused(ApiKey::new("hush").client("hush:bx", "hush")).await,
        refused(ApiKey::new("hush").url("http://iam.example.com/hush")).await,
        refused(ApiKey::new("hush").url("{hush}")).await,
        refused(ApiKey::new("hush").url("https://iam.example.com?hush")).await,
        refused(ComputeResource::new()).await,
        refused(ComputeResource::new().profile_id("")).await,
        refused(AssumedProfile::new("hush", name(None))).await,
        refused(AssumedProfile::new("hush}", name(Some("a")))).await,
        refused(AssumedProfile::new("hush", Profile::Id(String::new()))).await,
        refused(InstanceIdentity::new().profile(Profile::Crn(String::new()))).await,
        refused(InstanceIdentity::new().url("http://metadata.example.com/hush")).await,
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    invalid configuration: the API key begins or ends with a brace or a quote; remove them
    invalid configuration: the API key begins or ends with a brace or a quote; remove them
    invalid configuration: the API key is empty; set the one that IBM Cloud showed when it was created
    invalid configuration: the client id or the client secret is empty; set both or neither
    invalid configuration: the client id has a colon, which HTTP Basic authentication cannot carry; check it
    invalid configuration: the URL of IAM is plain http to another machine; it must be https
    invalid configuration: the URL of IAM is not a URL
    invalid configuration: the URL of IAM has a query or fragment; remove it
    invalid configuration: there is no trusted profile; set `profile_id` or `profile_name`
    invalid configuration: there is no trusted profile; set `profile_id` or `profile_name`
    invalid configuration: the trusted profile is given by its name; set the id of its account as well
    invalid configuration: the API key begins or ends with a brace or a quote; remove them
    invalid configuration: the trusted profile to assume is empty; name it by its id, CRN or name
    invalid configuration: the trusted profile is empty; name it by its id, CRN or name, or leave it out
    invalid configuration: the URL of the metadata service is plain http to another machine; it must be https
    ");
}

#[tokio::test]
async fn the_defaults_need_no_settings() {
    let builder = || cloud_billing_core::Core::builder(&support::SERVICE);
    builder().credential(ApiKey::new("key")).build().unwrap();
    builder().credential(ComputeResource::new().profile_id("p")).build().unwrap();
    builder().credential(AssumedProfile::new("key", Profile::Id("p".to_owned()))).build().unwrap();
    // Plain http is allowed to the link-local address of the metadata service.
    builder().credential(InstanceIdentity::new()).build().unwrap();
    builder().credential(InstanceIdentity::new().url("http://[fe80::a9fe:a9fe]")).build().unwrap();
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let iam = iam().await;
    let key = ApiKey::new("hush").url(format!("{}/?hush", iam.url)).client("bx", "hush");
    assert!(!format!("{key:?}").contains("hush"));
    let assumed = AssumedProfile::new("hush", Profile::Id("p".to_owned())).client("bx", "hush");
    assert!(!format!("{assumed:#?}").contains("hush"));
    let instance = InstanceIdentity::new().url("https://me:hush@example.com");
    assert!(!format!("{instance:?}").contains("hush"));

    let service = Server::start([Reply::Send(Vec::new())]).await;
    let core = service.builder().credential(ApiKey::new("hush").client("bx", "hush")).build().unwrap();
    assert!(!format!("{core:?}").contains("hush"), "{core:?}");
}
