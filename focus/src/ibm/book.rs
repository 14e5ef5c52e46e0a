//! What rows add up to, and what the bill states.

use std::collections::HashMap;

use cloud_billing_core::{Decimal, Total};
use ibm_usage_reports::types::{AccountSummary, Resource};

use super::seen::Repeated;
use super::view::{Record, some};
use crate::reconcile::FREE_TIER_OR_ROUNDING;
use crate::source::Kept;

/// The account is billed more than its records, of which one may be missing.
const MORE_THAN_RECORDS: &str = "more-than-records";
/// The account's report bills for a resource that no record is of.
const NO_RECORDS: &str = "no-records";
/// A record of the resource is there twice.
const TWICE: &str = "listed-twice";
/// A metric has no cost, or it is not said whether its record is billed.
const COST_MISSING: &str = "cost-missing";
/// The account's report does not have the resource of a record.
const NOT_IN_REPORT: &str = "not-in-account-usage";

/// The sums of a bill, by resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    /// Where each resource is, by its id. That of a resource without an id is empty.
    places: HashMap<String, usize>,
    /// In the order of the account's report, then in that of the records.
    resources: Vec<Tally>,
}

/// The sums of a resource.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    id: String,
    name: Option<String>,
    catalog_id: Option<String>,
    /// The fields of the account's report on the resource that its type does not know, as a JSON object, until a row has them.
    unknown: Option<String>,
    /// What the account's report bills. `None` if it does not have the resource.
    stated: Option<Total>,
    /// The sum of the rows.
    billed: Total,
    /// What the rows tell of, and is on no bill.
    informational: Total,
    /// Whether a record is there twice.
    twice: Repeated,
    /// How many records surely are.
    doubled: u64,
    rows: u64,
}

/// What a resource is billed for beyond its rows.
pub(super) struct Difference<'b> {
    pub(super) id: &'b str,
    pub(super) name: Option<&'b str>,
    pub(super) catalog_id: Option<&'b str>,
    /// Unknown fields of the resource, as a JSON object.
    pub(super) unknown: Option<String>,
    pub(super) amount: Decimal,
    pub(super) reason: &'static str,
}

impl Book {
    /// A book with what the account's report states.
    pub(super) fn of<'u>(resources: impl Iterator<Item = &'u Kept<Resource>>) -> Self {
        let mut book = Self::default();
        for kept in resources {
            let resource = &kept.record;
            let tally = book.tally(some(&resource.resource_id));
            tally.name(some(&resource.resource_name), some(&resource.catalog_id));
            tally.stated.get_or_insert_default().add(resource.billable_cost.as_ref());
            tally.unknown = tally.unknown.take().or_else(|| kept.unknown());
        }
        book
    }

    /// A book of the account as a whole, for rows that are not known to be of its resources.
    pub(super) fn of_account<'u>(name: &str, resources: impl Iterator<Item = &'u Kept<Resource>>) -> Self {
        let mut book = Self::default();
        let tally = book.tally(None);
        tally.name(Some(name), None);
        tally.stated = Some(resources.map(|resource| resource.record.billable_cost.as_ref()).collect());
        book
    }

    /// The sums of the account as a whole.
    pub(super) fn of_account_row(&mut self) -> &mut Tally {
        self.tally(None)
    }

    /// The sums of the resource that a record is of.
    pub(super) fn of_record(&mut self, record: &Record<'_>) -> &mut Tally {
        let tally = self.tally(record.resource_id);
        tally.name(record.resource_name, record.catalog_id);
        tally
    }

    fn tally(&mut self, id: Option<&str>) -> &mut Tally {
        let id = id.unwrap_or_default();
        let place = match self.places.get(id) {
            Some(place) => *place,
            None => {
                self.places.insert(id.to_owned(), self.resources.len());
                self.resources.push(Tally { id: id.to_owned(), ..Tally::default() });
                self.resources.len() - 1
            }
        };
        &mut self.resources[place]
    }

    pub(super) fn differences(&self) -> impl Iterator<Item = Difference<'_>> {
        self.resources.iter().filter_map(Tally::difference)
    }

    /// What the account's report bills in all.
    pub(super) fn stated(&self) -> Total {
        let each = self.resources.iter().filter_map(|tally| tally.stated.as_ref());
        each.map(Total::complete).collect()
    }

    /// How many records are there twice although the sum of their resource is right.
    pub(super) fn doubled(&self) -> u64 {
        self.resources.iter().filter(|tally| tally.difference().is_none()).map(|tally| tally.doubled).sum()
    }

    pub(super) fn billed(&self) -> Total {
        sum(self.resources.iter().map(|tally| &tally.billed))
    }

    pub(super) fn informational(&self) -> Total {
        sum(self.resources.iter().map(|tally| &tally.informational))
    }

    pub(super) fn rows(&self) -> u64 {
        self.resources.iter().map(|tally| tally.rows).sum()
    }
}

