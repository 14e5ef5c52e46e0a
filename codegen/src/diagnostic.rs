//! Faults of a spec: the place, the reason and the remedy of each.

use std::fmt::{self, Write as _};

/// One finding about a spec, rendered in the manner of rustc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Identifier of the rule, such as `schema-inline-enum`.
    pub rule: &'static str,
    /// The fault, in one line.
    pub message: String,
    /// Why the rule is there; empty for a fault of the generator.
    pub why: &'static str,
    /// The remedy.
    pub help: String,
    /// JSON pointer into the spec, in the form of a `$ref` fragment (`#/paths/...`).
    pub pointer: String,
    /// Name of the spec, as the caller gave it.
    pub file: String,
    /// One-based line and column, where known.
    pub position: Option<Position>,
    /// The source line at that position; of a long one its beginning.
    pub line: String,
}

/// The characters of a source line that are shown.
pub(crate) const WIDTH: usize = 200;

/// The findings that are printed.
const SHOWN: usize = 1000;

/// A place in a text, counted from one, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// Characters that a text of one line must not have: those that end it, turn its direction, or are not seen.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// A text of a spec as one line shows it.
struct Shown<T>(T);

impl<T: fmt::Display> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.to_string().chars() {
            if c != '\t' && is_control(c) { write!(f, "{}", c.escape_unicode())? } else { f.write_char(c)? }
        }
        Ok(())
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error[{}]: {}", self.rule, Shown(&self.message))?;
        let number = self.position.map_or_else(String::new, |at| at.line.to_string());
        let margin = " ".repeat(number.len());
        match self.position {
            Some(at) => {
                writeln!(f, "{margin}--> {}:{}:{}", self.file, at.line, at.column)?;
                writeln!(f, "{margin} |")?;
                writeln!(f, "{number} | {}", Shown(&self.line))?;
                writeln!(f, "{margin} | {}^", " ".repeat(at.column.saturating_sub(1).min(WIDTH)))?;
            }
            None => writeln!(f, "{margin}--> {}", self.file)?,
        }
        writeln!(f, "{margin} = at: {}", Shown(&self.pointer))?;
        if !self.why.is_empty() {
            writeln!(f, "{margin} = why: {}", self.why)?;
        }
        write!(f, "{margin} = help: {}", self.help)
    }
}

/// All faults of a spec, in the order of the text. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// `Ok` when there is nothing to report; otherwise the findings in the order of the text, without repeats.
    pub(crate) fn check(mut findings: Vec<Diagnostic>) -> Result<(), Self> {
        findings.sort_by(|a, b| (a.position, a.rule, &a.message).cmp(&(b.position, b.rule, &b.message)));
        findings.dedup();
        if findings.is_empty() { Ok(()) } else { Err(Self(findings)) }
    }

    /// The findings.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for finding in self.0.iter().take(SHOWN) {
            write!(text, "{finding}\n\n")?;
        }
        let (count, s) = (self.0.len(), if self.0.len() == 1 { "" } else { "s" });
        let shown = if count > SHOWN { format!(", of which the first {SHOWN} are shown") } else { String::new() };
        write!(f, "{text}{count} error{s}{shown}")
    }
}

impl std::error::Error for Diagnostics {}

/// The text of all findings, as a program prints it.
impl From<Diagnostics> for String {
    fn from(all: Diagnostics) -> Self {
        all.to_string()
    }
}
