//! Months as people say them.

use clap::ArgMatches;
use cloud_billing_core::{BillingMonth, Timestamp};

use crate::context::Context;
use crate::failure::Failure;

/// The month that it is now, in UTC.
pub(super) fn current(context: &Context) -> BillingMonth {
    let day = Timestamp::from_system_time(context.now).map(Timestamp::date);
    day.and_then(|day| BillingMonth::containing(day).ok()).unwrap_or_else(BillingMonth::current)
}

/// The month that a flag says, or so many months before the current one.
pub(super) fn of(matches: &ArgMatches, flag: &str, otherwise: u32, context: &Context) -> Result<BillingMonth, Failure> {
    let current = current(context);
    match matches.get_one::<String>(flag) {
        Some(text) => parse(text, current).ok_or_else(|| {
            Failure::usage(format!("--{flag} `{text}` is no month"))
                .hint("it is `this`, `last`, `-2` for two months ago, or such as `2026-10`")
        }),
        None => Ok(back(current, otherwise)),
    }
}

/// The month so many before another.
pub(super) fn back(month: BillingMonth, months: u32) -> BillingMonth {
    (0..months.min(120_000)).fold(month, |month, _| month.previous())
}

fn parse(text: &str, current: BillingMonth) -> Option<BillingMonth> {
    match text {
        "this" | "current" | "now" => Some(current),
        "last" | "previous" => Some(current.previous()),
        _ => match text.strip_prefix('-') {
            Some(months) => Some(back(current, months.parse().ok()?)),
            None => text.parse().ok(),
        },
    }
}

/// A month as people write it: `Nov 2026`.
pub(super) fn name(month: BillingMonth) -> String {
    format!("{} {}", short_name(month), month.year())
}

/// Its first three letters.
pub(super) fn short_name(month: BillingMonth) -> &'static str {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let index = usize::try_from(month.month()).unwrap_or_default();
    NAMES.get(index.wrapping_sub(1)).unwrap_or(&"?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_as_people_say_them() {
        let current: BillingMonth = "2026-01".parse().unwrap();
        for (text, month) in
            [("this", "2026-01"), ("last", "2025-12"), ("-0", "2026-01"), ("-13", "2024-12"), ("2020-02", "2020-02")]
        {
            assert_eq!(parse(text, current).map(|month| month.to_string()).as_deref(), Some(month), "{text}");
        }
        for text in ["", "-", "--1", "-x", "2026", "2026-13", "yesterday"] {
            assert_eq!(parse(text, current), None, "{text}");
        }
        assert_eq!(parse("-4000000000", current), Some(BillingMonth::MIN));
    }
}
