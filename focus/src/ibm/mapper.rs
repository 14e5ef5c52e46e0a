//! A bill's rows one by one, and at the end whether they add up.

use cloud_billing_core::{BillingMonth, Decimal, Total};

use super::account::{self, residue_row};
use super::book::{Book, Statement, Tally, same};
use super::context::{Context, object};
use super::record::{Meter, Report, join};
use super::seen::Seen;
use super::summary::Summary;
use super::view::Record;
use super::{Error, Options, metric};
use crate::Row;
use crate::reconcile::{Check, Reconciliation, Status};

/// Makes rows of a month of an account, and adds up those that it hands out.
#[derive(Clone, Debug)]
pub struct Mapper {
    pub(super) context: Context,
    pub(super) book: Book,
    pub(super) statement: Statement,
    /// The rows of the summary.
    pub(super) rows: Vec<Row<'static>>,
    /// The fields of both responses that their types do not know, as a JSON object, until a row has them. In each row they would
    /// make a file that is longer than the responses many times over.
    pub(super) unknown: Option<String>,
    seen: Seen,
}

/// What is left when all records are mapped.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct End {
    /// The rows of the account as a whole: support, its overage, credits of offers, and what the records do not explain.
    pub rows: Vec<Row<'static>>,
    /// Whether all rows add up to the bill.
    pub reconciliation: Reconciliation,
}

impl Mapper {
    /// A mapper of the month of an account. Without access to the summary, an empty one does: then the rows lack support and
    /// credits, and the verdict is [`Status::Unknown`].
    ///
    /// # Errors
    ///
    /// If neither response says the account, the month or the currency, or they are of different bills.
    pub fn new(report: &Report, summary: &Summary, options: &Options) -> Result<Self, Error> {
        Self::with(Book::of(report.resources()), report, summary, options)
    }

    pub(super) fn with(book: Book, report: &Report, summary: &Summary, options: &Options) -> Result<Self, Error> {
        let context = Context::of(report, summary, options)?;
        let (rows, statement) = account::rows(&context, summary);
        Ok(Self { context, book, statement, rows, unknown: unknown(report, summary), seen: Seen::default() })
    }

    /// Whether it is the bill that was asked for: a service or a proxy may answer with another.
    #[must_use]
    pub fn is_of(&self, account: &str, month: BillingMonth) -> bool {
        self.context.account.eq_ignore_ascii_case(account) && self.context.month == month
    }

    /// The rows of a record, one for each metric. They borrow from the record and the mapper, which adds up what is taken.
    ///
    /// # Errors
    ///
    /// If the record is of another account or month, or in another currency.
    pub fn rows<'m>(&'m mut self, record: impl Into<Record<'m>>) -> Result<Rows<'m>, Error> {
        let record = record.into();
        self.context.accept(&record)?;
        let tally = self.book.of_record(&record);
        if let Some(instance) = record.instance {
            tally.repeat(self.seen.take(instance));
        }
        let (context, unknown) = (&self.context, &mut self.unknown);
        Ok(Rows { context, tally, unknown, meters: record.meters.iter(), record })
    }

    /// The rows of the account as a whole, and whether all rows add up to the bill.
    #[must_use]
    pub fn finish(self) -> End {
        let reconciliation = self.reconcile();
        let mut rows = self.rows;
        rows.extend(self.book.differences().map(|difference| residue_row(&self.context, &difference)));
        if let Some(row) = rows.first_mut() {
            row.x_bill_unknown_fields = object(self.unknown);
        }
        End { rows, reconciliation }
    }

    fn reconcile(&self) -> Reconciliation {
        let billed = self.book.billed();
        let explained: Total = self.book.differences().map(|difference| Some(difference.amount)).collect();
        let besides = self.besides();
        // Rows without what is missing.
        let present = self.present();
        let expected = besides.and_then(|besides| Some(self.book.stated().complete()? + &besides));
        let items = &billed.sum + &present;
        Reconciliation {
            service: "ibm",
            account: self.context.account.clone(),
            month: Some(self.context.month),
            invoice: None,
            currency: self.context.currency.clone(),
            residue: expected.as_ref().map(|expected| expected - &items),
            status: self.status(expected.is_some() && billed.missing == 0, explained.counted > 0),
            expected,
            rows_total: items + &explained.sum,
            checks: self.checks(&billed),
            rows: self.book.rows() + count(self.rows.len()) + count(explained.counted),
        }
    }

    /// What the summary charges besides resources, in the currency of the bill. `None` if a part is missing.
    fn besides(&self) -> Option<Decimal> {
        if self.context.other_currency.is_some() { Some(Decimal::ZERO) } else { self.statement.besides() }
    }

    /// What the rows of the summary come to, in the currency of the bill.
    fn present(&self) -> Decimal {
        let Statement { support, overage, offers, .. } = &self.statement;
        if self.context.other_currency.is_some() { Decimal::ZERO } else { &support.sum + &overage.sum - &offers.sum }
    }

