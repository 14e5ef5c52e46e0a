//! The process around the program: variables, streams, terminal.

use std::io::{self, IsTerminal, Read, Write};
use std::time::SystemTime;

use clap::ArgMatches;
use cloud_billing_core::config::Environment;

use crate::attempts::{Attempts, Shared};
use crate::failure::Failure;
use crate::flags;
use crate::text::printable;

/// What the program reads and writes.
pub struct Context {
    /// Variables and configuration files.
    pub environment: Environment,
    /// Standard output: data, and nothing else.
    pub out: Box<dyn Write + Send>,
    /// Standard error: errors, notes, progress.
    pub err: Box<dyn Write + Send>,
    /// Standard input. It is read only where a flag asks for it.
    pub input: Box<dyn Read + Send>,
    /// What is known of the terminal.
    pub terminal: Terminal,
    /// No notes and no progress.
    pub quiet: bool,
    /// The time, which decides what the current month is.
    pub now: SystemTime,
    /// Whether the progress of long work is shown.
    pub(crate) progress: bool,
    /// The settings that have the key of `IBMCLOUD_API_KEY`.
    pub(crate) of_ibmcloud: Vec<String>,
    /// What prints retries and attempts.
    pub(crate) attempts: Attempts,
    /// Whether errors are printed as JSON.
    pub(crate) json_errors: bool,
}

/// The terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    /// Whether standard output is one.
    pub out: bool,
    /// Whether standard error is one.
    pub err: bool,
    /// How many columns it has, where that is known.
    pub columns: Option<usize>,
    /// Whether standard output may have colours.
    pub colours: bool,
}

impl Context {
    /// This process.
    #[must_use]
    pub fn process() -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let plain = variable("NO_COLOR").is_some() || variable("TERM").is_some_and(|term| term == "dumb");
        let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        let columns =
            variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok()).filter(|columns| *columns > 0);
        let columns = columns.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)));
        let terminal = Terminal {
            out: out.is_terminal(),
            err: err.is_terminal(),
            columns,
            colours: forced || (out.is_terminal() && !plain),
        };
        let out = Box::new(io::BufWriter::with_capacity(64 * 1024, out));
        Self { input: Box::new(io::stdin()), terminal, ..Self::new(Environment::process(), out, Box::new(err)) }
    }

    /// From given variables and streams, without input and terminal, at the time of the system.
    #[must_use]
    pub fn new(environment: Environment, out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        let shared = Shared::new(err);
        Self {
            environment,
            out,
            err: Box::new(shared.clone()),
            input: Box::new(io::empty()),
            terminal: Terminal::default(),
            quiet: false,
            now: SystemTime::now(),
            progress: false,
            of_ibmcloud: Vec::new(),
            attempts: Attempts { level: 0, stream: shared },
            json_errors: false,
        }
    }

    /// Applies `--color`.
    pub(crate) fn set_colours(&mut self, when: Option<&str>) {
        match when {
            Some("always") => self.terminal.colours = true,
            Some("never") => self.terminal.colours = false,
            _ => {}
        }
    }

    /// Applies the flags that all commands have.
    pub(crate) fn set_up(&mut self, matches: &ArgMatches) {
        self.quiet = flags::is_on(matches, "quiet");
        self.attempts.level = if self.quiet { 0 } else { flags::count(matches, "verbose") };
        self.progress = self.terminal.err && !self.quiet && !flags::is_on(matches, "no-progress");
        if let Some(profile) = matches.get_one::<String>("profile") {
            self.environment = std::mem::replace(&mut self.environment, Environment::empty())
                .variable("MONGODB_ATLAS_PROFILE", profile.as_str());
        }
    }

    /// Writes data.
    ///
    /// # Errors
    ///
    /// If standard output cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.write_all(bytes).map_err(|error| Failure::output(&error))
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    ///
    /// If standard output cannot be written.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(|error| Failure::output(&error))
    }

    /// Prints a line for people on standard error. If that fails, the program goes on.
    pub fn note(&mut self, line: &str) {
        if !self.quiet {
            let _ = writeln!(self.err, "{}", printable(line));
        }
    }

    /// The value of an environment variable that is not a secret.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.environment.get(name)?.map(|value| value.expose().to_owned()).filter(|value| !value.is_empty()))
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}
