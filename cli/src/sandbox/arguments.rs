//! The command line.

use std::ffi::OsString;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cloud_billing_sandbox::{Builder, Estate, Fault, RateLimit, Sandbox};
use lexopt::{Arg, Parser, ValueExt};

/// The text of `--help`.
pub(crate) const HELP: &str = include_str!("help.txt");

/// What the program is to do.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Help,
    Serve(Box<Builder>),
    /// Serve while a program runs: its name and its arguments.
    Run(Box<Builder>, Vec<OsString>),
}

/// Reads the command line.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, lexopt::Error> {
    // The program shows no request log, so it keeps none.
    let mut builder = Sandbox::builder().kept_requests(0);
    let mut estate = Estate::new();
    let (mut examples, mut processing, mut still) = (false, None, false);
    let mut command = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("port") => {
                let port: u16 = parser.value()?.parse()?;
                let after = |ports: u16| if port == 0 { 0 } else { port.saturating_add(ports) };
                builder =
                    builder.atlas_port(port).ibm_port(after(1)).downloads_port(after(2)).ibm_enterprise_port(after(3));
            }
            Arg::Long("atlas-port") => builder = builder.atlas_port(parser.value()?.parse()?),
            Arg::Long("ibm-port") => builder = builder.ibm_port(parser.value()?.parse()?),
            Arg::Long("downloads-port") => builder = builder.downloads_port(parser.value()?.parse()?),
            Arg::Long("ibm-enterprise-port") => {
                builder = builder.ibm_enterprise_port(parser.value()?.parse()?);
            }
            Arg::Long("client-timeout") => {
                builder = builder.client_timeout(Duration::from_secs(parser.value()?.parse()?));
            }
            Arg::Long("connections") => builder = builder.connections(parser.value()?.parse()?),
            Arg::Long("strict") => builder = builder.strict_credentials(true),
            Arg::Long("exact-versions") => builder = builder.exact_versions(true),
            Arg::Long("rate-limits") => builder = builder.rate_limits(),
            Arg::Long("rate-limit") => builder = builder.rate_limit(parser.value()?.parse_with(rate_limit)?),
            Arg::Long("now") => {
                still = true;
                builder = builder.now(parser.value()?.parse_with(time)?);
            }
            Arg::Long("latency") => {
                let latency = Duration::from_millis(parser.value()?.parse()?);
                builder = builder.fault(Fault::latency(latency).always());
            }
            Arg::Long("fault") => builder = builder.fault(parser.value()?.parse()?),
            Arg::Long("processing") => processing = Some(Duration::from_secs(parser.value()?.parse()?)),
            Arg::Long("examples") => examples = true,
            Arg::Long("irregular") => estate = estate.irregular(true),
            Arg::Long("no-snapshot-config") => estate = estate.snapshot_config(false),
            Arg::Long("seed") => estate = estate.seed(parser.value()?.parse()?),
            Arg::Long("size") => {
                let size = parser.value()?.parse()?;
                estate = estate.line_items(size).instances(size);
            }
            Arg::Long("line-items") => estate = estate.line_items(parser.value()?.parse()?),
            Arg::Long("instances") => estate = estate.instances(parser.value()?.parse()?),
            Arg::Long("months") => estate = estate.months(small(&mut parser)?),
            Arg::Long("organizations") => estate = estate.organizations(small(&mut parser)?),
            Arg::Long("projects") => estate = estate.projects(small(&mut parser)?),
            Arg::Long("clusters") => estate = estate.clusters(small(&mut parser)?),
            Arg::Long("ibm-accounts") => estate = estate.ibm_accounts(small(&mut parser)?),
            Arg::Long("resource-groups") => estate = estate.resource_groups(small(&mut parser)?),
            Arg::Long("ibm-organizations") => estate = estate.ibm_organizations(small(&mut parser)?),
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            // The rest belongs to the command.
            Arg::Value(program) => {
                command.push(program);
                command.extend(parser.raw_args()?);
            }
            other => return Err(other.unexpected()),
        }
    }
    // With a stopped clock, a job that takes time would never be ready.
    let processing = match processing {
        Some(time) if still && !time.is_zero() => {
            return Err("`--processing` takes a clock that runs, and `--now` stops it".into());
        }
        Some(time) => time,
        None => Duration::from_secs(if still { 0 } else { 2 }),
    };
    if !examples {
        builder = builder.estate(estate).cost_explorer_time(processing).report_time(processing);
    }
    let builder = Box::new(builder);
    Ok(if command.is_empty() { Command::Serve(builder) } else { Command::Run(builder, command) })
}

