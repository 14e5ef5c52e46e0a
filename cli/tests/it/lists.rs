//! `--all`, `--max-items`, `--resume` and `--resume-file`: what stays when a list ends early.

use std::fs;

use cloud_billing_sandbox::{Estate, Fault, Sandbox};

use crate::program::run;

const LIST: &[&str] = &["atlas", "list-invoices", "--items-per-page", "5"];

async fn sandbox() -> Sandbox {
    Sandbox::builder().estate(Estate::new().organizations(1)).start().await.unwrap()
}

/// Refuses the second page. Pages are asked for ahead, so that the order of requests says nothing.
fn broken(sandbox: &Sandbox) {
    sandbox.inject(Fault::status(400).on("listInvoices").target("2").always()).unwrap();
}

#[tokio::test]
async fn an_array_is_closed_on_an_error() {
    let sandbox = sandbox().await;
    broken(&sandbox);
    let ran = run(&sandbox, &[LIST, &["--all", "-o", "json"]].concat()).await;
    let items: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, items.len()), (10, 5), "{ran:?}");
}

/// Of the output nothing stays, so there is nothing to go on behind.
#[tokio::test]
async fn a_file_that_is_not_whole_leaves_neither_itself_nor_a_token() {
    let sandbox = sandbox().await;
    broken(&sandbox);
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (out, token) = (path("out"), path("token"));
    let ran = run(&sandbox, &[LIST, &["--all", "--out", &out, "--resume-file", &token]].concat()).await;
    assert_eq!((ran.status, ran.out.as_str()), (5, ""), "{ran:?}");
    assert!(!ran.err.contains("resume: "), "{ran:?}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);

    sandbox.clear_faults();
    let ran = run(&sandbox, &[LIST, &["--max-items", "7", "--out", &out, "--resume-file", &token]].concat()).await;
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 7);
    let rest = run(&sandbox, &[LIST, &["--resume", &format!("@{token}")]].concat()).await;
    assert_eq!((rest.status, rest.out.lines().count()), (0, 6), "{rest:?}");
}

/// A resume file is another file each time, so that no reader sees half of it.
#[cfg(unix)]
#[tokio::test]
async fn a_resume_file_is_replaced_as_a_whole() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let (token, other) = (directory.path().join("token"), directory.path().join("other"));
    let part = async || {
        let line = [LIST, &["--resume-file", token.to_str().unwrap(), "--max-items", "2"]].concat();
        let ran = run(&sandbox, &line).await;
        assert_eq!((ran.status, ran.out.lines().count()), (0, 2), "a line an item: {ran:?}");
    };
    part().await;
    fs::hard_link(&token, &other).unwrap();
    let before = fs::read_to_string(&other).unwrap();
    part().await;
    assert_eq!(fs::read_to_string(&other).unwrap(), before);
    assert_ne!(fs::read_to_string(&token).unwrap(), before);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn a_resume_file_alone_asks_for_the_list() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    let line = [LIST, &["--resume-file", token.to_str().unwrap()]].concat();
    let ran = run(&sandbox, &line).await;
    assert_eq!((ran.status, ran.out.lines().count(), ran.err.as_str()), (0, 13, ""), "{ran:?}");
    assert!(!token.exists());
    // A token that is none, and one of another list.
    fs::write(&token, "half of a tok").unwrap();
    assert_eq!(run(&sandbox, &line).await.status, 2);
    let ran = run(&sandbox, &["atlas", "list-orgs", "--items-per-page", "1", "--max-items", "1"]).await;
    fs::write(&token, ran.err.trim().trim_start_matches("resume: ")).unwrap();
    let ran = run(&sandbox, &line).await;
    assert!(ran.status == 2 && ran.out.is_empty(), "{ran:?}");
}

#[tokio::test]
async fn what_a_list_cannot_do_is_said() {
    let sandbox = sandbox().await;
    for (more, problem) in [
        (&["--max-items", "0"][..], "0 is not in 1.."),
        (&["--all", "--include"], "--include shows the headers of one response"),
        (&["--resume", "@no/such/file"], "cannot read the resume token from no/such/file"),
    ] {
        let ran = run(&sandbox, &[LIST, more].concat()).await;
        assert!(ran.status != 0 && ran.out.is_empty() && ran.err.contains(problem), "{ran:?}");
    }
    assert_eq!(sandbox.requests().len(), 0);
}

/// The rest of a list must not replace its beginning.
#[tokio::test]
async fn a_file_is_not_replaced_by_the_rest_of_a_list() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (out, token) = (path("out"), path("token"));
    let part = [LIST, &["--max-items", "4", "--out", &out, "--resume-file", &token]].concat();
    assert_eq!(run(&sandbox, &part).await.status, 0);
    let before = fs::read_to_string(&out).unwrap();
    let ran = run(&sandbox, &part).await;
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.err.contains("the file exists, and the list goes on in the middle"), "{}", ran.err);
    assert_eq!(fs::read_to_string(&out).unwrap(), before);
    let other = path("rest");
    let rest = [LIST, &["--all", "--out", &other, "--resume-file", &token]].concat();
    assert_eq!(run(&sandbox, &rest).await.status, 0);
    assert_eq!(fs::read_to_string(&other).unwrap().lines().count(), 13 - before.lines().count());
}

/// A pipe waits for its writer, also beyond `--timeout`.
#[cfg(unix)]
#[tokio::test]
async fn pipes_are_not_waited_for() {
    let sandbox = sandbox().await;
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.to_str().unwrap();
    let token = r#"{"version":2,"operation":"listInvoices","page":2}"#;
    for (line, what) in [
        (&["atlas", "create-cost-explorer-process", "--body", pipe][..], "the body"),
        (&[LIST, &["--resume", &format!("@{pipe}")]].concat(), "the resume token"),
        (&[LIST, &["--resume-file", pipe]].concat(), "the resume token"),
        // It would be written in the end.
        (&[LIST, &["--resume", token, "--max-items", "1", "--resume-file", pipe]].concat(), "the resume token"),
    ] {
        let ran = run(&sandbox, line).await;
        let problem = format!("error: cannot read {what} from {pipe}: it is not a regular file\n");
        assert!(ran.status == 2 && ran.out.is_empty() && ran.err.starts_with(&problem), "{ran:?}");
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_more_of_a_token_is_read_than_it_can_have() {
    let sandbox = sandbox().await;
    let ran = run(&sandbox, &[LIST, &["--all", "--resume", "@/dev/zero"]].concat()).await;
    assert_eq!(ran.status, 2, "{ran:?}");
}
