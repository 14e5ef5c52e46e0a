//! A large lake of invented invoices, for measurements of scale.
//!
//! The invoices are those of the sandbox's estate, made without its server and put into the lake by [`sync`](cloud_billing_lake::sync()):
//! the same manifests, mapper and files as of the vendor's own. Each organization has five projects with three clusters each, on three
//! clouds and in five sizes. A month's lines are spread over its days, and over the kinds of charges of each cluster: servers with
//! discounts, storage, transfer, backup, models, apps. Each has its quantity, price and tags, and an id of its own. Every invoice is
//! irregular in some way: late lines, lines without tags, unknown fields, taxes, refunds, headers that differ from their lines.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on may panic"))]

use std::fs::read_to_string;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cloud_billing_core::{BillingMonth, BoxFuture, Timestamp};
use cloud_billing_focus::atlas::{Invoice, Options};
use cloud_billing_lake::{Bill, Draft, Error, Listed, Service, Source, Unit, atlas};
use cloud_billing_sandbox::{AtlasInvoice, Estate, Records};

/// The first month of all lakes.
const FIRST: (i32, u32) = (2025, 1);

/// Invoices of organizations for some months, made when they are read.
#[derive(Debug)]
pub struct Made {
    records: Records,
    /// The first month without invoices.
    end: BillingMonth,
    options: Options,
    /// Nanoseconds that the generator took, of all threads.
    generated: AtomicU64,
    /// Rows that were made of the invoices.
    rows: AtomicU64,
}

impl Made {
    /// So many organizations, months from January 2025 on, and lines of an invoice. More organizations or months leave those
    /// before as they are.
    ///
    /// # Errors
    ///
    /// If there are no such months.
    pub fn new(organizations: u32, months: u32, lines: u64) -> Result<Self, Error> {
        let (year, month) = FIRST;
        let first = BillingMonth::new(year, month).map_err(|error| Error::new(error.to_string()))?;
        let end = (0..months).fold(first, |month, _| month.next());
        let estate = Estate::new().organizations(organizations).months(months).line_items(lines);
        let estate = estate.projects(5).clusters(3).irregular(true);
        let records = Records::new(estate, system(settled(end)?)?);
        Ok(Self { records, end, options: Options::new(), generated: AtomicU64::new(0), rows: AtomicU64::new(0) })
    }

    /// The ids of the organizations.
    #[must_use]
    pub fn accounts(&self) -> Vec<String> {
        self.records.ledger().atlas_organizations().collect()
    }

    /// When all invoices are closed and settled: ten days after the last month.
    ///
    /// # Errors
    ///
    /// If there is no such time.
    pub fn now(&self) -> Result<Timestamp, Error> {
        settled(self.end)
    }

    /// How long the generator took, of all threads.
    #[must_use]
    pub fn generated(&self) -> Duration {
        Duration::from_nanos(self.generated.load(Relaxed))
    }

    /// How many rows were made of the invoices.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.load(Relaxed)
    }

    fn timed<T>(&self, make: impl FnOnce(&Records) -> T) -> T {
        let started = Instant::now();
        let made = make(&self.records);
        self.generated.fetch_add(u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX), Relaxed);
        made
    }

    fn listed(&self, account: &str, invoice: &AtlasInvoice) -> Result<Option<Listed>, Error> {
        let month = invoice.month.parse().map_err(|error| Error::with(format!("a month of {account}"), error))?;
        let unit = Unit::new(Service::Atlas, account, month)?;
        let bills = vec![bill(&unit, invoice)];
        Ok((month < self.end).then_some(Listed { unit, bills }))
    }
}

impl Source for Made {
    fn service(&self) -> Service {
        Service::Atlas
    }

    fn list<'a>(&'a self, account: &'a str, _: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>> {
        Box::pin(async move {
            let invoices = self.timed(|records| records.ledger().atlas_invoices(account));
            invoices.iter().filter_map(|invoice| self.listed(account, invoice).transpose()).collect()
        })
    }

    fn read<'a>(&'a self, listed: &'a Listed, into: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let account = listed.unit.account.as_str();
            let name = self.records.ledger().atlas_name(account);
            for bill in &listed.bills {
                let body = self.timed(|records| records.atlas_invoice(account, &bill.id));
                let body = body.ok_or_else(|| Error::new(format!("there is no invoice {}", bill.id)))?;
                into.body("getInvoice", body.as_bytes())?;
                let odd = |error| Error::with(format!("invoice {}", bill.id), error);
                let invoice = Invoice::read(&body).map_err(odd)?;
                atlas::add(&invoice, &listed.unit, bill, name.as_ref(), &self.options, into).await?;
            }
            self.rows.fetch_add(into.rows(), Relaxed);
            Ok(())
        })
    }
}

/// An invoice as the list of invoices has it, with the amounts that the ledger has as the header states them.
fn bill(unit: &Unit, invoice: &AtlasInvoice) -> Bill {
    let amounts = [("amountPaidCents", invoice.amount_paid_cents), ("salesTaxCents", invoice.sales_tax_cents)];
    let amounts = amounts.map(|(name, cents)| (name.to_owned(), cents.to_string())).to_vec();
    let (id, status) = (invoice.id.clone(), invoice.status.to_owned());
    Bill { id, status, updated: None, end: Some(unit.end()), open: false, amounts }
}

fn settled(end: BillingMonth) -> Result<Timestamp, Error> {
    let text = format!("{}T12:00:00Z", end.first_day());
    let noon: Timestamp = text.parse().map_err(|error| Error::with(text, error))?;
    let at = noon.unix_millis().saturating_add(9 * 24 * 60 * 60 * 1_000);
    Timestamp::from_unix_millis(at).ok_or_else(|| Error::new("a time beyond the year 9999"))
}

fn system(at: Timestamp) -> Result<SystemTime, Error> {
    let since = u64::try_from(at.unix_millis()).map_err(|error| Error::with("a time before 1970", error))?;
    Ok(UNIX_EPOCH + Duration::from_millis(since))
}

/// The most memory that this process has held at once, in bytes, where the system says it.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    let status = read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// How many files are below a folder, and how long they are together.
#[must_use]
pub fn files(folder: &Path) -> (u64, u64) {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(|entry| entry.ok()?.metadata().ok());
    files.filter(std::fs::Metadata::is_file).fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.len()))
}
