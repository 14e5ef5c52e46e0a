//! The synthetic IBM Cloud account.

mod catalogue;
mod instance;
mod listing;
mod snapshots;
mod summary;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use super::Estate;
use super::answer::{Answer, Asked, Missing};
use super::cache::Cache;
use super::calendar::{DAY, Month};
use super::text::Text;
use crate::dice::{Dice, Seal};
use catalogue::{Plan, Resource};
use instance::Span;
use listing::Filter;
use snapshots::Snapshots;
use usage::{MonthSums, PlanSums};

/// How many months' sums are kept. A summary needs those of a year at most.
const MONTHS_KEPT: usize = 16;

/// How long after its day usage is reported.
const REPORTED_AFTER: u64 = 4 * 3_600;

/// IBM Cloud: everything follows from the seed, the number of instances and the time.
#[derive(Debug)]
pub(crate) struct Ibm {
    estate: Arc<Estate>,
    dice: Dice,
    seal: Seal,
    /// The first month that anything was used in.
    first: Month,
    account: String,
    /// Identifiers of resource groups, and of organizations.
    groups: Vec<String>,
    organizations: Vec<String>,
    plans: Vec<(&'static Resource, &'static Plan)>,
    /// A plan for each of a hundred values.
    plan_by_weight: Vec<usize>,
    sums: Cache<Span, Arc<MonthSums>>,
    counts: Cache<Filter, u64>,
    snapshots: Snapshots,
}

/// What the account comes to in a month. Costs are millionths of a dollar.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IbmMonth {
    /// The month, as `yyyy-mm`.
    pub month: String,
    /// How many instances were used.
    pub instances: u64,
    /// What is billed, in millionths of a dollar.
    pub billable_micros: i64,
    /// What is not billed, in millionths of a dollar.
    pub non_billable_micros: i64,
}

