//! Results of the Cost Explorer: the lines of invoices, added up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::Atlas;
use super::catalogue::Kind;
use super::invoice::Bill;
use super::line::Line;
use super::organization::Thing;
use crate::estate::calendar::Month;
use crate::estate::text::Text;
use crate::refusal::{Refusal, Rule};

/// What a row stands for.
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
type Key = (Month, u32, Option<u32>);

impl Atlas {
    /// Reads a query that was held against its schema, and says what else is wrong with it.
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
        let things = |name: &str| texts(name).map(|ids| ids.into_iter().filter_map(|id| self.directory.thing(id)));
        let organizations = things("organizations").map(|things| {
            let organizations = things.filter_map(|thing| match thing {
                Thing::Organization(organization) => Some(organization),
                _ => None,
            });
            organizations.collect()
        });
        let services = texts("services").map(|services| {
            let places = services.iter().filter_map(|name| Kind::SERVICES.iter().position(|known| known == name));
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
            projects: things("projects").map(|things| things.filter_map(Thing::project).collect()),
            clusters: things("clusters").map(|things| things.filter_map(Thing::cluster).collect()),
            services,
            partial: body.get("includePartialMatches").and_then(Value::as_bool).unwrap_or(false),
        })
    }

    /// The rows of a result, and their cents. Asked for by an organization, it reaches to those that are linked to it.
    fn rows(&self, organization: u32, query: &Query, now: Duration) -> BTreeMap<Key, i64> {
        let mut rows = BTreeMap::new();
        let reach = std::iter::once(organization).chain(self.directory.linked(organization));
        let reach: Vec<u32> =
            reach.filter(|it| query.organizations.as_ref().is_none_or(|only| only.contains(it))).collect();
        for organization in reach {
            for bill in self.directory.bills(organization, now).filter(|bill| query.months.contains(&bill.month)) {
                let count = self.line_count(bill, self.directory.posted_days(bill.month, now));
                for line in self.lines(bill, 0..count).filter(|line| query.keeps(bill, line)) {
                    let key = (bill.month, organization, query.group(&line));
                    *rows.entry(key).or_default() += line.cents;
                }
            }
        }
        rows
    }

    pub(super) fn query_json(&self, organization: u32, query: &Query, now: Duration) -> String {
        let mut text = Text::default();
        text.raw("{\"usageDetails\":[");
        for (index, ((month, organization, group), cents)) in
            self.rows(organization, query, now).into_iter().enumerate()
        {
            text.raw(if index > 0 { ",{" } else { "{" });
            text.raw("\"invoiceId\":\"");
            self.directory.write_id(&mut text, Thing::Invoice(organization, month));
            text.raw("\",\"organizationId\":\"");
            self.directory.write_id(&mut text, Thing::Organization(organization));
            text.raw("\",\"organizationName\":").string(&self.directory.name(organization));
            match (query.grouping, group) {
                (Grouping::Services, Some(service)) => {
                    text.raw(",\"service\":\"").raw(Kind::SERVICES[service as usize]).raw("\"");
                }
                (Grouping::Projects, Some(project)) => self.write_project(&mut text, organization, project),
                (Grouping::Clusters, Some(cluster)) => {
                    self.write_project(&mut text, organization, self.directory.project_of(cluster));
                    text.raw(",\"clusterId\":\"");
                    self.directory.write_id(&mut text, Thing::Cluster(organization, cluster));
                    text.raw("\",\"clusterName\":\"");
                    self.directory.cluster(organization, cluster).write_name(&mut text);
                    text.raw("\"");
                }
                _ => {}
            }
            text.raw(",\"usageAmount\":").double(cents, 2).raw(",\"usageDate\":\"").date(month.first_day()).raw("\"}");
        }
        text.raw("]}");
        text.0
    }

    fn write_project(&self, text: &mut Text, organization: u32, project: u32) {
        text.raw(",\"projectId\":\"");
        self.directory.write_id(text, Thing::Project(organization, project));
        text.raw("\",\"projectName\":\"");
        self.directory.write_project_name(text, organization, project);
        text.raw("\"");
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
            self.directory.write_id(&mut text, Thing::Invoice(organization, month));
            text.raw(",").cell(&self.directory.name(organization)).raw(",");
            self.directory.write_id(&mut text, Thing::Organization(organization));
            text.raw(",");
            let (project, cluster) = match (query.grouping, group) {
                (Grouping::Projects, Some(project)) => (Some(project), None),
                (Grouping::Clusters, Some(cluster)) => (Some(self.directory.project_of(cluster)), Some(cluster)),
                _ => (None, None),
            };
            if let Some(project) = project {
                self.directory.write_project_name(&mut text, organization, project);
                text.raw(",");
                self.directory.write_id(&mut text, Thing::Project(organization, project));
            } else {
                text.raw(",");
            }
            text.raw(",");
            if let Some(cluster) = cluster {
                self.directory.cluster(organization, cluster).write_name(&mut text);
                text.raw(",");
                self.directory.write_id(&mut text, Thing::Cluster(organization, cluster));
            } else {
                text.raw(",");
            }
            if by_service {
                text.raw(",").raw(group.map_or("", |service| Kind::SERVICES[service as usize]));
            }
            text.raw(",").dollars(cents).raw("\n");
        }
        text.0
    }
}

impl Query {
    fn keeps(&self, bill: Bill, line: &Line) -> bool {
        let organization = bill.organization;
        let project = line.cluster.map(|cluster| (organization, cluster.project));
        let cluster = line.cluster.filter(|_| line.kind.has_cluster()).map(|cluster| (organization, cluster.index));
        passes(self.projects.as_ref(), project, self.partial)
            && passes(self.clusters.as_ref(), cluster, self.partial)
            && passes(self.services.as_ref(), Some(line.kind.service_index()), self.partial)
    }

    fn group(&self, line: &Line) -> Option<u32> {
        match self.grouping {
            Grouping::Organizations => None,
            Grouping::Services => Some(line.kind.service_index() as u32),
            Grouping::Projects => line.cluster.map(|cluster| cluster.project),
            Grouping::Clusters => line.cluster.filter(|_| line.kind.has_cluster()).map(|cluster| cluster.index),
        }
    }
}

/// Whether a value is one of a filter's. Without a value that is so if partial matches are asked for.
fn passes<T: Ord>(only: Option<&BTreeSet<T>>, value: Option<T>, partial: bool) -> bool {
    match (only, value) {
        (None, _) => true,
        (Some(only), Some(value)) => only.contains(&value),
        (Some(_), None) => partial,
    }
}
