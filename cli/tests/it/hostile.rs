//! Responses that would break the output: long names, deep nesting, characters that steer a terminal, names of other parts.

use std::process::Command;

use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{Estate, Fault, Sandbox};
use cloudbill::Terminal;
use serde_json::{Value, json};
use test_support::server::{Reply, Server, answer};

use crate::program::{Ran, run, run_in, run_with};

const TERMINAL: Terminal = Terminal { out: true, err: true, columns: None, colours: false };

/// A sandbox whose usage of an account is changed.
async fn usage(edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Sandbox {
    let estate = Estate::new().organizations(1).instances(5).line_items(20);
    Sandbox::builder().estate(estate).fault(Fault::edit(edit).on("get_account_usage").always()).start().await.unwrap()
}

fn steers(text: &str) -> bool {
    text.chars().any(|c| cloud_billing_core::config::steers(c) && c != '\n')
}

#[tokio::test]
async fn a_long_name_is_cut_for_people_alone() {
    let name = "A".repeat(70_000);
    let sandbox = usage(move |body| body["resources"][0]["resource_name"] = json!("A".repeat(70_000))).await;
    for job in ["bill", "trend", "diff"] {
        let ran = run(&sandbox, &[job, "--service", "ibm"]).await;
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{job}");
        assert!(ran.out.contains("A…") && ran.out.lines().all(|line| line.chars().count() < 400), "{job}: {}", ran.out);
        let ran = run(&sandbox, &[job, "--service", "ibm", "-o", "csv"]).await;
        assert!(ran.status == 0 && ran.out.contains(&name), "{job}");
    }
    let ran = run(&sandbox, &["html", "--service", "ibm"]).await;
    assert!(ran.status == 0 && ran.out.contains("AAA…") && ran.out.len() < name.len(), "{}", ran.out.len());
}

#[tokio::test]
async fn deep_nesting_is_indented_to_a_bound() {
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let fault = Fault::body("application/json", deep.clone()).on("get_account_usage").always();
    let sandbox = Sandbox::builder().estate(Estate::new()).fault(fault).start().await.unwrap();
    let environment = sandbox.environment().into_iter().collect();
    let Ran { status, out, .. } = run_with(environment, &["ibm", "get-account-usage"], "", TERMINAL).await;
    assert_eq!(status, 0);
    assert!(out.len() < 2 * deep.len(), "{}", out.len());
    assert_eq!(out.split_whitespace().collect::<String>(), deep);
}

#[tokio::test]
async fn no_name_steers_a_terminal() {
    let sandbox = usage(|body| body["currency_code"] = json!("U\u{1b}[2J\u{202e}\u{9b}SD\nfake")).await;
    for line in [&["trend"][..], &["bill"], &["diff"], &["check"], &["ibm", "get-account-usage"], &["html"]] {
        let environment = sandbox.environment().into_iter().collect();
        let line = if line.len() == 1 { [line, &["--service", "ibm"]].concat() } else { line.to_vec() };
        let ran = run_with(environment, &line, "", TERMINAL).await;
        // A month with records in another currency cannot be checked.
        assert_eq!(ran.out.is_empty(), ran.status == 9, "{line:?}: {ran:?}");
        assert!(!steers(&ran.out) && !steers(&ran.err), "{line:?}: {ran:?}");
        // A line end is nothing in a page.
        assert!(line[0] == "html" || !ran.out.contains("\nfake"), "{line:?}: {ran:?}");
    }
    // In a file, JSON is as it came.
    let ran = run(&sandbox, &["ibm", "get-account-usage"]).await;
    assert!(ran.out.contains('\u{202e}'), "{}", ran.out);
}

#[tokio::test]
async fn no_header_and_no_argument_steers_a_terminal() {
    let server = Server::answering(|_| {
        let headers = [("content-type", "application/json"), ("x-evil", "a\u{202e}b\u{9b}31mc\u{2028}d")];
        Some(Reply::Send(answer(200, &headers, b"{}")))
    })
    .await;
    let environment = || {
        Environment::empty()
            .variable("USAGE_REPORTS_URL", server.url.as_str())
            .variable("USAGE_REPORTS_AUTH_TYPE", "noauth")
            .variable("USAGE_REPORTS_ACCOUNT_ID", "4f6e0c1b9a7d42e38b5c2d71f0a9e864")
    };
    let ran = run_in(environment(), &["ibm", "get-account-usage", "--billing-month", "2026-10", "-i"]).await;
    assert!(ran.status == 0 && ran.err.contains("x-evil: a b") && !steers(&ran.err), "{ran:?}");
    let line = ["ibm", "get-account-usage", "--billing-month", "\u{202e}\u{9b}x", "-o", "json"];
    let ran = run_in(environment(), &line).await;
    let error: Value = serde_json::from_str(&ran.err).unwrap();
    assert!(ran.status == 2 && error["error"]["exit"] == 2 && !steers(&ran.err), "{ran:?}");
}

/// The parts of a month add up to its bill, also if items have the names of other parts.
#[tokio::test]
async fn parts_that_are_called_as_others() {
    for name in ["(not itemised)", "(support)", "(sales tax)"] {
        let plain = usage(|_| ()).await;
        let sandbox = usage(move |body| body["resources"][0]["resource_name"] = json!(name)).await;
        let total = async |sandbox: &Sandbox| {
            let ran = run(sandbox, &["bill", "--service", "ibm", "--month", "last"]).await;
            ran.out.lines().last().unwrap().split_whitespace().nth(2).unwrap().to_owned()
        };
        assert_eq!(total(&sandbox).await, total(&plain).await, "{name}");
    }
}

#[tokio::test]
async fn a_list_twice_in_one_page_is_refused() {
    let body = r#"{"resources":[{"account_id":"a"}],"resources":[{"account_id":"b"}]}"#;
    let fault = Fault::body("application/json", body).on("get_resource_usage_account").always();
    let sandbox = Sandbox::builder().estate(Estate::new()).fault(fault).start().await.unwrap();
    for format in ["ndjson", "tsv", "table"] {
        let ran = run(&sandbox, &["ibm", "get-resource-usage-account", "-o", format]).await;
        assert!(ran.status == 9 && ran.err.contains("this field twice"), "{format}: {ran:?}");
    }
}

#[tokio::test]
async fn an_amount_of_many_digits_is_drawn() {
    for amount in ["1e40", "1e63"] {
        let number: Value = serde_json::from_str(amount).unwrap();
        let sandbox = usage(move |body| body["resources"][0]["billable_cost"] = number.clone()).await;
        let ran = run(&sandbox, &["html", "--service", "ibm"]).await;
        assert!(ran.status == 0 && ran.out.ends_with("</html>\n"), "{ran:?}");
    }
}

/// A service, or a proxy before it, that answers with another bill than was asked for.
#[tokio::test]
async fn another_bill_than_was_asked_for_is_refused() {
    let edit = |operation: &'static str, field: &'static str, value: &'static str| {
        Fault::edit(move |body| body[field] = json!(value)).on(operation).always()
    };
    for (fault, service, lines) in [
        (edit("get_account_usage", "account_id", "other"), "ibm", &["bill", "check", "export --focus"][..]),
        (edit("get_account_usage", "month", "2024-01"), "ibm", &["bill", "check", "export --focus"]),
        (edit("get_account_summary", "month", "2024-01"), "ibm", &["bill", "check", "export --focus"]),
        (edit("getInvoice", "id", "other"), "atlas", &["bill --by cluster", "check", "export --focus"]),
        (edit("getInvoice", "orgId", "other"), "atlas", &["check", "export --focus"]),
        (
            edit("getInvoice", "startDate", "2024-01-01T00:00:00Z"),
            "atlas",
            &["bill --by cluster", "check", "export --focus"],
        ),
        (edit("getInvoice", "endDate", "2024-02-01T00:00:00Z"), "atlas", &["check", "export --focus"]),
    ] {
        let estate = Estate::new().instances(5).line_items(20);
        let sandbox = Sandbox::builder().estate(estate).fault(fault).start().await.unwrap();
        for line in lines {
            let words: Vec<_> = line.split(' ').chain(["--service", service, "--month", "last"]).collect();
            let ran = run(&sandbox, &words).await;
            assert!(
                ran.status == 9 && ran.err.contains("another bill") || ran.err.contains("of different bills"),
                "{line}: {ran:?}"
            );
        }
    }
}