/// A number. Numbers that are too large become the maximum of their option.
fn small(parser: &mut Parser) -> Result<u32, lexopt::Error> {
    let number: u64 = parser.value()?.parse()?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Seconds since the epoch.
fn time(text: &str) -> Result<SystemTime, String> {
    let seconds = text.parse().map_err(|error| format!("is no number of seconds: {error}"))?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or_else(|| "is later than any time".to_owned())
}

/// Capacity, refill and seconds, as in `500/100/60`.
fn rate_limit(text: &str) -> Result<RateLimit, String> {
    let numbers: Option<Vec<u32>> = text.split('/').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some([capacity, refill, seconds]) => {
            Ok(RateLimit::new(*capacity, *refill, Duration::from_secs(u64::from(*seconds))))
        }
        _ => Err("is not of the form CAPACITY/REFILL/SECONDS".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<String, String> {
        match parse(Parser::from_args(arguments)) {
            Ok(Command::Serve(builder)) => Ok(format!("{builder:?}")),
            Ok(Command::Run(builder, command)) => Ok(format!("{builder:?} {command:?}")),
            Ok(Command::Help) => Ok("help".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The builder that a command line stands for.
    fn stands_for(arguments: &[&str], builder: &Builder) {
        assert_eq!(read(arguments), Ok(format!("{builder:?}")), "{arguments:?}");
    }

    #[test]
    fn options() {
        let plain = || Sandbox::builder().kept_requests(0);
        let two = Duration::from_secs(2);
        let with = |builder: Builder, estate| builder.estate(estate).cost_explorer_time(two).report_time(two);
        stands_for(&[], &with(plain(), Estate::new()));
        let ports = plain().atlas_port(8001).ibm_port(8002).downloads_port(8003).ibm_enterprise_port(8004);
        stands_for(&["--port", "8001"], &with(ports, Estate::new()));
        stands_for(&["--port=0"], &with(plain(), Estate::new()));
        stands_for(
            &["--atlas-port", "8001", "--strict", "--ibm-port=8002", "--examples", "--exact-versions"],
            &plain().atlas_port(8001).ibm_port(8002).strict_credentials(true).exact_versions(true),
        );
        stands_for(
            &["--seed=7", "--size=10", "--months=3", "--instances", "20", "--no-snapshot-config", "--irregular"],
            &with(
                plain(),
                Estate::new().seed(7).line_items(10).months(3).instances(20).snapshot_config(false).irregular(true),
            ),
        );
        let limited = plain()
            .rate_limit(RateLimit::new(5, 1, Duration::from_secs(60)))
            .fault(Fault::latency(Duration::from_millis(20)).always())
            .fault(Fault::status(503).first(2));
        stands_for(&["--rate-limit=5/1/60", "--latency=20", "--fault", "503:first=2"], &with(limited, Estate::new()));
        // With a stopped clock, queries are ready at once.
        let still = plain().now(UNIX_EPOCH + Duration::from_secs(5)).estate(Estate::new());
        stands_for(&["--now=5"], &still.cost_explorer_time(Duration::ZERO).report_time(Duration::ZERO));
        assert_eq!(read(&["-h"]), Ok("help".to_owned()));
        let run = with(plain().strict_credentials(true), Estate::new());
        let arguments = ["--strict", "cargo", "test", "--help", "--", "x"];
        assert_eq!(read(&arguments), Ok(format!("{run:?} {:?}", &arguments[1..])));
    }

    #[test]
    fn mistakes_are_named() {
        for (arguments, problem) in [
            (&["--prot", "1"][..], "invalid option '--prot'"),
            (&["--ibm-port"], "missing argument for option '--ibm-port'"),
            (&["--ibm-port", "70000"], "cannot parse argument \"70000\": number too large to fit in target type"),
            (
                &["--fault", "503:sometimes"],
                "cannot parse argument \"503:sometimes\": `503:sometimes` is no fault: there is no option `sometimes`",
            ),
            (&["--now=5", "--processing=1"], "`--processing` takes a clock that runs, and `--now` stops it"),
            (
                &["--now", "18446744073709551615"],
                "cannot parse argument \"18446744073709551615\": is later than any time",
            ),
            (&["--rate-limit", "5"], "cannot parse argument \"5\": is not of the form CAPACITY/REFILL/SECONDS"),
        ] {
            assert_eq!(read(arguments), Err(problem.to_owned()));
        }
    }

    #[test]
    fn every_option_is_explained() {
        for option in HELP.split_whitespace().filter(|word| word.starts_with("--")) {
            let refused = read(&[option, "1"]).err().unwrap_or_default();
            assert!(!refused.contains("invalid option"), "{option}: {refused}");
        }
    }
}
