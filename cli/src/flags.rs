//! Flags and their values, also for commands without the flag.
//!
//! If a command lacks a flag, clap panics in debug builds and not in others. So all flags are read through this module.

use clap::{Arg, ArgAction, ArgMatches};

/// A switch.
pub(crate) fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

/// A flag with a value, named `of` in help.
pub(crate) fn value(name: &'static str, of: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(of)
}

/// Whether a switch is on. It is off where the command has no such switch.
#[must_use]
pub fn is_on(matches: &ArgMatches, name: &str) -> bool {
    matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or(false)
}

/// Whether a value is given. It is not where the command takes none.
pub(crate) fn is_given(matches: &ArgMatches, name: &str) -> bool {
    matches.try_contains_id(name).unwrap_or(false)
}

/// The value of a flag, if the command has it.
pub(crate) fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.try_get_one::<String>(name).ok().flatten().map(String::as_str)
}

/// How often a switch is given.
pub(crate) fn count(matches: &ArgMatches, name: &str) -> u8 {
    matches.try_get_one::<u8>(name).ok().flatten().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    fn parsed() -> ArgMatches {
        Command::new("x").arg(flag("on")).get_matches_from(["x", "--on"])
    }

    #[test]
    fn a_command_without_a_flag_is_asked_in_vain() {
        let matches = parsed();
        assert!(is_on(&matches, "on") && !is_on(&matches, "other") && !is_given(&matches, "other"));
        assert_eq!((text(&matches, "other"), count(&matches, "other")), (None, 0));
    }

    /// For the step of the gate that tests the program with clap as users have it: it must not be the other clap.
    #[test]
    #[ignore = "clap is without its debug assertions only if cargo is told so"]
    fn clap_is_without_debug_assertions() {
        assert!(parsed().try_contains_id("other").is_ok());
    }
}
