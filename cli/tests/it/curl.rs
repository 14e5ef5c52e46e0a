//! `--curl`: the command works as it is printed.

use std::process::Command;

use cloud_billing_sandbox::{Estate, Sandbox};
use serde_json::Value;

use crate::program::run;

/// Whether this machine has curl. The gate does.
fn is_here() -> bool {
    Command::new("curl").arg("--version").output().is_ok_and(|output| output.status.success())
}

#[cfg(unix)]
#[tokio::test]
async fn a_printed_command_gets_the_same_response() {
    if !is_here() {
        return;
    }
    // With a stopped clock, each response is the same again.
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_794_312_000);
    let estate = Estate::new().organizations(1).instances(20).line_items(20);
    let sandbox = Sandbox::builder().estate(estate).now(now).exact_versions(true).start().await.unwrap();
    for line in [
        &["atlas", "list-invoices", "--status-names", "PAID,PENDING", "--items-per-page", "2"][..],
        // A body of several lines, with a GET.
        &[
            "atlas",
            "search-invoice-line-items",
            "--body",
            "{\"filters\":{\"skuServices\":[\"Data Transfer\"]},\n\"sortOrder\":\n\"ASCENDING\"}",
        ],
        &["atlas", "get-invoice-csv"],
        &["ibm", "get-account-usage", "--names", "--accept-language", "de, en;q=0.5"],
    ] {
        let printed = run(&sandbox, &[line, &["--curl"]].concat()).await;
        assert_eq!(printed.status, 0, "{printed:?}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &printed.out]).env("MONGODB_ATLAS_ACCESS_TOKEN", "t").env("USAGE_REPORTS_BEARER_TOKEN", "t");
        let output = shell.env("no_proxy", "*").output().unwrap();
        let (text, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}{text}{err}", printed.out);
        let own = run(&sandbox, line).await;
        let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.into());
        assert_eq!(json(&text), json(&own.out), "{}", printed.out);
    }
}
