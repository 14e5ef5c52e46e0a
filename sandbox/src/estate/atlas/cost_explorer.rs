//! Results of Cost Explorer queries: sums over the lines of invoices.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
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

impl Atlas {
    /// Reads a query that fits its schema.
    ///
    /// # Errors
    ///
    /// If its months or its grouping make no sense.
    pub(super) fn read_query(&self, body: &Value) -> Result<Query, Box<Refusal>> {
        let refuse = |field: &str, problem: String| {
            let mut refusal = Refusal::new(Rule::Body("query"), format!("body field `{field}`"), problem).named(field);
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
        let organizations = entities("organizations").map(|entities| {
            let organizations = entities.filter_map(|entity| match entity {
                Entity::Organization(organization) => Some(organization),
                _ => None,
            });
            organizations.collect()
        });
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
            organizations,
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

    pub(super) fn query_json(&self, organization: u32, query: &Query, now: Duration) -> String {
        let rows = self.rows(organization, query, now);
        let rows = rows.iter().map(|(row, cents)| self.usage(query, *row, *cents));
        to_json(&object! { "usageDetails": Each(rows), })
    }

    fn usage(&self, query: &Query, (month, organization, group): Row, cents: i64) -> impl Serialize + use<> {
        let directory = &self.directory;
        let (project, cluster) = self.project_and_cluster(query, group);
        let service = group.filter(|_| query.grouping == Grouping::Services);
        object! {
            "invoiceId": directory.id(Entity::Invoice(organization, month)),
            "organizationId": directory.id(Entity::Organization(organization)),
            "organizationName": directory.name(organization),
            "service"?: service.map(|service| SERVICES[service as usize]),
            "projectId"?: project.map(|project| directory.id(Entity::Project(organization, project))),
            "projectName"?: project.map(|project| directory.project_name(organization, project)),
            "clusterId"?: cluster.map(|cluster| directory.id(Entity::Cluster(organization, cluster))),
            "clusterName"?: cluster.map(|cluster| directory.cluster(organization, cluster).name()),
            "usageAmount": double(cents, 100),
            "usageDate": date(month.first_day()),
        }
    }

    /// The project and the cluster of a row.
    fn project_and_cluster(&self, query: &Query, group: Option<u32>) -> (Option<u32>, Option<u32>) {
        match (query.grouping, group) {
            (Grouping::Projects, Some(project)) => (Some(project), None),
            (Grouping::Clusters, Some(cluster)) => (Some(self.directory.project_of(cluster)), Some(cluster)),
            _ => (None, None),
        }
    }

    pub(super) fn query_csv(&self, organization: u32, query: &Query, now: Duration) -> String {
        let by_service = query.grouping == Grouping::Services;
        let mut text = Text::default();
        text.raw("Billed Date,Invoice Id,Organization Name,Organization ID,Project Name,Project Id,Cluster Name,");
        text.raw(if by_service {
            "Cluster Unique Id,Service,Usage Amount\n"
        } else {
            "Cluster Unique Id,Usage Amount\n"
        });
        for ((month, organization, group), cents) in self.rows(organization, query, now) {
            text.date(month.first_day()).raw(",");
            self.directory.write_id(&mut text, Entity::Invoice(organization, month));
            text.raw(",").cell(&self.directory.name(organization)).raw(",");
            self.directory.write_id(&mut text, Entity::Organization(organization));
            text.raw(",");
            let (project, cluster) = self.project_and_cluster(query, group);
            if let Some(project) = project {
                self.directory.write_project_name(&mut text, organization, project);
                text.raw(",");
                self.directory.write_id(&mut text, Entity::Project(organization, project));
            } else {
                text.raw(",");
            }
            text.raw(",");
            if let Some(cluster) = cluster {
                self.directory.cluster(organization, cluster).write_name(&mut text);
                text.raw(",");
                self.directory.write_id(&mut text, Entity::Cluster(organization, cluster));
            } else {
                text.raw(",");
            }
            if by_service {
                text.raw(",").raw(group.map_or("", |service| SERVICES[service as usize]));
            }
            text.raw(",").dollars(cents).raw("\n");
        }
        text.0
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
