//! Clients that talk to a sandbox.

use cloud_billing_sandbox::Sandbox;

/// An Atlas client of a sandbox.
///
/// # Panics
/// If it cannot be built.
#[must_use]
pub fn atlas(sandbox: &Sandbox) -> atlas_billing::Client {
    atlas_billing::Client::builder().base_url(sandbox.atlas_url()).bearer_token("a-token").build().expect("a client")
}

/// An IBM client of a sandbox.
///
/// # Panics
/// If it cannot be built.
#[must_use]
pub fn ibm(sandbox: &Sandbox) -> ibm_usage_reports::Client {
    ibm_usage_reports::Client::builder().base_url(sandbox.ibm_url()).bearer_token("a-token").build().expect("a client")
}

/// A client of IBM's enterprises in a sandbox.
///
/// # Panics
/// If it cannot be built.
#[must_use]
pub fn ibm_enterprise(sandbox: &Sandbox) -> ibm_enterprise::Client {
    let builder = ibm_enterprise::Client::builder().base_url(sandbox.ibm_enterprise_url());
    builder.bearer_token("a-token").build().expect("a client")
}
