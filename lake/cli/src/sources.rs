//! Where bills come from: the accounts that the credentials read, or those that flags name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use clap::ArgMatches;
use cloud_billing_core::{BillingMonth, Timestamp};
use cloud_billing_focus::{atlas, ibm};
use cloud_billing_lake::atlas::Atlas;
use cloud_billing_lake::ibm::Ibm;
use cloud_billing_lake::sync::Clock;
use cloud_billing_lake::{Service, Source};
use cloudbill::Context;
use cloudbill::companion::{self, Failure, Found, Payers};

use crate::place::now;

/// Bills of a service of this month and later ones.
type Open = Box<dyn Fn(BillingMonth) -> Arc<dyn Source> + Send + Sync>;

/// A service.
pub(crate) struct From {
    pub(crate) service: Service,
    pub(crate) accounts: Vec<String>,
    pub(crate) open: Open,
}

/// The services, and what failed while their accounts were looked for.
pub(crate) async fn find(matches: &ArgMatches, context: &mut Context) -> Result<(Vec<From>, Vec<Failure>), Failure> {
    let Payers { atlas, ibm, failures, .. } = companion::payers(matches, context).await?;
    let atlas = atlas.map(|found| {
        from(Service::Atlas, found, |client, since, names| {
            Arc::new(Atlas::new(client, since, atlas::Options::new()).names(names))
        })
    });
    let ibm = ibm.map(|found| {
        from(Service::Ibm, found, |client, since, names| {
            Arc::new(Ibm::new(client, since, ibm::Options::new()).names(names))
        })
    });
    Ok((atlas.into_iter().chain(ibm).collect(), failures))
}

/// A service by its client. Accounts without a name are not in the names that it is given.
fn from<Client: Clone + Send + Sync + 'static>(
    service: Service,
    (client, names): Found<Client>,
    source: fn(Client, BillingMonth, BTreeMap<String, String>) -> Arc<dyn Source>,
) -> From {
    let accounts = names.keys().cloned().collect();
    let names: BTreeMap<_, _> = names.into_iter().filter(|(_, name)| !name.is_empty()).collect();
    From { service, accounts, open: Box::new(move |since| source(client.clone(), since, names.clone())) }
}

/// A clock that goes on from the time of the program's start.
pub(crate) fn clock(context: &Context) -> Result<Clock, Failure> {
    let (start, begun, first) = (context.now, Instant::now(), now(context)?);
    Ok(Arc::new(move || start.checked_add(begun.elapsed()).and_then(Timestamp::from_system_time).unwrap_or(first)))
}
