//! Faults as text, for command lines and configuration.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Cut, Effect, Failure, Fault, RetryAfter};
use crate::spec::Service;
use crate::text::one_line;

/// A text that describes no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFaultError {
    text: String,
    problem: String,
}

impl fmt::Display for ParseFaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&format!("`{}` is no fault: {}", self.text, self.problem)))
    }
}

impl std::error::Error for ParseFaultError {}

/// An effect, then options after colons: `429:retry-after=1:every=10`,
/// `reset=body:on=getInvoiceCsv:nth=3`, `latency=200ms:always`.
///
/// | effect | |
/// |---|---|
/// | a status such as `503` | an error, with the options `retry-after=SECONDS`, `retry-after=date+SECONDS` and `code=CODE` |
/// | `latency=TIME` | a delayed response |
/// | `reset=AT`, `close=AT`, `stall=AT` | the connection is reset, closed or silent; `AT` is `start`, `headers` or `body` |
/// | `refuse=TIME` | the connection is reset, and new ones are refused for a time |
/// | `truncate`, `garbage`, `gzip`, `chunked`, `content-type=TYPE` | a changed body |
/// | `unknown-fields`, `unknown-values`, `nulls`, `repeat-cursor` | changed JSON |
/// | `expired-token` | a 401, and the token is expired from then on |
/// | `redirect=ORIGIN` | a 307 to another origin; its colons are not escaped |
///
/// Requests are chosen by `nth=N`, `first=N`, `every=N`, `always`, or `chance=PERCENT` with `seed=N`; operation and
/// service by `on=OPERATION`, `of=atlas`, `of=ibm` and `of=ibm-enterprise`; one organization or account by `target=ID`. Times are `200ms` or `2s`.
impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        read(text).map_err(|problem| ParseFaultError { text: text.to_owned(), problem })
    }
}

fn read(text: &str) -> Result<Fault, String> {
    let (what, options) = split(text);
    let (name, value) = what.split_once('=').unwrap_or((what, ""));
    let mut fault = match name {
        "latency" => Fault::latency(time(value)?),
        "reset" => Fault::reset(cut(value)?),
        "close" => Fault::close(cut(value)?),
        "stall" => Fault::stall(cut(value)?),
        "refuse" => Fault::refuse(time(value)?),
        "redirect" if value.starts_with("http") => Fault::redirect(value),
        "redirect" => return Err("`redirect` takes the origin to go to, such as http://127.0.0.1:8000".to_owned()),
        "truncate" => Fault::truncate(),
        "garbage" => Fault::garbage(),
        "gzip" => Fault::gzip(),
        "chunked" => Fault::chunked(),
        "content-type" => Fault::content_type(value),
        "unknown-fields" => Fault::unknown_fields(),
        "unknown-values" => Fault::unknown_values(),
        "nulls" => Fault::nulls(),
        "repeat-cursor" => Fault::repeat_cursor(),
        "expired-token" => Fault::expired_token(),
        status => Fault::failure(failure(status, &options)?),
    };
    let seed = options.iter().find_map(|(name, value)| (*name == "seed").then_some(*value));
    let seed = seed.map_or(Ok(0), |seed| number(seed, "seed"))?;
    for (name, value) in options {
        fault = match name {
            "on" => fault.on(value),
            "target" if value.is_empty() => return Err("`target` takes the id that a request is for".to_owned()),
            "target" => fault.target(value),
            "of" => fault.of(service(value)?),
            "nth" => fault.nth(count(value, name)?),
            "first" => fault.first(count(value, name)?),
            "every" => fault.every(count(value, name)?),
            "always" => fault.always(),
            "chance" => fault.chance(percent(value, name)?, seed),
            "seed" => fault,
            "code" | "retry-after" if matches!(fault.effect, Effect::Failure(_)) => fault,
            other => return Err(format!("there is no option `{other}`")),
        };
    }
    Ok(fault)
}

/// A service by the name that `of` takes.
fn service(name: &str) -> Result<Service, String> {
    match name {
        "atlas" => Ok(Service::Atlas),
        "ibm" => Ok(Service::Ibm),
        "ibm-enterprise" => Ok(Service::IbmEnterprise),
        _ => Err(format!("`of={name}` is none of `of=atlas`, `of=ibm` and `of=ibm-enterprise`")),
    }
}

