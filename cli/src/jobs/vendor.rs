//! The vendors' own FOCUS exports, row by row.

use atlas_billing::Client as Atlas;
use atlas_billing::types::{InvoiceId, OrganizationId};
use cloud_billing_core::csv::Table;
use cloud_billing_core::gzip::Gunzip;
use cloud_billing_core::{BillingMonth, ByteStream, Error, ErrorKind};
use cloud_billing_focus::Row;
use cloud_billing_focus::vendor::Header;
use ibm_usage_reports::Client as Ibm;
use ibm_usage_reports::types::AccountId;

use super::payers::{Account, Payer};

/// After so many rows other tasks run.
const ROWS_AT_ONCE: usize = 1_000;

/// An export that arrives.
pub(super) struct Export {
    table: Table<Gunzip<ByteStream>>,
    header: Option<Header>,
    rows: usize,
}

/// Hands out the rows of a month of an organization or account, as the vendor has them.
pub(super) async fn rows(
    payer: &Payer,
    month: BillingMonth,
    each: &mut (dyn FnMut(Row<'static>) + Send),
) -> Result<(), Error> {
    match &payer.account {
        Account::Atlas(client, id) => {
            for invoice in super::atlas::invoices(client, id, month, month).await? {
                let invoice = invoice.id.ok_or_else(|| Error::new(ErrorKind::Decode, "an invoice has no id"))?;
                all(of_invoice(client, id, &invoice).await?, each).await?;
            }
            Ok(())
        }
        Account::Ibm(client, id) => all(of_account(client, id, month).await?, each).await,
    }
}

async fn all(mut export: Export, each: &mut (dyn FnMut(Row<'static>) + Send)) -> Result<(), Error> {
    while let Some(row) = export.next().await? {
        each(row);
    }
    Ok(())
}

/// The report on an invoice of Atlas, which is asked for and waited for.
pub(super) async fn of_invoice(client: &Atlas, id: &OrganizationId, invoice: &InvoiceId) -> Result<Export, Error> {
    let report = client.invoice_report(id, invoice).run().await?;
    Ok(Export::new(report.download().await?.into_inner()))
}

/// The export of a month of an account of IBM Cloud.
pub(super) async fn of_account(client: &Ibm, id: &AccountId, month: BillingMonth) -> Result<Export, Error> {
    Ok(Export::new(client.focus_csv(id, month).send().await?.into_inner()))
}

impl Export {
    fn new(file: ByteStream) -> Self {
        Self { table: Table::new(file.gzip_csv_records()), header: None, rows: 0 }
    }

    /// The next row. `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Row<'static>>, Error> {
        if self.header.is_none() {
            let names = self.table.read_header().await?;
            let header = names.map_or_else(|| Header::new([]), |header| Header::new(header.names()));
            self.header = Some(header.map_err(|error| Error::new(ErrorKind::Decode, error.to_string()))?);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_AT_ONCE) {
            tokio::task::yield_now().await;
        }
        let row = self.table.try_next().await?;
        Ok(row.zip(self.header.as_ref()).map(|(row, header)| header.row(row.record().iter())))
    }
}
