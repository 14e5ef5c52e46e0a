//! What organizations and accounts are charged: the parts of their bills.
//!
//! The parts of a month add up to its bill. What a vendor states beside its items, such as tax and support, and what the items
//! leave unexplained, are parts of their own.

use std::fmt;

use clap::{Arg, ArgMatches};
use cloud_billing_core::{BillingMonth, Decimal, Error};

use super::each::each;
use super::flags::value;
use super::payers::{Account, Payer};
use super::problems::Problems;
use super::{atlas, ibm};
use crate::context::Context;
use crate::failure::Failure;

/// What a part of a bill is for. No name of an item is taken for what is no item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// What the items leave unexplained.
    Rest,
    Tax,
    Support,
    /// What credits of offers pay.
    Offers,
    /// An item, or several of one name.
    Named(String),
    /// Items that have no such name, such as `no project`.
    Nameless(&'static str),
}

impl Part {
    /// An item, or the words for one without a name.
    pub(super) fn of(name: Option<String>, nameless: &'static str) -> Self {
        name.map_or(Self::Nameless(nameless), Self::Named)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rest => "(not itemised)",
            Self::Tax => "(sales tax)",
            Self::Support => "(support)",
            Self::Offers => "(offers)",
            Self::Named(name) => name,
            Self::Nameless(words) => words,
        })
    }
}

/// What a bill is divided by. Each has a meaning for both vendors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Services of Atlas, resources of IBM Cloud.
    Service,
    /// Projects, resource groups.
    Project,
    /// Clusters, instances.
    Cluster,
    /// Not at all: one sum for each organization or account.
    Organization,
    /// SKUs, plans.
    Plan,
    /// Cloud providers, regions.
    Region,
    /// Values of a tag, or all tags.
    Tag(Option<String>),
}

impl By {
    /// The flag.
    pub(super) fn flag() -> Arg {
        value("by", "WHAT").default_value("service").help(
            "service (or resource), project (or resource-group), cluster (or instance), organization (or account), \
             plan (or sku), region, tag, tag:KEY",
        )
    }

    /// What the flag says, with its word.
    pub(super) fn asked(matches: &ArgMatches) -> Result<(Self, String), Failure> {
        let word = matches.get_one::<String>("by").map_or("service", String::as_str);
        let by = match word {
            "service" | "resource" => Self::Service,
            "project" | "resource-group" => Self::Project,
            "cluster" | "instance" => Self::Cluster,
            "organization" | "account" => Self::Organization,
            "plan" | "sku" => Self::Plan,
            "region" => Self::Region,
            "tag" => Self::Tag(None),
            _ => match word.strip_prefix("tag:").filter(|key| !key.is_empty()) {
                Some(key) => Self::Tag(Some(key.to_owned())),
                None => {
                    return Err(Failure::usage(format!("--by `{word}` is no part of a bill"))
                        .hint("it is service, project, cluster, organization, plan, region, tag or tag:KEY"));
                }
            },
        };
        Ok((by, word.to_owned()))
    }
}

/// A part of a bill.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    pub(super) month: BillingMonth,
    pub(super) part: Part,
    pub(super) currency: String,
    pub(super) amount: Decimal,
    /// Whether it still grows.
    pub(super) is_open: bool,
}

/// The parts of the bills of one organization or account.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) charges: Vec<Charge>,
    /// How many amounts the service did not state.
    pub(super) missing: usize,
}

/// A part, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    pub(super) payer: Payer,
    pub(super) charge: Charge,
}

/// One call, or a few: some months of one organization or account.
#[derive(Clone)]
struct Job {
    index: usize,
    payer: Payer,
    first: BillingMonth,
    last: BillingMonth,
    current: BillingMonth,
}

/// Reads the parts of all bills of some months, in the order of the payers, months and amounts.
pub(super) async fn collect(
    payers: &[Payer],
    (first, last): (BillingMonth, BillingMonth),
    by: &By,
    context: &mut Context,
) -> (Vec<Owned>, Problems) {
    let jobs = payers.iter().enumerate().flat_map(|(at, payer)| jobs(at, payer, first, last, context)).collect();
    let by = by.clone();
    let read = move |job| {
        let by = by.clone();
        async move { read(&job, &by).await }
    };
    let (ended, problems) = each(jobs, "Reading bills", Job::whose, read, context).await;
    let mut found = Vec::new();
    for (Job { index, payer, .. }, parts) in ended {
        if parts.missing > 0 {
            context.note(&format!("note: {}: {} amounts are missing in the responses", payer.whose(), parts.missing));
        }
        found.extend(parts.charges.into_iter().map(|charge| (index, Owned { payer: payer.clone(), charge })));
    }
    found.sort_by(|(one, a), (other, b)| {
        let (a, b) = (&a.charge, &b.charge);
        (one, a.month).cmp(&(other, b.month)).then_with(|| b.amount.cmp(&a.amount)).then_with(|| a.part.cmp(&b.part))
    });
    (found.into_iter().map(|(_, owned)| owned).collect(), problems)
}

/// Atlas has lists of months; IBM Cloud has a call for each.
fn jobs(index: usize, payer: &Payer, first: BillingMonth, last: BillingMonth, context: &Context) -> Vec<Job> {
    let current = super::month::current(context);
    let job = |first, last| Job { index, payer: payer.clone(), first, last, current };
    match payer.account {
        Account::Atlas(..) => vec![job(first, last)],
        Account::Ibm(..) => first.through(last).map(|month| job(month, month)).collect(),
    }
}

impl Job {
    fn whose(&self) -> String {
        match self.payer.account {
            Account::Atlas(..) => self.payer.whose(),
            Account::Ibm(..) => format!("{}, {}", self.payer.whose(), self.first),
        }
    }
}

async fn read(job: &Job, by: &By) -> Result<Parts, Error> {
    match &job.payer.account {
        Account::Atlas(client, id) => atlas::parts(client, id, (job.first, job.last), by).await,
        Account::Ibm(client, id) => ibm::parts(client, id, job.first, job.first >= job.current, by).await,
    }
}
