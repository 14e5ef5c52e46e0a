//! The command line. For so few commands and flags a parser library is not needed.

use std::path::PathBuf;

/// One command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Regen { check: bool, only: Option<String> },
    Lint { only: Option<String>, upstream: Option<String> },
    Drift { upstream: String, service: String, format: Format, record_texts: bool, reduce: bool },
    Outline { only: Option<String>, diff: Option<String>, changelog: bool },
    AddService { name: String, spec: PathBuf },
    Services,
    Demo { html: Option<String> },
    Bench { arguments: Vec<String> },
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
    Toml,
}

/// How messages name the value of a flag: a service, and the vendor's document.
const SERVICE: &str = "the name of a service";
const DOCUMENT: &str = "the file of the vendor's document";

/// Reads the arguments behind `cargo xtask`.
pub(crate) fn parse(arguments: Vec<String>) -> Result<Command, String> {
    let mut rest = arguments.into_iter();
    let Some(command) = rest.next() else { return Ok(Command::Help) };
    let mut given = Arguments { command: command.clone(), rest: rest.collect() };
    let parsed = match command.as_str() {
        // The program behind it reads its arguments itself.
        "bench" => return Ok(Command::Bench { arguments: given.rest }),
        "help" | "--help" | "-h" => return Ok(Command::Help),
        _ if given.flag("--help") || given.flag("-h") => return Ok(Command::Help),
        "demo" => Command::Demo { html: given.value("--html", "the file of the page")? },
        "regen" => Command::Regen { check: given.flag("--check"), only: given.value("--only", SERVICE)? },
        "lint" => {
            Command::Lint { only: given.value("--only", SERVICE)?, upstream: given.value("--upstream", DOCUMENT)? }
        }
        "drift" => Command::Drift {
            service: given.required("--service", SERVICE)?,
            format: given.format()?,
            record_texts: given.flag("--record-texts"),
            reduce: given.flag("--reduce"),
            upstream: given.free(DOCUMENT)?,
        },
        "outline" => {
            let diff = given.value("--diff", "a revision of git")?;
            let (only, changelog) = (given.value("--only", SERVICE)?, given.flag("--changelog"));
            if changelog && diff.is_none() {
                return Err("`--changelog` needs `--diff` and a revision of git".to_owned());
            }
            Command::Outline { only, diff, changelog }
        }
        "add-service" => Command::AddService {
            spec: given.required("--spec", "the file of the new service's spec")?.into(),
            name: given.free("the name of the new service, such as acme-costs")?,
        },
        "services" => Command::Services,
        other => return Err(format!("there is no command `{other}`; see `cargo xtask help`")),
    };
    given.finish().map(|()| parsed)
}

/// The arguments of a command that are not read yet.
struct Arguments {
    command: String,
    rest: Vec<String>,
}

impl Arguments {
    /// Whether a flag is given.
    fn flag(&mut self, name: &str) -> bool {
        let at = self.rest.iter().position(|argument| argument == name);
        at.map(|at| self.rest.remove(at)).is_some()
    }

    /// The value behind a flag, if the flag is given. `what` says what it is.
    fn value(&mut self, name: &str, what: &str) -> Result<Option<String>, String> {
        let Some(at) = self.rest.iter().position(|argument| argument == name) else { return Ok(None) };
        let value = self.rest.drain(at..self.rest.len().min(at + 2)).nth(1);
        value.map(Some).ok_or_else(|| format!("`{name}` needs {what}"))
    }

    /// The value behind a flag that has to be given.
    fn required(&mut self, name: &str, what: &str) -> Result<String, String> {
        self.value(name, what)?.ok_or_else(|| format!("`cargo xtask {}` needs `{name}` and {what}", self.command))
    }

    fn format(&mut self) -> Result<Format, String> {
        match self.value("--format", "a format")?.as_deref() {
            None | Some("text") => Ok(Format::Text),
            Some("json") => Ok(Format::Json),
            Some("toml") => Ok(Format::Toml),
            _ => Err("`--format` is one of: text, json, toml".to_owned()),
        }
    }

    /// The first argument that is not a flag. Flags with values must be read before.
    fn free(&mut self, what: &str) -> Result<String, String> {
        let at = self.rest.iter().position(|argument| !argument.starts_with('-'));
        at.map(|at| self.rest.remove(at)).ok_or_else(|| format!("`cargo xtask {}` needs {what}", self.command))
    }

    /// Checks that nothing is left over.
    fn finish(self) -> Result<(), String> {
        let Some(other) = self.rest.first() else { return Ok(()) };
        Err(format!("`cargo xtask {}` does not know `{other}`; see `cargo xtask help`", self.command))
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Format, parse};

    fn command(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn commands() {
        assert_eq!(command(""), Ok(Command::Help));
        assert_eq!(command("regen --check"), Ok(Command::Regen { check: true, only: None }));
        assert_eq!(command("lint --only a"), Ok(Command::Lint { only: Some("a".into()), upstream: None }));
        let lint = Command::Lint { only: None, upstream: Some("v.json".into()) };
        assert_eq!(command("lint --upstream v.json"), Ok(lint));
        let (upstream, service) = ("v.json".to_owned(), "a".to_owned());
        let drift = Command::Drift { upstream, service, format: Format::Json, record_texts: false, reduce: true };
        assert_eq!(command("drift --service a v.json --format json --reduce"), Ok(drift));
        assert_eq!(command("demo --html x"), Ok(Command::Demo { html: Some("x".into()) }));
        assert_eq!(
            command("bench list --rounds 3"),
            Ok(Command::Bench { arguments: ["list", "--rounds", "3"].map(Into::into).into() })
        );
        let outline = |changelog| Command::Outline { only: None, diff: Some("v1".into()), changelog };
        assert_eq!(command("outline --diff v1"), Ok(outline(false)));
        assert_eq!(command("outline --diff v1 --changelog"), Ok(outline(true)));
    }

    #[test]
    fn a_service_needs_a_name_and_a_spec() {
        let added = Command::AddService { name: "acme".into(), spec: "a.yaml".into() };
        assert_eq!(command("add-service acme --spec a.yaml"), Ok(added));
        for line in ["add-service", "add-service acme", "add-service --spec a.yaml", "add-service a b --spec c"] {
            assert!(command(line).is_err_and(|e| e.contains("add-service")), "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert!(command("lint --check").is_err_and(|e| e.contains("--check")));
        assert!(command("outline --changelog").is_err_and(|e| e.contains("--diff")));
        assert!(command("regen --only").is_err_and(|e| e.contains("--only")));
        assert!(command("drift v.json").is_err_and(|e| e.contains("--service")));
        assert!(command("drift --service a").is_err_and(|e| e.contains("document")));
        assert!(command("drift a b --service c").is_err_and(|e| e.contains("`b`")));
        assert!(command("drift a --format xml --service c").is_err_and(|e| e.contains("--format")));
        assert!(command("regne").is_err_and(|e| e.contains("regne")));
    }
}
