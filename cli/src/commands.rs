//! The tree of commands, and which function runs each.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::context::Context;
use crate::docs;
use crate::failure::{Failure, STATUSES};
use crate::generated::SERVICES;
use crate::jobs;
use crate::lake;
use crate::operation::{self, names};
use crate::sandbox;
use crate::service::Service;

const ABOUT: &str = "Cloud bills of MongoDB Atlas and IBM Cloud";

const LONG_ABOUT: &str = "\
Cloud bills of MongoDB Atlas and IBM Cloud.

Credentials are found where the vendors' own tools look for them: see `cloudbill help credentials`. With --sandbox every command runs on invented data, without an account and without a network.";

/// How wide help is at most, in columns.
const WIDTH: usize = 100;

/// Further texts of `help`.
const TOPICS: &[(&str, &str)] = &[
    ("credentials", include_str!("help/credentials.txt")),
    ("environment", include_str!("help/environment.txt")),
    ("formats", include_str!("help/formats.txt")),
];

/// All commands.
pub(crate) fn tree() -> Command {
    let tree = Command::new("cloudbill")
        .about(ABOUT)
        .long_about(LONG_ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .max_term_width(WIDTH)
        .args(flags())
        .subcommands(jobs::commands())
        .subcommands(SERVICES.iter().map(operation::service))
        .subcommands(lake::commands())
        .subcommand(sandbox::command())
        .subcommand(completions())
        .subcommand(docs::command())
        .subcommand(help());
    #[cfg(feature = "man")]
    let tree = tree.subcommand(crate::man::command());
    tree
}

/// All commands, with what clap adds when it parses. For code that goes through all of them.
fn built() -> Command {
    let mut tree = tree();
    tree.build();
    tree
}

/// The flags of all commands.
pub(crate) fn flags() -> [Arg; 6] {
    let flag = |name: &'static str| Arg::new(name).long(name).global(true).help_heading("Everywhere");
    [
        flag("sandbox").action(ArgAction::SetTrue).help("Run on invented data, without an account and a network"),
        flag("profile").short('P').value_name("NAME").help("Profile of the Atlas CLI's configuration"),
        flag("color").value_name("WHEN").value_parser(["auto", "always", "never"]).help("Colours: auto, always, never"),
        flag("quiet").short('q').action(ArgAction::SetTrue).help("No notes and no progress"),
        flag("verbose").short('v').action(ArgAction::Count).help("Print retries; -vv also each attempt"),
        flag("no-progress").action(ArgAction::SetTrue).hide(true).help("No progress"),
    ]
}

fn completions() -> Command {
    let shell = Arg::new("shell").required(true).value_parser(clap::value_parser!(clap_complete::Shell));
    Command::new("completions").about("Print a completion script for a shell").arg(shell)
}

fn help() -> Command {
    let topics = TOPICS.iter().map(|(topic, _)| *topic).chain(["exit-status"]).collect::<Vec<_>>();
    Command::new("help")
        .about("Print help on a command or a topic")
        .long_about(format!("Print help on a command or a topic. Topics: {}", topics.join(", ")))
        .arg(Arg::new("of").num_args(0..).value_name("COMMAND|TOPIC"))
}

/// Runs the command that was given.
pub(crate) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    match matches.subcommand() {
        Some(("sandbox", matches)) => sandbox::run(matches, context).await,
        Some(("completions", matches)) => complete(matches, context),
        Some(("docs", matches)) => docs::run(&built(), matches, context),
        #[cfg(feature = "man")]
        Some(("man", matches)) => crate::man::run(built(), matches),
        Some(("help", matches)) => explain(matches, context),
        Some((command, matches)) => {
            if let Some(ended) = jobs::run(command, matches, context).await {
                return ended;
            }
            let service = Service::of_command(command);
            let found = service.zip(matches.subcommand());
            let found = found.and_then(|(service, (name, matches))| Some((service, service.named(name)?, matches)));
            match found {
                Some((service, operation, matches)) => operation::run(service, operation, matches, context).await,
                None => Err(Failure::usage(format!("there is no command `{command}`"))),
            }
        }
        None => Err(Failure::usage("no command was given")),
    }
}

fn complete(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let Some(shell) = matches.get_one::<clap_complete::Shell>("shell") else { return Ok(2) };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut tree(), "cloudbill", &mut script);
    context.write(&script)?;
    context.flush()?;
    Ok(0)
}

fn explain(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let of: Vec<&str> = matches.get_many::<String>("of").into_iter().flatten().map(String::as_str).collect();
    let topic = TOPICS.iter().find(|(topic, _)| of == [*topic]).map(|(_, text)| (*text).to_owned());
    let text = match topic {
        Some(text) if of == ["environment"] => text + &parameters(),
        Some(text) => text,
        None if of == ["exit-status"] => {
            STATUSES.iter().map(|(status, meaning)| format!("{status:>4}  {}\n", wrapped(meaning, 6, 80))).collect()
        }
        None => command_help(&of)?,
    };
    context.write(text.as_bytes())?;
    context.flush()?;
    Ok(0)
}

/// Text in lines up to a width, behind so many columns.
fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let (mut wrapped, mut column) = (String::new(), indent);
    for word in text.split(' ') {
        if column > indent && column + 1 + word.len() > width {
            wrapped += &format!("\n{:indent$}", "");
            column = indent;
        } else if column > indent {
            wrapped.push(' ');
            column += 1;
        }
        wrapped += word;
        column += word.len();
    }
    wrapped
}

/// The variables of required parameters, by service.
fn parameters() -> String {
    let mut text = String::new();
    for service in SERVICES {
        let all = service.catalogue().into_iter().flat_map(|catalogue| catalogue.operations);
        let required = all.flat_map(|operation| operation.parameters).filter(|parameter| parameter.required);
        let names: BTreeMap<String, String> =
            required.map(|parameter| (names::variable(service.variables, parameter), names::flag(parameter))).collect();
        text.extend(
            names.iter().map(|(variable, flag)| format!("  {variable:<46}  --{flag} of {}\n", service.command)),
        );
    }
    text
}

fn command_help(path: &[&str]) -> Result<String, Failure> {
    let mut tree = built();
    let mut command = &mut tree;
    for name in path {
        command = command
            .find_subcommand_mut(name)
            .ok_or_else(|| Failure::usage(format!("there is no command or topic `{name}`")))?;
    }
    Ok(command.render_long_help().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        tree().debug_assert();
    }
}
