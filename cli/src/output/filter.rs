//! `--jq`: filters of jq on JSON text.
//!
//! Numbers are kept as they are written until a filter computes with them, which is done in floating point as in jq. Filters see
//! neither files nor environment variables.

use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{Compiler, Ctx, Exn, Vars, compile};
use jaq_json::{Val, read};
use serde_json::value::RawValue;

use super::json;
use crate::failure::Failure;
use crate::text::printable;

/// How deeply values may be nested. The crate reads them by recursion.
const MAX_DEPTH: usize = 128;

/// Definitions of jq's library for dates, regular expressions, mathematics, encodings and logs. The functions that they
/// need are not built in. A filter that names one is refused.
const ABSENT: [&str; 26] = [
    "stderr",
    "debug",
    "halt_error",
    "logb",
    "significand",
    "pow10",
    "drem",
    "nexttoward",
    "scalb",
    "gamma",
    "test",
    "scan_",
    "scan",
    "match",
    "capture",
    "splits",
    "sub",
    "gsub",
    "todate",
    "fromdate",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
];

/// A filter that can run.
pub(crate) struct Filter(jaq_core::Filter<JustLut<Val>>);

impl Filter {
    /// Reads a filter.
    pub(crate) fn new(code: &str) -> Result<Self, Failure> {
        let at = |part: &str, problem: String| {
            let place = code[..load::span(code, part).start.min(code.len())].chars().count() + 1;
            Failure::usage(format!("--jq: {problem} at character {place}"))
        };
        let is_here = |name: &str, arguments: usize| !ABSENT.contains(&name) && (name, arguments) != ("split", 2);
        let library = jaq_std::defs().filter(|definition| is_here(definition.name, definition.args.len()));
        let definitions = jaq_core::defs().chain(library).chain(jaq_json::defs());
        let values = jaq_json::funs().filter(|(name, ..)| *name != "fromjson");
        let functions = jaq_core::funs().chain(jaq_std::base_funs()).chain(values).chain([fromjson(), test()]);
        let arena = Arena::default();
        let modules = Loader::new(definitions).load(&arena, File { code, path: () });
        let modules = modules.map_err(|errors| unreadable(errors, at))?;
        let filter = Compiler::default().with_funs(functions).compile(modules);
        filter.map(Self).map_err(|errors| undefined(errors, at))
    }

    /// Calls a function with each value that the filter makes of a JSON text.
    pub(crate) fn each(&self, text: &str, mut with: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        json::check_depth(text, MAX_DEPTH).map_err(|problem| Failure::new(9, format!("--jq: {problem}")))?;
        let input = read::parse_single(text.as_bytes());
        let input = input.map_err(|error| Failure::new(9, format!("--jq: the response is not JSON: {error}")))?;
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        for value in self.0.id.run((context, input)) {
            match value {
                Ok(value) => {
                    let text = value.to_string();
                    // The crate writes more than JSON has, such as NaN.
                    if serde_json::from_str::<&RawValue>(&text).is_err() {
                        return Err(Failure::new(1, format!("--jq: JSON has no {}", excerpt(&text))));
                    }
                    with(&text)?;
                }
                Err(exception) => match exception.get_err() {
                    Ok(error) => return Err(Failure::new(1, format!("--jq: {}", excerpt(&error.to_string())))),
                    // `halt` ends the filter.
                    Err(_) => return Ok(()),
                },
            }
        }
        Ok(())
    }
}

/// `fromjson`: the values of a text. The crate's own has no limit on the depth.
fn fromjson() -> Fun<JustLut<Val>> {
    run(("fromjson", v(0), |values| {
        let read = as_text(&values.1, "a text to read").and_then(|text| {
            json::check_depth(&text, MAX_DEPTH).map_err(jaq_json::Error::str)?;
            let value = |read: Result<Val, _>| read.map_err(|error| jaq_json::Error::str(format!("fromjson: {error}")));
            Ok(read::parse_many(text.as_bytes()).map(value).collect::<Vec<_>>())
        });
        let values = read.unwrap_or_else(|error| vec![Err(error)]);
        Box::new(values.into_iter().map(|value| value.map_err(Exn::from)))
    }))
}

/// `test(pattern)`: whether a text has a match of a regular expression.
fn test() -> Fun<JustLut<Val>> {
    run(("test", v(1), |mut values| {
        let pattern = values.0.pop_var();
        bome(has_match(&values.1, &pattern))
    }))
}

fn has_match(text: &Val, pattern: &Val) -> Result<Val, jaq_json::Error> {
    let as_text = |value| as_text(value, "a text to test");
    let pattern = regex_lite::Regex::new(&as_text(pattern)?).map_err(jaq_json::Error::str)?;
    Ok(Val::Bool(pattern.is_match(&as_text(text)?)))
}

fn as_text(value: &Val, what: &'static str) -> Result<String, jaq_json::Error> {
    match value {
        Val::TStr(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        other => Err(jaq_json::Error::typ(other.clone(), what)),
    }
}

type LoadErrors<'a> = load::Errors<&'a str, ()>;

/// The first mistake in the syntax.
fn unreadable(errors: LoadErrors<'_>, at: impl Fn(&str, String) -> Failure) -> Failure {
    match errors.into_iter().next().map(|(_, error)| error) {
        Some(load::Error::Lex(errors)) => first(errors.iter().map(|(expected, part)| (expected.as_str(), *part)), at),
        Some(load::Error::Parse(errors)) => first(errors.iter().map(|(expected, part)| (expected.as_str(), *part)), at),
        _ => Failure::usage("--jq: a filter cannot read modules"),
    }
}

fn first<'a>(mut errors: impl Iterator<Item = (&'a str, &'a str)>, at: impl Fn(&str, String) -> Failure) -> Failure {
    let error = errors.next().map(|(expected, part)| at(part, format!("the filter should have {expected}")));
    error.unwrap_or_else(|| Failure::usage("--jq: the filter cannot be read"))
}

