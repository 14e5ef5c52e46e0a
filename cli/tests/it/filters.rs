//! `--jq`: what a filter sees, how its values are printed, and how it fails.

use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{Estate, Fault, Sandbox};
use cloudbill::Terminal;

use crate::program::{Ran, run, run_with};

const LIST: &[&str] = &["atlas", "list-invoices", "--items-per-page", "5"];
/// An invoice with digits that no float holds.
const PRECISE: &str = r#"{"results":[{"id":"a","amount":0.1234567890123456789012345},{"id":"b","amount":1.10}]}"#;

async fn sandbox() -> Sandbox {
    Sandbox::builder().estate(Estate::new().organizations(1)).start().await.unwrap()
}

async fn jq(sandbox: &Sandbox, filter: &str, more: &[&str]) -> Ran {
    run(sandbox, &[LIST, &["--jq", filter], more].concat()).await
}

#[tokio::test]
async fn bodies_and_items() {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::body("application/json", PRECISE).on("listInvoices").always()).unwrap();
    for (filter, more, expected) in [
        (".results[].id", &[][..], "\"a\"\n\"b\"\n"),
        (".results[].id", &["-o", "raw"], "a\nb\n"),
        (".results", &[], "[{\"id\":\"a\",\"amount\":0.1234567890123456789012345},{\"id\":\"b\",\"amount\":1.10}]\n"),
        (".amount", &["-o", "ndjson"], "0.1234567890123456789012345\n1.10\n"),
        ("select(.id == \"b\")", &["-o", "csv", "--fields", "id,amount"], "id,amount\nb,1.10\n"),
        (".id, .amount", &["--all"], "\"a\"\n0.1234567890123456789012345\n\"b\"\n1.10\n"),
        (".id", &["--all", "-o", "raw"], "a\nb\n"),
        (".id", &["--all", "-o", "json"], "[\n\"a\",\n\"b\"\n]\n"),
        ("empty", &["--all", "-o", "json"], "[\n]\n"),
        ("empty", &[], ""),
    ] {
        let ran = jq(&sandbox, filter, more).await;
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (0, expected, ""), "{filter} {more:?}");
    }
}

#[tokio::test]
async fn a_terminal_gets_indented_values() {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::body("application/json", PRECISE).on("listInvoices").always()).unwrap();
    let environment = sandbox.environment().into_iter().collect::<Environment>();
    let terminal = Terminal { out: true, ..Terminal::default() };
    let ran = run_with(environment, &[LIST, &["--jq", ".results[1]"]].concat(), "", terminal).await;
    assert_eq!(ran.out, "{\n  \"id\": \"b\",\n  \"amount\": 1.10\n}\n");
}

#[tokio::test]
async fn a_broken_filter_is_wrong_usage_and_nothing_is_sent() {
    let sandbox = sandbox().await;
    for (filter, more, problem) in [
        (".results[", &[][..], "error: --jq: the filter should have "),
        ("nothing", &[], "error: --jq: there is no filter `nothing` at character 1"),
        (".", &["-o", "csv"], "error: --jq with -o csv, tsv or table needs --fields"),
    ] {
        let ran = jq(&sandbox, filter, more).await;
        assert!(ran.status == 2 && ran.out.is_empty() && ran.err.starts_with(problem), "{ran:?}");
    }
    let ran = run(&sandbox, &["atlas", "get-invoice-csv", "--jq", "."]).await;
    assert!(ran.status == 2 && ran.err.starts_with("error: --jq needs a response in JSON"), "{ran:?}");
    assert_eq!(sandbox.requests().len(), 0);
}

#[tokio::test]
async fn an_error_while_filtering_is_1() {
    let sandbox = sandbox().await;
    sandbox.inject(Fault::body("application/json", PRECISE).on("listInvoices").always()).unwrap();
    for (filter, more, out) in [
        (".results.id", &[][..], ""),
        ("if .id == \"a\" then 1 else error(\"no\") end", &["--all"], "1\n"),
        ("if .id == \"a\" then 1 else error(\"no\") end", &["--all", "-o", "json"], "[\n1\n]\n"),
        (".id", &["-o", "csv", "--fields", "id"], "id\n"),
    ] {
        let ran = jq(&sandbox, filter, more).await;
        assert_eq!((ran.status, ran.out.as_str()), (1, out), "{ran:?}");
        assert!(ran.err.contains("--jq: "), "{ran:?}");
    }
}

/// A filter without end takes the whole thread.
#[cfg(unix)]
#[tokio::test]
async fn a_filter_without_end_can_be_interrupted() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let sandbox = sandbox().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    command.args(LIST).args(["--jq", "repeat(\"on and on\")"]).env_clear().envs(sandbox.environment());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
