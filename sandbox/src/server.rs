//! The running sandbox.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::builder::Builder;
use crate::error::Error;
use crate::estate::Ledger;
use crate::fault::Fault;
use crate::handle::{self, Role, Shared};
use crate::record::RecordedRequest;
use crate::serve::Running;
use crate::spec::{Service, Spec};

/// HTTP servers on the loopback interface, one for each service and one for downloads.
///
/// They run in a thread of their own, independent of the caller's runtime. Any number of sandboxes can run at once.
/// Dropping a sandbox shuts it down, which takes a quarter of a second at most. When the drop returns, its ports are
/// free.
#[derive(Debug)]
pub struct Sandbox {
    atlas: String,
    ibm: String,
    ibm_enterprise: String,
    shared: Arc<Shared>,
    running: Running,
}

impl Sandbox {
    /// The base URLs are those of the services, in the order of [`Service::ALL`].
    pub(crate) fn new(base_urls: [String; 3], shared: Arc<Shared>, running: Running) -> Self {
        let [atlas, ibm, ibm_enterprise] = base_urls;
        Self { atlas, ibm, ibm_enterprise, shared, running }
    }

    /// Starts a sandbox on free ports.
    ///
    /// # Errors
    ///
    /// If no port is available, or the server thread cannot be started.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Configures a sandbox.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL of Atlas and of its token endpoints, without a trailing slash.
    pub fn atlas_url(&self) -> &str {
        &self.atlas
    }

    /// The base URL of IBM Cloud Usage Reports, of IAM and of the VPC identity service, without a trailing slash.
    pub fn ibm_url(&self) -> &str {
        &self.ibm
    }

    /// The base URL of IBM Cloud Enterprise Usage Reports, without a trailing slash. Its tokens come from IAM at
    /// [`ibm_url`](Self::ibm_url).
    pub fn ibm_enterprise_url(&self) -> &str {
        &self.ibm_enterprise
    }

    /// The base URL of report downloads of Atlas, without a trailing slash. It serves signed URLs only, and only without an
    /// `Authorization` header.
    pub fn downloads_url(&self) -> &str {
        &self.shared.downloads
    }

    /// The base URL of a service, without a trailing slash.
    pub fn url(&self, service: Service) -> &str {
        match service {
            Service::Atlas => self.atlas_url(),
            Service::Ibm => self.ibm_url(),
            Service::IbmEnterprise => self.ibm_enterprise_url(),
        }
    }

    /// The ledger of the estate, if the sandbox has one.
    pub fn estate(&self) -> Option<Ledger<'_>> {
        self.shared.estates.as_ref().map(|estates| Ledger::new(estates, self.shared.clock.now()))
    }

    /// The environment variables that point a client at this sandbox, with a service account for Atlas and an API key
    /// for IBM. With an estate, also the identifiers and the month that the vendors' examples and tests read.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let (id, secret) = self.atlas_service_account();
        let mut variables = vec![
            ("MONGODB_ATLAS_BASE_URL", self.atlas.clone()),
            ("MONGODB_ATLAS_CLIENT_ID", id.to_owned()),
            ("MONGODB_ATLAS_CLIENT_SECRET", secret.to_owned()),
            ("USAGE_REPORTS_URL", self.ibm.clone()),
            ("USAGE_REPORTS_AUTH_TYPE", "iam".to_owned()),
            ("USAGE_REPORTS_AUTH_URL", self.ibm.clone()),
            ("USAGE_REPORTS_APIKEY", self.ibm_api_key().to_owned()),
            ("ENTERPRISE_USAGE_REPORTS_URL", self.ibm_enterprise.clone()),
            ("ENTERPRISE_USAGE_REPORTS_AUTH_TYPE", "iam".to_owned()),
            ("ENTERPRISE_USAGE_REPORTS_AUTH_URL", self.ibm.clone()),
            ("ENTERPRISE_USAGE_REPORTS_APIKEY", self.ibm_api_key().to_owned()),
        ];
        if let Some(estate) = self.estate() {
            let organization = estate.atlas_organizations().next().unwrap_or_default();
            let invoice = estate.atlas_invoices(&organization).into_iter().next().map(|invoice| invoice.id);
            let month = estate.months().pop();
            variables.extend([
                ("MONGODB_ATLAS_ORG_ID", organization),
                ("MONGODB_ATLAS_INVOICE_ID", invoice.unwrap_or_default()),
                ("USAGE_REPORTS_ACCOUNT_ID", estate.ibm_account().to_owned()),
                ("USAGE_REPORTS_RESOURCE_GROUP_ID", estate.ibm_resource_groups().first().cloned().unwrap_or_default()),
                ("USAGE_REPORTS_ORG_ID", estate.ibm_organizations().first().cloned().unwrap_or_default()),
                ("USAGE_REPORTS_BILLING_MONTH", month.clone().unwrap_or_default()),
                ("ENTERPRISE_USAGE_REPORTS_ENTERPRISE_ID", estate.ibm_enterprise().to_owned()),
                ("ENTERPRISE_USAGE_REPORTS_ACCOUNT_ID", estate.ibm_account().to_owned()),
                ("ENTERPRISE_USAGE_REPORTS_BILLING_MONTH", month.unwrap_or_default()),
            ]);
            let group = estate.ibm_account_groups().next();
            variables.extend(group.map(|id| ("ENTERPRISE_USAGE_REPORTS_ACCOUNT_GROUP_ID", id.to_owned())));
        }
        variables
    }

    /// The requests received so far, oldest first; at most the last ten thousand, or as many as
    /// [`Builder::kept_requests`] sets. A request is in the list before its response is sent.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.all()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }

    /// Shuts down, and waits for the end. A drop does the same, but blocks the thread.
    pub async fn shutdown(self) {
        self.running.shutdown().await;
    }
}

