//! Reports as CSV, which the service sends if `format` asks for it.

use cloud_billing_core::BillingMonth;

use crate::Client;
use crate::operations::{GetAccountSummaryAsCsv, GetResourceUsageAccountAsCsv, GetResourceUsageAccountFocusAsCsv};
use crate::types::{AccountId, ReportFormat};

/// Reports as CSV. [`report_file`](crate::report_file) has the readers of tables; the summary and the instances have sections of
/// different width, which [`cloud_billing_core::csv::Records`] reads record by record.
impl Client {
    /// The totals of a month as CSV: [`get_account_summary_as_csv`](Self::get_account_summary_as_csv) with the format
    /// that it needs. The vendor documents the layout of this file, but no longer how to request it.
    pub fn account_summary_csv(&self, account_id: impl Into<AccountId>, month: BillingMonth) -> GetAccountSummaryAsCsv {
        self.get_account_summary_as_csv(account_id, month).format(ReportFormat::Csv)
    }

    /// The usage of each instance as CSV, all in one response:
    /// [`get_resource_usage_account_as_csv`](Self::get_resource_usage_account_as_csv) with the format that it needs.
    /// The vendor documents the layout of this file, but no longer how to request it.
    pub fn instances_csv(&self, account_id: impl Into<AccountId>, month: BillingMonth) -> GetResourceUsageAccountAsCsv {
        self.get_resource_usage_account_as_csv(account_id, month).format(ReportFormat::Csv)
    }

    /// The usage in the columns of FOCUS as CSV, all in one response:
    /// [`get_resource_usage_account_focus_as_csv`](Self::get_resource_usage_account_focus_as_csv) with the format that it needs.
    pub fn focus_csv(
        &self,
        account_id: impl Into<AccountId>,
        month: BillingMonth,
    ) -> GetResourceUsageAccountFocusAsCsv {
        self.get_resource_usage_account_focus_as_csv(account_id, month).format(ReportFormat::Csv)
    }
}
