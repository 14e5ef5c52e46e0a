//! Environment variables and profiles: their effect, their precedence, and the errors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on may panic")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use atlas_billing::auth::BearerToken;
use atlas_billing::config::{Environment, Platform};
use atlas_billing::{Client, DEFAULT_BASE_URL, ErrorKind, GOV_BASE_URL};
use tempfile::TempDir;

/// Every secret contains `hush`, so that a leak can be found by searching for that word.
const ACCOUNT: [(&str, &str); 2] = [("CLIENT_ID", "mdb_sa_id_1"), ("CLIENT_SECRET", "hush")];
const KEY: [(&str, &str); 2] = [("PUBLIC_API_KEY", "public"), ("PRIVATE_API_KEY", "hush")];
const TOKEN: [(&str, &str); 1] = [("ACCESS_TOKEN", "hush")];

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().map(|(name, value)| (format!("MONGODB_ATLAS_{name}"), *value)).collect()
}

/// A home directory with a `config.toml`.
struct Home(TempDir);

impl Home {
    fn new(config: impl AsRef<[u8]>) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.file().parent().unwrap()).unwrap();
        fs::write(home.file(), config).unwrap();
        home
    }

    fn file(&self) -> PathBuf {
        self.0.path().join(".config").join("atlascli").join("config.toml")
    }

    fn with(&self, variables: &[(&str, &str)]) -> Environment {
        environment(variables).home(self.0.path()).platform(Platform::Unix)
    }

    fn error(&self, variables: &[(&str, &str)]) -> String {
        error(&self.with(variables)).replace(&self.file().display().to_string(), "[config.toml]")
    }
}

fn debug(environment: &Environment) -> String {
    let text = match Client::from_environment(environment) {
        Ok(client) => format!("{client:?}"),
        Err(error) => panic!("{error} in {environment:?}"),
    };
    assert!(!text.contains("hush"), "{text}");
    text
}

/// The chosen credential: its type and its id.
fn credential(environment: &Environment) -> &'static str {
    let text = debug(environment);
    let kinds = ["ServiceAccount", "DigestKey", "BearerToken"];
    kinds.into_iter().find(|kind| text.contains(&format!("credential: Some({kind}"))).unwrap_or_else(|| {
        assert!(text.contains("credential: None"), "{text}");
        "none"
    })
}

fn base_url(environment: &Environment) -> String {
    let text = debug(environment);
    let (_, rest) = text.split_once("base_url: \"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn error(environment: &Environment) -> String {
    let Err(error) = Client::from_environment(environment) else { panic!("no error in {environment:?}") };
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let text = format!("{error} {error:?} {environment:?}");
    assert!(!text.contains("hush"), "{text}");
    error.message().unwrap_or_default().to_owned()
}

fn join<'a>(parts: &[&[(&'a str, &'a str)]]) -> Vec<(&'a str, &'a str)> {
    parts.concat()
}

#[test]
fn credentials_of_variables() {
    let sdk = [("PUBLIC_KEY", "public"), ("PRIVATE_KEY", "hush")];
    let kind = |kind| [("AUTH_TYPE", kind)];
    for (variables, expected) in [
        (join(&[&ACCOUNT]), "ServiceAccount"),
        (join(&[&KEY]), "DigestKey"),
        (join(&[&sdk]), "DigestKey"),
        (join(&[&KEY[..1], &sdk[1..]]), "DigestKey"),
        (join(&[&sdk, &KEY]), "DigestKey"),
        (join(&[&TOKEN]), "BearerToken"),
        // Without a type: service account, API key, token.
        (join(&[&ACCOUNT, &KEY, &TOKEN]), "ServiceAccount"),
        (join(&[&KEY, &TOKEN]), "DigestKey"),
        // With a type, other credentials are ignored.
        (join(&[&ACCOUNT, &KEY, &TOKEN, &kind("service_account")]), "ServiceAccount"),
        (join(&[&ACCOUNT[..1], &KEY, &TOKEN, &kind("API_KEYS")]), "DigestKey"),
        (join(&[&ACCOUNT, &KEY, &TOKEN, &kind("user_account")]), "BearerToken"),
        (join(&[&ACCOUNT, &KEY, &TOKEN, &kind("no_auth")]), "none"),
        // An empty value counts as not set.
        (join(&[&[("CLIENT_ID", ""), ("CLIENT_SECRET", "")], &KEY, &kind("")]), "DigestKey"),
    ] {
        assert_eq!(credential(&environment(&variables)), expected, "{variables:?}");
    }
}

