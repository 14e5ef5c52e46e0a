//! The command line.

use lexopt::{Arg, Parser, ValueExt};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Usage: sandbox [--atlas-port N] [--ibm-port N] [--strict]

Serves the examples of both billing specs on the loopback interface and refuses
what the specs do not allow. Issues the tokens for both as well. Prints the
environment variables that point a client at it, with credentials that it
believes, and runs until it is interrupted.

  --atlas-port N   port of Atlas (default: a free one)
  --ibm-port N     port of IBM Cloud Usage Reports (default: a free one)
  --strict         believe only tokens that it issued itself
  -h, --help       print this";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    /// Port 0 stands for a free one.
    Serve {
        atlas_port: u16,
        ibm_port: u16,
        strict: bool,
    },
}

/// Reads the command line.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, lexopt::Error> {
    let (mut atlas_port, mut ibm_port, mut strict) = (0, 0, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("atlas-port") => atlas_port = parser.value()?.parse()?,
            Arg::Long("ibm-port") => ibm_port = parser.value()?.parse()?,
            Arg::Long("strict") => strict = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Serve { atlas_port, ibm_port, strict })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Command, String> {
        parse(Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn options() {
        assert_eq!(read(&[]), Ok(Command::Serve { atlas_port: 0, ibm_port: 0, strict: false }));
        assert_eq!(
            read(&["--atlas-port", "8001", "--strict", "--ibm-port=8002"]),
            Ok(Command::Serve { atlas_port: 8001, ibm_port: 8002, strict: true })
        );
        assert_eq!(read(&["-h"]), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(read(&["--port", "1"]), Err("invalid option '--port'".to_owned()));
        assert_eq!(read(&["--ibm-port"]), Err("missing argument for option '--ibm-port'".to_owned()));
        assert_eq!(
            read(&["--ibm-port", "70000"]),
            Err("cannot parse argument \"70000\": number too large to fit in target type".to_owned())
        );
        assert_eq!(read(&["x"]), Err("unexpected argument \"x\"".to_owned()));
    }
}
