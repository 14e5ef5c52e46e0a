use atlas_billing::types::ApiError;
use atlas_billing::{Client, ErrorKind, config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let organization = config::variable("MONGODB_ATLAS_ORG_ID")?;
    let atlas = Client::from_env()?;
    let error = match atlas.get_invoice(organization, "0123456789abcdef01234567").send().await {
        Ok(invoice) => {
            println!("{:?}", invoice.id);
            return Ok(());
        }
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::Api if error.status() == Some(404) => println!("there is no such invoice: {error}"),
        ErrorKind::InvalidRequest => println!("correct the arguments: {error}"),
        _ if error.is_auth() => println!("check the credential and its role: {error}"),
        _ if error.is_retryable() => println!("try again later: {error}"),
        _ => return Err(error.into()),
    }
    // The service's own error body, for support.
    println!("{:?} {:?}", error.request_id(), error.vendor::<ApiError>());
    Ok(())
}