#[test]
fn the_source_of_a_credential_is_known() {
    let source = |environment: &Environment| {
        let client = Client::from_environment(environment).unwrap();
        let text = client.core().credential_source().unwrap().to_string();
        assert!(!text.contains("hush"), "{text}");
        text
    };
    let kind = |kind| [("AUTH_TYPE", kind)];
    for (variables, expected) in [
        (join(&[&ACCOUNT, &KEY]), "service account, `MONGODB_ATLAS_CLIENT_ID`"),
        (join(&[&ACCOUNT, &KEY, &kind("api_keys")]), "API key, `MONGODB_ATLAS_PUBLIC_API_KEY`"),
        (vec![("PUBLIC_KEY", "public"), ("PRIVATE_KEY", "hush")], "API key, `MONGODB_ATLAS_PUBLIC_KEY`"),
        (join(&[&TOKEN]), "access token, `MONGODB_ATLAS_ACCESS_TOKEN`"),
        (join(&[&TOKEN, &kind("no_auth")]), "none is sent, `MONGODB_ATLAS_AUTH_TYPE`"),
    ] {
        assert_eq!(source(&environment(&variables)), expected);
    }
    let old = Environment::empty().variable("MCLI_PUBLIC_API_KEY", "public").variable("MCLI_PRIVATE_API_KEY", "hush");
    assert_eq!(source(&old), "API key, `MCLI_PUBLIC_API_KEY`");
    let home = Home::new("[Work]\nclient_id='id'\nclient_secret='hush'\n");
    assert_eq!(
        source(&home.with(&[])).replace(&home.file().display().to_string(), "[config.toml]"),
        "service account, `client_id` (profile `work` of [config.toml])"
    );
    // A credential of the program has none.
    let builder = Client::builder_from_environment(&environment(&ACCOUNT)).unwrap();
    let client = builder.credential(BearerToken::new("hush")).build().unwrap();
    assert_eq!(client.core().credential_source(), None);
}

