//! The synthetic IBM Cloud account: which records answer which operation.

mod account;
mod instance;
mod ledger;
mod listing;
mod products;
mod snapshots;
mod summary;
mod usage;

use super::calendar::Month;
use crate::answer::{Answer, Denial};
use crate::examples;
use crate::request::Request;
use usage::Subject;

pub(super) use account::Ibm;
pub use ledger::IbmMonth;

impl Ibm {
    /// Answers an operation. An operation without records in the estate is answered with its example.
    ///
    /// # Errors
    ///
    /// If an identifier of the request does not exist, or the request conflicts with the state of the account.
    pub(crate) fn answer(&self, request: &Request<'_>) -> Result<Answer, Denial> {
        match request.operation.id {
            "get_account_summary" => self.summary(self.month(request)?, request.now),
            "get_account_usage" => self.usage_report(Subject::Account, self.month(request)?, request),
            "get_resource_group_usage" => self.usage_report(self.group(request)?, self.month(request)?, request),
            "get_org_usage" => self.usage_report(self.organization(request)?, self.month(request)?, request),
            "get_resource_usage_account" => self.listing(Subject::Account, self.month(request)?, request),
            "get_resource_usage_resource_group" => self.listing(self.group(request)?, self.month(request)?, request),
            "get_resource_usage_org" => self.listing(self.organization(request)?, self.month(request)?, request),
            "create_reports_snapshot_config" => self.snapshots.create(&self.account, request),
            "get_reports_snapshot_config" => self.snapshots.get(&self.account, request),
            "update_reports_snapshot_config" => self.snapshots.update(&self.account, request),
            "delete_reports_snapshot_config" => self.snapshots.delete(&self.account, request),
            "validate_reports_snapshot_config" => self.snapshots.validate(&self.account, request),
            "get_reports_snapshot" => self.snapshots.list(&self.account, self.rng.at(6), request),
            _ => examples::answer(request),
        }
    }

    /// The month of the path, once its account is checked.
    fn month(&self, request: &Request<'_>) -> Result<Month, Denial> {
        snapshots::check_account(&self.account, request.path_value(0))?;
        let month = request.path_values.last().and_then(|text| Month::parse(text));
        Ok(month.unwrap_or(self.first))
    }

    fn group(&self, request: &Request<'_>) -> Result<Subject, Denial> {
        self.month(request)?;
        Ok(Subject::Group(position(&self.groups, request.path_value(1))?))
    }

    fn organization(&self, request: &Request<'_>) -> Result<Subject, Denial> {
        self.month(request)?;
        Ok(Subject::Organization(position(&self.organizations, request.path_value(1))?))
    }
}

fn position(ids: &[String], id: &str) -> Result<u32, Denial> {
    let index = ids.iter().position(|known| known == id).and_then(|index| u32::try_from(index).ok());
    index.ok_or_else(|| snapshots::not_found(id))
}
