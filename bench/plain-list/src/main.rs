//! Lists records with plain progenitor's client. It has no pagination, so the loop over the cursors is written by hand.

use std::error::Error;
use std::num::NonZeroU64;
use std::time::Instant;

use outcome::Tally;

const ACCOUNT: &str = "3f1c9e5a7b2d4c6088aa51d7e0b49c12";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mode, url, _) = outcome::arguments();
    let started = Instant::now();
    if mode != "typed" {
        return Err(format!("unknown mode {mode}").into());
    }
    // Its own `Client::new` would time out each request after 15 s.
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("authorization", "Bearer token".parse()?);
    let http = reqwest::Client::builder().no_proxy().default_headers(headers).build()?;
    let client = plain::ibm::Client::new_with_client(&url, http);
    let account = ACCOUNT.parse()?;
    let mut tally = Tally::default();
    let mut cursor: Option<String> = None;
    loop {
        let page = client
            .get_resource_usage_account(
                &account,
                "2026-01",
                NonZeroU64::new(200),
                Some(true),
                cursor.as_deref(),
                Some(true),
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
            )
            .await?;
        page.resources.iter().for_each(|record| tally.add(record.resource_instance_id.as_str()));
        cursor = page.next.as_ref().and_then(|next| next.offset.clone());
        if cursor.is_none() {
            break;
        }
    }
    outcome::report(tally, started);
    Ok(())
}
