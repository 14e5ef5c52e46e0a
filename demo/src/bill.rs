//! What is shown: a year by month and by what was bought, and one month in detail.

use std::collections::BTreeMap;

use atlas_billing::Decimal;
use ibm_usage_reports::BillingMonth;

/// How many series have a colour of their own.
pub(crate) const COLOURS: usize = 5;

/// What a service cost, month by month.
#[derive(Debug)]
pub(crate) struct Bill {
    pub(crate) service: &'static str,
    /// What its series are, such as `service`.
    pub(crate) by: &'static str,
    /// In which currency.
    pub(crate) currency: String,
    /// Without gaps, oldest first.
    pub(crate) months: Vec<BillingMonth>,
    /// Whether the last month is not over.
    pub(crate) last_is_open: bool,
    /// Largest first.
    pub(crate) series: Vec<Series>,
}

/// What one thing cost in each month.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// One for each month of the bill.
    pub(crate) amounts: Vec<Decimal>,
    pub(crate) mark: Mark,
}

/// How a series is told from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// By a colour of its own, of [`COLOURS`].
    Colour(usize),
    /// It takes more than it gives.
    Credit,
    /// Too small for a colour.
    Rest,
}

/// The amounts that a bill is made from: by name, then by month.
pub(crate) type Amounts = BTreeMap<String, BTreeMap<BillingMonth, Decimal>>;

impl Bill {
    /// Puts amounts in order.
    pub(crate) fn new(
        (service, by): (&'static str, &'static str),
        currency: String,
        (months, last_is_open): (Vec<BillingMonth>, bool),
        amounts: Amounts,
    ) -> Self {
        let series = amounts.into_iter().map(|(name, mut by_month)| {
            let amounts = months.iter().map(|month| by_month.remove(month).unwrap_or_default()).collect();
            Series { name, amounts, mark: Mark::Rest }
        });
        let mut series: Vec<Series> = series.collect();
        series.sort_by_cached_key(|series| std::cmp::Reverse(series.total()));
        for (index, series) in series.iter_mut().enumerate() {
            series.mark = match index {
                _ if series.total().is_negative() => Mark::Credit,
                0..COLOURS => Mark::Colour(index),
                _ => Mark::Rest,
            };
        }
        Self { service, by, currency, months, last_is_open, series }
    }

    /// What each month comes to.
    pub(crate) fn totals(&self) -> Vec<Decimal> {
        let of = |month: usize| self.series.iter().filter_map(|series| series.amounts.get(month)).sum();
        (0..self.months.len()).map(of).collect()
    }

    pub(crate) fn total(&self) -> Decimal {
        self.totals().iter().sum()
    }

    /// The series and their amounts in a month, those first that have one above nothing.
    pub(crate) fn month(&self, month: usize) -> impl Iterator<Item = (&Series, &Decimal)> {
        self.series.iter().filter_map(move |series| Some((series, series.amounts.get(month)?)))
    }

    /// Whether a month is not over.
    pub(crate) fn is_open(&self, month: usize) -> bool {
        self.last_is_open && month + 1 == self.months.len()
    }

    /// Whether something is taken off.
    pub(crate) fn has_credits(&self) -> bool {
        self.series.iter().any(|series| series.mark == Mark::Credit)
    }
}

impl Series {
    pub(crate) fn total(&self) -> Decimal {
        self.amounts.iter().sum()
    }
}

/// One month in detail.
#[derive(Debug)]
pub(crate) struct Breakdown {
    pub(crate) title: String,
    pub(crate) month: BillingMonth,
    /// What the rows are, and what is counted.
    pub(crate) head: [&'static str; 2],
    /// Largest first.
    pub(crate) rows: Vec<Row>,
}

/// A name, how many records have it, and what they come to.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) count: u64,
    pub(crate) amount: Decimal,
}

impl Breakdown {
    /// Puts rows in order.
    pub(crate) fn new(
        title: String,
        month: BillingMonth,
        head: [&'static str; 2],
        rows: BTreeMap<String, (u64, Decimal)>,
    ) -> Self {
        let rows = rows.into_iter().map(|(name, (count, amount))| Row { name, count, amount });
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.name.cmp(&b.name)));
        Self { title, month, head, rows }
    }

    pub(crate) fn total(&self) -> Decimal {
        self.rows.iter().map(|row| &row.amount).sum()
    }

    pub(crate) fn count(&self) -> u64 {
        self.rows.iter().map(|row| row.count).sum()
    }
}

/// An amount to the cent, in groups of three digits: `-1,234.50`.
pub(crate) fn money(amount: &Decimal) -> String {
    let text = format!("{amount:.2}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}{}.{cents}", grouped(whole))
}

/// A count in groups of three digits.
pub(crate) fn whole(count: u64) -> String {
    grouped(&count.to_string())
}

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// A month as people write it: `Nov 2026`.
pub(crate) fn month_name(month: BillingMonth) -> String {
    format!("{} {}", short_name(month), month.year())
}

/// Its first three letters.
pub(crate) fn short_name(month: BillingMonth) -> &'static str {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let index = usize::try_from(month.month()).unwrap_or_default();
    NAMES.get(index.wrapping_sub(1)).unwrap_or(&"?")
}
