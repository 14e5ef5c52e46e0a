//! Results of Cost Explorer queries: sums over the lines of invoices.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::NaiveDate;
use serde_json::Value;

use super::directory::{Atlas, Entity, InvoiceKey};
use super::line::Line;
use super::products::SERVICES;
use crate::estate::calendar::{Month, date};
use crate::estate::format::{Text, double};
use crate::json::{Each, object, to_json};
use crate::refusal::{Refusal, Rule};

/// What a row adds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grouping {
    Organizations,
    Projects,
    Clusters,
    Services,
}

/// A query that can be answered.
#[derive(Clone, Debug)]
pub(super) struct Query {
    months: std::ops::Range<Month>,
    grouping: Grouping,
    organizations: Option<BTreeSet<u32>>,
    projects: Option<BTreeSet<(u32, u32)>>,
    clusters: Option<BTreeSet<(u32, u32)>>,
    services: Option<BTreeSet<usize>>,
    partial: bool,
}

/// The row that a line is part of: organization, month, and the number of its project, cluster or service. Lines that
/// have none share a row.
type Row = (Month, u32, Option<u32>);

/// A row of a result without its amount. Organization, project and cluster are name and identifier.
struct Usage {
    date: NaiveDate,
    invoice: String,
    organization: (String, String),
    project: Option<(String, String)>,
    cluster: Option<(String, String)>,
    service: Option<&'static str>,
}

impl Atlas {
    /// Reads a query that fits its schema.
    ///
    /// # Errors
    ///
    /// If its months or its grouping make no sense.
    pub(super) fn read_query(&self, body: &Value) -> Result<Query, Box<Refusal>> {
        let refuse = |field: &str, problem: String| {
            let mut refusal =
                Refusal::new(Rule::of_body("query"), format!("body field `{field}`"), problem).named(field);
            refusal.in_body = true;
            Box::new(refusal)
        };
        let month = |field: &str| {
            let text = body.get(field).and_then(Value::as_str).unwrap_or_default();
            let month = text.strip_suffix("-01").and_then(Month::parse);
            month.ok_or_else(|| refuse(field, format!("`{text}` is not the first day of a month")))
        };
        let months = month("startDate")?..month("endDate")?;
        if months.is_empty() {
            return Err(refuse("endDate", "does not come after `startDate`".to_owned()));
        }
        let texts = |name: &str| {
            let list = body.get(name)?.as_array().filter(|list| !list.is_empty())?;
            Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        };
        let entities = |name: &str| texts(name).map(|ids| ids.into_iter().filter_map(|id| self.directory.entity(id)));
        let services = texts("services").map(|services| {
            let places = services.iter().filter_map(|name| SERVICES.iter().position(|known| known == name));
            places.collect()
        });
        let grouping = match body.get("groupBy").and_then(Value::as_str) {
            Some("projects") => Grouping::Projects,
            Some("clusters") => Grouping::Clusters,
            Some("services") => Grouping::Services,
            _ => Grouping::Organizations,
        };
        if let Some(field) = body.get("groupBy").and_then(Value::as_str).filter(|field| texts(field).is_none()) {
            return Err(refuse(field, "is what `groupBy` names, and lists nothing to group by".to_owned()));
        }
        Ok(Query {
            months,
            grouping,
            organizations: entities("organizations")
                .map(|entities| entities.filter_map(Entity::organization).collect()),
            projects: entities("projects").map(|entities| entities.filter_map(Entity::project).collect()),
            clusters: entities("clusters").map(|entities| entities.filter_map(Entity::cluster).collect()),
            services,
            partial: body.get("includePartialMatches").and_then(Value::as_bool).unwrap_or(false),
        })
    }

    /// The rows of a result, and their cents. A query of an organization includes the organizations linked to it.
    fn rows(&self, organization: u32, query: &Query, now: Duration) -> BTreeMap<Row, i64> {
        let mut rows = BTreeMap::new();
        let reach = std::iter::once(organization).chain(self.directory.linked(organization));
        let reach: Vec<u32> =
            reach.filter(|it| query.organizations.as_ref().is_none_or(|only| only.contains(it))).collect();
        for organization in reach {
            for key in self.directory.invoices(organization, now).filter(|key| query.months.contains(&key.month)) {
                let count = self.line_count(key, self.directory.posted_days(key.month, now));
                for line in self.lines(key, 0..count).filter(|line| query.keeps(key, line)) {
                    let key = (key.month, organization, query.group(&line));
                    *rows.entry(key).or_default() += line.cents;
                }
            }
        }
        rows
    }

