//! Bills that are read from the services as they are asked for.
//!
//! A query over the services first syncs the units that it asks for, as [`sync`](mod@sync) would, and then reads the lake. What has
//! not changed is not fetched again. It must name months and accounts: `billing_period` and `account` in its `WHERE`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use cloud_billing_core::{BillingMonth, BoxFuture, Timestamp};
use cloud_billing_lake::{Draft, Error, Lake, Listed, Options, Service, Source, Unit, sync};
use datafusion::physical_expr::utils::{Guarantee, LiteralGuarantee};
use datafusion::physical_plan::PhysicalExpr;

/// The most units that a query may ask for.
const UNITS: usize = 1_000;

/// A source of the bills of this month and later ones.
type Open = Box<dyn Fn(BillingMonth) -> Arc<dyn Source> + Send + Sync>;

/// A service, and the accounts whose bills it has.
pub struct Api {
    service: Service,
    accounts: BTreeSet<String>,
    open: Open,
}

impl Api {
    /// A service. `open` gets the first month that is wanted.
    pub fn new(
        service: Service,
        accounts: impl IntoIterator<Item = String>,
        open: impl Fn(BillingMonth) -> Arc<dyn Source> + Send + Sync + 'static,
    ) -> Self {
        Self { service, accounts: accounts.into_iter().collect(), open: Box::new(open) }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("service", &self.service).finish_non_exhaustive()
    }
}

/// Services that queries read from.
#[derive(Debug)]
pub struct Apis {
    all: Vec<Api>,
    options: Options,
}

impl Apis {
    /// Services. `options` say how their bills are synced.
    #[must_use]
    pub const fn new(all: Vec<Api>, options: Options) -> Self {
        Self { all, options }
    }

    /// The units that are asked for.
    pub(crate) fn units(&self, asked: &Asked) -> Result<Vec<Unit>, Error> {
        let (Some(periods), Some(accounts)) = (&asked.periods, &asked.accounts) else { return Err(unbounded(asked)) };
        if periods.len().saturating_mul(accounts.len()) > UNITS {
            return Err(Error::new(format!(
                "this asks the services for more than {UNITS} bills at once: sync them before"
            )));
        }
        let mut units = Vec::new();
        for account in accounts {
            let id = account.strip_prefix("a-").filter(|id| self.all.iter().any(|api| api.accounts.contains(*id)));
            let id = id.ok_or_else(|| unknown(account))?;
            for (api, period) in self.all.iter().flat_map(|api| periods.iter().map(move |period| (api, period))) {
                let period =
                    period.parse().map_err(|error| Error::with(format!("billing_period `{period}`"), error))?;
                if api.accounts.contains(id)
                    && asked.services.as_ref().is_none_or(|of| of.contains(api.service.as_str()))
                {
                    units.push(Unit::new(api.service, id, period)?);
                }
            }
        }
        Ok(units)
    }

    /// Brings units up to date in a lake, and returns those that the services list.
    pub(crate) async fn fill(&self, lake: &Lake, units: &[Unit]) -> Result<BTreeSet<Unit>, Error> {
        let mut listed = BTreeSet::new();
        for api in &self.all {
            let units: BTreeSet<Unit> = units.iter().filter(|unit| unit.service == api.service).cloned().collect();
            let Some(first) = units.iter().map(|unit| unit.period).min() else { continue };
            let accounts: BTreeSet<String> = units.iter().map(|unit| unit.account.clone()).collect();
            let source = Arc::new(Only { source: (api.open)(first), units });
            let report = sync(lake, source, accounts.into_iter().collect(), self.options.clone(), |done| {
                listed.insert(done.unit.clone());
            });
            let report = report.await?;
            if let Some((what, why)) = report.failed.first() {
                return Err(Error::new(format!("{what}: {why}")));
            }
        }
        Ok(listed)
    }
}

fn unbounded(asked: &Asked) -> Error {
    let open = match (&asked.periods, &asked.accounts) {
        (None, None) => "neither month nor account",
        (None, _) => "no month",
        _ => "no account",
    };
    Error::new(format!(
        "this query reads bills from the services, and names {open} for a table: add WHERE billing_period = '2026-10' AND \
         account = 'a-<id>' (or IN, for several), or sync, and ask the lake without the services"
    ))
}

fn unknown(account: &str) -> Error {
    let shown: String = account.chars().take(40).flat_map(char::escape_default).collect();
    Error::new(format!("no credential reads the account `{shown}`; in SQL an account has `a-` before its id"))
}

/// What a filter asks for. `None`: anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    services: Option<BTreeSet<String>>,
    periods: Option<BTreeSet<String>>,
    accounts: Option<BTreeSet<String>>,
}

impl Asked {
    pub(crate) fn of(filter: &Arc<dyn PhysicalExpr>) -> Self {
        let mut asked = Self::default();
        for LiteralGuarantee { column, guarantee, literals } in LiteralGuarantee::analyze(filter) {
            let place = match column.name() {
                "service" => &mut asked.services,
                "billing_period" => &mut asked.periods,
                "account" => &mut asked.accounts,
                _ => continue,
            };
            let values = literals.iter().filter_map(|it| it.try_as_str().flatten().map(str::to_owned));
            if guarantee == Guarantee::In {
                *place = Some(values.collect());
            }
        }
        asked
    }
}

/// A source, of which only these units are read.
#[derive(Debug)]
struct Only {
    source: Arc<dyn Source>,
    units: BTreeSet<Unit>,
}

impl Source for Only {
    fn service(&self) -> Service {
        self.source.service()
    }

    fn list<'a>(&'a self, account: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>> {
        Box::pin(async move {
            let mut listed = self.source.list(account, now).await?;
            listed.retain(|listed| self.units.contains(&listed.unit));
            Ok(listed)
        })
    }

    fn read<'a>(&'a self, listed: &'a Listed, into: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>> {
        self.source.read(listed, into)
    }
}
