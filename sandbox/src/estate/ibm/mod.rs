//! The synthetic accounts of IBM Cloud, and the enterprise above them.

mod account;
mod enterprise;
mod ledger;

use std::sync::Arc;

use serde_json::Value;

use super::calendar::Month;
use super::config::Estate;
use crate::answer::{Answer, Denial};
use crate::refusal::Missing;
use crate::request::Request;
use crate::rng::Rng;
use account::Account;
use enterprise::Enterprise;

pub use ledger::IbmMonth;

/// The accounts, of which the first has the records of an estate with one account.
#[derive(Debug)]
pub(crate) struct Ibm {
    accounts: Vec<Arc<Account>>,
    enterprise: Enterprise,
}

impl Ibm {
    pub(super) fn new(estate: &Arc<Estate>, rng: Rng, current: Month) -> Self {
        let rng_of = |index: u32| if index == 0 { rng } else { rng.at(7).at(u64::from(index)) };
        let accounts = (0..estate.ibm_accounts)
            .map(|index| Arc::new(Account::new(Arc::clone(estate), index, rng_of(index), current)));
        Self { accounts: accounts.collect(), enterprise: Enterprise::new(rng.at(8), estate.ibm_accounts) }
    }

    /// Answers an operation of an account, which is in the path, the body or the query.
    ///
    /// # Errors
    ///
    /// If an identifier of the request does not exist, or the request conflicts with the state of the account.
    pub(crate) fn answer(&self, request: &Request<'_>) -> Result<Answer, Denial> {
        let in_path = request.named_value("account_id");
        let in_body = request.body.get("account_id").and_then(Value::as_str);
        let elsewhere = in_body.or_else(|| request.query.first("account_id")).unwrap_or_default();
        let id = if in_path.is_empty() { elsewhere } else { in_path };
        let missing = || Denial::not_found(Missing::Other, format!("There is no account {id}."), &[id]);
        self.accounts.iter().find(|account| account.account == id).ok_or_else(missing)?.answer(request)
    }
}
