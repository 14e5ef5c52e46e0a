//! Checks of parameters and request bodies against their documented constraints, before anything is sent.

mod constraint;
pub(crate) mod id;
pub(crate) mod param;

use std::fmt::Write;

pub use constraint::Constraint;
use param::Param;
pub use param::ParamValue;

use crate::value::NullableVec;

/// The number of problems that one error lists.
const MAX_PROBLEMS: usize = 16;

/// A request body that can be checked against its documented constraints.
///
/// Generated code implements this for every struct in a request. A body without constraints needs only an empty `impl`.
///
/// ```
/// use cloud_billing_core::{Check, Checker, Constraint};
///
/// struct Filter {
///     group_ids: Vec<String>,
/// }
///
/// impl Check for Filter {
///     fn check(&self, checker: &mut Checker) {
///         checker.field("groupIds", &self.group_ids, &[Constraint::Length { min: 24, max: 24 }]);
///     }
/// }
/// ```
pub trait Check {
    /// Reports every broken constraint to `checker`.
    fn check(&self, checker: &mut Checker) {
        let _ = checker;
    }
}

/// Collects the problems of a request.
#[derive(Debug, Default)]
pub struct Checker {
    /// The current place in the body, such as `filters.groupIds`.
    path: String,
    problems: Vec<String>,
}

impl Checker {
    /// Checks a field against its constraints. In a list each item is checked; an absent value passes.
    pub fn field<V: ParamValue + ?Sized>(&mut self, name: &str, value: &V, constraints: &[Constraint]) -> &mut Self {
        self.check_param(name, &value.param(), constraints);
        self
    }

    // Does not depend on the type of the value, so that it is compiled once.
    fn check_param(&mut self, name: &str, param: &Param<'_>, constraints: &[Constraint]) {
        for constraint in constraints {
            if let Some(violation) = constraint.violation(param) {
                let mut place = self.place(name);
                if let Some(index) = violation.index {
                    // Writing to a string cannot fail.
                    let _ = write!(place, "[{index}]");
                }
                self.report(format!("`{place}` {constraint}, found {}", violation.found));
                // Report one problem per field: the next constraint mostly repeats it.
                break;
            }
        }
    }

    /// Checks a field that has its own fields.
    pub fn nested<C: Check + ?Sized>(&mut self, name: &str, value: &C) -> &mut Self {
        let length = self.path.len();
        self.path = self.place(name);
        value.check(self);
        self.path.truncate(length);
        self
    }

    /// Reports a broken rule that no [`Constraint`] expresses, such as one between two fields.
    pub fn problem(&mut self, name: &str, rule: &str) -> &mut Self {
        let place = self.place(name);
        self.report(format!("`{place}` {rule}"));
        self
    }

    fn items<C: Check>(&mut self, items: &[C]) {
        let length = self.path.len();
        for (index, item) in items.iter().enumerate() {
            let _ = write!(self.path, "[{index}]");
            item.check(self);
            self.path.truncate(length);
        }
    }

    fn place(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub(crate) fn report(&mut self, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// All problems on one line, or `None` if there are none.
    pub(crate) fn summary(&self) -> Option<String> {
        (!self.problems.is_empty()).then(|| self.problems.join("; "))
    }
}

impl<C: Check + ?Sized> Check for &C {
    fn check(&self, checker: &mut Checker) {
        (**self).check(checker);
    }
}

impl<C: Check + ?Sized> Check for Box<C> {
    fn check(&self, checker: &mut Checker) {
        (**self).check(checker);
    }
}

impl<C: Check> Check for Option<C> {
    fn check(&self, checker: &mut Checker) {
        if let Some(value) = self {
            value.check(checker);
        }
    }
}

impl<C: Check> Check for [C] {
    fn check(&self, checker: &mut Checker) {
        checker.items(self);
    }
}

impl<C: Check> Check for Vec<C> {
    fn check(&self, checker: &mut Checker) {
        checker.items(self);
    }
}

impl<C: Check> Check for NullableVec<C> {
    fn check(&self, checker: &mut Checker) {
        checker.items(self);
    }
}

/// Free-form JSON has no constraints.
impl Check for serde_json::Value {}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &[Constraint] = &[Constraint::Chars { class: &[('0', '9')], min: 2, max: 2, anchored: true }];

    #[derive(Default)]
    struct Filters {
        group_ids: Option<Vec<&'static str>>,
    }

    impl Check for Filters {
        fn check(&self, checker: &mut Checker) {
            checker.field("groupIds", &self.group_ids, ID);
        }
    }

    #[derive(Default)]
    struct Body {
        name: &'static str,
        filters: Option<Filters>,
        more: NullableVec<Filters>,
    }

    impl Check for Body {
        fn check(&self, checker: &mut Checker) {
            checker.nested("filters", &self.filters).nested("more", &self.more).field(
                "name",
                &self.name,
                &[Constraint::Length { min: 0, max: 3 }, Constraint::Length { min: 0, max: 2 }],
            );
        }
    }

    fn summary(body: &Body) -> Option<String> {
        let mut checker = Checker::default();
        body.check(&mut checker);
        checker.summary()
    }

    #[test]
    fn a_problem_names_its_place() {
        let filters = |ids: &[&'static str]| Filters { group_ids: Some(ids.to_vec()) };
        let body = Body {
            name: "anna",
            filters: Some(filters(&["12", "34", "x"])),
            more: vec![Filters::default(), filters(&["1"])].into(),
        };
        assert_eq!(
            summary(&body).unwrap(),
            "`filters.groupIds[2]` must match ^[0-9]{2}$, found \"x\"; \
             `more[1].groupIds[0]` must match ^[0-9]{2}$, found \"1\"; \
             `name` must have at most 3 characters, found \"anna\""
        );
    }

    #[test]
    fn a_valid_body_has_none() {
        assert_eq!(summary(&Body::default()), None);
    }

    #[test]
    fn long_values_and_long_lists_of_problems_are_cut() {
        let mut checker = Checker::default();
        for _ in 0..100 {
            checker.field("id", &"y".repeat(1000), ID);
        }
        let summary = checker.summary().unwrap();
        assert_eq!(summary.matches("`id`").count(), MAX_PROBLEMS);
        assert!(summary.contains(&format!("found \"{}\"…", "y".repeat(64))));
    }
}
