//! Listings of resource instances, page by page.

use std::iter;

use serde::Serialize;

use super::instance::Instance;
use super::irregular::{Quirk, SERVICE_TAGS, TAGS as ODD_TAGS, billing_source};
use super::usage::{Subject, metric_usage, plan_fields, resource_fields};
use super::{Account, Filter, Span};
use crate::answer::{Answer, Denial};
use crate::estate::calendar::Month;
use crate::estate::format::{Micros, instant_millis};
use crate::json::{Each, object};
use crate::request::Request;

impl Account {
    /// The filter of a request.
    fn filter(&self, subject: Subject, span: Option<Span>, request: &Request<'_>) -> Filter {
        let text = |name: &str| request.query.first(name).map(str::to_owned);
        let number = |name: &str, ids: &[String]| {
            let id = request.query.first(name)?;
            Some(ids.iter().position(|known| known == id).and_then(|index| u32::try_from(index).ok()))
        };
        let (mut groups, mut organizations) = (Vec::new(), Vec::new());
        groups.extend(number("resource_group_id", &self.groups));
        organizations.extend(number("organization_id", &self.organizations));
        match subject {
            Subject::Account => {}
            Subject::Group(group) => groups.push(Some(group)),
            Subject::Organization(organization) => organizations.push(Some(organization)),
        }
        let instance = request.query.first("resource_instance_id");
        Filter {
            groups,
            organizations,
            instance: instance.map(|id| self.instance_of(id).unwrap_or(u64::MAX)),
            resource: text("resource_id"),
            plan: text("plan_id"),
            region: text("region"),
            unlisted: span.and_then(|span| self.unlisted(span)),
        }
    }

    fn keeps(&self, filter: &Filter, instance: &Instance) -> bool {
        let (resource, plan) = self.plan_of(instance);
        filter.unlisted != Some(instance.index)
            && filter.groups.iter().all(|only| only.is_some() && *only == instance.group)
            && filter.organizations.iter().all(|only| only.is_some() && *only == instance.organization)
            && filter.instance.is_none_or(|only| only == instance.index)
            && filter.resource.as_ref().is_none_or(|only| only == resource.id)
            && filter.plan.as_ref().is_none_or(|only| only == plan.id)
            && filter.region.as_ref().is_none_or(|only| only == instance.region)
    }

    /// The instances from a number on that a filter keeps.
    fn from<'a>(&'a self, filter: &'a Filter, start: u64) -> impl Iterator<Item = Instance> + use<'a> {
        let numbers = match filter.instance {
            Some(only) => start.max(only)..only.saturating_add(1).min(self.estate.instances),
            None => start..self.estate.instances,
        };
        numbers.map(|index| self.instance(index)).filter(|instance| self.keeps(filter, instance))
    }

    fn count(&self, filter: &Filter) -> u64 {
        if *filter == (Filter { unlisted: filter.unlisted, ..Filter::default() }) {
            return self.estate.instances - u64::from(filter.unlisted.is_some());
        }
        self.counts.get_or(filter.clone(), || self.from(filter, 0).count() as u64)
    }

    /// A page. Its token has the number of the instance at which the next page starts, so a page does not depend on the
    /// pages before it.
    pub(super) fn listing(&self, subject: Subject, month: Month, request: &Request<'_>) -> Result<Answer, Denial> {
        let window = request.window()?;
        let span = self.span(month, request.now);
        let filter = self.filter(subject, span, request);
        let Some(span) = span else {
            return Ok(request.page(window, iter::empty::<()>(), 0, None));
        };
        let names = request.query.flag("_names").unwrap_or(false);
        let tags = request.query.flag("_tags").unwrap_or(true);
        let month = month.to_string();
        let mut found = self.from(&filter, window.start as u64);
        let instances: Vec<Instance> = found.by_ref().take(window.size).collect();
        let records = instances.iter().map(|instance| self.record(*instance, &month, span, names, tags));
        let next = found.next().and_then(|next| usize::try_from(next.index).ok());
        Ok(request.page(window, records, self.count(&filter), next))
    }

    fn record(&self, instance: Instance, month: &str, span: Span, names: bool, tags: bool) -> impl Serialize {
        let (resource, plan) = self.plan_of(&instance);
        let odd = self.quirk(instance.index, span.month);
        let metrics = plan.metrics.iter().zip(0..);
        let metrics = metrics.map(move |(metric, number)| (metric, instance.used(number, metric, span)));
        let metrics = metrics.chain(self.informational(&instance, span.month));
        let usage = metrics.map(move |(metric, used)| metric_usage(metric, used, names, odd));
        let (organization, group, space) = (instance.organization, instance.group, instance.is_in_space());
        let tagged = odd == Some(Quirk::Tags);
        object! {
            "account_id": &self.account,
            "resource_instance_id": self.instance_id(&instance),
            "resource_instance_name"?: names.then(|| instance.name()),
            ..resource_fields(resource, names),
            "resource_group_id"?: group.map(|group| &self.groups[group as usize]),
            "resource_group_name"?: group.filter(|_| names).map(|group| self.group_name(group)),
            "organization_id"?: organization.map(|it| &self.organizations[it as usize]),
            "organization_name"?: organization.filter(|_| names).map(|it| self.organization_name(it)),
            "space_id"?: space.then_some("2f1c7a08-6d5e-4b39-8f02-9ac41d7be653"),
            "space_name"?: (space && names).then_some("production"),
            "region": instance.region,
            "pricing_country": self.currency.country,
            "billing_country": self.currency.country,
            "currency_code": self.currency.code,
            "billable": plan.billable,
            ..plan_fields(plan, names, span),
            "created_at": instant_millis(instance.created()),
            "month": month,
            "usage": Each(usage),
            "pending"?: (plan.pending || odd == Some(Quirk::Pending)).then_some(true),
            "currency_rate": Micros(self.currency.rate),
            "tags"?: tags.then(|| if tagged { ODD_TAGS } else { instance.tags() }),
            "service_tags"?: tags.then_some(if tagged { SERVICE_TAGS } else { &[] }),
            "billing_source"?: (odd == Some(Quirk::UnknownFields)).then(billing_source),
        }
    }
}
