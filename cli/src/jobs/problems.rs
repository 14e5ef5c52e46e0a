//! Failures of some organizations or accounts, while others succeed.

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Sink;

/// Failures of some organizations or accounts. They do not hide the bills of the others.
#[derive(Default)]
pub(super) struct Problems(Vec<Failure>);

impl Problems {
    /// One failure, and whose it is.
    pub(super) fn of(whose: &str, failure: impl Into<Failure>) -> Self {
        let mut problems = Self::default();
        problems.add(whose, failure);
        problems
    }

    /// Adds a failure, and says whose it is.
    pub(super) fn add(&mut self, whose: &str, failure: impl Into<Failure>) {
        self.0.push(failure.into().of(whose));
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(super) fn into_failures(self) -> Vec<Failure> {
        self.0
    }

    /// Ends an output. What lacks something must not take the place of a whole file: then the file is left as it was. Returns whether
    /// the output was kept.
    pub(super) fn finish(&self, sink: &mut Sink, context: &mut Context) -> Result<bool, Failure> {
        if !self.is_empty() && sink.is_file() {
            context.note("note: the file is not written, because it would not be whole");
            return Ok(false);
        }
        sink.finish(context).map(|()| true)
    }

    /// The exit status: that of the first failure, or else the given one. All failures but the first are printed; the
    /// caller of the job prints the first.
    pub(super) fn end(self, otherwise: u8, context: &mut Context) -> Result<u8, Failure> {
        let mut failures = self.0.into_iter();
        let Some(first) = failures.next() else { return Ok(otherwise) };
        for failure in failures {
            failure.report(context);
        }
        Err(first)
    }

    /// Prints all failures. The exit status is the given one, and that of the first failure if it is 0.
    pub(super) fn end_with(self, status: u8, context: &mut Context) -> Result<u8, Failure> {
        if status == 0 {
            return self.end(0, context);
        }
        for failure in self.0 {
            failure.report(context);
        }
        Ok(status)
    }
}
