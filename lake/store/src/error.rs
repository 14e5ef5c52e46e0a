//! What can go wrong with a lake.

use std::fmt;

use cloud_billing_core::config::steers;

/// The longest message, in characters.
const MESSAGE: usize = 2_000;

/// Why something could not be done, with what it was about.
#[derive(Debug)]
pub struct Error {
    what: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error without a cause. The text must hold no secret.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: None }
    }

    /// An error with its cause.
    pub fn with(what: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { what: what.into(), source: Some(source.into()) }
    }
}

impl fmt::Display for Error {
    /// With all causes, on one line. Stores put the text of servers into them, and a cause into what it caused.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.what.clone();
        let mut source = self.source.as_deref().map(|source| source as &dyn std::error::Error);
        while let Some(error) = source {
            let cause = error.to_string();
            if !text.contains(&cause) {
                text.push_str(": ");
                text.push_str(&cause);
            }
            source = error.source();
        }
        f.write_str(&line(&text))
    }
}

/// A text on one line, not too long, without what steers a terminal.
fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MESSAGE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

impl std::error::Error for Error {}

impl From<cloud_billing_core::Error> for Error {
    fn from(error: cloud_billing_core::Error) -> Self {
        Self::new(error.to_string())
    }
}
