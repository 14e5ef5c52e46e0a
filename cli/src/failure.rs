//! Failures: how they are printed, and the exit status of each kind.

use std::error::Error as _;
use std::io;

use cloud_billing_core::{Error, ErrorKind};
use serde_json::json;

use crate::context::Context;
use crate::text::{escaped, printable};

/// The exit statuses, with the words of `help exit-status`.
pub(crate) const STATUSES: &[(u8, &str)] = &[
    (0, "done; also when the reader of the output went away"),
    (1, "anything not below"),
    (2, "wrong usage, or a value that breaks a documented rule; nothing was sent"),
    (3, "the configuration cannot be used"),
    (4, "no credential, or the service refused it (401) or its permissions (403)"),
    (5, "the service refused the request (other 4xx)"),
    (6, "not found (404)"),
    (7, "may work later: no connection, a timeout, too many requests (429), a server error (5xx)"),
    (8, "the result is not ready yet"),
    (9, "the response makes no sense, or is too large"),
    (10, "the output is not whole; the resume token on standard error leads on"),
    (20, "check: the books do not add up, or a limit is passed; compare: a cost differs, or a row has no partner"),
    (129, "the terminal was closed (SIGHUP)"),
    (130, "interrupted"),
    (143, "terminated by another program (SIGTERM)"),
];

/// Why the program ends without success.
#[derive(Debug)]
pub struct Failure {
    /// The exit status.
    pub(crate) status: u8,
    message: String,
    hint: Option<String>,
    error: Option<Error>,
    /// Whether the output could not be written.
    output: bool,
}

impl Failure {
    /// A failure with its exit status. The message is on one line and holds no secret.
    pub fn new(status: u8, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), hint: None, error: None, output: false }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(2, message)
    }

    /// Standard output cannot be written. A reader that closed it is no failure.
    pub(crate) fn output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { output: true, ..Self::new(0, "") };
        }
        Self { output: true, ..Self::new(1, format!("cannot write the output: {error}")) }
    }

    /// A file cannot be read or written.
    pub(crate) fn file(doing: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::new(1, format!("cannot {doing} {}: {error}", path.display()))
    }

    /// The same failure, with what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure; its message begins with whose it is.
    pub(crate) fn of(mut self, whose: &str) -> Self {
        self.message = format!("{whose}: {}", self.message);
        self
    }

    /// The same failure after a part of the output was written. Only after a failed call can the rest be fetched by
    /// resuming.
    pub(crate) fn in_part(mut self) -> Self {
        if self.error.is_some() {
            self.status = 10;
        }
        self
    }

    /// The same failure, with another exit status.
    pub(crate) fn with_status(mut self, status: u8) -> Self {
        self.status = status;
        self
    }

    /// Whether writing the output failed. How much of it arrived is then unknown.
    pub(crate) fn is_of_output(&self) -> bool {
        self.output
    }

    /// Prints it on standard error, and returns the exit status.
    pub fn report(&self, context: &mut Context) -> u8 {
        // What was written before belongs to the reader.
        let _ = context.out.flush();
        if self.message.is_empty() {
            return self.status;
        }
        let text = if context.json_errors { self.json() } else { self.text() };
        let _ = context.err.write_all(text.as_bytes());
        self.status
    }

    fn text(&self) -> String {
        let mut text = format!("error: {}\n", printable(&self.message));
        let mut source = self.error.as_ref().and_then(|error| error.source());
        while let Some(cause) = source {
            text += &format!("caused by: {}\n", printable(&cause.to_string()));
            source = cause.source();
        }
        if let Some(hint) = &self.hint {
            text += &format!("hint: {}\n", printable(hint));
        }
        text
    }

    fn json(&self) -> String {
        let error = self.error.as_ref();
        let fields = json!({
            "exit": self.status,
            "kind": error.map(|error| error.kind().to_string()),
            "message": self.message,
            "hint": self.hint,
            "operation": error.and_then(Error::operation),
            "status": error.and_then(Error::status),
            "code": error.and_then(Error::code),
            "requestId": error.and_then(Error::request_id),
            "retryAfter": error.and_then(Error::retry_after).map(|wait| wait.as_secs()),
        });
        escaped(&json!({ "error": fields }).to_string()) + "\n"
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let hint = hint(&error).map(str::to_owned);
        Self { status: status(&error), message: error.to_string(), hint, error: Some(error), output: false }
    }
}

/// The exit status of an error.
fn status(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::InvalidRequest => 2,
        ErrorKind::Configuration => 3,
        _ if error.is_auth() => 4,
        ErrorKind::NotReady => 8,
        ErrorKind::Api if error.status() == Some(404) => 6,
        _ if error.is_retryable() => 7,
        ErrorKind::Api => 5,
        ErrorKind::Decode
        | ErrorKind::Empty
        | ErrorKind::BodyTooLarge
        | ErrorKind::Redirect
        | ErrorKind::Tls
        | ErrorKind::ListChanged => 9,
        _ => 1,
    }
}

/// What the user can do about an error.
fn hint(error: &Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::Configuration | ErrorKind::Credential => {
            "`cloudbill whoami` shows which credentials are found, and `cloudbill help credentials` where they are looked for"
        }
        ErrorKind::NotReady => "ask again later, or let `--wait` do so",
        ErrorKind::Api if error.status() == Some(401) => {
            "the service does not accept the credential: `cloudbill whoami` shows which one was used"
        }
        ErrorKind::Api if error.status() == Some(403) => "`--help` of the command names the role that it needs",
        ErrorKind::ListChanged => "run it again",
        _ => return None,
    })
}

/// Prints what clap found wrong, or its help.
pub(crate) fn usage(context: &mut Context, error: &clap::Error) -> Result<u8, Failure> {
    let text = error.render();
    let coloured = |wanted: bool| if wanted { text.ansi().to_string() } else { text.to_string() };
    if error.use_stderr() {
        // It repeats arguments.
        let lines = coloured(false).lines().map(|line| printable(line) + "\n").collect::<String>();
        let _ = context.err.write_all(lines.as_bytes());
        return Ok(2);
    }
    let colours = context.terminal.colours;
    context.write(coloured(colours).as_bytes())?;
    context.flush()?;
    Ok(0)
}