/// The first name that is not defined.
fn undefined(errors: compile::Errors<&str, ()>, at: impl Fn(&str, String) -> Failure) -> Failure {
    let error = errors.into_iter().flat_map(|(_, errors)| errors).next();
    error.map_or_else(
        || Failure::usage("--jq: the filter cannot be used"),
        |(name, kind)| at(name, format!("there is no {} `{name}`", kind.as_str())),
    )
}

/// The beginning of a text of the filter.
fn excerpt(text: &str) -> String {
    printable(&text.chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values, or the failure as text.
    fn run(code: &str, json: &str) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        let filter = Filter::new(code).map_err(|failure| format!("{failure:?}"))?;
        let done = filter.each(json, |value| {
            values.push(value.to_owned());
            Ok(())
        });
        done.map(|()| values).map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn digits_are_kept_until_a_filter_computes() {
        let json = r#"{"a":[0.1234567890123456789012345,1.10,1E2,-0.00,12345678901234567890123,100.0]}"#;
        let one = |code| run(code, json).unwrap().concat();
        assert_eq!(one("."), json);
        assert_eq!(
            one(".a | {b: .[0], c: sort}"),
            r#"{"b":0.1234567890123456789012345,"c":[-0.00,0.1234567890123456789012345,1.10,1E2,100.0,12345678901234567890123]}"#
        );
        assert_eq!(one(".a[0] | tostring"), r#""0.1234567890123456789012345""#);
        // Integers are exact, whatever is done with them. All else is computed in floating point.
        assert_eq!(one(".a[4] * 10 + 1"), "123456789012345678901231");
        assert_eq!(one(".a[1] + 2.2"), "3.3000000000000003");
        assert_eq!(one(".a[0] + 0"), "0.12345678901234568");
        // The one that is written anew: an integer has no negative zero.
        assert_eq!(run(".", "[-0,007]").unwrap(), ["[0,7]"]);
    }

    #[test]
    fn what_filters_can() {
        let json = r#"{"results":[{"id":"a","n":2},{"id":"b","n":1}]}"#;
        assert_eq!(run(".results[].id", json).unwrap(), [r#""a""#, r#""b""#]);
        assert_eq!(run("[.results[] | select(.n > 1) | .id] | join(\",\")", json).unwrap(), [r#""a""#]);
        assert_eq!(run(".results | map(.n) | add, length, (add / 2 | floor)", json).unwrap(), ["3", "2", "1"]);
        assert_eq!(run(".results[] | select(.id | test(\"^[b-z]$\")) | .n", json).unwrap(), ["1"]);
        assert_eq!(run("group_by(.)[] | first, halt, 5", "[1]").unwrap(), ["1"]);
        assert_eq!(run("empty", json).unwrap(), [""; 0]);
        assert_eq!(run("fromjson", r##""[1.10] {\"a\":\"#[\"}""##).unwrap(), ["[1.10]", r##"{"a":"#["}"##]);
    }

    #[test]
    fn mistakes_are_found_before_anything_else() {
        for (code, problem) in [
            (".a |", "--jq: the filter should have term at character 5"),
            ("[.a", "--jq: the filter should have closing bracket at character 4"),
            ("\"é\" | (", "--jq: the filter should have closing parenthesis at character 8"),
            (".a | nothing(1)", "--jq: there is no filter `nothing` at character 6"),
            (".a as $x | $y", "--jq: there is no variable `$y` at character 12"),
            (r#"import "a" as a; ."#, "--jq: a filter cannot read modules"),
            ("env", "--jq: there is no filter `env` at character 1"),
            ("$ENV.PATH", "--jq: there is no variable `$ENV` at character 1"),
            ("input", "--jq: there is no filter `input` at character 1"),
        ] {
            let failure = Filter::new(code).err().map(|failure| format!("{failure:?}")).unwrap_or_default();
            assert!(failure.contains(problem) && failure.contains("status: 2"), "{code}: {failure}");
        }
    }

    #[test]
    fn failures_while_filtering() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        for (code, json, problem) in [
            (".a", "[]", "--jq: cannot index [] with \\\"a\\\""),
            ("error(\"x\\u001by\")", "0", "--jq: \\\"x\\\\u001by\\\""),
            ("1 / 0", "0", "--jq: JSON has no Infinity"),
            (".", "NaN", "--jq: JSON has no NaN"),
            (".", "{", "--jq: the response is not JSON"),
            (".", &deep, "more than 128 levels"),
            (".", &format!("{{# \"\n \"a\":{}", "[".repeat(1_000_000)), "the JSON has a comment"),
            ("fromjson", &format!("\"{}\"", "[".repeat(1_000_000)), "more than 128 levels"),
            ("tonumber", &format!("\"{}\"", "[".repeat(1_000_000)), "more than 128 levels"),
            ("fromjson", "[]", "a text to read"),
            ("fromjson", "\"[1\"", "fromjson: "),
        ] {
            let failure = run(code, json).unwrap_err();
            assert!(failure.contains(problem), "{code}: {failure}");
        }
    }
}
