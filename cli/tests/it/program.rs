//! The program within the test: its streams are texts.

use std::ffi::OsString;
use std::io;
use std::time::SystemTime;

use cloud_billing_core::config::Environment;
use cloud_billing_sandbox::Sandbox;
use cloudbill::{Context, Terminal};
use test_support::stream::Kept;

/// What a run printed, and its exit status.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program with arguments, in an environment.
pub(crate) async fn run_in(environment: Environment, arguments: &[&str]) -> Ran {
    run_with(environment, arguments, "", Terminal::default()).await
}

/// Runs the program, with a standard input and a terminal.
pub(crate) async fn run_with(environment: Environment, arguments: &[&str], input: &str, terminal: Terminal) -> Ran {
    let input = Box::new(io::Cursor::new(input.to_owned()));
    run_as(environment, arguments, |context| {
        context.input = input;
        context.terminal = terminal;
    })
    .await
}

/// Runs the program at a time.
pub(crate) async fn run_at(now: SystemTime, environment: Environment, arguments: &[&str]) -> Ran {
    run_as(environment, arguments, |context| context.now = now).await
}

async fn run_as(environment: Environment, arguments: &[&str], change: impl FnOnce(&mut Context)) -> Ran {
    let (out, err) = (Kept::default(), Kept::default());
    let mut context = Context::new(environment, Box::new(out.clone()), Box::new(err.clone()));
    change(&mut context);
    let arguments = ["cloudbill"].iter().chain(arguments).map(OsString::from).collect();
    let status = cloudbill::run(arguments, context).await;
    Ran { status, out: out.text(), err: err.text() }
}

/// Runs the program against a sandbox.
pub(crate) async fn run(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    run_in(sandbox.environment().into_iter().collect(), arguments).await
}
