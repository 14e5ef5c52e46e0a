//! `report`: requests a report on an invoice of Atlas, waits for it, and downloads it as a whole or not at all.

use std::io::{Read as _, Seek as _, Write as _};

use atlas_billing::Client;
use atlas_billing::types::{InvoiceId, OrganizationId};
use clap::{ArgMatches, Command};
use cloud_billing_core::{ByteStream, Error};

use super::flags::{self, value};
use super::payers::{self, Account, Payer};
use super::{atlas, month, progress};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::File;

pub(super) fn command() -> Command {
    Command::new("report")
        .about("Download a report on an invoice of Atlas: FOCUS, which is waited for, or CSV")
        .arg(value("org", "ID").help("Organization [default: MONGODB_ATLAS_ORG_ID]"))
        .arg(value("invoice", "ID").conflicts_with("month").help("The invoice [default: that of the month]"))
        .arg(flags::last_month())
        .arg(value("format", "FORMAT").value_parser(["focus", "csv"]).default_value("focus").help("Which report"))
        .arg(value("focus-version", "VERSION").help("Version of FOCUS, such as 1.3 [default of the service]"))
        .arg(flags::timeout())
        .arg(value("out", "FILE").help("The report, as a whole or not at all [default: standard output]"))
}

pub(super) async fn run(matches: &ArgMatches, context: &mut Context) -> Result<u8, Failure> {
    let client = Client::from_environment(&context.environment)?;
    let mut sink = Sink::new(matches)?;
    let (client, organization) = organization(client, matches, context).await?;
    let invoice = invoice(&client, &organization, matches, context).await?;
    let bar = progress::bar(context, "Waiting for the report", 1);
    let mut stream = match matches.get_one::<String>("format").map(String::as_str) {
        Some("csv") => client.get_invoice_csv(&organization, &invoice).send().await?.into_inner(),
        _ => focus(&client, &organization, &invoice, matches).await?,
    };
    bar.finish_and_clear();
    while let Some(chunk) = stream.next().await {
        sink.write(&chunk?)?;
    }
    sink.keep(context)?;
    if let Some(path) = matches.get_one::<String>("out") {
        context.note(&format!("wrote {path}"));
    }
    Ok(0)
}

async fn focus(
    client: &Client,
    organization: &OrganizationId,
    invoice: &InvoiceId,
    matches: &ArgMatches,
) -> Result<ByteStream, Error> {
    let mut report = client.invoice_report(organization, invoice).deadline(flags::deadline(matches));
    if let Some(version) = matches.get_one::<String>("focus-version") {
        report = report.format_spec_version(version.as_str());
    }
    Ok(report.run().await?.download().await?.into_inner())
}

/// The one organization that is meant.
async fn organization(
    client: Client,
    matches: &ArgMatches,
    context: &mut Context,
) -> Result<(Client, OrganizationId), Failure> {
    let all = payers::organizations(client, matches, context).await?;
    let count = all.len();
    match all.into_iter().next() {
        Some(Payer { account: Account::Atlas(client, id), .. }) if count == 1 => Ok((client, id)),
        _ => Err(Failure::usage(format!("the credential can see {count} organizations of Atlas"))
            .hint("name one with --org or MONGODB_ATLAS_ORG_ID")),
    }
}

/// The one invoice that is meant.
async fn invoice(
    client: &Client,
    organization: &OrganizationId,
    matches: &ArgMatches,
    context: &Context,
) -> Result<InvoiceId, Failure> {
    if let Some(id) = matches.get_one::<String>("invoice") {
        return Ok(InvoiceId::new(id.as_str()));
    }
    let month = month::of(matches, "month", 1, context)?;
    let invoices = atlas::invoices(client, organization, month, month).await?;
    let ids: Option<Vec<InvoiceId>> = invoices.into_iter().map(|invoice| invoice.id).collect();
    let mut ids = ids.ok_or_else(|| Failure::new(9, format!("an invoice for {month} has no id")))?;
    match (ids.pop(), ids.is_empty()) {
        (Some(id), true) => Ok(id),
        (None, _) => Err(Failure::new(6, format!("there is no invoice for {month}"))),
        (Some(last), false) => {
            ids.push(last);
            let ids = ids.iter().map(InvoiceId::as_str).collect::<Vec<_>>().join(", ");
            Err(Failure::usage(format!("there are several invoices for {month}: {ids}"))
                .hint("choose one with --invoice"))
        }
    }
}

/// Where the report goes: a file, or standard output once it is whole.
enum Sink {
    File(File),
    Temporary(std::fs::File),
}

impl Sink {
    fn new(matches: &ArgMatches) -> Result<Self, Failure> {
        Ok(match File::of(matches)? {
            Some(file) => Self::File(file),
            None => Self::Temporary(tempfile::tempfile().map_err(|error| temporary(&error))?),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Temporary(file) => file.write_all(bytes).map_err(|error| temporary(&error)),
        }
    }

    fn keep(self, context: &mut Context) -> Result<(), Failure> {
        let mut file = match self {
            Self::File(file) => return file.keep(),
            Self::Temporary(file) => file,
        };
        file.rewind().map_err(|error| temporary(&error))?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match file.read(&mut buffer).map_err(|error| temporary(&error))? {
                0 => return context.flush(),
                count => context.write(buffer.get(..count).unwrap_or_default())?,
            }
        }
    }
}

fn temporary(error: &std::io::Error) -> Failure {
    Failure::new(1, format!("cannot keep the report in a temporary file: {error}"))
}
