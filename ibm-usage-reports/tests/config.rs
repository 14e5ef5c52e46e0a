//! The effect of each property, and the errors.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::time::Duration;

use ibm_usage_reports::auth::BearerToken;
use ibm_usage_reports::config::Environment;
use ibm_usage_reports::{Client, PRIVATE_BASE_URL};
use support::{base_url, client, credential, environment, error, retry, source};

#[test]
fn credentials_by_type() {
    let key = ("APIKEY", "hush-key");
    let typed = |kind| ("AUTH_TYPE", kind);
    let cases: &[&[(&str, &str)]] = &[
        // Inferred.
        &[key],
        &[key, ("IAM_PROFILE_ID", "p"), ("BEARER_TOKEN", "hush")],
        &[("IAM_PROFILE_ID", "p")],
        &[("IAM_PROFILE_NAME", "n")],
        // Set explicitly, in any case.
        &[key, typed("iam")],
        &[key, typed("IAM"), ("SCOPE", "a b"), ("CLIENT_ID", "id"), ("CLIENT_SECRET", "hush")],
        &[key, ("AUTHTYPE", "Iam")],
        &[typed("container"), ("IAM_PROFILE_ID", "p"), ("IAM_PROFILE_NAME", "n"), ("CR_TOKEN_FILENAME", "/t"), key],
        &[typed("iamAssume"), key, ("IAM_PROFILE_ID", "p")],
        &[typed("iamassume"), key, ("IAM_PROFILE_CRN", "crn")],
        &[typed("IAMASSUME"), key, ("IAM_PROFILE_NAME", "n"), ("IAM_ACCOUNT_ID", "a")],
        &[typed("vpc")],
        &[typed("VPC"), ("IAM_PROFILE_CRN", "crn"), ("VPC_IMS_VERSION", "2025-08-26")],
        &[typed("vpc"), ("IAM_PROFILE_NAME", "n"), ("VPC_IMS_VERSION", "2022-03-01")],
        &[typed("bearerToken"), ("BEARER_TOKEN", "hush"), key],
        &[typed("NOAUTH"), key],
        // AUTH_TYPE takes precedence over AUTHTYPE. An empty value counts as not set.
        &[typed("noAuth"), ("AUTHTYPE", "iam"), key],
        &[typed(""), ("AUTHTYPE", ""), key],
    ];
    let lines: Vec<String> = cases
        .iter()
        .map(|case| {
            let names: Vec<String> = case
                .iter()
                .map(
                    |(name, value)| if name.ends_with("TYPE") { format!("{name}={value}") } else { (*name).to_owned() },
                )
                .collect();
            let environment = environment(case);
            format!("{}\n  {}\n  {}", names.join(" "), credential(&environment), source(&environment))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn unusable_credentials() {
    let key = ("APIKEY", "hush-key");
    let typed = |kind| ("AUTH_TYPE", kind);
    let cases: &[&[(&str, &str)]] = &[
        &[],
        &[("URL", "https://hush.example.com")],
        &[("API_KEY", "hush"), ("ACCOUNT_ID", "a")],
        &[("BEARER_TOKEN", "hush")],
        &[typed("hush")],
        &[("AUTHTYPE", "hush")],
        &[typed("basic"), ("USERNAME", "hush"), ("PASSWORD", "hush")],
        &[typed("cp4d"), key],
        &[typed("MCSP"), key],
        &[typed("mcspv2"), key],
        &[typed("iam")],
        &[("AUTHTYPE", "iam")],
        &[typed("bearerToken"), key],
        &[typed("container"), key],
        &[typed("iamAssume"), ("IAM_PROFILE_ID", "p")],
        &[typed("iamAssume"), key],
        &[typed("iamAssume"), key, ("IAM_PROFILE_NAME", "n")],
        &[typed("iamAssume"), key, ("IAM_PROFILE_ID", "p"), ("IAM_PROFILE_CRN", "c")],
        &[typed("vpc"), ("IAM_PROFILE_CRN", "c"), ("IAM_PROFILE_NAME", "n")],
        &[typed("vpc"), ("VPC_IMS_VERSION", "hush")],
        &[typed("vpc"), ("AUTH_URL", "hush")],
        &[key, ("CLIENT_ID", "id")],
        &[key, ("CLIENT_SECRET", "hush")],
        &[key, ("AUTH_URL", "https://me:hush@iam.example.com")],
        &[key, ("AUTH_URL", "http://hush.example.com")],
        &[("APIKEY", "{hush")],
        &[("APIKEY", "hush\"")],
        &[key, ("URL", "\"https://hush.example.com\"")],
        &[key, ("SCOPE", "'hush'")],
    ];
    let lines: Vec<String> = cases
        .iter()
        .map(|case| {
            let names: Vec<&str> = case.iter().map(|(name, _)| *name).collect();
            format!("{}\n  {}", names.join(" "), error(&environment(case)))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn base_urls() {
    let url = |url| environment(&[("AUTH_TYPE", "noAuth"), ("URL", url)]);
    assert_eq!(base_url(&environment(&[("AUTH_TYPE", "noAuth")])), ibm_usage_reports::DEFAULT_BASE_URL);
    assert_eq!(base_url(&url("")), ibm_usage_reports::DEFAULT_BASE_URL);
    assert_eq!(base_url(&url(PRIVATE_BASE_URL)), PRIVATE_BASE_URL);
    assert_eq!(base_url(&url("https://example.com/proxy/")), "https://example.com/proxy");
    assert_eq!(base_url(&url("http://127.0.0.1:9")), "http://127.0.0.1:9");
    let lines = ["hush", "http://hush.example.com", "https://hush@example.com", "https://example.com?k=hush"]
        .map(|text| error(&url(text)));
    insta::assert_snapshot!(lines.join("\n"), @r"
    `USAGE_REPORTS_URL` is not a URL
    `USAGE_REPORTS_URL` is plain http to another machine; it must be https
    `USAGE_REPORTS_URL` has a user or password; remove it
    `USAGE_REPORTS_URL` has a query or fragment; remove it
    ");
}

#[test]
fn retries() {
    let with = |properties: &[(&str, &str)]| {
        let mut all = vec![("APIKEY", "hush")];
        all.extend(properties);
        retry(&environment(&all))
    };
    let default = with(&[]);
    assert_eq!(with(&[("ENABLE_RETRIES", "true")]), default);
    insta::assert_snapshot!(
        [
            default,
            with(&[("ENABLE_RETRIES", "False"), ("MAX_RETRIES", "9")]),
            with(&[("MAX_RETRIES", "0")]),
            with(&[("MAX_RETRIES", "2"), ("RETRY_INTERVAL", "7.5")]),
            with(&[("ENABLE_RETRIES", "true"), ("RETRY_INTERVAL", "0.25")]),
            with(&[("MAX_RETRIES", "4294967295")]),
        ]
        .join("\n"),
        @r"
    max_attempts: 5, backoff: Backoff { base: 500ms, cap: 20s, spread: Full }
    max_attempts: 1, backoff: Backoff { base: 500ms, cap: 20s, spread: Full }
    max_attempts: 1, backoff: Backoff { base: 500ms, cap: 20s, spread: Full }
    max_attempts: 3, backoff: Backoff { base: 500ms, cap: 7.5s, spread: Full }
    max_attempts: 5, backoff: Backoff { base: 250ms, cap: 250ms, spread: Full }
    max_attempts: 4294967295, backoff: Backoff { base: 500ms, cap: 20s, spread: Full }
    "
    );
}

#[test]
fn flags_and_numbers_are_checked_even_where_they_do_not_apply() {
    let lines = [
        ("ENABLE_RETRIES", "hush"),
        ("ENABLE_GZIP", "1"),
        ("MAX_RETRIES", "-1"),
        ("MAX_RETRIES", "hush"),
        ("RETRY_INTERVAL", "-0.5"),
        ("RETRY_INTERVAL", "NaN"),
        ("DISABLE_SSL", "hush"),
        ("DISABLE_SSL", "TRUE"),
        ("AUTH_DISABLE_SSL", "true"),
    ]
    .map(|property| error(&environment(&[property, ("APIKEY", "hush"), ("AUTH_TYPE", "noAuth")])));
    insta::assert_snapshot!(lines.join("\n"));
    for property in [("ENABLE_GZIP", "true"), ("DISABLE_SSL", "false"), ("AUTH_DISABLE_SSL", "False")] {
        client(&environment(&[property, ("APIKEY", "hush")]));
    }
    // The build of the client reports it, so that the program can allow it. The effect of allowing it is tested in
    // cloud-billing-core.
    for property in ["DISABLE_SSL", "AUTH_DISABLE_SSL"] {
        let builder =
            || Client::builder_from_environment(&environment(&[(property, "true"), ("APIKEY", "hush")])).unwrap();
        assert!(builder().build().is_err());
        assert!(builder().danger_allow_disable_ssl().build().is_ok());
    }
}

#[test]
fn the_builder_wins() {
    // Invalid or missing properties do not matter if they are not used.
    for broken in [environment(&[("AUTH_TYPE", "hush"), ("URL", "hush")]), Environment::empty()] {
        let builder = Client::builder_from_environment(&broken).unwrap();
        assert!(!format!("{builder:?}").contains("hush"));
        let builder = builder.credential(BearerToken::new("hush")).base_url(PRIVATE_BASE_URL);
        let text = format!("{:?}", builder.attempt_timeout(Duration::from_secs(7)).build().unwrap());
        assert!(text.contains(PRIVATE_BASE_URL) && text.contains("BearerToken") && text.contains("7s"), "{text}");
    }
    let builder = Client::builder_from_environment(&environment(&[("URL", "http://example.com"), ("APIKEY", "hush")]));
    assert!(builder.unwrap().allow_plain_http().no_credential().build().is_ok());
}

#[test]
fn the_process_can_be_read() {
    // For any file content: no panic, and only documented errors.
    if let Err(error) = Client::builder_from_env().and_then(|builder| builder.no_credential().build()) {
        assert_eq!(error.kind(), ibm_usage_reports::ErrorKind::Configuration);
    }
    let _ = Client::from_env();
}
