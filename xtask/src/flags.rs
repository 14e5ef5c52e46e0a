//! The command line. A handful of commands and flags do not need a parser from elsewhere.

use std::path::PathBuf;

/// One command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Regen { check: bool, only: Option<String> },
    Lint { only: Option<String>, upstream: Option<String> },
    Drift { upstream: String, service: String, format: Format, record_texts: bool },
    Outline { only: Option<String>, diff: Option<String>, changelog: bool },
    AddService { name: String, spec: PathBuf },
    Services,
    Demo { arguments: Vec<String> },
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

/// Reads the arguments behind `cargo xtask`.
pub(crate) fn parse(arguments: Vec<String>) -> Result<Command, String> {
    let mut rest = arguments.into_iter();
    let Some(name) = rest.next() else { return Ok(Command::Help) };
    if name == "demo" {
        return Ok(Command::Demo { arguments: rest.skip_while(|argument| argument == "--").collect() });
    }
    if name == "bench" {
        return Ok(Command::Bench { arguments: rest.collect() });
    }
    if name == "drift" {
        return drift(rest);
    }
    if name == "add-service" {
        return add_service(rest);
    }
    let (mut check, mut changelog, mut only, mut upstream, mut diff) = (false, false, None, None, None);
    while let Some(flag) = rest.next() {
        match flag.as_str() {
            "--check" if name == "regen" => check = true,
            "--diff" if name == "outline" => diff = Some(rest.next().ok_or("`--diff` needs a revision of git")?),
            "--changelog" if name == "outline" => changelog = true,
            "--only" if name != "services" => only = Some(rest.next().ok_or("`--only` needs the name of a service")?),
            "--upstream" if name == "lint" => {
                upstream = Some(rest.next().ok_or("`--upstream` needs the file of the vendor's document")?);
            }
            "--help" | "-h" => return Ok(Command::Help),
            other => return Err(format!("`cargo xtask {name}` does not know `{other}`; see `cargo xtask help`")),
        }
    }
    match name.as_str() {
        "regen" => Ok(Command::Regen { check, only }),
        "lint" => Ok(Command::Lint { only, upstream }),
        "outline" if changelog && diff.is_none() => {
            Err("`--changelog` needs `--diff` and a revision of git".to_owned())
        }
        "outline" => Ok(Command::Outline { only, diff, changelog }),
        "services" => Ok(Command::Services),
        "help" | "--help" | "-h" => Ok(Command::Help),
        other => Err(format!("there is no command `{other}`; see `cargo xtask help`")),
    }
}

/// The arguments of `drift`, the one command that takes a file.
fn drift(mut rest: impl Iterator<Item = String>) -> Result<Command, String> {
    let (mut upstream, mut service, mut format, mut record_texts) = (None, None, Format::Text, false);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--service" => service = Some(rest.next().ok_or("`--service` needs the name of a service")?),
            "--format" => {
                format = match rest.next().as_deref() {
                    Some("text") => Format::Text,
                    Some("json") => Format::Json,
                    Some("toml") => Format::Toml,
                    _ => return Err("`--format` is one of: text, json, toml".to_owned()),
                };
            }
            "--record-texts" => record_texts = true,
            "--help" | "-h" => return Ok(Command::Help),
            flag if flag.starts_with('-') => {
                return Err(format!("`cargo xtask drift` does not know `{flag}`; see `cargo xtask help`"));
            }
            file if upstream.is_none() => upstream = Some(file.to_owned()),
            other => {
                return Err(format!("`cargo xtask drift` compares with one document, and `{other}` is a second one"));
            }
        }
    }
    let upstream = upstream.ok_or("`cargo xtask drift` needs the file of the vendor's document")?;
    let service = service.ok_or("`cargo xtask drift` needs `--service` and the name of a service")?;
    Ok(Command::Drift { upstream, service, format, record_texts })
}

fn add_service(mut rest: impl Iterator<Item = String>) -> Result<Command, String> {
    let (mut name, mut spec) = (None, None);
    while let Some(flag) = rest.next() {
        match flag.as_str() {
            "--spec" => spec = Some(rest.next().ok_or("`--spec` needs the file of the new service's spec")?),
            "--help" | "-h" => return Ok(Command::Help),
            other if name.is_none() && !other.starts_with('-') => name = Some(other.to_owned()),
            other => return Err(format!("`cargo xtask add-service` does not know `{other}`; see `cargo xtask help`")),
        }
    }
    match (name, spec) {
        (Some(name), Some(spec)) => Ok(Command::AddService { name, spec: spec.into() }),
        _ => Err("`cargo xtask add-service` needs a name and a spec: add-service acme-costs --spec FILE".to_owned()),
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
        let drift = Command::Drift { upstream, service, format: Format::Json, record_texts: false };
        assert_eq!(command("drift --service a v.json --format json"), Ok(drift));
        let demo = Command::Demo { arguments: vec!["--html".into(), "x".into()] };
        assert_eq!((command("demo --html x"), command("demo -- --html x")), (Ok(demo.clone()), Ok(demo)));
        assert_eq!(
            command("bench walk --rounds 3"),
            Ok(Command::Bench { arguments: ["walk", "--rounds", "3"].map(Into::into).into() })
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
