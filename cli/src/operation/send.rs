//! Sends one request, and prints its response.

use std::io::Write as _;
use std::time::Duration;

use clap::ArgMatches;
use cloud_billing_core::client::DEFAULT_ATTEMPT_TIMEOUT;
use cloud_billing_core::poll::{Polled, Polling};
use cloud_billing_core::{ByteStream, CallOptions, Core, Error, RawBody, Request, Response};

use super::request::Call;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags;
use crate::output::Output;
use crate::service::Service;
use crate::text::printable;

/// How a result is waited for that is not ready: as long as `--timeout` says, or else for ten minutes.
const POLLING: Polling =
    Polling::new(Duration::from_secs(1), Duration::from_secs(30)).with_poll_timeout(DEFAULT_ATTEMPT_TIMEOUT);

/// What came back.
pub(super) enum Answer {
    Json(Response<RawBody>),
    Bytes(Box<Response<ByteStream>>),
    Empty(Response<()>),
}

/// The client of a service.
pub(super) fn connect(service: &Service, matches: &ArgMatches, context: &Context) -> Result<Core, Failure> {
    let core = service.connect(&context.environment, context.attempts.clone())?;
    Ok(match seconds(matches) {
        Some(timeout) => core.with_options(CallOptions::new().overall_timeout(timeout)),
        None => core,
    })
}

/// Sends a request, whatever its response is.
pub(super) async fn fetch(core: &Core, request: Request) -> Result<Answer, Error> {
    Ok(match request.operation().accepted_type() {
        None => Answer::Empty(core.empty(request).await?),
        Some(media) if media.contains("json") => Answer::Json(core.raw(request).await?),
        Some(_) => Answer::Bytes(Box::new(core.bytes(request).await?)),
    })
}

/// Sends the request of a call, and prints the response.
pub(super) async fn run(
    core: Core,
    call: Call,
    mut output: Output,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<u8, Failure> {
    let answer = match flags::is_on(matches, "wait") {
        true => fetch_ready(&core, &call, matches, context).await?,
        false => fetch(&core, call.request(None)).await?,
    };
    if flags::is_on(matches, "include") {
        match &answer {
            Answer::Empty(response) => head(response, context),
            Answer::Json(response) => head(response, context),
            Answer::Bytes(response) => head(response, context),
        }
    }
    match answer {
        Answer::Empty(_) => {}
        Answer::Json(response) => output.body(&response.into_inner(), context)?,
        Answer::Bytes(response) => {
            let mut stream = response.into_inner();
            let mut any = false;
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|error| if any { Failure::from(error).in_part() } else { error.into() })?;
                any = true;
                output.bytes(&chunk, context)?;
            }
        }
    }
    output.finish(context)?;
    Ok(0)
}

/// The response, asked for again until the result is ready.
async fn fetch_ready(core: &Core, call: &Call, matches: &ArgMatches, context: &mut Context) -> Result<Answer, Error> {
    let polling = match seconds(matches) {
        Some(deadline) => POLLING.with_deadline(deadline).with_poll_timeout(deadline.min(POLLING.poll_timeout())),
        None => POLLING,
    };
    context.note(&format!("note: waits until the result is ready, for at most {} s", polling.deadline().as_secs()));
    let once = core.without_retries(polling.poll_timeout());
    let poll = || async { fetch(&once, call.request(None)).await.map(Polled::Ready) };
    polling.begin().until_ready(core, "the same command", poll).await
}

/// What `--timeout` says.
fn seconds(matches: &ArgMatches) -> Option<Duration> {
    matches.get_one::<u64>("timeout").copied().map(Duration::from_secs)
}

/// Prints status and headers on standard error.
fn head<T>(response: &Response<T>, context: &mut Context) {
    let mut text = format!("HTTP {}\n", response.status());
    for (name, value) in response.headers() {
        text += &format!("{name}: {}\n", printable(&String::from_utf8_lossy(value.as_bytes())));
    }
    let _ = writeln!(context.err, "{text}");
}
