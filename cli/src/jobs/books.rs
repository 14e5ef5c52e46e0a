//! The bills of a month as FOCUS rows, with their reconciliations.

use atlas_billing::Client as Atlas;
use atlas_billing::types::{BillingInvoiceMetadata, OrganizationId};
use cloud_billing_core::paginate::As;
use cloud_billing_core::{BillingMonth, Error, ErrorKind, Items};
use cloud_billing_focus::reconcile::Reconciliation;
use cloud_billing_focus::{Mode, Row, atlas, ibm};
use ibm_usage_reports::Client as Ibm;
use ibm_usage_reports::types::AccountId;

use super::ibm::PAGE;
use super::payers::{Account, Payer};
use super::vendor;

/// After so many rows other tasks run.
const ROWS_AT_ONCE: usize = 1_000;

/// What rows are made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowSource {
    /// The vendor's bill: lines of invoices, metrics of instances.
    Bill(Mode),
    /// The vendor's own FOCUS export, and of the bill what that lacks.
    Vendor,
}

impl RowSource {
    const fn mode(self) -> Mode {
        match self {
            Self::Bill(mode) => mode,
            Self::Vendor => Mode::Strict,
        }
    }
}

/// Takes the rows. It ends the reading with an error.
pub(super) type Each<'e, E> = dyn FnMut(&Row<'_>) -> Result<(), E> + Send + 'e;

/// Hands out the rows of a month of an organization or account, and returns the reconciliation of each invoice or of the month.
pub(super) async fn read<E: From<Error>>(
    payer: &Payer,
    month: BillingMonth,
    source: RowSource,
    each: &mut Each<'_, E>,
) -> Result<Vec<Reconciliation>, E> {
    match &payer.account {
        Account::Atlas(client, id) => {
            let mut options = atlas::Options::new().mode(source.mode());
            if let Some(name) = &payer.name {
                options = options.organization_name(name);
            }
            let mut found = Vec::new();
            for invoice in super::atlas::invoices(client, id, month, month).await? {
                found.push(invoice_rows(client, id, &invoice, source, &options, each).await?);
            }
            Ok(found)
        }
        Account::Ibm(client, id) => {
            let mut options = ibm::Options::new().mode(source.mode());
            if let Some(name) = &payer.name {
                options = options.account_name(name);
            }
            Ok(vec![account_rows(client, id, month, source, &options, each).await?])
        }
    }
}

async fn invoice_rows<E: From<Error>>(
    client: &Atlas,
    organization: &OrganizationId,
    listed: &BillingInvoiceMetadata,
    source: RowSource,
    options: &atlas::Options,
    each: &mut Each<'_, E>,
) -> Result<Reconciliation, E> {
    let id = listed.id.as_ref().ok_or_else(|| Error::new(ErrorKind::Decode, "an invoice has no id"))?;
    let body = client.get_invoice(organization, id).send_raw().await?;
    let mut invoice = atlas::Invoice::read(body.json()).map_err(odd)?;
    let is_settled = listed.is_final() != Some(false);
    let again;
    if is_settled && invoice.differs_from(listed) {
        // A replica that lags behind may have answered.
        again = client.get_invoice(organization, id).send_raw().await?;
        invoice = atlas::Invoice::read(again.json()).map_err(odd)?;
    }
    require(invoice.is_of(organization, id) && invoice.is_of_period(listed))?;
    let mut mapper = atlas::Mapper::new(&invoice, options).map_err(odd)?;
    if let RowSource::Vendor = source {
        let mut export = vendor::of_invoice(client, organization, id).await?;
        while let Some(row) = export.next().await? {
            each(&mapper.complete(row))?;
        }
    } else {
        for (index, line) in invoice.lines().enumerate() {
            each(&mapper.row(&line.map_err(odd)?))?;
            if index % ROWS_AT_ONCE == ROWS_AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
        }
    }
    let mut end = mapper.finish();
    end.rows.iter().try_for_each(each)?;
    if is_settled && invoice.differs_from(listed) {
        end.reconciliation.doubt("invoice and its line of the list");
    }
    Ok(end.reconciliation)
}

async fn account_rows<E: From<Error>>(
    client: &Ibm,
    account: &AccountId,
    month: BillingMonth,
    source: RowSource,
    options: &ibm::Options,
    each: &mut Each<'_, E>,
) -> Result<Reconciliation, E> {
    let report = client.get_account_usage(account, month).names(true).send_raw().await?;
    let report = ibm::Report::read(report.json()).map_err(odd)?;
    let summary = client.get_account_summary(account, month).send_raw().await?;
    let summary = ibm::Summary::read(summary.json()).map_err(odd)?;
    if let RowSource::Vendor = source {
        let mut mapper = ibm::Mapper::of_export(&report, &summary, options).map_err(odd)?;
        require(mapper.is_of(account, month))?;
        let mut export = vendor::of_account(client, account, month).await?;
        while let Some(row) = export.next().await? {
            each(&mapper.complete(row))?;
        }
        return end_of_account(mapper, each);
    }
    let mut mapper = ibm::Mapper::new(&report, &summary, options).map_err(odd)?;
    require(mapper.is_of(account, month))?;
    let instances = client.get_resource_usage_account(account, month).names(true).tags(true).limit(PAGE);
    let mut instances = Items::new(As::<_, ibm::Instance>::new(instances));
    while let Some(instance) = instances.try_next().await? {
        mapper.rows(&instance).map_err(odd)?.try_for_each(|row| each(&row))?;
    }
    end_of_account(mapper, each)
}

fn end_of_account<E>(mapper: ibm::Mapper, each: &mut Each<'_, E>) -> Result<Reconciliation, E> {
    let end = mapper.finish();
    end.rows.iter().try_for_each(each)?;
    Ok(end.reconciliation)
}

/// Refuses the bill of another organization, account or month than was asked for.
pub(super) fn require(is_asked_for: bool) -> Result<(), Error> {
    let other = || Error::new(ErrorKind::Decode, "the service answered with another bill than was asked for");
    if is_asked_for { Ok(()) } else { Err(other()) }
}

/// A bill that no row can be made of.
fn odd(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Decode, "a bill is no FOCUS row").with_source(error)
}
