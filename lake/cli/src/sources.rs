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
use cloudbill::World;
use cloudbill::companion::{self, Failure, Payers};

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
pub(crate) async fn find(matches: &ArgMatches, world: &mut World) -> Result<(Vec<From>, Vec<Failure>), Failure> {
    let Payers { atlas, ibm, failures, .. } = companion::payers(matches, world).await?;
    let mut all = Vec::new();
    if let Some((client, names)) = atlas {
        let accounts = names.keys().cloned().collect();
        let names = known(names);
        let open = move |since| -> Arc<dyn Source> {
            Arc::new(Atlas::new(client.clone(), since, atlas::Options::new()).names(names.clone()))
        };
        all.push(From { service: Service::Atlas, accounts, open: Box::new(open) });
    }
    if let Some((client, names)) = ibm {
        let accounts = names.keys().cloned().collect();
        let names = known(names);
        let open = move |since| -> Arc<dyn Source> {
            Arc::new(Ibm::new(client.clone(), since, ibm::Options::new()).names(names.clone()))
        };
        all.push(From { service: Service::Ibm, accounts, open: Box::new(open) });
    }
    Ok((all, failures))
}

/// Those that have a name.
fn known(names: BTreeMap<String, String>) -> BTreeMap<String, String> {
    names.into_iter().filter(|(_, name)| !name.is_empty()).collect()
}

/// A clock that goes on from the time of the program's start.
pub(crate) fn clock(world: &World) -> Result<Clock, Failure> {
    let (start, begun, first) = (world.now, Instant::now(), now(world)?);
    Ok(Arc::new(move || start.checked_add(begun.elapsed()).and_then(Timestamp::from_system_time).unwrap_or(first)))
}
