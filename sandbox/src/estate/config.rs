//! The size of a synthetic estate.

/// The size and the seed of a synthetic estate, for
/// [`Builder::estate`](crate::Builder::estate).
///
/// Its records:
///
/// * **Atlas**: organizations with projects and clusters, and an invoice for each organization and month. The invoice of
///   the current month is pending. One in three organizations pays for the next two, whose invoices are linked to its
///   own. One in five is deleted, and has no pending invoice.
/// * Usage is on an invoice four hours after its day. An invoice is closed four hours after its month and charged about
///   two hours later. It is then paid, prepaid, invoiced, free or forgiven, or its payment failed.
/// * `totalPriceCents` is `unitPriceDollars` times `quantity`, rounded to the nearest cent; no line is halfway between
///   two cents. `subtotalCents` and `amountBilledCents` are the sum of the positive lines, and `creditsCents` is the sum
///   of the credits. The amount paid is the difference plus tax. Line-item search, CSV, Cost Explorer and FOCUS reports
///   show the same lines.
/// * **IBM Cloud**: accounts with resource groups, Cloud Foundry organizations and instances. Each instance is in a
///   resource group, and is used in every month. Costs have at most six decimal places, and are exact: metrics add up to
///   instances, instances to resource groups and to the account, and these to its summary.
/// * A report snapshot for each day and account, and a configuration that can be created, changed and deleted.
/// * **An enterprise** above the accounts, with account groups and one billing unit. Its usage reports are the sums of the
///   accounts below. A report needs exactly one of the three identifiers, and a listing with a filter has what is directly
///   below, of which neither is certain of the real service.
///
/// ```
/// use cloud_billing_sandbox::{Estate, Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let estate = Estate::new().seed(7).line_items(1_000).instances(250);
/// let sandbox = Sandbox::builder().estate(estate).start().await?;
/// let ledger = sandbox.estate().ok_or("there is an estate")?;
/// let organization = ledger.atlas_organizations().next().ok_or("there are organizations")?;
/// for invoice in ledger.atlas_invoices(&organization) {
///     println!("{} {} {}", invoice.month, invoice.status, invoice.subtotal_cents);
/// }
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Estate {
    pub(super) seed: u64,
    pub(super) months: u32,
    pub(super) organizations: u32,
    pub(super) projects: u32,
    pub(super) clusters: u32,
    pub(super) line_items: u64,
    pub(super) ibm_accounts: u32,
    pub(super) resource_groups: u32,
    pub(super) ibm_organizations: u32,
    pub(super) instances: u64,
    pub(super) snapshot_config: bool,
    pub(super) irregular: bool,
}

impl Default for Estate {
    fn default() -> Self {
        Self {
            seed: 1,
            months: 12,
            organizations: 4,
            projects: 3,
            clusters: 2,
            line_items: 1_000,
            ibm_accounts: 4,
            resource_groups: 5,
            ibm_organizations: 3,
            instances: 500,
            snapshot_config: true,
            irregular: false,
        }
    }
}

/// Sizes. A number outside the documented range is replaced by the nearest number in it.
impl Estate {
    /// A year of four organizations with six clusters each, a thousand lines on each invoice, and five hundred instances.
    pub fn new() -> Self {
        Self::default()
    }

    /// The seed. The same seed gives the same records.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The number of months before the current one, up to 1,200. There are none before 1970.
    pub fn months(mut self, months: u32) -> Self {
        self.months = months.min(1_200);
        self
    }

    /// Organizations of Atlas, from one to a million.
    pub fn organizations(mut self, organizations: u32) -> Self {
        self.organizations = organizations.clamp(1, 1_000_000);
        self
    }

    /// Projects of each organization, from one to ten thousand.
    pub fn projects(mut self, projects: u32) -> Self {
        self.projects = projects.clamp(1, 10_000);
        self
    }

    /// Clusters of each project, from one to a thousand.
    pub fn clusters(mut self, clusters: u32) -> Self {
        self.clusters = clusters.clamp(1, 1_000);
        self
    }

    /// Lines of usage on the invoice of a whole month, from one to a hundred million. A credit is an additional line.
    pub fn line_items(mut self, line_items: u64) -> Self {
        self.line_items = line_items.clamp(1, 100_000_000);
        self
    }

    /// Accounts of IBM Cloud, from one to a thousand. An enterprise is above them, and account groups as soon as there is more
    /// than one. The records of the first do not depend on how many there are.
    pub fn ibm_accounts(mut self, accounts: u32) -> Self {
        self.ibm_accounts = accounts.clamp(1, 1_000);
        self
    }

    /// Resource groups of each account of IBM Cloud, from one to a thousand.
    pub fn resource_groups(mut self, resource_groups: u32) -> Self {
        self.resource_groups = resource_groups.clamp(1, 1_000);
        self
    }

    /// Cloud Foundry organizations of each account of IBM Cloud, from one to a thousand.
    pub fn ibm_organizations(mut self, organizations: u32) -> Self {
        self.ibm_organizations = organizations.clamp(1, 1_000);
        self
    }

    /// Resource instances of each account of IBM Cloud, from one to a hundred million.
    pub fn instances(mut self, instances: u64) -> Self {
        self.instances = instances.clamp(1, 100_000_000);
        self
    }

    /// Whether bills do what real ones do and sums do not explain: headers that differ from their lines, credits that are in one
    /// place only, taxes, refunds, late lines, changes after the closing, free tiers, records that are missing, other currencies,
    /// unknown fields. Off by default. Each [`Irregularity`](crate::Irregularity) comes within 13 months of every few
    /// organizations and accounts, and the ledger says which bills have which. What it leaves as it is:
    ///
    /// * Invoices that are free or below a dollar.
    /// * Everything but the JSON of invoices: the search for lines, CSV, Cost Explorer and FOCUS reports have none of the
    ///   additional lines and changed amounts, and `listSkus` none of their SKUs.
    /// * The CSV and FOCUS forms of IBM's instances, and the usage of resource groups and organizations. They have regions,
    ///   currencies and Cloud Foundry as the listings do, and no odd fields, allowances or missing records.
    /// * An enterprise. It adds up the costs of its accounts as if all were dollars.
    pub const fn irregular(mut self, irregular: bool) -> Self {
        self.irregular = irregular;
        self
    }

    /// Whether the accounts of IBM Cloud start with a configuration of report snapshots. Without one there are no snapshots.
    pub const fn snapshot_config(mut self, configured: bool) -> Self {
        self.snapshot_config = configured;
        self
    }
}
