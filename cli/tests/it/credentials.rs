//! What the program reads beyond the clients: `IBMCLOUD_API_KEY`, and the organization of a profile.

use std::fs;

use cloud_billing_core::config::{Environment, Platform};
use cloud_billing_sandbox::{Estate, Sandbox};

use crate::program::{Ran, run_in};

const ASK: [&str; 2] = ["ibm", "get-account-summary"];

async fn sandbox() -> Sandbox {
    let estate = Estate::new().organizations(1).instances(10);
    Sandbox::builder().strict_credentials(true).estate(estate).start().await.unwrap()
}

/// The environment of a sandbox without an API key of IBM, with other variables.
fn environment(sandbox: &Sandbox, with: &[(&str, &str)]) -> Environment {
    let variables = sandbox.environment().into_iter().filter(|(name, _)| !name.ends_with("APIKEY"));
    let own = variables.filter(|(name, _)| !name.ends_with("AUTH_TYPE"));
    let all = own.chain(with.iter().map(|(name, value)| (*name, (*value).to_owned())));
    all.collect::<Environment>().directory(".")
}

async fn ask(sandbox: &Sandbox, with: &[(&str, &str)]) -> Ran {
    run_in(environment(sandbox, with), &ASK).await
}

#[tokio::test]
async fn a_key_of_ibmcloud_is_used_last() {
    let sandbox = sandbox().await;
    let key = sandbox.ibm_api_key().to_owned();
    assert_eq!(ask(&sandbox, &[]).await.status, 3);
    let ran = ask(&sandbox, &[("IBMCLOUD_API_KEY", &key)]).await;
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    // After IBM's own sources, also if they are incomplete.
    let ran = ask(&sandbox, &[("IBMCLOUD_API_KEY", "another"), ("USAGE_REPORTS_APIKEY", &key)]).await;
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let ran = ask(&sandbox, &[("IBMCLOUD_API_KEY", &key), ("USAGE_REPORTS_AUTH_TYPE", "container")]).await;
    assert!(ran.status == 3 && ran.err.contains("IAM_PROFILE"), "{ran:?}");
    let ran = ask(&sandbox, &[("IBMCLOUD_API_KEY", "a-key-that-is-wrong")]).await;
    assert!(ran.status == 4 && !ran.err.contains("a-key-that-is-wrong"), "{ran:?}");
}

/// A file that is in a folder by chance comes before the user's own variables, as with IBM's SDKs.
#[tokio::test]
async fn a_file_of_the_working_directory_is_told_of() {
    let sandbox = sandbox().await;
    let here = tempfile::tempdir().unwrap();
    let of_ibm = sandbox.environment().into_iter().filter(|(name, _)| name.starts_with("USAGE_REPORTS_"));
    let file: String = of_ibm.map(|(name, value)| format!("{name}={value}\n")).collect();
    let path = here.path().join("ibm-credentials.env");
    fs::write(&path, file).unwrap();
    let variables = || environment(&sandbox, &[("USAGE_REPORTS_APIKEY", "another")]);
    for line in [&ASK[..], &["bill", "--service", "ibm", "--month", "last"]] {
        let ran = run_in(variables().directory(here.path()), line).await;
        let note = format!("of {}, in the working directory", path.display());
        assert!(ran.status == 0 && ran.err.starts_with("note: the credential is that of line "), "{ran:?}");
        assert!(ran.err.contains(&note), "{ran:?}");
        let named = variables().variable("IBM_CREDENTIALS_FILE", path.display().to_string());
        let ran = run_in(named.directory(here.path()), line).await;
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    }
}

#[tokio::test]
async fn a_key_of_ibmcloud_in_a_file() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key");
    let at = format!("@{}", file.display());
    let key = sandbox.ibm_api_key();
    for text in [key.to_owned(), format!("{key}\n"), format!(r#"{{"name":"n","apikey":"{key}"}}"#)] {
        fs::write(&file, text).unwrap();
        let ran = ask(&sandbox, &[("IBMCLOUD_API_KEY", &at)]).await;
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    }
    fs::write(&file, r#"{"secret":"hush"}"#).unwrap();
    let ran = ask(&sandbox, &[("IBMCLOUD_API_KEY", &at)]).await;
    assert!(ran.status == 3 && ran.err.starts_with("note: IBMCLOUD_API_KEY is not used: the file "), "{ran:?}");
    assert!(!ran.err.contains("hush"), "{ran:?}");
    fs::remove_file(&file).unwrap();
    // The other vendor's commands do not need it.
    let ran = run_in(environment(&sandbox, &[("IBMCLOUD_API_KEY", &at)]), &["atlas", "list-orgs"]).await;
    assert!(ran.status == 0 && ran.err.contains("does not exist"), "{ran:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_profile_has_the_organization() {
    let sandbox = sandbox().await;
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".config/atlascli");
    fs::create_dir_all(&directory).unwrap();
    fs::write(
        directory.join("config.toml"),
        "[default]\norg_id='aaaaaaaaaaaaaaaaaaaaaaaa'\n[other]\norg_id='bbbbbbbbbbbbbbbbbbbbbbbb'",
    )
    .unwrap();
    let line = ["atlas", "api", "invoices", "listInvoices", "--dry-run"];
    let url = async |with: &[(&str, &str)], before: &[&str]| {
        let variables = sandbox.environment().into_iter().filter(|(name, _)| *name != "MONGODB_ATLAS_ORG_ID");
        let all = variables.chain(with.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let environment = all.collect::<Environment>().home(home.path()).platform(Platform::Unix);
        let ran = run_in(environment, &[before, &line].concat()).await;
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        ran.out.lines().next().unwrap().to_owned()
    };
    assert!(url(&[], &[]).await.ends_with("/orgs/aaaaaaaaaaaaaaaaaaaaaaaa/invoices"));
    assert!(url(&[], &["-P", "other"]).await.ends_with("/orgs/bbbbbbbbbbbbbbbbbbbbbbbb/invoices"));
    assert!(
        url(&[("MONGODB_ATLAS_ORG_ID", "cccccccccccccccccccccccc")], &[])
            .await
            .ends_with("/orgs/cccccccccccccccccccccccc/invoices")
    );
}
