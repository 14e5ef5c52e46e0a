//! `docs`: the tree of commands, for people as lines and for programs as JSON.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::failure::Failure;
use crate::flags;

/// The command `docs`.
pub(crate) fn command() -> Command {
    Command::new("docs")
        .about("Print all commands with their flags")
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON, with all that --help says"))
}

/// Prints the tree.
pub(crate) fn run(tree: &Command, matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let text = if flags::is_on(matches, "json") {
        let text = serde_json::to_string_pretty(&of_command(tree, true)).unwrap_or_default();
        format!("{text}\n")
    } else {
        lines(tree, tree.get_name())
    };
    context.write(text.as_bytes())?;
    context.flush()?;
    Ok(0)
}

/// A line for each command that does something.
fn lines(command: &Command, path: &str) -> String {
    let mut all = String::new();
    for command in shown(command) {
        let path = format!("{path} {}", command.get_name());
        match command.has_subcommands() {
            true => all += &lines(command, &path),
            false => all += &format!("{path}\n    {}\n", about(command)),
        }
    }
    all
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set())
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn of_command(command: &Command, is_root: bool) -> Value {
    // Flags of all commands are those of the root.
    let is_own = |arg: &&Arg| !arg.is_hide_set() && arg.get_id() != "help" && (is_root || !arg.is_global_set());
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!(command.get_name()));
    fields.insert("about".to_owned(), json!(about(command)));
    if let Some(long) = command.get_long_about().filter(|_| !command.has_subcommands()) {
        fields.insert("description".to_owned(), json!(long.to_string()));
    }
    let lists = [
        ("aliases", command.get_all_aliases().map(Value::from).collect::<Vec<_>>()),
        ("arguments", command.get_positionals().filter(is_own).map(of_argument).collect()),
        ("flags", command.get_arguments().filter(|arg| !arg.is_positional()).filter(is_own).map(of_argument).collect()),
        ("commands", shown(command).map(|command| of_command(command, false)).collect()),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        fields.insert(name.to_owned(), Value::Array(list));
    }
    Value::Object(fields)
}

/// A flag or an argument. Properties that it does not have are left out.
fn of_argument(arg: &Arg) -> Value {
    let takes_value = arg.get_action().takes_values();
    let values = arg.get_possible_values().into_iter().filter(|_| takes_value);
    let fields = [
        ("name", json!(arg.get_long().unwrap_or_else(|| arg.get_id().as_str()))),
        ("short", json!(arg.get_short())),
        ("aliases", json!(arg.get_all_aliases())),
        ("group", json!(arg.get_help_heading())),
        ("help", json!(arg.get_help().map(ToString::to_string))),
        (
            "value",
            json!(
                arg.get_value_names()
                    .filter(|_| takes_value)
                    .and_then(|names| names.first())
                    .map(clap::builder::Str::as_str)
            ),
        ),
        ("values", json!(values.map(|value| value.get_name().to_owned()).collect::<Vec<_>>())),
        ("default", json!(arg.get_default_values().first().filter(|_| takes_value).and_then(|it| it.to_str()))),
        ("repeats", json!(matches!(arg.get_action(), ArgAction::Append | ArgAction::Count).then_some(true))),
        ("required", json!(arg.is_required_set().then_some(true))),
    ];
    let is_there = |value: &Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
    Value::Object(
        fields.into_iter().filter(|(_, value)| is_there(value)).map(|(name, it)| (name.to_owned(), it)).collect(),
    )
}
