use std::time::Duration;

use atlas_billing::Client;
use reqwest::{Identity, redirect::Policy};

pub fn with_a_client_certificate() -> Result<Client, Box<dyn std::error::Error>> {
    // The private key and the certificates, one after the other, in PEM format.
    let identity = Identity::from_pem(&std::fs::read("/etc/company/client.pem")?)?;
    let http = reqwest::Client::builder()
        .identity(identity)
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .build()?;
    Ok(Client::builder_from_env()?.http_client(http).build()?)
}
