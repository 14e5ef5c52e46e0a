//! Listings of instances, page by page.

use super::Ibm;
use super::instance::{Instance, Span};
use super::usage::{write_metric, write_resource};
use crate::estate::answer::{Answer, Asked};
use crate::estate::calendar::Month;
use crate::estate::text::Text;
use crate::paging::Links;

/// Which instances are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Filter {
    /// Within one resource group, and what the query says of resource groups.
    groups: Vec<Option<u32>>,
    organizations: Vec<Option<u32>>,
    /// Of an instance that does not exist, this is a number that none has.
    instance: Option<u64>,
    resource: Option<String>,
    plan: Option<String>,
    region: Option<String>,
}

impl Filter {
    pub(super) fn in_group(mut self, group: u32) -> Self {
        self.groups.push(Some(group));
        self
    }

    pub(super) fn in_organization(mut self, organization: u32) -> Self {
        self.organizations.push(Some(organization));
        self
    }

    fn keeps_all(&self) -> bool {
        *self == Self::default()
    }
}

impl Ibm {
    /// What the query of a request filters by.
    pub(super) fn filter(&self, asked: &Asked<'_>) -> Filter {
        let text = |name: &str| asked.query.first(name).map(str::to_owned);
        let number = |name: &str, ids: &[String]| {
            let id = asked.query.first(name)?;
            Some(ids.iter().position(|known| known == id).and_then(|index| u32::try_from(index).ok()))
        };
        let instance = asked.query.first("resource_instance_id");
        Filter {
            groups: number("resource_group_id", &self.groups).into_iter().collect(),
            organizations: number("organization_id", &self.organizations).into_iter().collect(),
            instance: instance.map(|id| self.instance_of(id).unwrap_or(u64::MAX)),
            resource: text("resource_id"),
            plan: text("plan_id"),
            region: text("region"),
        }
    }

    fn keeps(&self, filter: &Filter, instance: &Instance) -> bool {
        let (resource, plan) = self.plan_of(instance);
        filter.groups.iter().all(|only| *only == Some(instance.group))
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
        if filter.keeps_all() {
            return self.estate.instances;
        }
        self.counts.get_or(filter.clone(), || self.from(filter, 0).count() as u64)
    }

    /// A page. Its token holds the number of the instance that the next one starts at, so no page looks at what the
    /// pages before it had.
    pub(super) fn listing(&self, filter: &Filter, month: Month, span: Option<Span>, asked: &Asked<'_>) -> Answer {
        asked.window(|window| {
            let mut found = self.from(filter, window.start as u64);
            let instances: Vec<Instance> =
                if span.is_some() { found.by_ref().take(window.size).collect() } else { Vec::new() };
            let next = found.next().filter(|_| span.is_some()).and_then(|next| usize::try_from(next.index).ok());
            let mut text = Text::with_capacity(2_048 + 2_048 * instances.len());
            text.raw("{\"limit\":").int(i64::try_from(window.size).unwrap_or(i64::MAX)).raw(",\"count\":");
            let count = if span.is_some() { self.count(filter) } else { 0 };
            text.int(i64::try_from(count).unwrap_or(i64::MAX));
            if let Some(Links::Cursor { first, next }) = asked.links(window, next) {
                text.raw(",\"first\":{\"href\":").string(&first).raw("}");
                if let Some((href, token)) = next {
                    text.raw(",\"next\":{\"href\":").string(&href).raw(",\"offset\":\"").raw(&token).raw("\"}");
                }
            }
            text.raw(",\"resources\":[");
            let names = asked.query.flag("_names").unwrap_or(false);
            let tags = asked.query.flag("_tags").unwrap_or(true);
            let month = month.to_string();
            if let Some(span) = span {
                for (index, instance) in instances.iter().enumerate() {
                    text.raw(if index > 0 { "," } else { "" });
                    self.write_instance(&mut text, instance, &month, span, (names, tags));
                }
            }
            text.raw("]}");
            Answer::Whole { text: text.0, is_list: true }
        })
    }

    fn write_instance(
        &self,
        text: &mut Text,
        instance: &Instance,
        month: &str,
        span: Span,
        (names, tags): (bool, bool),
    ) {
        let (resource, plan) = self.plan_of(instance);
        text.raw("{\"account_id\":\"").raw(&self.account).raw("\",\"resource_instance_id\":\"");
        self.write_id(text, instance);
        text.raw("\",");
        if names {
            text.raw("\"resource_instance_name\":\"");
            self.write_name(text, instance);
            text.raw("\",");
        }
        write_resource(text, resource, names);
        text.raw(",\"resource_group_id\":\"").raw(&self.groups[instance.group as usize]).raw("\"");
        if names {
            text.raw(",\"resource_group_name\":\"").raw(&self.group_name(instance.group)).raw("\"");
        }
        if let Some(organization) = instance.organization {
            text.raw(",\"organization_id\":\"").raw(&self.organizations[organization as usize]).raw("\"");
            if names {
                text.raw(",\"organization_name\":\"").raw(&self.organization_name(organization)).raw("\"");
            }
        }
        text.raw(",\"region\":\"").raw(instance.region);
        text.raw("\",\"pricing_country\":\"USA\",\"billing_country\":\"USA\",\"currency_code\":\"USD\",\"billable\":");
        text.raw(if plan.billable { "true," } else { "false," });
        self.write_plan(text, plan, names, span);
        text.raw(",\"created_at\":\"").instant_millis(instance.created());
        text.raw("\",\"month\":\"").raw(month).raw("\",\"usage\":[");
        for (number, metric) in plan.metrics.iter().enumerate() {
            text.raw(if number > 0 { "," } else { "" });
            write_metric(text, metric, instance.used(number as u64, metric, span), names);
        }
        text.raw(if plan.pending { "],\"pending\":true" } else { "]" }).raw(",\"currency_rate\":1");
        if tags {
            text.raw(",\"tags\":").raw(instance.tags()).raw(",\"service_tags\":[]");
        }
        text.raw("}");
    }
}
