//! IBM Cloud by its typed client.

use std::collections::BTreeMap;

use cloud_billing_core::{BillingMonth, BoxFuture, Timestamp};
use cloud_billing_focus::ibm::{Instance, Mapper, Options, Report, Summary};
use ibm_usage_reports::Client;
use ibm_usage_reports::types::{AccountId, AccountSummary, Subscription, SubscriptionTerm};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::draft::{Cell, Draft};
use crate::error::Error;
use crate::source::{Listed, Source};
use crate::table::Table;
use crate::unit::{Service, Unit};

/// Instances of a page.
const PAGE: i64 = 200;

/// Months of accounts.
#[derive(Debug)]
pub struct Ibm {
    client: Client,
    /// The names of accounts, by id. The API does not have them.
    names: BTreeMap<String, String>,
    since: BillingMonth,
    options: Options,
}

impl Ibm {
    /// This month and all later ones. `options` say what rows are like; names of accounts are added to them.
    #[must_use]
    pub const fn new(client: Client, since: BillingMonth, options: Options) -> Self {
        Self { client, names: BTreeMap::new(), since, options }
    }

    /// Sets the names of accounts, by id.
    #[must_use]
    pub fn names(mut self, names: BTreeMap<String, String>) -> Self {
        self.names = names;
        self
    }

    async fn month(&self, unit: &Unit, into: &mut Draft) -> Result<(), Error> {
        let (account, month) = (AccountId::new(unit.account.as_str()), unit.period);
        let usage = self.client.get_account_usage(&account, month).names(true).send_raw().await?;
        into.body("get_account_usage", usage.bytes())?;
        let usage = Report::read(usage.json()).map_err(|error| Error::with("the usage of the account", error))?;
        let summary = self.client.get_account_summary(&account, month).send_raw().await?;
        into.body("get_account_summary", summary.bytes())?;
        let summary =
            Summary::read(summary.json()).map_err(|error| Error::with("the summary of the account", error))?;
        let options = match self.names.get(&unit.account) {
            Some(name) => self.options.clone().account_name(name),
            None => self.options.clone(),
        };
        let mut mapper = Mapper::new(&usage, &summary, &options).map_err(|error| Error::new(error.to_string()))?;
        if !mapper.is_of(&unit.account, month) {
            return Err(Error::new("the service answered with the bill of another account or month"));
        }
        let call = self.client.get_resource_usage_account(&account, month).names(true).tags(true).limit(PAGE);
        let mut pages = call.pages().raw();
        while let Some(page) = pages.try_next().await? {
            into.body("get_resource_usage_account", page.bytes())?;
            let records: Page<'_> = page.view()?;
            for record in records.resources {
                let instance = Instance::read(record.get()).map_err(|error| Error::with("an instance", error))?;
                let mut rows = mapper.rows(&instance).map_err(|error| Error::new(error.to_string()))?;
                rows.try_for_each(|row| into.row(&row))?;
            }
        }
        let end = mapper.finish();
        end.rows.iter().try_for_each(|row| into.row(row))?;
        into.reconciliation(&end.reconciliation)?;
        subscriptions(unit, summary.summary(), into)
    }
}

impl Source for Ibm {
    fn service(&self) -> Service {
        Service::Ibm
    }

    fn list<'a>(&'a self, account: &'a str, now: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>> {
        Box::pin(async move {
            let last = BillingMonth::containing(now.date()).map_err(|error| Error::with("the time", error))?;
            let unit = |month| Unit::new(Service::Ibm, account, month);
            self.since.through(last).map(|month| Ok(Listed { unit: unit(month)?, bills: Vec::new() })).collect()
        })
    }

    fn read<'a>(&'a self, listed: &'a Listed, into: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.month(&listed.unit, into))
    }
}

/// A page of instances, each as its text. A page without the list is an error: an account without instances has an empty one.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    resources: Vec<&'a RawValue>,
}

/// The balances of subscriptions: a record for each term, or for a subscription without terms.
fn subscriptions(unit: &Unit, summary: &AccountSummary, into: &mut Draft) -> Result<(), Error> {
    let Some(of) = &summary.subscription else { return Ok(()) };
    let account = ("BillingAccountId", Cell::Text(unit.account.clone()));
    let currency = ("BillingCurrency", Cell::text(summary.billing_currency_code.as_ref()));
    if of.overage.is_some() {
        let overage = ("Overage", Cell::decimal(of.overage.clone()));
        into.record(Table::Subscriptions, &[account.clone(), currency.clone(), overage])?;
    }
    for subscription in &of.subscriptions {
        let mut cells = vec![account.clone(), currency.clone()];
        cells.extend(header(subscription));
        if subscription.terms.is_empty() {
            into.record(Table::Subscriptions, &cells)?;
        }
        for term in &subscription.terms {
            let mut cells = cells.clone();
            cells.extend(balance(term));
            into.record(Table::Subscriptions, &cells)?;
        }
    }
    Ok(())
}

fn header(of: &Subscription) -> [(&'static str, Cell); 7] {
    [
        ("SubscriptionId", Cell::text(of.subscription_id.as_ref())),
        ("ChargeAgreementNumber", Cell::text(of.charge_agreement_number.as_ref())),
        ("Type", Cell::text(of.type_.as_ref())),
        ("SubscriptionAmount", Cell::decimal(of.subscription_amount.clone())),
        ("Start", Cell::time(&of.start)),
        ("End", Cell::time(&of.end)),
        ("CreditsTotal", Cell::decimal(of.credits_total.clone())),
    ]
}

fn balance(term: &SubscriptionTerm) -> [(&'static str, Cell); 6] {
    let credits = term.credits.as_ref();
    [
        ("TermStart", Cell::time(&term.start)),
        ("TermEnd", Cell::time(&term.end)),
        ("TermCredits", Cell::decimal(credits.and_then(|it| it.total.clone()))),
        ("TermCreditsStart", Cell::decimal(credits.and_then(|it| it.starting_balance.clone()))),
        ("TermCreditsUsed", Cell::decimal(credits.and_then(|it| it.used.clone()))),
        ("TermCreditsBalance", Cell::decimal(credits.and_then(|it| it.balance.clone()))),
    ]
}
