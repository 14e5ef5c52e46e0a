use ibm_usage_reports::types::{AccountId, ResourceInstanceId};
use ibm_usage_reports::{BillingMonth, Client, Error};

pub async fn print_cost(ibm: &Client, account: &AccountId, id: ResourceInstanceId) -> Result<(), Error> {
    let month = BillingMonth::current().previous();
    let mut records = ibm.get_resource_usage_account(account, month).resource_instance_id(id).items();
    while let Some(record) = records.try_next().await? {
        let cost = record.billable_cost();
        println!("{} {:?}, {} amounts are missing", cost.sum, record.currency_code, cost.missing);
    }
    Ok(())
}