/// The sum of sums.
fn sum<'t>(totals: impl Iterator<Item = &'t Total>) -> Total {
    let mut sum = Total::default();
    for total in totals {
        sum.sum = &sum.sum + &total.sum;
        sum.counted += total.counted;
        sum.missing += total.missing;
    }
    sum
}

impl Tally {
    /// Keeps the first names that it is told.
    fn name(&mut self, name: Option<&str>, catalog_id: Option<&str>) {
        if self.name.is_none() {
            self.name = name.map(str::to_owned);
        }
        if self.catalog_id.is_none() {
            self.catalog_id = catalog_id.map(str::to_owned);
        }
    }

    /// Adds a row's cost.
    pub(super) fn add(&mut self, billed: Option<&Decimal>) {
        self.billed.add(billed);
        self.rows += 1;
    }

    /// Notes whether a record was there before.
    pub(super) fn repeat(&mut self, repeated: Repeated) {
        self.twice = self.twice.max(repeated);
        self.doubled += u64::from(repeated == Repeated::Yes);
    }

    /// Adds what a record that is not billed would cost.
    pub(super) fn inform(&mut self, cost: Option<&Decimal>) {
        self.informational.add(cost);
    }

    /// The member of a row's unknown fields that has those of the resource, for the first row that asks.
    pub(super) fn unknown(&mut self) -> Option<String> {
        self.unknown.take().map(|fields| format!("\"resource\":{fields}"))
    }

    /// What is left to explain. `None` if there is nothing, or the report does not say what it bills.
    fn difference(&self) -> Option<Difference<'_>> {
        let none = Total::default();
        let stated = self.stated.as_ref().unwrap_or(&none).complete()?;
        if same(stated, &self.billed.sum) {
            return None;
        }
        let amount = stated - &self.billed.sum;
        Some(Difference {
            id: &self.id,
            name: self.name.as_deref(),
            catalog_id: self.catalog_id.as_deref(),
            unknown: self.unknown.as_ref().map(|fields| format!("{{\"resource\":{fields}}}")),
            reason: self.reason(&amount),
            amount,
        })
    }

    fn reason(&self, amount: &Decimal) -> &'static str {
        match () {
            () if self.stated.is_none() => NOT_IN_REPORT,
            () if self.billed.missing > 0 => COST_MISSING,
            () if self.rows == 0 => NO_RECORDS,
            () if self.twice > Repeated::No => TWICE,
            () if amount.is_negative() => FREE_TIER_OR_ROUNDING,
            () => MORE_THAN_RECORDS,
        }
    }
}

/// Whether two amounts differ by no more than arithmetic in floating point does: a billionth of the greater one.
pub(super) fn same(a: &Decimal, b: &Decimal) -> bool {
    let scale = a.abs().max(b.abs());
    (a - b).abs() * Decimal::from(1_000_000_000) <= scale
}

/// What the summary of an account states.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub(super) resources: Option<Decimal>,
    pub(super) not_billable: Option<Decimal>,
    pub(super) support: Total,
    pub(super) overage: Total,
    /// The credits of offers that were used.
    pub(super) offers: Total,
    /// What credits left to be paid, and what subscriptions paid.
    pub(super) subscription: Option<(Decimal, Total)>,
}

impl Statement {
    /// What is stated as a sum. What is stated one by one is added later.
    pub(super) fn of(summary: &AccountSummary) -> Self {
        let resources = summary.resources.as_ref();
        Self {
            resources: resources.and_then(|resources| resources.billable_cost.clone()),
            not_billable: resources.and_then(|resources| resources.non_billable_cost.clone()),
            subscription: subscription(summary),
            ..Self::default()
        }
    }

    /// What is charged besides resources. `None` if a part is missing.
    pub(super) fn besides(&self) -> Option<Decimal> {
        Some(self.support.complete()? + self.overage.complete()? - self.offers.complete()?)
    }
}

fn subscription(summary: &AccountSummary) -> Option<(Decimal, Total)> {
    let subscription = summary.subscription.as_ref()?;
    let terms = subscription.subscriptions.iter().flat_map(|subscription| subscription.terms.iter());
    let used = terms.map(|term| term.credits.as_ref().and_then(|credits| credits.used.as_ref()));
    Some((subscription.overage.clone()?, used.collect()))
}