/// A replica that lags behind answers with an older invoice than the list states.
#[tokio::test]
async fn an_invoice_that_differs_from_its_list_is_read_again_and_is_not_right() {
    let estate = || Estate::new().organizations(1).line_items(20);
    for (times, status) in [(1, 0), (2, 20)] {
        let older = Fault::edit(|body| body["amountPaidCents"] = json!(1)).on("getInvoice").first(times);
        let sandbox = Sandbox::builder().estate(estate()).fault(older).start().await.unwrap();
        let ran = run(&sandbox, &["check", "--service", "atlas", "--month", "last", "-o", "csv"]).await;
        assert_eq!(
            (ran.status, ran.out.contains("invoice and its line of the list")),
            (status, status != 0),
            "{ran:?}"
        );
    }
}

/// A guard that sees nothing does not say that all is well.
#[tokio::test]
async fn a_limit_without_a_bill_is_not_kept() {
    for (operation, statuses) in [("listOrgs", [6, 20]), ("listInvoices", [0, 20])] {
        let fault = Fault::edit(|body| body["results"] = json!([])).on(operation).always();
        let sandbox = Sandbox::builder().estate(Estate::new().line_items(20)).fault(fault).start().await.unwrap();
        let check = async |more: &[&str]| {
            let line = [&["check", "--service", "atlas", "--all-orgs", "-o", "csv"], more].concat();
            run(&sandbox, &line).await
        };
        let (plain, limited) = (check(&[]).await, check(&["--limit", "1000000"]).await);
        assert_eq!([plain.status, limited.status], statuses, "{operation}: {limited:?}");
        let said = if operation == "listOrgs" { limited.err } else { limited.out };
        assert!(said.contains("can see no organization") || said.contains("bills and limit,1000000"), "{said}");
    }
}

