//! The enterprise: its account groups, its usage reports, and the listings of what it consists of.
//!
//! The accounts are dealt out in turn: one to the enterprise itself, one to each of its two groups, and one to a group in the
//! second of these.

use std::iter;

use axum::http::StatusCode;
use serde::Serialize;

use super::Ibm;
use super::account::usage::{Quantity, costs, pricing_plan_id};
use super::account::{Account, Metric, Plan, PlanSums, Resource, Span, Used, hex, numbered};
use crate::answer::{Answer, Denial};
use crate::estate::calendar::Month;
use crate::estate::format::{Micros, instant_millis};
use crate::examples;
use crate::json::{Each, Fields, Object, object};
use crate::refusal::Missing;
use crate::request::Request;
use crate::rng::Rng;

/// The groups: name, and the number of the group above. There are as many as have accounts.
const GROUPS: [(&str, Option<usize>); 3] = [("Production", None), ("Development", None), ("Research", Some(1))];

/// Where each of four accounts belongs.
const PLACES: [Entity; 4] = [Entity::Enterprise, Entity::Group(0), Entity::Group(1), Entity::Group(2)];

const NAMES: [&str; 4] = ["shared-services", "storefront", "checkout", "experiments"];

const BILLING_UNIT: &str = "Central billing";

const CONTACT: &str = "IBMid-000EXAMPLE";

/// The identifiers of the enterprise.
#[derive(Debug)]
pub(super) struct Enterprise {
    pub(super) id: String,
    /// The account that manages it, which has no usage.
    account: String,
    billing_unit: String,
    pub(super) groups: Vec<String>,
}

/// What a report is about. Groups and accounts are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    Enterprise,
    Group(usize),
    Account(usize),
}

impl Entity {
    const fn kind(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Group(_) => "account-group",
            Self::Account(_) => "account",
        }
    }

    /// The entity directly above.
    fn parent(self) -> Option<Self> {
        match self {
            Self::Enterprise => None,
            Self::Group(group) => Some(GROUPS[group].1.map_or(Self::Enterprise, Self::Group)),
            Self::Account(account) => Some(PLACES[account % PLACES.len()]),
        }
    }

    /// The entities above, nearest first.
    fn above(self) -> impl Iterator<Item = Self> {
        iter::successors(self.parent(), |entity| entity.parent())
    }
}

impl Enterprise {
    pub(super) fn new(rng: Rng, accounts: u32) -> Self {
        let groups = GROUPS.len().min((accounts as usize).saturating_sub(1));
        Self {
            id: hex(rng.at(0)),
            account: hex(rng.at(1)),
            billing_unit: hex(rng.at(2)),
            groups: (0..groups).map(|group| hex(rng.at(3).at(group as u64))).collect(),
        }
    }

    fn crn(&self, kind: &str, id: &str) -> String {
        format!("crn:v1:bluemix:public:enterprise::a/{}::{kind}:{id}", self.account)
    }
}

/// Two parameters that the service does not take together.
const CONTRADICTION: Denial = Denial::Failed {
    status: StatusCode::BAD_REQUEST,
    code: "invalid_parameter",
    text: "Give one of enterprise_id, account_group_id and account_id, and children not with account_id.",
};

/// The structure.
impl Ibm {
    fn entities(&self) -> impl Iterator<Item = Entity> {
        let groups = (0..self.enterprise.groups.len()).map(Entity::Group);
        iter::once(Entity::Enterprise).chain(groups).chain((0..self.accounts.len()).map(Entity::Account))
    }

    fn id(&self, entity: Entity) -> &str {
        match entity {
            Entity::Enterprise => &self.enterprise.id,
            Entity::Group(group) => &self.enterprise.groups[group],
            Entity::Account(account) => &self.accounts[account].account,
        }
    }

    fn name(&self, entity: Entity) -> String {
        match entity {
            Entity::Enterprise => "Example Industries".to_owned(),
            Entity::Group(group) => GROUPS[group].0.to_owned(),
            Entity::Account(account) => numbered(&NAMES, account as u32),
        }
    }

    fn crn(&self, entity: Entity) -> String {
        self.enterprise.crn(entity.kind(), self.id(entity))
    }

    /// The entity with an identifier.
    pub(super) fn entity(&self, id: &str) -> Option<Entity> {
        self.entities().find(|entity| self.id(*entity) == id)
    }

