//! Errors of starting a sandbox and of injecting faults.

use std::fmt;
use std::io;

/// Why a sandbox could not be started, or could not be given a fault.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Operation(String),
    Listen { name: &'static str, port: u16, source: io::Error },
    Thread(io::Error),
}

impl Error {
    /// A fault is for an operation that neither service has.
    pub(crate) fn operation(name: &str) -> Self {
        Self { kind: Kind::Operation(name.to_owned()) }
    }

    /// The sandbox cannot listen on the port of a service or of downloads.
    pub(crate) fn listen(name: &'static str, port: u16, source: io::Error) -> Self {
        Self { kind: Kind::Listen { name, port, source } }
    }

    /// The server thread or its runtime cannot be created.
    pub(crate) fn thread(source: io::Error) -> Self {
        Self { kind: Kind::Thread(source) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Operation(name) => write!(
                f,
                "a fault is on `{name}`, which is no operation of its service; the operations are those of its spec \
                 and those that `Fault::on` names"
            ),
            Kind::Listen { name, port: 0, .. } => write!(f, "no free port for {name}"),
            Kind::Listen { name, port, .. } => write!(f, "cannot listen on 127.0.0.1:{port} for {name}"),
            Kind::Thread(_) => f.write_str("cannot start the server's thread"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Operation(_) => None,
            Kind::Listen { source, .. } | Kind::Thread(source) => Some(source),
        }
    }
}
