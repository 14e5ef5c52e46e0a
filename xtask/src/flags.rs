//! The command line. Five commands with two flags do not need a parser from elsewhere.

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Regen { check: bool, only: Option<String> },
    Lint { only: Option<String> },
    Outline { only: Option<String> },
    Demo { arguments: Vec<String> },
}

/// Reads the arguments behind `cargo xtask`.
pub(crate) fn parse(arguments: Vec<String>) -> Result<Command, String> {
    let mut rest = arguments.into_iter();
    let Some(name) = rest.next() else { return Ok(Command::Help) };
    if name == "demo" {
        return Ok(Command::Demo { arguments: rest.skip_while(|argument| argument == "--").collect() });
    }
    let (mut check, mut only) = (false, None);
    while let Some(flag) = rest.next() {
        match flag.as_str() {
            "--check" if name == "regen" => check = true,
            "--only" => only = Some(rest.next().ok_or("`--only` needs the name of a service")?),
            "--help" | "-h" => return Ok(Command::Help),
            other => return Err(format!("`cargo xtask {name}` does not know `{other}`; see `cargo xtask help`")),
        }
    }
    match name.as_str() {
        "regen" => Ok(Command::Regen { check, only }),
        "lint" => Ok(Command::Lint { only }),
        "outline" => Ok(Command::Outline { only }),
        "help" | "--help" | "-h" => Ok(Command::Help),
        other => Err(format!("there is no command `{other}`; see `cargo xtask help`")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, parse};

    fn command(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn commands() {
        assert_eq!(command(""), Ok(Command::Help));
        assert_eq!(command("regen --check"), Ok(Command::Regen { check: true, only: None }));
        assert_eq!(command("lint --only a"), Ok(Command::Lint { only: Some("a".into()) }));
        assert_eq!(command("demo -- --html x"), Ok(Command::Demo { arguments: vec!["--html".into(), "x".into()] }));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(command("lint --check").is_err_and(|e| e.contains("--check")));
        assert!(command("regen --only").is_err_and(|e| e.contains("--only")));
        assert!(command("regne").is_err_and(|e| e.contains("regne")));
    }
}
