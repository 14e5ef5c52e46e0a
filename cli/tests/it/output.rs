//! What is printed, in each format, and where the request comes from.

use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{Estate, Sandbox};
use cloudbill::Terminal;
use serde_json::Value;

use crate::program::{Ran, run, run_in, run_with};

const LIST: &[&str] = &["atlas", "list-invoices", "--items-per-page", "2"];
const FIELDS: &[&str] = &["--fields", "statusName,subtotalCents,startDate"];

async fn sandbox() -> Sandbox {
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_794_312_000);
    Sandbox::builder()
        .estate(Estate::new().organizations(1).instances(20).line_items(20))
        .now(now)
        .start()
        .await
        .unwrap()
}

async fn out(sandbox: &Sandbox, more: &[&str]) -> String {
    let ran = run(sandbox, &[LIST, more].concat()).await;
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{more:?}");
    ran.out
}

#[tokio::test]
async fn formats_of_a_page() {
    let sandbox = sandbox().await;
    let json: Value = serde_json::from_str(&out(&sandbox, &[]).await).unwrap();
    let lines = out(&sandbox, &["-o", "ndjson"]).await;
    let items: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((items.len(), Value::from(items)), (2, json["results"].clone()));
    let csv = out(&sandbox, &[&["-o", "csv"], FIELDS].concat()).await;
    let [head, first, second] = csv.lines().collect::<Vec<_>>()[..] else { panic!("{csv}") };
    assert_eq!(head, "statusName,subtotalCents,startDate");
    let cents = &json["results"][0]["subtotalCents"];
    assert_eq!(first, format!("PENDING,{cents},2026-11-01T00:00:00Z"));
    assert!(second.starts_with("PAID,"), "{second}");
    assert_eq!(out(&sandbox, &[&["-o", "tsv"], FIELDS].concat()).await, csv.replace(',', "\t"));
    let table = out(&sandbox, &[&["-o", "table"], FIELDS].concat()).await;
    assert_eq!(table.lines().next(), Some("statusName  subtotalCents  startDate"));
    assert_eq!(table.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>().join(","), first);
    // Without `--fields`, a column for each plain field of an invoice.
    let all = out(&sandbox, &["-o", "csv"]).await;
    assert!(all.lines().next().unwrap().split(',').any(|name| name == "amountBilledCents"), "{all}");
}

#[tokio::test]
async fn the_bytes_are_printed_as_they_came() {
    let sandbox = sandbox().await;
    let plain = out(&sandbox, &["--pretty"]).await;
    assert!(plain.contains("\n  \"results\""), "the service's own line breaks: {plain}");
    let raw = out(&sandbox, &["--envelope", "-o", "raw"]).await;
    let json: Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(json["status"], 200);
    let ran = run(&sandbox, &["atlas", "get-org", "--envelope"]).await;
    assert!(ran.out.starts_with('{') && !ran.out.contains("\"content\""), "the envelope is taken off: {}", ran.out);
}

#[tokio::test]
async fn all_pages_in_each_format() {
    let sandbox = sandbox().await;
    let lines = out(&sandbox, &["--all"]).await;
    assert_eq!(lines.lines().count(), 13);
    let array: Vec<Value> = serde_json::from_str(&out(&sandbox, &["--all", "-o", "json"]).await).unwrap();
    assert_eq!(array, lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>());
    assert_eq!(out(&sandbox, &[&["--all", "-o", "csv"], FIELDS].concat()).await.lines().count(), 14);
    let ran = run(&sandbox, &[LIST, &["--max-items", "3"]].concat()).await;
    assert!(ran.out.lines().count() == 3 && ran.err.starts_with("resume: {"), "{ran:?}");
}

#[tokio::test]
async fn a_terminal_gets_indented_json() {
    let sandbox = sandbox().await;
    let terminal = Terminal { out: true, err: true, columns: Some(40), colours: false };
    let environment = || sandbox.environment().into_iter().collect::<Environment>();
    let Ran { out, .. } = run_with(environment(), LIST, "", terminal).await;
    assert!(out.starts_with("{\n  \"links\": [\n") && out.ends_with("}\n"), "{out}");
    let table = [LIST, &["-o", "table"]].concat();
    let Ran { out, .. } = run_with(environment(), &table, "", terminal).await;
    assert!(out.lines().all(|line| line.chars().count() <= 40), "{out}");
}

