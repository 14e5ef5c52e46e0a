//! What a lake holds, period by period.

use std::collections::BTreeMap;
use std::pin::pin;

use cloud_billing_core::{BillingMonth, Decimal, Timestamp};
use futures_util::{StreamExt, TryStreamExt};

use crate::error::Error;
use crate::lake::Lake;
use crate::manifest::Manifest;
use crate::unit::Service;

/// How many units are looked at at once.
const AT_ONCE: usize = 16;

/// How long an incomplete unit may be without a sync.
const STALE: i64 = 2 * 24 * 60 * 60 * 1_000;

/// The units of a service and a month.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Period {
    /// All of them.
    pub units: u64,
    /// Those that still grow.
    pub open: u64,
    /// Those that the vendor may still change.
    pub settling: u64,
    /// Those of the open and settling ones that were not read for two days.
    pub stale: u64,
    /// Those that do not add up to their bills, or of which that is not known.
    pub unexplained: u64,
    /// Those whose replaced files may still be there.
    pub unswept: u64,
    /// Those with a file that is missing or has another length.
    pub damaged: u64,
    /// Their charges.
    pub rows: u64,
    /// The length of their files.
    pub bytes: u64,
    /// The sum of `BilledCost`, by currency.
    pub totals: BTreeMap<String, Decimal>,
}

/// What a lake holds.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Status {
    /// Each month of each service.
    pub periods: BTreeMap<(Service, BillingMonth), Period>,
    /// Manifests and files that cannot be read, and why.
    pub broken: Vec<String>,
}

/// What a lake holds at this time.
pub async fn status(lake: &Lake, now: Timestamp) -> Status {
    let mut status = Status::default();
    let manifests = lake.manifests().map_ok(|manifest| async move {
        let damaged = lake.damaged(&manifest).await?;
        Ok((manifest, damaged))
    });
    let mut manifests = pin!(manifests.try_buffer_unordered(AT_ONCE));
    while let Some(manifest) = manifests.next().await {
        match manifest.and_then(|(manifest, damaged)| add(&mut status, &manifest, damaged, now)) {
            Ok(()) => {}
            Err(error) => status.broken.push(error.to_string()),
        }
    }
    status.broken.sort();
    status
}

fn add(status: &mut Status, manifest: &Manifest, damaged: Option<String>, now: Timestamp) -> Result<(), Error> {
    let Manifest { unit, .. } = manifest;
    let period = status.periods.entry((unit.service, unit.period)).or_default();
    let open = manifest.bills.iter().any(|bill| bill.open) || now.unix_millis() < unit.end();
    let age = now.unix_millis().saturating_sub(manifest.retrieved_at.unix_millis());
    period.units += 1;
    period.open += u64::from(open);
    period.settling += u64::from(!open && !manifest.complete);
    // What was read in the future is read again at once.
    period.stale += u64::from(!manifest.complete && !(0..=STALE).contains(&age));
    period.unexplained += u64::from(matches!(manifest.reconciliation.as_str(), "unexplained" | "unknown"));
    period.unswept += u64::from(!manifest.garbage.is_empty());
    period.damaged += u64::from(damaged.is_some());
    if let Some(path) = damaged {
        let text = format!("{path} is missing or has another length (sync --since {} writes it again)", unit.period);
        status.broken.push(Error::new(text).to_string());
    }
    period.rows = period.rows.saturating_add(manifest.rows());
    period.bytes = period.bytes.saturating_add(manifest.bytes());
    for (currency, total) in &manifest.totals {
        let total: Decimal = total.parse().map_err(|error| Error::with(format!("{unit}: a total"), error))?;
        let sum = period.totals.entry(currency.clone()).or_default();
        *sum = &*sum + &total;
    }
    Ok(())
}

impl Status {
    /// The totals of all periods in the text exposition of Prometheus, for alerts.
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut text = String::new();
        for (name, help, value) in METRICS {
            text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
            for ((service, month), period) in &self.periods {
                text.push_str(&format!("{name}{{service=\"{service}\",period=\"{month}\"}} {}\n", value(period)));
            }
        }
        text.push_str("# HELP billing_billed_cost Sum of BilledCost.\n# TYPE billing_billed_cost gauge\n");
        for ((service, month), period) in &self.periods {
            for (currency, total) in &period.totals {
                let currency = label(currency);
                let labels = format!("service=\"{service}\",period=\"{month}\",currency=\"{currency}\"");
                text.push_str(&format!("billing_billed_cost{{{labels}}} {total}\n"));
            }
        }
        text
    }
}

/// The value of a label, as the exposition format has it. A currency is a text of the service.
fn label(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

type Metric = (&'static str, &'static str, fn(&Period) -> u64);

const METRICS: [Metric; 7] = [
    ("billing_units", "Bills: accounts of a month.", |it| it.units),
    ("billing_units_open", "Bills that still grow.", |it| it.open),
    ("billing_units_settling", "Bills that the vendor may still change.", |it| it.settling),
    ("billing_units_stale", "Bills that are not final and were not read for two days.", |it| it.stale),
    ("billing_units_unexplained", "Bills that the rows do not add up to.", |it| it.unexplained),
    ("billing_units_damaged", "Bills with a file that is missing or has another length.", |it| it.damaged),
    ("billing_rows", "Charges.", |it| it.rows),
];
