//! `-v` and `-vv`: retries and attempts on standard error.

use cloud_billing_sandbox::{Estate, Fault, Sandbox};

use crate::program::{Ran, run};

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().estate(Estate::new().organizations(1)).start().await.unwrap();
    sandbox.inject(Fault::status(503).on("listInvoices").first(2)).unwrap();
    sandbox
}

async fn list(sandbox: &Sandbox, flags: &[&str]) -> Ran {
    let ran = run(sandbox, &[flags, &["atlas", "list-invoices", "--status-names", "PAID"]].concat()).await;
    assert!(ran.status == 0 && ran.out.starts_with("{\"links\""), "{ran:?}");
    ran
}

/// The lines, without times.
fn lines(ran: &Ran) -> String {
    let words = |line: &str| {
        let time = |word: &str| {
            if word.parse::<f64>().is_ok() && word.contains('.') { "N".to_owned() } else { word.to_owned() }
        };
        line.split(' ').map(time).collect::<Vec<_>>().join(" ")
    };
    ran.err.lines().map(words).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn retries_and_attempts() {
    assert_eq!(list(&sandbox().await, &[]).await.err, "");
    assert_eq!(list(&sandbox().await, &["-q", "-vv"]).await.err, "");
    let retries = list(&sandbox().await, &["-v"]).await;
    assert_eq!(
        lines(&retries),
        "listInvoices: waits N s after attempt 1, because of 503\nlistInvoices: waits N s after attempt 2, because of 503"
    );
    let attempts = list(&sandbox().await, &["-vv"]).await;
    assert_eq!(
        lines(&attempts),
        "token: fetched after N s\n\
         listInvoices: attempt 1: 503 after N s\n\
         listInvoices: waits N s after attempt 1, because of 503\n\
         listInvoices: attempt 2: 503 after N s\n\
         listInvoices: waits N s after attempt 2, because of 503\n\
         listInvoices: attempt 3: 200 after N s"
    );
}

#[tokio::test]
async fn jobs_print_them_too() {
    let sandbox = Sandbox::builder().estate(Estate::new().organizations(1)).start().await.unwrap();
    let ran = run(&sandbox, &["bill", "--service", "atlas", "-vv"]).await;
    assert!(ran.status == 0 && ran.err.contains(": attempt 1: 200 after "), "{ran:?}");
}
