//! The program: what [`cloudbill::run`] does with this process's arguments, variables and streams.

use std::process::ExitCode;

use cloudbill::Context;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    ExitCode::from(cloudbill::run(std::env::args_os().collect(), Context::process()).await)
}
