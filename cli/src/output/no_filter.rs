//! `--jq` in a program that is built without it.

use crate::failure::Failure;

/// No filter can be made.
pub(crate) enum Filter {}

impl Filter {
    pub(crate) fn new(_: &str) -> Result<Self, Failure> {
        Err(Failure::usage("--jq: this program is built without the feature `jq`"))
    }

    pub(crate) fn each(&self, _: &str, _: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        match *self {}
    }
}