impl Ibm {
    pub(super) fn new(estate: Arc<Estate>, dice: Dice, current: Month) -> Self {
        let first = current.ago(estate.months);
        let hex = |dice: Dice, digits| {
            let mut text = Text::default();
            text.hex(dice.at(0).value(), 16).hex(dice.at(1).value(), 16);
            text.0[..digits].to_owned()
        };
        let groups = (0..estate.resource_groups).map(|index| hex(dice.at(2).at(u64::from(index)), 32));
        let organizations = (0..estate.ibm_organizations).map(|index| {
            let digits = hex(dice.at(3).at(u64::from(index)), 32);
            let (a, b, c, d, e) = (&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..]);
            format!("us-south:{a}-{b}-4{c}-a{d}-{e}")
        });
        let plans: Vec<_> = catalogue::plans().collect();
        let weights = plans.iter().enumerate();
        let plan_by_weight = weights.flat_map(|(index, (_, plan))| (0..plan.weight).map(move |_| index)).collect();
        Self {
            account: hex(dice.at(4), 32),
            groups: groups.collect(),
            organizations: organizations.collect(),
            seal: Seal::new(dice.at(5)),
            snapshots: Snapshots::new(estate.snapshot_config, first),
            sums: Cache::new(MONTHS_KEPT),
            counts: Cache::new(4_096),
            estate,
            dice,
            first,
            plans,
            plan_by_weight,
        }
    }

    /// Answers an operation.
    pub(super) fn answer(&self, asked: &Asked<'_>) -> Result<Answer, Missing> {
        let id = asked.operation.id.as_str();
        if id.contains("snapshot") {
            return self.snapshot_answer(asked);
        }
        let path = |index: usize| asked.path_values.get(index).map(String::as_str).unwrap_or_default();
        self.check_account(path(0))?;
        let month = Month::parse(asked.path_values.last().map(String::as_str).unwrap_or_default());
        let span = month.and_then(|month| self.span(month, asked.now));
        let month = month.unwrap_or(self.first);
        Ok(match id {
            "get_account_summary" => Answer::json(self.summary(month, span, asked.now)),
            "get_account_usage" => Answer::json(self.report(None, |sums| &sums.account, (month, span), asked)),
            "get_resource_group_usage" => {
                let group = group(&self.groups, path(1))?;
                let head = ("resource_group", path(1), self.group_name(group));
                Answer::json(self.report(Some(head), |sums| &sums.groups[group as usize], (month, span), asked))
            }
            "get_org_usage" => {
                let organization = group(&self.organizations, path(1))?;
                let head = ("organization", path(1), self.organization_name(organization));
                let index = organization as usize;
                Answer::json(self.report(Some(head), |sums| &sums.organizations[index], (month, span), asked))
            }
            "get_resource_usage_account" => self.listing(&self.filter(asked), month, span, asked),
            "get_resource_usage_resource_group" => {
                let group = group(&self.groups, path(1))?;
                self.listing(&self.filter(asked).in_group(group), month, span, asked)
            }
            "get_resource_usage_org" => {
                let organization = group(&self.organizations, path(1))?;
                self.listing(&self.filter(asked).in_organization(organization), month, span, asked)
            }
            _ => Answer::AsUsual,
        })
    }

    fn check_account(&self, account: &str) -> Result<(), Missing> {
        if account == self.account { Ok(()) } else { Err(missing(account)) }
    }

    /// How much of a month was used by now. None if it is before the estate, or to come.
    fn span(&self, month: Month, now: Duration) -> Option<Span> {
        (month >= self.first && month <= Month::of(now)).then(|| {
            let since = now.as_secs().saturating_sub(month.start() + REPORTED_AFTER);
            let signed = |days: u64| i64::try_from(days).unwrap_or(31);
            Span { month, days: signed((since / DAY).min(month.days())), of: signed(month.days()) }
        })
    }

    /// One of the three reports that add usage up. `head` is what it is about, its identifier and its name.
    fn report(
        &self,
        head: Option<(&str, &str, String)>,
        pick: impl Fn(&MonthSums) -> &Vec<PlanSums>,
        (month, span): (Month, Option<Span>),
        asked: &Asked<'_>,
    ) -> String {
        let names = asked.query.flag("_names").unwrap_or(false);
        let mut text = Text::default();
        text.raw("{\"account_id\":\"").raw(&self.account).raw("\"");
        if let Some((what, id, name)) = head {
            text.raw(",\"").raw(what).raw("_id\":").string(id);
            if names {
                text.raw(",\"").raw(what).raw("_name\":").string(&name);
            }
        }
        text.raw(",\"pricing_country\":\"USA\",\"currency_code\":\"USD\",\"month\":\"").raw(&month.to_string());
        text.raw("\",\"currency_rate\":1,");
        match span {
            Some(span) => self.write_resources(&mut text, pick(&self.sums(span)), names, span),
            None => {
                text.raw("\"resources\":[]");
            }
        }
        text.raw("}");
        text.0
    }

    fn group_name(&self, group: u32) -> String {
        let names = ["default", "analytics", "storefront", "platform", "research"];
        numbered(&names, group)
    }

    fn organization_name(&self, organization: u32) -> String {
        numbered(&["web-team", "mobile-team", "data-team"], organization)
    }
}

/// What a test can expect.
impl Ibm {
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    pub(super) fn group_ids(&self) -> &[String] {
        &self.groups
    }

    pub(super) fn organization_ids(&self) -> &[String] {
        &self.organizations
    }

    /// The months that something was used in by now, oldest first.
    pub(super) fn months(&self, now: Duration) -> impl DoubleEndedIterator<Item = String> {
        (self.first.0..=Month::of(now).0).map(|month| Month(month).to_string())
    }

    pub(super) fn expected(&self, month: &str, now: Duration) -> Option<IbmMonth> {
        let span = self.span(Month::parse(month)?, now)?;
        let sums = self.sums(span);
        let costs = self.costs(self.plans.iter().zip(&sums.account).map(|((_, plan), sums)| (*plan, sums)));
        Some(IbmMonth {
            month: month.to_owned(),
            instances: self.estate.instances,
            billable_micros: costs.billable,
            non_billable_micros: costs.non_billable,
        })
    }
}

fn group(ids: &[String], id: &str) -> Result<u32, Missing> {
    let index = ids.iter().position(|known| known == id).and_then(|index| u32::try_from(index).ok());
    index.ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Missing {
    Missing { code: "not_found", text: format!("Nothing is known under the id {id}."), name: id.to_owned() }
}

/// A name of a list, with a number once the list is used up.
fn numbered(names: &[&str], index: u32) -> String {
    let (round, name) = (index as usize / names.len(), names[index as usize % names.len()]);
    if round == 0 { name.to_owned() } else { format!("{name}-{}", round + 1) }
}
