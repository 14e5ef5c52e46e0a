//! Errors of starting a sandbox and of injecting faults.

use std::fmt;
use std::io;

use crate::text::one_line;

/// Why a sandbox could not be started, or could not be given a fault.
#[derive(Debug)]
pub struct Error {
    text: String,
    source: Option<io::Error>,
}

impl Error {
    /// A fault is for an operation that neither service has.
    pub(crate) fn operation(name: &str) -> Self {
        let text = format!(
            "a fault is on `{name}`, which is no operation of its service; the operations are those of its spec and those \
             that `Fault::on` names"
        );
        Self { text: one_line(&text), source: None }
    }

    /// The sandbox cannot listen on the port of a service or of downloads.
    pub(crate) fn listen(name: &str, port: u16, source: io::Error) -> Self {
        let text = match port {
            0 => format!("no free port for {name}"),
            port => format!("cannot listen on 127.0.0.1:{port} for {name}"),
        };
        Self { text, source: Some(source) }
    }

    /// The server thread or its runtime cannot be created.
    pub(crate) fn thread(source: io::Error) -> Self {
        Self { text: "cannot start the server's thread".to_owned(), source: Some(source) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
