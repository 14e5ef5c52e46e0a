//! `sandbox serve` and `sandbox run`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

fn sandbox(how: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    command.args(["sandbox", how]);
    command
}

/// Ends the command with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn prints_the_environment_and_serves() {
    let mut running = Running(sandbox("serve").stdout(Stdio::piped()).spawn().unwrap());
    let output = BufReader::new(running.0.stdout.take().unwrap());
    let lines: Vec<String> = output.lines().map(Result::unwrap).take_while(|line| !line.starts_with('#')).collect();
    let names: Vec<_> = lines.iter().map(|line| line.split_once('=').unwrap().0).collect();
    assert_eq!(
        names,
        [
            "export MONGODB_ATLAS_BASE_URL",
            "export MONGODB_ATLAS_CLIENT_ID",
            "export MONGODB_ATLAS_CLIENT_SECRET",
            "export USAGE_REPORTS_URL",
            "export USAGE_REPORTS_AUTH_TYPE",
            "export USAGE_REPORTS_AUTH_URL",
            "export USAGE_REPORTS_APIKEY",
            "export ENTERPRISE_USAGE_REPORTS_URL",
            "export ENTERPRISE_USAGE_REPORTS_AUTH_TYPE",
            "export ENTERPRISE_USAGE_REPORTS_AUTH_URL",
            "export ENTERPRISE_USAGE_REPORTS_APIKEY",
            "export MONGODB_ATLAS_ORG_ID",
            "export MONGODB_ATLAS_INVOICE_ID",
            "export USAGE_REPORTS_ACCOUNT_ID",
            "export USAGE_REPORTS_RESOURCE_GROUP_ID",
            "export USAGE_REPORTS_ORG_ID",
            "export USAGE_REPORTS_BILLING_MONTH",
            "export ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID",
            "export ENTERPRISE_USAGE_REPORTS_ACCOUNT_ID",
            "export ENTERPRISE_USAGE_REPORTS_BILLING_MONTH",
            "export ENTERPRISE_USAGE_REPORTS_ACCOUNT_GROUP_ID",
        ]
    );
    // The variables lead there.
    let variables = lines.iter().map(|line| line.strip_prefix("export ").unwrap().split_once('=').unwrap());
    let mut list = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    let output = list.args(["atlas", "list-orgs"]).envs(variables).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("\"totalCount\":4"), "{text}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut running = Running(sandbox("serve").stdout(Stdio::piped()).spawn().unwrap());
        let output = BufReader::new(running.0.stdout.take().unwrap());
        assert!(output.lines().map(Result::unwrap).any(|line| line.starts_with("# Running")));
        let id = running.0.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert!(running.0.wait().unwrap().success(), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn runs_a_command_with_the_environment() {
    let script = "echo $MONGODB_ATLAS_ORG_ID $MONGODB_ATLAS_PROFILE $0 $USAGE_REPORTS_APIKEY; exit 7";
    let mut command = sandbox("run");
    command.env("MONGODB_ATLAS_PROFILE", "mine").env("USAGE_REPORTS_APIKEY", "mine");
    let output = command.args(["--seed=1", "sh", "-c", script, "--help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let text = String::from_utf8(output.stdout).unwrap();
    let [organization, argument, key] = text.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert!(organization.len() == 24 && argument == "--help" && key != "mine", "{text}");

    let output = sandbox("run").arg("./no-such-program").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("error: cannot run ./no-such-program: "), "{message}");
}

#[test]
fn mistakes_are_explained() {
    let output = sandbox("serve").arg("--prot").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("error: invalid option '--prot'\nhint: "), "{message}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = sandbox("serve").args(["--atlas-port", &port.to_string()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with(&format!("error: cannot listen on 127.0.0.1:{port} for atlas-billing: ")), "{message}");
}

#[test]
fn help_goes_to_standard_output() {
    let output = sandbox("serve").arg("--help").output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("Usage: cloudbill sandbox "));
}