    fn status(&self, known: bool, explained: bool) -> Status {
        let total = self.book.stated();
        match (total.complete(), &self.statement.resources) {
            _ if self.context.other_currency.is_some() => Status::Unexplained,
            _ if !known => Status::Unknown,
            (_, None) => Status::Unknown,
            (Some(total), Some(stated)) if !same(total, stated) => Status::Unexplained,
            // The sum is right, and its parts are not: another record is missing.
            _ if self.book.doubled() > 0 => Status::Unexplained,
            _ if explained => Status::Residue,
            _ => Status::Exact,
        }
    }

    fn checks(&self, billed: &Total) -> Vec<Check> {
        let statement = &self.statement;
        let total = self.book.stated().complete().cloned();
        let mut checks = match self.context.other_currency {
            Some(_) => vec![check("currencies of summary and account usage", None, None, Some("other-currency"))],
            None => vec![rounded("summary and account usage", &statement.resources, total.clone())],
        };
        checks.push(rounded("account usage and records", &total, Some(billed.sum.clone())));
        if self.context.other_currency.is_none() {
            let informational = self.book.informational().complete().cloned();
            let informed =
                check("non-billable cost", statement.not_billable.clone(), informational, Some("on-no-bill"));
            checks.push(informed);
            checks.extend(self.left_to_pay(total));
        }
        let doubled = self.book.doubled();
        if doubled > 0 {
            checks.push(check("records that are there twice", Some(Decimal::ZERO), Some(Decimal::from(doubled)), None));
        }
        checks.extend(gaps(statement, billed));
        checks
    }

    /// What credits do not pay for, of the resources.
    fn left_to_pay(&self, total: Option<Decimal>) -> Option<Check> {
        let (stated, used) = self.statement.subscription.as_ref()?;
        let paid = |total: Decimal| Some(total - used.complete()? - self.statement.offers.complete()?);
        Some(check("subscription overage", Some(stated.clone()), total.and_then(paid), Some("no-charge-of-its-own")))
    }
}

fn unknown(report: &Report, summary: &Summary) -> Option<String> {
    let objects = [("account_usage", report.unknown()), ("account_summary", summary.unknown())];
    let members = objects.into_iter().filter_map(|(name, fields)| Some(format!("\"{name}\":{}", fields?)));
    join(members.collect(), None)
}

/// What the source leaves open.
fn gaps(statement: &Statement, billed: &Total) -> impl Iterator<Item = Check> {
    let overage = (statement.overage.counted > 0)
        .then(|| check("overage of support", None, Some(statement.overage.sum.clone()), Some("may-be-inside-cost")));
    let missing = [
        ("rows without a cost", billed.missing),
        ("support without a cost", statement.support.missing),
        ("offers without used credits", statement.offers.missing),
    ];
    let missing = missing.into_iter().filter(|(_, count)| *count > 0);
    let missing =
        missing.map(|(name, missing)| check(name, None, Some(Decimal::from(count(missing))), Some("missing")));
    overage.into_iter().chain(missing)
}

fn check(
    name: &'static str,
    stated: Option<Decimal>,
    computed: Option<Decimal>,
    reason: Option<&'static str>,
) -> Check {
    Check { name, stated, computed, reason }
}

/// A check of amounts that the service adds up in floating point.
fn rounded(name: &'static str, stated: &Option<Decimal>, computed: Option<Decimal>) -> Check {
    let near = stated.as_ref().zip(computed.as_ref()).is_some_and(|(a, b)| a != b && same(a, b));
    check(name, stated.clone(), computed, near.then_some("rounding"))
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The rows of a record. What is not taken is not added.
#[derive(Debug)]
pub struct Rows<'m> {
    context: &'m Context,
    tally: &'m mut Tally,
    unknown: &'m mut Option<String>,
    record: Record<'m>,
    meters: std::slice::Iter<'m, Meter>,
}

impl<'m> Iterator for Rows<'m> {
    type Item = Row<'m>;

    fn next(&mut self) -> Option<Row<'m>> {
        let meter = self.meters.next()?;
        let mut row = metric::row(self.context, &self.record, meter);
        row.x_bill_unknown_fields = object(self.unknown.take());
        if let Some(resource) = self.tally.unknown() {
            row.x_unknown_fields = object(join(vec![resource], row.x_unknown_fields.as_ref().map(|fields| &*fields.0)));
        }
        self.tally.add(row.billed_cost.as_ref());
        if self.record.billable == Some(false) && meter.kept.record.non_chargeable != Some(true) {
            self.tally.inform(meter.kept.record.cost.as_ref());
        }
        Some(row)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.meters.size_hint()
    }
}

impl ExactSizeIterator for Rows<'_> {}