    /// The result as JSON.
    pub(super) fn query_json(&self, organization: u32, query: &Query, now: Duration) -> String {
        let rows = self.rows(organization, query, now);
        let rows = rows.iter().map(|(row, cents)| {
            let Usage { date, invoice, organization, project, cluster, service } = self.usage(query, *row);
            let (project, cluster) = (project.unzip(), cluster.unzip());
            object! {
                "invoiceId": invoice,
                "organizationId": organization.1,
                "organizationName": organization.0,
                "service"?: service,
                "projectId"?: project.1,
                "projectName"?: project.0,
                "clusterId"?: cluster.1,
                "clusterName"?: cluster.0,
                "usageAmount": double(*cents, 100),
                "usageDate": date,
            }
        });
        to_json(&object! { "usageDetails": Each(rows), })
    }

    /// The result as CSV.
    pub(super) fn query_csv(&self, organization: u32, query: &Query, now: Duration) -> String {
        let by_service = query.grouping == Grouping::Services;
        let service = if by_service { "Service," } else { "" };
        let mut text = Text::default();
        text.raw("Billed Date,Invoice Id,Organization Name,Organization ID,Project Name,Project Id,Cluster Name,");
        text.raw("Cluster Unique Id,").raw(service).raw("Usage Amount\n");
        for (row, cents) in self.rows(organization, query, now) {
            let Usage { date, invoice, organization, project, cluster, service } = self.usage(query, row);
            text.raw(&date.to_string()).raw(",").raw(&invoice);
            for (name, id) in [organization, project.unwrap_or_default(), cluster.unwrap_or_default()] {
                text.raw(",").cell(&name).raw(",").raw(&id);
            }
            if by_service {
                text.raw(",").raw(service.unwrap_or_default());
            }
            text.raw(",").dollars(cents).raw("\n");
        }
        text.0
    }

    fn usage(&self, query: &Query, (month, organization, group): Row) -> Usage {
        let directory = &self.directory;
        let (project, cluster) = match (query.grouping, group) {
            (Grouping::Projects, Some(project)) => (Some(project), None),
            (Grouping::Clusters, Some(cluster)) => (Some(directory.project_of(cluster)), Some(cluster)),
            _ => (None, None),
        };
        let named = |name: String, entity: Entity| (name, directory.id(entity));
        Usage {
            date: date(month.first_day()),
            invoice: directory.id(Entity::Invoice(organization, month)),
            organization: named(directory.name(organization), Entity::Organization(organization)),
            project: project
                .map(|it| named(directory.project_name(organization, it), Entity::Project(organization, it))),
            cluster: cluster
                .map(|it| named(directory.cluster(organization, it).name(), Entity::Cluster(organization, it))),
            service: group.filter(|_| query.grouping == Grouping::Services).map(|service| SERVICES[service as usize]),
        }
    }
}

impl Query {
    fn keeps(&self, key: InvoiceKey, line: &Line) -> bool {
        let organization = key.organization;
        let project = line.cluster.map(|cluster| (organization, cluster.project));
        let cluster = line.own_cluster().map(|cluster| (organization, cluster.index));
        passes(self.projects.as_ref(), project, self.partial)
            && passes(self.clusters.as_ref(), cluster, self.partial)
            && passes(self.services.as_ref(), Some(line.kind.service_index()), self.partial)
    }

    fn group(&self, line: &Line) -> Option<u32> {
        match self.grouping {
            Grouping::Organizations => None,
            Grouping::Services => Some(line.kind.service_index() as u32),
            Grouping::Projects => line.cluster.map(|cluster| cluster.project),
            Grouping::Clusters => line.own_cluster().map(|cluster| cluster.index),
        }
    }
}

/// Whether a value passes a filter. A missing value passes if partial matches are requested.
fn passes<T: Ord>(only: Option<&BTreeSet<T>>, value: Option<T>, partial: bool) -> bool {
    match (only, value) {
        (None, _) => true,
        (Some(only), Some(value)) => only.contains(&value),
        (Some(_), None) => partial,
    }
}
