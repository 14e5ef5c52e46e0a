use atlas_billing::types::{ApiError, ErrorCode, InvoiceId, OrganizationId};
use atlas_billing::{Client, ErrorKind, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization: OrganizationId = config::variable("MONGODB_ATLAS_ORG_ID")?.parse()?;
    let atlas = Client::from_env()?;
    let invoice = InvoiceId::new("0123456789abcdef01234567");
    let error = match atlas.get_invoice(organization, invoice).send().await {
        Ok(invoice) => {
            println!("{:?}", invoice.id);
            return Ok(());
        }
        Err(error) => error,
    };
    let code = error.code().map(ErrorCode::from);
    match error.kind() {
        ErrorKind::Api if code == Some(ErrorCode::InvoiceNotFound) => println!("there is no such invoice: {error}"),
        ErrorKind::InvalidRequest => println!("correct the arguments: {error}"),
        _ if error.is_auth() => println!("check the credential and its role: {error}"),
        _ if error.is_retryable() => println!("try again later: {error}"),
        _ => return Err(error.into()),
    }
    // The service's own error body, for support.
    println!("{:?} {:?}", error.request_id(), error.vendor::<ApiError>());
    Ok(())
}
