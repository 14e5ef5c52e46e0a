//! `--dry-run` and `--curl`: the request, without sending it. Neither needs a credential or a network.

use std::sync::{Arc, Mutex, PoisonError};

use cloud_billing_core::mock::MockResponse;
use cloud_billing_core::{CallOptions, HttpClient, RetryPolicy};

use super::request::Call;
use super::send;
use crate::context::Context;
use crate::failure::Failure;
use crate::service::Service;

/// Headers that curl is told. All others are the HTTP client's own.
const HEADERS: [&str; 4] = ["accept", "accept-language", "content-type", "x-focus-version"];

/// A request that would be sent.
struct Seen {
    method: String,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// Prints the request.
pub(super) async fn print(service: &Service, call: &Call, as_curl: bool, context: &mut Context) -> Result<u8, Failure> {
    let seen: Arc<Mutex<Option<Seen>>> = Arc::default();
    let into = Arc::clone(&seen);
    let http = HttpClient::mock(move |request| {
        let header = |name| Some((name, request.header(name)?.to_owned()));
        let seen = Seen {
            method: request.method().to_owned(),
            target: request.target().to_owned(),
            headers: HEADERS.into_iter().filter_map(header).collect(),
            body: String::from_utf8_lossy(request.body()).into_owned(),
        };
        *into.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        MockResponse::json(404, "{}")
    });
    let core = service.connect_to(&context.environment, http)?;
    let origin = origin(core.base_url()).to_owned();
    let core = core.with_options(CallOptions::new().retry(RetryPolicy::none()));
    // The mock refuses everything. What is wrong with the request itself has no status.
    if let Err(error) = send::fetch(&core, call.request(None)).await
        && error.status().is_none()
    {
        return Err(error.into());
    }
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let seen = seen.ok_or_else(|| Failure::new(1, "the request was not made"))?;
    let text = if as_curl { curl(&origin, &seen, service.variables) } else { plain(&origin, &seen) };
    context.write(text.as_bytes())?;
    context.flush()?;
    Ok(0)
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}

fn plain(origin: &str, seen: &Seen) -> String {
    let headers = seen.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    let body = if seen.body.is_empty() { String::new() } else { format!("\n{}\n", seen.body) };
    format!("{} {origin}{}\n{}{body}", seen.method, seen.target, headers.collect::<String>())
}

fn curl(origin: &str, seen: &Seen, variables: &str) -> String {
    let token = if variables.starts_with("MONGODB") { "ACCESS_TOKEN" } else { "BEARER_TOKEN" };
    let mut text =
        format!("curl --fail-with-body --request {} {}", seen.method, quoted(&format!("{origin}{}", seen.target)));
    text += &format!(" \\\n  --header \"Authorization: Bearer ${variables}_{token}\"");
    for (name, value) in &seen.headers {
        text += &format!(" \\\n  --header {}", quoted(&format!("{name}: {value}")));
    }
    if seen.body.is_empty() {
        return text + "\n";
    }
    // A line of the body that begins with the end word could end the text.
    format!(
        "{text} \\\n  --data-binary @- <<'END-OF-BODY'\n{}\nEND-OF-BODY\n",
        seen.body.replace("\nEND-OF-BODY", "\n END-OF-BODY")
    )
}

/// A text for a shell, in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