    /// The accounts of an entity, which for an account is that account.
    pub(super) fn accounts_below(&self, entity: Entity) -> impl Iterator<Item = &Account> {
        let accounts = self.accounts.iter().enumerate();
        let belongs =
            move |index| Entity::Account(index) == entity || Entity::Account(index).above().any(|it| it == entity);
        accounts.filter(move |(index, _)| belongs(*index)).map(|(_, account)| &**account)
    }
}

/// The operations.
impl Ibm {
    /// Answers an operation about the enterprise.
    ///
    /// # Errors
    ///
    /// If an identifier of the request does not exist, or the request contradicts itself.
    pub(crate) fn answer_enterprise(&self, request: &Request<'_>) -> Result<Answer, Denial> {
        match request.operation.id {
            "get_resource_usage_report" => self.reports(request),
            "list_accounts" => self.list(request, |entity| matches!(entity, Entity::Account(_))),
            "list_account_groups" => self.list(request, |entity| matches!(entity, Entity::Group(_))),
            "list_enterprises" => self.enterprises(request),
            _ => examples::answer(request),
        }
    }

    fn reports(&self, request: &Request<'_>) -> Result<Answer, Denial> {
        let query = &request.query;
        let given = ["enterprise_id", "account_group_id", "account_id"].iter().filter_map(|name| query.first(name));
        let [id] = given.collect::<Vec<_>>()[..] else { return Err(CONTRADICTION) };
        let children = query.flag("children").unwrap_or(false);
        let missing = || Denial::not_found(Missing::Other, format!("There is no entity {id}."), &[id]);
        let of = self.entity(id).filter(|entity| query.has(parameter(*entity))).ok_or_else(missing)?;
        if children && matches!(of, Entity::Account(_)) {
            return Err(CONTRADICTION);
        }
        let month = query.first("month").and_then(Month::parse).unwrap_or_else(|| Month::of(request.now));
        let paid = query.first("billing_unit_id").is_none_or(|only| only == self.enterprise.billing_unit);
        let asked = |entity: &Entity| paid && if children { entity.parent() == Some(of) } else { *entity == of };
        request.list(self.entities().filter(asked), |entity| self.report(entity, month, request))
    }

    /// The accounts or the groups. A filter leaves those directly below the entity that it names.
    fn list(&self, request: &Request<'_>, wanted: fn(&Entity) -> bool) -> Result<Answer, Denial> {
        let names = ["enterprise_id", "account_group_id", "parent_account_group_id"];
        let ids: Vec<&str> = names.iter().filter_map(|name| request.query.first(name)).collect();
        let crn = request.query.first("parent");
        let keeps = |entity: &Entity| {
            entity.parent().is_some_and(|parent| {
                ids.iter().all(|id| *id == self.id(parent)) && crn.is_none_or(|crn| crn == self.crn(parent))
            })
        };
        request.list(self.entities().filter(wanted).filter(keeps), |entity| self.entry(entity))
    }

    fn enterprises(&self, request: &Request<'_>) -> Result<Answer, Denial> {
        let is = |name: &str, fits: &dyn Fn(&str) -> bool| request.query.first(name).is_none_or(fits);
        let found = is("enterprise_account_id", &|id| id == self.enterprise.account)
            && is("account_group_id", &|id| matches!(self.entity(id), Some(Entity::Group(_))))
            && is("account_id", &|id| {
                id == self.enterprise.account || matches!(self.entity(id), Some(Entity::Account(_)))
            });
        request.list(iter::once(Entity::Enterprise).filter(|_| found), |entity| self.entry(entity))
    }

    /// An account, a group or the enterprise, as the listings have it.
    fn entry(&self, entity: Entity) -> impl Serialize + use<> {
        let (id, enterprise) = (self.id(entity).to_owned(), &self.enterprise);
        let mut above: Vec<_> = entity.above().map(|it| format!("{}:{}", it.kind(), self.id(it))).collect();
        above.reverse();
        let (is_account, inner) = (matches!(entity, Entity::Account(_)), entity != Entity::Enterprise);
        let created = instant_millis(self.accounts[0].first.start() * 1000);
        object! {
            "url": format!("/v1/{}s/{id}", entity.kind()),
            "id": id,
            "crn": self.crn(entity),
            "parent"?: entity.parent().map(|parent| self.crn(parent)),
            "enterprise_account_id": enterprise.account.clone(),
            "enterprise_id"?: inner.then(|| enterprise.id.clone()),
            "enterprise_path"?: inner.then(|| above.join("/")),
            "name": self.name(entity),
            "domain"?: (!inner).then_some("example.com"),
            "state": "ACTIVE",
            "owner_iam_id"?: is_account.then_some(CONTACT),
            "paid"?: is_account.then_some(true),
            "owner_email"?: is_account.then_some("owner@example.com"),
            "is_enterprise_account"?: is_account.then_some(false),
            "primary_contact_iam_id"?: (!is_account).then_some(CONTACT),
            "primary_contact_email"?: (!is_account).then_some("billing@example.com"),
            "created_at": created,
            "created_by": CONTACT,
        }
    }
}