#[tokio::test]
async fn include_goes_to_standard_error() {
    let sandbox = sandbox().await;
    let ran = run(&sandbox, &[LIST, &["--include"]].concat()).await;
    assert!(ran.err.starts_with("HTTP 200\n") && ran.err.contains("\nratelimit-remaining: "), "{}", ran.err);
    assert!(ran.out.starts_with('{'));
}

/// `--dry-run` and `--curl` need no credential and send nothing.
#[tokio::test]
async fn a_request_can_be_printed() {
    let environment = || Environment::empty().variable("MONGODB_ATLAS_ORG_ID", "32b6e34b3d91647abb20e7b8");
    let line = &["atlas", "create-cost-explorer-process", "--start-date", "2026-09-01", "--end-date", "2026-10-01"];
    let ran = run_in(environment(), &[&line[..], &["--dry-run"]].concat()).await;
    assert_eq!(
        ran.out,
        "POST https://cloud.mongodb.com/api/atlas/v2/orgs/32b6e34b3d91647abb20e7b8/billing/costExplorer/usage\n\
         accept: application/vnd.atlas.2023-01-01+json\ncontent-type: application/vnd.atlas.2023-01-01+json\n\n\
         {\"endDate\":\"2026-10-01\",\"startDate\":\"2026-09-01\"}\n",
        "{ran:?}"
    );
    let ran = run_in(environment(), &[&line[..], &["--curl"]].concat()).await;
    assert!(ran.out.starts_with("curl ") && ran.out.contains("Bearer $MONGODB_ATLAS_ACCESS_TOKEN"), "{}", ran.out);
    let ran = run_in(environment(), &["atlas", "list-invoices", "--items-per-page", "0", "--curl"]).await;
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
}

#[tokio::test]
async fn bodies_come_from_flags_files_and_standard_input() {
    let sandbox = sandbox().await;
    let body = r#"{"startDate":"2026-09-01", "endDate":"2026-10-01"}"#;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("body.json");
    std::fs::write(&file, body).unwrap();
    for (source, input) in [(file.to_str().unwrap(), ""), ("-", body), (body, "")] {
        sandbox.clear_requests();
        let line = ["atlas", "create-cost-explorer-process", "--body", source];
        let environment = sandbox.environment().into_iter().collect();
        let ran = run_with(environment, &line, input, Terminal::default()).await;
        assert_eq!(ran.status, 0, "{source}: {ran:?}");
        let sent = sandbox.requests().pop().unwrap().body;
        assert_eq!(String::from_utf8(sent).unwrap(), body, "{source}");
    }
    let line = ["atlas", "create-cost-explorer-process", "--file", "-", "--end-date", "2026-11-01"];
    let ran = run_with(sandbox.environment().into_iter().collect(), &line, body, Terminal::default()).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    let sent: Value = serde_json::from_slice(&sandbox.requests().pop().unwrap().body).unwrap();
    assert_eq!(sent["endDate"], "2026-11-01", "a flag goes before the file");
    let ran = run(&sandbox, &["atlas", "create-cost-explorer-process", "--body-template"]).await;
    let template: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(template["startDate"].is_string() && template["organizations"].is_array(), "{template}");
}

/// The Atlas CLI's own flags: the format, the file, the version of the API.
#[tokio::test]
async fn flags_of_the_atlas_cli() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.json");
    let line =
        ["atlas", "api", "invoices", "listInvoices", "--output", "json", "--version", "2025-03-12", "--outputFile"];
    let ran = run(&sandbox, &[&line[..], &[path.to_str().unwrap()]].concat()).await;
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("note: version 2023-01-01 of listInvoices is sent"), "{}", ran.err);
    assert!(std::fs::read_to_string(path).unwrap().starts_with('{'));
    let ran = run(&sandbox, &["atlas", "api", "invoices", "listInvoices", "--version", "2020-01-01"]).await;
    assert_eq!(ran.status, 2, "{ran:?}");
}

#[cfg(not(feature = "jq"))]
#[tokio::test]
async fn a_program_without_filters_says_so() {
    let ran = run(&sandbox().await, &[LIST, &["--jq", "."]].concat()).await;
    assert_eq!((ran.status, ran.err.as_str()), (2, "error: --jq: this program is built without the feature `jq`\n"));
}
