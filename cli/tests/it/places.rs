//! Files that the program writes: what it must not replace, and what an early end leaves.

use std::fs;

use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::{Estate, Sandbox};
use test_support::server::{Reply, Server, json};

use crate::program::{run, run_in};

const LIST: &[&str] = &["atlas", "list-invoices", "--items-per-page", "5"];
const USAGE: &[&str] = &["ibm", "get-resource-usage-account", "--billing-month", "2026-10"];

async fn sandbox() -> Sandbox {
    Sandbox::builder().estate(Estate::new().organizations(1)).start().await.unwrap()
}

fn variables(server: &Server) -> [(&'static str, String); 3] {
    [
        ("USAGE_REPORTS_URL", server.url.clone()),
        ("USAGE_REPORTS_AUTH_TYPE", "noauth".to_owned()),
        ("USAGE_REPORTS_ACCOUNT_ID", "4f6e0c1b9a7d42e38b5c2d71f0a9e864".to_owned()),
    ]
}

/// The token would take the place of the output, and then be removed.
#[tokio::test]
async fn the_output_and_the_token_are_two_files() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(path("in")).unwrap();
    for (out, token) in [(path("f"), path("f")), (path("f"), path("in/../f"))] {
        let ran = run(&sandbox, &[LIST, &["--all", "--out", &out, "--resume-file", &token]].concat()).await;
        assert!(ran.status == 2 && ran.err.contains("--out and --resume-file are both "), "{ran:?}");
    }
    assert_eq!(sandbox.requests().len(), 0);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn only_a_token_is_replaced_by_a_token() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("important");
    fs::write(&file, "important\n").unwrap();
    let ran = run(&sandbox, &[LIST, &["--max-items", "2"]].concat()).await;
    let token = ran.err.trim().trim_start_matches("resume: ");
    for more in [&["--max-items", "2"][..], &[]] {
        let line = [LIST, &["--resume", token, "--resume-file", file.to_str().unwrap()], more].concat();
        let ran = run(&sandbox, &line).await;
        assert!(ran.status == 2 && ran.out.is_empty(), "{ran:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "important\n");
    }
}

#[tokio::test]
async fn a_place_where_no_token_can_be_kept_is_refused_at_once() {
    let sandbox = sandbox().await;
    let ran = run(&sandbox, &[LIST, &["--max-items", "2", "--resume-file", "no/such/folder/token"]].concat()).await;
    assert!(ran.status == 1 && ran.out.is_empty() && ran.err.contains("cannot write no/such/folder/token"), "{ran:?}");
    assert_eq!(sandbox.requests().len(), 0);
}

/// The token is printed, also if the file cannot be written.
#[tokio::test]
async fn a_token_that_cannot_be_kept_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let place = file.clone();
    let server = Server::start(move |request| {
        if request.target().contains("_start=two") {
            fs::write(&place, "important").unwrap();
            return Reply::Send(json(403, "{}"));
        }
        Reply::Send(json(200, r#"{"resources":[{"account_id":"a"}],"next":{"offset":"two"}}"#))
    })
    .await;
    let environment = || variables(&server).into_iter().collect::<Environment>();
    for more in [&["--all"][..], &["--max-items", "1"]] {
        let _ = fs::remove_file(&file);
        let ran = run_in(environment(), &[USAGE, more, &["--resume-file", file.to_str().unwrap()]].concat()).await;
        let kept = fs::read_to_string(&file).unwrap();
        assert!(ran.err.contains("resume: {") && ran.out.lines().count() == 1, "{ran:?}");
        // The second page is fetched ahead, or not.
        assert!(kept == "important" && ran.status == 10 || kept.starts_with('{') && ran.status == 0, "{kept}: {ran:?}");
    }
}

#[cfg(all(target_os = "linux", feature = "jq"))]
mod ended {
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;

    /// Sends a signal to a run that writes a file, and returns its exit status. Nothing of the file stays.
    async fn ended_by(signal: &str, reply: Reply, filter: &str, began: fn(&Path) -> bool) -> Option<i32> {
        let server = Server::start(move |_| reply.clone()).await;
        let directory = tempfile::tempdir().unwrap();
        // Under `nohup` the tests ignore a closed terminal, and the program would, too.
        let mut command = Command::new("/usr/bin/env");
        command.args(["--default-signal=HUP,INT,TERM", env!("CARGO_BIN_EXE_cloudbill")]);
        command.args(USAGE).args(["--jq", filter, "--out"]).arg(directory.path().join("out"));
        let mut running = command.env_clear().envs(variables(&server)).stderr(Stdio::null()).spawn().unwrap();
        while server.requests() == 0 || !began(directory.path()) {
            tokio::task::yield_now().await;
        }
        assert!(Command::new("kill").args([signal, &running.id().to_string()]).status().unwrap().success());
        let status = tokio::task::spawn_blocking(move || running.wait()).await.unwrap().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        status.code()
    }

    #[tokio::test]
    async fn a_filter_without_end_that_is_interrupted_leaves_no_file() {
        let has_bytes = |folder: &Path| {
            let mut files = fs::read_dir(folder).unwrap();
            files.any(|file| file.unwrap().metadata().is_ok_and(|file| file.len() > 0))
        };
        let reply = Reply::Send(json(200, "{}"));
        assert_eq!(ended_by("-INT", reply, "repeat(1)", has_bytes).await, Some(130));
    }

    #[tokio::test]
    async fn a_terminal_that_is_closed_leaves_no_file() {
        assert_eq!(ended_by("-HUP", Reply::Hang(Vec::new()), ".", |_| true).await, Some(129));
    }
}
