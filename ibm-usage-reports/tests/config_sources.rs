//! The precedence of the sources, and the format of each.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::fs;
use std::path::Path;

use ibm_usage_reports::config::Environment;
use support::{base_url, credential, environment, error, source};
use tempfile::TempDir;

const FILE: &str = "ibm-credentials.env";

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes a credential file whose URL is `https://{name}`.
fn file(path: &Path, name: &str) {
    fs::write(path, format!("USAGE_REPORTS_AUTH_TYPE=noAuth\nUSAGE_REPORTS_URL=https://{name}\n")).unwrap();
}

fn vcap(name: &str) -> String {
    let entry = format!(r#"{{"name":"x","credentials":{{"AUTH_TYPE":"noAuth","URL":"https://{name}"}}}}"#);
    format!(r#"{{"usage_reports":[{entry}]}}"#)
}

/// The error message, with the directory replaced.
fn message(environment: &Environment, dir: &TempDir) -> String {
    error(environment).replace(&dir.path().display().to_string(), "[dir]")
}

/// The error for a credential file with this text.
fn refused(text: impl AsRef<[u8]>) -> String {
    let home = dir();
    fs::write(home.path().join(FILE), text).unwrap();
    message(&Environment::empty().home(home.path()), &home)
}

#[test]
fn the_first_source_with_a_property_counts_alone() {
    let (here, home) = (dir(), dir());
    let named = here.path().join("named.env");
    file(&named, "named");
    file(&here.path().join(FILE), "here");
    file(&home.path().join(FILE), "home");
    let bare = || environment(&[("AUTH_TYPE", "noAuth"), ("URL", "https://variables")]);
    let all = || bare().variable("VCAP_SERVICES", vcap("vcap")).home(home.path()).directory(here.path());

    assert_eq!(base_url(&all().variable("IBM_CREDENTIALS_FILE", named.display().to_string())), "https://named");
    // Relative to the working directory.
    assert_eq!(base_url(&all().variable("IBM_CREDENTIALS_FILE", "named.env")), "https://named");
    assert_eq!(base_url(&all().variable("IBM_CREDENTIALS_FILE", "")), "https://here");
    assert_eq!(base_url(&all()), "https://here");
    assert_eq!(base_url(&bare().home(home.path())), "https://home");
    assert_eq!(base_url(&bare().home(dir().path()).variable("VCAP_SERVICES", vcap("vcap"))), "https://variables");
    assert_eq!(base_url(&Environment::empty().variable("VCAP_SERVICES", vcap("vcap"))), "https://vcap");
}

/// A file of the working directory may be anybody's. One that is named is not.
#[cfg(unix)]
#[test]
fn a_file_of_the_working_directory_that_another_user_may_have_written_is_refused() {
    use std::os::unix::fs::{PermissionsExt, chown};

    let here = dir();
    let path = here.path().join(FILE);
    file(&path, "here");
    let environment = environment(&[("APIKEY", "hush")]).directory(here.path());
    assert_eq!(base_url(&environment), "https://here");
    let refused = |because: &str| {
        let message = message(&environment, &here);
        assert!(message.contains("[dir]/ibm-credentials.env") && message.contains(because), "{message}");
        assert_eq!(base_url(&environment.clone().variable("IBM_CREDENTIALS_FILE", FILE)), "https://here");
        assert_eq!(base_url(&Environment::empty().home(here.path())), "https://here");
    };
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    refused("can be written by every user");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    // Only root can give a file away.
    if chown(&path, Some(54_321), None).is_ok() {
        refused("belongs to another user");
    }
}

#[test]
fn the_source_of_a_credential_is_known() {
    let home = dir();
    fs::write(home.path().join(FILE), "# mine\nUSAGE_REPORTS_APIKEY=hush\n").unwrap();
    let file = environment(&[("APIKEY", "hush-other")]).home(home.path());
    assert_eq!(
        source(&file).replace(&home.path().display().to_string(), "[dir]"),
        "IAM API key, `USAGE_REPORTS_APIKEY` (line 2 of [dir]/ibm-credentials.env)"
    );
    let vcap = r#"{"usage_reports":[{"credentials":{"iam_apikey":"hush"}}]}"#;
    let vcap = Environment::empty().variable("VCAP_SERVICES", vcap);
    assert_eq!(source(&vcap), "IAM API key, `iam_apikey` (in `VCAP_SERVICES`)");
}

#[test]
fn sources_are_not_merged() {
    let home = dir();
    fs::write(home.path().join(FILE), "USAGE_REPORTS_URL=https://home\n").unwrap();
    let environment = environment(&[("APIKEY", "hush")]).home(home.path());
    insta::assert_snapshot!(
        message(&environment, &home),
        @"[dir]/ibm-credentials.env configures this service, but no credential for it; add `USAGE_REPORTS_APIKEY`, or `USAGE_REPORTS_AUTH_TYPE` and what that type needs (no other source is read besides this file)"
    );
}

#[test]
fn a_source_without_a_known_property_does_not_count() {
    let (here, home) = (dir(), dir());
    // Only the first existing file is read, even if it is empty.
    file(&home.path().join(FILE), "home");
    fs::write(here.path().join(FILE), "OTHER_APIKEY=hush\nUSAGE_REPORTS_ACCOUNT_ID=a\nUSAGE_REPORTS_URL=\n").unwrap();
    let with = |environment: Environment| environment.home(home.path()).directory(here.path());
    let set = environment(&[("AUTH_TYPE", "noAuth"), ("URL", "https://variables")]);
    assert_eq!(base_url(&with(set)), "https://variables");
    for (name, value) in [("ACCOUNT_ID", "a"), ("ORG_ID", "o"), ("V4_URL", "https://hush"), ("APIKEY", "")] {
        let environment = with(environment(&[(name, value)])).variable("VCAP_SERVICES", vcap("vcap"));
        assert_eq!(base_url(&environment), "https://vcap", "{name}");
    }
    // Names are case-sensitive, and the underscore is part of the prefix.
    let similar = Environment::empty().variable("usage_reports_APIKEY", "hush").variable("USAGE_REPORTS", "hush");
    assert!(error(&similar).starts_with("no credential is configured"));
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let home = dir();
    file(&home.path().join(FILE), "home");
    let environment = environment(&[("APIKEY", "hush")])
        .variable("IBM_CREDENTIALS_FILE", home.path().join("gone.env").display().to_string())
        .home(home.path());
    insta::assert_snapshot!(
        message(&environment, &home),
        @"`IBM_CREDENTIALS_FILE` names the file [dir]/gone.env, which does not exist; correct or unset it"
    );
}

#[test]
fn the_grammar_of_files() {
    let home = dir();
    let text = "\u{feff}# comment\r\n\r\n  USAGE_REPORTS_AUTH_TYPE=iam  \r\n#USAGE_REPORTS_URL=x\nno equals sign\n\
                export OTHER_APIKEY=x\nOTHER = x\nUSAGE_REPORTS_APIKEY=old\nUSAGE_REPORTS_APIKEY=hush=a==\n\
                USAGE_REPORTS_SCOPE=a = b\nUSAGE_REPORTS_URL=https://file";
    fs::write(home.path().join(FILE), text).unwrap();
    let environment = Environment::empty().home(home.path());
    assert_eq!(base_url(&environment), "https://file");
    assert!(credential(&environment).contains(r#"scope: Some("a = b")"#));
    // Old line ends, and a `#` that is not after white space.
    let text = "# comment\rUSAGE_REPORTS_URL=https://file\r\rUSAGE_REPORTS_APIKEY=hush\rUSAGE_REPORTS_SCOPE=a#b\r";
    fs::write(home.path().join(FILE), text).unwrap();
    assert_eq!(base_url(&environment), "https://file");
    assert!(credential(&environment).contains(r##"scope: Some("a#b")"##));
}

#[test]
fn what_files_are_refused() {
    let lines = [
        refused("\nUSAGE_REPORTS_APIKEY = hush"),
        refused("USAGE_REPORTS_APIKEY= hush"),
        refused("USAGE_REPORTS_APIKEY =hush"),
        refused("# c\n  export USAGE_REPORTS_APIKEY=hush"),
        refused("export\tUSAGE_REPORTS_APIKEY=hush"),
        refused("USAGE_REPORTS_hush"),
        refused("USAGE_REPORTS_APIKEY=\"hush\""),
        refused("USAGE_REPORTS_APIKEY=hush # hush"),
        refused("USAGE_REPORTS_APIKEY=hush\t#hush"),
        refused("USAGE_REPORTS_AUTH_TYPE=iam\rUSAGE_REPORTS_APIKEY=# hush"),
        refused("USAGE_REPORTS_APIKEY=\"hush\" # hush"),
        refused("USAGE_REPORTS_APIKEY=\"hush # hush\""),
        refused("USAGE_REPORTSX_URL=hush"),
        refused("USAGE_REPORTSAPIKEY=hush"),
        refused("USAGE_REPORTS_URL=hush"),
        refused("USAGE_REPORTS_AUTH_TYPE=hush"),
        refused("USAGE_REPORTS_AUTH_TYPE=iam\nUSAGE_REPORTS_API_KEY=hush"),
        refused("USAGE_REPORTS_APIKEY=hush\nUSAGE_REPORTS_MAX_RETRIES=hush"),
        refused("USAGE_REPORTS_APIKEY=hush\nUSAGE_REPORTS_CLIENT_ID=hush"),
        refused("USAGE_REPORTS_URL=https://x\nUSAGE_REPORTS_API_KEY=hush"),
        refused(b"OTHER=x\nUSAGE_REPORTS_APIKEY=hush\xff"),
        refused(vec![b'#'; 2 * 1024 * 1024]),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_only_looks_like_a_property() {
    let set = |name: &str| Environment::empty().variable("USAGE_REPORTS_APIKEY", "hush").variable(name, "hush");
    let lines = ["USAGE_REPORTSX_URL", "USAGE_REPORTSAPIKEY", "USAGE_REPORTSX_AUTH_URL"].map(|name| error(&set(name)));
    insta::assert_snapshot!(lines.join("\n"), @r"
    `USAGE_REPORTSX_URL` is not a property of this service; `USAGE_REPORTS_URL` is
    `USAGE_REPORTSAPIKEY` is not a property of this service; `USAGE_REPORTS_APIKEY` is
    `USAGE_REPORTSX_AUTH_URL` is not a property of this service; `USAGE_REPORTS_AUTH_URL` is
    ");
    for other in ["USAGE_REPORTS", "USAGE_REPORTSX_COLOUR", "USAGE_REPORTS_", "USAGE_REPORTS_COLOUR"] {
        assert!(credential(&set(other)).starts_with("Some(ApiKey"), "{other}");
    }
}

#[test]
fn services_of_cloud_foundry() {
    let of = |json: &str| Environment::empty().variable("VCAP_SERVICES", json);
    let entry = |name: &str, credentials: &str| format!(r#"{{"name":"{name}","credentials":{{{credentials}}}}}"#);
    let url = |name: &str| entry(name, &format!(r#""AUTH_TYPE":"noAuth","URL":"https://{name}""#));
    let named = entry("usage_reports", r#""AUTH_TYPE":"noAuth","URL":"https://by-name""#);
    let also = entry("usage_reports", r#""AUTH_TYPE":"noAuth","URL":"https://later""#);

    // By name under any label, in the order of the text; otherwise by label.
    let json = format!(r#"{{"z":[{},{named}],"usage_reports":[{}],"a":[{also}]}}"#, url("x"), url("by-label"));
    assert_eq!(base_url(&of(&json)), "https://by-name");
    let json = format!(r#"{{"z":[{}],"usage_reports":[{},{}]}}"#, url("x"), url("by-label"), url("second"));
    assert_eq!(base_url(&of(&json)), "https://by-label");

    // A key hides all other properties.
    for key in ["apikey", "iam_apikey"] {
        let rest = r#""URL":"https://hush","url":"https://hush","AUTH_TYPE":"vpc""#;
        let json = format!(r#"{{"usage_reports":[{}]}}"#, entry("x", &format!(r#""{key}":"hush",{rest}"#)));
        assert!(credential(&of(&json)).starts_with("Some(ApiKey"));
        assert_eq!(base_url(&of(&json)), ibm_usage_reports::DEFAULT_BASE_URL);
    }
    // Numbers and booleans are read as text. An empty text counts as not set.
    let credentials = r#""apikey":"","AUTH_TYPE":"noAuth","MAX_RETRIES":2,"ENABLE_RETRIES":true,"other":{}"#;
    let json = format!(r#"{{"usage_reports":[{}]}}"#, entry("x", credentials));
    assert!(support::retry(&of(&json)).starts_with("max_attempts: 3"));

    let of_entry = |credentials: &str| of(&format!(r#"{{"usage_reports":[{}]}}"#, entry("x", credentials)));
    let lines = [
        of("hush"),
        of("[\"hush\"]"),
        of("{\"usage_reports\":[{\"credentials\":\"hush\"}]}"),
        of("{\"usage_reports\":[{}]}"),
        of("{}"),
        of("{\"usage_reports\":[]}"),
        of("{\"usage_reports\":{\"a\":1}}"),
        of_entry(r#""username":"hush","password":"hush","apikey":"hush""#),
        of_entry(r#""apikey":"{hush}""#),
        of_entry(r#""URL":"https://x""#),
        of_entry(r#""AUTH_TYPE":"bearerToken""#),
    ]
    .map(|environment| error(&environment));
    insta::assert_snapshot!(lines.join("\n"));
    // It is not read if an earlier source is used.
    assert!(credential(&of("hush").variable("USAGE_REPORTS_APIKEY", "hush")).starts_with("Some(ApiKey"));
}

/// Names of variables, and keys in files and in `VCAP_SERVICES`, may have any character.
#[test]
fn names_from_outside_stay_on_one_line() {
    let odd = "\u{202e}\u{1b}[31m\u{2028}FAKE LOG LINE\u{2066}";
    let home = dir();
    fs::write(home.path().join(FILE), format!("USAGE_REPORTS{odd}_URL=https://x\n")).unwrap();
    let entry =
        serde_json::json!({"usage_reports": [{"credentials": {(format!("{odd}\n")): "x", "ENABLE_RETRIES": true}}]});
    for environment in [
        Environment::empty().home(home.path()),
        Environment::empty().variable(format!("USAGE_REPORTS{odd}\n_APIKEY"), "x"),
        Environment::empty().variable(format!("USAGE_REPORTS_{odd}\n"), "x"),
        Environment::empty().variable(format!("USAGE_REPORTS_{odd}{}", "x".repeat(100_000)), "x"),
        Environment::empty().variable("VCAP_SERVICES", entry.to_string()),
        Environment::empty().variable("IBM_CREDENTIALS_FILE", format!("/none/{odd}")),
    ] {
        let message = error(&environment);
        let odd = |c: char| c.is_control() || ('\u{2028}'..='\u{2069}').contains(&c);
        assert!(!message.contains(odd) && message.chars().count() < 2000, "{message:?}");
        assert!(message.contains("[31m FAKE LOG LINE"), "{message}");
    }
}