/// An invoice of another month than was asked for is in no sum.
#[tokio::test]
async fn an_invoice_of_another_month_is_left_out() {
    let edit = Fault::edit(|body| {
        let old = body["results"][0].clone();
        let list = body["results"].as_array_mut().unwrap();
        list.push(old);
        let last = list.len() - 1;
        list[last]["id"] = json!("0123456789abcdef01234567");
        list[last]["startDate"] = json!("2024-01-01T00:00:00Z");
    });
    let estate = || Estate::new().organizations(1).line_items(20);
    let plain = Sandbox::builder().estate(estate()).start().await.unwrap();
    let edited = Sandbox::builder().estate(estate()).fault(edit.on("listInvoices").always()).start().await.unwrap();
    let line = ["bill", "--service", "atlas", "--month", "last", "-o", "csv"];
    let (with, without) = (run(&edited, &line).await, run(&plain, &line).await);
    assert_eq!((with.status, with.out, with.err), (0, without.out, without.err));
}

/// A file is whole or not there: what lacks an account must not take the place of an older one.
#[tokio::test]
async fn no_file_is_replaced_by_a_part() {
    let sandbox = Sandbox::builder().estate(Estate::new().instances(5).line_items(20)).start().await.unwrap();
    let refused = Fault::status(403).of(cloud_billing_sandbox::Service::Ibm).always();
    sandbox.inject(refused).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bills");
    for job in ["bill", "trend", "diff", "html", "export", "whoami"] {
        std::fs::write(&path, "whole").unwrap();
        let ran = run(&sandbox, &[job, "--out", path.to_str().unwrap()]).await;
        let after = std::fs::read_to_string(&path).unwrap();
        assert_eq!((ran.status, after.as_str()), (4, "whole"), "{job}: {ran:?}");
        assert!(ran.err.contains("note: the file is not written") && !ran.err.contains("wrote"), "{job}: {}", ran.err);
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

/// An account that is named several times, in upper or lower case, is billed once.
#[tokio::test]
async fn accounts_that_are_named_twice() {
    let sandbox = usage(|_| ()).await;
    let account = sandbox.estate().unwrap().ibm_account().to_owned();
    let bill = async |named: String, line: &[&str]| {
        let environment: Environment = sandbox.environment().into_iter().collect();
        run_in(environment.variable("USAGE_REPORTS_ACCOUNT_ID", named), &[&["bill", "--service", "ibm"], line].concat())
            .await
    };
    let once = bill(account.clone(), &[]).await;
    let other = account.to_uppercase();
    assert!(once.status == 0 && other != account);
    assert_eq!(bill(format!("{account}, {account},{other}"), &[]).await.out, once.out);
    assert_eq!(bill("x".to_owned(), &["--account", &format!("{account},{other}")]).await.out, once.out);
}

/// A note names each organization that is left out.
#[tokio::test]
async fn organizations_that_are_left_out_are_named() {
    let edit = |body: &mut Value| {
        body["results"][0].as_object_mut().unwrap().remove("id");
        body["results"][1]["isDeleted"] = json!(true);
    };
    let estate = Estate::new().organizations(3).line_items(20);
    let sandbox = Sandbox::builder().estate(estate).fault(Fault::edit(edit).on("listOrgs").always());
    let sandbox = sandbox.start().await.unwrap();
    let deleted = sandbox.estate().unwrap().atlas_organizations().nth(1).unwrap();
    let ran = run(&sandbox, &["bill", "--service", "atlas", "--all-orgs"]).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.err.contains(&format!("use --org {deleted}\n")), "{}", ran.err);
    assert!(ran.err.contains("1 organizations are left out, because the service states no id"), "{}", ran.err);
}

/// What each of the clients reads from its caller stays away from a program under the sandbox.
#[cfg(unix)]
#[test]
fn no_variable_of_the_caller_is_handed_on() {
    let mine = [
        "MCLI_PRIVATE_API_KEY",
        "MONGODB_ATLAS_PRIVATE_KEY",
        "USAGE_REPORTS_BEARER_TOKEN",
        "ENTERPRISE_USAGE_REPORTS_IAM_PROFILE_ID",
        "IBM_CREDENTIALS_FILE",
        "VCAP_SERVICES",
        "IBMCLOUD_API_KEY",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    command.args(["sandbox", "run", "env"]).envs(mine.map(|name| (name, "mine"))).env("USAGE_REPORTER", "kept");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("USAGE_REPORTER=kept\n"), "{text}");
    assert!(!text.contains("=mine"), "{text}");
}
