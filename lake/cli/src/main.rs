//! The program: what [`cloudbill_lake::run`] does with this process's arguments, variables and streams.

use std::process::ExitCode;

use cloudbill::Context;

#[tokio::main]
async fn main() -> ExitCode {
    ExitCode::from(cloudbill_lake::run(std::env::args_os().collect(), Context::process()).await)
}