#[test]
fn unusable_variables() {
    let kind = |kind| [("AUTH_TYPE", kind)];
    let lines: Vec<String> = [
        join(&[]),
        join(&[&[("BASE_URL", "https://hush.example.com")]]),
        join(&[&ACCOUNT[..1]]),
        join(&[&ACCOUNT[1..], &KEY]),
        join(&[&KEY[..1]]),
        join(&[&KEY[1..], &TOKEN]),
        join(&[&[("PUBLIC_KEY", "public")]]),
        join(&[&[("PRIVATE_KEY", "hush")]]),
        join(&[&KEY, &[("PUBLIC_KEY", "hush")]]),
        join(&[&KEY, &[("PRIVATE_KEY", "hush2")]]),
        join(&[&ACCOUNT, &kind("hush")]),
        join(&[&KEY, &kind("service_account")]),
        join(&[&ACCOUNT, &kind("api_keys")]),
        join(&[&ACCOUNT, &kind("user_account")]),
        join(&[&ACCOUNT, &[("SERVICE", "hush")]]),
        join(&[&ACCOUNT, &[("SERVICE", "ops-manager"), ("BASE_URL", "https://example.com")]]),
        join(&[&ACCOUNT, &[("BASE_URL", "hush")]]),
        join(&[&ACCOUNT, &[("OPS_MANAGER_URL", "http://hush.example.com")]]),
        join(&[&ACCOUNT, &[("PROFILE", "hush-is-not-shown")]]),
    ]
    .iter()
    .map(|variables| error(&environment(variables)))
    .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn base_urls() {
    let url = |variables: &[(&str, &str)]| base_url(&environment(&join(&[&ACCOUNT, variables])));
    assert_eq!(url(&[]), DEFAULT_BASE_URL);
    assert_eq!(url(&[("BASE_URL", "https://base/")]), "https://base");
    assert_eq!(url(&[("OPS_MANAGER_URL", "https://ops")]), "https://ops");
    assert_eq!(url(&[("BASE_URL", "https://base"), ("OPS_MANAGER_URL", "https://ops")]), "https://ops");
    assert_eq!(url(&[("SERVICE", "cloud")]), DEFAULT_BASE_URL);
    assert_eq!(url(&[("SERVICE", "CloudGov")]), GOV_BASE_URL);
    assert_eq!(url(&[("SERVICE", "cloudgov"), ("BASE_URL", "https://base")]), "https://base");

    let home =
        Home::new("[default]\nbase_url = 'https://p-base'\nops_manager_url = 'https://p-ops'\nservice='cloudgov'");
    let url = |variables: &[(&str, &str)]| base_url(&home.with(&join(&[&ACCOUNT, variables])));
    assert_eq!(url(&[]), "https://p-ops");
    assert_eq!(url(&[("BASE_URL", "https://base")]), "https://base");
    // A URL from either source takes precedence over a service from either source.
    assert_eq!(url(&[("SERVICE", "cloud"), ("PROFILE", "default")]), "https://p-ops");
    // With a credential and a service, the profile is not needed.
    assert_eq!(url(&[("SERVICE", "cloud")]), DEFAULT_BASE_URL);

    let home = Home::new("[default]\nservice = 'cloudgov'\nbase_url = ''");
    assert_eq!(base_url(&home.with(&ACCOUNT)), GOV_BASE_URL);
    let home = Home::new("[default]\nbase_url = 'https://p-base'");
    assert_eq!(base_url(&home.with(&ACCOUNT)), "https://p-base");
}

#[test]
fn prefixes_are_not_mixed() {
    let old = |environment: Environment| {
        environment.variable("MCLI_PUBLIC_API_KEY", "public").variable("MCLI_PRIVATE_API_KEY", "hush")
    };
    assert_eq!(credential(&old(Environment::empty())), "DigestKey");
    assert_eq!(credential(&old(environment(&ACCOUNT))), "ServiceAccount");
    // Unused variables with the new prefix do not hide the old prefix.
    assert_eq!(credential(&old(environment(&[("ORG_ID", "o"), ("BASE_URL", "")]))), "DigestKey");
    let lines = [
        error(&old(environment(&[("BASE_URL", "https://example.com")]))),
        error(&Environment::empty().variable("MCLI_CLIENT_ID", "i").variable("MONGODB_ATLAS_CLIENT_SECRET", "")),
        error(&Environment::empty().variable("MCLI_SERVICE", "cloud")),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

const PROFILES: &str = r#"
version = 2
skip_update_check = true

[default]
public_api_key = "public"
private_api_key = "hush"
org_id = "o"

[Gov]
client_id = 'mdb_sa_id_2'
client_secret = 'hush'
public_api_key = 'public'
private_api_key = 'hush'
service = 'cloudgov'
telemetry_enabled = true

[keyring]
auth_type = "service_account"
org_id = "o"

[login]
auth_type = "user_account"
access_token = "hush"
refresh_token = "hush"

[typed]
auth_type = "api_keys"
client_id = "mdb_sa_id_3"
client_secret = "hush"
public_api_key = "public"
private_api_key = "hush"

[open]
auth_type = "no_auth"

[half]
client_id = "mdb_sa_id_4"
"#;

#[test]
fn profiles() {
    let home = Home::new(PROFILES);
    let of = |name| credential(&home.with(&[("PROFILE", name)]));
    assert_eq!(credential(&home.with(&[])), "DigestKey");
    assert_eq!(of("default"), "DigestKey");
    assert_eq!(of("Default"), "DigestKey");
    // A service account takes precedence over an API key, unless a type is set. The variable's type takes precedence
    // over the profile's.
    assert_eq!(of("GOV"), "ServiceAccount");
    assert_eq!(base_url(&home.with(&[("PROFILE", "gov")])), GOV_BASE_URL);
    assert_eq!(of("typed"), "DigestKey");
    assert_eq!(credential(&home.with(&[("PROFILE", "typed"), ("AUTH_TYPE", "service_account")])), "ServiceAccount");
    assert_eq!(of("open"), "none");
    // The old prefix can also choose a profile.
    let old = home.with(&[]).variable("MCLI_PROFILE", "gov");
    assert_eq!(credential(&old), "ServiceAccount");
    // The only profile.
    assert_eq!(credential(&Home::new("[only]\nclient_id='i'\nclient_secret='hush'").with(&[])), "ServiceAccount");
}

#[test]
fn unusable_profiles() {
    let home = Home::new(PROFILES);
    let of = |name| home.error(&[("PROFILE", name)]);
    let lines = [
        of("keyring"),
        of("login"),
        of("half"),
        of("gone"),
        home.error(&[("PROFILE", "open"), ("AUTH_TYPE", "api_keys")]),
        home.error(&[("PROFILE", "gov"), ("AUTH_TYPE", "hush")]),
        Home::new("[a]\nservice='cloud'\n[b]\n").error(&[]),
        Home::new("[default]\norg_id='o'").error(&[]),
        Home::new("[default]\naccess_token='hush'").error(&[]),
        Home::new("version = 2").error(&[]),
        Home::new("version = 2").error(&[("PROFILE", "a")]),
        Home::new("[default]\nauth_type = 'hush'").error(&[]),
        Home::new("[default]\nservice = 'hush'").error(&ACCOUNT),
        Home::new("[default]\nbase_url = 'hush'").error(&ACCOUNT),
        Home::new("[default]\npublic_api_key = 'p'").error(&[]),
        Home::new("[default]\nprivate_api_key = hush\n").error(&[]),
        Home::new("[default]\nhush = 1\nhush = 2\n").error(&ACCOUNT),
        Home::new(b"[default]\nprivate_api_key = \"hush\xff\"").error(&[]),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn variables_before_the_profile() {
    let home = Home::new(PROFILES);
    assert_eq!(credential(&home.with(&join(&[&KEY, &[("PROFILE", "gov")]]))), "DigestKey");
    assert_eq!(base_url(&home.with(&join(&[&KEY, &[("PROFILE", "gov")]]))), GOV_BASE_URL);
    assert_eq!(credential(&home.with(&join(&[&ACCOUNT, &[("PROFILE", "keyring")]]))), "ServiceAccount");
    assert_eq!(credential(&home.with(&join(&[&TOKEN, &[("PROFILE", "login")]]))), "BearerToken");
    // A missing half is not taken from another source.
    assert!(home.error(&ACCOUNT[1..]).starts_with("`MONGODB_ATLAS_CLIENT_SECRET` is set without"));
    // A broken file, or an ambiguous one, is no problem if no profile is needed.
    let broken = Home::new("hush");
    assert_eq!(credential(&broken.with(&join(&[&ACCOUNT, &[("SERVICE", "cloud")]]))), "ServiceAccount");
    assert_eq!(broken.error(&ACCOUNT), "line 1 of [config.toml] is not valid TOML; correct the file");
    assert_eq!(credential(&Home::new("[a]\n[b]\n").with(&ACCOUNT)), "ServiceAccount");
}

/// However deep the nesting, it takes no stack.
#[test]
fn a_profile_file_that_is_nested_deeply_is_refused() {
    const DEEP: usize = 300_000;
    for text in [
        format!("a={}", "[".repeat(DEEP)),
        format!("a={}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        format!("a={}1{}", "{a=".repeat(DEEP / 2), "}".repeat(DEEP / 2)),
        format!("a={}1{}", "[{a=".repeat(DEEP / 4), "}]".repeat(DEEP / 4)),
        format!("{}a=1", "a.".repeat(DEEP)),
        format!("[{}a]", "a.".repeat(DEEP)),
        format!("[[{}a]]", "a.".repeat(DEEP)),
    ] {
        let error = Home::new(&text).error(&[]);
        assert!(error.ends_with("[config.toml] is not valid TOML; correct the file"), "{}: {error}", &text[..10]);
    }
}

#[test]
fn where_the_file_is() {
    let root = tempfile::tempdir().unwrap();
    let config = |dir: &str| {
        let dir = root.path().join(dir).join("atlascli");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("config.toml"), "[default]\nclient_id='i'\nclient_secret='hush'").unwrap();
    };
    let at = |platform| Environment::empty().home(root.path().join("home")).platform(platform);
    let xdg = root.path().join("xdg").display().to_string();
    for (dir, environment) in [
        ("home/.config", at(Platform::Unix)),
        ("xdg", at(Platform::Unix).variable("XDG_CONFIG_HOME", xdg.as_str())),
        ("home/Library/Application Support", at(Platform::MacOs)),
        ("xdg", at(Platform::Windows).variable("AppData", xdg.as_str())),
    ] {
        assert!(error(&environment).starts_with("no credential is configured"), "{dir}");
        config(dir);
        assert_eq!(credential(&environment), "ServiceAccount", "{dir}");
        fs::remove_dir_all(root.path().join(dir)).unwrap();
    }
}

#[test]
fn the_builder_wins() {
    for broken in [environment(&[("AUTH_TYPE", "hush"), ("BASE_URL", "hush")]), Environment::empty()] {
        let builder = Client::builder_from_environment(&broken).unwrap();
        assert!(!format!("{builder:?}").contains("hush"));
        let builder = builder.credential(BearerToken::new("hush")).base_url(GOV_BASE_URL);
        let text = format!("{:?}", builder.attempt_timeout(Duration::from_secs(7)).build().unwrap());
        assert!(text.contains(GOV_BASE_URL) && text.contains("BearerToken") && text.contains("7s"), "{text}");
    }
}

#[test]
fn the_process_can_be_read() {
    if let Err(error) = Client::builder_from_env().and_then(|builder| builder.no_credential().build()) {
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
    let _ = Client::from_env();
}

/// A profile may be called whatever TOML allows.
#[test]
fn names_of_profiles_stay_on_one_line() {
    let odd = "\u{202e}name\u{1b}[31m\nFAKE LOG LINE\u{2066}";
    let long = "x".repeat(100_000);
    let table = |name: &str, rest: &str| format!("[{}]\n{rest}\n", serde_json::to_string(name).unwrap());
    let several = table(odd, "") + &table(&long, "");
    let user = table(odd, "access_token = \"hush\"");
    for (config, variables) in [
        (several.as_str(), &[][..]),
        (&several, &[("PROFILE", "other")]),
        (&user, &[]),
        (&table(odd, "client_id = \"id\""), &[]),
        (&table(odd, "service = \"other\""), &[]),
        (&table(&long, "auth_type = \"other\""), &[]),
    ] {
        let error = Home::new(config).error(variables);
        let odd = |c: char| c.is_control() || ('\u{202a}'..='\u{2069}').contains(&c);
        assert!(!error.contains(odd) && error.chars().count() < 2000, "{error:?}");
        assert!(error.contains("name [31m fake log line") || error.contains("`xxx"), "{error}");
    }
}

#[test]
fn the_organization_of_a_profile() {
    let home = Home::new("[default]\norg_id='o'\n[other]\nclient_id='i'\n[Third]\norg_id='t'");
    let of = |variables: &[(&str, &str)]| {
        let environment = home.with(variables);
        atlas_billing::config::organization_of_profile(&environment).map_err(|error| error.to_string())
    };
    assert_eq!(of(&[]), Ok(Some("o".to_owned())));
    assert_eq!(of(&[("PROFILE", "other")]), Ok(None));
    assert_eq!(of(&[("PROFILE", "third")]), Ok(Some("t".to_owned())));
    assert!(of(&[("PROFILE", "none")]).is_err_and(|error| error.contains("MONGODB_ATLAS_PROFILE")));
    assert_eq!(atlas_billing::config::organization_of_profile(&Environment::empty()).unwrap(), None);
}