/// The effect and the options. Colons of an origin are not separators.
fn split(text: &str) -> (&str, Vec<(&str, &str)>) {
    let scheme = text.find("://").map_or(0, |at| at + 3);
    // An origin's port is digits after a colon.
    let is_port = |at: usize| text[at + 1..].starts_with(|char: char| char.is_ascii_digit()) && scheme > 0;
    let first = text.match_indices(':').map(|(at, _)| at).find(|at| *at >= scheme && !is_port(*at));
    let (what, rest) = first.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
    let options = rest.split(':').filter(|option| !option.is_empty());
    (what, options.map(|option| option.split_once('=').unwrap_or((option, ""))).collect())
}

fn failure(status: &str, options: &[(&str, &str)]) -> Result<Failure, String> {
    let code = status.parse::<u16>().ok().filter(|code| (300..600).contains(code));
    let code = code.ok_or_else(|| format!("`{status}` is neither a status of an error nor the name of a fault"))?;
    options.iter().try_fold(Failure::new(code), |failure, (name, value)| {
        Ok(match *name {
            "code" => failure.code(*value),
            "retry-after" => failure.retry_after(match value.strip_prefix("date+") {
                Some(seconds) => RetryAfter::Date(Duration::from_secs(number(seconds, name)?)),
                None => RetryAfter::Seconds(number(value, name)?),
            }),
            _ => failure,
        })
    })
}

fn number<T: FromStr>(text: &str, name: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{name}={text}` has no number that fits"))
}

/// A number of requests. Zero would never apply.
fn count(text: &str, name: &str) -> Result<u32, String> {
    match number(text, name)? {
        0 => Err(format!("`{name}=0` applies to no request; requests are counted from 1")),
        count => Ok(count),
    }
}

fn percent(text: &str, name: &str) -> Result<u32, String> {
    match number(text, name)? {
        percent @ 0..=100 => Ok(percent),
        _ => Err(format!("`{name}={text}` is more than a hundred percent")),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let millis = text.strip_suffix("ms").map(str::parse::<u64>);
    let seconds = text.strip_suffix('s').map(str::parse::<u64>);
    match (millis, seconds) {
        (Some(Ok(millis)), _) => Ok(Duration::from_millis(millis)),
        (_, Some(Ok(seconds))) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("`{text}` is no time such as 200ms or 2s")),
    }
}

fn cut(text: &str) -> Result<Cut, String> {
    match text {
        "start" => Ok(Cut::Start),
        "headers" => Ok(Cut::Headers),
        "body" => Ok(Cut::Body),
        _ => Err(format!("`{text}` is neither `start` nor `headers` nor `body`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match text.parse::<Fault>() {
            Ok(fault) => format!("{fault:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn texts_are_faults() {
        for (text, fault) in [
            (
                "429:retry-after=1:every=10",
                Fault::failure(Failure::new(429).retry_after(RetryAfter::Seconds(1))).every(10),
            ),
            ("503:of=ibm:first=2", Fault::status(503).of(Service::Ibm).first(2)),
            ("reset=body:on=getInvoiceCsv:nth=3", Fault::reset(Cut::Body).on("getInvoiceCsv").nth(3)),
            ("latency=200ms:always", Fault::latency(Duration::from_millis(200)).always()),
            ("503:target=5f0e8a1b:always", Fault::status(503).target("5f0e8a1b").always()),
            ("refuse=2s", Fault::refuse(Duration::from_secs(2))),
            ("nulls:chance=5:seed=7", Fault::nulls().chance(5, 7)),
            ("redirect=http://127.0.0.1:80:always", Fault::redirect("http://127.0.0.1:80").always()),
        ] {
            assert_eq!(shown(text), format!("{fault:?}"));
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, problem) in [
            ("", "`` is neither a status of an error nor the name of a fault"),
            ("200", "`200` is neither a status of an error nor the name of a fault"),
            ("reset=middle", "`middle` is neither `start` nor `headers` nor `body`"),
            ("latency=fast", "`fast` is no time such as 200ms or 2s"),
            ("429:retry-after=soon", "`retry-after=soon` has no number that fits"),
            ("garbage:every=x", "`every=x` has no number that fits"),
            ("503:nth=0", "`nth=0` applies to no request; requests are counted from 1"),
            ("503:chance=101", "`chance=101` is more than a hundred percent"),
            ("garbage:of=aws", "`of=aws` is none of `of=atlas`, `of=ibm` and `of=ibm-enterprise`"),
            ("garbage:target", "`target` takes the id that a request is for"),
            ("garbage:sometimes", "there is no option `sometimes`"),
            ("redirect", "`redirect` takes the origin to go to, such as http://127.0.0.1:8000"),
        ] {
            assert_eq!(shown(text), format!("`{text}` is no fault: {problem}"));
        }
    }
}
