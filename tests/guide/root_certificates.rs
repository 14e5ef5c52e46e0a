use atlas_billing::Client;

pub fn through_the_proxy() -> Result<Client, Box<dyn std::error::Error>> {
    let root = std::fs::read("/etc/company/root.pem")?;
    Ok(Client::builder_from_env()?.root_certificates(root).build()?)
}
