//! Exit statuses, each brought about; what failures leave behind.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{Cut, Estate, Fault, Sandbox};

use crate::program::{Ran, run, run_in};

const LIST: &[&str] = &["atlas", "list-invoices", "--items-per-page", "5"];
const ALL: &[&str] = &["atlas", "list-invoices", "--items-per-page", "5", "--all"];

async fn sandbox() -> Sandbox {
    Sandbox::builder().estate(Estate::new().organizations(1).instances(20).line_items(20)).start().await.unwrap()
}

/// The lines of an error: what is wrong, and what to do.
fn error(ran: &Ran) -> &str {
    assert!(ran.err.starts_with("error: ") && ran.out.is_empty(), "{ran:?}");
    ran.err.lines().next().unwrap()
}

#[tokio::test]
async fn success_is_0() {
    let sandbox = sandbox().await;
    let ran = run(&sandbox, LIST).await;
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with(r#"{"links":"#), "{}", ran.out);
}

#[tokio::test]
async fn wrong_usage_is_2_and_nothing_is_sent() {
    let sandbox = sandbox().await;
    for (line, problem) in [
        (&["atlas", "list-invoices", "--org", "x"][..], "--org"),
        (&["atlas", "nothing"], "nothing"),
        (&["atlas", "list-invoices", "--org-id", "X"], "org"),
        (&["atlas", "list-invoices", "--items-per-page", "0"], "itemsPerPage: 0 is less than 1"),
        (&["atlas", "list-invoices", "--items-per-page", "ten"], "itemsPerPage: `ten` is not an integer"),
        (&["atlas", "list-invoices", "--from-date", "2026-02-30"], "fromDate: `2026-02-30` is not a date"),
        (&["atlas", "list-invoices", "-o", "yaml"], "yaml"),
        (&["atlas", "list-invoices", "-o", "gzip"], "listInvoices has no gzip"),
        (&["atlas", "list-invoices", "--fields", "id"], "--fields needs -o csv"),
        (&["atlas", "list-invoices", "--resume", "x"], "the resume token cannot be used"),
        (&["atlas", "create-cost-explorer-process", "--body", "{"], "--body is not JSON"),
        (&["atlas", "create-cost-explorer-process"], "startDate: is missing"),
        (
            &["atlas", "create-cost-explorer-process", "--body", r#"{"endDate":"2026-09-01","endDate":"2026-10-01"}"#],
            "--body: the key `endDate` is there more than once",
        ),
        (
            &["atlas", "search-invoice-line-items", "--body", r#"{"filters":{"clusterIds":[],"clusterIds":["a"]}}"#],
            "--body: the key `filters.clusterIds` is there more than once",
        ),
        (
            &["atlas", "list-invoices", "--resume", r#"{"version":2,"operation":"listInvoices","cursor":"x"}"#],
            "the pages of `listInvoices` have page numbers, and it has none",
        ),
        (
            &[
                "ibm",
                "get-resource-usage-account",
                "--resume",
                r#"{"version":2,"operation":"get_resource_usage_account","page":2}"#,
            ],
            "the pages of `get_resource_usage_account` have cursors, and it has a page number",
        ),
    ] {
        let ran = run(&sandbox, line).await;
        assert_eq!(ran.status, 2, "{line:?}: {ran:?}");
        assert!(ran.out.is_empty() && ran.err.contains(problem), "{line:?}: {}", ran.err);
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_missing_parameter_says_how_to_give_it() {
    let ran = run_in(Environment::empty().variable("MONGODB_ATLAS_ACCESS_TOKEN", "t"), LIST).await;
    assert_eq!((ran.status, error(&ran)), (2, "error: --org-id is missing; give it, or set MONGODB_ATLAS_ORG_ID"));
}

#[tokio::test]
async fn no_credential_is_3_and_half_of_one_too() {
    for environment in [Environment::empty(), Environment::empty().variable("MONGODB_ATLAS_CLIENT_ID", "id")] {
        let environment = environment.variable("MONGODB_ATLAS_ORG_ID", "32b6e34b3d91647abb20e7b8");
        let ran = run_in(environment, LIST).await;
        assert_eq!(ran.status, 3, "{ran:?}");
        assert!(error(&ran).contains("MONGODB_ATLAS_") && ran.err.contains("hint: `cloudbill whoami`"), "{}", ran.err);
    }
}

#[tokio::test]
async fn errors_of_the_service_have_a_status_by_kind() {
    for (fault, status) in [
        ("401:always", 4),
        ("403:always", 4),
        ("400:always", 5),
        ("404:always", 6),
        ("500:always", 7),
        ("429:retry-after=0:always", 7),
        ("content-type=text/html:always", 9),
        ("redirect=http://127.0.0.1:9:always", 9),
        ("reset=body:always", 7),
    ] {
        let sandbox = sandbox().await;
        let Ok(fault) = fault.parse::<Fault>() else { panic!("{fault} is no fault") };
        sandbox.inject(fault.on("listInvoices")).unwrap();
        let ran = run(&sandbox, &[LIST, &["--timeout", "2"]].concat()).await;
        assert_eq!(ran.status, status, "{ran:?}");
        assert!(error(&ran).starts_with("error: listInvoices: "), "{}", ran.err);
    }
}

#[tokio::test]
async fn no_connection_is_7() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let environment = Environment::empty()
        .variable("MONGODB_ATLAS_BASE_URL", closed)
        .variable("MONGODB_ATLAS_ACCESS_TOKEN", "t")
        .variable("MONGODB_ATLAS_ORG_ID", "32b6e34b3d91647abb20e7b8");
    let ran = run_in(environment, &[LIST, &["--timeout", "1"]].concat()).await;
    assert_eq!(ran.status, 7, "{ran:?}");
}

#[tokio::test]
async fn not_ready_is_8_and_wait_waits() {
    let sandbox = Sandbox::builder().estate(Estate::new()).cost_explorer_polls(2).start().await.unwrap();
    let start = &["atlas", "create-cost-explorer-process", "--start-date", "2026-09-01", "--end-date", "2026-10-01"];
    let started = run(&sandbox, start).await;
    let body: serde_json::Value = serde_json::from_str(&started.out).unwrap();
    let token = body["token"].as_str().unwrap();
    let ask = ["atlas", "get-cost-explorer-usage", "--token", token];
    let ran = run(&sandbox, &ask).await;
    assert_eq!(ran.status, 8, "{ran:?}");
    let ran = run(&sandbox, &[&ask[..], &["--wait"]].concat()).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.contains("usageDetails"), "{}", ran.out);
}

/// A result that never comes is waited for as long as `--timeout` says.
#[tokio::test]
async fn waiting_has_an_end() {
    let sandbox = Sandbox::builder().estate(Estate::new()).cost_explorer_polls(u32::MAX).start().await.unwrap();
    let start = &["atlas", "create-cost-explorer-process", "--start-date", "2026-09-01", "--end-date", "2026-10-01"];
    let started = run(&sandbox, start).await;
    let body: serde_json::Value = serde_json::from_str(&started.out).unwrap();
    let token = body["token"].as_str().unwrap();
    let ran = run(&sandbox, &["atlas", "get-cost-explorer-usage", "--token", token, "--wait", "--timeout", "1"]).await;
    assert!(ran.status == 7 && ran.err.contains("no result") && ran.err.contains("the same command"), "{ran:?}");
}

/// A list that breaks leaves what it has, and a token that leads on to the rest.
#[tokio::test]
async fn a_broken_list_is_10_and_the_token_leads_on() {
    let sandbox = sandbox().await;
    let whole = run(&sandbox, ALL).await;
    assert_eq!((whole.status, whole.out.lines().count()), (0, 13), "{whole:?}");
    // The second page. Pages are asked for ahead, so that the order of requests says nothing.
    sandbox.inject(Fault::status(400).on("listInvoices").target("2").always()).unwrap();
    let broken = run(&sandbox, ALL).await;
    assert_eq!(broken.status, 10, "{broken:?}");
    let token = broken.err.lines().find_map(|line| line.strip_prefix("resume: ")).unwrap();
    sandbox.clear_faults();
    let rest = run(&sandbox, &[ALL, &["--resume", token]].concat()).await;
    assert_eq!(rest.status, 0, "{rest:?}");
    assert_eq!(broken.out + &rest.out, whole.out);
}

#[tokio::test]
async fn parts_of_a_list_make_the_whole() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let file = file.to_str().unwrap();
    let whole = run(&sandbox, ALL).await;
    let mut parts = String::new();
    for _ in 0..4 {
        let part = run(&sandbox, &[LIST, &["--max-items", "4", "--resume-file", file]].concat()).await;
        assert_eq!(part.status, 0, "{part:?}");
        parts += &part.out;
    }
    assert_eq!(parts, whole.out);
    assert!(!std::path::Path::new(file).exists(), "the list is at its end");
}

#[tokio::test]
async fn a_file_is_written_as_a_whole_or_not_at_all() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("invoice.csv");
    let line = ["atlas", "get-invoice-csv", "--out", path.to_str().unwrap()];
    std::fs::write(&path, "before").unwrap();
    sandbox.inject(Fault::reset(Cut::Body).on("getInvoiceCsv").always()).unwrap();
    let ran = run(&sandbox, &line).await;
    assert_ne!(ran.status, 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");

    let sandbox = self::sandbox().await;
    let ran = run(&sandbox, &line).await;
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    assert!(std::fs::read_to_string(&path).unwrap().contains("Invoice Number"));
}

#[tokio::test]
async fn errors_can_be_json() {
    let sandbox = sandbox().await;
    sandbox.inject("404:always".parse::<Fault>().unwrap().on("listInvoices")).unwrap();
    let ran = run(&sandbox, &[LIST, &["-o", "json"]].concat()).await;
    let error: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    let error = &error["error"];
    assert_eq!(
        (&error["exit"], &error["status"], &error["operation"]),
        (&6.into(), &404.into(), &"listInvoices".into())
    );
    assert!(error["requestId"].is_string() && error["message"].is_string());
}

/// The program as a process, with the environment of a sandbox.
fn process(sandbox: &Sandbox, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudbill"));
    command.args(line).env_clear().envs(sandbox.environment());
    command
}

#[cfg(unix)]
#[tokio::test]
async fn a_closed_pipe_is_no_failure() {
    let sandbox = Sandbox::builder().estate(Estate::new().instances(3_000)).start().await.unwrap();
    let line = ["ibm", "get-resource-usage-account", "--all"];
    let mut child = process(&sandbox, &line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(child.wait().unwrap().success() && first.starts_with('{'), "{first}{err}");
    assert!(!err.contains("error"), "{err}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_a_failure() {
    let sandbox = sandbox().await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = process(&sandbox, LIST).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.starts_with("error: cannot write the output: "), "{err}");

    let output = process(&sandbox, &[LIST, &["--out", "/dev/full"]].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    // A limit on the size of files, which ends a program that does not handle it.
    let directory = tempfile::tempdir().unwrap();
    let script = "ulimit -f 1; trap '' XFSZ; exec \"$0\" \"$@\"";
    let path = directory.path().join("all.json");
    let mut limited = Command::new("sh");
    limited.args(["-c", script, env!("CARGO_BIN_EXE_cloudbill")]).args(LIST).args(["--out", path.to_str().unwrap()]);
    let output = limited.env_clear().env("PATH", "/usr/bin:/bin").envs(sandbox.environment()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is left");
}

/// Starts a list whose second page does not come, and sends it a signal once it has asked for that page: the items of the first
/// page are then printed. Returns the exit status, standard output and standard error.
#[cfg(unix)]
async fn ended_at_the_second_page(sandbox: &Sandbox, signal: &str, line: &[&str]) -> (Option<i32>, String, String) {
    let never = std::time::Duration::from_secs(600);
    sandbox.inject(Fault::latency(never).on("listInvoices").target("2").always()).unwrap();
    let mut child = process(sandbox, line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !sandbox.requests().iter().any(|request| request.target.contains("pageNum=2")) {
        tokio::task::yield_now().await;
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    sandbox.clear_faults();
    (status.code(), out, err)
}

/// As with Ctrl-C, so that nothing is left where a scheduler ends the program.
#[cfg(unix)]
#[tokio::test]
async fn a_terminated_list_is_143_and_leaves_no_file() {
    let sandbox = sandbox().await;
    let (status, out, err) = ended_at_the_second_page(&sandbox, "-TERM", ALL).await;
    assert_eq!((status, out.lines().count()), (Some(143), 5), "{err}");
    assert!(err.contains("error: terminated") && err.contains("resume: "), "{err}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out");
    let sandbox = self::sandbox().await;
    let line = [ALL, &["--out", path.to_str().unwrap()]].concat();
    let (status, _, err) = ended_at_the_second_page(&sandbox, "-TERM", &line).await;
    assert_eq!((status, std::fs::read_dir(directory.path()).unwrap().count()), (Some(143), 0), "{err}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_list_is_130_and_the_token_leads_on() {
    let sandbox = sandbox().await;
    let (status, out, err) = ended_at_the_second_page(&sandbox, "-INT", ALL).await;
    assert_eq!((status, out.lines().count()), (Some(130), 5), "{err}");
    let token = err.lines().find_map(|line| line.strip_prefix("resume: ")).unwrap();
    let rest = run(&sandbox, &[ALL, &["--resume", token]].concat()).await;
    assert_eq!((rest.status, rest.out.lines().count()), (0, 8), "{rest:?}");
}

/// A file that is replaced keeps its permissions; a new one has those of any new file.
#[cfg(unix)]
#[tokio::test]
async fn a_written_file_has_the_usual_permissions() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.json");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let line = [LIST, &["--out", path.to_str().unwrap()]].concat();
    assert_eq!(run(&sandbox, &line).await.status, 0);
    std::fs::write(directory.path().join("other"), "").unwrap();
    assert_eq!(mode(&path), mode(&directory.path().join("other")));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o4640)).unwrap();
    assert_eq!(run(&sandbox, &line).await.status, 0);
    assert_eq!(mode(&path), 0o640);
}

/// Nothing from a file, a variable or an argument steers the terminal, or passes for a line of ours.
#[tokio::test]
async fn errors_are_on_one_line_without_control_characters() {
    let sandbox = sandbox().await;
    let body = "{\"startDate\":\"2026-01-01\",\"endDate\":\"2026-02-01\",\"\\u001b[2J\\u202ekey\\nerror: fake\":1}";
    let month = "2026-01\u{1b}[2J\n\u{202e}";
    for line in [
        &["atlas", "create-cost-explorer-process", "--body", body][..],
        &["ibm", "get-account-usage", "--billing-month", month],
        &["atlas", "list-invoices", "--out", "/nowhere/\u{1b}[2J/x"],
        &["atlas", "list-invoices", "--resume", "@/nowhere/\u{202e}"],
        &["atlas", "list-invoices", "--no\u{1b}[2Jsuch"],
    ] {
        let ran = run(&sandbox, line).await;
        assert!(ran.status != 0 && ran.err.lines().filter(|line| line.starts_with("error")).count() == 1, "{ran:?}");
        assert!(!ran.err.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    }
}
