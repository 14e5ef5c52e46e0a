//! MongoDB Atlas by its typed client.

use std::collections::BTreeMap;

use atlas_billing::Client;
use atlas_billing::types::{BillingInvoice, BillingInvoiceMetadata, InvoiceId, InvoiceStatus, OrganizationId};
use cloud_billing_core::{BillingMonth, BoxFuture, Lenient, Timestamp};
use cloud_billing_focus::atlas::{Invoice, Mapper, Options};

use crate::draft::{Cell, Draft};
use crate::error::Error;
use crate::source::{Bill, Listed, ROWS_AT_ONCE, Source};
use crate::table::Table;
use crate::unit::{Service, Unit};

/// The most invoices of an organization that are listed.
const INVOICES: usize = 10_000;

/// Invoices of organizations. Those of linked organizations are those organizations' own.
#[derive(Debug)]
pub struct Atlas {
    client: Client,
    /// The names of organizations, by id.
    names: BTreeMap<String, String>,
    since: BillingMonth,
    options: Options,
}

impl Atlas {
    /// Invoices of this month and later ones. `options` say what rows are like; names of organizations are added to them.
    #[must_use]
    pub const fn new(client: Client, since: BillingMonth, options: Options) -> Self {
        Self { client, names: BTreeMap::new(), since, options }
    }

    /// Sets the names of organizations, by id.
    #[must_use]
    pub fn names(mut self, names: BTreeMap<String, String>) -> Self {
        self.names = names;
        self
    }

    /// The organizations that the credential reads, each with its name.
    ///
    /// # Errors
    ///
    /// Those of the call.
    pub async fn organizations(client: &Client) -> Result<BTreeMap<String, String>, Error> {
        let mut items = client.list_orgs().items();
        let mut found = BTreeMap::new();
        while let Some(organization) = items.try_next().await? {
            if let Some(id) = organization.id {
                found.insert(id.to_string(), organization.name.unwrap_or_default());
            }
        }
        Ok(found)
    }

    async fn invoices(&self, account: &str) -> Result<Vec<Listed>, Error> {
        let call = self.client.list_invoices(OrganizationId::new(account)).view_linked_invoices(false);
        let call = call.from_date(self.since.first_day());
        let invoices = call.items().distinct().collect_all(INVOICES).await?;
        let mut months: BTreeMap<BillingMonth, Vec<Bill>> = BTreeMap::new();
        for invoice in &invoices {
            let month = month(account, invoice)?;
            if month >= self.since {
                months.entry(month).or_default().push(bill(account, invoice)?);
            }
        }
        let unit = |month| Unit::new(Service::Atlas, account, month);
        months.into_iter().map(|(month, bills)| Ok(Listed { unit: unit(month)?, bills })).collect()
    }

    async fn invoice(&self, listed: &Listed, listed_bill: &Bill, into: &mut Draft) -> Result<(), Error> {
        let unit = &listed.unit;
        let (organization, id) = (OrganizationId::new(unit.account.as_str()), InvoiceId::new(listed_bill.id.as_str()));
        let odd = |error: &dyn std::fmt::Display| Error::new(format!("invoice {}: {error}", listed_bill.id));
        let first = self.client.get_invoice(&organization, &id).send_raw().await?;
        let mut invoice = Invoice::read(first.json()).map_err(|error| odd(&error))?;
        let again;
        let mut response = &first;
        if !listed_bill.open && invoice.differs_from(&statement(listed_bill)) {
            // A replica that lags behind may have answered.
            again = self.client.get_invoice(&organization, &id).send_raw().await?;
            (response, invoice) = (&again, Invoice::read(again.json()).map_err(|error| odd(&error))?);
        }
        into.body("getInvoice", response.bytes())?;
        add(&invoice, unit, listed_bill, self.names.get(&unit.account), &self.options, into).await
    }
}

/// Adds the rows and records of an invoice to its unit.
///
/// # Errors
///
/// If it is another invoice than the listed one, or of another period, or cannot be read; or if a row cannot be written.
pub async fn add(
    invoice: &Invoice<'_>,
    unit: &Unit,
    listed: &Bill,
    name: Option<&String>,
    options: &Options,
    into: &mut Draft,
) -> Result<(), Error> {
    let odd = |error: &dyn std::fmt::Display| Error::new(format!("invoice {}: {error}", listed.id));
    if !invoice.is_of(&unit.account, &listed.id) {
        return Err(odd(&"the service answered with another invoice"));
    }
    let (statement, own) = (statement(listed), invoice.as_listed());
    // Queries look for a month in its own folders alone.
    if month(&unit.account, &own)? != unit.period || !invoice.is_of_period(&statement) {
        return Err(odd(&"the service answered with an invoice of another period than its list states"));
    }
    let options = match name {
        Some(name) => options.clone().organization_name(name),
        None => options.clone(),
    };
    let mut mapper = Mapper::new(invoice, &options).map_err(|error| odd(&error))?;
    for (number, line) in (1..).zip(invoice.lines()) {
        into.row(&mapper.row(&line.map_err(|error| odd(&error))?))?;
        if number % ROWS_AT_ONCE == 0 {
            tokio::task::yield_now().await;
        }
    }
    let mut end = mapper.finish();
    end.rows.iter().try_for_each(|row| into.row(row))?;
    if !listed.open && invoice.differs_from(&statement) {
        end.reconciliation.doubt("invoice and its line of the list");
        into.differs_from_list(bill(&unit.account, &own)?);
    }
    into.reconciliation(&end.reconciliation)?;
    tables(invoice.header(), name, into)
}

impl Source for Atlas {
    fn service(&self) -> Service {
        Service::Atlas
    }

    fn since(&self) -> Option<BillingMonth> {
        Some(self.since)
    }

