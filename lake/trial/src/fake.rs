//! A made-up source, whose bills change with a version number.

use std::sync::Arc;

use cloud_billing_core::{BillingMonth, BoxFuture, Decimal, Timestamp};
use cloud_billing_focus::reconcile::Status;
use cloud_billing_focus::{Column, Row};
use cloud_billing_lake::draft::Cell;
use cloud_billing_lake::sync::Clock;
use cloud_billing_lake::{Bill, Draft, Error, Lake, Listed, Options, Report, Service, Source, Table, Unit, sync};

/// Made-up bills of an organization for some months.
#[derive(Clone, Debug)]
pub struct Fake {
    /// The state that the service is in.
    pub version: u32,
    /// The first month.
    pub first: BillingMonth,
    /// The number of months.
    pub months: usize,
    /// An account that fails when it is read.
    pub broken: Option<String>,
}

/// The time that it is: late in the last month.
#[must_use]
pub fn noon() -> Timestamp {
    time("2026-11-25T12:00:00Z")
}

/// A time.
#[must_use]
pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|_| unreachable!("an instant"))
}

/// A clock that stands.
#[must_use]
pub fn stopped(at: Timestamp) -> Clock {
    Arc::new(move || at)
}

/// The accounts of the trials.
#[must_use]
pub fn accounts() -> Vec<String> {
    (1..=6).map(|number| format!("{number:024x}")).collect()
}

impl Fake {
    /// Six months of a service in this state.
    #[must_use]
    pub fn new(version: u32) -> Self {
        let first = BillingMonth::new(2026, 6).unwrap_or_else(|_| unreachable!("a month"));
        Self { version, first, months: 6, broken: None }
    }

    /// Syncs all accounts to a lake.
    ///
    /// # Errors
    ///
    /// As of [`sync`](cloud_billing_lake::sync()).
    pub async fn sync(self, lake: &Lake, clock: Clock) -> Result<Report, Error> {
        let mut options = Options::default();
        options.clock = clock;
        sync(lake, Arc::new(self), accounts(), options, |_| {}).await
    }

    /// The months up to the fourth change with every version, the older ones with every third.
    fn state(&self, unit: &Unit) -> u32 {
        let recent = unit.period > self.first.next();
        if recent { self.version } else { self.version / 3 }
    }
}

impl Source for Fake {
    fn service(&self) -> Service {
        Service::Atlas
    }

    fn list<'a>(&'a self, account: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>> {
        Box::pin(async move {
            let months = std::iter::successors(Some(self.first), |month| Some(month.next())).take(self.months);
            months
                .map(|month| {
                    let unit = Unit::new(Service::Atlas, account, month)?;
                    let open = now.unix_millis() < unit.end();
                    let state = self.state(&unit);
                    let bill = Bill {
                        id: format!("{account}-{month}"),
                        status: if open { "PENDING" } else { "PAID" }.into(),
                        updated: Some(state.to_string()),
                        end: Some(unit.end()),
                        open,
                        amounts: Vec::new(),
                    };
                    Ok(Listed { unit, bills: vec![bill] })
                })
                .collect()
        })
    }

    fn read<'a>(&'a self, listed: &'a Listed, into: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let unit = &listed.unit;
            let state = self.state(unit);
            let key = format!("{unit} {state}");
            let count = 20 + spread(&key) % 40;
            let mut total = Decimal::ZERO;
            for number in 0..count {
                if number == 10 && self.broken.as_deref() == Some(&unit.account) {
                    return Err(Error::new("the service is down"));
                }
                // Between rows another unit may be read, or the process end.
                tokio::task::yield_now().await;
                let row = row(unit, &key, number)?;
                total = row.billed_cost.as_ref().map_or_else(|| total.clone(), |cost| &total + cost);
                into.row(&row)?;
            }
            let account = ("BillingAccountId", Cell::Text(unit.account.clone()));
            if spread(&key).is_multiple_of(3) {
                let paid = ("AmountPaid", Cell::Decimal(total.clone()));
                into.record(Table::Payments, &[account.clone(), ("PaymentId", Cell::Text(key)), paid])?;
            }
            into.status(Status::Exact);
            let status = ("Status", Cell::text(Some(Status::Exact)));
            into.record(Table::Reconciliation, &[account, ("RowsTotal", Cell::Decimal(total)), status])
        })
    }
}

fn row(unit: &Unit, key: &str, number: u64) -> Result<Row<'static>, Error> {
    let mut row = Row::default();
    let text = format!("{key} {number} {:x}", spread(&format!("{key} {number}")));
    for (column, text) in [
        (Column::BilledCost, format!("{}.{:02}", spread(&text) % 100, number % 100)),
        (Column::BillingAccountId, unit.account.clone()),
        (Column::BillingCurrency, "USD".to_owned()),
        (Column::BillingPeriodStart, format!("{}-01T00:00:00Z", unit.period)),
        (Column::ChargeDescription, text),
    ] {
        row.set(column, &text).map_err(|error| Error::new(error.to_string()))?;
    }
    Ok(row)
}

/// A number that a text spreads to, the same everywhere (FNV-1a).
#[must_use]
pub fn spread(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
