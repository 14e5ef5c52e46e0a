use atlas_billing::auth::{ApiKey, ServiceAccount};
use atlas_billing::{Client, Error};

fn main() -> Result<(), Error> {
    let account = ServiceAccount::new("mdb_sa_id_0123456789abcdef01234567", "mdb_sa_sk_secret");
    let by_account = Client::builder().credential(account).build()?;
    let by_key = Client::builder().credential(ApiKey::new("public", "private")).build()?;
    let by_token = Client::builder().bearer_token("access-token").build()?;
    println!("{by_account:?} {by_key:?} {by_token:?}"); // no secret is shown
    Ok(())
}