/// The credentials of this sandbox. Each sandbox has its own.
impl Sandbox {
    /// The client id and the secret of Atlas's service account.
    pub fn atlas_service_account(&self) -> (&str, &str) {
        let (id, secret) = &self.shared.authority.credentials.service_account;
        (id, secret)
    }

    /// The public and the private key of Atlas's API key, for HTTP Digest.
    pub fn atlas_api_key(&self) -> (&str, &str) {
        let (public, private) = &self.shared.authority.credentials.api_key;
        (public, private)
    }

    /// The API key of IBM Cloud, which IAM exchanges for tokens.
    pub fn ibm_api_key(&self) -> &str {
        &self.shared.authority.credentials.ibm_api_key
    }

    /// The token of an IBM Cloud compute resource, which IAM exchanges for tokens of any trusted profile.
    pub fn ibm_compute_resource_token(&self) -> &str {
        &self.shared.authority.credentials.compute_resource_token
    }
}

/// Changes while it runs.
impl Sandbox {
    /// Moves the clock forward. Tokens, nonces and download URLs age with it.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Expires every token issued so far. The next call with one gets a 401.
    pub fn expire_tokens(&self) {
        self.shared.authority.expire_tokens();
    }

    /// Revokes every token issued so far. The next call with one gets a 401.
    pub fn revoke_all(&self) {
        self.shared.authority.revoke_all();
    }

    /// Makes every HTTP Digest nonce issued so far stale.
    pub fn expire_nonces(&self) {
        self.shared.authority.expire_nonces();
    }

    /// Refuses new connections to a service for a time, starting when this returns. Open connections stay open.
    pub async fn refuse_connections(&self, service: Service, time: Duration) {
        let role = match service {
            Service::Atlas => Role::Atlas,
            Service::Ibm => Role::Ibm,
            Service::IbmEnterprise => Role::IbmEnterprise,
        };
        self.shared.gate(role).close(time).await;
    }

    /// Injects a fault.
    ///
    /// # Errors
    ///
    /// If the fault is for an operation that does not exist. It would never apply, and a test with it could not fail.
    pub fn inject(&self, fault: Fault) -> Result<(), Error> {
        if let Some(operation) = fault.unknown_operation(handle::has_operation) {
            return Err(Error::operation(operation));
        }
        self.shared.faults.inject(fault);
        Ok(())
    }

    /// Removes all faults, including those of the builder.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }
}

/// Content of the specs, without a server.
impl Sandbox {
    /// The identifiers of a service's operations.
    pub fn operations(service: Service) -> impl Iterator<Item = &'static str> {
        Spec::of(service).operations.iter().map(|operation| operation.id)
    }

    /// The example of an operation's success response, as the spec has it: JSON if there is a JSON one, otherwise a
    /// text. None if there is no such operation, or its success has no body.
    pub fn example(service: Service, operation: &str) -> Option<Value> {
        let content = &Spec::of(service).operation(operation)?.content;
        let json = content.iter().find_map(|media| media.example.json());
        json.cloned().or_else(|| content.first().map(|media| media.example.value()))
    }

    /// The example of one media type of an operation's success response, as the spec has it.
    pub fn example_of(service: Service, operation: &str, media_type: &str) -> Option<Value> {
        let content = &Spec::of(service).operation(operation)?.content;
        content.iter().find(|media| media.name == media_type).map(|media| media.example.value())
    }

    /// The example of an operation's request body.
    pub fn request_example(service: Service, operation: &str) -> Option<Value> {
        let example = Spec::of(service).operation(operation)?.body?.example?;
        serde_json::from_str(example).ok()
    }
}