    fn list<'a>(&'a self, account: &'a str, _: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, Error>> {
        Box::pin(self.invoices(account))
    }

    fn read<'a>(&'a self, listed: &'a Listed, into: &'a mut Draft) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            // In one order, whatever that of the list is: the same invoices make the same files.
            let mut bills: Vec<_> = listed.bills.iter().collect();
            bills.sort_by(|a, b| a.id.cmp(&b.id));
            for bill in bills {
                self.invoice(listed, bill, into).await?;
            }
            Ok(())
        })
    }
}

fn month(account: &str, invoice: &BillingInvoiceMetadata) -> Result<BillingMonth, Error> {
    let start = invoice.start_date.known();
    let start = start.ok_or_else(|| Error::new(format!("an invoice of {account} has no startDate")))?;
    BillingMonth::containing(start.date()).map_err(|error| Error::with(format!("an invoice of {account}"), error))
}

fn bill(account: &str, invoice: &BillingInvoiceMetadata) -> Result<Bill, Error> {
    let id = invoice.id.as_ref().ok_or_else(|| Error::new(format!("an invoice of {account} has no id")))?;
    let amounts = [
        ("amountBilledCents", invoice.amount_billed_cents),
        ("amountPaidCents", invoice.amount_paid_cents),
        ("creditsCents", invoice.credits_cents),
        ("salesTaxCents", invoice.sales_tax_cents),
        ("startingBalanceCents", invoice.starting_balance_cents),
        ("subtotalCents", invoice.subtotal_cents),
    ];
    Ok(Bill {
        id: id.to_string(),
        status: invoice.status_name.as_ref().map(ToString::to_string).unwrap_or_default(),
        updated: invoice.updated.known().map(ToString::to_string),
        end: invoice.end_date.known().map(|end| end.unix_millis()),
        open: invoice.status_name == Some(InvoiceStatus::Pending),
        amounts: amounts.iter().filter_map(|(name, cents)| Some(((*name).to_owned(), (*cents)?.to_string()))).collect(),
    })
}

/// What the list states of a bill.
fn statement(bill: &Bill) -> BillingInvoiceMetadata {
    let cents = |name| bill.amounts.iter().find(|(of, _)| of == name).and_then(|(_, cents)| cents.parse().ok());
    let mut listed = BillingInvoiceMetadata::default();
    listed.status_name =
        Some(&bill.status).filter(|status| !status.is_empty()).map(|it| InvoiceStatus::from(it.as_str()));
    listed.end_date = bill.end.and_then(Timestamp::from_unix_millis).map_or_else(Lenient::absent, Lenient::new);
    listed.amount_billed_cents = cents("amountBilledCents");
    listed.amount_paid_cents = cents("amountPaidCents");
    listed.credits_cents = cents("creditsCents");
    listed.sales_tax_cents = cents("salesTaxCents");
    listed.starting_balance_cents = cents("startingBalanceCents");
    listed.subtotal_cents = cents("subtotalCents");
    listed
}

/// The header, payments and refunds of an invoice.
fn tables(invoice: &BillingInvoice, name: Option<&String>, into: &mut Draft) -> Result<(), Error> {
    let account = ("BillingAccountId", Cell::text(invoice.org_id.as_ref()));
    let id = ("InvoiceId", Cell::text(invoice.id.as_ref()));
    // Cents are those of US dollars.
    let currency = ("BillingCurrency", Cell::Text("USD".to_owned()));
    into.record(
        Table::Invoices,
        &[
            account.clone(),
            ("BillingAccountName", Cell::text(name)),
            id.clone(),
            ("Status", Cell::text(invoice.status_name.as_ref())),
            currency.clone(),
            ("BillingPeriodStart", Cell::time(&invoice.start_date)),
            ("BillingPeriodEnd", Cell::time(&invoice.end_date)),
            ("Created", Cell::time(&invoice.created)),
            ("Updated", Cell::time(&invoice.updated)),
            ("Subtotal", Cell::cents(invoice.subtotal_cents)),
            ("Credits", Cell::cents(invoice.credits_cents)),
            ("SalesTax", Cell::cents(invoice.sales_tax_cents)),
            ("StartingBalance", Cell::cents(invoice.starting_balance_cents)),
            ("AmountBilled", Cell::cents(invoice.amount_billed_cents)),
            ("AmountPaid", Cell::cents(invoice.amount_paid_cents)),
        ],
    )?;
    for payment in &invoice.payments {
        into.record(
            Table::Payments,
            &[
                account.clone(),
                id.clone(),
                ("PaymentId", Cell::text(payment.id.as_ref())),
                ("Status", Cell::text(payment.status_name.as_ref())),
                ("Created", Cell::time(&payment.created)),
                ("Updated", Cell::time(&payment.updated)),
                currency.clone(),
                ("Subtotal", Cell::cents(payment.subtotal_cents)),
                ("SalesTax", Cell::cents(payment.sales_tax_cents)),
                ("AmountBilled", Cell::cents(payment.amount_billed_cents)),
                ("AmountPaid", Cell::cents(payment.amount_paid_cents)),
                ("PaymentCurrency", Cell::text(payment.currency.as_ref())),
                ("UnitPrice", Cell::text(payment.unit_price.as_ref())),
            ],
        )?;
    }
    for refund in &invoice.refunds {
        into.record(
            Table::Refunds,
            &[
                account.clone(),
                id.clone(),
                ("PaymentId", Cell::text(refund.payment_id.as_ref())),
                ("Created", Cell::time(&refund.created)),
                currency.clone(),
                ("Amount", Cell::cents(refund.amount_cents)),
                ("Reason", Cell::text(refund.reason.as_ref())),
            ],
        )?;
    }
    Ok(())
}