/// The parameter that names an entity of this kind.
const fn parameter(entity: Entity) -> &'static str {
    match entity {
        Entity::Enterprise => "enterprise_id",
        Entity::Group(_) => "account_group_id",
        Entity::Account(_) => "account_id",
    }
}

/// The use of a plan: its resource, itself, and what was used.
type PlanUse = (&'static Resource, &'static Plan, PlanSums);

/// The reports.
impl Ibm {
    fn report(&self, entity: Entity, month: Month, request: &Request<'_>) -> impl Serialize + use<> {
        let span = self.accounts[0].span(month, request.now);
        let used = span.map(|span| self.used(entity, span)).unwrap_or_default();
        let by_resource = used.chunk_by(|left, right| left.0.id == right.0.id);
        let resources: Vec<_> =
            by_resource.flat_map(|plans| span.map(|span| resource_usage(plans.to_vec(), span))).collect();
        let unit = &self.enterprise.billing_unit;
        object! {
            "entity_id": self.id(entity).to_owned(),
            "entity_type": entity.kind(),
            "entity_crn": self.crn(entity),
            "entity_name": self.name(entity),
            "billing_unit_id": unit.clone(),
            "billing_unit_crn": format!("crn:v1:bluemix:public:billing::a/{}::billing-unit:{unit}", self.enterprise.account),
            "billing_unit_name": BILLING_UNIT,
            "country_code": "USA",
            "currency_code": "USD",
            "month": month.to_string(),
            ..cost_fields(&used),
            "resources": resources,
        }
    }

    /// What the accounts of an entity used, by plan.
    fn used(&self, entity: Entity, span: Span) -> Vec<PlanUse> {
        let plans = &self.accounts[0].plans;
        let mut used: Vec<PlanUse> =
            plans.iter().map(|(resource, plan)| (*resource, *plan, PlanSums::default())).collect();
        for account in self.accounts_below(entity) {
            for ((.., sum), of_account) in used.iter_mut().zip(&account.sums(span).account) {
                sum.add(of_account);
            }
        }
        used.retain(|(.., sums)| sums.instances > 0);
        used
    }
}

fn cost_fields(used: &[PlanUse]) -> Object<impl Fields + use<>> {
    let costs = costs(used.iter().map(|(_, plan, sums)| (*plan, sums)));
    object! {
        "billable_cost": Micros(costs.billable),
        "billable_rated_cost": Micros(costs.billable_rated),
        "non_billable_cost": Micros(costs.non_billable),
        "non_billable_rated_cost": Micros(costs.non_billable_rated),
    }
}

fn resource_usage(plans: Vec<PlanUse>, span: Span) -> impl Serialize {
    object! {
        "resource_id": plans[0].0.id,
        ..cost_fields(&plans),
        "plans": plans.into_iter().map(|(_, plan, sums)| plan_usage(plan, &sums, span)).collect::<Vec<_>>(),
    }
}

fn plan_usage(plan: &'static Plan, sums: &PlanSums, span: Span) -> impl Serialize + use<> {
    let (cost, rated_cost) = sums.cost(plan);
    let metrics = sums.metrics;
    object! {
        "plan_id": plan.id,
        "pricing_region"?: plan.pricing_region,
        "pricing_plan_id"?: pricing_plan_id(plan, span),
        "billable": plan.billable,
        "cost": Micros(cost),
        "rated_cost": Micros(rated_cost),
        "usage": Each(plan.metrics.iter().zip(metrics).map(|(metric, used)| metric_usage(metric, used))),
    }
}

fn metric_usage(metric: &'static Metric, used: Used) -> impl Serialize {
    object! {
        "metric": metric.id,
        "unit": metric.unit.0,
        "quantity": Quantity::new(metric, used.quantity),
        "rateable_quantity": Quantity::new(metric, used.rateable),
        "cost": Micros(used.cost),
        "rated_cost": Micros(used.rated),
        "price": metric.price,
    }
}
