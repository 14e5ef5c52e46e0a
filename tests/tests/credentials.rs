//! The table of credentials in `docs/authentication.md`: what a row says to set in the environment makes the credential that
//! it names.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::any::type_name;
use std::fs;

use cloud_billing_core::config::{Environment, Platform};
use workspace_tests::read;

/// The cells of the table of credentials, row by row.
fn rows(guide: &str) -> Vec<Vec<&str>> {
    let table = guide.lines().skip_while(|line| !line.starts_with("| service | credential |")).skip(2);
    table.take_while(|line| line.starts_with('|')).map(|line| line.split('|').map(str::trim).collect()).collect()
}

/// The texts between backticks.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// How the `Debug` output of a client begins to name the credential that a cell names. A profile holds an API key.
fn credential(cell: Option<&str>) -> String {
    let name = match cell {
        Some("builder().no_credential()") => return "None".to_owned(),
        Some("builder().bearer_token(..)") => type_name::<cloud_billing_core::BearerToken>(),
        Some("atlas_billing::auth::ServiceAccount") => type_name::<atlas_billing::auth::ServiceAccount>(),
        Some("atlas_billing::auth::ApiKey") | None => type_name::<atlas_billing::auth::ApiKey>(),
        Some("ibm_usage_reports::auth::ApiKey") => type_name::<ibm_usage_reports::auth::ApiKey>(),
        Some("ibm_usage_reports::auth::AssumedProfile") => type_name::<ibm_usage_reports::auth::AssumedProfile>(),
        Some("ibm_usage_reports::auth::ComputeResource") => type_name::<ibm_usage_reports::auth::ComputeResource>(),
        Some("ibm_usage_reports::auth::InstanceIdentity") => type_name::<ibm_usage_reports::auth::InstanceIdentity>(),
        Some(other) => panic!("{other} is new here"),
    };
    format!("Some({}", name.rsplit("::").next().unwrap())
}

#[test]
fn each_row_of_the_credentials_works() {
    let guide = read("docs/authentication.md");
    let rows = rows(&guide);
    assert!(rows.len() >= 10, "{rows:#?}");
    let home = tempfile::tempdir().unwrap();
    let profiles = home.path().join(".config/atlascli");
    fs::create_dir_all(&profiles).unwrap();
    fs::write(profiles.join("config.toml"), "[nightly]\npublic_api_key = \"hush\"\nprivate_api_key = \"hush\"\n")
        .unwrap();

    for row in rows {
        let [_, service, name, program, from_environment, _] = row[..] else { panic!("{row:?}") };
        let mut environment = Environment::empty().home(home.path()).platform(Platform::Unix);
        // What is abbreviated with dots is another spelling.
        for setting in code(from_environment).filter(|setting| !setting.starts_with("...")) {
            let (variable, value) = setting.split_once('=').unwrap_or((setting, "nightly"));
            environment = environment.variable(variable, value);
        }
        let built = match service {
            "Atlas" => atlas_billing::Client::from_environment(&environment).map(|client| format!("{client:?}")),
            "IBM" => ibm_usage_reports::Client::from_environment(&environment).map(|client| format!("{client:?}")),
            _ => panic!("{service} is no service"),
        };
        let client = built.unwrap_or_else(|error| panic!("{service}, {name}: {error}"));
        let program = code(program).next();
        let expected = credential(program);
        assert!(client.contains(&format!("credential: {expected}")), "{service}, {name}: no {expected} in {client}");
        // And the code beside it, which is compiled and run, makes it by hand.
        let by_hand = match program {
            Some("builder().bearer_token(..)") => "builder().bearer_token(\"".to_owned(),
            Some(call) if call.ends_with("()") => call.to_owned(),
            Some(path) => format!("{}::new(", path.rsplit("::").next().unwrap()),
            None => continue,
        };
        assert!(guide.contains(&by_hand), "{service}, {name}: there is no example with {by_hand}");
    }
}
