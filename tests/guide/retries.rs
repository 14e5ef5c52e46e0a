use std::time::Duration;

use atlas_billing::{Client, Error, RetryPolicy};

fn main() -> Result<(), Error> {
    let patient = RetryPolicy::new()
        .max_attempts(8)
        .backoff(Duration::from_secs(1), Duration::from_secs(60))
        .max_retry_after(Duration::from_secs(120));
    let atlas = Client::builder_from_env()?
        .retry(patient)
        .attempt_timeout(Duration::from_secs(20))
        .overall_timeout(Duration::from_secs(600))
        .build()?;
    println!("{atlas:?}");
    Ok(())
}
