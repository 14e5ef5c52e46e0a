use atlas_billing::types::{ApiError, BillingInvoice, ErrorCode, InvoiceId, OrganizationId};
use atlas_billing::{Client, Error, ErrorKind, Response, config};

/// What a nightly job does about an invoice.
#[derive(Debug, PartialEq)]
enum Outcome {
    Read(Box<BillingInvoice>),
    /// Nothing to do: it is not there, or not yet.
    Skipped,
    /// The same call may work later.
    Later,
    /// A person has to act.
    Alert(String),
}

fn outcome(result: Result<BillingInvoice, Error>) -> Outcome {
    let error = match result {
        Ok(invoice) => return Outcome::Read(Box::new(invoice)),
        Err(error) => error,
    };
    let code = error.code().map(ErrorCode::from);
    match (error.kind(), error.status()) {
        // 404: which thing was not found, says the code.
        (ErrorKind::Api, Some(404)) if code == Some(ErrorCode::InvoiceNotFound) => Outcome::Skipped,
        (ErrorKind::NotReady, _) => Outcome::Skipped,
        // 401: the credential, with Atlas also the role. 403: with IBM Cloud the role, with Atlas the address of this machine.
        (ErrorKind::Api, Some(401)) => Outcome::Alert(format!("the credential was refused: {error}")),
        (ErrorKind::Api, Some(403)) => Outcome::Alert(format!("a role or an IP access list entry is missing: {error}")),
        (ErrorKind::Credential, _) => Outcome::Alert(format!("there is no token: {error}")),
        // 429: the quota is used up, after all retries.
        (ErrorKind::Api, Some(429)) => Outcome::Later,
        // A body that is not what the spec says: an amount that is no number.
        (ErrorKind::Decode, _) => Outcome::Alert(format!("report this, at {:?}: {error}", error.path())),
        // A timeout, a lost connection, 5xx.
        _ if error.is_timeout() || error.is_retryable() => Outcome::Later,
        // The service's own error body, and the id that its support asks for.
        _ => Outcome::Alert(format!("{error} {:?} {:?}", error.vendor::<ApiError>(), error.request_id())),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization: OrganizationId = config::variable("MONGODB_ATLAS_ORG_ID")?.parse()?;
    let atlas = Client::from_env()?;
    let invoice = atlas.get_invoice(organization, InvoiceId::new("0123456789abcdef01234567")).await;
    assert_eq!(outcome(invoice.map(Response::into_inner)), Outcome::Skipped);
    Ok(())
}
