//! What differs from the other client of IBM: the name of the service. The rest is tested in `ibm-usage-reports`.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on may panic")]

use cloud_billing_sandbox::Sandbox;
use ibm_enterprise::config::Environment;
use ibm_enterprise::{Client, ErrorKind};

fn debug(environment: &Environment) -> String {
    format!("{:?}", Client::from_environment(environment).unwrap())
}

fn error(environment: &Environment) -> String {
    let error = Client::from_environment(environment).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.message().unwrap().to_owned()
}

#[test]
fn properties_have_the_name_of_the_service() {
    let set = Environment::empty()
        .variable("ENTERPRISE_USAGE_REPORTS_APIKEY", "hush")
        .variable("ENTERPRISE_USAGE_REPORTS_URL", ibm_enterprise::PRIVATE_EU_FR_BASE_URL)
        .variable("ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID", "e");
    let shown = debug(&set);
    assert!(
        shown.contains("Some(ApiKey") && shown.contains("https://private.eu-fr.enterprise.cloud.ibm.com"),
        "{shown}"
    );
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn a_credential_of_the_other_service_is_not_used() {
    let other =
        Environment::empty().variable("USAGE_REPORTS_APIKEY", "hush").variable("ENTERPRISE_MANAGEMENT_APIKEY", "hush");
    assert_eq!(
        error(&other),
        "no credential is configured; set `ENTERPRISE_USAGE_REPORTS_APIKEY`, or `ENTERPRISE_USAGE_REPORTS_AUTH_TYPE` and what \
         that type needs, as environment variables or in the file that `IBM_CREDENTIALS_FILE` names"
    );
    let misspelt = Environment::empty().variable("ENTERPRISE_USAGE_REPORTS1_URL", "https://x");
    assert_eq!(
        error(&misspelt),
        "`ENTERPRISE_USAGE_REPORTS1_URL` is not a property of this service; `ENTERPRISE_USAGE_REPORTS_URL` is"
    );
}

#[test]
fn each_service_of_a_file_and_of_cloud_foundry_has_its_own_properties() {
    let home = tempfile::tempdir().unwrap();
    let text = "USAGE_REPORTS_URL=https://other\nENTERPRISE_USAGE_REPORTS_URL=https://own\nENTERPRISE_USAGE_REPORTS_AUTH_TYPE=noAuth\n";
    std::fs::write(home.path().join("ibm-credentials.env"), text).unwrap();
    assert!(debug(&Environment::empty().home(home.path())).contains("\"https://own\""));
    let vcap = r#"{"usage_reports":[{"credentials":{"AUTH_TYPE":"noAuth","URL":"https://other"}}],
        "enterprise_usage_reports":[{"credentials":{"AUTH_TYPE":"noAuth","URL":"https://own"}}]}"#;
    assert!(debug(&Environment::empty().variable("VCAP_SERVICES", vcap)).contains("\"https://own\""));
}

#[tokio::test]
async fn a_token_comes_from_iam() {
    let sandbox = Sandbox::builder().strict_credentials(true).start().await.unwrap();
    let client = Client::from_environment(&sandbox.environment().into_iter().collect()).unwrap();
    let enterprises = client.list_enterprises().send().await.unwrap();
    assert_eq!(enterprises.resources.len(), 1);
    let asked: Vec<_> = sandbox.requests().into_iter().filter_map(|request| request.operation).collect();
    assert_eq!(asked, ["iamToken", "list_enterprises"]);
}
